"""Runs and records: nothing done is done twice, nothing stopped is lost, nothing damaged is believed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pairs_for_tests import blocks
from typer.testing import CliRunner

import face2sketch as f2s
from face2sketch import replication
from face2sketch.errors import RunBusyError
from face2sketch.replication import Record, Run, command, queue, runs, scoring

RESULTS = Path(__file__).parents[2] / "book" / "results"
FAST = {"epochs": 2, "batch_size": 4}


@pytest.fixture(autouse=True)
def drawn_pairs(monkeypatch):
    """Blocks in the place of the real pairs, which are not part of the project."""
    train, test = blocks(12, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "real_pairs", lambda size, split, *_: (train, test))
    return train, test


def test_a_baselines_record_holds_its_scores(tmp_path, drawn_pairs):
    train, test = drawn_pairs
    record = replication.perform(Run("demo", "ridge", "ridge"), tmp_path, progress=False)
    expected = f2s.evaluate(f2s.fit("ridge", train), test)
    np.testing.assert_allclose(record.scores["ssim"], expected["ssim"], atol=1e-6)
    assert record.identities == test.identities.tolist()
    assert record.training["epochs"] is None
    assert record.training["pairs"] == 6
    assert record.provenance["data"]["test"] == test.checksum()


def test_a_record_survives_the_round_trip_and_is_not_made_twice(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    run = Run("demo", "conv", "skubisz-conv", seed=3, options=FAST)
    record = replication.perform(run, tmp_path, progress=False)
    monkeypatch.setattr(runs.fitting, "fit", lambda *_, **__: pytest.fail("trained again"))
    assert replication.perform(run, tmp_path) == record == Record.read(run.path(tmp_path))
    assert replication.read_records(tmp_path) == [record]
    assert [path.name for path in run.path(tmp_path).parent.iterdir()] == [f"{run.name}.json"]
    assert not list(tmp_path.rglob("*.checkpoint.npz"))


def test_a_run_that_was_stopped_goes_on_and_gives_the_same(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    from face2sketch.training.keras_loop import KerasTrainer

    run = Run("demo", "conv", "skubisz-conv", options=FAST)
    whole = replication.perform(run, tmp_path / "whole", progress=False)
    step, steps = KerasTrainer._train_step, []

    def stopped_in_the_third(self, chosen):
        steps.append(len(chosen))
        if len(steps) == 3:
            self._save()
            raise KeyboardInterrupt
        return step(self, chosen)

    monkeypatch.setattr(KerasTrainer, "_train_step", stopped_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        replication.perform(run, tmp_path / "stopped", progress=False)
    assert replication.read_records(tmp_path / "stopped") == []
    resumed = replication.perform(run, tmp_path / "stopped", progress=False)
    assert len(steps) == 5  # two of four were done, the third was tried twice, the fourth once
    np.testing.assert_allclose(resumed.scores["mse"], whole.scores["mse"], atol=1e-6)


def test_a_diverged_run_is_recorded_as_such(tmp_path):
    pytest.importorskip("tensorflow")
    run = Run("demo", "wild", "huang-dae", options={"epochs": 50, "optimizer": "sgd", "learning_rate": 1e18})
    record = replication.perform(run, tmp_path, progress=False)
    assert "diverged" in record.training["diverged"]
    assert record.scores == {}
    table = replication.summary([record], ("arm",))
    assert table.loc[0, ["runs", "diverged"]].tolist() == [1, 1]


def test_other_mistakes_are_not_taken_for_divergence(tmp_path):
    with pytest.raises(f2s.MethodError, match="unknown method"):
        replication.perform(Run("demo", "x", "no-such-method"), tmp_path)
    assert list(tmp_path.rglob("*.json")) == []


def test_training_pairs_are_drawn_by_the_seed(tmp_path):
    def answer(seed):
        run = Run("demo", "mean", "mean-target", seed=seed, pairs=2)
        return replication.perform(run, tmp_path, progress=False)

    first, second = answer(0), answer(1)
    assert first.training["pairs"] == 2
    assert first.provenance["data"]["train"] != second.provenance["data"]["train"]


def test_a_record_knows_the_file_its_encoder_started_from(tmp_path):
    pytest.importorskip("tensorflow")
    import hashlib

    from face2sketch.models.transfer import save_encoder, transfer_autoencoder

    encoder = transfer_autoencoder((16, 16, 3), encoder="small").get_layer("encoder")
    file = save_encoder(encoder, tmp_path / "encoder.npz", {})
    runs_of = [
        Run("demo", "transfer", "faces-transfer", options={"weights": weights, **FAST})
        for weights in (str(file), None)
    ]
    known, random = (
        replication.perform(run, tmp_path, progress=False).provenance["weights"] for run in runs_of
    )
    assert known == hashlib.sha256(file.read_bytes()).hexdigest()
    assert random is None


def test_stages_are_read_from_lists(tmp_path):
    pytest.importorskip("tensorflow")
    stages = [["mse", 1, None, ["down_1"]], ["mse", 1, 1e-4, []]]
    run = Run("demo", "staged", "skubisz-conv", options={"stages": stages, "batch_size": 4})
    assert replication.perform(run, tmp_path, progress=False).training["epochs"] == 2
    assert json.loads(run.path(tmp_path).read_text())["run"]["options"]["stages"] == stages


@pytest.mark.parametrize(
    "content", ["", "[]", '{"format": "something else"}', '{"format": "face2sketch record 2"}']
)
def test_what_is_not_a_record_is_named(tmp_path, content):
    file = tmp_path / "broken.json"
    file.write_text(content)
    with pytest.raises(f2s.SavedFileError, match=r"broken\.json is not a record .* delete it and run again"):
        Record.read(file)


def _record(arm, seed, ssim, people="abcd"):
    return Record(
        {"arm": arm, "seed": seed, "options": {}},
        list(people),
        {"ssim": ssim},
        {"epochs": 5, "diverged": None},
        {},
    )


def test_intervals_cover_people_and_seeds():
    """Group a: two seeds, all people alike at 0.4 and 0.6: standard error 0.1, and Student's t of one degree of freedom is
    Cauchy's distribution: tan(0.475 pi) = 12.7 standard errors hold 95 %."""
    table = replication.summary(
        [_record("a", 0, [0.4] * 4), _record("a", 1, [0.6] * 4), _record("b", 0, [0.0, 0.0, 1.0, 1.0])],
        ("arm",),
        ("ssim",),
    ).set_index("arm")
    half = 0.1 * np.tan(0.475 * np.pi)
    assert table.loc["a", ["ssim", "ssim_low", "ssim_high"]].tolist() == pytest.approx(
        [0.5, 0.5 - half, 0.5 + half]
    )
    assert table.loc["a", ["ssim_run_min", "ssim_run_max"]].tolist() == pytest.approx([0.4, 0.6])
    # Four people of whom each is 0 or 1 with equal chance: the mean of a resample is 0, 1/4 ... 1, binomial.
    assert table.loc["b", ["ssim_low", "ssim_high"]].tolist() == [0.0, 1.0]


