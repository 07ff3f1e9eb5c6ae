"""Checks for the exercises of chapter 2, Dense and sparse autoencoders."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ._exercise import Property, equals, exercise

_FLOAT32 = 1e-4  # answers in float32 are right too: numbers of about 8 are rounded to a millionth


@exercise("Exercise 1 (weights)")
def dense_weights(attempt: Callable[[int, Sequence[int], int], int]) -> Iterator[Property]:
    """Check a function of (inputs, widths, outputs) that counts a dense network's weights and biases.

    Reference values: counted by hand, the lines of Priovolos' Fig. 5, and Skubisz' "roughly 201 million".
    """
    small = attempt(2, [3], 1)
    why = {
        9: "Those are the weights alone: each of the 3 + 1 units also has a bias.",
        6: "That is the first layer's weight matrix alone: there are biases, and a last layer.",
        12: "You gave the inputs biases: only units have them.",
    }
    yield (
        equals(small, 13),
        "2 inputs, 3 hidden units, 1 output: (2 + 1) 3 + (3 + 1) 1 = 13",
        f"{_got(small, 13)} {why.get(_whole(small), 'A unit has one weight for each input, and one bias.')}",
    )
    lopsided = attempt(5, [4], 2)
    yield (
        equals(lopsided, 34),
        "5 inputs, 4 hidden units, 2 outputs: 34",
        f"{_got(lopsided, 34)} Outputs need not be as many as inputs: the last layer's size is the third argument.",
    )
    none = attempt(10, [], 10)
    yield equals(none, 110), "no hidden layer at all: 110", _got(none, 110)
    sparse = attempt(256 * 256 * 3, [512, 256, 128, 64, 128, 256, 512], 256 * 256 * 3)
    yield (
        equals(sparse, 201_869_120),
        "the sparse autoencoder at 256 px: 201,869,120, the paper's 'roughly 201 million'",
        _got(sparse, 201_869_120),
    )
    half = [4096 >> i for i in range(7)]
    deep = attempt(128 * 128 * 3, [*half, 32, *reversed(half)], 128 * 128 * 3)
    yield (
        equals(deep, 425_086_880),
        "Priovolos' dense network: 425,086,880, the sum of the lines of its Fig. 5",
        _got(deep, 425_086_880),
    )


@exercise("Exercise 2 (eigenfaces)")
def eigenface_reconstruction(
    attempt: Callable[[np.ndarray, np.ndarray, int], np.ndarray],
) -> Iterator[Property]:
    """Check a function of (training rows, rows, k) that rebuilds rows from the first k principal components.

    The properties are those of an orthogonal projection; the pictures are drawn from a fixed seed.
    """
    train, rows = _rows()
    mean = train.mean(axis=0)
    nothing = np.asarray(attempt(train, rows, 0))
    yield (
        nothing.shape == rows.shape,
        f"the result has the shape of the rows it rebuilds, {rows.shape}",
        f"Yours has {nothing.shape}.",
    )
    yield (
        _close(nothing, np.broadcast_to(mean, rows.shape), _FLOAT32),
        "with k = 0 every row becomes the mean of the training rows",
        "Your answer is not that. "
        + (
            "It is 0: add the mean back after projecting."
            if _close(nothing, 0, _FLOAT32)
            else "It is the mean of the rows to rebuild: at test time those are not known, take the training mean."
            if _close(nothing, np.broadcast_to(rows.mean(axis=0), rows.shape), _FLOAT32)
            else "Subtract the training mean, project, and add the same mean back."
        ),
    )
    own = np.asarray(attempt(train, train, len(train) - 1))
    yield (
        _close(own, train, _FLOAT32),
        f"{len(train)} training rows are rebuilt exactly from {len(train) - 1} components",
        f"Yours are wrong by up to {np.abs(own - train).max():.3f}. Are the components orthonormal, and the rows of V^T?",
    )
    errors = [
        float(((np.asarray(attempt(train, train, k)) - train) ** 2).sum()) for k in range(1, len(train))
    ]
    singular = np.linalg.svd(train - mean, compute_uv=False)
    wanted = [float((singular[k:] ** 2).sum()) for k in range(1, len(train))]
    yield (
        _close(errors, wanted, 1e-6 * wanted[0]),
        "the squared error left is the sum of the squared singular values left out",
        f"With k = 1 yours is {errors[0]:.3f}, and {wanted[0]:.3f} is possible: take the components of the largest "
        "singular values, of rows whose mean was removed.",
    )
    once = np.asarray(attempt(train, rows, 3))
    yield (
        _close(np.asarray(attempt(train, once, 3)), once, _FLOAT32),
        "rebuilding a second time changes nothing",
        "A projection done twice is the projection done once: the components must come from the training rows alone.",
    )


@exercise("Exercise 3 (best constant)")
def best_constant(attempt: Callable[[np.ndarray, str], np.ndarray]) -> Iterator[Property]:
    """Check a function of (targets (N, H, W, C), loss) that gives the one picture with the lowest "mse" or "mae".

    No other picture that is tried, near or far, may have a lower loss.
    """
    random = np.random.default_rng(7)
    targets = np.where(random.random((9, 4, 3, 1)) < 0.3, 0.1, 0.9) + 0.05 * random.random((9, 4, 3, 1))
    shape = targets.shape[1:]
    for loss, power in (("mse", 2), ("mae", 1)):
        given = np.asarray(attempt(targets, loss), dtype=float)
        yield (
            given.shape == shape,
            f"{loss}: one picture of shape {shape}",
            f"Yours has the shape {given.shape}: take the statistic over people (axis 0), pixel by pixel.",
        )
        losses = (np.abs(targets[:, None] - _rivals(targets, given)) ** power).mean(axis=(0, 2, 3, 4))
        best = int(np.argmin(losses))
        yield (
            bool(losses[0] <= losses[best] + 1e-7),  # float32 rounds by so much; a step of 0.004 costs ten times more
            f"{loss}: no other picture scores lower",
            f"Yours scores {losses[0]:.5f}, another {losses[best]:.5f}. "
            + ("Set the derivative of the sum of (y - c)^2 to zero." if power == 2 else
               "Moving c a little helps while more values lie on one side of it than on the other."),
        )  # fmt: skip


@exercise("Exercise 4 (sparsity)")
def code_sparsity(attempt: Callable[[np.ndarray], tuple[float, float]]) -> Iterator[Property]:
    """Check a function of codes (N, units) that gives (share of zeros, share of units that are zero for everybody).

    Reference values: counted by hand.
    """
    codes = np.array([[0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0], [0.0, 0.5, 0.0, 0.0]], dtype=np.float32)
    answer = attempt(codes)
    yield (
        np.shape(answer) == (2,),
        "two numbers: silent entries, dead units",
        f"Yours is {answer!r}.",
    )
    silent, dead = (float(value) for value in answer)
    yield (
        _close(silent, 0.75),
        "9 of these 12 entries are silent: 0.75",
        f"Yours is {silent:.3f}. "
        + (
            "That is the share of active ones."
            if _close(silent, 0.25)
            else "Count the zeros of the whole array."
        ),
    )
    yield (
        _close(dead, 0.5),
        "2 of these 4 units are silent for all three people: 0.5",
        f"Yours is {dead:.3f}. "
        + (
            "No *person* here has an empty code: a unit is a column, so ask over axis 0."
            if _close(dead, 0)
            else "A unit that speaks for one person only is not dead."
        ),
    )
    silent, dead = (float(value) for value in attempt(np.full((5, 8), 0.2)))
    yield _close([silent, dead], 0), "a dense code: (0, 0)", f"Yours is ({silent:.3f}, {dead:.3f})."
    silent, dead = (float(value) for value in attempt(np.zeros((5, 8))))
    yield _close([silent, dead], 1), "a code killed outright: (1, 1)", f"Yours is ({silent:.3f}, {dead:.3f})."


def _rows() -> tuple[np.ndarray, np.ndarray]:
    """Ten training rows and four others, of 30 numbers; directions of very different weight, mean far from 0."""
    random = np.random.default_rng(5)
    weights = np.linspace(3.0, 0.2, 30)
    return 2.0 + random.normal(size=(10, 30)) * weights, 1.5 + random.normal(size=(4, 30)) * weights


def _rivals(targets: np.ndarray, given: np.ndarray) -> np.ndarray:
    """The given picture, then others to beat: mean, median, each target, and small moves of single pixels."""
    moves = np.concatenate([sign * np.eye(given.size) * 0.004 for sign in (-1, 1)]).reshape(-1, *given.shape)
    middle = [targets.mean(axis=0), np.median(targets, axis=0)]
    return np.concatenate([given[None], np.stack(middle), targets, given + moves])


def _whole(value: Any) -> int | None:
    return int(value) if np.isscalar(value) and not isinstance(value, str) and value == int(value) else None


def _close(values: Any, wanted: Any, tolerance: float = 1e-6) -> bool:
    return bool(np.allclose(np.asarray(values, dtype=float), wanted, rtol=0, atol=tolerance))


def _got(value: Any, wanted: int) -> str:
    shown = f"{value:,}" if isinstance(value, int | np.integer) else repr(value)
    return f"Yours gives {shown} instead of {wanted:,}."
