"""Dense autoencoders: every pixel is joined to every hidden unit, so a picture's layout is not known, only
learned.

All four designs of the papers are one function with other widths. A picture of H x W x 3 numbers is
flattened, squeezed through the code (the middle layer) and spread out again.
"""

from collections.abc import Sequence

from ..keras_quietly import keras

layers = keras.layers


def dense_autoencoder(
    shape: tuple[int, int, int],
    widths: Sequence[int],
    *,
    output_channels: int = 3,
    code_l1: float = 0.0,
    activation: str | None = "relu",
    output_activation: str | None = "sigmoid",
    name: str = "dense_autoencoder",
) -> keras.Model:
    """A fully connected autoencoder with hidden layers of the given widths.

    Args:
        shape: input picture (height, width, channels), values in [0, 1].
        widths: units of each hidden layer in order; the middle one is the code, and its layer is named
            "code".
        output_channels: channels of the output picture.
        code_l1: weight of an L1 penalty on the code's activations (a sparse autoencoder), summed over the
            units and averaged over the batch; 0 leaves it out.
        activation: of the hidden layers; None makes the network linear.
        output_activation: of the last layer; "sigmoid" keeps outputs in [0, 1].

    Returns:
        A model from (N, height, width, channels) to (N, height, width, output_channels).
    """
    height, width, _ = shape
    code_at = len(widths) // 2
    # Keras divides an activity penalty by the batch size, so its strength does not depend on it.
    penalty = keras.regularizers.L1(code_l1) if code_l1 else None
    inputs = keras.Input(shape, name="picture")
    x = layers.Flatten(name="flatten")(inputs)
    for i, units in enumerate(widths):
        is_code = i == code_at
        x = layers.Dense(
            units,
            activation=activation,
            activity_regularizer=penalty if is_code else None,
            name="code" if is_code else f"{'encode' if i < code_at else 'decode'}_{i + 1}",
        )(x)
    x = layers.Dense(height * width * output_channels, activation=output_activation, name="pixels")(x)
    outputs = layers.Reshape((height, width, output_channels), name="output")(x)
    return keras.Model(inputs, outputs, name=name)


def venkatesh_widths(size: int) -> list[int]:
    """Hidden widths SIZE, SIZE/2, SIZE/4, SIZE/8, a code of 32, and back (Venkatesh, section IV-D.1).

    With SIZE = 256, the picture's side, SIZE/8 is 32 as well: the paper's fourth layer may be its latent space of 32
    dimensions, in a network 256-128-64-32-64-128-256. A code of its own, 32-32-32 in the middle, is our reading.
    """
    half = [size, size // 2, size // 4, size // 8]
    return [*half, 32, *reversed(half)]


def priovolos_widths() -> list[int]:
    """Hidden widths 4096, 2048 ... 64, 32, 64 ... 4096 (Priovolos, Fig. 5)."""
    half = [4096 >> i for i in range(7)]
    return [*half, 32, *reversed(half)]
