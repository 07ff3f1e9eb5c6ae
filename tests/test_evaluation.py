"""Scores, intervals over people, and paired differences."""

import numpy as np
import pandas as pd
import pytest
from pairs_for_tests import blocks
from scipy import stats

import face2sketch as f2s
from face2sketch import evaluation
from face2sketch.data import FacePairs


@pytest.fixture(scope="module")
def pairs():
    return blocks(24).split(0.5, seed=0)


def test_one_row_a_picture_in_the_order_of_the_pairs(pairs):
    train, test = pairs
    scores = f2s.evaluate(f2s.fit("mean-target", train), test)
    assert list(scores.columns) == ["identity", "mse", "mae", "rmse", "psnr", "ssim"]
    assert list(scores["identity"]) == list(test.identities)
    expected = ((train.sketches / 255.0).mean(axis=0) - test.sketches / 255.0) ** 2
    np.testing.assert_allclose(scores["mse"], expected.mean(axis=(1, 2, 3)), rtol=1e-5)
    assert "window sigma 1.5" in scores.attrs["settings"]["ssim"]


def test_any_function_can_be_scored(pairs):
    _, test = pairs
    scores = f2s.evaluate(lambda photos: test.sketches, test, task="photo2sketch", metrics=["mse", "ssim"])
    assert (scores["mse"] == 0).all()
    np.testing.assert_allclose(scores["ssim"], 1)
    with pytest.raises(f2s.MethodError, match="needs task="):
        f2s.evaluate(lambda photos: photos, test)


def test_a_fitted_method_is_not_scored_on_the_other_task(pairs):
    with pytest.raises(f2s.MethodError, match="trained for photo2sketch"):
        f2s.evaluate(f2s.fit("mean-target", pairs[0]), pairs[1], task="sketch2photo")


def test_interval_agrees_with_the_normal_one_where_that_holds():
    """With 400 people and one picture each, the bootstrap of a mean comes close to mean +- 1.96 standard errors."""
    values = np.random.default_rng(1).normal(0.5, 0.1, 400)
    scores = pd.DataFrame({"identity": [f"p{i}" for i in range(400)], "ssim": values})
    summary = evaluation.summarise(scores, resamples=4000).loc["ssim"]
    low, high = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert summary["mean"] == pytest.approx(values.mean())
    assert summary["low"] == pytest.approx(low, abs=0.001)
    assert summary["high"] == pytest.approx(high, abs=0.001)


def test_pictures_of_one_person_are_not_independent():
    """Eight copies of each picture bring no new people: the interval must not shrink."""
    values = np.random.default_rng(2).normal(0.5, 0.1, 40)
    once = pd.DataFrame({"identity": [f"p{i}" for i in range(40)], "ssim": values})
    eightfold = pd.concat([once] * 8, ignore_index=True)
    a, b = (evaluation.summarise(table).loc["ssim"] for table in (once, eightfold))
    assert b["high"] - b["low"] == pytest.approx(a["high"] - a["low"], rel=0.05)
    assert (b["people"], b["pictures"]) == (40, 320)


def test_people_with_more_pictures_weigh_more():
    values = np.array([0.0, 1.0, 1.0, 1.0])
    means = evaluation.bootstrap_means(values, np.array(["a", "b", "b", "b"]), resamples=2000)
    assert set(np.round(np.unique(means), 6)) <= {0.0, 0.75, 1.0}


def test_paired_difference_is_narrower_than_its_parts():
    rng = np.random.default_rng(3)
    ease, people = rng.normal(0.5, 0.1, 60), [f"p{i}" for i in range(60)]
    worse = pd.DataFrame({"identity": people, "ssim": ease + rng.normal(0, 0.01, 60)})
    better = pd.DataFrame({"identity": people, "ssim": ease + 0.02 + rng.normal(0, 0.01, 60)})
    gap = evaluation.paired_difference(better, worse)
    single = evaluation.summarise(worse).loc["ssim"]
    assert 0 < gap["low"] < 0.02 < gap["high"]
    assert gap["high"] - gap["low"] < (single["high"] - single["low"]) / 4
    with pytest.raises(f2s.MethodError, match="different pictures"):
        evaluation.paired_difference(better, worse.iloc[::-1])


def test_a_perfect_picture_makes_psnr_infinite_and_not_nothing():
    """Drawn with replacement, six people of whom one is perfect miss that one in (5/6)^6 = 33 % of the draws."""
    scores = pd.DataFrame({"identity": list("abcdef"), "psnr": [np.inf, 20.0, 21.0, 22.0, 23.0, 24.0]})
    row = evaluation.summarise(scores).loc["psnr"]
    assert (row["mean"], row["high"]) == (np.inf, np.inf)
    assert 20 < row["low"] < 24
    found = evaluation.interval_of_runs(np.array([scores["psnr"]] * 2), scores["identity"].to_numpy())
    assert (found["mean"], found["low"], found["high"]) == (np.inf, row["low"], np.inf)


