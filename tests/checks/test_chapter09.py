"""The checks of chapter 9 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
from exercise_answers import answered

from face2sketch import evaluation
from face2sketch.checks import chapter09


def interval(a, b, low, high):
    rows = np.random.default_rng(0).integers(len(a), size=(2000, len(a)))
    return tuple(np.quantile((a - b)[rows].mean(1), [low, high]))


def paired_interval(a, b):
    return interval(a, b, 0.025, 0.975)


def by_library(a, b):
    means = evaluation.bootstrap_means(np.asarray(a) - b, np.arange(len(a)))
    return list(np.quantile(means, [0.025, 0.975]))


def drawn_apart(a, b):
    rng = np.random.default_rng(0)
    means = [
        a[rng.integers(len(a), size=len(a))].mean() - b[rng.integers(len(b), size=len(b))].mean()
        for _ in range(500)
    ]
    return tuple(np.quantile(means, [0.025, 0.975]))


def in_place(a, b):
    a -= b
    return paired_interval(a, 0 * a)


def holm(p):
    p = np.asarray(p)
    order = p.argsort()
    result = np.empty(len(p))
    result[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return result


def holm_in_words(p):
    result, before = [0.0] * len(p), 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        before = max(before, min(1.0, p[index] * (len(p) - place)))
        result[index] = before
    return result


def unaccumulated(p):
    p = np.asarray(p)
    return np.minimum(p * (len(p) - p.argsort().argsort()), 1)


def rank_k(distances, k):
    return (((distances <= np.diagonal(distances)[:, None]).sum(1)) <= k).mean()


RIGHT = {
    "paired_interval": [paired_interval, by_library],
    "holm": [holm, holm_in_words, evaluation.holm],
    "rank_k": [rank_k, lambda d, k: np.mean([sum(row <= row[i]) <= k for i, row in enumerate(d)])],
}
WRONG = {
    "paired_interval": [
        drawn_apart,
        in_place,
        lambda a, b: paired_interval(b, a),  # the other way round
        lambda a, b: paired_interval(a, b)[::-1],
        lambda a, b: tuple(np.quantile(a - b, [0.025, 0.975])),  # of people, not of their mean
        lambda a, b: (a - b).mean(),
        lambda a, b: interval(a, b, 0.05, 0.95),  # of 90 %
        lambda a, b: interval(a, b, 0.005, 0.995),  # of 99 %
        lambda a, b: None,
    ],
    "holm": [
        lambda p: np.minimum(np.asarray(p) * len(p), 1),  # Bonferroni
        lambda p: np.sort(holm(p)),
        unaccumulated,
        lambda p: holm(p) * 1.5,
        lambda p: np.maximum.accumulate(np.sort(p) * np.arange(len(p), 0, -1)),
    ],
    "rank_k": [
        lambda d, k: rank_k(d.T, k),  # columns
        lambda d, k: ((d < np.diagonal(d)[:, None]).sum(1) < k).mean(),  # ties in favour
        lambda d, k: rank_k(d, k - 1),
        lambda d, k: float((d.argsort(1)[:, 0] == np.arange(len(d))).mean()),  # always the first
        lambda d, k: rank_k(-d, k),
        lambda d, k: None,
    ],
}


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter09, RIGHT, WRONG)
