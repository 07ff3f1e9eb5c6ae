"""What is written: one page that stands by itself, every score, records; and nothing is trained twice."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch import replication, submission
from face2sketch.replication import comparison
from face2sketch.submission import leaks, protocol, scoring
from face2sketch.submission.comparing import compare
from face2sketch.submission.markup import element, text
from face2sketch.submission.scoring import System, usable_metrics

PAIRS = blocks(40, size=48)
RUDE = "<b>rude</b> & \"quoted\" 'name'"
VOID = {"img", "meta", "br"}


class Moved:
    """A fitted method whose outputs are brighter."""

    def __init__(self, fitted, shift):
        self.fitted, self.shift, self.parameters = fitted, shift, 2

    def translate(self, inputs):
        return np.clip(self.fitted.translate(inputs) + self.shift, 0, 1)


def steady(train, task, seed):
    return Moved(f2s.fit("grey-gain", train, task, progress=False), 0.01 * seed)


def evaluate(
    folder, fit=steady, *, name="mine", pairs=PAIRS, seeds=(0, 1, 2), beside=("mean-target",), **options
):
    entry = {
        key: options.pop(key) for key in ("authors", "description", "tasks", "version") if key in options
    }
    options = {"metrics": ("mse", "ssim"), "progress": False, "quick": True} | options
    return submission.evaluate_submission(
        submission.Entry(name, fit, **entry), pairs, seeds, folder, beside=beside, **options
    )


class Page(HTMLParser):
    """Reads a page and notes what is not as it should be."""

    def __init__(self, source):
        super().__init__()
        self.open, self.ids, self.images, self.tags, self.wrong = [], [], [], [], []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "img":
            self.images.append(attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A whole report, both tasks, of an author who writes HTML into every field."""
    return evaluate(
        tmp_path_factory.mktemp("report"), name=RUDE, tasks=f2s.TASKS, authors="<i>A</i> & B",
        description="</p><script>alert(1)</script>", beside=("mean-target", "grey-gain"), quick=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page(report):
    return Page(report.page.read_text(encoding="utf-8"))


def test_the_page_is_sound_and_stands_by_itself(report, page):
    source = report.page.read_text(encoding="utf-8")
    assert source.startswith("<!doctype html>")
    assert (page.wrong, page.open) == ([], [])
    tags = [tag for tag, _ in page.tags]
    assert "script" not in tags
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert dict(page.tags)["html"]["lang"] == "en"
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("data:image/png;base64,", "#"))
        assert not [name for name in attributes if name.startswith("on")]
    assert "@import" not in source
    assert "url(" not in source


def test_the_page_has_its_sections_and_links_to_them(page):
    sections = ["result", "checks", "scores", "pictures", "protocol", "training", "limits"]
    assert [name for name in page.ids if name in sections] == sections
    assert [a["href"][1:] for tag, a in page.tags if tag == "a"] == sections
    assert len(page.ids) == len(set(page.ids))


def test_what_an_author_writes_is_shown_and_not_run(report, page):
    source = report.page.read_text(encoding="utf-8")
    for said in (RUDE, "<i>A</i> & B", "</p><script>alert(1)</script>"):
        assert said in page.text
        assert said not in source
    for shown in (report._repr_html_(), source):
        assert "<b>rude" not in shown
        assert "&lt;b&gt;rude" in shown


def test_pictures_say_what_they_show(report, page):
    assert len(page.images) == 2 * 6 * 4
    assert all(len(image["alt"]) > 10 for image in page.images)
    assert any("artist's sketch" in image["alt"] for image in page.images)
    assert "the best of 8" in page.text
    assert "the worst of 8" in page.text
    charts = [a["aria-label"] for tag, a in page.tags if a.get("role") == "img"]
    assert len(charts) == 2 * 3
    assert all("from best to worst" in label for label in charts)


def test_the_page_names_data_people_checksums_and_versions(report, page):
    train, test = PAIRS.split(0.2, seed=3)
    for said in (
        train.checksum(),
        test.checksum(),
        "drawn with seed 3",
        "48 x 48 pixels",
        f"numpy {np.__version__}",
    ):
        assert said in page.text
    assert ", ".join(test.people) in page.text


