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
    return result.stdout


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


def test_a_picture_is_not_overwritten_by_its_own_translation(folder, tmp_path):
    saved = tmp_path / "m.f2s"
    run("train", "grey-gain", "--data", folder, "--out", saved)
    before = (folder / "photos" / "person000.png").read_bytes()
    with pytest.raises(
        f2s.DataError, match=r"person000\.png would be overwritten by its own translation.*--out"
    ):
        run("translate", saved, folder / "photos", "--out", folder / "photos")
    assert (folder / "photos" / "person000.png").read_bytes() == before


def test_scores_on_people_who_were_trained_on_are_marked(folder, tmp_path):
    saved = tmp_path / "m.f2s"
    run("train", "grey-gain", "--data", folder, "--split", "0.25", "--seed", "1", "--out", saved)
    arguments = ["evaluate", str(saved), "--data", str(folder), "--split", "0.25", "--json"]
    same, other = (runner.invoke(cli.app, [*arguments, "--seed", seed]) for seed in ("1", "2"))
    assert same.stderr == ""
    assert "of the 2 test people were trained on" in " ".join(other.stderr.split())
    assert json.loads(other.stdout)["scores"]["mse"]["people"] == 2


def test_a_size_that_is_not_named_is_that_of_the_training(folder, tmp_path):
    saved = tmp_path / "m.f2s"
    run("train", "grey-gain", "--count", "4", "--size", "40x32", "--out", saved)
    assert json.loads(run("evaluate", saved, "--count", "4", "--json"))["scores"]
    with pytest.raises(f2s.MethodError, match="was trained for photo2sketch on pictures"):
        run(
            "evaluate", saved, "--data", folder
        )  # whether to crop or to squeeze is not for the program to say


def test_what_is_told_on_the_way_does_not_spoil_json(folder, tmp_path, monkeypatch):
    read = f2s.data.read_pairs

    def telling(*arguments, **options):
        print("These pairs show real people.")
        return read(*arguments, **options)

    monkeypatch.setattr(f2s.data, "read_pairs", telling)
    arguments = ["train", "grey-gain", "--data", str(folder), "--out", str(tmp_path / "m.f2s"), "--json"]
    done = runner.invoke(cli.app, arguments)
    assert json.loads(done.stdout)["scores"]
    assert "real people" in done.stderr


def test_a_persons_pictures_keep_together(tmp_path):
    pairs = blocks(4, size=32)
    for kind, pictures in (("photos", pairs.photos), ("sketches", pairs.sketches[..., 0])):
        (tmp_path / kind).mkdir()
        for index, picture in enumerate(pictures):
            Image.fromarray(picture).save(tmp_path / kind / f"{'anna' if index < 2 else 'bert'}-{index}.png")
    assert "4 pairs of 4 people" in run("data", tmp_path)
    assert "4 pairs of 2 people" in run("data", tmp_path, "--person", r"^(\w+)-\d+$")
    with pytest.raises(f2s.DataError, match="only of a folder of pictures"):
        run("data", "synthetic", "--person", "x")


def test_another_seed_is_another_file_and_replacing_is_said(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train = ["train", "grey-gain", "--data", folder, "--split", "0.25"]
    run(*train)
    run(*train, "--seed", "1")
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert names == ["grey-gain-photo2sketch-seed1.f2s", "grey-gain-photo2sketch.f2s"]
    again = runner.invoke(cli.app, [str(argument) for argument in train])
    assert "will be replaced" in " ".join(again.stderr.split())


@pytest.mark.parametrize("method", ["ridge", "skubisz-conv"])
def test_what_an_interruption_has_left_is_said_as_it_is(folder, tmp_path, monkeypatch, method):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.fitting, "fit", interrupted)
    arguments = ["train", method, "--data", str(folder), "--out", str(tmp_path / "m.f2s"), "--json"]
    done = runner.invoke(cli.app, arguments)
    assert (done.exit_code, done.stdout) == (130, "")
    assert "start afresh: nothing had been saved yet" in " ".join(done.stderr.split())
    (tmp_path / "m.checkpoint.npz").touch()
    if method == "skubisz-conv":
        assert "go on from" in " ".join(runner.invoke(cli.app, arguments).stderr.split())


@pytest.fixture
def no_pairs(monkeypatch):
    """Whoever draws faces has begun the work."""
    monkeypatch.setattr(f2s.data, "synthetic", lambda **_: pytest.fail("drawn"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["skubisz-conv", "--profile", "huge"], "unknown profile 'huge'"),
        (["skubisz-conv", "--epochs", "-1"], "epochs is -1"),
        (["skubisz-conv", "--minutes", "-3"], "minutes is -3"),
        (["skubisz-conv", "--batch-size", "0"], "batch_size is 0"),
        (["skubisz-conv", "--learning-rate", "0"], "learning_rate is 0"),
        (["skubisz-conv", "--split", "foo"], "--split 'foo': expected 'standard', 'huang', or a fraction"),
        (["skubisz-conv", "--split", "1.5"], "--split '1.5': expected"),
        (["skubisz-conv", "--split", "nan"], "--split 'nan': expected"),
        (["skubisz-conv", "--split", "standard"], "built-in faces have no such split"),
        (["skubisz-conv", "--crop", "100"], "--crop 100: the built-in faces are drawn at the size"),
        (["pix2pix", "--profile", "huge"], "unknown profile 'huge'"),
        (["pix2pix", "--epochs", "0"], "epochs is 0"),
        (["pix2pix", "--device", "abacus"], "device 'abacus' cannot be used here"),
        (["pix2pix", "--precision", "int3"], "unknown precision 'int3'"),
        (["ridge", "--epochs", "3"], "ridge is not trained in steps and takes no setting epochs"),
        (["ridge", "--profile", "huge"], "unknown profile 'huge'"),
    ],
)
def test_settings_are_looked_at_before_pairs_are_made(no_pairs, tmp_path, arguments, message):
    with pytest.raises(f2s.Face2SketchError) as caught:
        run("train", *arguments, "--out", tmp_path / "m.f2s")
    assert message in str(caught.value)


