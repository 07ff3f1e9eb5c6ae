"""`FacePairs`: photos and sketches of the same people, the form in which data travels through the library."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError
from . import sheets, splits
from .images import resized

if TYPE_CHECKING:
    import pandas as pd

_CHANNELS = {"photos": 3, "sketches": 1}
_FILTERS = ("lanczos", "bicubic", "bilinear", "area", "nearest")


@dataclass(frozen=True, eq=False, repr=False)
class FacePairs:
    """N face photos, the sketch of each, and who they are. Immutable: every method returns new pairs.

    Attributes:
        photos: uint8 (N, H, W, 3), RGB. The constructor also takes floats in [0, 1].
        sketches: uint8 (N, H, W, 1), of the same H and W.
        identities: (N,) str; two pairs of one identity show one person.
        source: where the pairs come from, in words.
        attributes: one row per pair (hair, glasses, light, ...) where known, else None; treat it as
            read-only.
        standard: (N,) str, the data set's own split: "train", "test", or "" where it has none.

    Raises:
        DataError: no pair at all; shapes, channels, types, ranges or numbers that do not fit together.
    """

    photos: np.ndarray
    sketches: np.ndarray
    identities: np.ndarray
    source: str = ""
    attributes: "pd.DataFrame | None" = None
    standard: np.ndarray | None = None

    def __post_init__(self) -> None:
        photos, sketches = _pictures(self.photos, "photos"), _pictures(self.sketches, "sketches")
        number = len(photos)
        if len(sketches) != number:
            raise DataError(f"{number} photos but {len(sketches)} sketches: every photo needs its sketch")
        if photos.shape[1:3] != sketches.shape[1:3]:
            raise DataError(
                f"photos are {_by(photos.shape[1:3])} but sketches {_by(sketches.shape[1:3])} pixels (height "
                "x width): bring both to one size first"
            )
        identities = _labels(self.identities, "identities", number)
        standard = _labels([""] * number if self.standard is None else self.standard, "standard", number)
        if unknown := sorted(set(standard.tolist()) - {"train", "test", ""}):
            raise DataError(f'standard holds {unknown}: expected "train", "test" or ""')
        attributes = self.attributes
        if attributes is not None:
            if len(attributes) != number:
                raise DataError(
                    f"{number} pairs but {len(attributes)} rows of attributes: expected one row per pair"
                )
            attributes = attributes.reset_index(drop=True)
        for name, value in [
            ("photos", photos), ("sketches", sketches), ("identities", identities), ("source",
            str(self.source)), ("attributes", attributes), ("standard", standard),
        ]:  # fmt: skip
            object.__setattr__(self, name, value)

    # ---- looking at them

    def __len__(self) -> int:
        return len(self.photos)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of every picture, in pixels."""
        return self.photos.shape[1], self.photos.shape[2]

    @property
    def people(self) -> list[str]:
        """The different identities, sorted."""
        return sorted(set(self.identities.tolist()))

    def inputs(self, task: str) -> np.ndarray:
        """What a model is given, uint8: the photos for "photo2sketch", the sketches for "sketch2photo"."""
        return self.photos if _is_photo2sketch(task) else self.sketches

    def targets(self, task: str) -> np.ndarray:
        """What a model should answer, uint8: sketches for "photo2sketch", photos for "sketch2photo"."""
        return self.sketches if _is_photo2sketch(task) else self.photos

    def __repr__(self) -> str:
        height, width = self.size
        marked = [
            f"{(self.standard == label).sum()} {label}"
            for label in ("train", "test")
            if label in self.standard
        ]
        parts = [f"{len(self)} pairs of {len(self.people)} people", f"{height}x{width} (height x width)"]
        parts += [f"standard split {' / '.join(marked)}"] * bool(marked)
        parts += [f"source {self.source!r}"] * bool(self.source)
        return f"FacePairs({', '.join(parts)})"

    def _repr_html_(self) -> str:
        return sheets.as_html(self)

    def contact_sheet(
        self, columns: int = 8, rows: int | None = None, height: int | None = None, margin: int | None = None
    ) -> np.ndarray:
        """All pairs (or the first `rows` x `columns`) on one uint8 RGB picture; see
        `sheets.contact_sheet`.
        """
        return sheets.contact_sheet(self, columns, rows, height, margin)

    # ---- choosing among them

    def __getitem__(self, index: Any) -> "FacePairs":
        """Pairs by int (a FacePairs of one), slice, array of positions, or mask of booleans.

        Raises:
            IndexError: a position out of range, or a mask of another length.
            DataError: nothing would be left.
        """
        if isinstance(index, int | np.integer) and not isinstance(index, bool):
            if not -len(self) <= index < len(self):
                raise IndexError(f"pair {index} of {len(self)}")
            index = slice(int(index) % len(self), int(index) % len(self) + 1)
        elif not isinstance(index, slice):
            index = np.asarray(index)
            if index.size == 0:
                raise DataError(
                    f"an empty selection from {len(self)} pairs: FacePairs hold at least one pair"
                )
            if index.ndim != 1 or index.dtype.kind not in "iub":
                raise DataError(
                    f"pairs are chosen by int, slice, or 1-D array of ints or booleans, not {index!r}"
                )
        return self.replace(
            photos=self.photos[index],
            sketches=self.sketches[index],
            identities=self.identities[index],
            standard=self.standard[index],
            attributes=None if self.attributes is None else self.attributes.iloc[index],
        )

    def __iter__(self) -> Iterator["FacePairs"]:
        return (self[position] for position in range(len(self)))

    def select(self, identities: str | Iterable[str]) -> "FacePairs":
        """All pairs of the named people, in the order in which they are named.

        Raises:
            DataError: a person who is not among these pairs.
        """
        wanted = [identities] if isinstance(identities, str) else [str(identity) for identity in identities]
        if strangers := [name for name in wanted if name not in self.identities]:
            raise DataError(f"no pair of {strangers[:5]}: these pairs show {', '.join(self.people[:5])}, ...")
        return self[np.concatenate([np.flatnonzero(self.identities == name) for name in wanted] or [[]])]

    def shuffle(self, seed: int = 0) -> "FacePairs":
        """The same pairs in a random order. Raises `DataError` for a seed below 0."""
        return self[splits.generator(seed).permutation(len(self))]

    def split(
        self, test: float | str = 0.2, seed: int = 0, *, by: str = "person"
    ) -> tuple["FacePairs", "FacePairs"]:
        """Split into (train, test) with no person on both sides, unless `by="picture"` asks for that mistake.

        Args:
            test: the test side as a fraction of the people (rounded up), as a number of people, or a named
                split: "standard" (the data set's own; 88/100 for CUHK student) or "huang" (the 150/38 of
                Huang's released notebook).
            seed: which random split; the named ones have none.
            by: "person", or "picture" to draw pictures whoever is on them (leaky; to measure the leak).

        Raises:
            DataError: a side would be empty, the named split is unknown or these pairs do not have it.
        """
        if by not in ("person", "picture"):
            raise DataError(f'by={by!r}: expected "person" or "picture"')
        if test == "standard":
            positions = splits.standard(self.standard)
        elif test == "huang":
            positions = splits.huang(self.identities, self.standard)
        elif isinstance(test, str):
            raise DataError(
                f'no split is called {test!r}: expected "standard", "huang", a fraction or a number'
            )
        elif by == "person":
            positions = splits.by_person(self.identities, test, seed)
        else:
            positions = splits.by_picture(len(self), test, seed)
        return self[positions[0]], self[positions[1]]

    # ---- changing their size

    def resize(self, size: int | tuple[int, int], filter: str = "lanczos") -> "FacePairs":
        """Resize every picture to `size` (an int for a square, else (height, width)); the aspect may change.

        Lanczos by default: like area averaging it looks at every pixel it merges, so thin pencil strokes do
        not flicker in and out (OpenCV's and TensorFlow's plain bilinear resizing skip pixels when shrinking);
        unlike area averaging it enlarges smoothly, and 250x200 to 256x256, the papers' case, enlarges.

        Args:
            size: int or (height, width), at least 1.
            filter: "lanczos", "bicubic", "bilinear" (these three antialias), "area" (Pillow's BOX), "nearest".
        """
        size = as_size(size)
        if filter not in _FILTERS:
            raise DataError(f"filter={filter!r}: expected one of {', '.join(_FILTERS)}")
        if size == self.size:
            return self
        return self.replace(
            photos=resized(self.photos, size, filter), sketches=resized(self.sketches, size, filter)
        )

    def crop(self, height: int, width: int | None = None) -> "FacePairs":
        """Cut out the centre, `height` x `width` pixels (Huang: 200x200); width=None means a square.

        Raises:
            DataError: the pictures are smaller than that.
        """
        height, width = as_size(height if width is None else (height, width))
        if height > self.size[0] or width > self.size[1]:
            raise DataError(
                f"cannot crop {_by((height, width))} from pictures of {_by(self.size)} (height x width): "
                "pad() or resize() them first"
            )
        top, left = (self.size[0] - height) // 2, (self.size[1] - width) // 2
        area = np.s_[:, top : top + height, left : left + width]
        return self.replace(photos=self.photos[area], sketches=self.sketches[area])

    def pad(self, height: int, width: int | None = None, value: str | int = "edge") -> "FacePairs":
        """Add a border on all sides, up to `height` x `width` pixels, keeping the picture in the centre.

        Args:
            height, width: the new size; width=None means a square.
            value: "edge" repeats the border pixels, "reflect" mirrors, an int 0..255 is a grey level.
        """
        height, width = as_size(height if width is None else (height, width))
        if height < self.size[0] or width < self.size[1]:
            raise DataError(
                f"cannot pad pictures of {_by(self.size)} to {_by((height, width))}: crop() them instead"
            )
        constant = isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= value <= 255
        if value not in ("edge", "reflect") and not constant:
            raise DataError(f'value={value!r}: expected "edge", "reflect" or a grey level 0..255')
        (top, left) = ((height - self.size[0]) // 2, (width - self.size[1]) // 2)
        widths = [(0, 0), (top, height - self.size[0] - top), (left, width - self.size[1] - left), (0, 0)]
        how = {"mode": "constant", "constant_values": value} if constant else {"mode": value}
        return self.replace(
            photos=np.pad(self.photos, widths, **how), sketches=np.pad(self.sketches, widths, **how)
        )

    # ---- joining and keeping them

    @staticmethod
    def concat(parts: Sequence["FacePairs"]) -> "FacePairs":
        """Join several sets of one size, in order; attributes are kept where every part has them."""
        parts = list(parts)
        if not parts:
            raise DataError("nothing to join: concat() needs at least one FacePairs")
        if len(sizes := sorted({part.size for part in parts})) > 1:
            raise DataError(
                f"sizes differ: {', '.join(map(_by, sizes))} (height x width); resize() or crop() first"
            )
        attributes = None
        if all(part.attributes is not None for part in parts):
            import pandas as pd

            attributes = pd.concat([part.attributes for part in parts], ignore_index=True)
        return FacePairs(
            np.concatenate([part.photos for part in parts]),
            np.concatenate([part.sketches for part in parts]),
            np.concatenate([part.identities for part in parts]),
            " + ".join(dict.fromkeys(part.source for part in parts if part.source)),
            attributes,
            np.concatenate([part.standard for part in parts]),
        )

    def checksum(self) -> str:
        """SHA-256 (hex) of pictures, sizes, identities and standard split: equal exactly when these are."""
        digest = hashlib.sha256(repr(("FacePairs", self.photos.shape)).encode())
        for part in (self.photos, self.sketches):
            digest.update(np.ascontiguousarray(part).data)
        for labels in (self.identities, self.standard):
            digest.update(json.dumps(labels.tolist()).encode())
        return digest.hexdigest()

    def save(self, path: str | os.PathLike) -> Path:
        """Write everything to one compressed `.npz` file (without pickle) and return its path.

        The file appears under its name only when complete. Raises SavedFileError where it cannot be written.
        """
        from . import saved

        return saved.save(self, Path(path))

    @staticmethod
    def load(path: str | os.PathLike) -> "FacePairs":
        """Read what `save` wrote; SavedFileError for a file that is missing, damaged or something else."""
        from . import saved

        return saved.load(Path(path))

    def replace(self, **changes: Any) -> "FacePairs":
        """The same pairs with some fields replaced. Arrays given are taken over: they become read-only."""
        for value in changes.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return FacePairs(**(fields | changes))


def _by(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _is_photo2sketch(task: str) -> bool:
    if task not in ("photo2sketch", "sketch2photo"):
        raise DataError(f'task={task!r}: expected "photo2sketch" or "sketch2photo"')
    return task == "photo2sketch"


def as_size(size: int | Sequence[int]) -> tuple[int, int]:
    """An int for a square, or (height, width), as (height, width); DataError for anything else."""
    if isinstance(size, int | np.integer):
        size = (size, size)
    sides = tuple(size) if isinstance(size, Sequence | np.ndarray) else ()
    if len(sides) != 2 or not all(isinstance(side, int | np.integer) and side >= 1 for side in sides):
        raise DataError(f"size {size!r}: expected one int or (height, width), in pixels")
    return int(sides[0]), int(sides[1])


def _pictures(pictures: np.ndarray, name: str) -> np.ndarray:
    """Check one side of the pairs and return it as read-only uint8 (N, H, W, C)."""
    array, channels = np.asarray(pictures), _CHANNELS[name]
    if array.ndim != 4 or array.shape[3] != channels:
        hint = (
            "; colour sketches: use f2s.data.colour.to_grey"
            if name == "sketches" and array.shape[-1:] == (3,)
            else ""
        )
        raise DataError(
            f"{name} have shape {array.shape}: expected (number, height, width, {channels}){hint}"
        )
    if 0 in array.shape:
        raise DataError(f"{name} are empty (shape {array.shape}): FacePairs hold at least one pair")
    if array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= 0 and high <= 1):  # also catches NaN, which is neither
            raise DataError(
                f"{name} are floats from {low:g} to {high:g}: expected [0, 1], or uint8 from 0 to 255"
            )
        array = np.rint(array * 255).astype(np.uint8)
        array.flags.writeable = False
    elif array.dtype != np.uint8:
        raise DataError(f"{name} have type {array.dtype}: expected uint8 (0..255) or floats in [0, 1]")
    return _frozen(array)


def _labels(labels: Sequence[str], name: str, number: int) -> np.ndarray:
    array = np.asarray(labels)
    if array.shape != (number,):
        raise DataError(f"{name} have shape {array.shape} for {number} pairs: expected one label per pair")
    return _frozen(array if array.dtype.kind == "U" else array.astype(str))


def _frozen(array: np.ndarray) -> np.ndarray:
    """Read-only: a copy where the caller could still write to the array, else the array itself."""
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array
