"""A run's own process: however its runner ends, it saves and ends too."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

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