def test_places_for_results_are_looked_at_before_pairs_are_made(no_pairs, folder, tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("")
    refused = r"cannot write .*taken.*: .*; name a file in a folder that can be written"
    with pytest.raises(f2s.SavedFileError, match=refused):
        run("train", "ridge", "--out", tmp_path / "taken" / "m.f2s")
    with pytest.raises(f2s.SavedFileError, match=r"cannot write .*: it is a folder; name a file"):
        run("train", "ridge", "--out", tmp_path)
    with pytest.raises(f2s.SavedFileError, match=refused):
        run("train", "pix2pix", "--out", tmp_path / "m.f2s", "--sheet", tmp_path / "taken")
    with pytest.raises(
        f2s.DataError, match=r"cannot write .*there is no folder .*nowhere; make it, or name another"
    ):
        run("data", "synthetic", "--sheet", tmp_path / "nowhere" / "sheet.png")
    run("train", "grey-gain", "--data", folder, "--out", tmp_path / "m.f2s")
    with pytest.raises(
        f2s.DataError, match=r"cannot write .*there is no folder .*nowhere; make it, or name another"
    ):
        run("evaluate", tmp_path / "m.f2s", "--csv", tmp_path / "nowhere" / "s.csv")
    with pytest.raises(f2s.SavedFileError, match="it is a folder"):
        run("evaluate", tmp_path / "m.f2s", "--csv", tmp_path)
    with pytest.raises(f2s.DataError, match="--split 'half': expected"):
        run("evaluate", tmp_path / "m.f2s", "--split", "half")


def test_what_cannot_be_written_after_all_is_said(folder, tmp_path, monkeypatch):
    """A folder in which it is tried, and found full when it comes to it."""
    run("train", "grey-gain", "--data", folder, "--out", tmp_path / "m.f2s")
    (tmp_path / "bad.png").write_text("")
    with pytest.raises(
        f2s.DataError, match=r"cannot make the folder .*bad\.png: .*; name another with --out"
    ):
        run("translate", tmp_path / "m.f2s", folder / "photos", "--out", tmp_path / "bad.png")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    monkeypatch.setattr("pandas.DataFrame.to_csv", full)
    for arguments in (
        ("translate", tmp_path / "m.f2s", folder / "photos", "--out", tmp_path / "out"),
        ("data", folder, "--sheet", tmp_path / "sheet.png"),
        ("evaluate", tmp_path / "m.f2s", "--data", folder, "--csv", tmp_path / "s.csv"),
    ):
        with pytest.raises(f2s.DataError, match=r"cannot write .*: No space left on device; free some space"):
            run(*arguments)


def test_a_contact_sheet_of_no_known_kind_is_asked_to_be_a_png(folder, tmp_path):
    with pytest.raises(f2s.DataError, match=r"name a \.png file"):
        run("data", folder, "--sheet", tmp_path / "sheet.nothing")


def test_drawing_is_said_before_it_is_done_and_not_within_json(tmp_path):
    assert run("data", "synthetic", "--count", "2", "--size", "32x40").startswith(
        "drawing 2 pairs of 32x40 ..."
    )
    small = ["--count", "4", "--size", "32", "--out", tmp_path / "m.f2s"]
    assert "drawing 4 pairs of 32x32 ..." in run("train", "mean-target", *small)
    assert json.loads(run("train", "mean-target", *small, "--json"))["scores"]


def test_faces_that_are_drawn_are_not_cropped():
    with pytest.raises(
        f2s.DataError, match=r"--crop 30: the built-in faces are drawn at the size .*leave --crop out"
    ):
        run("data", "synthetic", "--count", "2", "--size", "40", "--crop", "30")


def test_pictures_of_several_sizes_are_read_at_the_one_that_is_named(folder, tmp_path):
    for kind in ("photos", "sketches"):
        (tmp_path / kind).mkdir()
        for number, path in enumerate(sorted((folder / kind).iterdir())):
            picture = Image.open(path)
            (picture.resize((20, 28)) if number == 3 else picture).save(tmp_path / kind / path.name)
    with pytest.raises(f2s.DataError, match=r"to resize all, give .*, or --size on the command line"):
        run("data", tmp_path)
    assert "8 pairs of 8 people, 24x16" in run("data", tmp_path, "--size", "24x16")
    expected = f2s.data.read_pairs(folder).resize((24, 16)).checksum()
    assert expected in run("data", folder, "--size", "24x16")


def test_advice_for_python_is_called_so(folder, tmp_path):
    """The command line has no skip_bad and no partial."""
    for kind in ("photos", "sketches"):
        (tmp_path / kind).mkdir()
        for path in (folder / kind).iterdir():
            (tmp_path / kind / path.name).write_bytes(path.read_bytes())
    (tmp_path / "photos" / "person000.png").write_bytes(b"")
    with pytest.raises(f2s.DataError, match="remove these files; in Python, skip_bad=True leaves them out"):
        run("data", tmp_path)
    (tmp_path / "photos" / "person000.png").unlink()
    with pytest.raises(
        f2s.DataError, match="missing partners; in Python, partial=True goes on with the 7 complete"
    ):
        run("data", tmp_path)


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
