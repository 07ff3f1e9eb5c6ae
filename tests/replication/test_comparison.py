"""Claimed beside ours, and which claims hold: on made-up records whose outcome is known."""

from dataclasses import asdict, replace

import numpy as np
import pytest

import face2sketch as f2s
from face2sketch import published
from face2sketch.published import HIGHER_IS_BETTER, Claim
from face2sketch.replication import Record, Run, comparison

PEOPLE = [f"p{i:02d}" for i in range(40)]
CLAIM = Claim("huang", "Table I", "CASQ is better", "photo2sketch", "mse", "huang-casq", "huang-dae")


def record(arm, scores, *, seed=0, protocol="common", epochs=10, planned=10, paper=None, task="photo2sketch"):
    run = Run("league" if protocol == "common" else protocol, arm, arm, task, seed, paper=paper)
    training = {"epochs": epochs, "planned_epochs": planned, "seconds": 1.0, "loss": 0.25, "diverged": None}
    scores = {name: list(map(float, values)) for name, values in scores.items()}
    return Record.of(asdict(run), PEOPLE, scores, training, {"protocol": protocol})


def around(mean, seed=0, spread=0.01):
    return mean + spread * np.random.default_rng(seed).standard_normal(len(PEOPLE))


def test_a_row_for_each_printed_figure_in_the_papers_order():
    rows = comparison.compare("huang", [])
    printed = [(f.system, f.metric) for f in published.FIGURES if f.paper == "huang"]
    assert [(row.figure.system, row.figure.metric) for row in rows] == printed
    assert all(row.as_published.mean is None and row.bar is None for row in rows)


def test_systems_that_a_paper_only_compares_with_are_left_out():
    assert {row.figure.system.split("-")[0] for row in comparison.compare("duan", [])} == {"duan"}


def test_seeds_are_drawn_together_and_short_runs_are_told():
    records = [
        record("huang-dae", {"mse": around(0.04)}, seed=0),
        record("huang-dae", {"mse": around(0.06)}, seed=2, epochs=4),
    ]
    cell = comparison.cell(records, "common", "huang-dae", "photo2sketch", "mse", "huang")
    assert cell.mean == pytest.approx(0.05, abs=0.005)
    assert cell.low < 0.03 < 0.07 < cell.high  # two numbers say little of what a third would be
    assert (cell.seeds, cell.epochs, cell.planned, cell.short) == ((0, 2), 4, 10, True)


def test_a_diverged_run_is_counted_and_not_averaged():
    lost = Record.of(asdict(Run("league", "huang-vae", "huang-vae")), PEOPLE, {}, {"epochs": None, "diverged": "nan"},
                     {"protocol": "common"})  # fmt: skip
    cell = comparison.cell([lost], "common", "huang-vae", "photo2sketch", "mse", "huang")
    assert (cell.mean, cell.diverged) == (None, (0,))


def test_a_verdict_says_how_many_runs_were_lost():
    run = asdict(Run("league", "huang-casq", "huang-casq", seed=1))
    lost = Record.of(run, PEOPLE, {}, {"epochs": None, "diverged": "nan"}, {"protocol": "common"})
    kept = [record("huang-casq", {"mse": around(0.03)}), record("huang-dae", {"mse": around(0.05)})]
    verdict = comparison.judge(CLAIM, [*kept, lost], "common")
    assert (verdict.word, verdict.seeds, verdict.diverged) == ("holds", (1, 1), (1, 0))


def test_seeds_with_other_test_people_have_no_interval():
    records = [record("huang-dae", {"mse": around(0.10)}, protocol="as-published"),
               record("huang-dae", {"mse": around(0.12)}, seed=1, protocol="as-published")]  # fmt: skip
    records[1] = replace(records[1], identities=[f"q{i:02d}" for i in range(40)])
    cell = comparison.cell(records, "as-published", "huang-dae", "photo2sketch", "mse", "huang")
    assert cell.mean == pytest.approx(0.11, abs=0.005)
    assert (cell.low, cell.high, cell.seeds) == (None, None, (0, 1))


def test_a_loss_is_the_mean_of_the_seeds():
    records = [
        record("huang-dae", {"mse": around(0.1)}, seed=seed, protocol="as-published") for seed in (0, 1)
    ]
    records[1].training["loss"] = 0.75
    cell = comparison.cell(records, "as-published", "huang-dae", "photo2sketch", "loss", "huang")
    assert (cell.mean, cell.seeds) == (0.5, (0, 1))


