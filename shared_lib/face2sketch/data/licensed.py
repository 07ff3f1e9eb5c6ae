"""CUFS (606 pairs) and CUFSF (1,194 pairs), whose photos need licences, from a folder that the reader supplies.

CUFS joins three sets: CUHK student (188), AR (123) and XM2VTS (295); Wang and Tang, TPAMI 2009. CUFSF draws
on FERET; Zhang, Wang and Tang, CVPR 2011. The usual protocol trains on 88 + 80 + 100 = 268 pairs and tests on
338 (CUFS), or trains on 250 and tests on 944 (CUFSF). The AR, XM2VTS and FERET sides of it are counts: no
list of names comes with the pictures. Where the folders say train and test, they are believed; elsewhere the
first of each set by name are trained on, which has the right counts but not surely the same people as a given
paper's, and a warning says so.
"""

import os
import warnings
from pathlib import Path

import numpy as np

from ..errors import DataError
from .cuhk import standard_split
from .folders import assemble, pictures_below, read_pairs
from .images import PictureWarning
from .pairs import FacePairs

_HOMES = {
    "CUFS": "http://mmlab.ie.cuhk.edu.hk/archive/facesketch.html",
    "CUFSF": "http://mmlab.ie.cuhk.edu.hk/archive/cufsf/",
}
# (name, words in a folder's name, training pairs, test pairs)
_PARTS = (("CUHK", ("cuhk",), 88, 100), ("AR", ("ar",), 80, 43), ("XM2VTS", ("xm2vts", "xm2gts"), 100, 195))
_CUFSF_COUNTS = (250, 944)


def cufs(
    root: str | os.PathLike,
    size: int | tuple[int, int] | None = None,
    *,
    partial: bool = False,
    skip_bad: bool = False,
) -> FacePairs:
    """CUFS from one folder in whose subfolders' names CUHK, AR and XM2VTS occur, each in a known layout.

    Identities are "CUHK/f-005", "AR/m-002", "XM2VTS/000"; the standard split has 268 training and 338 test
    pairs.

    Raises:
        DataError: no such folder, a part missing, or fewer pairs than the part has (unless `partial`).
    """
    files = pictures_below(_supplied(Path(root), "CUFS"))
    parts, absent = [], []
    for name, words, train, test in _PARTS:
        mine = {side: [file for file in files[side] if _is_part(file.group, words)] for side in files}
        if not all(mine.values()):
            absent.append(name)
            continue
        pairs = assemble(mine, f"CUFS {name}", size, partial, skip_bad)
        known = standard_split() if name == "CUHK" else None
        pairs = _with_split(pairs, train, test, known, partial or skip_bad)
        parts.append(pairs.replace(identities=[f"{name}/{identity}" for identity in pairs.identities]))
    if absent and not (partial and parts):
        found = ", ".join(path.name for path in sorted(Path(root).iterdir())[:8])
        raise DataError(
            f"no photos and sketches of {' and '.join(absent)} in {root} (found: {found}); expected CUHK/, AR/ and "
            "XM2VTS/, each with photos/ and sketches/; partial=True goes on with the parts that are there"
        )
    return FacePairs.concat(parts)


def cufsf(
    root: str | os.PathLike,
    size: int | tuple[int, int] | None = None,
    *,
    partial: bool = False,
    skip_bad: bool = False,
) -> FacePairs:
    """CUFSF from one folder with its photos (FERET) and sketches; 250 training and 944 test pairs.

    Raises:
        DataError: no such folder, pictures without partner, or fewer than 1,194 pairs (unless `partial`).
    """
    root = _supplied(Path(root), "CUFSF")
    pairs = read_pairs(root, size=size, partial=partial, skip_bad=skip_bad, source="CUFSF")
    return _with_split(pairs, *_CUFSF_COUNTS, None, partial or skip_bad)


def _supplied(root: Path, name: str) -> Path:
    if root.is_dir():
        return root
    raise DataError(
        f"{name} is not in {root}: this data set cannot be downloaded here, because its photos need "
        f"licences. Ask for it at {_HOMES[name]} and give the folder into which you unpacked it; "
        "f2s.data.cuhk_student() (188 of CUFS's pairs) and f2s.data.synthetic() need no request"
    )


def _is_part(group: str, words: tuple[str, ...]) -> bool:
    """Whether the folders' names (as `folders` puts them, "cuhk/student") name this part: "ar" only as a word."""
    return any(
        token in words or (len(words[0]) > 2 and token.startswith(words)) for token in group.split("/")
    )


def _with_split(
    pairs: FacePairs, train: int, test: int, known: dict[str, str] | None, incomplete: bool
) -> FacePairs:
    """Check the number of pairs, and mark train and test: by list, by the folders' names, or by order."""
    if len(pairs) != train + test and not incomplete:
        raise DataError(
            f"{pairs.source} has {train + test} pairs, {len(pairs)} were found: complete the folder, or pass "
            "partial=True to go on with those"
        )
    if known is not None:
        standard = [known.get(identity, "") for identity in pairs.identities.tolist()]
    elif (pairs.standard != "").all():
        standard = pairs.standard
    else:
        order = np.argsort(pairs.identities, kind="stable")
        standard = np.full(len(pairs), "test ")
        standard[order[:train]] = "train"
        standard = np.char.strip(standard)
        warnings.warn(
            f"{pairs.source}: the folders name no train and test; the first {train} by name are taken for "
            "training, which need not be the people of a given paper",
            PictureWarning,
            stacklevel=3,
        )
    return pairs.replace(standard=standard)
