"""What is run, on what, and scored how: each paper's own rules, and the common ones."""

import re
from pathlib import Path

import numpy as np
import pytest
from pairs_for_tests import blocks, waves

import face2sketch as f2s
from face2sketch import methods, published, replication
from face2sketch.replication import Run, conventions, protocols, runs
from face2sketch.replication.provenance import device_of

PAPERS = ("huang", "skubisz", "duan", "venkatesh", "priovolos")
# Training and test pictures, as the papers say: Huang IV.A, Skubisz IV.A, Venkatesh Table I, Priovolos' notebooks
SIZES = {
    "huang": (150, 38),
    "skubisz": (1204, 300),
    "venkatesh": (131, 57),
    "priovolos": (1400, 104),
    "duan": (88, 100),
}


@pytest.fixture
def like_the_real_pairs(monkeypatch):
    """188 small pairs with the real people's names, in the place of the real ones."""
    from face2sketch.data import FacePairs, cuhk

    drawn = blocks(188, size=16).resize((250, 200))
    names = sorted(cuhk.standard_split())
    sides = [cuhk.standard_split()[name] for name in names]
    pairs = FacePairs(drawn.photos, drawn.sketches, names, source=cuhk.SOURCE, standard=sides)
    monkeypatch.setattr(f2s.data, "cuhk_student", lambda **_: pairs)
    runs.real_pairs.cache_clear()
    yield pairs
    runs.real_pairs.cache_clear()


def test_every_system_of_the_papers_has_a_run_under_each_protocol():
    for paper in PAPERS:
        systems = {m.id for m in methods.all_methods() if m.paper == paper and m.id.startswith(f"{paper}-")}
        found = {run.method for run in replication.select([paper], protocols=["as-published"])}
        assert systems <= found, paper
    assert protocols.papers() == [p for p in published.PAPERS if p in PAPERS] or set(
        protocols.papers()
    ) == set(PAPERS)


def test_every_printed_figure_of_a_papers_own_system_has_its_run():
    """A figure on the CUHK student pairs whose system and direction nobody would run could never be met."""
    learned = {
        (run.method, task)
        for run in protocols.as_published()
        for task in (methods.TASKS if methods.get(run.method).both_ways else (run.task,))
    }
    for figure in published.FIGURES:
        if figure.dataset == "cuhk-student" and figure.system.startswith(f"{figure.paper}-"):
            assert (figure.system, figure.task) in learned, figure


@pytest.mark.parametrize("paper", PAPERS)
def test_pairs_are_split_as_the_paper_says(paper, like_the_real_pairs, monkeypatch):
    run = replication.select([paper], protocols=["as-published"])[0]
    # Small pictures: their number and whose they are is what is asked.
    monkeypatch.setattr(type(like_the_real_pairs), "resize", lambda self, size: self.crop(16, 16))
    train, test = runs.pairs_of(run)
    assert (len(train), len(test)) == SIZES[paper]
    shared = set(train.identities) & set(test.identities)
    assert bool(shared) == (paper == "skubisz")
    if shared:
        assert len(shared) == len(set(test.identities))  # all of them


def test_epochs_and_losses_as_published_are_the_recipes():
    """Huang IV.A: 1,000; Skubisz IV.A: 100, pix2pix 6; Venkatesh IV.D: 200; Priovolos IV.B: 100 and 150; Duan IV.B: 400."""
    expected = {
        "huang": {1000},
        "skubisz": {100, 6, 110},
        "venkatesh": {200},
        "priovolos": {100, 150},
        "duan": {400},
    }
    for run in protocols.as_published():
        if run.method in protocols.BARS:
            continue
        recipe = methods.get(run.method).recipe
        epochs = recipe.epochs if hasattr(recipe, "epochs") else sum(stage.epochs for stage in recipe.stages)
        assert epochs in expected[run.paper], run.name
        assert run.profile == "paper"
        assert run.options.keys() <= ({"stages"} if run.paper == "priovolos" else set())


def test_priovolos_tests_the_last_thirteen_of_the_sorted_list(like_the_real_pairs, monkeypatch):
    """His notebooks sort the files of both folders by letters and numbers, turn each pair into eight and cut after 1,400."""
    monkeypatch.setattr(type(like_the_real_pairs), "resize", lambda self, size: self.crop(16, 16))
    train, test = runs.published_pairs("priovolos", 256, 0)
    assert test.people == [f"m-{number:03d}" for number in range(89, 102)]
    assert test.identities.tolist() == [name for name in test.people for _ in range(8)]
    assert train.identities[0] == "f1-001"


