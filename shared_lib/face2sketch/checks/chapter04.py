"""Checks for the exercises of chapter 4, Variational autoencoders."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ._exercise import Property, exercise


@exercise("Exercise 1 (divergence)")
def kl_divergence(attempt: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function of (mean (N, D), log_variance (N, D)) that gives KL(N(mean, variance) || N(0, 1)), (N,).

    Reference values: by hand where they are simple, by summing p log(p / q) over a fine grid where they are not.
    """
    mean, s = np.zeros((3, 4)), np.zeros((3, 4))
    answer = np.asarray(attempt(mean, s))
    yield (
        answer.shape == (3,),
        "one number for each of 3 pictures",
        f"Yours has the shape {answer.shape}: the numbers of one code are independent, so their divergences add up.",
    )
    yield _close(answer, 0), "the standard normal itself: 0 nats", f"Yours is {_first(answer)}."
    mean[0, :2] = 1.0
    answer = np.asarray(attempt(mean, s))
    yield (
        _close(answer, [1.0, 0, 0]),
        "two means moved by 1, variances 1: half a nat each, 1 in all",
        f"Yours is {_first(answer)}. " + ("Add over the code's numbers, do not average." if _close(answer[0], 0.25) else ""),
    )  # fmt: skip
    for shift, log_variance in ((0.0, 1.0), (0.0, -2.0), (0.5, -1.0)):
        wanted = _summed_over_a_grid(shift, log_variance)
        answer = np.asarray(attempt(np.full((1, 1), shift), np.full((1, 1), log_variance)))
        yield (
            _close(answer, wanted, 1e-4),
            f"mean {shift}, log-variance {log_variance}: {wanted:.4f} nats",
            f"Yours is {_first(answer)}. A divergence is never negative; the variance is exp(log_variance).",
        )


@exercise("Exercise 2 (reparameterised draw)")
def reparameterised(
    attempt: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Iterator[Property]:
    """Check a function of (mean, log_variance, standard normal noise), all (N, D), that gives a draw (N, D)."""
    random = np.random.default_rng(3)
    mean, s = random.normal(size=(2, 5, 3))
    still = np.asarray(attempt(mean, s, np.zeros_like(mean)))
    yield (
        still.shape == mean.shape and _close(still, mean),
        "without noise, the draw is the mean",
        f"Yours has the shape {still.shape}, and its first number is {_first(still)} where the mean is {mean[0, 0]:.4f}.",
    )
    unit = np.asarray(attempt(np.zeros((1, 3)), np.log([[1.0, 4.0, 0.25]]), np.ones((1, 3))))
    yield (
        _close(unit, [[1, 2, 0.5]]),
        "variances 1, 4 and 1/4: deviations 1, 2 and 1/2",
        f"Yours are {', '.join(f'{x:.4g}' for x in unit.ravel())}. "
        + ("That is the variance: halve the logarithm first." if _close(unit, [[1, 4, 0.25]]) else ""),
    )
    many = 200_000
    drawn = np.asarray(
        attempt(np.full((many, 1), 2.0), np.full((many, 1), -1.0), random.normal(size=(many, 1)))
    )
    yield (
        abs(drawn.mean() - 2) < 0.01 and abs(drawn.var() - np.exp(-1)) < 0.01,
        f"{many:,} draws have mean 2 and variance exp(-1) = 0.368",
        f"Yours have mean {drawn.mean():.3f} and variance {drawn.var():.3f}. Use the noise that you are given as it is.",
    )
    step = 1e-2  # wide enough for answers in float32; the error of the slope is then below 1e-5 of it
    noise = random.normal(size=mean.shape)
    slope = (np.asarray(attempt(mean, s + step, noise)) - np.asarray(attempt(mean, s - step, noise))) / (
        2 * step
    )
    yield (
        _close(slope, 0.5 * np.exp(s / 2) * noise, 1e-4),
        "the draw has a slope in the log-variance, so that it can be learned: half of deviation times noise",
        "Yours has another one. No new random numbers inside: the same noise must give the same draw.",
    )


@exercise("Exercise 3 (bound)")
def evidence_bound(attempt: Callable[[float, float, float, float], float]) -> Iterator[Property]:
    """Check a function of (x, mean, variance, sigma): the bound on log p(x) for z ~ N(0, 1), x ~ N(z, sigma^2).

    Here log p(x) is known, a normal density of variance 1 + sigma^2, and so is the true posterior.
    """
    for x, sigma in ((0.0, 1.0), (1.5, 0.5), (-2.0, 0.3)):
        truth = -0.5 * np.log(2 * np.pi * (1 + sigma**2)) - x**2 / (2 * (1 + sigma**2))
        posterior = x / (1 + sigma**2), sigma**2 / (1 + sigma**2)
        best = attempt(x, *posterior, sigma)
        yield (
            np.ndim(best) == 0 and _close(best, truth),
            f"x = {x}, sigma = {sigma}: with the true posterior the bound is log p(x) = {truth:.4f}",
            f"Yours is {_first(best)}. The squared error of x around z is (x - mean)^2 + variance on average; and the "
            "normal density has a constant, -log(2 pi sigma^2) / 2.",
        )
        others = [attempt(x, m, v, sigma) for m in (-2.0, 0.0, 1.0) for v in (0.03, 0.6, 2.0)]
        yield (
            max(others) < truth,
            "with nine other normal distributions it lies below",
            f"One of yours is {max(others):.4f}: above log p(x), so it is no lower bound. Is the divergence subtracted?",
        )
    gap = attempt(1.5, 1.2, 0.2, 0.5) - attempt(1.5, 0.2, 0.2, 0.5)
    yield (
        _close(gap, 1 / 0.4),
        "a mean off by 1 costs 1 / (2 variance of the posterior) nats: the gap is the divergence from the true posterior",
        f"Yours costs {_first(gap)}, where 2.5 is right.",
    )


def _summed_over_a_grid(mean: float, log_variance: float) -> float:
    """KL of a normal distribution from the standard one, by adding up p log(p / q) in small steps."""
    z, step = np.linspace(-30, 30, 600_001, retstep=True)
    log_p = -0.5 * (np.log(2 * np.pi) + log_variance + (z - mean) ** 2 / np.exp(log_variance))
    log_q = -0.5 * (np.log(2 * np.pi) + z**2)
    return float((np.exp(log_p) * (log_p - log_q)).sum() * step)


def _close(found: Any, wanted: Any, tolerance: float = 1e-6) -> bool:
    try:
        found = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        return False
    return bool(np.allclose(found, wanted, rtol=0, atol=tolerance))


def _first(value: Any) -> str:
    values = np.asarray(value).ravel()
    return f"{values[0]:.4f}" if values.size and np.issubdtype(values.dtype, np.number) else repr(value)