def test_a_single_metric_may_be_named_as_such(pairs):
    fitted = f2s.fit("mean-target", pairs[0])
    assert list(f2s.evaluate(fitted, pairs[1], metrics="ssim").columns) == ["identity", "ssim"]
    assert list(f2s.compare({"mean": fitted}, pairs[1], metrics="ssim").columns) == [
        "ssim", "ssim_low", "ssim_high",
    ]  # fmt: skip


def test_runs_of_equal_people_have_students_interval():
    """Where all people are alike only runs differ, and the interval is the textbook's for a mean of few numbers (SciPy)."""
    means = np.array([0.2, 0.5, 0.3])
    scores, people = np.repeat(means[:, None], 8, axis=1), [f"p{i}" for i in range(8)]
    found = evaluation.interval_of_runs(scores, people)
    low, high = stats.t.interval(0.95, df=2, loc=means.mean(), scale=stats.sem(means))
    assert found == pytest.approx({"mean": means.mean(), "low": low, "high": high})
    over_people = evaluation.bootstrap_means(scores.mean(axis=0), people)
    assert over_people.std() < 1e-12  # no doubt at all


def test_one_run_has_the_interval_over_people():
    scores = np.random.default_rng(0).normal(size=(1, 30))
    people = [f"p{i}" for i in range(30)]
    found = evaluation.interval_of_runs(scores, people)
    low, high = np.quantile(evaluation.bootstrap_means(scores[0], people), [0.025, 0.975])
    assert found == pytest.approx({"mean": scores.mean(), "low": low, "high": high})


def test_runs_that_agree_leave_the_interval_over_people():
    """Equal runs: what is left is the people's, and with a hundred of them the bootstrap agrees with Student's interval."""
    scores = np.random.default_rng(0).normal(size=100)
    found = evaluation.interval_of_runs(np.stack([scores] * 3), [f"p{i}" for i in range(100)])
    low, high = stats.t.interval(0.95, df=99, loc=scores.mean(), scale=stats.sem(scores))
    assert found["low"] == pytest.approx(low, abs=0.02)
    assert found["high"] == pytest.approx(high, abs=0.02)


def test_a_difference_of_runs_is_welchs():
    """All people alike: Welch's interval for three numbers against two, as SciPy has it."""
    ours, theirs = np.array([0.2, 0.5, 0.3]), np.array([0.1, 0.15])
    people = [f"p{i}" for i in range(8)]
    tables = [np.repeat(means[:, None], 8, axis=1) for means in (ours, theirs)]
    gap = evaluation.paired_difference_of_runs(*tables, people)
    low, high = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    assert gap == pytest.approx({"mean": ours.mean() - theirs.mean(), "low": low, "high": high})


def test_equal_systems_of_few_runs_are_told_apart_as_seldom_as_promised():
    """Runs that differ more than people do, three of each system, all from one source: 0 is left out in 5 % of cases.
    Drawing the runs anew, as one draws people, leaves it out in a fifth of them."""
    random, people, left_out = np.random.default_rng(0), [f"p{i}" for i in range(20)], 0
    for _ in range(400):
        hard = random.normal(size=20)
        ours, theirs = (
            hard + random.normal(size=(3, 1)) + 0.3 * random.normal(size=(3, 20)) for _ in range(2)
        )
        gap = evaluation.paired_difference_of_runs(ours, theirs, people, resamples=200)
        left_out += not gap["low"] <= 0 <= gap["high"]
    assert 0.02 <= left_out / 400 <= 0.08


def test_a_difference_of_single_runs_is_the_paired_one():
    """Faces differ much, the systems little: what is drawn is the same people for both."""
    random = np.random.default_rng(0)
    hard = random.normal(size=40)
    ours, theirs = hard + 0.1 + 0.01 * random.normal(size=40), hard
    people = [f"p{i}" for i in range(40)]
    tables = [pd.DataFrame({"identity": people, "ssim": values}) for values in (ours, theirs)]
    gap = evaluation.paired_difference_of_runs(ours[None], theirs[None], people)
    assert gap == pytest.approx(evaluation.paired_difference(*tables))
    assert gap["high"] - gap["low"] < 0.02


def test_compare_has_a_row_for_each_method(pairs):
    train, test = pairs
    table = f2s.compare({"mean": f2s.fit("mean-target", train), "ridge": f2s.fit("ridge", train)}, test)
    assert list(table.index) == ["mean", "ridge"]
    assert list(table.columns) == ["mse", "mse_low", "mse_high", "ssim", "ssim_low", "ssim_high"]
    assert ((table["mse_low"] <= table["mse"]) & (table["mse"] <= table["mse_high"])).all()


def test_scores_follow_people_not_positions(pairs):
    _, test = pairs
    shuffled = test.shuffle(1)
    fitted = f2s.fit("grey-gain", pairs[0])
    a = f2s.evaluate(fitted, test).set_index("identity").sort_index()
    b = f2s.evaluate(fitted, shuffled).set_index("identity").sort_index()
    pd.testing.assert_frame_equal(a, b)
    assert isinstance(shuffled, FacePairs)
