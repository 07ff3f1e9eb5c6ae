"""The checks of chapter 7 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
from exercise_answers import answered
from scipy.special import expit, rel_entr, xlogy

from face2sketch.checks import chapter07

softplus = np.logaddexp


def walked(layers, index):
    """From the output back to the input."""
    first, last = index, index
    for kernel, stride, padding in reversed(layers):
        first, last = first * stride - padding, last * stride - padding + kernel - 1
    return first, last + 1


def summed(layers, index):
    """From the input on: size, distance, start."""
    size, step, start = 1, 1, 0
    for kernel, stride, padding in layers:
        size, start, step = size + (kernel - 1) * step, start - padding * step, step * stride
    return np.array([start + index * step, start + index * step + size])


def stable(real, fake):
    return 0.5 * (softplus(0, -real).mean() + softplus(0, fake).mean()), softplus(0, -fake).mean()


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return np.log(2) - 0.5 * (rel_entr(p, middle).sum() + rel_entr(q, middle).sum())


def cut_off(p, q):
    """With Keras' epsilon."""
    d = np.clip((p + 1e-12) / (p + q + 2e-12), 1e-7, 1 - 1e-7)
    return -0.5 * (p * np.log(d) + q * np.log(1 - d)).sum()


def with_best(p, q):
    d = np.divide(p, p + q, out=np.full(p.shape, 0.5), where=p + q > 0)
    return -0.5 * (xlogy(p, d) + xlogy(q, 1 - d)).sum()


RIGHT = {
    "window": [walked, summed, lambda layers, index: list(walked(layers, index))],
    "losses": [stable, lambda r, f: np.array(stable(r, f))],
    "lowest_loss": [jensen_shannon, with_best, cut_off],
}
WRONG = {
    "window": [
        lambda layers, index: (
            walked(layers, index)[0],
            walked(layers, index)[1] - 1,
        ),  # the last pixel, not after it
        lambda layers, index: walked([(k, s, 0) for k, s, _ in layers], index),
        lambda layers, index: walked(layers[::-1], index),
        lambda layers, index: walked([(k, 1, p) for k, _, p in layers], index),
        lambda layers, index: tuple(np.add(walked(layers, 0), index)),
        lambda layers, index: walked(layers, index)[0],
        lambda layers, index: None,
    ],
    "losses": [
        lambda r, f: (2 * stable(r, f)[0], stable(r, f)[1]),
        lambda r, f: stable(r, f)[::-1],
        lambda r, f: (stable(r, f)[0], -softplus(0, f).mean()),  # the game as first written, which saturates
        lambda r, f: (stable(r, f)[0], softplus(0, f).mean()),
        lambda r, f: (
            -0.5 * (np.log(expit(r)).mean() + np.log(1 - expit(f)).mean()),
            -np.log(expit(f)).mean(),
        ),
        lambda r, f: (0.5 * (softplus(0, -r.mean()) + softplus(0, f.mean())), softplus(0, -f.mean())),
        lambda r, f: (0.5 * (softplus(0, -r).sum() + softplus(0, f).sum()), softplus(0, -f).sum()),
        lambda r, f: (
            np.log1p(np.exp(-r)).mean() / 2 + np.log1p(np.exp(f)).mean() / 2,
            np.log1p(np.exp(-f)).mean(),
        ),
        lambda r, f: stable(r, f)[0],
        lambda r, f: None,
    ],
    "lowest_loss": [
        lambda p, q: 2 * with_best(p, q),
        lambda p, q: np.log(2) - rel_entr(p, q).sum(),
        lambda p, q: np.log(2),
        lambda p, q: with_best(np.where(p > 0, p, np.nan), q),  # 0 ln 0
        lambda p, q: -xlogy(p, p / (p + q)).sum(),
        lambda p, q: 0.5 * abs(p - q).sum(),
        lambda p, q: None,
    ],
}


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter07, RIGHT, WRONG)
