"""The two convolutional designs of Priovolos, rebuilt from the parameter counts of his Figs. 6 and 7.

Neither figure gives kernels, strides or biases. The counts do: 768 = 4*4*3*16 says a 4x4 kernel with no bias,
and 20,480 = 256*(5*5*3 + 1 + 4) says a 5x5 kernel with bias, followed by batch norm. The tests check every
line.
"""

from ..keras_quietly import keras

layers = keras.layers

# (filters, batch norm) of each block of Fig. 6's encoder, and (filters, dropout) of its decoder. The figure
# settles the batch norms (8,320 = 4*4*16*32 + 4*32); dropout has no weights, and its two places and its rate are
# those of the report's own notebook (github.com/dpriovolos/example).
_UNPADDED_ENCODER = ((16, False), (32, True), (64, False), (128, True), (256, True), (512, True))
_UNPADDED_DECODER = ((512, True), (256, False), (128, True), (64, False), (32, False), (16, False))


def unpadded_autoencoder(
    shape: tuple[int, int, int],
    *,
    output_channels: int = 3,
    dropout: float = 0.1,
    name: str = "priovolos_conv",
) -> keras.Model:
    """Six unpadded 4x4 stride-2 convolutions down, six up, two 2x2 ones to fill the last rows (Priovolos,
    Fig. 6).

    Without padding the sides run 256, 127, 62, 30, 14, 6, 2 and back 6, 14, 30, 62, 126, 254, 255, 256: a
        side must be
    64 k + 128 for the output to be as large as the input. No skip connections fit the figure's counts. All weights start
    from He's normal distribution but those of the last two layers, which the report's notebook leaves at Keras' default.

    Args:
        shape: input picture (height, width, channels); sides of 192, 256, 320, ... px.
        dropout: rate of the two dropout layers.

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels). The last layer is
        linear.
    """
    inputs = keras.Input(shape, name="picture")
    x = inputs
    for i, (channels, norm) in enumerate(_UNPADDED_ENCODER):
        x = layers.Conv2D(
            channels, 4, strides=2, use_bias=False, kernel_initializer="he_normal", name=f"down_{i + 1}"
        )(x)
        if norm:
            x = layers.BatchNormalization(name=f"down_{i + 1}_norm")(x)
        x = layers.LeakyReLU(negative_slope=0.3, name=f"down_{i + 1}_leaky")(x)
    for i, (channels, drop) in enumerate(_UNPADDED_DECODER):
        x = layers.Conv2DTranspose(
            channels, 4, strides=2, use_bias=False, kernel_initializer="he_normal", name=f"up_{i + 1}"
        )(x)
        if drop:
            x = layers.Dropout(dropout, name=f"up_{i + 1}_dropout")(x)
        x = layers.LeakyReLU(negative_slope=0.3, name=f"up_{i + 1}_leaky")(x)
    x = layers.Conv2DTranspose(8, 2, name="fill")(x)
    outputs = layers.Conv2DTranspose(output_channels, 2, name="output")(x)
    return keras.Model(inputs, outputs, name=name)


# (filters, kernel) of Fig. 7's six encoder blocks; the decoder's five mirror them. The published decoder
# total of 992,179 leaves one reading: all kernels 3x3 but the fifth, which is 5x5 as in the encoder's first
# block.
_MIXED_ENCODER = ((256, 5), (128, 3), (64, 3), (32, 3), (16, 3), (8, 3))
_MIXED_DECODER = ((16, 3), (32, 3), (64, 3), (128, 3), (256, 5))


def mixed_autoencoder(
    shape: tuple[int, int, int], *, output_channels: int = 3, units: int = 512, name: str = "priovolos_mixed"
) -> keras.Model:
    """Convolutions to a small map, two dense layers, and transposed convolutions back (Priovolos, Fig. 7).

    1,472,779 weights at 256 px, 2,000 of them batch norm's running statistics. The first block widens the
    picture to 256 channels at full resolution, so it needs far more memory and time than its weight count
    suggests. The last layer is a ReLU, as in the report's notebook: a pixel whose sum is negative is black, and gets no
    gradient.

    Args:
        shape: input picture (height, width, channels); sides divisible by 64.
        units: width of the encoder's dense layer (wider than the 128 numbers it is fed at 256 px).

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels).
    """
    inputs = keras.Input(shape, name="picture")
    x = inputs
    for i, (channels, kernel) in enumerate(_MIXED_ENCODER):
        x = layers.Conv2D(channels, kernel, padding="same", name=f"encode_{i + 1}")(x)
        x = layers.MaxPooling2D(2, name=f"encode_{i + 1}_pool")(x)
        x = layers.LeakyReLU(negative_slope=0.3, name=f"encode_{i + 1}_leaky")(x)
        x = layers.BatchNormalization(name=f"encode_{i + 1}_norm")(x)
    small = x.shape[1:]
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(units, name="code")(x)
    x = layers.Dense(small[0] * small[1] * small[2], name="spread")(x)
    x = layers.Reshape(small, name="unflatten")(x)
    for i, (channels, kernel) in enumerate(_MIXED_DECODER):
        x = layers.Conv2DTranspose(channels, kernel, padding="same", name=f"decode_{i + 1}")(x)
        x = layers.UpSampling2D(2, name=f"decode_{i + 1}_upsample")(x)
        x = layers.ReLU(name=f"decode_{i + 1}_relu")(x)
        x = layers.BatchNormalization(name=f"decode_{i + 1}_norm")(x)
    x = layers.UpSampling2D(2, name="last_upsample")(x)
    outputs = layers.Conv2DTranspose(output_channels, 3, padding="same", activation="relu", name="output")(x)
    return keras.Model(inputs, outputs, name=name)
