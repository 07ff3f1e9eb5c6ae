"""Checks for the exercises of chapter 9, Evaluation."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ._exercise import Property, exercise, numbers


@exercise("Exercise 1 (interval of a difference)")
def paired_interval(attempt: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> Iterator[Property]:
    """Check a function of two score arrays that gives the bootstrap interval of their mean difference.

    Reference: the normal interval, mean +- 1.96 standard errors of the differences, which the bootstrap comes near to.
    """
    random = np.random.default_rng(0)
    easy = random.normal(0.6, 0.1, 100)  # an easy face is easy for both
    a, b = easy + random.normal(0.01, 0.01, 100), easy + random.normal(0, 0.01, 100)
    kept = a.copy(), b.copy()
    low, high = numbers(attempt(a, b), 2)
    yield (
        np.array_equal(a, kept[0]) and np.array_equal(b, kept[1]),
        "the scores that were given are left as they were",
        "Yours changes them in place.",
    )
    yield low < high, "the lower end comes first", f"Yours gives ({low:.4f}, {high:.4f})."
    mean, error = (a - b).mean(), (a - b).std(ddof=1) / 10
    advice = "Draw people once, with the same rows for both: drawn apart, the interval is ten times as wide."
    if low > -1 and high < 0:
        advice = "It is b - a: turn the difference around."
    yield (
        np.allclose((low, high), (mean - 1.96 * error, mean + 1.96 * error), atol=0.45 * error),
        f"the interval is near {mean - 1.96 * error:.4f} to {mean + 1.96 * error:.4f}",
        f"Yours is {low:.4f} to {high:.4f}. {advice}",
    )
    width = (high - low) / (2 * 1.96 * error)
    yield (
        abs(width - 1) < 0.1,
        "and it is as wide as an interval of 95 %",
        f"Yours has {width:.2f} times that width: take the quantiles 0.025 and 0.975, of 1,000 draws or more.",
    )
    same = numbers(attempt(a, a), 2)
    yield (
        np.allclose(same, 0),
        "of two equal arrays it is 0 to 0",
        f"Yours is {same[0]:.4f} to {same[1]:.4f}.",
    )
    constant = numbers(attempt(a + 0.5, a), 2)
    yield (
        np.allclose(constant, 0.5),
        "a difference that is the same for everybody has an interval of no width",
        f"Yours is {constant[0]:.4f} to {constant[1]:.4f}.",
    )


@exercise("Exercise 2 (Holm)")
def holm(attempt: Callable[[Sequence[float]], Sequence[float]]) -> Iterator[Property]:
    """Check a function from p-values to Holm's corrected ones. Reference values by hand."""
    found = np.asarray(attempt([0.01]), dtype=float)
    yield (
        found.shape == (1,) and np.isclose(found[0], 0.01),
        "a single test is not corrected",
        f"Yours gives {found}.",
    )
    found = np.asarray(attempt([0.01, 0.04]), dtype=float)
    yield (
        np.allclose(found, [0.02, 0.04]),
        "0.01 and 0.04 become 0.02 and 0.04",
        f"Yours gives {found}. The smallest is multiplied by the number of tests, the next by one less: Bonferroni would "
        "multiply both by two.",
    )
    found = np.asarray(attempt([0.03, 0.01, 0.04, 0.02]), dtype=float)
    yield (
        found.shape == (4,) and not np.allclose(found, [0.04, 0.06, 0.06, 0.06]),
        "the answers stand in the order of the questions",
        "Yours are sorted: put each back where its p-value was.",
    )
    yield (
        np.allclose(found, [0.06, 0.04, 0.06, 0.06]),
        "0.03, 0.01, 0.04, 0.02 become 0.06, 0.04, 0.06, 0.06",
        f"Yours gives {found}. 0.04 times 1 is below 0.03 times 2, and no corrected value may fall below the one before it.",
    )
    found = np.asarray(attempt([0.5, 0.9, 0.7]), dtype=float)
    yield bool((found <= 1).all()), "none is above 1", f"Yours gives {found}."


@exercise("Exercise 3 (rank k)")
def rank_k(attempt: Callable[[np.ndarray, int], float]) -> Iterator[Property]:
    """Check a function of a table of distances and k that gives the share of probes found among the k nearest.

    Reference values by hand.
    """
    distances = np.array([[1.0, 2, 3], [1, 2, 3], [3, 2, 1]])
    found = numbers(attempt(distances, 1), 1)[0]
    yield (
        np.isclose(found, 2 / 3),
        "two of three probes are nearest to their own person",
        f"Yours gives {found:.3f}. Rows are probes, columns the gallery; probe i belongs to column i.",
    )
    found = numbers(attempt(distances, 2), 1)[0]
    yield np.isclose(found, 1), "among the two nearest all three are found", f"Yours gives {found:.3f}."
    found = numbers(attempt(np.array([[2.0, 1, 9], [1, 0, 9], [0, 5, 1]]), 1), 1)[0]
    yield (
        np.isclose(found, 1 / 3),
        "probes look along their row",
        f"Yours gives {found:.3f}, where 1/3 is right: did you look along the columns?",
    )
    found = numbers(attempt(np.ones((10, 10)), 1), 1)[0]
    yield (
        np.isclose(found, 0),
        "one and the same drawing for everybody recognises nobody",
        f"Yours gives {found:.3f}: a tie must not count in favour, or the median would recognise all.",
    )
    found = numbers(attempt(np.ones((10, 10)), 10), 1)[0]
    yield np.isclose(found, 1), "among all ten everybody is found", f"Yours gives {found:.3f}."
