"""On what everybody is judged: which pairs are trained on, which are tested on, and how they were split."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import DataError, DownloadError
from ..profiles import choose

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

TEST_SHARE, SPLIT_SEED = 0.2, 3


@dataclass(frozen=True)
class Protocol:
    """Training and test pairs, and where they come from.

    Attributes:
        train, test: the pairs. A model is given `train`; `test` stays with the evaluator.
        data: what the pairs are, in words.
        split: how they were split, in words.
        common: whether these are the pairs that everybody is judged on who names none of their own.
    """

    train: "FacePairs"
    test: "FacePairs"
    data: str
    split: str
    common: bool

    @property
    def real(self) -> bool:
        """Whether the pictures show people who exist: everything but the built-in faces is taken to."""
        return any(pairs.source != "synthetic" for pairs in (self.train, self.test))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) at which is scored: the test pairs'."""
        return self.test.size

    @property
    def people(self) -> tuple[int, int]:
        """How many are trained on, and how many tested on."""
        return len(self.train.people), len(self.test.people)


def choose_protocol(pairs: "FacePairs | tuple[FacePairs, FacePairs] | None" = None) -> Protocol:
    """The common protocol, or that of given pairs.

    Args:
        pairs: None for the CUHK student pairs with their standard split, where they are on this machine, else the
            built-in faces (how many and how large: by profile). Pairs are split by person: as the data set itself says,
            else a fifth of the people for the test. (train, test) is taken as it is.

    Raises:
        DataError: training and test pairs of different sizes, too few people to split, or FACE2SKETCH_DATA names a folder
            without the pairs.
    """
    if isinstance(pairs, tuple | list):
        train, test = pairs
        if train.size != test.size:
            raise DataError(
                f"training pairs are {train.size} and test pairs {test.size} (height, width): resize() one of them"
            )
        return Protocol(
            train, test, _named(train, test), "made by the author, and handed in as two parts", False
        )
    if pairs is not None:
        return _split(pairs, common=False)
    from .. import data

    try:
        return _split(data.cuhk_student(download=False, progress=False), common=True)
    except (DataError, DownloadError):
        if os.environ.get("FACE2SKETCH_DATA"):
            raise  # whoever names a folder wants the pairs in it
        number, size = choose(smoke=40, book=120, paper=400), choose(smoke=48, book=64, paper=128)
        return _split(data.synthetic(n=number, size=size, seed=0), common=True)


def _split(pairs: "FacePairs", common: bool) -> Protocol:
    if {"train", "test"} <= set(pairs.standard.tolist()):
        train, test = pairs.split("standard")
        how = "the data set's own standard split, by person"
    else:
        train, test = pairs.split(TEST_SHARE, seed=SPLIT_SEED)
        how = f"by person, {TEST_SHARE:.0%} of the people for the test, drawn with seed {SPLIT_SEED}"
    return Protocol(train, test, _named(train, test), how, common)


def _named(train: "FacePairs", test: "FacePairs") -> str:
    names = dict.fromkeys(_source(pairs) for pairs in (train, test))
    return " and ".join(names)


def _source(pairs: "FacePairs") -> str:
    if pairs.source == "synthetic":
        return "the library's built-in faces (drawn by a program; nobody's face)"
    return pairs.source or "pairs without a named source"
