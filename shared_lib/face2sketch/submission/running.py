"""Train a model, once for each task and seed, and look at what it does; or recall what was found before."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__, profiles
from ..data.images import eight_bit, resized
from ..data.pairs import as_size
from ..fitting import OUTPUT_CHANNELS
from ..metrics.structural import SMALLEST_SIDE
from .behaviour import AGAIN, examine, fidelity, in_portions, remembers
from .calling import Problem, call, difference
from .checking import Check
from .entry import Entry, translator
from .fingerprint import dependencies
from .protocol import Protocol
from .work import Work, checksum_of

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

FIT = "Training runs to its end"
SEED = "The same seed, the same model"
DIFFERENT = "Another seed, another model"
SEVERAL = "Several seeds"
REMEMBERED = 40
FEW = 16
ENOUGH_SEEDS = 3


@dataclass
class Outcome:
    """What one training run gave.

    Attributes:
        task, seed: which run.
        outputs: uint8 (N, H, W, C) for the test pairs, at their size; None where there are none to be scored.
        checks: what was found.
        facts: "fit_seconds", "translate_seconds" (a picture), "parameters", each None where unknown, and "pairs".
    """

    task: str
    seed: int
    outputs: np.ndarray | None
    checks: list[Check]
    facts: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """An entry, the pairs at the size it works at, and where work is kept."""

    entry: Entry
    protocol: Protocol
    work: Work

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) the model works at."""
        return self.protocol.size if self.entry.size is None else as_size(self.entry.size)

    @cached_property
    def train(self) -> "FacePairs":
        """The training pairs as the model is given them."""
        return self.protocol.train.resize(self.size)

    @cached_property
    def test(self) -> "FacePairs":
        """The test pairs at the model's size; it only ever sees the inputs."""
        return self.protocol.test.resize(self.size)

    @cached_property
    def _checksums(self) -> tuple[str, str]:
        return self.protocol.train.checksum(), self.protocol.test.checksum()

    def _dependencies(self) -> dict[str, str]:
        return dependencies(self.entry.fit or self.entry.version, self.entry.version)

    @cached_property
    def dependencies(self) -> dict[str, str]:
        """What the training function depends on, as it was before anything ran; of models trained elsewhere, the version."""
        return self._dependencies()

    @property
    def fingerprint(self) -> str:
        """One checksum of all that."""
        return checksum_of(self.dependencies)

    def written(self) -> list[str]:
        """What the training function has itself changed, such as a list of losses: no sign of another function."""
        now = self._dependencies()
        names = now.keys() | self.dependencies.keys()
        return sorted(name for name in names if now.get(name) != self.dependencies.get(name))

    def key(self, task: str, seed: int | str) -> dict:
        """What a stored run must agree with."""
        return {
            "entry": self.entry.name, "task": task, "seed": seed, "code": self.dependencies,
            "training pairs": self._checksums[0], "test pairs": self._checksums[1],
            "size": list(self.size), "profile": profiles.profile(), "library": __version__,
        }  # fmt: skip

    def run(self, task: str, seed: int) -> Outcome:
        """Train with a seed and examine; or what was found when that was done before."""
        if self.entry.fit is None:
            return self._handed_in(task, seed)
        name, key = f"{self.entry.slug}-{task}-seed{seed}", self.key(task, seed)
        if (found := self.work.recall(name, key)) is not None:
            facts, arrays = found
            checks = [Check(**check) for check in facts["checks"]]
            return Outcome(task, seed, arrays["outputs"], checks, facts["facts"])
        train = self.train
        began = time.perf_counter()
        try:
            translate = trained(self.entry, train, task, seed)
        except Problem as problem:
            return Outcome(task, seed, None, [Check(FIT, "failed", f"Training failed: {problem}", task)])
        facts = {
            "fit_seconds": time.perf_counter() - began,
            "pairs": len(train),
            "parameters": _size_of(translate),
        }
        outcome = self._examined(translate, task, seed, facts)
        outcome.checks.insert(
            0, Check(FIT, "passed", f"Trained on {len(train)} pairs without an error.", task)
        )
        if outcome.outputs is not None:
            kept = {"facts": outcome.facts, "checks": [check.as_dict() for check in outcome.checks]}
            kept["written"] = self.written()
            self.work.store(name, key, kept, {"outputs": outcome.outputs})
        return outcome

    def _handed_in(self, task: str, run: int) -> Outcome:
        return self._examined(translator(self.entry.translate[task][run]), task, run, {"fit_seconds": None})

    def _examined(self, translate: Callable, task: str, seed: int, facts: dict) -> Outcome:
        test, size = self.test, self.protocol.size
        began = time.perf_counter()
        outputs, checks = examine(translate, test.inputs(task), test.targets(task))
        seconds = time.perf_counter() - began
        if outputs is not None:
            facts["translate_seconds"] = _seconds_of(translate, test.inputs(task), seconds)
            outputs = at_size(outputs, size)
            checks += self._memory(translate, task, outputs)
        checks = [replace(check, task=task) for check in checks]
        return Outcome(task, seed, outputs, checks, facts)

    def _memory(self, translate: Callable, task: str, outputs: np.ndarray) -> list[Check]:
        """Training people beside test people; nothing where no training pairs are known or the pictures are too small."""
        train, test = self.protocol.train, self.protocol.test
        if self.entry.fit is None:
            known = np.isin(train.identities, self.entry.trained_on)
            if not known.any():
                return []
            train = train[known]
        if min(self.protocol.size) < SMALLEST_SIDE:  # for SSIM
            return []
        places = np.linspace(0, len(train) - 1, min(REMEMBERED, len(train))).astype(int)
        train = train[places]
        inputs = train.resize(self.size).inputs(task).copy()
        try:
            answers = in_portions(translate, inputs, OUTPUT_CHANNELS[task])
        except Problem:
            return []  # it has just answered for the test people: the other checks say what is wrong
        answers = at_size(answers, self.protocol.size)
        people = len(train.people), len(test.people)
        return [
            remembers(fidelity(train.targets(task), answers), fidelity(test.targets(task), outputs), people)
        ]


