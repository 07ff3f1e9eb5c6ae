"""FCN: convolutions alone from photo to sketch, without a bottleneck.

Zhang, Lin, Wu, Ding and Zhang, "End-to-End Photo-Sketch Generation via Fully Convolutional Representation Learning", ICMR
2015, arXiv:1501.07180, doi:10.1145/2671188.2749321.

The network never makes the picture smaller, so that each pixel of the sketch is a function of a small window of the photo,
the same function everywhere: a learned filter. It cannot know what part of a face it looks at, unless it is told, and it is:
two channels beside the colours hold each pixel's coordinates.

We could not read the paper itself. What we have, and from where:

- its abstract: whole photos in, sketches out, "stacked by only convolutional kernels of very small sizes"; an objective in
  two parts, a generative one and a discriminative regulariser that sets a person's sketch apart from others' sketches;
- Duan et al. (2020), Sections II.A and IV.D.1: the loss is the mean squared error, whence the blur; the network is called
  deep in the one and not deep in the other;
- the coordinates as further channels of the input: others' accounts of it, which we have not checked.

Ours, for want of the layer table: six convolutions of 5x5 with 32 channels between them and ReLU, 108,963 weights and a
window of 25 px; the last is linear. Zeros at the borders keep the size. The discriminative term is left out: its formula is
not in what we could read.
"""

from collections.abc import Sequence

import numpy as np

from ..keras_quietly import keras

layers, ops = keras.layers, keras.ops


@keras.saving.register_keras_serializable(package="face2sketch")
class Coordinates(layers.Layer):
    """Adds two channels that hold each pixel's place: its row and its column, from -1 at one edge to 1 at the other.

    Input (N, H, W, C), output (N, H, W, C + 2). A side of one pixel has the coordinate 0.
    """

    def call(self, pictures):
        _, height, width, _ = pictures.shape
        one = ops.ones_like(pictures[..., :1])
        rows = ops.convert_to_tensor(_from_edge_to_edge(height)[:, None, None], dtype=pictures.dtype)
        columns = ops.convert_to_tensor(_from_edge_to_edge(width)[:, None], dtype=pictures.dtype)
        return ops.concatenate([pictures, one * rows, one * columns], axis=-1)

    def compute_output_shape(self, input_shape):
        *rest, channels = input_shape
        return (*rest, channels + 2)


def _from_edge_to_edge(count: int) -> np.ndarray:
    return np.linspace(-1, 1, count, dtype=np.float32) if count > 1 else np.zeros(1, np.float32)


def fully_convolutional(
    shape: tuple[int, int, int],
    *,
    filters: Sequence[int] = (32, 32, 32, 32, 32),
    kernel: int = 5,
    coordinates: bool = True,
    output_channels: int = 3,
    name: str = "fully_convolutional",
) -> keras.Model:
    """Convolutions with stride 1 and ReLU, and a linear one to colours.

    Args:
        shape: input picture (height, width, channels), of any size; a picture as large as was trained with, since the
            coordinates run from edge to edge.
        filters: channels of the convolutions before the last.
        kernel: their sides, the last one's too. A pixel sees a window of 1 + (len(filters) + 1) * (kernel - 1).
        coordinates: False leaves the two coordinate channels out.
        output_channels: 3, as all networks here have it; a sketch is the mean of the three. The paper's sketches have one.

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels), not bounded.
    """
    inputs = keras.Input(shape, name="picture")
    x = Coordinates(name="coordinates")(inputs) if coordinates else inputs
    for number, channels in enumerate(filters, start=1):
        x = layers.Conv2D(channels, kernel, padding="same", activation="relu", name=f"conv_{number}")(x)
    outputs = layers.Conv2D(output_channels, kernel, padding="same", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
