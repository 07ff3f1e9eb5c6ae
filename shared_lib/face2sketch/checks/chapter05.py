"""Checks for the exercises of chapter 5, CASQ."""

from collections.abc import Callable, Iterator

import numpy as np

from ._exercise import Property, exercise


@exercise("Exercise 1 (nearest code)")
def nearest_code(attempt: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function of vectors (N, D) and a codebook (K, D) that gives the index of each vector's nearest code.

    Reference values: small cases by eye, and a search one by one with `numpy.linalg.norm`.
    """
    line = attempt(np.array([[0.1], [0.9], [2.2]]), np.array([[0.0], [1.0], [2.0]]))
    yield (
        _is(line, [0, 1, 2]),
        "on a line, 0.1, 0.9 and 2.2 belong to the codes at 0, 1 and 2",
        f"{_got(line)} Expected an array of three indices, one for each vector.",
    )
    long = attempt(np.array([[1.0, 1.0]]), np.array([[1.0, 0.5], [9.0, 9.0]]))
    yield (
        _is(long, [0]),
        "(1, 1) belongs to (1, 0.5), not to (9, 9)",
        f"{_got(long)} The dot product prefers long codes, whatever their direction: use distances.",
    )
    slanted = attempt(np.array([[0.0, 0.0]]), np.array([[3.0, 0.0], [2.0, 2.0]]))
    yield (
        _is(slanted, [1]),
        "(0, 0) belongs to (2, 2), at 2.83, not to (3, 0), at 3",
        f"{_got(slanted)} Straight lines: square the differences, add them over the channels.",
    )
    random = np.random.default_rng(5)
    vectors, codebook = random.normal(size=(200, 6)), random.normal(size=(20, 6))
    wanted = [min(range(20), key=lambda k: float(np.linalg.norm(v - codebook[k]))) for v in vectors]
    many = attempt(vectors, codebook)
    yield (
        _is(many, wanted),
        "200 vectors of 6 channels and 20 codes agree with a search one by one",
        f"{np.sum(np.asarray(many) != wanted) if np.shape(many) == (200,) else 'All'} of 200 differ.",
    )


@exercise("Exercise 2 (perplexity)")
def perplexity(attempt: Callable[[np.ndarray], float]) -> Iterator[Property]:
    """Check a function of counts (K,) that gives the perplexity of their shares. Reference values: closed forms."""
    even = attempt(np.full(8, 5))
    yield (
        _near(even, 8),
        "8 codes used evenly: 8",
        f"{_got(even)} Divide the counts by their sum first; then e to the power of the entropy.",
    )
    one = attempt(np.array([0, 40, 0, 0]))
    yield (
        _near(one, 1),
        "one code used alone, three never: 1",
        f"{_got(one)} A share of 0 adds 0 to the entropy, where its logarithm alone would be minus infinity.",
    )
    mixed = attempt(np.array([1, 1, 2]))
    yield (
        _near(mixed, 2**1.5),
        "shares of 1/4, 1/4 and 1/2: an entropy of 1.5 bits, so 2.83",
        f"{_got(mixed)} Logarithm and power need the same base: 2 and bits, or e and nats.",
    )
    scaled = attempt(np.array([100, 100, 200]))
    yield _near(scaled, 2**1.5), "a hundred times as many vectors: the same", _got(scaled)


@exercise("Exercise 3 (attention)")
def attention_weights(attempt: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function of queries (Q, d) and keys (K, d) that gives the weights softmax(q k^T / sqrt(d)), (Q, K).

    Reference values: closed forms.
    """
    random = np.random.default_rng(2)
    queries, keys = random.normal(size=(3, 4)), random.normal(size=(5, 4))
    weights = np.asarray(attempt(queries, keys))
    yield (
        weights.shape == (3, 5),
        "3 queries and 5 keys: a table of 3 rows and 5 columns",
        f"Yours has the shape {weights.shape}. Each row belongs to a query.",
    )
    yield (
        bool((weights >= 0).all() and np.allclose(weights.sum(axis=1), 1)),
        "no weight is negative, and those of each query sum to 1",
        f"Your rows sum to {', '.join(f'{s:.3f}' for s in weights.sum(axis=1))}. Divide each row by its own sum.",
    )
    alike = np.asarray(attempt(queries, np.ones((5, 4))))
    yield (
        np.allclose(alike, 1 / 5),
        "keys that are all alike get even weights",
        f"Yours are {alike[0].round(3)}.",
    )
    known = np.asarray(attempt(np.array([[2.0, 0, 0, 0]]), np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]])))
    wanted = np.e / (np.e + 1)
    yield (
        _near(known[0, 0], wanted),
        f"dot products of 2 and 0 with d = 4: {wanted:.3f} and {1 - wanted:.3f}",
        f"Yours are {known[0].round(3)}. Divide the dot products by the root of d before the exponential.",
    )
    with np.errstate(all="ignore"):
        large = np.asarray(attempt(np.array([[4000.0]]), np.array([[1.0], [0.5]])))
    yield (
        np.allclose(large, [[1, 0]]),
        "dot products in the thousands do not overflow",
        f"Yours are {large[0]}. Take the largest of each row away before the exponential: the shares stay the same.",
    )


def _is(found: object, wanted: list[int]) -> bool:
    return np.shape(found) == np.shape(wanted) and bool(np.all(np.asarray(found) == wanted))


def _near(found: object, wanted: float) -> bool:
    return np.ndim(found) == 0 and found is not None and bool(np.isclose(float(found), wanted))


def _got(found: object) -> str:
    return f"Your answer is {found}."
