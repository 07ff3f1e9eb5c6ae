"""The built-in faces: imaginary people, each as a photo and as a pencil sketch drawn by a process of its own.

    pairs = f2s.data.synthetic(n=64, size=128, seed=0)          # FacePairs
    person = sample_person(seed=0, index=7, hair_style="bun")   # one person, one thing changed
    photo, sketch = draw_photo(person, 256), draw_sketch(person, 256, exaggeration=0.5)

The same seed and index give the same person at every size, whatever `n` is and whoever asked before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from .canvas import Canvas, shrink
from .person import (
    BEARDS,
    CLOTHES,
    GLASSES,
    HAIR_COLOURS,
    HAIR_STYLES,
    Person,
    attributes,
    sample_person,
    stream,
)
from .photo import develop, draw_photo_linear
from .sketch import draw_sketch_float

if TYPE_CHECKING:
    from ..pairs import FacePairs

__all__ = [
    "BEARDS", "CLOTHES", "GLASSES", "HAIR_COLOURS", "HAIR_STYLES", "Person", "attributes", "draw_photo", "draw_sketch",
    "iter_synthetic", "render", "sample_person", "synthetic",
]  # fmt: skip

SMALLEST, LARGEST = 32, 512


def draw_photo(person: Person, size: int | tuple[int, int] = 128) -> np.ndarray:
    """The photo of one person: uint8 (H, W, 3), sRGB.

    `size`: side of a square, or (height, width); 32..512 each, the longer at most twice the shorter. Raises `DataError`.
    """
    canvas = _surface(size)
    picture = shrink(develop(draw_photo_linear(person, canvas), person, canvas), *_shape(size))
    rng = stream(person, 6)
    noise = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
    colour = rng.standard_normal(picture.shape, dtype=np.float32)
    return _bytes(picture + 0.006 * noise + 0.003 * colour)


def draw_sketch(
    person: Person, size: int | tuple[int, int] = 128, exaggeration: float | None = None
) -> np.ndarray:
    """The pencil sketch of one person: uint8 (H, W, 1), 255 is white.

    `exaggeration` replaces the person's own: 0 draws every proportion where the photo has it, 0.3 makes what is long
    30 % longer (and short shorter) against the average face, and lets the hand err in proportion. Range 0..1.
    Raises `DataError` for a size or an exaggeration out of range.
    """
    if exaggeration is not None and not 0 <= exaggeration <= 1:
        raise DataError(f"exaggeration={exaggeration}: expected a number from 0 (true to the photo) to 1.")
    canvas = _surface(size)
    return _bytes(shrink(draw_sketch_float(person, canvas, exaggeration), *_shape(size)))[..., None]


def iter_synthetic(n: int | None = None, size: int | tuple[int, int] = 128, seed: int = 0, start: int = 0, **fixed
                   ) -> Iterator[tuple[np.ndarray, np.ndarray, dict]]:  # fmt: skip
    """Pairs one at a time, holding one in memory: (photo (H, W, 3) uint8, sketch (H, W, 1) uint8, attributes).

    `n=None` never ends. Every further keyword fixes a field of `Person` for all (hair_style="bob", glasses=True, ...).
    """
    _check(n, seed, start)
    _surface(size)
    sample_person(seed, start, **fixed)
    return _stream(n, size, seed, start, fixed)


def _stream(n, size, seed, start, fixed) -> Iterator[tuple[np.ndarray, np.ndarray, dict]]:
    index = start
    while n is None or index < start + n:
        person = sample_person(seed, index, **fixed)
        yield draw_photo(person, size), draw_sketch(person, size), attributes(person)
        index += 1


def render(n: int, size: int | tuple[int, int] = 128, seed: int = 0, start: int = 0, **fixed
           ) -> tuple[np.ndarray, np.ndarray, list[dict]]:  # fmt: skip
    """People `start` .. `start + n - 1` of a seed: photos (n, H, W, 3), sketches (n, H, W, 1), both uint8, and facts."""
    _check(n, seed, start)
    height, width = _shape(size)
    photos = np.empty((n, height, width, 3), np.uint8)
    sketches = np.empty((n, height, width, 1), np.uint8)
    table = []
    for i, (photo, sketch, facts) in enumerate(iter_synthetic(n, size, seed, start, **fixed)):
        photos[i], sketches[i] = photo, sketch
        table.append(facts)
    return photos, sketches, table


def synthetic(
    n: int = 64, size: int | tuple[int, int] = 128, seed: int = 0, start: int = 0, **fixed
) -> FacePairs:
    """`n` imaginary people as `FacePairs` with attributes (hair, glasses, beard, skin tone, pose, light...).

    They are numbers `start` .. `start + n - 1` of the seed's people, and are named so.
    `size`: side of a square or (height, width), 32..512. The pupils stand at 3/8 and 5/8 of the shorter side, at half the
    height, as in the CUHK crops. Photo and sketch are not aligned to the pixel: the artist exaggerates and errs a little.
    Further keywords fix a field for everybody, for instance `hair_style="bob"` or `light=40.0`. Raises `DataError`.
    """
    import pandas as pd

    from ..pairs import FacePairs

    photos, sketches, table = render(n, size, seed, start, **fixed)
    identities = np.array([f"synthetic-{seed}-{index:05d}" for index in range(start, start + n)])
    return FacePairs(
        photos=photos,
        sketches=sketches,
        identities=identities,
        source="synthetic",
        attributes=pd.DataFrame(table),
    )


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _whole(value) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _check(n, seed, start) -> None:
    if n is not None and (not _whole(n) or n < 1):
        raise DataError(f"n={n!r}: expected a whole number of people, 1 or more.")
    if not _whole(seed) or seed < 0:
        raise DataError(f"seed={seed!r}: expected a whole number, 0 or more.")
    if not _whole(start) or start < 0:
        raise DataError(f"start={start!r}: expected the number of the first person, 0 or more.")


def _shape(size) -> tuple[int, int]:
    sides = (size, size) if _whole(size) else tuple(size) if isinstance(size, (tuple, list)) else ()
    if len(sides) != 2 or not all(_whole(side) and SMALLEST <= side <= LARGEST for side in sides):
        raise DataError(
            f"size={size!r}: expected one side or (height, width), each {SMALLEST} to {LARGEST} pixels."
        )
    if max(sides) > 2 * min(sides):
        raise DataError(f"size={size!r}: the longer side may be at most twice the shorter one.")
    return int(sides[0]), int(sides[1])


def _surface(size) -> Canvas:
    """Canvas to draw on: small pictures are drawn larger (1.25 to 4 times), then averaged down."""
    height, width = _shape(size)
    shorter = min(height, width)
    finer = max(1.0, min(1.25, 320 / shorter), (160 if shorter > 64 else 128) / shorter)
    return Canvas(round(height * finer), round(width * finer))
