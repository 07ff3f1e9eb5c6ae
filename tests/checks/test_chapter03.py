"""The checks of chapter 3 accept right answers, however written, and refuse the usual wrong ones."""

import math

import numpy as np
from exercise_answers import answered

from face2sketch.checks import chapter03


def side(side, kernel, stride, padding):
    return math.ceil(side / stride) if padding == "same" else (side - kernel) // stride + 1


def weights(kernel, inputs, outputs, bias, norm):
    return outputs * (kernel * kernel * inputs + bias + 4 * norm)


def field(layers):
    size, jump = 1, 1
    for kernel, stride in layers:
        size, jump = size + (kernel - 1) * jump, jump * stride
    return size


def overlaps(kernel, stride):
    return [len(range(start, kernel, stride)) for start in range(stride)]


RIGHT = {
    "convolved_side": [
        side,
        lambda s, k, t, p: np.int64(side(s, k, t, p)),
        lambda s, k, t, p: np.array(side(s, k, t, p)),
    ],
    "convolution_weights": [weights],
    "field_of_view": [field],
    "overlaps": [overlaps, lambda k, s: np.array(overlaps(k, s)[::-1])],
}
WRONG = {
    "convolved_side": [
        lambda s, k, t, p: s,
        lambda s, k, t, p: s // t if p == "same" else (s - k) // t + 1,  # rounds down where padding rounds up
        lambda s, k, t, p: math.ceil(s / t) if p == "same" else (s - k) / t + 1,  # not rounded
        lambda s, k, t, p: math.ceil(s / t) if p == "same" else (s - k) // t,  # forgets the first place
        lambda s, k, t, p: math.ceil(s / t),  # padding ignored
        lambda s, k, t, p: None,
    ],
    "convolution_weights": [
        lambda k, i, o, b, n: o * (k * k + b + 4 * n),  # one channel only
        lambda k, i, o, b, n: o * (k * i + b + 4 * n),  # kernel not squared
        lambda k, i, o, b, n: k * k * i * o + b + 4 * n,  # one bias in all
        lambda k, i, o, b, n: o * (k * k * i + 1 + 4 * n),  # always a bias
        lambda k, i, o, b, n: o * (k * k * i + b + 2 * n),  # running statistics forgotten
    ],
    "field_of_view": [
        lambda layers: 1 + sum(k - 1 for k, _ in layers),  # strides ignored
        lambda layers: sum(k for k, _ in layers),
        lambda layers: math.prod(k for k, _ in layers),
        lambda layers: 1 + sum((k - 1) * math.prod(s for _, s in layers[: i + 1]) for i, (k, _) in enumerate(layers)),
    ],
    "overlaps": [
        lambda k, s: [k // s] * s,  # always even
        lambda k, s: [math.ceil(k / s)] * s,
        lambda k, s: k // s,  # one number
        lambda k, s: [k // s, k % s],
    ],
}  # fmt: skip


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter03, RIGHT, WRONG)
