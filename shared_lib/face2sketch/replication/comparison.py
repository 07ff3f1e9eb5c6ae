"""A paper's table beside ours: claimed, as published, under the common protocol; and which of its conclusions hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import evaluation, published
from ..published import HIGHER_IS_BETTER, Claim, Figure
from .protocols import BARS
from .records import Record

if TYPE_CHECKING:
    import pandas as pd

DATASET = "cuhk-student"
AS_PUBLISHED, COMMON, ABLATIONS = "as-published", "common", "ablations"
# What the common protocol does not measure, or has another measure of the same name for.
_NOT_COMMON = {("priovolos", "mae"), ("venkatesh", "accuracy"), ("venkatesh", "loss")}
_LEVEL = 0.05


@dataclass(frozen=True)
class Cell:
    """What was measured of one system, in one direction, by one measure, under one protocol.

    Attributes:
        mean, low, high: over pictures and seeds, with a 95 % interval over people and seeds; None where nothing was
            measured. There is no interval of a loss, nor where each seed has other test people.
        seeds: of runs that came to an end.
        diverged: seeds of runs whose loss became no number.
        epochs, planned: done in the shortest of these runs, and planned; None where nothing is trained.
    """

    mean: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: tuple[int, ...] = ()
    diverged: tuple[int, ...] = ()
    epochs: float | None = None
    planned: float | None = None

    @property
    def short(self) -> bool:
        """True if a budget ended a training before its planned epochs."""
        return self.epochs is not None and self.planned is not None and self.epochs < self.planned


@dataclass(frozen=True)
class Row:
    """One printed figure and what we measured.

    Attributes:
        figure: what the paper claims.
        as_published, common: ours under its protocol and under the common one.
        bar, common_bar: the best baseline under each, as (id, mean); None where none was run.
    """

    figure: Figure
    as_published: Cell
    common: Cell
    bar: tuple[str, float] | None
    common_bar: tuple[str, float] | None


def compare(paper: str, records: Iterable[Record]) -> list[Row]:
    """A row for each figure that a paper prints of its own systems on the CUHK student pairs, in its order.

    Args:
        paper: key of the paper.
        records: of runs under both protocols.
    """
    records = list(records)
    rows = []
    for figure in published.FIGURES:
        if (figure.paper, figure.dataset) != (paper, DATASET) or not figure.system.startswith(f"{paper}-"):
            continue
        asked = {"task": figure.task, "metric": figure.metric, "paper": paper}
        own = cell(records, AS_PUBLISHED, figure.system, **asked)
        rows.append(
            Row(
                figure, own, cell(records, COMMON, figure.system, **asked),
                bar(records, AS_PUBLISHED, size=_size(figure.system), **asked), bar(records, COMMON, **asked),
            )
        )  # fmt: skip
    return rows


def _size(system: str) -> int | None:
    """The size that a system's as-published runs have: its baselines have the same."""
    from .protocols import as_published

    return next((run.size for run in as_published() if run.arm == system), None)


def cell(records: Iterable[Record], protocol: str, arm: str, task: str, metric: str, paper: str) -> Cell:
    """All runs of an arm under a protocol, taken together; trials, which measure nothing, are left out. A loss is the last
    epoch's, and has no interval."""
    group = [
        r
        for r in records
        if r.provenance.get("protocol") == protocol
        and (r.run["arm"], r.run["task"]) == (arm, task)
        and not r.trial
    ]
    finished = [r for r in group if r.scores]
    diverged = tuple(sorted(r.run["seed"] for r in group if r.training["diverged"]))
    if not finished:
        return Cell(diverged=diverged)
    seeds = tuple(sorted(r.run["seed"] for r in finished))
    trained = [r.training for r in finished if r.training["epochs"] is not None]
    epochs = min((t["epochs"] for t in trained), default=None)
    planned = max((t.get("planned_epochs") or t["epochs"] for t in trained), default=None)
    if protocol == AS_PUBLISHED and metric == "loss":
        losses = [r.training["loss"] for r in finished if r.training["loss"] is not None]
        return Cell(float(np.mean(losses)) if losses else None, None, None, seeds, diverged, epochs, planned)
    tables = [values for r in finished if (values := _values(r, protocol, paper, metric)) is not None]
    if not tables:
        return Cell(seeds=seeds, diverged=diverged, epochs=epochs, planned=planned)
    if len({tuple(r.identities) for r in finished}) > 1:  # another split with each seed
        mean = float(np.mean([values.mean() for values in tables]))
        return Cell(mean, None, None, seeds, diverged, epochs, planned)
    found = evaluation.interval_of_runs(np.array(tables), np.array(finished[0].identities))
    return Cell(found["mean"], found["low"], found["high"], seeds, diverged, epochs, planned)


def _values(record: Record, protocol: str, paper: str, metric: str) -> np.ndarray | None:
    """A value a picture, or None where the protocol does not measure this."""
    if protocol != AS_PUBLISHED:
        if (paper, metric) in _NOT_COMMON:
            return None
        if metric == "rmse" and "mse" in record.scores:
            return np.sqrt(record.scores["mse"])
    return np.array(record.scores[metric]) if metric in record.scores else None