def test_a_record_below_a_file_cannot_be_written_and_that_is_said(tmp_path):
    (tmp_path / "demo").write_text("")
    record = Record.of({"arm": "a"}, ["a"], {"mse": [0.1]}, {}, {})
    with pytest.raises(f2s.errors.SavedFileError, match=r"cannot write .*a\.json"):
        record.write(tmp_path / "demo" / "a.json")


def test_experiments_name_known_methods_and_no_run_twice():
    names = [run.path(".") for name in replication.EXPERIMENTS for run in replication.experiment(name)]
    assert len(names) == len(set(names))
    for name in replication.EXPERIMENTS:
        for run in replication.experiment(name):
            f2s.methods.get(run.method).check_task(run.task)
            assert run.experiment == name
    with pytest.raises(f2s.MethodError, match="unknown experiment 'x': expected one of"):
        replication.experiment("x")


def test_the_command_lists_and_runs(tmp_path, monkeypatch):
    from face2sketch.cli import app

    arguments = ["replicate", "--experiment", "casq", "--out", str(tmp_path), "--only", "median-target"]
    listed = CliRunner().invoke(app, [*arguments, "--list"])
    assert listed.output.count("to do") == 2, listed.output

    def here(*given) -> int:
        queue.do(*given)
        return 0

    monkeypatch.setattr(queue, "_in_a_process", here)  # where the pairs are replaced
    monkeypatch.setattr(command, "cuhk", lambda: None)
    done = CliRunner().invoke(app, arguments)
    assert (done.exit_code, done.output.count("ssim")) == (0, 2), done.output
    assert CliRunner().invoke(app, [*arguments, "--list"]).output.count("done") == 2


