"""Checks for the exercises of chapter 10, Your own model."""

from collections.abc import Callable, Iterator

import numpy as np

from ._exercise import Property, exercise, numbers


@exercise("Exercise 1 (an entry)")
def entry(attempt: Callable) -> Iterator[Property]:
    """Check that `fit(train, task, seed)` returns nearest neighbour as a function.

    Reference: pictures so different that the nearest one is known; and differences that wrap around in 8 bits.
    """
    from ..data import FacePairs

    photos = np.full((3, 8, 8, 3), 0, np.uint8)
    photos[1], photos[2] = 100, 250
    sketches = np.stack([np.full((8, 8, 1), grey, np.uint8) for grey in (10, 20, 30)])
    train = FacePairs(photos, sketches, ["a", "b", "c"])
    translate = attempt(train, "photo2sketch", 0)
    yield callable(translate), "fit returns a function", f"Yours returns {type(translate).__name__}."
    asked = np.stack([photos[2], photos[0], photos[1]])
    kept = asked.copy()
    found = np.asarray(translate(asked))
    yield (
        found.shape == (3, 8, 8, 1),
        "three photos give three sketches (3, 8, 8, 1)",
        f"Yours gives {found.shape}.",
    )
    yield np.array_equal(asked, kept), "the inputs are left as they were", "Yours changes them in place."
    yield (
        _same(found, [30, 10, 20]),
        "a training photo finds its own sketch, in the order asked",
        f"Yours gives sketches of grey {_greys(found)}, where 30, 10, 20 are right.",
    )
    between = np.stack([np.full((8, 8, 3), grey, np.uint8) for grey in (40, 90, 185)])
    found = np.asarray(translate(between))
    yield (
        _same(found, [10, 20, 30]),
        "40 is nearest to 0, 90 to 100, 185 to 250",
        f"Yours gives {_greys(found)} for 10, 20, 30. Does it subtract 8-bit numbers? 90 - 100 is 246 there.",
    )
    # Half black, half 200: as bright as the flat 100 in all, and at its first pixel as dark as the black one.
    photos[2, :, :4], photos[2, :, 4:] = 0, 200
    told = np.asarray(
        attempt(FacePairs(photos, sketches, ["a", "b", "c"]), "photo2sketch", 0)(photos + np.uint8(3))
    )
    yield (
        _same(told, [10, 20, 30]),
        "a striped photo is told from a flat one of the same brightness, and from one with the same first pixel",
        f"Yours gives {_greys(told)} for 10, 20, 30: square the difference of every pixel, then add.",
    )
    back = np.asarray(attempt(train, "sketch2photo", 0)(np.full((1, 8, 8, 1), 28, np.uint8)))
    yield (
        back.shape == (1, 8, 8, 3) and _same(back, [250]),
        "from sketch to photo it works as well",
        f"Yours gives shape {back.shape} and grey {_greys(back)}, where (1, 8, 8, 3) and 250 are right: use "
        "train.inputs(task) and train.targets(task).",
    )


@exercise("Exercise 2 (leave one out)")
def mean_of_others(attempt: Callable[[np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function that gives, for each picture, the mean of all the others. Reference: a loop."""
    pictures = np.array([0.0, 0.3, 0.9]).reshape(3, 1, 1, 1)
    found = np.asarray(attempt(pictures), dtype=float)
    yield found.shape == pictures.shape, "three pictures give three", f"Yours gives {found.shape}."
    yield (
        np.allclose(found.ravel(), [0.6, 0.45, 0.15]),
        "0, 0.3, 0.9 become 0.6, 0.45, 0.15",
        f"Yours gives {found.ravel().round(3)}. The mean of all three is 0.4: one's own must not be in it.",
    )
    random = np.random.default_rng(0).integers(0, 256, (6, 5, 4, 3)).astype(np.uint8)
    kept = random.copy()
    expected = np.stack([np.delete(random, row, axis=0).mean(axis=0) for row in range(6)])
    found = np.asarray(attempt(random), dtype=float)
    yield (
        np.allclose(found, expected),
        "8-bit colour pictures too",
        "Yours differs: a sum of 8-bit numbers in 8 bits runs over at 255.",
    )
    yield np.array_equal(random, kept), "the pictures are left as they were", "Yours changes them in place."


@exercise("Exercise 3 (mixing two systems)")
def best_share(attempt: Callable[[np.ndarray, np.ndarray, np.ndarray], float]) -> Iterator[Property]:
    """Check a function that gives the share of `a` in the mixture with the smallest squared error.

    Reference: mixtures made with a known share, and a search over a fine grid.
    """
    random = np.random.default_rng(0)
    a, b = random.random((2, 4, 6, 6, 1))
    found = numbers(attempt(a, b, 0.3 * a + 0.7 * b), 1)[0]
    yield (
        bool(np.isclose(found, 0.3)),
        "a target that is 30 % a and 70 % b gives 0.3",
        f"Yours gives {found}." + (" It is the share of b." if np.isclose(found, 0.7) else ""),
    )
    target = random.random((4, 6, 6, 1))
    grid = np.linspace(0, 1, 2001)
    errors = [((target - share * a - (1 - share) * b) ** 2).sum() for share in grid]
    expected, found = grid[int(np.argmin(errors))], numbers(attempt(a, b, target), 1)[0]
    yield (
        abs(found - expected) < 1e-3,
        f"of two systems that are both wrong the best share is {expected:.3f}",
        f"Yours is {found:.3f}: minimise over all pixels of all people together.",
    )
    found = numbers(attempt(a, b, a + 0.5 * (a - b)), 1)[0]
    yield bool(np.isclose(found, 1)), "the share stays at most 1", f"Yours is {found}."
    found = numbers(attempt(a, b, b - 0.5 * (a - b)), 1)[0]
    yield bool(np.isclose(found, 0)), "and at least 0", f"Yours is {found}."
    found = numbers(attempt(a, a, target), 1)[0]
    yield (
        bool(np.isfinite(found)),
        "two equal systems are no reason for a division by zero",
        "Any share is right there, but not nan.",
    )


def _same(found: np.ndarray, greys: list[int]) -> bool:
    """True if each picture is of one grey; outputs may be 8-bit or in [0, 1]."""
    scaled = found if found.dtype == np.uint8 or found.max() > 1 else 255 * found
    return found.ndim == 4 and bool(
        np.allclose(scaled, np.array(greys, float).reshape(-1, 1, 1, 1), atol=0.6)
    )


def _greys(found: np.ndarray) -> list[float]:
    return [round(float(picture.mean()), 1) for picture in found]
