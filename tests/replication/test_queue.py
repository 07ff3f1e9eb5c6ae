"""The queue: killed at random moments it loses nothing, two of them share the work, a budget can be outgrown."""

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import typer
from pairs_for_tests import blocks
from typer.testing import CliRunner

import face2sketch as f2s
from face2sketch import replication
from face2sketch.cli import app
from face2sketch.replication import Record, Run, command, processes, queue, runs
from face2sketch.replication.queue import BUSY, FAILED, INTERRUPTED

RUNNER = Path(__file__).with_name("runner.py")
PLAIN = [Run("demo", name, name) for name in ("median-target", "mean-target", "ridge")]


def start(folder):
    return subprocess.Popen([sys.executable, RUNNER, folder], stdout=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The records of a queue that nobody stopped, by arm, and how long it took."""
    pytest.importorskip("tensorflow")
    folder, started = tmp_path_factory.mktemp("whole"), time.monotonic()
    assert start(folder).wait() == 0
    return {r.run["arm"]: r for r in replication.read_records(folder)}, time.monotonic() - started


@pytest.fixture
def drawn_pairs(monkeypatch):
    train, test = blocks(12, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "real_pairs", lambda *_: (train, test))


def here(run, folder, outputs=None, minutes=None, progress=False):
    """A job in this process, where the pairs can be replaced."""
    try:
        queue.do(run, folder, outputs, minutes, progress=False)
    except SystemExit as ended:
        return ended.code
    return 0


def test_a_runner_that_is_killed_at_random_moments_loses_nothing(tmp_path, undisturbed):
    expected, seconds = undisturbed
    moments, kills, done = random.Random(0), 0, False
    for _ in range(30):
        process = start(tmp_path)
        try:
            done = process.wait(timeout=moments.uniform(0.3, 0.95) * seconds) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        for record in replication.read_records(tmp_path):  # nothing half-written, ever
            assert record.run["arm"] in expected
        if done and kills:
            break
    assert done
    assert kills
    found = {r.run["arm"]: r for r in replication.read_records(tmp_path)}
    assert found.keys() == expected.keys()
    for arm, record in found.items():
        np.testing.assert_allclose(record.scores["mse"], expected[arm].scores["mse"], atol=1e-6)
        assert record.training["epochs"] == expected[arm].training["epochs"]
    assert start(tmp_path).wait() == 0
    made = Counter((tmp_path / "made.txt").read_text().split())
    assert max(made.values()) == 1, made
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.checkpoint.npz"))


def test_two_runners_on_one_folder_do_not_collide(tmp_path, undisturbed):
    expected, _ = undisturbed
    both = [start(tmp_path), start(tmp_path)]
    assert [process.wait() for process in both] == [0, 0]
    assert sorted((tmp_path / "made.txt").read_text().split()) == sorted(expected)
    found = {r.run["arm"]: r for r in replication.read_records(tmp_path)}
    np.testing.assert_allclose(found["conv"].scores["mse"], expected["conv"].scores["mse"], atol=1e-6)


def test_a_run_that_is_under_way_is_left_alone(tmp_path, drawn_pairs):
    with (
        runs._alone(PLAIN[0], tmp_path),
        pytest.raises(f2s.errors.RunBusyError, match="under way in another"),
    ):
        replication.perform(PLAIN[0], tmp_path)
    with runs._alone(PLAIN[0], tmp_path):
        states = replication.work(PLAIN, tmp_path, job=here)
    assert states == {"busy": 1, "made": 2}
    assert replication.work(PLAIN, tmp_path, job=here) == {"made": 1, "known": 2}


def test_a_failure_does_not_stop_the_others(tmp_path, drawn_pairs, capsys):
    broken = Run("demo", "broken", "no-such-method")
    assert replication.work([broken, *PLAIN], tmp_path, job=here) == {"failed": 1, "made": 3}
    assert "unknown method 'no-such-method'" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_that_was_killed_is_said_to_have_been(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "cuhk", lambda: None)
    monkeypatch.setattr(
        queue, "_in_a_process", lambda *_: processes.in_a_process(signal.raise_signal, signal.SIGKILL)
    )
    with pytest.raises(typer.Exit):
        command._work(PLAIN[:1], tmp_path, None, None)
    said = " ".join(capsys.readouterr().out.split())
    assert "failed: its process was ended by SIGKILL; if nobody sent it, memory ran out" in said


def test_a_signal_without_a_name_is_told_by_its_number():
    assert queue._killed(-1000).startswith("its process was ended by signal 1000. ")
    assert queue._killed(FAILED) is None


def test_an_interruption_stops_the_queue(tmp_path):
    asked = []

    def interrupted(run, *_):
        asked.append(run)
        return INTERRUPTED

    with pytest.raises(KeyboardInterrupt):
        replication.work(PLAIN, tmp_path, job=interrupted)
    assert asked == PLAIN[:1]


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt, INTERRUPTED), (f2s.errors.RunBusyError("x"), BUSY), (f2s.MethodError("no"), FAILED)],
)
def test_how_a_run_ended_is_in_its_exit_code(monkeypatch, tmp_path, error, code):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(queue, "perform", fail)
    with pytest.raises(SystemExit) as ended:
        queue.do(PLAIN[0], tmp_path)
    assert ended.value.code == code


def test_a_run_has_a_process_of_its_own(tmp_path):
    """The child has no method of that name: it says so, and this process lives on."""
    states = replication.work([Run("demo", "broken", "no-such-method")], tmp_path)
    assert states == {"failed": 1}


def test_a_damaged_record_is_set_aside_and_its_run_made_again(tmp_path, drawn_pairs):
    path = PLAIN[2].path(tmp_path)
    first = replication.perform(PLAIN[2], tmp_path)
    path.write_text(path.read_text()[:200])
    with pytest.warns(UserWarning, match=r"not a record .* now .*\.damaged, and the run is made again"):
        again = replication.perform(PLAIN[2], tmp_path)
    assert again.scores == first.scores
    assert Record.read(path) == again
    assert path.with_name(f"{path.name}.damaged").exists()


def test_a_record_is_set_aside_for_damage_alone_and_by_who_runs_it_alone(tmp_path, drawn_pairs, monkeypatch):
    """Neither a disk that failed once nor another version's record is damage, and looking is not running."""
    run, path = PLAIN[0], PLAIN[0].path(tmp_path)
    replication.perform(run, tmp_path)
    good = path.read_text()
    path.write_text(good.replace("face2sketch record 2", "face2sketch record 3"))
    with pytest.raises(f2s.SavedFileError, match="holds 'face2sketch record 3', and this version"):
        replication.perform(run, tmp_path)
    path.write_text(good)

    def fails(self, **_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "read_text", fails)
        with pytest.raises(f2s.SavedFileError, match=r"cannot read .*Input/output error"):
            replication.perform(run, tmp_path)
    assert path.read_text() == good
    path.write_text("{")
    assert queue.is_to_do(run, tmp_path)
    assert path.exists()


def test_what_a_killed_process_left_behind_its_record_is_cleared_away(tmp_path, drawn_pairs):
    replication.perform(PLAIN[0], tmp_path)
    left = PLAIN[0].work(tmp_path, ".checkpoint.npz")
    left.write_bytes(b"gigabytes")
    replication.perform(PLAIN[0], tmp_path)
    assert not left.exists()


def test_a_failure_is_said_although_a_shorter_run_has_left_its_record(tmp_path, monkeypatch, capsys):
    run = Run("demo", "conv", "skubisz-conv", options={"epochs": 10})
    _timed(run, 100.0, 90.0, epochs=3, planned=10).write(run.path(tmp_path))
    monkeypatch.setattr(command, "cuhk", lambda: None)
    for code, said in (
        (-9, "failed: its process was ended by SIGKILL"),
        (FAILED, "failed"),
        (BUSY, "under way"),
    ):
        monkeypatch.setattr(queue, "_in_a_process", lambda *_, code=code: code)
        with contextlib.suppress(typer.Exit):
            command._work([run], tmp_path, None, None)
        printed = capsys.readouterr().out
        assert said in printed
        assert "mse" not in printed


def test_damaged_records_are_left_out_with_a_warning(tmp_path, drawn_pairs):
    for run in PLAIN:
        replication.perform(run, tmp_path)
    PLAIN[0].path(tmp_path).write_text("{")
    with pytest.warns(UserWarning, match="is not a record of a run"):
        found = replication.read_records(tmp_path)
    assert [r.run["arm"] for r in found] == ["mean-target", "ridge"]


def test_a_larger_budget_goes_on_from_where_a_smaller_one_ended(tmp_path, drawn_pairs, monkeypatch):
    pytest.importorskip("tensorflow")
    from face2sketch.training.keras_loop import KerasTrainer

    run = Run("demo", "conv", "skubisz-conv", options={"epochs": 4, "batch_size": 3})
    whole = replication.perform(run, tmp_path / "whole", progress=False)
    assert whole.complete
    assert whole.training["planned_epochs"] == 4
    step, steps = KerasTrainer._train_step, []

    def counted(self, chosen):
        steps.append(len(chosen))
        self.place.seconds += 10.0  # as if a step took ten seconds
        return step(self, chosen)

    monkeypatch.setattr(KerasTrainer, "_train_step", counted)
    part = replication.perform(run, tmp_path, minutes=0.4, progress=False)
    assert (part.training["epochs"], part.training["planned_epochs"], part.complete) == (1.5, 4, False)
    assert replication.perform(run, tmp_path, minutes=0.4, progress=False) == part
    assert replication.work([run], tmp_path, minutes=0.4, job=here) == {"known": 1}
    assert [queue.is_to_do(run, tmp_path, minutes) for minutes in (0.4, 0.8, None)] == [False, True, True]
    ended = replication.perform(run, tmp_path, progress=False)
    assert ended.provenance["seconds"] >= 30.0  # those of the first sitting are not forgotten
    assert ended.complete
    assert len(steps) == 8
    np.testing.assert_allclose(ended.scores["mse"], whole.scores["mse"], atol=1e-6)
    assert not list(tmp_path.rglob("*.checkpoint.npz"))


def test_a_budget_that_ends_before_a_directions_turn_gives_no_score_of_it(tmp_path, drawn_pairs, monkeypatch):
    """Priovolos' nets learn photo to sketch first and go on to sketch to photo; after the first half they know nothing of
    the second direction, and a score of it would be one of chance."""
    pytest.importorskip("tensorflow")
    from face2sketch.training.keras_loop import KerasTrainer

    stages = [["mse", 2, None, [], True], ["mse", 2, None, [], False]]
    run = Run("demo", "conv", "skubisz-conv", "sketch2photo", options={"stages": stages, "batch_size": 3})
    step = KerasTrainer._train_step

    def ten_seconds(self, chosen):
        self.place.seconds += 10.0
        return step(self, chosen)

    monkeypatch.setattr(KerasTrainer, "_train_step", ten_seconds)
    half = replication.perform(
        run, tmp_path, minutes=0.6, progress=False
    )  # four of eight steps: the first stage
    assert (half.scores, half.complete, half.training["epochs"]) == ({}, False, 2)
    assert "sketch2photo" in half.training["unlearned"]
    assert replication.summary([half], ("arm",)).loc[0, "diverged"] == 0
    more = replication.perform(run, tmp_path, minutes=0.8, progress=False)
    assert more.training["epochs"] == 2.5
    assert more.scores["mse"]
    assert "unlearned" not in more.training


def _timed(run, wall, trained=None, epochs=None, planned=None):
    from dataclasses import asdict

    training = {"epochs": epochs, "planned_epochs": planned, "seconds": trained, "diverged": None}
    return Record.of(asdict(run), ["a"], {"mse": [0.1]}, training, {"seconds": wall})


def test_times_are_foretold_from_runs_like_it():
    run = Run("demo", "conv", "skubisz-conv")
    other = Run("demo", "conv", "skubisz-conv", "sketch2photo", seed=3)
    assert queue.seconds_of(run, []) is None
    assert queue.seconds_of(run, [_timed(Run("demo", "x", "ridge"), 9.0)]) is None
    assert queue.seconds_of(run, [_timed(other, 130.0, 100.0, 10, 10)]) == 130.0
    # 2 of 10 epochs in 20 s, and 30 s around them: 100 s and 30 s
    assert queue.seconds_of(run, [_timed(other, 50.0, 20.0, 2, 10)]) == 130.0
    assert (
        queue.seconds_of(run, [_timed(other, 130.0, 100.0, 10, 10)], minutes=1)
        == 60 + queue._OVERHEAD_SECONDS
    )


def test_commands_name_one_run_each(tmp_path, drawn_pairs):
    chosen = replication.select(["huang-dae"], protocols=["common"])
    lines = replication.commands(chosen, tmp_path, 100)
    assert len(lines) == len(set(lines)) == 6
    for run, line in zip(chosen, lines, strict=True):
        listed = CliRunner().invoke(app, [*line.split()[1:], "--list"]).output
        assert listed.splitlines()[1].startswith(f"[1/1] {run.experiment}/{run.name}"), listed
    experiment = replication.commands(replication.experiment("casq")[:1], tmp_path)
    assert "--experiment casq" in experiment[0]
    assert "--out 'my results'" in replication.commands(chosen[:1], Path("my results"))[0]


def test_commands_keep_the_outputs_that_were_asked_for(tmp_path):
    asked = [
        "replicate",
        "ridge",
        "--protocol",
        "common",
        "--out",
        tmp_path,
        "--outputs",
        "my outputs",
        "--commands",
    ]
    lines = CliRunner().invoke(app, [str(word) for word in asked]).output.splitlines()
    assert len(lines) == 2
    assert all("--outputs 'my outputs'" in line for line in lines), lines
    assert "--outputs" not in replication.commands(PLAIN[:1], tmp_path)[0]


@pytest.mark.parametrize(
    ("text", "minutes"), [("90s", 1.5), ("100m", 100.0), ("2h", 120.0), ("7", 7.0), (None, None)]
)
def test_budgets_are_read(text, minutes):
    assert command._minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "-3m", "0", "infh", "nan"])
def test_what_is_no_budget_is_named(text):
    with pytest.raises(f2s.MethodError, match="expected a time above 0, as in 90s, 100m or 2h"):
        command._minutes(text)


@pytest.mark.parametrize(("text", "seeds"), [("0", [0]), ("0,2", [0, 2]), ("0-2", [0, 1, 2]), (None, None)])
def test_seeds_are_read(text, seeds):
    assert command._seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "2-1", "1-"])
def test_what_is_no_seed_is_named(text):
    with pytest.raises(f2s.MethodError, match="expected numbers"):
        command._seeds(text)


def test_joblib_takes_runs_as_jobs(tmp_path, drawn_pairs):
    joblib = pytest.importorskip("joblib")
    jobs = (joblib.delayed(replication.perform)(run, tmp_path, progress=False) for run in PLAIN)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        records = joblib.Parallel()(jobs)
    assert [r.run["arm"] for r in records] == [run.arm for run in PLAIN]
