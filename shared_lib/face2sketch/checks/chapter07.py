"""Checks for the exercises of chapter 7, pix2pix."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ._exercise import Property, exercise

LN2 = float(np.log(2))
Layers = Sequence[tuple[int, int, int]]


@exercise("Exercise 1 (window)")
def window(attempt: Callable[[Layers, int], tuple[int, int]]) -> Iterator[Property]:
    """Check a function of a list of (kernel, stride, padding) and an output's index that gives its window in the input.

    Along one axis: (first, after), the first pixel that belongs to it, and the first after it that does not; negative
    where the window begins in the padding. Reference values: counted by hand for two layers, and measured for the
    70x70 discriminator by asking where the gradient of an output reaches.
    """
    one = attempt([(4, 2, 1)], 0)
    yield (
        _same(one, (-1, 3)),
        "a 4x4 convolution with padding 1: output 0 sees pixels -1 to 2, so (-1, 3)",
        f"{_got(one)} With one row of padding before the picture, the first window begins one pixel early.",
    )
    third = attempt([(4, 2, 1)], 3)
    yield (
        _same(third, (5, 9)),
        "the same with stride 2: output 3 begins 6 pixels further on, (5, 9)",
        f"{_got(third)} Neighbouring outputs of this layer lie two pixels apart.",
    )
    two = attempt([(4, 2, 1), (3, 1, 1)], 2)
    yield (
        _same(two, (1, 9)),
        "two layers: output 2 sees outputs 1 to 3 of the first, and those see pixels 1 to 8",
        f"{_got(two)} Padding of the second layer counts in the first one's outputs, two pixels each.",
    )
    bare = attempt([(3, 1, 0), (3, 1, 0)], 0)
    yield (
        _same(bare, (0, 5)),
        "without padding the first window begins with the picture: (0, 5)",
        _got(bare),
    )
    patch = [(4, 2, 1)] * 3 + [(4, 1, 1)] * 2
    first, last = attempt(patch, 0), attempt(patch, 29)
    yield (
        _same(first, (-23, 47)) and _same(last, (209, 279)),
        "the paper's discriminator on 256 px: (-23, 47) for its first output, (209, 279) for its last",
        f"{_got(first)} The last: {last}.",
    )


@exercise("Exercise 2 (losses)")
def losses(attempt: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> Iterator[Property]:
    """Check a function of the logits on real and on generated pictures that gives both players' losses.

    The discriminator's: half the sum of its mean cross-entropies; the generator's: the cross-entropy of "real" for what
    it made. Reference values: closed forms.
    """
    chance = attempt(np.zeros((3, 3)), np.zeros((3, 3)))
    yield (
        _near(chance, (LN2, LN2)),
        f"a discriminator that cannot tell: ln 2 = {LN2:.4f} for both",
        f"{_got(chance)} Means over all outputs, not sums; and half of the discriminator's two.",
    )
    good = attempt(np.full(4, 3.0), np.full(4, -3.0))
    wanted = (float(np.log1p(np.exp(-3.0))), float(np.log1p(np.exp(3.0))))
    yield (
        _near(good, wanted),
        f"one that is right with logits of 3 and -3: {wanted[0]:.4f}, and {wanted[1]:.4f} for the generator",
        f"{_got(good)} The generator wants its pictures called real: the discriminator's success is its loss.",
    )
    mixed = attempt(np.array([0.0, 2.0]), np.array([1.0, -1.0, 0.0]))
    wanted = (
        float(0.5 * (np.log1p(np.exp([0.0, -2.0])).mean() + np.log1p(np.exp([1.0, -1.0, 0.0])).mean())),
        float(np.log1p(np.exp([-1.0, 1.0, 0.0])).mean()),
    )
    yield (
        _near(mixed, wanted),
        f"logits of mixed signs: {wanted[0]:.4f} and {wanted[1]:.4f}",
        f"{_got(mixed)} Take the loss of each output first and the mean after it.",
    )
    with np.errstate(all="ignore"):
        sure = attempt(np.full(2, 1000.0), np.full(2, -1000.0))
    yield (
        _near(sure, (0.0, 1000.0)),
        "logits of 1000 and -1000: 0 and 1000, neither infinite nor cut off",
        f"{_got(sure)} ln(1 + e^z) overflows as it stands: `numpy.logaddexp(0, z)` does not.",
    )


@exercise("Exercise 3 (the best discriminator)")
def lowest_loss(attempt: Callable[[np.ndarray, np.ndarray], float]) -> Iterator[Property]:
    """Check a function of two histograms (shares that sum to 1) that gives the lowest loss of any discriminator.

    Reference values: closed forms, and a search over answers in small steps.
    """
    same = attempt(np.array([0.2, 0.3, 0.5]), np.array([0.2, 0.3, 0.5]))
    yield (
        _near([same], [LN2]),
        f"two histograms that are equal: nobody does better than ln 2 = {LN2:.4f}",
        f"{_got(same)} The best answer is real / (real + generated), 1/2 in each case here.",
    )
    apart = attempt(np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.0, 1.0]))
    yield (
        _near([apart], [0.0], 1e-6),  # answers cut off at Keras' epsilon of 1e-7 are right too
        "two that share nothing: 0",
        f"{_got(apart)} A case that never occurs costs nothing: 0 ln 0 counts as 0.",
    )
    real, made = np.array([0.7, 0.3]), np.array([0.4, 0.6])
    grid = np.linspace(1e-4, 1 - 1e-4, 20_001)
    wanted = sum(float((-0.5 * (r * np.log(grid) + m * np.log(1 - grid))).min()) for r, m in zip(real, made))
    found = attempt(real, made)
    yield (
        bool(_near([found], [wanted], 1e-5)),
        f"(0.7, 0.3) and (0.4, 0.6): {wanted:.4f}, the lowest of 20,001 answers tried for each",
        f"{_got(found)} Weigh the two logarithms by how often each case occurs, and halve the sum.",
    )
    swapped = attempt(made, real)
    yield (
        _near([swapped], [found]),
        "which of the two is called real makes no difference",
        f"{_got(swapped)} The other way round: {found}.",
    )


def _same(found: object, wanted: tuple[int, int]) -> bool:
    return found is not None and np.shape(found) == (2,) and bool(np.all(np.asarray(found) == wanted))


def _near(found: object, wanted: Sequence[float], tolerance: float = 1e-7) -> bool:
    if found is None or np.shape(found) != (len(wanted),) or any(value is None for value in found):
        return False
    return bool(np.allclose(np.asarray(found, dtype=float), wanted, atol=tolerance, rtol=1e-6))


def _got(found: object) -> str:
    return f"Your answer is {found}."