def test_records_of_other_protocols_are_passed_over():
    """A submission's record may lie in the same folder."""
    stranger = record("huang-dae", {"mse": around(0.1)})
    del stranger.provenance["protocol"]
    assert comparison.cell([stranger], "common", "huang-dae", "photo2sketch", "mse", "huang").mean is None
    assert comparison.judge(CLAIM, [stranger], "common").word == "not run"


def test_rmse_comes_from_each_pictures_mse():
    cell = comparison.cell(
        [record("x", {"mse": [0.04, 0.16] * 20})], "common", "x", "photo2sketch", "rmse", "priovolos"
    )
    assert cell.mean == pytest.approx(0.3)  # roots of 0.04 and 0.16


def test_what_the_common_protocol_measures_otherwise_is_not_compared():
    """Priovolos' MAE is a median."""
    cell = comparison.cell(
        [record("x", {"mae": around(0.1)})], "common", "x", "photo2sketch", "mae", "priovolos"
    )
    assert cell.mean is None
    assert cell.seeds == (0,)


def test_the_bar_is_the_best_baseline_under_the_same_rules():
    records = [record("ridge", {"mse": around(0.03)}), record("grey-gain", {"mse": around(0.05)}),
               record("ridge-huang-200", {"mse": around(0.02)}, protocol="as-published", paper="huang")]  # fmt: skip
    name, value = comparison.bar(records, "common", "photo2sketch", "mse", "huang")
    assert (name, value) == ("ridge", pytest.approx(0.03, abs=0.005))
    assert comparison.bar(records, "as-published", "photo2sketch", "mse", "huang", size=200)[1] < 0.025


@pytest.mark.parametrize(
    ("better", "worse", "word"),
    [(0.03, 0.05, "holds"), (0.05, 0.03, "the reverse"), (0.03, 0.03, "cannot be told")],
)
def test_a_claim_is_judged_person_by_person(better, worse, word):
    records = [
        record("huang-casq", {"mse": around(better, 1)}),
        record("huang-dae", {"mse": around(worse, 2)}),
    ]
    verdict = comparison.judge(CLAIM, records, "common")
    assert verdict.word == word
    assert verdict.low <= verdict.difference <= verdict.high
    assert verdict.difference == pytest.approx(worse - better, abs=0.01)


def test_seeds_that_differ_more_than_the_systems_decide_nothing():
    """0.02, 0.09 and 0.02 against 0.05 three times: the means differ, by less than the runs do."""
    records = [
        record(name, {"mse": around(level, seed)}, seed=seed)
        for name, levels in (("huang-casq", (0.02, 0.09, 0.02)), ("huang-dae", (0.05, 0.05, 0.05)))
        for seed, level in enumerate(levels)
    ]
    verdict = comparison.judge(CLAIM, records, "common")
    assert verdict.p < 0.05
    assert verdict.low < 0 < verdict.high
    assert (verdict.word, verdict.seeds) == ("cannot be told", (3, 3))


def test_a_run_that_was_cut_short_decides_nothing():
    records = [
        record("huang-casq", {"mse": around(0.09)}, epochs=3),
        record("huang-dae", {"mse": around(0.03)}),
    ]
    verdict = comparison.judge(CLAIM, records, "common")
    assert verdict.word == "cut short"
    assert (verdict.epochs, verdict.seeds) == ((3, 10), (1, 1))


def test_a_claim_without_runs_is_not_judged():
    verdict = comparison.judge(CLAIM, [record("huang-dae", {"mse": around(0.05)})], "common")
    assert (verdict.word, verdict.p) == ("not run", None)


def test_claims_are_about_known_systems_and_printed_figures():
    for claim in published.CLAIMS:
        assert claim.metric in HIGHER_IS_BETTER
        for system in (claim.better, claim.worse):
            f2s.methods.get(system)
            assert [f for f in published.FIGURES if (f.paper, f.system, f.task, f.metric, f.dataset)
                    == (claim.paper, system, claim.task, claim.metric, claim.dataset)], claim  # fmt: skip


def test_no_claim_is_entered_twice():
    pairs = [(c.paper, c.task, c.metric, c.better, c.worse, c.dataset) for c in published.CLAIMS]
    assert len(pairs) == len(set(pairs))


