"""Checkpoint files: written whole or not at all, and refused when they belong to another run."""

import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ..errors import SavedFileError

_FORMAT = "face2sketch checkpoint 1"


class SaveTimer:
    """When to save: every so many seconds, and less often where it takes long: 425 million weights take 20 s to write.

    Args:
        every: seconds from the end of one save to the next, at least.
        clock: seconds, from anywhere.
    """

    SHARE = 20  # of the time, at most one part in so many goes into saving

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self._saved_at, self._took = clock(), 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return self._clock() - self._saved_at > max(self._every, self.SHARE * self._took)

    @contextmanager
    def saving(self) -> Iterator[None]:
        """To be around what saves."""
        started = self._clock()
        yield
        self._saved_at = self._clock()
        self._took = self._saved_at - started


def write_arrays(path: Path, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write a header and arrays to `path` in numpy's npz format, by way of a temporary file beside it.

    Raises:
        SavedFileError: the file cannot be written.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, header=np.array(json.dumps(header)), **arrays)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SavedFileError(
            f"cannot write {path}: {error.strerror or error}; choose a folder with free space"
        ) from error


def read_arrays(path: Path, what: str, format_name: str) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a file written by `write_arrays`.

    Raises:
        SavedFileError: no such file, a damaged one, or not one of the expected format.
    """
    path = Path(path)
    if not path.is_file():
        raise SavedFileError(f"{path}: no such file; expected {what}")
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file["header"]))
            arrays = {name: file[name] for name in file.files if name != "header"}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise SavedFileError(
            f"{path} is not {what}, or it is damaged ({type(error).__name__}: {error})"
        ) from error
    found = header.get("format") if isinstance(header, dict) else None
    if found != format_name:
        raise SavedFileError(f"{path} holds {found!r}: expected {format_name!r}, that is, {what}")
    return header, arrays


def write_checkpoint(path: Path, fingerprint: dict, place: dict, arrays: dict[str, np.ndarray]) -> None:
    """Save a run: its fingerprint, its place, and all arrays that it changes, by name."""
    write_arrays(path, {"format": _FORMAT, "fingerprint": fingerprint, "place": place}, arrays)


def seconds_so_far(path: Path) -> float:
    """Seconds of training behind a checkpoint, without reading its arrays; 0 where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return float(json.loads(str(file["header"]))["place"]["seconds"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return 0.0  # resuming will say what is wrong with it


def read_checkpoint(path: Path, fingerprint: dict) -> tuple[dict, dict[str, np.ndarray]]:
    """Place and arrays of a checkpoint.

    Raises:
        SavedFileError: damaged, or its fingerprint differs from `fingerprint`; the message names what
            differs.
    """
    header, arrays = read_arrays(path, "a checkpoint of a training run", _FORMAT)
    saved = header["fingerprint"]
    current = json.loads(json.dumps(fingerprint))
    differing = sorted(k for k in saved.keys() | current.keys() if saved.get(k) != current.get(k))
    if differing:
        listed = "; ".join(f"{k}: saved {saved.get(k)!r}, now {current.get(k)!r}" for k in differing)
        raise SavedFileError(
            f"{path} belongs to another run ({listed}): delete it to start afresh, or name another checkpoint file"
        )
    return header["place"], arrays
