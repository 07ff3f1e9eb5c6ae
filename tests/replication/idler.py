"""Starts a process that idles until it is asked to stop, and then takes its time to say so: `test_processes` ends it."""

import sys
import time
from pathlib import Path

from face2sketch.replication.processes import INTERRUPTED, in_a_process
from face2sketch.training.interrupts import deferred_interrupts


def idle(folder: Path) -> None:
    with deferred_interrupts() as interrupt:
        (folder / "began").touch()
        while not interrupt.requested:
            time.sleep(0.02)
        time.sleep(0.5)  # a checkpoint that takes long to write
        (folder / "saved").touch()
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(in_a_process(idle, Path(sys.argv[1])))
