"""The evaluation itself: train, examine, score, compare, write down."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MethodError
from ..training.progress import progress_bar
from . import leaks
from .checking import Check, as_table, over_seeds
from .comparing import compare
from .entry import Entry
from .page import write_page
from .protocol import Protocol, choose_protocol
from .records import write_records, write_scores
from .report import Report
from .running import Bench, Outcome, not_checked, random_when_used, same_seed_twice, seeds_differ
from .scoring import (
    System,
    bar_or_note,
    known_bars,
    long_table,
    score,
    summarise,
    usable_metrics,
)
from .work import Work

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

METRICS = ("mse", "ssim", "ms_ssim", "fsim", "scoot", "lpips")
BARS = ("mean-target", "median-target", "grey-gain", "ridge", "nearest-10", "lle")


def evaluate_submission(
    entry: Entry,
    pairs: "FacePairs | tuple[FacePairs, FacePairs] | None" = None,
    seeds: Sequence[int] = (0, 1, 2),
    folder: str | Path = "report",
    *,
    metrics: Sequence[str] = METRICS,
    beside: Sequence[str] = BARS,
    pictures: bool = True,
    quick: bool = False,
    seed_seconds: float = 120.0,
    progress: bool = True,
) -> Report:
    """Examine and score a model of your own, beside methods that need no network, and write a report of it.

    The test people are held back here: the model's `fit` is given the training pairs alone. Nothing that goes wrong in
    the model's code ends the evaluation: it becomes a failed check that names the exception and the line. Each training
    run is kept when it is done, so that a call that was stopped can be repeated; runs whose code, pairs or size have
    changed are done anew.

    Args:
        entry: the model.
        pairs: None for the common protocol (the CUHK students' standard split, scored at 200 x 250, where they are on
            this machine, else the built-in faces, by profile); pairs, which are split by person; or (train, test).
        seeds: one training run for each; three at least tell a better model from a lucky start.
        folder: where the report and all that belongs to it is written.
        metrics: names from `face2sketch.metrics.METRICS`; those that cannot be computed here are left out, with a note.
        beside: methods of the register to compare with; those that the register does not have are left out.
        pictures: False leaves the people's pictures out of the report.
        quick: True leaves out the two further trainings that show whether a seed gives the same model twice.
        seed_seconds: these may take so long for each task; where they would take longer they are left out.
        progress: show a progress bar.

    Returns:
        The report; `report.ok` says whether no check failed.

    Raises:
        MethodError: no or repeated seeds, unknown metrics, a name that one of the methods beside has.
        DataError: pairs that cannot be split.
        SavedFileError: the folder cannot be written.
    """
    metrics = (metrics,) if isinstance(metrics, str) else metrics
    protocol = choose_protocol(pairs)
    seeds, folder = _seeds(entry, seeds), Path(folder)
    bars = known_bars(beside)
    if entry.name in bars:
        raise MethodError(f"name={entry.name!r} is a method beside which yours is shown: choose another name")
    usable, notes = usable_metrics(metrics, protocol)
    bench = Bench(entry, protocol, Work(folder / "work"))
    steps = len(entry.tasks) * (len(seeds) + 1 + len(bars))
    with progress_bar(steps, entry.name, progress) as bar:
        result = _Result(bench, usable, notes)
        result.checks += _leaks(entry, protocol)
        for task in entry.tasks:
            result.train(task, seeds, None if quick else seed_seconds, bar.update)
        for task in entry.tasks:
            result.add_beside(task, bars, bar.update)
    return result.write(folder, pictures)


def _seeds(entry: Entry, seeds: Sequence[int]) -> tuple[int, ...]:
    """The runs to be made: seeds, or the numbers of the models that were handed in trained."""
    if entry.translate is not None:
        return tuple(range(len(entry.translate[entry.tasks[0]])))
    seeds = tuple(int(seed) for seed in ([seeds] if isinstance(seeds, int) else seeds))
    if not seeds or len(set(seeds)) < len(seeds):
        raise MethodError(f"seeds={seeds}: expected at least one, and none twice")
    return seeds


def _leaks(entry: Entry, protocol: Protocol) -> list[Check]:
    if entry.fit is None:
        return [leaks.by_name(entry.trained_on, protocol.test, declared=True), leaks.elsewhere()]
    by_name = leaks.by_name(protocol.train.people, protocol.test)
    return [by_name, leaks.by_picture(protocol.train, protocol.test)]


@dataclass
class _Result:
    """What has been found so far."""

    bench: Bench
    metrics: list[str]
    notes: list[str]

    def __post_init__(self) -> None:
        self.checks: list[Check] = []
        self.outcomes: list[Outcome] = []
        self.systems: list[System] = []

    def train(self, task: str, seeds: Sequence[int], seed_seconds: float | None, done) -> None:
        """Every seed of a task, and the checks that need several."""
        outcomes = []
        for seed in seeds:
            outcomes.append(self.bench.run(task, seed))
            done()
        self.outcomes += outcomes
        self.checks += over_seeds({outcome.seed: outcome.checks for outcome in outcomes})
        scored = {outcome.seed: outcome.outputs for outcome in outcomes if outcome.outputs is not None}
        if self.bench.entry.fit is not None and scored:
            self.checks += self._same_seed(task, outcomes, seed_seconds)
        self.checks += seeds_differ(outcomes, self.bench.entry)
        done()
        if scored:
            self._add(System(task, self.bench.entry.name, self.bench.entry.slug, own=True), scored)

    def _add(self, system: System, runs: dict) -> None:
        self.systems.append(score(system, runs, self.bench.protocol, self.metrics, self.bench.work))

    def _same_seed(self, task: str, outcomes: list[Outcome], limit: float | None) -> list[Check]:
        if limit is None:
            self.notes.append("Whether a seed gives the same model twice was not looked at: quick=True.")
            return []
        if random_when_used(outcomes):
            return [not_checked("outputs are random at test time, whatever the seed", task)]
        first = next(outcome for outcome in outcomes if outcome.outputs is not None)
        return [same_seed_twice(self.bench, task, first.seed, first.facts.get("fit_seconds"), limit)]

    def add_beside(self, task: str, bars: Sequence[str], done) -> None:
        """The methods beside which the entry is shown."""
        protocol = self.bench.protocol
        for name in bars:
            outputs, note = bar_or_note(name, task, protocol, self.bench.work)
            if outputs is None:
                self.notes.append(note)
            else:
                self._add(System(task, name, f"beside-{name}"), {None: outputs})
            done()

    def write(self, folder: Path, pictures: bool) -> Report:
        """Records, scores and the page; and all of it as an object."""
        protocol = self.bench.protocol
        identities = protocol.test.identities
        report = Report(
            self.bench.entry.name, as_table(self.checks), long_table(self.systems, identities),
            summarise(self.systems, identities), compare(self.systems, identities), protocol,
            (*self.notes, *self.bench.work.notes), folder,
        )  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        write_records(self.bench, self.outcomes, self.systems, folder / "results")
        write_scores(self.systems, protocol, folder / "scores.csv")
        write_page(report, self.bench.entry, self.outcomes, self.systems, pictures)
        return report
