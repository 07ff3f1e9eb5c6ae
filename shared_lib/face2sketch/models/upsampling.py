"""A convolution of an enlarged map that never makes the enlarged map."""

import numpy as np

from ..keras_quietly import keras

ops = keras.ops

# Rows of a doubled map are rows of the map, each twice. Of the three that a kernel sees around an even row the first is
# the row before and the others are both the row itself; around an odd row the first two are the row itself and the third
# is the next. [parity][row before, itself, next][kernel's row]
_SUMS = np.array([[[1, 0, 0], [0, 1, 1], [0, 0, 0]], [[0, 0, 0], [1, 1, 0], [0, 0, 1]]], dtype="float32")


@keras.saving.register_keras_serializable("face2sketch")
class UpsampledConv2D(keras.layers.Conv2D):
    """A 3x3 convolution with padding "same" of the map enlarged twofold by repetition.

    The same function of the same weights as `UpSampling2D(2)` with `Conv2D(filters, 3, padding="same")` behind it, up to
    rounding. The four pixels that one grows into differ only in how the kernel's weights fall on the small map: so four
    kernels, summed from the one, are applied to the small map together. It pays where few channels come of many at a
    large size, as at the end of a decoder.

    Args:
        filters: output channels.
        others: of `Conv2D`; size, stride, padding and groups are fixed.

    Input (N, H, W, channels), output (N, 2 H, 2 W, filters).
    """

    def __init__(self, filters: int, **kwargs):
        fixed = {"kernel_size": 3, "padding": "same", "strides": 1, "dilation_rate": 1, "groups": 1}
        super().__init__(filters, **(kwargs | fixed))

    def call(self, x):
        _, height, width, channels = x.shape
        sums = ops.convert_to_tensor(_SUMS, self.kernel.dtype)
        four = ops.einsum("aik,bjl,klco->ijcabo", sums, sums, self.kernel)
        y = ops.conv(x, ops.reshape(four, (3, 3, channels, 4 * self.filters)), padding="same")
        y = ops.reshape(y, (-1, height, width, 2, 2, self.filters))
        y = ops.reshape(ops.transpose(y, (0, 1, 3, 2, 4, 5)), (-1, 2 * height, 2 * width, self.filters))
        if self.use_bias:
            y = y + self.bias
        return self.activation(y)

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        return (batch, 2 * height, 2 * width, self.filters)