GAN = {"epochs": 2, "width": 8, "weights": "random"}


@pytest.fixture
def whole_pairs(monkeypatch):
    """Training pairs squeezed to squares, test pairs of the real ones' size; and no weights for LPIPS."""
    pytest.importorskip("torch")
    train, test = blocks(6, size=40).split(test=0.5, seed=0)
    pairs = train.resize((32, 32)), test.resize((250, 200))
    monkeypatch.setattr(runs, "real_pairs", lambda size, split, *_: pairs)
    monkeypatch.setattr(scoring, "WHOLE_METRICS", ("mse", "ssim"))
    monkeypatch.setattr(scoring, "SETS", {"number": lambda outputs, test, task: {"people": len(outputs)}})
    return pairs


def test_one_training_of_both_directions_leaves_a_record_of_each(tmp_path, whole_pairs, monkeypatch):
    run = Run("demo", "msg", "duan-msg-sarl", size=32, whole=True, options=GAN)
    record = replication.perform(run, tmp_path, progress=False)
    found = replication.read_records(tmp_path)
    assert [r.run["task"] for r in found] == ["photo2sketch", "sketch2photo"]
    assert found[0] == record
    assert found[0].training == found[1].training
    assert found[0].scores != found[1].scores
    assert found[0].training["device"] in ("cpu", "cuda", "mps")
    monkeypatch.setattr(runs.fitting, "fit", lambda *_, **__: pytest.fail("trained again"))
    back = replace(run, task="sketch2photo")
    assert replication.perform(back, tmp_path) == found[1]


def test_whole_pictures_are_scored_at_their_own_size_as_8_bit_pictures(tmp_path, whole_pairs):
    from face2sketch.data.images import resized

    train, test = whole_pairs
    record = replication.perform(
        Run("demo", "gain", "grey-gain", size=32, whole=True), tmp_path, progress=False
    )
    outputs = f2s.fit("grey-gain", train).translate(test.resize((32, 32)).photos)
    saved = resized(np.rint(255 * outputs).astype(np.uint8), (250, 200))
    np.testing.assert_allclose(record.scores["mse"], f2s.metrics.mse(test.sketches, saved), atol=1e-6)


def test_what_works_at_full_size_is_not_squeezed(tmp_path, monkeypatch):
    train, test = blocks(12, size=40).resize((250, 200)).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "real_pairs", lambda *_: (train, test))
    monkeypatch.setattr(scoring, "WHOLE_METRICS", ("mse",))
    run = Run("demo", "gain", "grey-gain", size=250, whole=True, native=True)
    record = replication.perform(run, tmp_path, progress=False)
    saved = np.rint(255 * f2s.fit("grey-gain", train).translate(test.photos)).astype(np.uint8)
    np.testing.assert_allclose(record.scores["mse"], f2s.metrics.mse(test.sketches, saved), atol=1e-6)
    found = f2s.recognition.nlda(test.sketches, saved)
    assert record.sets["nlda"]["accuracy"] == pytest.approx(found.accuracy, abs=1e-6)
    assert record.sets["nlda"]["people"] == [3, 3]


def test_measures_that_come_later_are_added_from_kept_outputs(tmp_path, whole_pairs, monkeypatch):
    run = Run("demo", "gain", "grey-gain", size=32, whole=True)
    results, outputs = tmp_path / "results", tmp_path / "outputs"
    first = replication.perform(run, results, outputs=outputs, progress=False)
    assert replication.rescore(run, results, outputs) == []
    monkeypatch.setattr(scoring, "WHOLE_METRICS", ("mse", "ssim", "mae"))
    monkeypatch.setitem(scoring.SETS, "size", lambda outputs, test, task: {"side": outputs.shape[1]})
    monkeypatch.setattr(runs.fitting, "fit", lambda *_, **__: pytest.fail("trained again"))
    assert replication.rescore(run, results, outputs) == ["mae", "size"]
    later = Record.read(run.path(results))
    assert later.scores["mse"] == first.scores["mse"]
    assert later.sets == {"number": {"people": 3}, "size": {"side": 250}}
    kept = np.load(run.path(outputs).with_suffix(".npz"))["outputs"]
    np.testing.assert_allclose(later.scores["mae"], f2s.metrics.mae(whole_pairs[1].sketches, kept), atol=1e-6)
    assert replication.rescore(replace(run, seed=9), results, outputs) == []