def test_priovolos_network_learns_one_direction_and_goes_on_to_the_other():
    """Report, IV.B.1 and IV.B.3: 100 epochs with faces for inputs, 100 for the opposite; the mixed one 50 and 50 more."""
    stages = {
        (run.arm, run.task): [
            (loss, epochs, backwards) for loss, epochs, _, _, backwards in run.options["stages"]
        ]
        for run in protocols.as_published()
        if run.paper == "priovolos" and run.options
    }
    assert stages == {
        ("priovolos-dense", "sketch2photo"): [("mse", 100, True), ("mse", 100, False)],
        ("priovolos-conv", "sketch2photo"): [("mae", 100, True), ("mae", 100, False)],
        ("priovolos-mixed", "photo2sketch"): [("mse", 100, False), ("mse", 100, True), ("mae", 50, False)],
        ("priovolos-mixed", "sketch2photo"): [
            ("mse", 100, True), ("mse", 100, False), ("mae", 50, True), ("mae", 50, False),
        ],
    }  # fmt: skip


def test_the_common_protocol_is_the_leagues_with_three_seeds():
    chosen = replication.select(["skubisz-conv"], protocols=["common"])
    assert [(run.task, run.seed) for run in chosen] == [
        (task, s) for s in (0, 1, 2) for task in methods.TASKS
    ]
    assert {(run.split, run.whole, run.experiment) for run in chosen} == {("standard", True, "league")}
    assert chosen[0] in replication.experiment("league")


def test_a_try_takes_one_epoch():
    chosen = replication.select(["skubisz-conv", "pix2pix"], seeds=[0], profile="smoke")
    for run in chosen:
        assert run.profile == "smoke"
        assert run.options.get("epochs", 1) == 1
    paper = {run.path(Path()) for run in replication.select(["skubisz-conv", "pix2pix"], seeds=[0])}
    assert not paper & {run.path(Path()) for run in chosen}  # a try is not taken for the real thing


def test_what_knows_no_chance_is_run_once():
    assert len(replication.select(["ridge"], ["photo2sketch"], ["common"])) == 1
    assert len(replication.select(["fast-rslcr"], ["photo2sketch"], ["common"])) == 3


def test_what_there_is_not_is_named():
    with pytest.raises(f2s.MethodError, match="unknown method 'skubisz-konv': did you mean skubisz-conv"):
        replication.select(["skubisz-konv"])
    with pytest.raises(
        f2s.MethodError, match="unknown protocol 'fair': expected one of as-published, common"
    ):
        replication.select(protocols=["fair"])
    with pytest.raises(
        f2s.MethodError, match="cyclegan has no run under as-published: its paper gives no protocol"
    ):
        replication.select(["cyclegan"], protocols=["as-published"])
    with pytest.raises(f2s.MethodError, match=r"'huang' has no protocol for 64 px .* its sizes are 200"):
        runs.published_pairs("huang", 64, 0)


def test_no_two_runs_share_a_record():
    chosen = replication.select(seeds=[0, 1])
    assert len({run.path(Path()) for run in chosen}) == len(chosen)


# -- measures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_pictures():
    return waves(40, 48, 3, 0.0), waves(40, 48, 3, 0.4)


def test_ssim_with_a_flat_window_is_scikit_images_default(two_pictures):
    from skimage.metrics import structural_similarity

    a, b = two_pictures
    expected = structural_similarity(a[0], b[0], channel_axis=2)  # 8 bit: it takes 255 for the range
    np.testing.assert_allclose(conventions.ssim_uniform(a, b), [expected], atol=1e-9)
    as_floats = [(picture[0] / 255).astype(np.float32) for picture in (a, b)]
    wide = structural_similarity(
        *as_floats, channel_axis=2, data_range=2
    )  # what it took for floats before 0.21
    np.testing.assert_allclose(conventions.ssim_range_2(a, b), [wide], atol=1e-5)
    assert wide > expected


def test_accuracy_is_keras_categorical_accuracy(two_pictures):
    keras = pytest.importorskip("keras")
    a, b = (picture / 255.0 for picture in two_pictures)
    expected = np.asarray(keras.metrics.categorical_accuracy(a, b)).mean()
    np.testing.assert_allclose(conventions.strongest_channel(a, b), [expected], atol=1e-9)


