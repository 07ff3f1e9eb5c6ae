"""Checks for the exercises of chapter 8, MSG-SARL."""

from collections.abc import Callable, Iterator

import numpy as np

from ._exercise import Property, exercise


@exercise("Exercise 1 (position attention)")
def position_attention(
    attempt: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float], np.ndarray],
) -> Iterator[Property]:
    """Check a function of keys a and queries b (d, N), values c and features m (C, N), and alpha that gives E (C, N) of
    Eqs. 6 and 8, with one softmax.

    Reference values: closed forms, and sums position by position.
    """
    random = np.random.default_rng(8)
    a, b = random.normal(size=(2, 2, 6))
    c, m = random.normal(size=(2, 3, 6))
    found = np.asarray(attempt(a, b, c, m, 0.5))
    yield (
        found.shape == (3, 6),
        "3 channels at 6 positions give as many",
        f"Yours has the shape {found.shape}: the answer is as large as m.",
    )
    yield (
        np.allclose(attempt(a, b, c, m, 0.0), m),
        "alpha = 0 gives the features back",
        "The weighted sum is multiplied by alpha, and m is added whole.",
    )
    same = np.asarray(attempt(a, np.zeros((2, 6)), c, m, 1.0)) - m
    yield (
        np.allclose(same, c.mean(axis=1, keepdims=True)),
        "a position whose query is zero receives the mean of all values",
        "All its products are 0, so all N weights must be 1/N.",
    )
    only = np.zeros((2, 6))
    only[:, 4] = 50.0
    picked = np.asarray(attempt(only, np.ones((2, 6)), c, m, 1.0)) - m
    yield (
        np.allclose(picked, c[:, [4]]),
        "if one position's key matches by far the best, every position receives that one's value",
        "The softmax runs over i, the positions that are looked at, and not over j, those that look; and it is taken once: "
        "a second one (Eq. 7) makes all shares nearly even.",
    )
    wanted = m + 0.5 * np.stack([_received(a, b[:, j], c) for j in range(6)], axis=1)
    yield (
        np.allclose(found, wanted),
        "random features agree with sums position by position",
        f"{_largest(found, wanted)} Eq. 6 divides the products by nothing: no root of d here.",
    )
    with np.errstate(all="ignore"):
        large = np.asarray(attempt(900 * a, b, c, m, 1.0))
    yield (
        bool(np.isfinite(large).all()),
        "products in the thousands do not overflow",
        "Take the largest of each row away before the exponential: the shares stay the same.",
    )


def _received(keys: np.ndarray, query: np.ndarray, values: np.ndarray) -> np.ndarray:
    """What one position receives."""
    shares = np.array([np.exp(query @ keys[:, i]) for i in range(keys.shape[1])])
    return sum(share / shares.sum() * values[:, i] for i, share in enumerate(shares))


@exercise("Exercise 2 (one stamp for two steps)")
def merged_kernel(attempt: Callable[[np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function that turns a 3x3 kernel into the 4x4 stamp of a transposed convolution of stride 2.

    Reference values: enlarging and convolving, pixel by pixel.
    """
    centre = np.zeros((3, 3))
    centre[1, 1] = 1.0
    block = np.zeros((4, 4))
    block[1:3, 1:3] = 1.0
    found = np.asarray(attempt(centre.copy()))
    yield (
        found.shape == (4, 4),
        "a 3x3 kernel gives a stamp of 4x4",
        f"Yours has the shape {found.shape}. A pixel becomes 2x2 equal ones, and each of these reaches one pixel further.",
    )
    yield (
        np.allclose(found, block),
        "the kernel that changes nothing gives a 2x2 block of ones: plain enlarging",
        f"Yours is\n{found.round(2)}",
    )
    kernel = np.arange(1.0, 10.0).reshape(3, 3) ** 2
    found = np.asarray(attempt(kernel.copy()))
    yield (
        np.isclose(found.sum(), 4 * kernel.sum()),
        "the stamp's sum is four times the kernel's: one pixel has become four",
        f"Yours is {found.sum():g}, four times the kernel's is {4 * kernel.sum():g}.",
    )
    picture = np.random.default_rng(3).normal(size=(4, 5))
    stamped, wanted = _stamped(picture, found), _enlarged_and_convolved(picture, kernel)
    turned = np.allclose(_stamped(picture, found[::-1, ::-1]), wanted)
    yield (
        np.allclose(stamped, wanted),
        "stamping a picture of 4x5 pixels equals enlarging it and convolving",
        "Yours is upside down: what a convolution gathers from its right, a stamp hands to its left."
        if turned
        else _largest(stamped, wanted),
    )


def _stamped(picture: np.ndarray, stamp: np.ndarray) -> np.ndarray:
    """Each pixel puts its stamp, times its value, on the larger picture, beginning one pixel before its 2x2 block."""
    height, width = picture.shape
    large = np.zeros((2 * height + 2, 2 * width + 2))
    for row in range(height):
        for column in range(width):
            large[2 * row : 2 * row + 4, 2 * column : 2 * column + 4] += picture[row, column] * stamp
    return large[1:-1, 1:-1]


def _enlarged_and_convolved(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    large = np.pad(picture.repeat(2, axis=0).repeat(2, axis=1), 1)
    height, width = large.shape
    return np.array(
        [
            [np.sum(large[row : row + 3, column : column + 3] * kernel) for column in range(width - 2)]
            for row in range(height - 2)
        ]
    )


@exercise("Exercise 3 (the way back)")
def cycle_loss(
    attempt: Callable[[Callable, Callable, np.ndarray, np.ndarray], float],
) -> Iterator[Property]:
    """Check a function of two translators, photos and sketches that gives the cycle loss of both directions.

    Reference values: closed forms.
    """
    random = np.random.default_rng(4)
    photos, sketches = random.random((3, 4, 4)), random.random((3, 4, 4))

    def same(pictures: np.ndarray) -> np.ndarray:
        return pictures

    nothing = attempt(same, same, photos, sketches)
    yield _near(nothing, 0.0), "translators that change nothing: 0", f"Yours is {nothing}."
    shifted = attempt(lambda photo: photo + 0.25, same, photos, sketches)
    yield (
        _near(shifted, 0.5),
        "one that adds 0.25, and no way back: 0.25 in each direction, 0.5 together",
        f"Yours is {shifted}. Mean absolute difference, photos to sketches and back, plus sketches to photos and back.",
    )
    white, grey = np.ones((3, 4, 4)), np.full((3, 4, 4), 0.25)
    order = attempt(lambda photo: np.minimum(photo, 0.5), lambda sketch: sketch + 0.1, white, grey)
    yield (
        _near(order, 0.4 + 0.1),
        "drawing caps at 0.5, painting adds 0.1: photos of 1 lose 0.4, sketches of 0.25 gain 0.1",
        f"Yours is {order}. A photo is drawn first and then painted, a sketch painted first and then drawn.",
    )
    negative = attempt(lambda photo: 1 - photo, lambda sketch: 1 - sketch, photos, sketches)
    yield (
        _near(negative, 0.0),
        "negatives there and back: 0, though no sketch looks like a negative",
        f"Yours is {negative}. Only the picture that has come back is compared, and with the picture it started from.",
    )


def _near(found: object, wanted: float) -> bool:
    return found is not None and np.ndim(found) == 0 and bool(np.isclose(float(found), wanted))


def _largest(found: np.ndarray, wanted: np.ndarray) -> str:
    if found.shape != wanted.shape:
        return f"Yours has the shape {found.shape}, expected {wanted.shape}."
    return f"The largest difference is {np.abs(found - wanted).max():.3g}."