def test_outputs_of_an_earlier_end_are_not_scored_as_those_of_the_record(tmp_path, whole_pairs, monkeypatch):
    """A run that goes on without a folder for its outputs leaves the old ones there."""
    run = Run("demo", "gain", "grey-gain", size=32, whole=True)
    results, outputs = tmp_path / "results", tmp_path / "outputs"
    replication.perform(run, results, outputs=outputs, progress=False)
    kept, before = run.path(outputs).with_suffix(".npz"), run.path(results).read_text()
    arrays = dict(np.load(kept))
    changed = arrays["outputs"].copy()
    changed[0, :20] = 255 - changed[0, :20]
    monkeypatch.setattr(scoring, "WHOLE_METRICS", ("mse", "ssim", "mae"))
    for other, said in (
        (changed, "their mse differs by up to 0"),
        (changed[1:], "2 pictures for 3 test pairs"),
    ):
        np.savez(kept, **(arrays | {"outputs": other}))
        with pytest.raises(f2s.DataError, match=f"does not hold the outputs .*{said}.*Delete this file"):
            replication.rescore(run, results, outputs)
    assert run.path(results).read_text() == before
    np.savez(kept, **arrays)
    assert replication.rescore(run, results, outputs) == ["mae"]


def test_outputs_of_before_a_run_diverged_are_not_scored(tmp_path, whole_pairs):
    run = Run("demo", "gain", "grey-gain", size=32, whole=True)
    record = replication.perform(run, tmp_path, outputs=tmp_path / "outputs", progress=False)
    replace(record, scores={}, summary={}, sets={}).write(run.path(tmp_path))
    assert replication.rescore(run, tmp_path, tmp_path / "outputs") == []
    assert Record.read(run.path(tmp_path)).scores == {}


def test_what_cannot_be_scored_is_not_trained(tmp_path, whole_pairs, monkeypatch):
    monkeypatch.setattr(scoring, "WHOLE_METRICS", ("mse", "likeness"))
    monkeypatch.setattr(runs.fitting, "fit", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(f2s.MethodError, match="unknown metric 'likeness'"):
        replication.perform(Run("demo", "pix", "pix2pix", whole=True, options=GAN), tmp_path)


def test_records_of_before_there_was_a_choice_keep_their_names():
    """Committed records, made when a run had no field "whole"."""
    named = {run.name for name in ("corrected", "casq") for run in replication.experiment(name)}
    for path in (
        sorted((RESULTS / "corrected").glob("*.json"))[:5] + sorted((RESULTS / "casq").glob("*.json"))[:5]
    ):
        assert path.stem in named


def test_a_papers_table_is_printed_beside_ours():
    """Huang, Table I."""
    from face2sketch.cli import app

    shown = CliRunner().invoke(
        app, ["replicate", "huang", "--table", "--out", str(RESULTS)], env={"COLUMNS": "160"}
    )
    assert shown.exit_code == 0, shown.output
    for printed in ("0.049908", "0.471451", "0.099079", "0.470112", "0.031974", "0.528875"):
        assert printed in shown.output
    wrong = CliRunner().invoke(app, ["replicate", "huang-dae", "--table"])
    assert "--table takes papers, not 'huang-dae'" in str(wrong.exception)


@pytest.mark.parametrize("what", ["--list", "--table"])
def test_what_is_done_is_said_with_the_folder_that_was_looked_into(tmp_path, monkeypatch, what):
    """From another working folder than the repository everything would be "to do", or "not run"."""
    from face2sketch.cli import app

    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["replicate", "huang", what])
    assert shown.exit_code == 0, shown.output
    expected = f"records in {tmp_path / 'book' / 'results'}: no such folder. Call this from the folder of"
    assert shown.output.startswith(expected), shown.output
    shown = CliRunner().invoke(app, ["replicate", "huang", what, "--out", str(RESULTS)])
    assert shown.output.startswith(f"records in {RESULTS}\n"), shown.output


