"""The league table: places, ties, records; and the tests behind it against SciPy and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import face2sketch as f2s
from face2sketch import evaluation, league
from face2sketch.replication import Record

PEOPLE = [f"p{number}" for number in range(30)]


def scores(**columns) -> pd.DataFrame:
    return pd.DataFrame({"identity": PEOPLE, **columns})


def noise(seed: int, scale: float = 0.01) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, len(PEOPLE))


@pytest.fixture
def systems():
    easy = noise(0, 0.1)  # an easy face is easy for all
    return {
        "good": scores(mse=0.02 + noise(1, 1e-3), ssim=0.7 + easy + noise(2)),
        "nearly": scores(mse=0.03 + noise(3, 1e-3), ssim=0.7 + easy + noise(4)),
        "bad": scores(mse=0.09 + noise(5, 1e-3), ssim=0.6 + easy + noise(6)),
    }


def test_the_p_value_is_that_of_scipys_permutation_test():
    ours, theirs = scores(ssim=0.5 + noise(1)), scores(ssim=0.496 + noise(2))
    difference = (ours["ssim"] - theirs["ssim"]).to_numpy()
    expected = stats.permutation_test(
        (difference,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(0)
    ).pvalue
    assert evaluation.paired_test(ours, theirs, permutations=20_000) == pytest.approx(expected, abs=0.01)
    assert evaluation.paired_test(ours, ours) == 1.0


def test_few_people_give_the_exact_share_of_signs():
    """Three people, all better: of the eight patterns of signs two are as extreme, so p is 1/4."""
    ours = pd.DataFrame({"identity": list("abc"), "ssim": [0.6, 0.7, 0.8]})
    theirs = ours.assign(ssim=ours["ssim"] - [0.1, 0.1, 0.1])
    assert evaluation.paired_test(ours, theirs, permutations=40_000) == pytest.approx(0.25, abs=0.01)


def test_pictures_of_one_person_keep_together():
    """Twenty pictures of one person are one vote: with two people p cannot fall below 1/2."""
    ours = pd.DataFrame({"identity": ["a"] * 20 + ["b"], "ssim": 0.6})
    theirs = ours.assign(ssim=0.5)
    assert evaluation.paired_test(ours, theirs, permutations=4000) == pytest.approx(0.5, abs=0.03)


def test_equal_systems_are_called_different_as_often_as_the_level_says():
    p = [
        evaluation.paired_test(scores(ssim=noise(2 * s)), scores(ssim=noise(2 * s + 1)), permutations=999)
        for s in range(200)
    ]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_holms_correction_by_hand():
    """0.01 x 4, 0.02 x 3, then 0.03 x 2 = 0.06, and 0.04 x 1 = 0.04, which may not fall below the one before it."""
    np.testing.assert_allclose(evaluation.holm([0.03, 0.01, 0.04, 0.02]), [0.06, 0.04, 0.06, 0.06])
    np.testing.assert_allclose(evaluation.holm([0.9, 0.6]), [1, 1])
    assert evaluation.holm([0.2]).tolist() == [0.2]


def test_the_better_one_comes_first_whatever_the_metric(systems):
    for metric in ("mse", "ssim"):
        found = evaluation.compare_all(systems, metric, permutations=500)
        assert len(found) == 3
        assert (found["difference"] >= 0).all()
        assert (found["low"] <= found["difference"]).all()
        assert (found["difference"] <= found["high"]).all()
        assert (found["p_holm"] >= found["p"]).all()
        assert found.set_index(["better", "worse"]).loc[("good", "bad"), "p_holm"] < 0.05
    with pytest.raises(f2s.MethodError, match="a comparison needs two"):
        evaluation.compare_all({"good": systems["good"]})


def test_perfect_outputs_of_two_systems_are_equal():
    """PSNR is infinite for both: no difference, and nothing that chance could not have made."""
    some = np.where(np.arange(len(PEOPLE)) < 10, np.inf, 30.0)
    perfect, mixed = scores(psnr=np.inf), scores(psnr=some)
    for one in (perfect, mixed):
        assert evaluation.paired_test(one, one, "psnr") == 1.0
        assert evaluation.paired_difference(one, one, "psnr") == {"mean": 0, "low": 0, "high": 0}
    found = evaluation.compare_all({"one": mixed, "same": mixed}, "psnr").iloc[0]
    assert (found["difference"], found["p_holm"]) == (0, 1)
    better = scores(psnr=some + 1)
    assert evaluation.paired_difference(better, mixed, "psnr")["mean"] == pytest.approx(20 / len(PEOPLE))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_difference_that_is_no_number_is_not_tested(value):
    plain, odd = scores(psnr=30 + noise(1)), scores(psnr=30 + noise(2))
    odd.loc[3, "psnr"] = value
    for judge in (evaluation.paired_test, evaluation.paired_difference):
        with pytest.raises(f2s.MethodError, match=r"psnr of the first system and .* 1 of 30 diff"):
            judge(odd, plain, "psnr")
    with pytest.raises(f2s.MethodError, match=r"psnr of (odd and of plain|plain and of odd) .* \(mse in"):
        evaluation.compare_all({"plain": plain, "odd": odd}, "psnr")


def test_metrics_that_agree_have_rank_correlation_one():
    means = pd.DataFrame(
        {"mse": [0.1, 0.2, 0.3, 0.4], "ssim": [0.9, 0.7, 0.6, 0.5], "lpips": [0.4, 0.3, 0.2, 0.1]}
    )
    found = evaluation.rank_agreement(means)
    assert found.loc["mse", "ssim"] == pytest.approx(1)
    assert found.loc["mse", "lpips"] == pytest.approx(-1)
    mixed = pd.DataFrame({"ssim": [0.1, 0.4, 0.3], "fsim": [0.2, 0.3, 0.9]})
    expected = stats.spearmanr(mixed["ssim"], mixed["fsim"]).statistic
    assert evaluation.rank_agreement(mixed).loc["ssim", "fsim"] == pytest.approx(expected)


def test_measures_of_sets_are_turned_around_as_well():
    means = pd.DataFrame(
        {"ssim": [0.9, 0.7, 0.6], "fid": [40.0, 60, 90], "kid_alex": [0.1, 0.2, 0.3], "nlda": [0.9, 0.8, 0.7]}
    )
    np.testing.assert_allclose(evaluation.rank_agreement(means), 1)


def test_rows_stand_by_mean_rank(systems):
    found = league.table(systems, recognition={"good": 0.5, "nearly": 0.9, "bad": 0.1})
    assert list(found.columns) == ["mse", "ssim", "mse_half", "ssim_half", "nlda", "mean_rank"]
    assert found.index[-1] == "bad"
    assert found.loc["bad", "mean_rank"] == 3
    assert found.loc["good", "mse"] == pytest.approx(systems["good"]["mse"].mean())
    half = (
        1.96 * systems["good"]["ssim"].std() / np.sqrt(len(PEOPLE))
    )  # the normal interval, which the bootstrap is near
    assert found.loc["good", "ssim_half"] == pytest.approx(half, rel=0.15)
    assert set(league.agreement(found)) == {"mse", "ssim", "nlda"}


def test_a_missing_recognition_is_the_last_place(systems):
    found = league.table(systems, recognition={"bad": 0.1})
    assert np.isnan(found.loc["good", "nlda"])
    assert found.loc["bad", "mean_rank"] == pytest.approx((3 + 3 + 1) / 3)


def test_the_best_are_those_that_cannot_be_told_apart(systems):
    assert set(league.best(systems, "ssim")) == {"good", "nearly"}
    assert league.best(systems, "mse") == ["good"]
    assert league.best({"bad": systems["bad"]}, "mse") == ["bad"]


def test_a_measure_that_not_all_have_is_named(systems):
    with pytest.raises(f2s.DataError, match="none of psnr is in every table"):
        league.table(systems, ("psnr",))
    with pytest.raises(f2s.DataError, match="not every table of scores has psnr"):
        league.best(systems, "psnr")
    with pytest.raises(f2s.DataError, match="no systems"):
        league.best({}, "ssim")


def test_systems_must_have_been_shown_the_same_pictures(systems):
    with pytest.raises(f2s.DataError, match="bad was scored on other pictures"):
        league.table({**systems, "bad": systems["bad"][::-1]})
    with pytest.raises(f2s.DataError, match="no systems"):
        league.table({})


def record(arm: str, seed: int, mse: list[float], task: str = "photo2sketch", nlda: float | None = None):
    sets = {} if nlda is None else {"nlda": {"accuracy": nlda}}
    run = {"arm": arm, "task": task, "seed": seed}
    return Record(run, ["a", "b"], {"mse": mse} if mse else {}, {}, {}, sets)


def test_records_of_several_seeds_are_one_row(tmp_path):
    found = [
        record("own", 0, [0.1, 0.3], nlda=0.5), record("own", 1, [0.3, 0.5], nlda=0.7), record("ridge", 0, [0.2, 0.2]),
        record("own", 0, [9, 9], task="sketch2photo"), record("wild", 0, []),
    ]  # fmt: skip
    tables, recognition = league.from_records(found, "photo2sketch")
    assert list(tables) == ["own", "ridge"]
    np.testing.assert_allclose(tables["own"]["mse"], [0.2, 0.4])
    assert recognition == {"own": pytest.approx(0.6)}
    found[0].write(tmp_path / "book" / "results" / "league" / "own.json")
    tables, _ = league.recorded("photo2sketch", tmp_path / "book" / "results" / "league")
    assert list(tables) == ["own"]


def test_a_trial_stands_in_no_league():
    trial = record("own", 1, [0.9, 0.9], nlda=0.1)
    trial.run["profile"] = "smoke"
    tables, recognition = league.from_records([record("own", 0, [0.1, 0.3], nlda=0.5), trial], "photo2sketch")
    np.testing.assert_allclose(tables["own"]["mse"], [0.1, 0.3])
    assert recognition == {"own": 0.5}
    assert league.from_records([trial], "photo2sketch") == ({}, {})


def test_two_systems_of_one_name_are_not_pooled():
    one, other = record("own", 0, [0.1, 0.3]), record("own", 1, [0.3, 0.5])
    other.run["method"] = "another"
    with pytest.raises(f2s.DataError, match="own names two systems"):
        league.from_records([one, other], "photo2sketch")
    other.run.pop("method")
    other.identities[0] = "c"
    with pytest.raises(f2s.DataError, match="scored on different people"):
        league.from_records([one, other], "photo2sketch")


def test_where_there_are_no_records_one_is_told_where_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(f2s.DataError, match="they come with the repository"):
        league.recorded("photo2sketch")
