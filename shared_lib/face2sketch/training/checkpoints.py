"""Checkpoint files: written whole or not at all, and refused when they belong to another run."""

import errno
import json
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from ..errors import SavedFileError

_FORMAT = "face2sketch checkpoint 1"
# RuntimeError: zipfile's, where a changed byte asks for a password or for a compression that it does not know.
# TypeError and AttributeError: a file of NumPy's that holds a single array is opened as that array.
DAMAGE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged .npz file, or another file in its place, may raise."""


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
            file.flush()
            os.fsync(file.fileno())  # or a power cut may leave the new name and not the new content
        part.replace(path)
    except OSError as error:
        # where a file stands in the folder's place this fails too, and would be all that is told
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def check_writable(path: Path) -> None:
    """Find out, before hours of work, whether `write_arrays` could write to `path`; nothing is left behind.

    Raises:
        SavedFileError: a folder of that name, a file where its folder would be, or a folder that cannot be written.
    """
    path = Path(path).absolute()
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        above = next(folder for folder in path.parents if folder.exists())  # the others would be made in it
        part = above / f"{path.name}.{os.getpid()}.part"
        part.touch()
        part.unlink()
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> SavedFileError:
    reason = error.strerror or error
    return SavedFileError(
        f"cannot write {path}: {reason}; name a file in a folder that can be written and has free space"
    )


def read_arrays(
    path: Path, what: str, format_name: str, remedy: str = "copy it here again, or make it again"
) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a file written by `write_arrays`.

    Args:
        path: the file.
        what: what it should be, in words.
        format_name: what its header must say.
        remedy: what the reader can do where it is damaged.

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
    except DAMAGE as error:
        # numpy's own words recommend allow_pickle, which would run a stranger's code
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        raise SavedFileError(f"{path} is not {what}, or it is damaged{reason}: {remedy}") from error
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
    except DAMAGE:
        return 0.0  # resuming will say what is wrong with it


def read_checkpoint(path: Path, fingerprint: dict) -> tuple[dict, dict[str, np.ndarray]]:
    """Place and arrays of a checkpoint.

    Raises:
        SavedFileError: damaged, or its fingerprint differs from `fingerprint`; the message names what
            differs.
    """
    remedy = "delete it to start afresh, or name another checkpoint file"
    header, arrays = read_arrays(path, "a checkpoint of a training run", _FORMAT, remedy)
    saved = header["fingerprint"]
    current = json.loads(json.dumps(fingerprint))
    differing = sorted(k for k in saved.keys() | current.keys() if saved.get(k) != current.get(k))
    if differing:
        listed = "; ".join(line for k in differing for line in _differences(saved.get(k), current.get(k), k))
        raise SavedFileError(f"{path} belongs to another run ({listed}): {remedy}")
    return header["place"], arrays


class _Absent:
    """Stands for an entry that is not there: None may be one that is."""

    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _differences(saved, now, place: str) -> list[str]:
    """What differs between two plain values, and where: of dictionaries and lists only the entries that do."""
    if isinstance(saved, dict) and isinstance(now, dict):
        keys = sorted(saved.keys() | now.keys())
        pairs = [(saved.get(key, _ABSENT), now.get(key, _ABSENT), f"{place}.{key}") for key in keys]
    elif isinstance(saved, list) and isinstance(now, list) and len(saved) == len(now):
        pairs = [(*entries, f"{place}[{number}]") for number, entries in enumerate(zip(saved, now))]
    else:
        return [] if saved == now else [f"{place}: saved {saved!r}, now {now!r}"]
    return [line for pair in pairs for line in _differences(*pair)]
