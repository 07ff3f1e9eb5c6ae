"""The checks of chapter 6 accept right answers, however written, and refuse the usual wrong ones."""

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from exercise_answers import answered

from face2sketch.checks import CheckFailed, chapter06

MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)


def vgg_input(pictures):
    return 255 * pictures[..., ::-1] - MEAN


def by_keras(pictures):
    from face2sketch.keras_quietly import keras

    return keras.applications.vgg16.preprocess_input(255 * pictures)


def in_place(pictures):
    pictures *= 255
    return pictures[..., ::-1] - MEAN


def trained_weights(model, frozen):
    for layer in model.layers:
        layer.trainable = layer.name not in frozen
    return sum(prod(v.shape) for v in model.trainable_weights)


def by_layers(model, frozen):
    return sum(
        prod(v.shape) for layer in model.layers if layer.name not in frozen for v in layer.trainable_weights
    )


def never_thawed(model, frozen):
    for name in frozen:
        model.get_layer(name).trainable = False
    return sum(prod(v.shape) for v in model.trainable_weights)


def all_weights(model, frozen):
    return sum(prod(v.shape) for layer in model.layers if layer.name not in frozen for v in layer.weights)


def decoder_weights(kernel, channels):
    return sum((kernel**2 * below + 1) * above for below, above in pairwise(channels))


RIGHT = {
    "vgg_input": [vgg_input, by_keras, lambda p: vgg_input(p.astype(np.float64))],
    "trained_weights": [trained_weights, lambda model, frozen: np.array(trained_weights(model, frozen))],
    "decoder_weights": [decoder_weights, lambda k, c: np.int64(decoder_weights(k, c))],
}
WRONG = {
    "vgg_input": [
        lambda p: 255 * p - MEAN[::-1],  # red still first
        lambda p: 255 * p - MEAN,  # means of the wrong channels
        lambda p: p[..., ::-1] - MEAN / 255,  # another scale
        lambda p: (255 * p[..., ::-1] - MEAN) / 128,  # divided
        lambda p: 255 * p[..., ::-1],  # no mean
        lambda p: 255 * p[:, :, ::-1] - MEAN,  # mirrors the picture instead
        lambda p: vgg_input(p)[0],  # loses the batch
        in_place,
    ],
    "trained_weights": [
        lambda model, frozen: model.count_params(),  # freezing ignored
        never_thawed,
        all_weights,  # counts running statistics
        by_layers,  # freezes nothing
        lambda model, frozen: len(model.trainable_weights),  # arrays, not numbers
        lambda model, frozen: None,
    ],
    "decoder_weights": [
        lambda k, c: sum(k * k * a * b for a, b in pairwise(c)),  # no biases
        lambda k, c: sum((k * a + 1) * b for a, b in pairwise(c)),  # kernel not squared
        lambda k, c: sum((k * k * b + 1) * a for a, b in pairwise(c)),  # a bias for each input channel
        lambda k, c: sum((9 * a + 1) * b for a, b in pairwise(c)),  # always 3x3
        lambda k, c: decoder_weights(k, c[1:]),  # the first layer forgotten
    ],
}


test_right_answers, test_wrong_answers, test_open_exercises = answered(chapter06, RIGHT, WRONG)


def test_red_first_is_recognised():
    with pytest.raises(CheckFailed, match="red still comes first"):
        chapter06.vgg_input(lambda p: 255 * p - MEAN[::-1])
