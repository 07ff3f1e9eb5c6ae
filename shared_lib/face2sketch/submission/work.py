"""What has been computed, kept on disk: an evaluation that was stopped goes on, and a repeated one does only what is new."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import SavedFileError
from ..training.checkpoints import read_arrays, write_arrays

_FORMAT = "face2sketch submission work 1"
_OUTER = "the "  # no name in Python has a space
_WHAT = "work of an evaluation"


@dataclass
class Work:
    """A folder with one file for each training run.

    Attributes:
        folder: where the files are.
        damaged: names of files that could not be read.
        outdated: what has changed -> names of what was computed before that.
    """

    folder: Path
    damaged: list[str] = field(default_factory=list)
    outdated: dict[str, list[str]] = field(default_factory=dict)

    def recall(
        self, name: str, key: dict, quietly: bool = False
    ) -> tuple[dict, dict[str, np.ndarray]] | None:
        """Facts and arrays stored under `name` with this very key; None if they have to be computed (again), which is
        noted unless `quietly`."""
        path = self.path(name)
        if not path.is_file():
            return None
        try:
            header, arrays = read_arrays(path, _WHAT, _FORMAT)
        except SavedFileError:
            self.damaged.append(path.name)
            return None
        differing = _differences(
            header["key"], json.loads(json.dumps(key)), header["facts"].get("written", [])
        )
        if not differing:
            return header["facts"], arrays
        if not quietly:
            self.outdated.setdefault(", ".join(differing), []).append(name)
        return None

    @property
    def notes(self) -> list[str]:
        """What the reader should know about files that were found and not used."""
        lines = [f"{name} was damaged and was computed anew." for name in self.damaged]
        for differing, names in self.outdated.items():
            what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
            lines.append(f"Computed anew, since these have changed: {differing}. ({what})")
        return lines

    def store(self, name: str, key: dict, facts: dict, arrays: dict[str, np.ndarray]) -> None:
        """Keep facts (plain values) and arrays under `name`, in the place of what was there."""
        write_arrays(self.path(name), {"format": _FORMAT, "key": key, "facts": facts}, arrays)

    def path(self, name: str) -> Path:
        """The file of that name."""
        return self.folder / f"{name}.npz"


def checksum_of(values: object) -> str:
    """SHA-256 (hex) of plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _differences(saved: dict, key: dict, written: list[str]) -> list[str]:
    """Names of what differs between two keys; code is told apart part by part, but for what it has written itself."""
    saved, key = (
        {**k.pop("code", {}), **{_OUTER + name: v for name, v in k.items()}} for k in (dict(saved), dict(key))
    )
    names = (saved.keys() | key.keys()) - set(written)
    return sorted(name.removeprefix(_OUTER) for name in names if saved.get(name) != key.get(name))
