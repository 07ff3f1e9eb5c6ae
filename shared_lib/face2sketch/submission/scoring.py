"""Scores of an entry and of methods that need no network, on the same pictures; intervals, and what can be told apart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__, evaluation, fitting, methods, profiles
from .. import metrics as metric_register
from ..errors import DataError, DownloadError, Face2SketchError, MethodError
from ..replication import scoring as replication_scoring
from .running import at_size
from .work import Work

if TYPE_CHECKING:
    import pandas as pd

    from .protocol import Protocol

RECOGNISED = "recognition"
FEWEST_RECOGNISED = 8
_BACKBONES = {"lpips": "alex", "lpips_squeeze": "squeeze", "lpips_vgg": "vgg"}


@dataclass
class System:
    """One system in one task: its outputs' scores, run by run.

    Attributes:
        task, name: which.
        slug: its name as it can stand in a file name.
        own: whether it is the entry, and not one of the methods beside it.
        seeds: one for each run; None for a method without one.
        scores: metric -> (runs, N).
        sets: for each run what is measured of all outputs together (`replication.scoring.sets_of`).
        outputs: of the first run, uint8 (N, H, W, C), to be looked at.
    """

    task: str
    name: str
    slug: str
    own: bool = False
    seeds: list[int | None] = field(default_factory=list)
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    sets: list[dict] = field(default_factory=list)
    outputs: np.ndarray | None = None

    @property
    def recognition(self) -> list[float]:
        """For each run the share of people recognised; empty where there were too few to recognise."""
        return [sets["nlda"]["accuracy"] for sets in self.sets if "nlda" in sets]


def usable_metrics(names: Sequence[str], protocol: "Protocol") -> tuple[list[str], list[str]]:
    """Those metrics that can be computed here without network, and a line about each of the others.

    Raises:
        MethodError: no metric has that name, or none can be computed.
    """
    usable, notes = [], []
    one = protocol.test[:1].sketches
    for name in dict.fromkeys(names):
        metric = metric_register.get(name)
        try:
            if name in _BACKBONES:
                _weights_at_hand(_BACKBONES[name])
            metric.function(one, one)
        except ImportError:
            notes.append(f"{metric.label} was left out: it needs PyTorch, which is not installed.")
        except DownloadError:
            notes.append(
                f"{metric.label} was left out: its weights are not on this machine, and an evaluation downloads nothing; "
                "f2s.weights.table() says where to have them."
            )
        except (DataError, MethodError, ValueError) as error:
            notes.append(f"{metric.label} was left out: {error}")
        else:
            usable.append(name)
    if not usable:
        raise MethodError("none of these metrics can be computed here: " + " ".join(notes))
    return usable, notes


def _weights_at_hand(backbone: str) -> None:
    """Raises ImportError without PyTorch, DownloadError without weights; never touches the network."""
    from ..metrics.lpips_network import load

    load(backbone, download=False)


def score(
    system: System,
    runs: dict[int | None, np.ndarray],
    protocol: "Protocol",
    metrics: Sequence[str],
    work: Work,
) -> System:
    """Score all runs of a system; what was scored before is recalled.

    Args:
        system: its task and names; the rest is filled in.
        runs: seed -> outputs, uint8 (N, H, W, C).
    """
    found = [_scores(system, seed, outputs, protocol, metrics, work) for seed, outputs in runs.items()]
    system.seeds, system.outputs = list(runs), next(iter(runs.values()))
    system.scores = {metric: np.array([scores[metric] for scores, _ in found]) for metric in metrics}
    system.sets = [sets for _, sets in found]
    return system


def _scores(
    system: System,
    seed: int | None,
    outputs: np.ndarray,
    protocol: "Protocol",
    metrics: Sequence[str],
    work: Work,
) -> tuple[dict[str, np.ndarray], dict[str, dict]]:
    """Metric -> (N,) values of one run, and what is measured of all its outputs together."""
    targets = protocol.test.targets(system.task)
    file = "-".join(["scores", system.slug, system.task, *([f"seed{seed}"] if system.own else [])])
    key = {
        "outputs": hashlib.sha256(np.ascontiguousarray(outputs).data).hexdigest(),
        "test pairs": protocol.test.checksum(), "library": __version__,
    }  # fmt: skip
    facts, known = work.recall(file, key, quietly=True) or ({}, {})
    wanted = [metric for metric in metrics if metric not in known]
    if not wanted:
        return known, facts["sets"]
    scores = known | {metric: metric_register.get(metric).function(targets, outputs) for metric in wanted}
    sets = facts["sets"] if facts else _sets(outputs, protocol, system.task)
    work.store(file, key, {"sets": sets}, scores)
    return scores, sets


def _sets(outputs: np.ndarray, protocol: "Protocol", task: str) -> dict[str, dict]:
    """Recognition, with one picture of each person; nothing where there are too few people to say anything."""
    _, first = np.unique(protocol.test.identities, return_index=True)
    if len(first) < FEWEST_RECOGNISED:
        return {}
    first = np.sort(first)
    return replication_scoring.sets_of(outputs[first], protocol.test[first], task)


def bar(name: str, task: str, protocol: "Protocol", work: Work) -> np.ndarray:
    """Outputs of a method of the register, trained on the same pairs; recalled where that was done before.

    Raises:
        Face2SketchError: the method cannot do the task, or not at this size.
    """
    file = f"beside-{name}-{task}"
    key = {
        "method": name, "task": task, "training pairs": protocol.train.checksum(), "test pairs": protocol.test.checksum(),
        "profile": profiles.profile(), "library": __version__,
    }  # fmt: skip
    if (found := work.recall(file, key)) is not None:
        return found[1]["outputs"]
    fitted = fitting.fit(name, protocol.train, task, progress=False)
    outputs = at_size(fitted.translate(protocol.test.inputs(task)), protocol.size)
    work.store(file, key, {}, {"outputs": outputs})
    return outputs


def known_bars(names: Sequence[str]) -> list[str]:
    """Those of the names that the register has: it may grow."""
    known = {method.id for method in methods.all_methods()}
    return [name for name in names if name in known]


def bar_or_note(name: str, task: str, protocol: "Protocol", work: Work) -> tuple[np.ndarray | None, str]:
    """Outputs, or None and a line that says why there are none."""
    try:
        return bar(name, task, protocol, work), ""
    except Face2SketchError as error:
        return None, f"{name} is not among the methods beside ({task}): {error}"


def summarise(systems: Sequence[System], identities: np.ndarray) -> "pd.DataFrame":
    """A row for each task, system and metric: "mean"; "low" and "high", a 95 % interval over people and training runs
    (`evaluation.interval_of_runs`); "run_min" and "run_max", the lowest and highest mean of one run; "runs", "pictures" and
    "people".

    Recognition is a figure of all people together, and has no interval.
    """
    import pandas as pd

    rows = []
    people = len(np.unique(identities))
    for system in systems:
        for metric, values in system.scores.items():
            low, high = _interval(values, identities)
            row = {"mean": values.mean(), "low": low, "high": high}
            means = values.mean(axis=1)
            rows.append(_row(system, metric, row, means, values.shape[1], people))
        if system.recognition:
            values = np.array(system.recognition)
            row = {"mean": values.mean(), "low": np.nan, "high": np.nan}
            rows.append(_row(system, RECOGNISED, row, values, people, people))
    return pd.DataFrame(rows)


def _row(system: System, metric: str, row: dict, means: np.ndarray, pictures: int, people: int) -> dict:
    return {
        "task": system.task, "system": system.name, "metric": metric, **row, "run_min": means.min(),
        "run_max": means.max(), "runs": len(means), "pictures": pictures, "people": people,
    }  # fmt: skip


def _interval(values: np.ndarray, identities: np.ndarray) -> tuple[float, float]:
    found = evaluation.interval_of_runs(values, identities)
    return found["low"], found["high"]


def long_table(systems: Sequence[System], identities: np.ndarray) -> "pd.DataFrame":
    """Every score: "task", "system", "seed", "identity", "metric", "value"."""
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                "task": system.task, "system": system.name, "seed": seed, "identity": identities, "metric": metric,
                "value": values[run],
            }
        )
        for system in systems
        for metric, values in system.scores.items()
        for run, seed in enumerate(system.seeds)
    ]  # fmt: skip
    columns = ["task", "system", "seed", "identity", "metric", "value"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    return table.astype({"seed": "Int64"})


def wide_table(systems: Sequence[System], identities: np.ndarray) -> "pd.DataFrame":
    """The same with a column for each metric, as it is written to scores.csv."""
    import pandas as pd

    parts = []
    for system in systems:
        for run, seed in enumerate(system.seeds):
            columns = {"task": system.task, "system": system.name, "seed": seed, "identity": identities}
            columns |= {metric: values[run].round(6) for metric, values in system.scores.items()}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True).astype({"seed": "Int64"}) if parts else pd.DataFrame()
