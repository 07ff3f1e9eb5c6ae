"""The command line, called as a user would."""

import json
import subprocess

import numpy as np
import pytest
from pairs_for_tests import blocks
from PIL import Image
from typer.testing import CliRunner

import face2sketch as f2s
from face2sketch import cli

runner = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of pairs, as people have them."""
    root = tmp_path_factory.mktemp("people")
    pairs = blocks(8, size=32)
    for kind, pictures in (("photos", pairs.photos), ("sketches", pairs.sketches[..., 0])):
        (root / kind).mkdir()
        for identity, picture in zip(pairs.identities, pictures, strict=True):
            Image.fromarray(picture).save(root / kind / f"{identity}.png")
    return root


def run(*arguments):
    result = runner.invoke(cli.app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_methods_as_json_gives_built_and_published_counts():
    rows = {row["id"]: row for row in json.loads(run("methods", "--json"))}
    assert rows["venkatesh-conv"]["parameters"] == rows["venkatesh-conv"]["published_parameters"] == 5486787
    assert rows["priovolos-mixed"]["size"] == [256, 256]
    assert rows["ridge"]["parameters"] is None
    assert rows["skubisz-conv"]["parameters"] == 233027


def test_methods_as_a_table_names_every_system():
    output = run("methods", "--no-count")
    for method in f2s.methods.all_methods():
        assert method.id[:12] in output


def test_data_describes_saves_and_draws(folder, tmp_path):
    output = run(
        "data", folder, "--size", "24x16", "--save", tmp_path / "p.npz", "--sheet", tmp_path / "sheet.png"
    )
    assert "8 pairs of 8 people" in output
    assert f2s.data.FacePairs.load(tmp_path / "p.npz").size == (24, 16)
    assert Image.open(tmp_path / "sheet.png").size[0] > 16


def test_train_translate_evaluate(folder, tmp_path):
    saved, out = tmp_path / "m.f2s", tmp_path / "out"
    trained = json.loads(
        run(
            "train",
            "skubisz-conv",
            "--data",
            folder,
            "--split",
            "0.25",
            "--epochs",
            "2",
            "--out",
            saved,
            "--json",
        )
    )
    assert 0 < trained["scores"]["mse"]["mean"] < 1
    assert trained["scores"]["ssim"]["people"] == 2
    again = json.loads(
        run("evaluate", saved, "--data", folder, "--split", "0.25", "--csv", tmp_path / "s.csv", "--json")
    )
    assert again["scores"]["mse"]["mean"] == pytest.approx(trained["scores"]["mse"]["mean"], rel=1e-5)
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 3
    assert "8 of 8 pictures" in run("translate", saved, folder / "photos", "--out", out)
    assert np.asarray(Image.open(out / "person000.png")).shape == (32, 32)
    assert not list(tmp_path.glob("*.checkpoint.npz"))


def test_an_adversarial_system_of_both_directions(folder, tmp_path):
    saved, sheets = tmp_path / "m.f2s", tmp_path / "sheets"
    run(
        "train", "cyclegan", "--data", folder, "--split", "0.25", "--epochs", "1", "--out", saved, "--device", "cpu",
        "--precision", "fp32", "--sheet", sheets,
    )  # fmt: skip
    assert [path.name for path in sheets.iterdir()] == ["epoch-0001.png"]
    assert not list(tmp_path.glob("*.checkpoint.npz"))
    options = ["--data", folder, "--split", "0.25", "--metric", "mse", "--json"]
    scores = {task: json.loads(run("evaluate", saved, "--task", task, *options)) for task in f2s.TASKS}
    assert list(scores["photo2sketch"]["scores"]) == ["mse"]
    assert scores["photo2sketch"] != scores["sketch2photo"]
    run("translate", saved, folder / "sketches", "--task", "sketch2photo", "--out", tmp_path / "photos")
    assert np.asarray(Image.open(tmp_path / "photos" / "person000.png")).shape == (32, 32, 3)


def test_one_bad_picture_does_not_stop_the_others(folder, tmp_path):
    saved = tmp_path / "m.f2s"
    run("train", "grey-gain", "--data", folder, "--out", saved)
    (tmp_path / "in").mkdir()
    Image.new("RGB", (50, 40)).save(tmp_path / "in" / "good.png")
    (tmp_path / "in" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n cut off")
    with pytest.raises(f2s.DataError, match=r"broken\.png"):
        run("translate", saved, tmp_path / "in", "--out", tmp_path / "out")
    assert (tmp_path / "out" / "good.png").exists()


def test_pictures_of_one_name_are_not_overwritten(folder, tmp_path):
    saved = tmp_path / "m.f2s"
    run("train", "grey-gain", "--data", folder, "--out", saved)
    with pytest.raises(f2s.DataError, match="overwrite"):
        run("translate", saved, folder / "photos", folder / "sketches", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "skubisz-con"], "did you mean"),
        (["train", "filter-xdog", "--task", "sketch2photo"], "photo2sketch only"),
        (["data", "synthetic", "--size", "big"], "HEIGHTxWIDTH"),
        (["train", "ridge", "--device", "cpu"], "ridge takes no --device"),
        (["data", "nowhere"], "nowhere"),
        (["evaluate", "nothing.f2s"], "no such file"),
        (["train", "mean-target", "--split", "half", "--count", "4", "--size", "32"], "half"),
    ],
)
def test_mistakes_are_answered_in_one_message(python, arguments, message, tmp_path):
    result = subprocess.run(
        [python, "-m", "face2sketch.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert result.returncode == 2
    assert message in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
