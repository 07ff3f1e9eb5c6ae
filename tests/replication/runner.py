"""A runner for tests: `python runner.py FOLDER` does a short queue on drawn pairs, and may be killed at any moment.

Each run that it makes itself adds a line to FOLDER/made.txt; one that it finds made, when its turn comes, does not.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pairs_for_tests import blocks

from face2sketch.errors import RunBusyError
from face2sketch.replication import Run, perform, queue, runs, work
from face2sketch.training.keras_loop import KerasTrainer

TRAIN, TEST = blocks(12, size=16).split(test=0.5, seed=0)
QUEUE = [
    Run("demo", "median", "median-target"),
    Run("demo", "conv", "skubisz-conv", options={"epochs": 12, "batch_size": 3}),
    Run("demo", "ridge", "ridge"),
]


def here(run, folder, outputs, minutes, progress) -> int:
    """A job in this very process."""
    try:
        perform(run, folder, progress=False)
    except RunBusyError:
        return queue.BUSY
    return 0


def counted(make):
    """Makes a run, and says so."""

    def made(run, folder, *rest):
        record = make(run, folder, *rest)
        with (folder / "made.txt").open("a") as file:
            file.write(f"{run.arm}\n")
        return record

    return made


def slowly(step):
    """Steps that last, so that there is a time to be killed in."""

    def slow(self, chosen):
        time.sleep(0.1)
        return step(self, chosen)

    return slow


if __name__ == "__main__":
    runs.real_pairs = lambda *_: (TRAIN, TEST)
    runs._made = counted(runs._made)
    KerasTrainer.CHECKPOINT_EVERY_SECONDS = 0.05
    KerasTrainer._train_step = slowly(KerasTrainer._train_step)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(dict(work(QUEUE, folder, job=here)))
