"""Convolutional autoencoders of Skubisz and Venkatesh: strides or pooling down, and two ways up again.

A convolution looks at a small window and uses the same weights everywhere, so these networks have a hundredth
of a dense autoencoder's weights and keep the picture's layout.
"""

from ..keras_quietly import keras

layers = keras.layers


def strided_autoencoder(
    shape: tuple[int, int, int],
    *,
    filters: tuple[int, ...] = (16, 32, 64),
    kernel: int = 5,
    output_channels: int = 3,
    upsampling: str = "transposed",
    output_activation: str | None = "sigmoid",
    name: str = "strided_autoencoder",
) -> keras.Model:
    """Stride-2 convolutions down, transposed convolutions up, one plain convolution to colours (Skubisz,
    Table I).

    Args:
        shape: input picture (height, width, channels); height and width divisible by 2 ** len(filters).
        filters: channels of the encoder's convolutions; the decoder runs through them backwards.
        kernel: kernel size of all layers.
        upsampling: "transposed" as in the paper, or "resize" (nearest neighbour, then a convolution), which
            avoids checkerboards and has the same number of weights.

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels).
    """
    inputs = keras.Input(shape, name="picture")
    x = inputs
    for i, channels in enumerate(filters):
        x = layers.Conv2D(channels, kernel, strides=2, padding="same", name=f"down_{i + 1}")(x)
        x = layers.LeakyReLU(negative_slope=0.1, name=f"down_{i + 1}_leaky")(x)
    for i, channels in enumerate(reversed(filters)):
        if upsampling == "transposed":
            x = layers.Conv2DTranspose(channels, kernel, strides=2, padding="same", name=f"up_{i + 1}")(x)
        elif upsampling == "resize":
            x = layers.UpSampling2D(2, name=f"up_{i + 1}_resize")(x)
            x = layers.Conv2D(channels, kernel, padding="same", name=f"up_{i + 1}")(x)
        else:
            raise ValueError(f"upsampling is {upsampling!r}: expected 'transposed' or 'resize'")
        x = layers.LeakyReLU(negative_slope=0.1, name=f"up_{i + 1}_leaky")(x)
    outputs = layers.Conv2D(
        output_channels, kernel, padding="same", activation=output_activation, name="output"
    )(x)
    return keras.Model(inputs, outputs, name=name)


# (filters, stride, 2x2 max pooling after it) of Venkatesh's Fig. 8, and (filters, 2x2 upsampling before it).
_VENKATESH_ENCODER = (
    (16, 1, True),
    (64, 2, True),
    (128, 1, False),
    (256, 1, False),
    (512, 1, False),
    (512, 1, False),
)
_VENKATESH_DECODER = ((256, True), (128, False), (64, True), (32, True))


def venkatesh_conv(
    shape: tuple[int, int, int],
    *,
    batch_norm: bool = False,
    output_channels: int = 3,
    name: str = "venkatesh_conv",
) -> keras.Model:
    """The pooled autoencoder of Venkatesh's Fig. 8 (5,486,787 weights), or its variant with batch norm.

    The figure's second convolution halves the picture (128 to 64) with 9,280 weights: a 3x3 kernel with
    stride 2. The code is (height/8, width/8, 512): 524,288 numbers at 256 px, more than the picture's own
    196,608, where the text speaks of a latent space of 32 dimensions.

    Args:
        shape: input picture (height, width, channels); height and width divisible by 8.
        batch_norm: True puts batch norm and LeakyReLU after each convolution but the last ("Conv with Relu"
            in the paper's Table III); False a ReLU.

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels).
    """

    def convolution(x, channels, stride, label):
        # A bias before batch norm is redundant, but Keras' default and harmless.
        x = layers.Conv2D(channels, 3, strides=stride, padding="same", name=label)(x)
        if batch_norm:
            x = layers.BatchNormalization(name=f"{label}_norm")(x)
            return layers.LeakyReLU(negative_slope=0.3, name=f"{label}_leaky")(x)
        return layers.ReLU(name=f"{label}_relu")(x)

    inputs = keras.Input(shape, name="picture")
    x = inputs
    for i, (channels, stride, pool) in enumerate(_VENKATESH_ENCODER):
        x = convolution(x, channels, stride, f"encode_{i + 1}")
        if pool:
            x = layers.MaxPooling2D(2, name=f"pool_{i + 1}")(x)
    for i, (channels, upsample) in enumerate(_VENKATESH_DECODER):
        if upsample:
            x = layers.UpSampling2D(2, name=f"upsample_{i + 1}")(x)
        x = convolution(x, channels, 1, f"decode_{i + 1}")
    outputs = layers.Conv2D(output_channels, 3, padding="same", activation="sigmoid", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
