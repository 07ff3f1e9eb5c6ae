"""The pretext task: its facts are the faces' own, its report is honest, and its encoder can be transferred."""

import os
import subprocess

import numpy as np
import pytest

from face2sketch import data, pretraining
from face2sketch.errors import MethodError
from face2sketch.models import transfer

TINY = {"n": 24, "size": 32, "epochs": 2, "batch_size": 8, "progress": False}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = tmp_path_factory.mktemp("pretrained") / "tiny.npz"
    return pretraining.pretrain(path=path, **TINY)


def test_facts_are_those_of_the_same_people():
    """Drawn one by one, they are the people, pictures and attributes of f2s.data.synthetic."""
    pairs = data.synthetic(n=6, size=32, seed=5)
    for task, wanted in (("photo2sketch", pairs.photos), ("sketch2photo", pairs.sketches)):
        settings = pretraining.PretextSettings(task, n=6, size=32, seed=5)
        pictures, facts = pretraining.draw(settings, 6)
        np.testing.assert_array_equal(pictures, wanted)
        for name, words in pretraining.CHOICES.items():
            assert [words[number] for number in facts[name]] == pairs.attributes[name].tolist()
        for name, unit in pretraining.ANGLES.items():
            np.testing.assert_allclose(facts[name] * unit, pairs.attributes[name], atol=1e-4)


def test_the_report_counts_by_hand():
    people = 4
    facts = {name: np.array([0, 1, 1, 1]) for name in pretraining.CHOICES}
    facts |= {name: np.array([0.0, 1.0, 2.0, 3.0], np.float32) for name in pretraining.ANGLES}
    told = {
        name: np.eye(max(2, len(words)))[[0, 1, 1, 0]] for name, words in pretraining.CHOICES.items()
    }  # three right of four
    told |= {name: np.array([[0.0], [1.0], [2.0], [5.0]]) for name in pretraining.ANGLES}
    learned = {name: np.array([0, 0, 1]) for name in pretraining.CHOICES}  # the usual word is the first
    learned |= {name: np.array([1.0, 1.0, 9.0]) for name in pretraining.ANGLES}  # the median is 1
    table = pretraining.report(told, facts, learned)
    assert table.loc["glasses", ["encoder", "constant"]].tolist() == [0.75, 0.25]
    unit = pretraining.ANGLES["pose"]
    assert table.loc["pose", ["encoder", "constant"]].tolist() == [unit * 2 / 4, unit * (1 + 0 + 1 + 2) / 4]
    assert table["better"].all()
    assert (table["people"] == people).all()


def test_a_mirrored_face_looks_the_other_way():
    pictures = np.arange(2 * 2 * 3 * 3, dtype=np.float32).reshape(2, 2, 3, 3)
    facts = {"glasses": np.array([1, 0]), "pose": np.array([0.5, -0.25], np.float32)}
    turned, told = pretraining._mirror(pictures.copy(), facts, np.array([False, True]))
    np.testing.assert_array_equal(turned[0], pictures[0])
    np.testing.assert_array_equal(turned[1], pictures[1, :, ::-1])
    assert told["pose"].tolist() == [0.5, 0.25]
    assert told["glasses"].tolist() == [1, 0]


def test_it_learns_something_in_a_few_steps():
    """160 steps on 64 people are enough to see the light better than the median does."""
    result = pretraining.pretrain(n=64, size=32, epochs=20, batch_size=8, progress=False)
    assert result.losses[-1] < 0.7 * result.losses[0]
    assert result.report.loc["light", "encoder"] < 0.9 * result.report.loc["light", "constant"]


def test_the_same_settings_give_the_same_encoder(tiny):
    again = pretraining.pretrain(**TINY)
    for one, other in zip(tiny.encoder.get_weights(), again.encoder.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_file_fits_the_small_encoder_at_any_size_and_no_other(tiny):
    model = transfer.transfer_autoencoder((48, 64, 3), "small")
    assert transfer.load_encoder(model, tiny.path) == tiny.path
    for one, other in zip(tiny.encoder.get_weights(), model.get_layer("encoder").get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(MethodError, match="it fits small"):
        transfer.load_encoder(transfer.transfer_autoencoder((32, 32, 3), "vgg19-2"), tiny.path)


def test_faces_is_made_once_for_each_task(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path))
    made = []

    def quick(task, *, path, progress):
        made.append(task)
        transfer.save_encoder(tiny.encoder, path, {})

    monkeypatch.setattr(pretraining, "pretrain", quick)
    model = transfer.transfer_autoencoder((32, 32, 3), "small")
    photos = transfer.load_encoder(model, "faces")
    sketches = transfer.load_encoder(model, "faces", task="sketch2photo")
    assert transfer.load_encoder(model, "faces") == photos != sketches
    assert made == ["photo2sketch", "sketch2photo"]
    assert "once" in capsys.readouterr().out


def test_people_are_others_than_those_of_experiments():
    assert pretraining.SEED > 1000, "chapters and tests seed their faces with small numbers"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"task": "sketch"}, "unknown task"),
        ({"n": 0}, "n is 0"),
        ({"size": 40}, "multiple of 16"),
        ({"epochs": -1}, "epochs"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, told):
    with pytest.raises(MethodError, match=told):
        pretraining.pretrain(**{**TINY, **wrong})


def test_importing_it_loads_no_framework(python):
    code = "import sys, face2sketch.pretraining; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, env=os.environ, timeout=60)
    assert run.stdout.split() == ["False", "False"], run.stderr