def trained(entry: Entry, train: "FacePairs", task: str, seed: int) -> Callable:
    """The translating function that the entry's `fit` returns.

    Raises:
        Problem: it raised an exception, or returned something else.
    """
    fitted = call(entry.fit, train, task, seed)
    translate = translator(fitted)
    if translate is None:
        raise Problem(
            f"fit returned {type(fitted).__name__}: it must return a function outputs = translate(inputs), or an object "
            "that has one."
        )
    return translate


def at_size(outputs: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Outputs as uint8 pictures of that size: as a picture file would hold them."""
    pictures = eight_bit(outputs)
    return pictures if pictures.shape[1:3] == tuple(size) else resized(pictures, size)


def _seconds_of(translate: Callable, inputs: np.ndarray, fallback: float) -> float:
    """Seconds a picture, of a further call, when everything is loaded and compiled."""
    some = inputs[:8].copy()
    began = time.perf_counter()
    try:
        call(translate, some)
    except Problem:
        return fallback / len(inputs)
    return (time.perf_counter() - began) / len(some)


def _size_of(translate: Callable) -> int | None:
    """How many numbers were learned, where the model says so."""
    owner = getattr(translate, "__self__", translate)
    try:
        found = owner.parameters
    except Exception:
        return None
    return int(found) if isinstance(found, int | np.integer) else None


def seeds_differ(outcomes: Sequence[Outcome], entry: Entry) -> list[Check]:
    """Were several seeds asked for, and do they matter?"""
    task = outcomes[0].task
    number = len(outcomes)
    way = "ask for seeds=(0, 1, 2)" if entry.fit else "hand in a list of functions, one for each training run"
    if number >= ENOUGH_SEEDS or not entry.random:
        checks = [Check(SEVERAL, "passed", f"{number} training run{'s' if number > 1 else ''}.", task)]
    else:
        checks = [
            Check(
                SEVERAL,
                "warning",
                f"{number} training run{'s' if number > 1 else ''}: with fewer than {ENOUGH_SEEDS} nobody can tell a "
                f"better model from a lucky start; {way}.",
                task,
            )
        ]
    outputs = [outcome.outputs for outcome in outcomes if outcome.outputs is not None]
    if len(outputs) > 1 and not random_when_used(outcomes):
        apart = max(difference(outputs[0], other)[0] for other in outputs[1:])
        checks.append(_about_difference(apart, entry, task))
    return checks


def random_when_used(outcomes: Sequence[Outcome]) -> bool:
    """Whether outputs differ from call to call, so that nothing can be said of seeds by comparing them."""
    return any(check.name == AGAIN and check.status != "passed" for run in outcomes for check in run.checks)


def _about_difference(apart: float, entry: Entry, task: str) -> Check:
    grey = f"{255 * apart:.2f} of 255 grey levels"
    if entry.random and apart == 0:
        return Check(
            DIFFERENT,
            "warning",
            "The seed is ignored: every seed gives the same outputs; pass it on to weights, order and dropout, or say "
            "Entry(random=False) for a method without randomness.",
            task,
        )
    if not entry.random and apart > 1 / 255:
        return Check(
            DIFFERENT,
            "warning",
            f"Said to have no randomness, yet seeds differ by {grey}: leave random=False out.",
            task,
        )
    if not entry.random:
        return Check(DIFFERENT, "passed", "Every seed gives the same, as said (random=False).", task)
    return Check(DIFFERENT, "passed", f"Outputs of different seeds differ by up to {grey} on average.", task)


def same_seed_twice(bench: Bench, task: str, seed: int, fit_seconds: float | None, limit: float) -> Check:
    """Train twice with one seed, on a few people, and compare.

    Args:
        fit_seconds: how long training on everybody took, to foresee how long this will take; None if unknown.
        limit: seconds that it may take.
    """
    name, key = f"{bench.entry.slug}-{task}-same-seed", bench.key(task, seed)
    if (found := bench.work.recall(name, key)) is not None:
        return Check(**found[0]["check"])
    train, test = bench.train, bench.test
    some, asked = train[: min(FEW, len(train))], test[: min(FEW, len(test))].inputs(task)
    foreseen = 2 * (fit_seconds or 0) * len(some) / len(train)
    if foreseen > limit:
        return not_checked(
            f"would take about {foreseen:.0f} seconds, and seed_seconds={limit:.0f} are allowed", task
        )
    answers, began = [], time.perf_counter()
    for _ in range(2):
        if answers and 2 * (time.perf_counter() - began) > limit:
            return not_checked(
                f"one training on {len(some)} pairs took half of what seed_seconds={limit:.0f} allows", task
            )
        try:
            translate = trained(bench.entry, some, task, seed)
            answers.append(in_portions(translate, asked.copy(), OUTPUT_CHANNELS[task]))
        except Problem as problem:
            return not_checked(f"on {len(some)} pairs it failed: {problem}", task)
    check = _about_sameness(*difference(*answers), task)
    bench.work.store(name, key, {"check": check.as_dict(), "written": bench.written()}, {})
    return check


def not_checked(why: str, task: str) -> Check:
    return Check(
        SEED,
        "warning",
        f"Not checked: {why}; see to it yourself before you hand in.",
        task,
    )


def _about_sameness(mean: float, most: float, task: str) -> Check:
    if most <= 1 / 255 + 1e-6:
        return Check(SEED, "passed", "Trained twice with one seed, on a few people: the same outputs.", task)
    status = "failed" if mean > 1 / 255 else "warning"
    why = (
        "seed every generator that you use (NumPy, PyTorch, Keras) at the start of fit"
        if status == "failed"
        else "little enough to come from a GPU's order of adding up, but look for a generator without a seed"
    )
    return Check(
        SEED,
        status,
        f"Trained twice with one seed, on a few people, outputs differ by {255 * mean:.1f} of 255 grey levels on average "
        f"and {255 * most:.0f} at most: {why}.",
        task,
    )
