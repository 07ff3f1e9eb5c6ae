"""The checks of chapter 5 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
from exercise_answers import answered
from scipy.spatial.distance import cdist
from scipy.special import softmax
from scipy.stats import entropy

from face2sketch.checks import chapter05


def with_formula(x, codebook):
    return np.argmin((codebook**2).sum(axis=1) - 2 * x @ codebook.T, axis=1)


def exponential(x):
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


RIGHT = {
    "nearest_code": [
        lambda x, c: cdist(x, c).argmin(axis=1),
        with_formula,
        lambda x, c: [int(np.argmin(((v - c) ** 2).sum(axis=1))) for v in x],
    ],
    "perplexity": [
        lambda n: np.exp(entropy(n)),
        lambda n: 2 ** entropy(n, base=2),
        lambda n: np.prod([(k / n.sum()) ** (-k / n.sum()) for k in n if k]),
    ],
    "attention_weights": [lambda q, k: softmax(q @ k.T / np.sqrt(k.shape[1]), axis=1)],
}
WRONG = {
    "nearest_code": [
        lambda x, c: cdist(x, c).argmax(axis=1),
        lambda x, c: cdist(x, c).argmin(axis=0),  # the nearest vector of each code
        lambda x, c: (x @ c.T).argmax(axis=1),
        lambda x, c: cdist(x, c, "cityblock").argmin(axis=1),
        lambda x, c: cdist(x, c, "chebyshev").argmin(axis=1),
        lambda x, c: c[cdist(x, c).argmin(axis=1)],  # the code, not its index
        lambda x, c: cdist(x, c).argmin(),
        lambda x, c: None,
    ],
    "perplexity": [
        entropy,
        lambda n: np.exp(entropy(n, base=2)),
        lambda n: 2 ** entropy(n),
        lambda n: (n > 0).sum(),
        lambda n: len(n),
        lambda n: np.exp(-np.sum(n * np.log(np.maximum(n, 1e-9)))),  # counts, not shares
        lambda n: np.exp(-np.sum([p * np.log(p) if p else np.nan for p in n / n.sum()])),
        lambda n: None,
    ],
    "attention_weights": [
        lambda q, k: softmax(q @ k.T, axis=1),
        lambda q, k: softmax(q @ k.T / k.shape[1], axis=1),
        lambda q, k: softmax(q @ k.T / np.sqrt(k.shape[1]), axis=0),
        lambda q, k: softmax(q @ k.T / np.sqrt(k.shape[1])),
        lambda q, k: softmax(k @ q.T / np.sqrt(k.shape[1]), axis=1),
        lambda q, k: q @ k.T / np.sqrt(k.shape[1]),
        lambda q, k: exponential(q @ k.T / np.sqrt(k.shape[1])),  # overflows
    ],
}


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter05, RIGHT, WRONG)