def test_pictures_of_real_people_are_marked_and_can_be_left_out(report, tmp_path):
    assert "private" in Page(report.page.read_text(encoding="utf-8")).ids, "blocks are not the built-in faces"
    without = Page(evaluate(tmp_path / "a", seeds=(0,), pictures=False).page.read_text(encoding="utf-8"))
    assert not without.images
    assert not {"private", "pictures"} & set(without.ids)
    drawn = blocks(40, size=48).replace(source="synthetic")
    page = Page(evaluate(tmp_path / "b", seeds=(0,), pairs=drawn).page.read_text(encoding="utf-8"))
    assert page.images
    assert "private" not in page.ids


def test_scores_are_those_of_the_library(report):
    train, test = PAIRS.split(0.2, seed=3)
    outputs = np.rint(255 * f2s.fit("mean-target", train).translate(test.photos)).astype(np.uint8)
    expected = f2s.evaluate(lambda _: outputs, test, "photo2sketch", metrics=("mse", "ssim"))
    table = pd.read_csv(report.folder / "scores.csv")
    assert table.columns.tolist() == ["task", "system", "seed", "identity", "mse", "ssim"]
    rows = table[(table["system"] == "mean-target") & (table["task"] == "photo2sketch")]
    assert rows["identity"].tolist() == test.identities.tolist()
    np.testing.assert_allclose(rows["ssim"], expected["ssim"], atol=1e-6)
    own = table[(table["system"] == RUDE) & (table["task"] == "photo2sketch")]
    assert sorted(own["seed"].unique()) == [0, 1, 2]
    assert len(report.scores) == 2 * len(table)


def test_the_summary_agrees_with_the_records(report):
    records = replication.read_records(report.folder / "results")
    assert {(r.run["experiment"], r.run["arm"], r.run["seed"]) for r in records} == {
        ("submissions", RUDE, seed) for seed in range(3)
    }
    summary = replication.summary(records, ("arm", "task")).set_index("task")
    mine = report.summary[report.summary["system"] == RUDE].set_index(["task", "metric"])
    for task in f2s.TASKS:
        assert summary.loc[task, "runs"] == 3
        for metric in ("mse", "ssim"):
            ours = mine.loc[(task, metric)]
            assert summary.loc[task, metric] == pytest.approx(ours["mean"], abs=1e-6)
            assert summary.loc[task, f"{metric}_low"] == pytest.approx(ours["low"], abs=1e-6)
            assert summary.loc[task, f"{metric}_run_max"] == pytest.approx(ours["run_max"], abs=1e-6)
        assert mine.loc[(task, "recognition"), "people"] == 8
    first = records[0]
    assert first.training["parameters"] == 2
    assert first.provenance["data"]["test"] == PAIRS.split(0.2, seed=3)[1].checksum()
    assert set(first.provenance["checks"].values()) <= {"passed", "warning"}
    assert "nlda" in first.sets
    for record in records:
        for metric, values in record.scores.items():
            found = record.summary[metric]
            assert found["low"] <= found["mean"] <= found["high"]
            assert found["mean"] == pytest.approx(np.mean(values), abs=1e-6)


def test_a_papers_table_can_be_made_with_a_submission_among_the_records(report):
    """It is run under neither protocol of the replication, and is said to be."""
    records = replication.read_records(report.folder / "results")
    assert {record.provenance["protocol"] for record in records} == {"submission"}
    rows = comparison.compare("huang", records)
    assert rows
    assert all(row.common.mean is None and row.as_published.mean is None for row in rows)


def test_a_good_model_is_better_and_an_equal_one_is_not(report):
    table = report.comparisons.set_index(["task", "system", "metric"])
    verdict = table.loc[("photo2sketch", "mean-target", "mse")]
    assert verdict["high"] < 0
    identities = np.array([f"p{i}" for i in range(20)])
    values = np.random.default_rng(0).random((1, 20))
    systems = [
        System("photo2sketch", "mine", "mine", own=True, scores={"ssim": values, "mse": values}),
        System("photo2sketch", "same", "same", scores={"ssim": values, "mse": values}),
        System("photo2sketch", "lower", "lower", scores={"ssim": values - 0.2, "mse": values - 0.2}),
    ]
    found = compare(systems, identities).set_index(["system", "metric"])["verdict"]
    assert found["same", "ssim"] == "no clear difference"
    assert (found["lower", "ssim"], found["lower", "mse"]) == ("better", "worse")


