"""What the public data sets' file names say: which sketch belongs to which photo, and whom they show.

Real names (photo, sketch, person):
    CUHK student    f-005-01        F2-005-01-sz1    f-005      the 88 of the training folder
                    f-039-01        f-039-01-sz1     f-039
                    f1-001-01       f1-001-01-sz1    f1-001     not the f-001 of another list
    AR              m-002-1         Mp-002-1-sz1     m-002
    XM2VTS          000_1_1         000_1_1_sz1      000
    CUFSF (FERET)   00001fb010_930831   00001        00001
So the "2" and the "p" belong to the sketch alone, while the "1" is part of the person.
"""

import re
from collections.abc import Callable, Mapping

from ..errors import DataError

_SIDE_WORDS = re.compile(r"(?:^(?:photo|sketch)e?s?[-_ ]+)|(?:[-_ ]+(?:photo|sketch)e?s?$)|(?:[-_ ]sz\d+$)")
_ALIASES = (
    (re.compile(r"^([fm])2(-\d+-\d+)$"), r"\1\2"),
    (re.compile(r"^([mw])p(-\d+-\d+)$"), r"\1\2"),
)
_FERET = re.compile(r"^(\d{5})[a-z]{2}\d{3}[a-z]?(?:_\d{6})?(?:_[a-z]+)?$")
_PEOPLE = (
    re.compile(r"^([fmw][12p]?-\d{3})-\d{1,2}$"),  # CUHK student and AR
    re.compile(r"^(\d{3})_\d_\d(?:_f\d+)?$"),  # XM2VTS
)


def natural_key(name: str) -> list[int | str]:
    """A key to sort names by as people would: "f1-001" before "f-005" before "f-010", numbers by their value."""
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", name)]


def pair_key(stem: str) -> str:
    """The part of a file's name that a photo and its sketch share, in lower case."""
    key = stem.lower().strip()
    while (shorter := _SIDE_WORDS.sub("", key)) not in ("", key):
        key = shorter
    feret = _FERET.match(key)
    return feret.group(1) if feret else key


def match_sketches(photos: Mapping[tuple, object], sketches: Mapping[tuple, object]) -> dict[tuple, tuple]:
    """Photo key -> sketch key. A sketch's own key comes first, its alias only where that finds no photo."""
    matches = {key: key for key in photos if key in sketches}
    for key in sketches:
        alias = (*key[:-1], _without_alias(key[-1]))
        if key not in photos and alias in photos and alias not in matches:
            matches[alias] = key
    return matches


def _without_alias(key: str) -> str:
    for pattern, replacement in _ALIASES:
        key = pattern.sub(replacement, key)
    return key


def identity_of(stem: str, person: str | Callable[[str], str] | None = None) -> str:
    """The person on the picture called `stem`; `person` as in `folders.folder`."""
    if callable(person):
        return str(person(stem))
    if person is not None:
        found = re.search(person, stem)
        if not found or not found.groups() or not found.group(1):
            raise DataError(
                f"person={person!r} finds nobody in {stem!r}: expected a regular expression with one group"
            )
        return found.group(1)
    key = pair_key(stem)
    for pattern in _PEOPLE:
        if found := pattern.match(key):
            return found.group(1)
    return key
