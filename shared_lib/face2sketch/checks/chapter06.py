"""Checks for the exercises of chapter 6, Transfer learning."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ._exercise import Property, equals, exercise


@exercise("Exercise 1 (input)")
def vgg_input(attempt: Callable[[np.ndarray], np.ndarray]) -> Iterator[Property]:
    """Check a function from pictures (N, H, W, 3), red, green, blue in [0, 1], to what VGG was trained on.

    Reference values by hand: blue, green, red in 0..255, minus 103.939, 116.779, 123.68.
    """
    red = np.zeros((1, 2, 2, 3), dtype=np.float32)
    red[..., 0] = 1.0
    kept = red.copy()
    found = np.asarray(attempt(red), dtype=np.float64)
    yield found.shape == red.shape, "the shape stays (1, 2, 2, 3)", f"Yours is {found.shape}."
    yield (
        np.array_equal(red, kept),
        "the pictures that were given are left as they were",
        "Yours changes them in place: whoever uses them next gets other pictures.",
    )
    yield _pixel(
        found,
        (-103.939, -116.779, 131.32),
        "pure red becomes (-103.939, -116.779, 131.32)",
        _red_advice(found),
    )
    black = np.asarray(attempt(np.zeros((1, 1, 1, 3), dtype=np.float32)), dtype=np.float64)
    yield _pixel(
        black,
        (-103.939, -116.779, -123.68),
        "black becomes (-103.939, -116.779, -123.68)",
        "Blue comes first.",
    )
    mixed = np.array([0.2, 0.4, 0.8], dtype=np.float32).reshape(1, 1, 1, 3)
    yield _pixel(
        np.asarray(attempt(mixed), dtype=np.float64),
        (100.061, -14.779, -72.68),
        "(0.2, 0.4, 0.8) becomes (100.061, -14.779, -72.68)",
        "No division follows: VGG was trained on the scale 0..255.",
    )


@exercise("Exercise 2 (freezing)")
def trained_weights(attempt: Callable[[object, Sequence[str]], int]) -> Iterator[Property]:
    """Check a function of a Keras model and names of frozen layers that counts the weights a step would change.

    Reference values: the layers' shapes, counted by hand.
    """
    from ..keras_quietly import keras
    from ..models.transfer import transfer_autoencoder

    model = transfer_autoencoder((32, 32, 3), "small")
    decoder = sum(
        9 * below * above + above for below, above in ((128, 128), (128, 64), (64, 32), (32, 16), (16, 3))
    )
    encoder = sum(9 * below * above + above for below, above in ((3, 16), (16, 32), (32, 64), (64, 128)))
    found = attempt(model, ())
    yield (
        equals(found, encoder + decoder),
        f"with nothing frozen all {encoder + decoder:,} weights are trained",
        _got(found, encoder + decoder),
    )
    found = attempt(model, ("encoder",))
    yield (
        equals(found, decoder),
        f"with the encoder frozen {decoder:,} are left",
        f"{_got(found, decoder)} The encoder's own weights must not count.",
    )
    frozen, free = (model.get_layer(name).trainable_weights for name in ("encoder", "decoder"))
    yield (
        not frozen and bool(free),
        "afterwards the encoder, and it alone, is frozen in the model itself",
        "You left it out of the count alone, and a step would change it: set the layers' `trainable`.",
    )
    found = attempt(model, ("encoder", "decoder"))
    yield equals(found, 0), "with encoder and decoder frozen nothing is left", _got(found, 0)
    found = attempt(model, ())
    yield (
        equals(found, encoder + decoder),
        "asked again with nothing frozen, all are trained again",
        f"{_got(found, encoder + decoder)} `trainable = False` stays until somebody sets it back.",
    )
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, name="first")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    normed = keras.Model(inputs, keras.layers.Conv2D(2, 1, name="second")(x))
    found = attempt(normed, ("first",))
    yield (
        equals(found, 8 + 10),
        "of batch norm's four numbers a channel, two are trained: 18 in a small network",
        f"{_got(found, 18)} Running mean and variance are weights, but no gradient reaches them.",
    )


@exercise("Exercise 3 (decoder)")
def decoder_weights(attempt: Callable[[int, Sequence[int]], int]) -> Iterator[Property]:
    """Check a function of the kernel and the list of channels, code first, that counts a chain of transposed convolutions.

    Reference values: by hand, and the paper's total less VGG-16's 14,714,688.
    """
    one = attempt(3, [16, 3])
    yield (
        equals(one, 435),
        "one layer 3x3 from 16 channels to 3: 435",
        f"{_got(one, 435)} It has 9 x 16 weights for each of 3 channels, and one bias for each of these 3.",
    )
    pair = attempt(1, [4, 2, 1])
    yield (
        equals(pair, 13),
        "two layers 1x1 from 4 to 2 to 1: 13",
        f"{_got(pair, 13)} (4 + 1) x 2 and (2 + 1) x 1: the input is no layer and has no weights.",
    )
    channels = [512, 256, 128, 64, 32, 16, 3]
    paper = attempt(3, channels)
    yield (
        equals(paper, 1_572_259),
        "the paper's decoder with 3x3 kernels: 1,572,259",
        f"{_got(paper, 1_572_259)} The stride changes the picture's size and not the number of weights.",
    )
    table = attempt(5, channels)
    yield equals(table, 4_366_499), "and with the 5x5 of its Table II: 4,366,499", _got(table, 4_366_499)


def _red_advice(found: np.ndarray) -> str:
    """What went wrong with pure red, where one can tell."""
    pixel = found.reshape(-1, 3)[0]
    if np.allclose(pixel, (131.32, -116.779, -103.939), atol=0.01):
        return "The means are right, but red still comes first: VGG expects blue, green, red."
    if np.allclose(pixel, (151.061, -116.779, -123.68), atol=0.01):
        return "The means are given for blue, green, red: turn the channels before you subtract."
    if np.abs(pixel).max() < 3:
        return "The scale is 0..255, not [0, 1]: multiply first."
    return "Multiply by 255, turn the channels around, subtract the mean of each."


def _pixel(found: np.ndarray, wanted: tuple[float, ...], statement: str, why: str) -> Property:
    pixel = found.reshape(-1, 3)[0] if found.size and found.shape[-1:] == (3,) else np.full(3, np.nan)
    shown = ", ".join(f"{value:.3f}" for value in pixel)
    return bool(np.allclose(pixel, wanted, atol=0.01)), statement, f"Yours becomes ({shown}). {why}"


def _got(found: object, wanted: int) -> str:
    return f"Your answer is {found}, where {wanted:,} is right."