def test_a_table_says_how_many_trials_it_leaves_out(tmp_path):
    from face2sketch.cli import app

    known = Record.read(sorted((RESULTS / "league").glob("huang-dae-photo2sketch-*.json"))[0])
    known.run["profile"] = "smoke"
    known.write(tmp_path / "league" / "trial.json")
    shown = CliRunner().invoke(app, ["replicate", "huang", "--table", "--out", str(tmp_path)])
    assert "records of trials (--profile smoke), left out: 1" in shown.output
    assert "epochs" not in shown.output  # nor is it in a cell


@pytest.mark.parametrize("profile", ["book", "huge", ""])
def test_runs_have_two_profiles(tmp_path, monkeypatch, profile):
    from face2sketch.cli import app

    monkeypatch.setattr(command, "cuhk", lambda: pytest.fail("begun"))
    refused = CliRunner().invoke(app, ["replicate", "ridge", "--profile", profile, "--out", str(tmp_path)])
    assert isinstance(refused.exception, f2s.MethodError), refused.output
    assert str(refused.exception) == f"unknown profile {profile!r}: expected one of paper, smoke"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--experiment", "league", "--seeds", "7"], "no run has --seeds 7"),
        (["--experiment", "league", "--task", "foo"], "--task 'foo': expected one of photo2sketch"),
        (
            ["huang-dae", "--protocol", "as-published", "--task", "sketch2photo"],
            "no run has --task sketch2photo",
        ),
        (["ridge", "--only", "nonsense"], "no run's name contains 'nonsense'"),
    ],
)
def test_a_choice_without_runs_names_what_was_chosen(tmp_path, arguments, said):
    from face2sketch.cli import app

    done = CliRunner().invoke(app, ["replicate", *arguments, "--list", "--out", str(tmp_path)])
    assert isinstance(done.exception, f2s.MethodError)
    assert said in str(done.exception)


def test_measures_of_a_papers_own_are_added_from_kept_outputs(tmp_path, monkeypatch):
    """Under a paper's rules, too; and not while another runner has the run."""
    from face2sketch.replication import conventions

    train, test = blocks(6, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "published_pairs", lambda *_: (train, test))
    run = Run("demo", "gain", "grey-gain", size=16, split="as-published", paper="skubisz")
    monkeypatch.setitem(conventions.CONVENTIONS, "skubisz", {"mse": f2s.metrics.mse})
    first = replication.perform(run, tmp_path, outputs=tmp_path / "kept", progress=False)
    monkeypatch.setitem(
        conventions.CONVENTIONS, "skubisz", {"mse": f2s.metrics.mse, "ssim_range_2": conventions.ssim_range_2}
    )
    with runs._alone(run, tmp_path), pytest.raises(RunBusyError):
        replication.rescore(run, tmp_path, tmp_path / "kept")
    assert replication.rescore(run, tmp_path, tmp_path / "kept") == ["ssim_range_2"]
    later = Record.read(run.path(tmp_path))
    assert later.scores["mse"] == first.scores["mse"]
    kept = np.load(run.path(tmp_path / "kept").with_suffix(".npz"))["outputs"]
    from skimage.metrics import structural_similarity

    expected = [
        structural_similarity(np.repeat(a / 255.0, 3, -1), b.astype(float), channel_axis=-1, data_range=2.0)
        for a, b in zip(test.sketches, kept, strict=True)
    ]
    np.testing.assert_allclose(later.scores["ssim_range_2"], expected, atol=1e-5)


def test_missing_pairs_are_said_once_before_any_run(tmp_path, monkeypatch):
    from face2sketch.cli import app

    monkeypatch.setenv("FACE2SKETCH_DATA", "")
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(queue, "_in_a_process", lambda *_: pytest.fail("begun"))
    done = CliRunner().invoke(app, ["replicate", "ridge", "--out", str(tmp_path)])
    assert isinstance(done.exception, f2s.DataError)
    assert str(done.exception).endswith("To fetch them: face2sketch data cuhk_student")
