"""CASQ, Huang's "Convolutional Autoencoder with Self-Attention and Quantization", as published and as described.

The two parts that gave the network its name can each be left out, to see what they do.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..errors import MethodError
from ..keras_quietly import keras
from .attention import SelfAttention2D
from .networks import Networks
from .quantiser import VectorQuantizer
from .upsampling import UpsampledConv2D

if TYPE_CHECKING:
    from ..fitting import FittedKeras

layers = keras.layers

ATTENTION = ("none", "rows", "all")
QUANTISER = ("none", "fixed", "gradient", "average")

_CHUNK = 16  # pictures at once: at 200 px the attention maps of 16 in four heads take 100 MB


def casq(
    shape: tuple[int, int, int],
    *,
    attention: str = "all",
    quantiser: str = "average",
    filters: tuple[int, ...] = (64, 32, 16),
    heads: int = 4,
    attention_start: float = 0.0,
    codes: int = 128,
    code_channels: int = 32,
    commitment: float = 0.25,
    decay: float = 0.99,
    restart_below: float | None = 0.1,
    seed: int | None = None,
    output_channels: int = 3,
) -> Networks:
    """3x3 convolutions, each followed by 2x2 max pooling; attention; a 1x1 convolution; the quantiser; and up again.

    Args:
        shape: input picture (height, width, channels); height and width divisible by 2 ** len(filters).
        attention: "all": every position sees every other, through learned projections in `heads` heads (Huang's Eq. 1
            and Fig. 6); "rows": what the notebook's layer did, without weights, each row by itself; or "none".
        quantiser: "gradient" or "average": how the codebook learns (`VectorQuantizer`); "fixed": as published,
            neither the codebook nor the 1x1 convolution before it is ever trained; or "none", which keeps
            the 1x1 convolution, so that nothing but the quantiser is missing.
        filters: channels of the encoder; the decoder runs through them backwards.
        attention_start: what the learned weight of the attention's answer starts from (`SelfAttention2D`).
        codes, code_channels, commitment, decay, restart_below, seed: of the quantiser.

    Returns:
        Networks trained from logits, with the parts "features" (picture to the map that attention sees),
        "encoder" (picture to the map before the quantiser), "quantised" (picture to the map after it) and
        "decoder" (such a map to a picture).
    """
    for name, value, known in (("attention", attention, ATTENTION), ("quantiser", quantiser, QUANTISER)):
        if value not in known:
            raise ValueError(f"{name} is {value!r}: expected one of {', '.join(known)}")
    inputs = keras.Input(shape, name="picture")
    features = _encode(inputs, filters)
    attended = _attend(features, attention, heads, attention_start)
    encoded = _to_code_channels(attended, code_channels, quantiser)
    quantised = encoded
    if quantiser != "none":
        update = "none" if quantiser == "fixed" else quantiser
        quantised = VectorQuantizer(codes, commitment, update, decay, restart_below, seed, name="quantiser")(
            encoded
        )
    decode = _decoder(quantised.shape[1:], filters, output_channels)
    logits = decode(quantised)
    sigmoid = layers.Activation("sigmoid", name="sigmoid")
    code = keras.Input(quantised.shape[1:], name="code")
    return Networks(
        translator=keras.Model(inputs, sigmoid(logits), name="casq"),
        trained=keras.Model(inputs, logits, name="casq_logits"),
        logits=True,
        parts={
            "features": keras.Model(inputs, features, name="features"),
            "encoder": keras.Model(inputs, encoded, name="encoder"),
            "quantised": keras.Model(inputs, quantised, name="quantised"),
            "decoder": keras.Model(code, sigmoid(decode(code)), name="decoder"),
        },
    )


def _encode(x, filters: tuple[int, ...]):
    for i, channels in enumerate(filters):
        x = layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"down_{i + 1}")(x)
        x = layers.MaxPooling2D(2, name=f"pool_{i + 1}")(x)
    return x


def _attend(x, attention: str, heads: int, start: float):
    if attention == "all":
        return SelfAttention2D(heads, start=start, name="attention")(x)
    if attention == "rows":
        return SelfAttention2D(
            1, scope="rows", projections=False, scaled=False, residual=False, name="attention"
        )(x)
    return x


def _to_code_channels(x, channels: int, quantiser: str):
    if quantiser != "fixed":
        return layers.Conv2D(channels, 1, name="to_code")(x)
    # Never trained, so its initial values stay: those of Sonnet, in which it was written.
    initial = keras.initializers.TruncatedNormal(stddev=x.shape[-1] ** -0.5)
    return layers.Conv2D(channels, 1, kernel_initializer=initial, trainable=False, name="to_code")(x)


def _decoder(shape: tuple[int, int, int], filters: tuple[int, ...], output_channels: int) -> keras.Model:
    """From a map of codes to logits."""
    inputs = x = keras.Input(shape, name="code")
    for i, channels in enumerate(reversed(filters)):
        if i:
            x = layers.UpSampling2D(2, name=f"upsample_{i}")(x)
        x = layers.Conv2D(channels, 3, padding="same", activation="relu", name=f"up_{i + 1}")(x)
    logits = UpsampledConv2D(output_channels, name="output")(x)
    return keras.Model(inputs, logits, name="decoder")


def code_indices(fitted: "FittedKeras", pictures: np.ndarray) -> np.ndarray:
    """Which code each position of each picture gets.

    Args:
        fitted: a fitted CASQ with a quantiser.
        pictures: (N, height, width, C) of its size, uint8 or float in [0, 1].

    Returns:
        (N, H', W') int32, where H' and W' are the sides of the code's map.

    Raises:
        MethodError: pictures of another shape or range, or a network without quantiser.
    """
    return _look(fitted, pictures, "encoder", _layer(fitted, "quantiser").codes)


def attention_maps(fitted: "FittedKeras", pictures: np.ndarray) -> np.ndarray:
    """How much each position draws from each other one.

    Args:
        fitted: a fitted CASQ with attention.
        pictures: (N, height, width, C) of its size, uint8 or float in [0, 1].

    Returns:
        (N, heads, H'*W', H'*W') for attention over all positions, (N, heads, H', W', W') within rows; sums over
        the last axis are 1.

    Raises:
        MethodError: pictures of another shape or range, or a network without attention.
    """
    return _look(fitted, pictures, "features", _layer(fitted, "attention").attention_map)


def _layer(fitted: "FittedKeras", name: str) -> keras.layers.Layer:
    found = [layer for layer in fitted.networks.trained.layers if layer.name == name]
    if not found:
        raise MethodError(
            f"this {fitted.method.id} has no {name}: it was built with {name}='none', or is no CASQ; expected one "
            f"fitted with a {name}"
        )
    return found[0]


def _look(fitted: "FittedKeras", pictures: np.ndarray, part: str, function: Callable) -> np.ndarray:
    """`function` of the map that a part of the network makes of pictures, some pictures at a time."""
    from ..training.keras_pictures import padding, to_network

    pictures = fitted._check(np.asarray(pictures))
    pad = padding(fitted.size, fitted.method.allowed_side)
    model = fitted.networks.parts[part]
    return np.concatenate(
        [
            keras.ops.convert_to_numpy(
                function(model(to_network(pictures[start : start + _CHUNK], pad), training=False))
            )
            for start in range(0, len(pictures), _CHUNK)
        ]
    )
