"""Reading pairs from the folder layouts that people have, joined by person and never by order.

Understood, at any depth below the folder given:
    CUHK_training_cropped_photos/ CUHK_training_cropped_sketches/ CUHK_testing_...   the copies on GitHub
    photos/ sketches/  (or photo/ sketch/)                                           the official archives
    CUHK/photos/ CUHK/sketches/ AR/... XM2VTS/...                                    CUFS in full
and two folders of any names, by `folder(photos, sketches)`. Below one root a folder is a side of the pairs
because its name says photo or sketch; "train" and "test" in a name give the split.
"""

import os
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError
from .images import PictureWarning, Reader, is_picture
from .names import identity_of, match_sketches, pair_key
from .pairs import FacePairs, as_size

Person = str | Callable[[str], str] | None
Sides = dict[str, list["PictureFile"]]  # "photo" and "sketch" -> files
_PHOTO, _SKETCH = "photo", "sketch"
_SPLIT_WORDS = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_EMPTY_WORDS = {"cropped", "original", "images", "image", "pictures", "jpg", "student", "dataset"}
_LAYOUTS = (
    "expected one folder with photos and one with sketches below it (photos/ and sketches/, or the four "
    "folders CUHK_training_cropped_photos, CUHK_training_cropped_sketches, CUHK_testing_...); for two "
    "folders of other names use f2s.data.folder(photos, sketches)"
)


@dataclass(frozen=True)
class PictureFile:
    """A picture file, and what the folders above it say."""

    path: Path
    group: str = ""  # the data set's name among several, e.g. "ar"
    split: str = ""  # "train", "test" or ""


def folder(
    photos: str | os.PathLike,
    sketches: str | os.PathLike | None = None,
    *,
    size: int | tuple[int, int] | None = None,
    partial: bool = False,
    skip_bad: bool = False,
    person: Person = None,
    source: str | None = None,
) -> FacePairs:
    """Pairs from two folders of any names (or, without `sketches`, from one root: see `read_pairs`).

    A photo and a sketch belong together when their names do: the same name, up to case, suffix, and the
    additions of the public data sets (f-005-01.jpg and F2-005-01-sz1.jpg).

    Args:
        photos, sketches: the folders; pictures directly inside them are read.
        size: resize every picture to this (int or (height, width)); None wants all of one size already.
        partial: go on with the pairs that are complete when some pictures have no partner (with a warning).
        skip_bad: go on without pictures that cannot be read (with a warning).
        person: how a file's name gives the person: a regular expression whose first group is the person, or a
            function of the stem. None knows the public data sets, and takes every other name as a person of
            its own.
        source: a description for `FacePairs.source`.

    Raises:
        DataError: a missing or empty folder, a picture without partner, pictures that cannot be read (all of
            them listed), pictures of several sizes without `size`.
    """
    if sketches is None:
        return read_pairs(photos, size=size, partial=partial, skip_bad=skip_bad, person=person, source=source)
    photos, sketches = Path(photos), Path(sketches)
    files = {_PHOTO: _in_folder(photos), _SKETCH: _in_folder(sketches)}
    return assemble(files, source or f"{photos} + {sketches}", size, partial, skip_bad, person)


def read_pairs(
    root: str | os.PathLike,
    *,
    size: int | tuple[int, int] | None = None,
    partial: bool = False,
    skip_bad: bool = False,
    person: Person = None,
    source: str | None = None,
) -> FacePairs:
    """Pairs from one folder, whatever known layout it has (see the module's docstring); arguments as in
    `folder`.
    """
    root = Path(root)
    return assemble(pictures_below(root), source or str(root), size, partial, skip_bad, person)


# ---- finding the files


def _existing(root: Path) -> Path:
    if not root.exists():
        raise DataError(f"folder {root} does not exist: check the path (the current folder is {Path.cwd()})")
    if not root.is_dir():
        raise DataError(f"{root} is a file: expected a folder of pictures (unpack an archive first)")
    return root