def test_the_papers_whole_system_is_claimed_over_each_ablation_of_its_first_table():
    """Duan et al.'s Table I: from sketch to photo only the two ablations that keep the cycle have lines."""
    lines = {
        (f.task, f.metric, f.system) for f in published.FIGURES if (f.paper, f.table) == ("duan", "Table I")
    }
    claimed = {(c.task, c.metric, c.worse) for c in published.CLAIMS if c.better == "duan-msg-sarl"}
    with_a_part_less = {line for line in lines if line[2].startswith("duan-no-")}
    assert with_a_part_less == {line for line in claimed if line[2].startswith("duan-no-")}
    assert len(with_a_part_less) == 10  # three lines and two, by two measures


def test_some_claims_are_denied_by_the_papers_own_tables():
    """Skubisz' Table III: transfer has SSIM 0.746 against 0.768 and MSE 0.028 against 0.022; Venkatesh's: with batch norm
    MAE 0.079 against 0.0618, PSNR 17.53 against 19.38 and SSIM 0.632 against 0.6715 from photo to sketch, MAE 0.186
    against 0.1396 from sketch to photo; Priovolos' Table I: RMSE 0.266 of the dense model against 0.274 and 0.269,
    MAE 0.162 against 0.171; Duan et al.'s Table I: with MSG and attention SSIM 59.94 and FSIM 76.52, with attention alone
    60.60 and 76.90."""
    denied = [
        (c.paper, c.task, c.metric, c.better)
        for c in published.CLAIMS
        if not comparison.judge(c, [], "common").printed
    ]
    assert denied == [
        ("skubisz", "photo2sketch", "ssim", "skubisz-transfer"),
        ("skubisz", "photo2sketch", "mse", "skubisz-transfer"),
        ("duan", "photo2sketch", "ssim", "duan-no-cycle"),
        ("duan", "photo2sketch", "fsim", "duan-no-cycle"),
        ("venkatesh", "photo2sketch", "mae", "venkatesh-conv-bn"),
        ("venkatesh", "photo2sketch", "psnr", "venkatesh-conv-bn"),
        ("venkatesh", "photo2sketch", "ssim", "venkatesh-conv-bn"),
        ("venkatesh", "sketch2photo", "mae", "venkatesh-conv-bn"),
        ("priovolos", "photo2sketch", "rmse", "priovolos-conv"),
        ("priovolos", "photo2sketch", "mae", "priovolos-conv"),
        ("priovolos", "photo2sketch", "rmse", "priovolos-mixed"),
    ]


def test_where_the_seed_draws_the_split_the_same_people_are_compared():
    """One system diverged with seed 0: the first split that both have is that of seed 1."""

    def drawn(arm, mean, seed):
        made = record(arm, {"mse": around(mean)}, seed=seed, protocol="as-published")
        return replace(made, identities=[f"{name} of split {seed}" for name in PEOPLE])

    better = [drawn("huang-casq", 0.03, seed) for seed in (1, 2)]
    worse = [drawn("huang-dae", 0.05, seed) for seed in (0, 1, 2)]
    verdict = comparison.judge(CLAIM, [*better, *worse], "as-published")
    assert (verdict.word, verdict.seeds) == ("holds", (1, 1))


def test_trials_are_no_measurements():
    """`replicate --profile smoke` may have left its records in the same folder."""
    trial = record("huang-casq", {"mse": around(0.01)}, seed=1)
    trial.run["profile"] = "smoke"
    asked = ("common", "huang-casq", "photo2sketch", "mse", "huang")
    assert comparison.cell([trial], *asked).mean is None
    kept = [record("huang-casq", {"mse": around(0.03)}), record("huang-dae", {"mse": around(0.05)})]
    assert comparison.cell([*kept, trial], *asked) == comparison.cell(kept, *asked)
    assert comparison.judge(CLAIM, [*kept, trial], "common") == comparison.judge(CLAIM, kept, "common")
    bar = record("ridge", {"mse": around(0.01)})
    bar.run["profile"] = "smoke"
    assert comparison.bar([bar], "common", "photo2sketch", "mse", "huang") is None


def test_records_of_before_profiles_could_be_chosen_are_measurements():
    old = record("huang-casq", {"mse": around(0.03)})
    del old.run["profile"]
    assert comparison.cell([old], "common", "huang-casq", "photo2sketch", "mse", "huang").seeds == (0,)
