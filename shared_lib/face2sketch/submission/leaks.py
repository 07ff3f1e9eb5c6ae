"""Is anything of the test people among what a model is trained on? By name, by picture, and by nearly the same picture."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .checking import Check

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

PEOPLE = "Training and test people are apart"
PICTURES = "No test picture was trained on"
ELSEWHERE = "Trained under our eyes"

# Correlation of two pictures of 16 x 16 pixels. Two different people reach 0.95 (CUHK students, photos), 0.96 (their
# sketches) and 0.97 (the built-in faces); a copy with noise stays above 0.999, a darker one above 0.99. One that
# is brighter by 40 of 255 levels, and clips, falls to 0.975: nine in ten of those are found.
ALIKE = 0.985
_COARSE = 16


def by_name(trained_on: Iterable[str], test: "FacePairs", declared: bool = False) -> Check:
    """No test person among those trained on."""
    trained = set(map(str, trained_on))
    if both := sorted(trained & set(test.people)):
        return Check(
            PEOPLE,
            "failed",
            f"{len(both)} of {len(test.people)} test people are among the training people ({_some(both)}): split by "
            "person, with pairs.split(test=0.2), before anything else is done to the pairs.",
        )
    source = "declared as trained on" if declared else "trained on"
    return Check(
        PEOPLE, "passed", f"None of the {len(test.people)} test people is among the {len(trained)} {source}."
    )


def by_picture(train: "FacePairs", test: "FacePairs") -> Check:
    """No test photo or sketch among the training pictures, in any of the eight positions, nor one nearly like it."""
    exact = sorted({who for kind in _KINDS for who in _exact(train, test, kind)})
    if exact:
        return Check(
            PICTURES,
            "failed",
            f"Pictures of {len(exact)} test people are among the training pictures, the same pixels, some perhaps "
            f"mirrored or turned ({_some(exact)}): take them out of the training pairs, whatever they are called there.",
        )
    near = sorted({pair for kind in _KINDS for pair in _near(train, test, kind)})
    if near:
        listed = _some([f"{mine} like {theirs}" for mine, theirs in near])
        return Check(
            PICTURES,
            "warning",
            f"{len(near)} test pictures look nearly like a training picture ({listed}): look at them, and take them out "
            "if they show the same person.",
        )
    return Check(
        PICTURES,
        "passed",
        "No test picture is among the training pictures, mirrored and turned ones included, and none is nearly like one.",
    )


def elsewhere() -> Check:
    """What cannot be known of a model that was handed in trained."""
    return Check(
        ELSEWHERE,
        "warning",
        "The model was trained elsewhere: that it has not seen the test people is its author's word, and nothing beyond "
        "the declared identities could be verified; hand in fit=... to have it trained here.",
    )


_KINDS = ("photos", "sketches")


def _some(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def positions(picture: np.ndarray) -> list[np.ndarray]:
    """A picture (H, W, C) and its mirror image, each turned by 0, 90, 180 and 270 degrees."""
    return [np.rot90(side, turns) for side in (picture, picture[:, ::-1]) for turns in range(4)]


def _digest(picture: np.ndarray) -> bytes:
    """Equal for two pictures exactly if they are equal up to mirroring and turning."""
    return min(
        hashlib.sha256(repr(turned.shape).encode() + np.ascontiguousarray(turned).tobytes()).digest()
        for turned in positions(picture)
    )


def _exact(train: "FacePairs", test: "FacePairs", kind: str) -> list[str]:
    known = {_digest(picture) for picture in getattr(train, kind)}
    pictures = zip(test.identities.tolist(), getattr(test, kind), strict=True)
    return [who for who, picture in pictures if _digest(picture) in known]


def _near(train: "FacePairs", test: "FacePairs", kind: str) -> list[tuple[str, str]]:
    """(test person, training person) for each test picture that looks like a training picture in some position."""
    known = np.array([_coarse(picture) for picture in getattr(train, kind)])
    found = []
    for who, picture in zip(test.identities.tolist(), getattr(test, kind), strict=True):
        asked = np.array([_coarse(turned) for turned in positions(picture)])
        alike = (asked @ known.T).max(axis=0)
        if alike.max() > ALIKE:
            found.append((who, str(train.identities[alike.argmax()])))
    return found


def _coarse(picture: np.ndarray) -> np.ndarray:
    """(256,) grey values of the picture at 16 x 16 pixels, of mean 0 and length 1; zeros for a blank picture."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture if picture.shape[2] == 3 else picture[..., 0]))
    small = image.convert("L").resize((_COARSE, _COARSE), Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float64).ravel()
    values = values - values.mean()
    length = np.sqrt(values @ values)
    return values / length if length > 1e-9 else np.zeros_like(values)