def bar(
    records: Iterable[Record], protocol: str, task: str, metric: str, paper: str, size: int | None = None
) -> tuple[str, float] | None:
    """The best of the baselines under a protocol: its id and its mean."""
    found = {}
    for name in BARS:
        arm = f"{name}-{paper}-{size}" if protocol == AS_PUBLISHED and paper != "duan" else name
        where = protocol if paper != "duan" else COMMON
        measured = cell(records, where, arm, task, metric, paper)
        if measured.mean is not None:
            found[name] = measured.mean
    if not found or metric not in HIGHER_IS_BETTER:
        return None
    best = (max if HIGHER_IS_BETTER[metric] else min)(found, key=found.get)
    return best, found[best]


@dataclass(frozen=True)
class Verdict:
    """Whether measurements bear a claim out.

    Attributes:
        claim: which of two systems the paper finds better.
        printed: True or False: its own figures say so, or not.
        protocol: under which it was tested.
        word: "holds", "the reverse", "cannot be told"; "cut short" if a budget ended one of the trainings before its planned
            epochs, which decides nothing; or "not run".
        difference, low, high: in the better system's favour as above 0, with a 95 % interval over people and runs.
        p: two-sided (`evaluation.paired_test`); None where not run.
        epochs: of the better and of the worse system; None for what is not trained.
        seeds: how many runs of each came to an end.
        diverged: how many of each did not, because their loss became no number.
    """

    claim: Claim
    printed: bool
    protocol: str
    word: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    epochs: tuple[float | None, float | None] = (None, None)
    seeds: tuple[int, int] = (0, 0)
    diverged: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class _Side:
    """One of the two systems of a claim: (runs, N) scores of N pictures, and what they rest on."""

    values: np.ndarray
    identities: list[str]
    short: bool
    epochs: float | None
    diverged: int

    @property
    def means(self) -> "pd.DataFrame":
        """Every picture's score, a mean over runs."""
        import pandas as pd

        return pd.DataFrame({"identity": self.identities, "score": self.values.mean(axis=0)})


def judge(claim: Claim, records: Iterable[Record], protocol: str) -> Verdict:
    """Test a claim, person by person, on the mean over the seeds of each system.

    A difference counts if p is below 0.05 and the interval, over people and runs, leaves out 0: with several seeds, a system
    whose runs differ more than the two systems do is not told from the other. p-values are not corrected for the number
    of claims. Where the seed draws the split as well, the runs of the first split that both systems have are compared.
    """
    records, printed = list(records), _printed(claim)
    sides = [_runs(records, protocol, claim, system) for system in (claim.better, claim.worse)]
    test = _shared_test(*sides)
    better, worse = (_side(runs, test, protocol, claim) for runs in sides)
    if better is None or worse is None:
        return Verdict(claim, printed, protocol, "not run")
    sign = 1 if HIGHER_IS_BETTER[claim.metric] else -1
    gap = evaluation.paired_difference_of_runs(better.values, worse.values, np.array(better.identities))
    low, high = sorted((sign * gap["low"], sign * gap["high"]))
    p = evaluation.paired_test(better.means, worse.means, "score")
    difference = sign * gap["mean"]
    told = p < _LEVEL and not low <= 0 <= high
    word = "cannot be told" if not told else "holds" if difference > 0 else "the reverse"
    if better.short or worse.short:
        word = "cut short"
    lengths, seeds = (better.epochs, worse.epochs), (len(better.values), len(worse.values))
    diverged = (better.diverged, worse.diverged)
    return Verdict(claim, printed, protocol, word, difference, low, high, p, lengths, seeds, diverged)


def _printed(claim: Claim) -> bool:
    value = {
        f.system: f.value
        for f in published.FIGURES
        if (f.paper, f.dataset, f.task, f.metric) == (claim.paper, claim.dataset, claim.task, claim.metric)
    }
    return (value[claim.better] > value[claim.worse]) == HIGHER_IS_BETTER[claim.metric]


def _runs(records: Iterable[Record], protocol: str, claim: Claim, system: str) -> list[Record]:
    """A system's runs, those that diverged among them."""

    def belongs(record: Record) -> bool:
        if protocol == ABLATIONS:
            return record.run["experiment"] == ABLATIONS
        return record.provenance.get("protocol") == protocol

    wanted = (system, claim.task)
    return [r for r in records if belongs(r) and (r.run["arm"], r.run["task"]) == wanted and not r.trial]


def _shared_test(first: list[Record], second: list[Record]) -> list[str] | None:
    """The first test that runs of both came to scores on: with another seed a paper's split may be another."""
    known = [r.identities for r in second if r.scores]
    return next((r.identities for r in first if r.scores and r.identities in known), None)


def _side(runs: list[Record], test: list[str] | None, protocol: str, claim: Claim) -> _Side | None:
    group = [r for r in runs if r.scores and r.identities == test]
    tables = [
        values for r in group if (values := _values(r, protocol, claim.paper, claim.metric)) is not None
    ]
    if not tables:
        return None
    epochs = [r.training["epochs"] for r in group if r.training["epochs"] is not None]
    short = any(not r.complete for r in group)
    diverged = sum(bool(r.training["diverged"]) for r in runs)
    return _Side(np.array(tables), list(group[0].identities), short, min(epochs, default=None), diverged)
