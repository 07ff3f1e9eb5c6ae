"""A run's own process: however its runner ends, it saves and ends too."""

import os
import platform
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from face2sketch.replication.processes import INTERRUPTED, in_a_process

IDLER = Path(__file__).with_name("idler.py")


def until(path: Path) -> bool:
    for _ in range(1000):
        if path.exists():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def runner(tmp_path, foreground):
    process = subprocess.Popen([sys.executable, IDLER, tmp_path], start_new_session=True)
    assert until(tmp_path / "began")
    yield process
    with suppress(ProcessLookupError):  # as it should be: neither process is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_sigterm_for_the_runner_alone_stops_the_run(runner, tmp_path):
    runner.terminate()
    assert runner.wait(20) == INTERRUPTED
    assert (tmp_path / "saved").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_for_both_does_not_cut_the_saving_short(runner, tmp_path, number):
    os.killpg(runner.pid, number)
    assert runner.wait(20) == INTERRUPTED
    assert (tmp_path / "saved").exists()


def test_a_run_does_not_outlive_a_runner_that_was_killed(runner, tmp_path):
    runner.kill()
    runner.wait()
    assert until(tmp_path / "saved")


def test_an_exit_code_comes_back():
    assert in_a_process(sys.exit, 7) == 7


def resident_bytes() -> int:
    """Of this process, as the system counts them (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_a_large_array() -> None:
    """Exits with how much of 256 MiB the process still holds after it was freed, in percent."""
    before, size = resident_bytes(), 2**28
    np.ones(size, np.uint8)  # freed at once: nothing refers to it
    sys.exit(100 * (resident_bytes() - before) // size)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc's malloc is told to keep freed memory"
)
def test_a_run_keeps_memory_that_it_will_want_again():
    assert in_a_process(free_a_large_array) > 90
