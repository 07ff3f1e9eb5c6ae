"""The checks of chapter 10 accept right answers, however written, and refuse the usual wrong ones."""

import numpy as np
import pytest
from exercise_answers import answered

from face2sketch.checks import CheckFailed, chapter10


def squares(a, b):
    return ((a - b) ** 2).sum()


def nearest(
    change=lambda pictures: pictures.astype(np.float32), order=None, pick=np.argmin, distance=squares
):
    """Nearest neighbour as an entry, with places where it can be got wrong."""

    def fit(train, task, seed):
        known, targets = train.inputs(task), train.targets(task)

        def translate(inputs):
            answers = [targets[pick([distance(change(x), change(k)) for k in known])] for x in inputs]
            return np.stack(answers)[slice(None, None, order)]

        return translate

    return fit


def in_floats(train, task, seed):
    inner = nearest()(train, task, seed)
    return lambda inputs: inner(inputs) / 255.0


def one_way(train, task, seed):
    return nearest()(train, "photo2sketch", seed)


def in_place(train, task, seed):
    inner = nearest()(train, task, seed)

    def translate(inputs):
        answers = inner(inputs)
        inputs[:] = 0
        return answers

    return translate


def mean_of_others(pictures):
    pictures = np.asarray(pictures, float)
    return (pictures.sum(0) - pictures) / (len(pictures) - 1)


def by_weights(pictures):
    share = (1 - np.eye(len(pictures))) / (len(pictures) - 1)
    return np.tensordot(share, pictures, 1)


def best_share(a, b, target):
    d = (a - b).ravel()
    return float(np.clip(d @ (target - b).ravel() / max(d @ d, 1e-12), 0, 1))


def by_search(a, b, target):
    grid = np.linspace(0, 1, 10_001)
    d, r = (a - b).ravel(), (target - b).ravel()
    return grid[np.argmin(grid**2 * (d @ d) - 2 * grid * (d @ r))]


RIGHT = {
    "entry": [nearest(), in_floats, nearest(distance=lambda a, b: np.abs(a - b).mean())],
    "mean_of_others": [mean_of_others, by_weights],
    "best_share": [best_share, by_search],
}
WRONG = {
    "entry": [
        nearest(lambda pictures: pictures),  # 8-bit differences
        nearest(order=-1),  # another order than asked
        nearest(pick=np.argmax),  # the farthest
        nearest(distance=lambda a, b: (a - b).sum() ** 2),  # the square of the sum
        nearest(distance=lambda a, b: (a - b)[0, 0, 0] ** 2),  # one pixel
        one_way,
        in_place,
        lambda train, task, seed: train.targets(task),  # no function
        lambda train, task, seed: lambda inputs: train.targets(task)[0],  # one picture
    ],
    "mean_of_others": [
        lambda p: np.broadcast_to(np.mean(p, 0), p.shape),  # one's own in it
        lambda p: (p.sum(0, dtype=p.dtype) - p) / (len(p) - 1),  # 8 bits run over
        lambda p: (np.sum(p, 0, dtype=float) - p) / len(p),
        lambda p: mean_of_others(p)[0],
    ],
    "best_share": [
        lambda a, b, t: 1 - best_share(a, b, t),
        lambda a, b, t: (
            ((a - b) * (t - b)).sum() / max(((a - b) ** 2).sum(), 1e-12)
        ),  # not kept within 0 and 1
        lambda a, b, t: 0.5,
        lambda a, b, t: None,
        lambda a, b, t: np.clip(((a - b) * (t - b)).sum() / ((a - b) ** 2).sum(), 0, 1),  # 0 / 0
        lambda a, b, t: best_share(a[:1], b[:1], t[:1]),  # the first person alone
    ],
}


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter10, RIGHT, WRONG)


def test_the_share_of_the_other_system_is_recognised():
    with pytest.raises(CheckFailed, match="It is the share of b"):
        chapter10.best_share(lambda a, b, t: 1 - best_share(a, b, t))