def test_runs_that_differ_more_than_the_systems_decide_nothing():
    """Three runs, twice far above the other and once below it: for every person the mean is above."""
    identities = np.array([f"p{i}" for i in range(20)])
    other = np.random.default_rng(0).random((1, 20))
    mine = other + np.array([[0.3], [0.2], [-0.2]])
    systems = [
        System("photo2sketch", "mine", "mine", own=True, scores={"ssim": mine}),
        System("photo2sketch", "other", "other", scores={"ssim": other}),
    ]
    row = compare(systems, identities).iloc[0]
    assert row["p_holm"] < 0.001
    assert row["low"] < 0 < row["difference"] < row["high"]
    assert row["verdict"] == "no clear difference"


def test_perfect_outputs_are_compared_where_that_means_something():
    identities = np.array([f"p{i}" for i in range(20)])
    perfect, plain = np.full((2, 20), np.inf), np.full((1, 20), 30.0)
    mine = System("photo2sketch", "mine", "mine", own=True, scores={"psnr": perfect})
    row = compare(
        [mine, System("photo2sketch", "same", "same", scores={"psnr": perfect[:1]})], identities
    ).iloc[0]
    assert (row["difference"], row["low"], row["high"], row["p"]) == (0, 0, 0, 1)
    mine.scores["mse"] = np.zeros((2, 20))
    other = System("photo2sketch", "plain", "plain", scores={"psnr": plain, "mse": plain / 1000})
    table = compare([mine, other], identities).set_index("metric")
    assert table.loc["psnr", "verdict"] == "cannot be compared"
    assert table.loc["psnr", ["difference", "low", "high", "p", "p_holm"]].isna().all()
    assert table.loc["mse", "verdict"] == "better"
    assert table.loc["mse", "p_holm"] == table.loc["mse", "p"], "the other row is no test"


def test_a_thief_gets_a_report(tmp_path):
    """Who hands out the true pictures has an infinite PSNR, and is the very one that wants looking at."""
    stolen = {PAIRS.photos[n].tobytes(): PAIRS.sketches[n] for n in range(len(PAIRS))}
    report = evaluate(
        tmp_path,
        lambda train, task, seed: lambda inputs: np.stack([stolen[photo.tobytes()] for photo in inputs]),
        metrics=("psnr", "mse"),
    )
    page = report.page.read_text(encoding="utf-8")
    assert "∞" in page
    assert not re.search(r"\bnan\b", re.sub(r'src="data:[^"]*"', "", page))
    assert "cannot be compared" in page
    row = report.summary.set_index(["system", "metric"]).loc[("mine", "psnr")]
    assert (row["mean"], row["low"], row["high"]) == (np.inf,) * 3


def test_another_profile_is_another_training(tmp_path, monkeypatch):
    """What f2s.choose picks inside `fit` is no part of its source; and a try in `smoke` is no measurement."""

    def fit(train, task, seed):
        return Moved(f2s.fit("grey-gain", train, task, progress=False), f2s.choose(0.2, 0.0, 0.0))

    tried = evaluate(tmp_path, fit)
    assert all(record.trial for record in replication.read_records(tmp_path / "results"))
    monkeypatch.setenv("FACE2SKETCH_PROFILE", "book")
    measured = evaluate(tmp_path, fit)
    means = [
        r.summary.set_index(["system", "metric"]).loc[("mine", "mse"), "mean"] for r in (tried, measured)
    ]
    assert means[1] < means[0]
    trials = [record.trial for record in replication.read_records(tmp_path / "results")]
    assert sorted(trials) == [False] * 3 + [True] * 3


def logging(log, shift=0.0):
    """A `fit` that notes its seeds in a list, as one notes losses: what it writes itself makes it no other function."""

    def fit(train, task, seed):
        if len(train) > 16:  # not the evaluator's own trial on a few people
            log.append(seed)
        return Moved(f2s.fit("grey-gain", train, task, progress=False), shift + 0.01 * seed)

    return fit


def test_nothing_is_done_twice(tmp_path, monkeypatch):
    log: list[int] = []
    first = evaluate(tmp_path, logging(log), quick=False)
    assert log == [0, 1, 2]
    monkeypatch.setattr(scoring.replication_scoring, "sets_of", lambda *_: pytest.fail("scored again"))
    second = evaluate(tmp_path, logging(log), quick=False)
    assert log == [0, 1, 2]
    assert second.notes == ()
    pd.testing.assert_frame_equal(first.checks, second.checks)
    pd.testing.assert_frame_equal(first.summary, second.summary)


