"""The checks of chapter 4 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
from exercise_answers import answered
from scipy import stats

from face2sketch.checks import chapter04


def kl(mean, s):
    return -0.5 * (1 + s - mean**2 - np.exp(s)).sum(axis=-1)


def kl_by_parts(mean, s):
    """Cross-entropy minus entropy."""
    cross = 0.5 * (np.log(2 * np.pi) + mean**2 + np.exp(s))
    return (cross - stats.norm(0, np.exp(s / 2)).entropy()).sum(axis=1)


def draw(mean, s, noise):
    return mean + np.exp(0.5 * s) * noise


def bound(x, mean, variance, sigma):
    likelihood = -0.5 * np.log(2 * np.pi * sigma**2) - ((x - mean) ** 2 + variance) / (2 * sigma**2)
    return likelihood + 0.5 * (1 + np.log(variance) - mean**2 - variance)


def expected(x, mean, variance, sigma):
    return stats.norm.logpdf(x, mean, sigma) - variance / (2 * sigma**2)


RIGHT = {
    "kl_divergence": [kl, kl_by_parts],
    "reparameterised": [
        draw,
        lambda m, s, e: np.sqrt(np.exp(s)) * e + m,
        lambda m, s, e: draw(*(part.astype(np.float32) for part in (m, s, e))),
    ],
    "evidence_bound": [bound],
}
WRONG = {
    "kl_divergence": [
        lambda m, s: -kl(m, s),
        lambda m, s: -0.5 * (1 + s - m**2 - np.exp(s)).mean(axis=-1),  # averaged over the code
        lambda m, s: -0.5 * (1 + s - m**2 - np.exp(s)),  # not added up
        lambda m, s: kl(m, s).mean(),  # one number in all
        lambda m, s: kl(m, 2 * s),  # a log-sigma
        lambda m, s: 0.5 * (m**2).sum(axis=1),  # the variance forgotten
        lambda m, s: -0.5 * (1 + np.log(np.abs(s) + 1e-9) - m**2 - s).sum(axis=1),  # a variance
        lambda m, s: None,
    ],
    "reparameterised": [
        lambda m, s, e: m + np.exp(s) * e,  # Huang's notebook
        lambda m, s, e: m + 0.1 * np.exp(0.5 * s) * e,  # its noise
        lambda m, s, e: m + s * e,
        lambda m, s, e: m,
        lambda m, s, e: np.random.default_rng().normal(m, np.exp(s / 2)),  # noise of its own
        lambda m, s, e: np.exp(0.5 * s) * e,
        lambda m, s, e: m[0] + np.exp(0.5 * s[0]) * e[0],
    ],
    "evidence_bound": [
        lambda x, m, v, o: expected(x, m, v, o),  # no divergence
        lambda x, m, v, o: 2 * expected(x, m, v, o) - bound(x, m, v, o),  # divergence added
        lambda x, m, v, o: bound(x, m, v, o) + v / (2 * o**2),  # the draw's variance forgotten
        lambda x, m, v, o: bound(x, m, v, o) + 0.5 * np.log(2 * np.pi * o**2),  # no constant
        lambda x, m, v, o: stats.norm.logpdf(x, 0, np.sqrt(1 + o**2)),  # no bound at all, the truth
        lambda x, m, v, o: bound(x, m, np.exp(v), o),
    ],
}  # fmt: skip


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter04, RIGHT, WRONG)
