"""What is written beside the report: a record for each run, as the replication's own, and a table of every score."""

import os
import platform
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .. import profiles
from ..errors import SavedFileError
from ..replication.records import Record
from ..replication.runs import Run
from .protocol import Protocol
from .running import Bench, Outcome
from .scoring import System, wide_table

EXPERIMENT = "submissions"
_PACKAGES = ("face2sketch", "numpy", "scikit-image", "keras", "tensorflow", "torch", "jax", "scikit-learn")


def machine() -> str:
    """Cores, architecture and system; the graphics card, if PyTorch is loaded and sees one."""
    words = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        words += f", {torch.cuda.get_device_name(0)}"
    return words


def versions() -> dict[str, str]:
    """Installed versions of what a score may depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write_records(
    bench: Bench, outcomes: Sequence[Outcome], systems: Sequence[System], folder: Path
) -> list[Path]:
    """One record for each training run that gave outputs, in `folder`/submissions; older ones of changed code go.

    The arm and the method of a record are the entry's name; its scores are those of every test picture.
    """
    scores = {system.task: system for system in systems if system.own}
    fresh = {
        _path(bench, run, folder): _record(bench, run, scores[run.task])
        for run in outcomes
        if run.outputs is not None
    }
    _remove_stale(bench, folder / EXPERIMENT, set(fresh))
    for path, record in fresh.items():
        record.write(path)
    return list(fresh)


def _run(bench: Bench, outcome: Outcome) -> Run:
    entry, protocol = bench.entry, bench.protocol
    return Run(
        EXPERIMENT, entry.name, entry.name, outcome.task, outcome.seed, max(bench.size), protocol.split,
        whole=True, profile="smoke" if profiles.profile() == "smoke" else "paper",  # a trial, or a measurement
        options={"data": protocol.data, "version": entry.version, "authors": entry.authors},
    )  # fmt: skip


def _path(bench: Bench, outcome: Outcome, folder: Path) -> Path:
    """A name fit for a file, whatever the entry is called."""
    return replace(_run(bench, outcome), arm=bench.entry.slug).path(folder)


def _record(bench: Bench, outcome: Outcome, system: System) -> Record:
    protocol, facts = bench.protocol, outcome.facts
    place = system.seeds.index(outcome.seed)
    scores = {metric: values[place].round(6).tolist() for metric, values in system.scores.items()}
    training = {
        "pairs": facts.get("pairs"), "epochs": None, "seconds": facts.get("fit_seconds"), "loss": None, "diverged": None,
        "parameters": facts.get("parameters"), "translate_seconds": facts.get("translate_seconds"),
    }  # fmt: skip
    found = versions()
    provenance = {
        "date": date.today().isoformat(),
        "protocol": "submission",
        "data": {"train": protocol.train.checksum(), "test": protocol.test.checksum()},
        "size": list(protocol.size), "split": protocol.split, "machine": machine(), "python": found.pop("python"),
        "versions": found, "fingerprint": bench.fingerprint,
        "checks": {check.name: check.status for check in outcome.checks},
    }  # fmt: skip
    return Record.of(
        asdict(_run(bench, outcome)),
        protocol.test.identities.tolist(),
        scores,
        training,
        provenance,
        system.sets[place],
    )


def _remove_stale(bench: Bench, folder: Path, fresh: set[Path]) -> None:
    """Records of this entry that belong to other code or other pairs: beside new ones they would count as further seeds."""
    data = {"train": bench.protocol.train.checksum(), "test": bench.protocol.test.checksum()}
    for path in set(folder.glob(f"{bench.entry.slug}-*.json")) - fresh:
        try:
            record = Record.read(path)
        except SavedFileError:
            continue
        same = record.provenance.get("fingerprint") == bench.fingerprint and record.provenance["data"] == data
        if record.run["arm"] == bench.entry.name and not same:
            path.unlink()


def write_scores(systems: Sequence[System], protocol: Protocol, path: Path) -> None:
    """Every picture's score: task, system, seed, identity, and a column for each metric."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        wide_table(systems, protocol.test.identities).to_csv(part, index=False)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # where the place is no folder there is nothing to take away
            part.unlink(missing_ok=True)
        raise SavedFileError(f"cannot write {path}: {error.strerror or error}") from error