def test_only_what_has_changed_is_trained(tmp_path):
    log: list[int] = []

    def run(shift=0.0, **options):
        before = len(log)
        report = evaluate(tmp_path, logging(log, shift), **options)
        return report, log[before:]

    assert run()[1] == [0, 1, 2]
    assert run(seeds=(0, 1, 2, 3))[1] == [3]
    report, trained = run(shift=0.05)
    assert trained == [0, 1, 2]
    assert any("since these have changed: shift." in note for note in report.notes)
    assert len(replication.read_records(tmp_path / "results")) == 3, (
        "the record of the other code's seed 3 is gone"
    )
    assert run(shift=0.05, version="2")[1] == [0, 1, 2]
    assert run(shift=0.05, version="2", pairs=PAIRS[:39])[1] == [0, 1, 2]
    (tmp_path / "work" / "mine-photo2sketch-seed1.npz").write_bytes(b"damaged")
    report, trained = run(shift=0.05, version="2", pairs=PAIRS[:39])
    assert trained == [1]
    assert any("was damaged" in note for note in report.notes)


def test_an_interrupted_evaluation_goes_on(tmp_path):
    log: list[int] = []
    power = tmp_path / "goes out"
    power.touch()

    def fit(train, task, seed):
        log.append(seed)
        if seed == 1 and power.exists():
            power.unlink()
            raise KeyboardInterrupt
        return steady(train, task, seed)

    with pytest.raises(KeyboardInterrupt):
        evaluate(tmp_path, fit)
    assert not (tmp_path / "report.html").exists()
    evaluate(tmp_path, fit)
    assert not list(tmp_path.rglob("*.part"))
    assert log == [0, 1, 1, 2]


def test_without_weights_lpips_is_left_out_and_nothing_is_downloaded(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(f2s.weights.Fetch, "run", lambda self: pytest.fail("downloads"))
    names, notes = usable_metrics(
        ("ssim", "lpips", "lpips_squeeze", "lpips_vgg"), protocol.choose_protocol(PAIRS)
    )
    assert names == ["ssim"]
    assert len(notes) == 3
    assert all("weights are not on this machine" in note for note in notes)
    small = protocol.choose_protocol(blocks(10, size=8))
    names, notes = usable_metrics(("mse", "ssim"), small)
    assert (names, len(notes)) == (["mse"], 1)
    with pytest.raises(f2s.MethodError, match="unknown metric"):
        usable_metrics(("beauty",), small)


def test_the_common_protocol(monkeypatch):
    def absent(**_):
        raise f2s.DataError("not on this machine")

    monkeypatch.setattr(f2s.data, "cuhk_student", absent)
    monkeypatch.setenv("FACE2SKETCH_DATA", "/mistyped")  # whoever names a folder is not served drawn faces
    with pytest.raises(f2s.DataError, match="not on this machine"):
        protocol.choose_protocol()
    monkeypatch.delenv("FACE2SKETCH_DATA")
    monkeypatch.setattr(
        f2s.data, "synthetic", lambda n, size, seed: blocks(n, size).replace(source="synthetic")
    )
    chosen = protocol.choose_protocol()
    assert (chosen.common, chosen.real, chosen.people, chosen.size) == (True, False, (32, 8), (48, 48))
    labels = ["train"] * 25 + ["test"] * 15
    monkeypatch.setattr(f2s.data, "cuhk_student", lambda **_: PAIRS.replace(standard=labels))
    chosen = protocol.choose_protocol()
    assert (chosen.common, chosen.real, chosen.people) == (True, True, (25, 15))
    assert "standard split" in chosen.split
    own = protocol.choose_protocol(PAIRS.split(0.5, seed=0))
    assert not own.common
    assert leaks.by_name(own.train.people, own.test).status == "passed"


def test_markup_escapes_all_but_its_own():
    assert (
        element("p", "<", element("b", "&"), ["x", None], title='"')
        == '<p title="&quot;">&lt;<b>&amp;</b>x</p>'
    )
    assert text(3) == "3"


def test_a_report_tells_itself_in_a_line(report):
    assert repr(report).startswith("<Report of")
    assert report.verdict.startswith(f"{(report.checks.status == 'passed').sum()} of {len(report.checks)}")
    assert json.dumps(report.notes)