def _in_folder(root: Path) -> list[PictureFile]:
    entries = sorted(_existing(root).iterdir())
    files = [PictureFile(path) for path in entries if path.is_file() and is_picture(path)]
    if not files:
        found = ", ".join(path.name for path in entries[:5]) or "nothing"
        raise DataError(
            f"folder {root} holds no pictures (found {found}): expected .jpg, .png, .bmp, .tif, ..."
        )
    return files


def pictures_below(root: Path, depth: int = 5) -> Sides:
    """All pictures below `root`, by side; files in folders that name no side are ignored."""
    files: Sides = {_PHOTO: [], _SKETCH: []}
    found, seen = [], set()
    # Data sets are often linked rather than copied; a link that leads back up must not be walked twice.
    for place, folders, names in os.walk(_existing(root), followlinks=True):
        parts = Path(place).relative_to(root).parts
        if os.path.realpath(place) in seen or len(parts) >= depth:
            folders[:] = []
        if os.path.realpath(place) in seen:
            continue
        seen.add(os.path.realpath(place))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        pictures = [Path(place, name) for name in sorted(names) if is_picture(Path(name))]
        found += [f"{Path(*parts) if parts else '.'} ({len(pictures)} pictures)"] if pictures or parts else []
        side = _side(parts)
        if side:
            group, split = _describe(parts)
            files[side] += [PictureFile(path, group, split) for path in pictures]
    if not files[_PHOTO] or not files[_SKETCH]:
        missing = " and ".join(
            f"no {side}es" if side == _SKETCH else "no photos" for side in files if not files[side]
        )
        below = ", ".join(found[:8]) or "nothing"
        raise DataError(f"{missing} found below {root} (found: {below}); {_LAYOUTS}")
    return files


def _side(parts: Iterable[str]) -> str | None:
    """Photo or sketch, from the innermost folder that says so."""
    for part in reversed(list(parts)):
        words = part.lower()
        if _SKETCH in words or _PHOTO in words:
            return _SKETCH if words.rfind(_SKETCH) > words.rfind(_PHOTO) else _PHOTO
    return None


def _describe(parts: Iterable[str]) -> tuple[str, str]:
    """(group, split) from the folders' names, once the words for the sides are taken out."""
    words = [word for part in parts for word in re.split(r"[^a-z0-9]+", part.lower()) if word]
    splits = [_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS]
    rest = [
        word for word in words
        if word not in _SPLIT_WORDS and word not in _EMPTY_WORDS and _PHOTO not in word and _SKETCH not in
        word and not word.isdigit()
    ]  # fmt: skip
    return "/".join(dict.fromkeys(rest)), splits[-1] if splits else ""


# ---- joining and reading them


def assemble(
    files: Sides,
    source: str,
    size: int | tuple[int, int] | None = None,
    partial: bool = False,
    skip_bad: bool = False,
    person: Person = None,
) -> FacePairs:
    """Join the files of the two sides by person and read them; arguments as in `folder`."""
    matched = _match(files, partial)
    wanted = None if size is None else as_size(size)
    reader, kept = Reader(), []
    for photo, sketch in matched:
        pictures = reader.read(photo.path, 3, wanted), reader.read(sketch.path, 1, wanted)
        if pictures[0] is not None and pictures[1] is not None:
            kept.append((photo, sketch, *pictures))
    if wanted is None:
        kept = _of_one_size(kept, reader)
    reader.conclude(skip_bad, stacklevel=4)
    if not kept:
        raise DataError(f"no pair left to read from {source}: every pair had a picture that cannot be used")
    return FacePairs(
        photos=_stack([entry[2] for entry in kept]),
        sketches=_stack([entry[3] for entry in kept]),
        identities=_identities([entry[0] for entry in kept], person),
        source=source,
        standard=[photo.split or sketch.split for photo, sketch, *_ in kept],
    )


def _stack(pictures: list[np.ndarray]) -> np.ndarray:
    stacked = np.stack(pictures)
    stacked.flags.writeable = False  # handed over for good: spares FacePairs a copy
    return stacked