def test_keras_takes_the_channels_for_classes_if_asked_for_accuracy():
    """The reading of Venkatesh's Table III: `metrics=["accuracy"]` on pictures of three channels."""
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Identity()])
    model.compile(loss="mae", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    a, b = (rng.random((4, 8, 8, 3)).astype("float32") for _ in range(2))
    measured = model.evaluate(a, b, verbose=0, return_dict=True)["accuracy"]
    np.testing.assert_allclose(conventions.strongest_channel(b, a).mean(), measured, atol=1e-6)


def test_a_grey_answer_has_every_sketch_right():
    grey = np.full((1, 8, 8, 3), 0.5)
    assert conventions.strongest_channel(np.zeros((1, 8, 8, 3)), grey) == [1.0]


@pytest.mark.parametrize("paper", ["huang", "skubisz", "venkatesh", "priovolos"])
def test_scores_as_published_are_of_three_channels(paper):
    test = blocks(60, size=16)
    outputs = np.random.default_rng(0).random((60, 16, 16, 3))
    scores = conventions.scores_as_published(paper, outputs, test, "photo2sketch")
    printed = {f.metric for f in published.FIGURES if (f.paper, f.dataset) == (paper, "cuhk-student")} - {
        "loss"
    }
    assert printed <= scores.keys()
    target = np.repeat(test.sketches / 255.0, 3, axis=-1)
    np.testing.assert_allclose(scores["mse"], ((target - outputs) ** 2).mean(axis=(1, 2, 3)), atol=1e-6)


def test_priovolos_sketches_are_scored_against_photos():
    """His scoring cell compares with the photo in both directions; from sketch to photo that is the target."""
    test = blocks(60, size=16)
    outputs = np.random.default_rng(0).random((60, 16, 16, 3))
    photos, sketches = test.photos / 255.0, np.repeat(test.sketches / 255.0, 3, axis=-1)

    def root(a, b):
        return np.sqrt(((a - b) ** 2).mean(axis=(1, 2, 3)))

    drawn = conventions.scores_as_published("priovolos", outputs, test, "photo2sketch")
    np.testing.assert_allclose(drawn["rmse"], root(photos, outputs), atol=1e-6)
    np.testing.assert_allclose(drawn["target_rmse"], root(sketches, outputs), atol=1e-6)
    np.testing.assert_allclose(drawn["artist_rmse"], root(photos, sketches), atol=1e-6)
    painted = conventions.scores_as_published("priovolos", outputs, test, "sketch2photo")
    assert painted["rmse"] == painted["target_rmse"]
    assert "artist_rmse" not in painted


def test_a_network_that_draws_in_colour_is_scored_in_colour(tmp_path, monkeypatch):
    """The mean of three channels has a smaller error than the channels themselves, unless they are equal."""
    pytest.importorskip("tensorflow")
    train, test = blocks(12, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "published_pairs", lambda *_: (train, test))
    run = Run(
        "as-published", "x", "skubisz-conv", size=16, split="as-published", paper="skubisz", profile="smoke"
    )
    record = replication.perform(run, tmp_path, progress=False)
    fitted = f2s.fit("skubisz-conv", train, profile="smoke", progress=False)
    colour = fitted.translate_in_colour(test.photos)
    np.testing.assert_allclose(colour.mean(-1, keepdims=True), fitted.translate(test.photos), atol=1e-6)
    expected = f2s.metrics.mse(np.repeat(test.sketches, 3, -1), colour)
    np.testing.assert_allclose(record.scores["mse"], expected, atol=1e-5)
    assert np.mean(expected) > np.mean(f2s.metrics.mse(test.sketches, fitted.translate(test.photos)))
    assert record.provenance["protocol"] == "as-published"


def test_a_record_says_where_it_comes_from(tmp_path, monkeypatch):
    train, test = blocks(12, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "real_pairs", lambda *_: (train, test))
    made = replication.perform(Run("demo", "ridge", "ridge"), tmp_path).provenance
    assert made["pictures"] == {"train": 6, "test": 6}
    assert made["seconds"] >= 0
    assert 0.01 < made["memory_gb"] < 100
    assert made["device"].startswith("CPU: ")
    assert re.fullmatch(r"[0-9a-f]{40}\+?", made["commit"] or "0" * 40)
    assert made["versions"]["numpy"] == np.__version__


@pytest.mark.skipif(
    not Path("/proc/cpuinfo").exists(), reason="a processor's instructions are read where Linux tells them"
)
def test_a_device_is_named_with_the_vector_instructions_that_numpy_finds():
    found = np._core._multiarray_umath.__cpu_features__
    expected = {(True, True): "AVX-512", (True, False): "AVX2"}.get((found["AVX2"], found["AVX512F"]))
    named = re.search(r" with (\S+), ", device_of(methods.get("ridge"))["device"])
    assert (named and named[1]) == expected


def test_a_summary_has_means_and_intervals(tmp_path, monkeypatch):
    train, test = blocks(12, size=16).split(test=0.5, seed=0)
    monkeypatch.setattr(runs, "real_pairs", lambda *_: (train, test))
    record = replication.perform(Run("demo", "mean", "mean-target"), tmp_path)
    expected = f2s.evaluation.summarise(
        f2s.evaluate(f2s.fit("mean-target", train), test, metrics=("mse", "ssim"))
    )
    for metric, one in record.summary.items():
        assert list(one.values()) == pytest.approx(
            expected.loc[metric, ["mean", "low", "high"]].tolist(), abs=2e-6
        )
