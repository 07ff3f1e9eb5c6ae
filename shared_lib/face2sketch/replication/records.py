"""Records of runs: one JSON file each, complete or not there at all."""

import json
import os
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import SavedFileError
from ..evaluation import bootstrap_means, ends, interval_of_runs

if TYPE_CHECKING:
    import pandas as pd

_KIND = "face2sketch record"
_FORMAT = f"{_KIND} 2"
_GOES_ON_AFTER = 1.02  # a budget this many times the training's own time is a larger one


class DamagedRecordError(SavedFileError):
    """A file that is no record, or no longer."""


@dataclass(frozen=True)
class Record:
    """What one run gave.

    Attributes:
        run: the run's description, as plain values (`runs.Run`).
        identities: test people, one for each test picture.
        scores: metric -> one value for each test picture; empty for a run that diverged or is "unlearned".
        training: "pairs", "epochs" done (a budget may end one half-way), "planned_epochs", "seconds", "loss" (the last
            epoch's), and "diverged" (what was said, or None). Where a network learns both directions in turn and the
            budget ended before this one's turn, "unlearned" says so.
        provenance: `provenance.provenance_of`. Records of before 27 November 2026 know no device, memory or commit.
        sets: what is measured of all outputs together (`scoring.sets_of`); empty where it was not asked.
        summary: metric -> {"mean", "low", "high"}: the mean over pictures with its 95 % interval over people.
    """

    run: dict
    identities: list[str]
    scores: dict[str, list[float]]
    training: dict
    provenance: dict
    sets: dict = field(default_factory=dict)
    summary: dict = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        run: dict,
        identities: list[str],
        scores: dict,
        training: dict,
        provenance: dict,
        sets: dict | None = None,
    ) -> "Record":
        """A record with its summary."""
        return cls(run, identities, scores, training, provenance, sets or {}, summarised(scores, identities))

    @property
    def trial(self) -> bool:
        """True for a run that tried things out (`replicate --profile smoke`): an epoch or two, no measurement."""
        return self.run.get("profile", "paper") != "paper"  # records made before there was a choice name none

    @property
    def complete(self) -> bool:
        """False if a budget ended the training before its planned epochs."""
        done, planned = self.training["epochs"], self.training.get("planned_epochs")
        return planned is None or done >= planned

    def may_go_on(self, minutes: float | None) -> bool:
        """True if a budget ended the training, and `minutes` (None: without end) is a larger one."""
        if self.complete:
            return False
        return minutes is None or 60 * minutes > _GOES_ON_AFTER * self.training["seconds"]

    def write(self, path: Path) -> None:
        """Write to `path` by way of a file beside it."""
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = {"format": _FORMAT, **vars(self)}
            written = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in lines.items())
            with part.open("w", encoding="utf-8") as file:
                file.write(f"{{\n{written}\n}}\n")  # a line for each field
                file.flush()
                os.fsync(file.fileno())  # or a power cut may leave the new name and not the new content
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise SavedFileError(f"cannot write {path}: {error.strerror or error}") from error

    @classmethod
    def read(cls, path: Path) -> "Record":
        """The record in a file.

        Raises:
            DamagedRecordError: the file is not a record, or is damaged.
            SavedFileError: it cannot be read, or another version of the library wrote it.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = content.pop("format")
            if found == _FORMAT:
                return cls(**content)
            if not found.startswith(_KIND):
                raise KeyError(f"format {found!r}")
        except OSError as error:
            raise SavedFileError(f"cannot read {path}: {error.strerror or error}; try again") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedRecordError(
                f"{path} is not a record of a run ({type(error).__name__}: {error}): delete it and run again"
            ) from error
        raise SavedFileError(
            f"{path} holds {found!r}, and this version of the library reads {_FORMAT!r}: use the version that wrote it, or "
            "another folder"
        )


def summarised(scores: dict[str, list[float]], identities: list[str]) -> dict[str, dict[str, float]]:
    """Mean over pictures and 95 % bootstrap interval over people, to six decimals."""
    if not scores:
        return {}
    means = bootstrap_means(np.array(list(scores.values())).T, np.array(identities))
    low, high = ends(means)
    return {
        name: {
            "mean": round(float(np.mean(scores[name])), 6),
            "low": round(float(a), 6),
            "high": round(float(b), 6),
        }
        for name, a, b in zip(scores, low, high, strict=True)
    }


def read_records(folder: Path) -> list[Record]:
    """All records in a folder and its subfolders, sorted by path. A damaged one is left out, with a warning."""
    records = []
    for path in sorted(Path(folder).rglob("*.json")):
        try:
            records.append(Record.read(path))
        except SavedFileError as error:
            warnings.warn(str(error), stacklevel=2)
    return records


def summary(
    records: list[Record], by: tuple[str, ...], metrics: tuple[str, ...] = ("mse", "ssim")
) -> "pd.DataFrame":
    """Scores of runs that differ in their seed alone, taken together.

    Args:
        records: runs of one experiment.
        by: names of the run's fields, or of its options, that tell the groups apart.
        metrics: names among the records' scores.

    Returns:
        One row for each group: the fields of `by`, "runs", "diverged", "epochs", and for each metric m its mean
        over pictures and seeds ("m"), a 95 % interval over people and seeds ("m_low", "m_high"; `interval_of_runs`), and the
        lowest and highest mean of a single run ("m_run_min", "m_run_max").
    """
    import pandas as pd

    groups: dict[tuple, list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(_field(record.run, name) for name in by), []).append(record)
    rows = []
    for values, group in groups.items():
        finished = [record for record in group if record.scores]
        row = dict(zip(by, values, strict=True))
        row |= {"runs": len(group), "diverged": sum(bool(record.training["diverged"]) for record in group)}
        row["epochs"] = max((r.training["epochs"] or 0 for r in group), default=0)
        for metric in metrics:
            row |= _interval(metric, finished)
        rows.append(row)
    return pd.DataFrame(rows)


def _field(run: dict, name: str):
    return run[name] if name in run else run["options"].get(name)


def _interval(metric: str, records: list[Record]) -> dict[str, float]:
    if not records:
        return {}
    scores = np.array([record.scores[metric] for record in records])
    found = interval_of_runs(scores, np.array(records[0].identities))
    runs = scores.mean(axis=1)
    return {
        metric: found["mean"], f"{metric}_low": found["low"], f"{metric}_high": found["high"],
        f"{metric}_run_min": float(runs.min()), f"{metric}_run_max": float(runs.max()),
    }  # fmt: skip