def _of_one_size(kept: list[tuple], reader: Reader) -> list[tuple]:
    """The pairs whose two pictures have the most frequent size; the others become problems that name their
    size.
    """
    sizes = Counter(picture.shape[:2] for _, _, *pictures in kept for picture in pictures)
    if len(sizes) < 2:
        return kept
    usual = sizes.most_common(1)[0][0]
    good = []
    for photo, sketch, *pictures in kept:
        odd = [
            (f.path, p.shape) for f, p in zip((photo, sketch), pictures, strict=True) if p.shape[:2] != usual
        ]
        for path, shape in odd:
            reader.problems[path] = (
                f"is {shape[0]}x{shape[1]} (height x width) where most pictures are {usual[0]}x{usual[1]}: "
                "to resize all, give size=(height, width), or --size on the command line"
            )
        good += [] if odd else [(photo, sketch, *pictures)]
    return good


def _match(files: Sides, partial: bool) -> list[tuple[PictureFile, PictureFile]]:
    """(photo, sketch) for each person, sorted by the photo's place and name."""
    places = {side: {(file.group, file.split) for file in files[side]} for side in files}
    # Folders that differ in more than the side (photos/train against sketches/) cannot be told apart by
    # place.
    by_place = places[_PHOTO] == places[_SKETCH]
    photos, sketches = (_index(files[side], by_place) for side in (_PHOTO, _SKETCH))
    matches = match_sketches(photos, sketches)
    alone = [photos[key].path for key in photos if key not in matches]
    alone += [file.path for key, file in sketches.items() if key not in set(matches.values())]
    if alone:
        listed = "\n".join(f"  {path}" for path in alone)
        if not matches:
            example = f"{alone[0].name} and {next(iter(sketches.values())).path.name}"
            raise DataError(
                f"no photo and sketch share a name (e.g. {example}): name each sketch like its photo"
            )
        if not partial:
            raise DataError(
                f"{len(alone)} pictures have no partner of the same name:\n{listed}\n"
                f"Add or rename the missing partners; in Python, partial=True goes on with the {len(matches)} complete pairs"
            )
        warnings.warn(
            f"{len(alone)} pictures without partner were left out:\n{listed}", PictureWarning, stacklevel=4
        )
    ordered = sorted(matches, key=lambda key: (photos[key].group, photos[key].path.name, photos[key].path))
    return [(photos[key], sketches[matches[key]]) for key in ordered]


def _index(files: list[PictureFile], by_place: bool) -> dict[tuple, PictureFile]:
    index: dict[tuple, list[PictureFile]] = defaultdict(list)
    for file in files:
        place = (file.group, file.split) if by_place else ("", "")
        index[*place, pair_key(file.path.stem)].append(file)
    if doubles := [entry for entry in index.values() if len(entry) > 1]:
        listed = "\n".join("  " + ", ".join(str(file.path) for file in entry) for entry in doubles)
        raise DataError(
            f"several pictures of one name on one side, so that no pair is certain:\n{listed}\nKeep one each"
        )
    return {key: entry[0] for key, entry in index.items()}


def _identities(photos: list[PictureFile], person: Person) -> list[str]:
    """Who each photo shows; prefixed by data set (or split) where two different files would else be one
    person.
    """
    names = [identity_of(file.path.stem, person) for file in photos]
    if len({file.group for file in photos}) > 1:
        return [f"{file.group}/{name}".lstrip("/") for file, name in zip(photos, names, strict=True)]
    splits = defaultdict(set)
    for file, name in zip(photos, names, strict=True):
        splits[name].add(file.split)
    if person is None and any(len(sides) > 1 for sides in splits.values()):
        # train/1.jpg and test/1.jpg are numbered pictures, not one person; with `person` given, the reader
        # has spoken.
        return [f"{file.split}/{name}".lstrip("/") for file, name in zip(photos, names, strict=True)]
    return names
