"""When a run is saved, by a clock that the test turns; and what is said where a file cannot be written or read."""

from pathlib import Path

import numpy as np
import pytest

from face2sketch.errors import SavedFileError
from face2sketch.training import checkpoints
from face2sketch.training.checkpoints import SaveTimer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("takes", "pause"),
    [(0.5, 60), (3, 60), (20, 400)],
    ids=["a small net", "the border", "425 million weights"],
)
def test_saving_takes_a_twentieth_of_the_time_at_most(takes, pause):
    clock = Clock()
    timer = SaveTimer(60, clock)
    clock.now += 61
    assert timer.due  # nobody knows yet how long it takes
    with timer.saving():
        clock.now += takes
    clock.now += pause
    assert not timer.due
    clock.now += 1
    assert timer.due


def test_a_file_below_a_file_cannot_be_written_and_that_is_said(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(
        SavedFileError, match=r"cannot write .*taken.*name a file in a folder that can be written"
    ):
        checkpoints.write_arrays(tmp_path / "taken" / "run.npz", {}, {})


def test_a_place_is_tried_before_the_work_and_left_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("kept")
    for free in ("run.f2s", "new/folders/run.f2s", "taken"):
        checkpoints.check_writable(tmp_path / free)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert (tmp_path / "taken").read_text() == "kept"
    for refused, reason in (("taken/run.f2s", ""), ("taken/a/run.f2s", ""), (".", "it is a folder")):
        with pytest.raises(SavedFileError, match=f"cannot write .*{reason}; name a file in a folder"):
            checkpoints.check_writable(tmp_path / refused)

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)  # whatever the rights of who runs the tests
    with pytest.raises(SavedFileError, match="Permission denied; name a file"):
        checkpoints.check_writable(tmp_path / "run.f2s")


def test_damage_is_told_with_what_to_do_and_not_in_numpys_words(tmp_path):
    pickled, text, cut, odd = (tmp_path / f"{name}.npz" for name in ("pickled", "text", "cut", "odd"))
    np.savez(pickled, header=np.array([{}], dtype=object))
    text.write_text("hello")
    checkpoints.write_checkpoint(cut, {}, {}, {"w": np.zeros(99)})
    data = cut.read_bytes()
    method = data.index(b"PK\1\2") + 10
    odd.write_bytes(data[:method] + b"\x7f" + data[method + 1 :])  # a way of compressing that there is not
    cut.write_bytes(data[:-300])
    for path in (pickled, text, cut, odd):
        with pytest.raises(SavedFileError) as caught:
            checkpoints.read_checkpoint(path, {})
        assert str(caught.value) == (
            f"{path} is not a checkpoint of a training run, or it is damaged: delete it to start afresh, or name another "
            "checkpoint file"
        )


def test_of_other_settings_only_those_that_differ_are_listed(tmp_path):
    stages = [{"loss": "mse", "epochs": 5}, {"loss": "mae", "epochs": 2}]
    now = {"method": "fcn", "settings": {"seed": 0, "rate": 0.1, "new": True, "stages": stages, "sizes": [1]}}
    saved = {"method": "fcn", "settings": {"seed": 1, "rate": 0.1, "stages": [stages[0], {"loss": "mae", "epochs": 3}],
                                           "sizes": [1, 2]}}  # fmt: skip
    checkpoints.write_checkpoint(tmp_path / "run.npz", saved, {}, {})
    with pytest.raises(SavedFileError) as caught:
        checkpoints.read_checkpoint(tmp_path / "run.npz", now)
    assert (
        "belongs to another run (settings.new: saved nothing, now True; settings.seed: saved 1, now 0; "
        "settings.sizes: saved [1, 2], now [1]; settings.stages[1].epochs: saved 3, now 2): delete it"
    ) in str(caught.value)
    checkpoints.read_checkpoint(tmp_path / "run.npz", saved)
