"""The checks of chapter 8 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
from exercise_answers import answered
from scipy.signal import convolve2d
from scipy.special import softmax

from face2sketch.checks import chapter08


def attend(a, b, c, m, alpha, axis=1, products=lambda a, b: b.T @ a):
    return alpha * c @ softmax(products(a, b), axis=axis).T + m


def by_hand(a, b, c, m, alpha):
    products = b.T @ a
    shares = np.exp(products - products.max(axis=1, keepdims=True))
    return m + alpha * np.einsum("ji,ci->cj", shares / shares.sum(axis=1, keepdims=True), c)


def twice(a, b, c, m, alpha):
    return alpha * c @ softmax(softmax(b.T @ a, axis=1), axis=1).T + m


def overflowing(a, b, c, m, alpha):
    shares = np.exp(b.T @ a)
    return m + alpha * c @ (shares / shares.sum(axis=1, keepdims=True)).T


def sums(kernel):
    padded = np.pad(kernel[::-1, ::-1], 1)
    return padded[1:, 1:] + padded[1:, :-1] + padded[:-1, 1:] + padded[:-1, :-1]


def mean(x):
    return np.abs(x).mean()


RIGHT = {
    "position_attention": [attend, by_hand],
    "merged_kernel": [sums, lambda k: convolve2d(k[::-1, ::-1], np.ones((2, 2)))],
    "cycle_loss": [
        lambda draw, paint, x, y: mean(paint(draw(x)) - x) + mean(draw(paint(y)) - y),
        lambda draw, paint, x, y: sum(
            mean(back(there(z)) - z) for there, back, z in ((draw, paint, x), (paint, draw, y))
        ),
    ],
}
WRONG = {
    "position_attention": [
        lambda *args: attend(*args, axis=0),
        lambda *args: attend(*args, products=lambda a, b: a.T @ b),
        lambda a, b, c, m, alpha: alpha * (c @ softmax(b.T @ a, axis=1).T + m),
        lambda a, b, c, m, alpha: c @ softmax(b.T @ a, axis=1).T,
        lambda a, b, c, m, alpha: alpha * c @ softmax(b.T @ a, axis=1) + m,
        lambda a, b, c, m, alpha: attend(a, b, m, m, alpha),
        lambda a, b, c, m, alpha: alpha * c @ softmax(b.T @ a / np.sqrt(2), axis=1).T + m,
        twice,
        overflowing,
        lambda *args: None,
    ],
    "merged_kernel": [
        lambda k: convolve2d(k, np.ones((2, 2))),  # not turned
        lambda k: np.pad(k, ((0, 1), (0, 1))),
        lambda k: k,
        lambda k: convolve2d(k[::-1, ::-1], np.ones((2, 2))) / 4,
        lambda k: convolve2d(k[::-1, ::-1].T, np.ones((2, 2))),
        lambda k: None,
    ],
    "cycle_loss": [
        lambda draw, paint, x, y: mean(paint(draw(x)) - x),
        lambda draw, paint, x, y: mean(draw(x) - y) + mean(paint(y) - x),
        lambda draw, paint, x, y: mean(draw(paint(x)) - x) + mean(paint(draw(y)) - y),
        lambda draw, paint, x, y: (mean(paint(draw(x)) - x) + mean(draw(paint(y)) - y)) / 2,
        lambda draw, paint, x, y: ((paint(draw(x)) - x) ** 2).mean() + ((draw(paint(y)) - y) ** 2).mean(),
        lambda draw, paint, x, y: None,
    ],
}

test_right, test_wrong, test_open = answered(chapter08, RIGHT, WRONG)
