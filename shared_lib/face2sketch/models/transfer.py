"""Autoencoders whose encoder has seen other pictures before: Skubisz's transfer learning, and smaller relatives.

An encoder is a nested model of the name "encoder", so that a training stage can freeze it by that name, with the
preparation of its input inside: it takes pictures as everybody else here, RGB in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import weights as weight_files
from ..errors import MethodError, SavedFileError
from ..keras_quietly import keras
from ..training.checkpoints import read_arrays, write_arrays

layers = keras.layers

# Mean of ImageNet's training pictures, blue, green, red, on the scale 0..255 (Caffe's convention, which VGG's weights
# were trained with; keras.applications.vgg16.preprocess_input does the same).
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
ENCODER_FORMAT = "face2sketch encoder 1"
_DECODER = (256, 128, 64, 32, 16)


@dataclass(frozen=True)
class EncoderPlan:
    """An encoder's layers: `blocks` of (channels, number of 3x3 convolutions), each followed by 2x2 max pooling.

    `published` names the weight files (see `face2sketch.weights`) that fit it, none if there are none.
    """

    blocks: tuple[tuple[int, int], ...]
    imagenet_input: bool
    published: tuple[str, ...] = ()

    @property
    def shrinks(self) -> int:
        """By how much each side becomes shorter; sides must be multiples of it."""
        return 2 ** len(self.blocks)


_VGG19 = ((64, 2), (128, 2), (256, 4))
_VGG19_FILES = ("vgg19-first-blocks", "vgg19")
ENCODERS: dict[str, EncoderPlan] = {
    "vgg16": EncoderPlan(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), True, ("vgg16",)),
    "vgg19-3": EncoderPlan(_VGG19, True, _VGG19_FILES),
    "vgg19-2": EncoderPlan(_VGG19[:2], True, _VGG19_FILES),
    "small": EncoderPlan(((16, 1), (32, 1), (64, 1), (128, 1)), False),
}


@keras.saving.register_keras_serializable(package="face2sketch")
class ImageNetInput(layers.Layer):
    """RGB in [0, 1] to what VGG was trained on: blue, green, red in 0..255, minus ImageNet's mean; no weights."""

    def call(self, pictures):
        """(B, H, W, 3) to (B, H, W, 3)."""
        mean = keras.ops.convert_to_tensor(IMAGENET_MEAN_BGR, dtype=self.compute_dtype)
        return 255.0 * keras.ops.flip(pictures, axis=-1) - mean

    def compute_output_shape(self, input_shape):
        """The shape stays."""
        return input_shape


def plan(encoder: str) -> EncoderPlan:
    """The plan of an encoder by name.

    Raises:
        MethodError: unknown name.
    """
    if encoder not in ENCODERS:
        raise MethodError(f"unknown encoder {encoder!r}: expected one of {', '.join(ENCODERS)}")
    return ENCODERS[encoder]


def convolutional_encoder(shape: tuple[int, int, int], encoder: str = "vgg16") -> keras.Model:
    """VGG's pattern: blocks of 3x3 convolutions with ReLU, each block ended by 2x2 max pooling.

    With "vgg16" these are the 13 convolutions of VGG-16 without its classifier: 14,714,688 weights (Simonyan and
    Zisserman, 2014, table 1, column D). "vgg19-3" and "vgg19-2" are the first three and two blocks of VGG-19 (column E),
    "small" is ours. Layers have Keras' names (block1_conv1, ...), and weights start at random (Glorot, Keras' default).

    Args:
        shape: input picture (height, width, 3); height and width divisible by 2 to the number of blocks.
        encoder: a name from `ENCODERS`.

    Returns:
        A model "encoder" from RGB (N, height, width, 3) in [0, 1] to a map of features.

    Raises:
        MethodError: unknown encoder, or sides that do not divide.
    """
    chosen = plan(encoder)
    if any(side % chosen.shrinks for side in shape[:2]):
        raise MethodError(
            f"pictures of {shape[0]}x{shape[1]}: the encoder {encoder!r} wants sides divisible by {chosen.shrinks}"
        )
    inputs = keras.Input(shape, name="picture")
    prepare = (
        ImageNetInput(name="prepare")
        if chosen.imagenet_input
        else layers.Rescaling(2.0, -1.0, name="prepare")
    )
    x = prepare(inputs)
    for block, (channels, convolutions) in enumerate(chosen.blocks, start=1):
        for number in range(1, convolutions + 1):
            x = layers.Conv2D(
                channels, 3, padding="same", activation="relu", name=f"block{block}_conv{number}"
            )(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
    return keras.Model(inputs, x, name="encoder")


def transposed_decoder(
    shape: tuple[int, int, int], doublings: int, *, kernel: int = 3, output_channels: int = 3
) -> keras.Model:
    """Transposed convolutions with stride 2 up to 16 channels, then one with stride 1 to colours (Skubisz, Table II).

    Args:
        shape: of the encoder's map (height, width, channels).
        doublings: how often both sides are doubled, 1 to 5; five have 256, 128, 64, 32 and 16 channels, fewer the last
            of these.
        kernel: 3 fits the total that the paper states; its Table II says 5.

    Returns:
        A model "decoder" to pictures in [0, 1].
    """
    inputs = keras.Input(shape, name="code")
    x = inputs
    for number, channels in enumerate(_DECODER[-doublings:], start=1):
        x = layers.Conv2DTranspose(channels, kernel, strides=2, padding="same", name=f"up_{number}")(x)
        x = layers.LeakyReLU(negative_slope=0.1, name=f"up_{number}_leaky")(x)
    outputs = layers.Conv2DTranspose(
        output_channels, kernel, padding="same", activation="sigmoid", name="output"
    )(x)
    return keras.Model(inputs, outputs, name="decoder")


def transfer_autoencoder(
    shape: tuple[int, int, int],
    encoder: str = "vgg16",
    *,
    kernel: int = 3,
    normalise: bool | None = None,
    output_channels: int = 3,
    name: str = "transfer_autoencoder",
) -> keras.Model:
    """An encoder that may bring weights along, and a decoder that learns to draw from its features.

    With "vgg16" and kernel 3 at 224 px: 16,286,947 weights, of which 14,714,688 are the encoder's.

    Args:
        shape: input picture (height, width, 3), see `convolutional_encoder`.
        encoder: a name from `ENCODERS`; its weights are random until `load_encoder` replaces them.
        kernel: of the decoder, see `transposed_decoder`.
        normalise: bring the code of each picture to mean 0 and variance 1 (no weights). ImageNet features, random ones
            and those of a small network differ in scale by a hundred: without this a comparison between them would be one
            of scales. By default for all encoders but "vgg16", which stays as the paper describes it.

    Returns:
        A model from (N, height, width, 3) to (N, height, width, output_channels), with the nested models "encoder" and
        "decoder".
    """
    chosen = plan(encoder)
    inputs = keras.Input(shape, name="picture")
    encode = convolutional_encoder(shape, encoder)
    code = encode(inputs)
    if normalise if normalise is not None else encoder != "vgg16":
        code = layers.GroupNormalization(groups=1, center=False, scale=False, name="normalise")(code)
    decode = transposed_decoder(
        tuple(code.shape[1:]), len(chosen.blocks), kernel=kernel, output_channels=output_channels
    )
    return keras.Model(inputs, decode(code), name=name)


# -- weights ----------------------------------------------------------------------------------------------------------


def load_encoder(
    model, weights: str | Path | None, *, task: str = "photo2sketch", download: bool = True
) -> Path | None:
    """Put weights into a network's encoder; the rest of the network is left alone.

    Args:
        model: a `transfer_autoencoder`, its encoder, or a `Networks` with such an encoder.
        weights: "imagenet" (what Oxford published for VGG), "faces" (pretrained on built-in faces, see
            `face2sketch.pretraining`; for the encoder "small"), a file (.h5 in Keras' layout, or .npz), or None, which
            leaves the encoder as it is.
        task: "faces" means photos for "photo2sketch", sketches for "sketch2photo".
        download: False never touches the network.

    Returns:
        The file that was read, None if there was none.

    Raises:
        MethodError: the network has no encoder, or these weights do not fit it; the message says which do.
        DownloadError: published weights that are not on this machine and could not be fetched.
        SavedFileError: a file that cannot be read.
    """
    encoder = find_encoder(model)
    if weights is None:
        return None
    if weights == "imagenet":
        path = _published_file(encoder, download)
    elif weights == "faces":
        from ..pretraining import default_file

        path = default_file(task)
    else:
        path = Path(weights).expanduser()
    _assign(encoder, read_weights(path), path)
    return path


def find_encoder(model) -> keras.Model:
    """The encoder inside a network (or the encoder itself).

    Raises:
        MethodError: it has none whose weights could be replaced.
    """
    trained = getattr(model, "trained", model)
    if trained.name == "encoder":
        return trained
    found = [layer for layer in trained.layers if layer.name == "encoder"]
    if not found:
        raise MethodError(
            f"{trained.name} has no nested model named 'encoder': only the transfer autoencoders can start from weights"
        )
    return found[0]


def read_weights(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Convolutions of a weight file by Keras' layer names: kernel (height, width, inputs, outputs) and bias.

    The first layer of VGG expects blue, green, red, as Keras' files do. Three kinds of files are known: Keras' .h5, an
    .npz of VGG in PyTorch's order with red, green, blue ("conv1_1_w" (outputs, inputs, height, width), ...), and an .npz
    written by `save_encoder`.

    Raises:
        SavedFileError: no such file, or none of these.
    """
    path = Path(path)
    if not path.is_file():
        raise SavedFileError(f"{path}: no such file; expected an encoder's weights (.h5 or .npz)")
    if path.suffix in (".h5", ".hdf5"):
        return _read_h5(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            if "conv1_1_w" in file.files:
                return _from_oihw(file)
    except (OSError, ValueError, EOFError) as error:
        raise SavedFileError(f"{path} is not an .npz file of weights ({error})") from error
    _, arrays = read_arrays(path, "an encoder saved by face2sketch", ENCODER_FORMAT)
    names = sorted({name.rpartition("/")[0] for name in arrays})
    return {name: (arrays[f"{name}/kernel"], arrays[f"{name}/bias"]) for name in names}


def save_encoder(model, path: str | Path, about: Mapping) -> Path:
    """Write an encoder's weights to an .npz that `load_encoder` reads; `about` (plain values) says what they are."""
    arrays = {}
    for layer in _convolutions(find_encoder(model)).values():
        kernel, bias = layer.get_weights()
        arrays |= {f"{layer.name}/kernel": kernel, f"{layer.name}/bias": bias}
    write_arrays(Path(path), {"format": ENCODER_FORMAT, **about}, arrays)
    return Path(path)


def _read_h5(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Keras' legacy layout: a group a layer, whose attribute "weight_names" lists its data sets, kernel then bias."""
    import h5py

    found = {}
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            for layer in root.attrs["layer_names"]:
                layer = _text(layer)
                names = [_text(name) for name in root[layer].attrs["weight_names"]]
                if len(names) == 2:
                    found[layer] = tuple(np.asarray(root[layer][name], np.float32) for name in names)
    except (OSError, KeyError) as error:
        raise SavedFileError(
            f"{path} is not a file of weights in Keras' layout, or it is damaged ({error})"
        ) from error
    return found


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name


def _from_oihw(file) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """VGG in PyTorch's order for red, green, blue: axes moved, and the first layer's inputs turned to blue, green, red."""
    found = {}
    for key in file.files:
        if key.startswith("conv") and key.endswith("_w"):
            block, number = key.removeprefix("conv").removesuffix("_w").split("_")
            kernel = file[key].transpose(2, 3, 1, 0)
            kernel = kernel[:, :, ::-1] if (block, number) == ("1", "1") else kernel
            found[f"block{block}_conv{number}"] = (
                np.ascontiguousarray(kernel),
                file[f"conv{block}_{number}_b"],
            )
    return found


def _convolutions(encoder: keras.Model) -> dict[str, keras.layers.Layer]:
    return {layer.name: layer for layer in encoder.layers if isinstance(layer, layers.Conv2D)}


def _published_file(encoder: keras.Model, download: bool) -> Path:
    found = _plan_of(encoder)
    if not found.published:
        raise MethodError(
            'nobody has published ImageNet weights for this encoder of ours: weights="faces" fits it; "imagenet" fits '
            f"{', '.join(name for name, known in ENCODERS.items() if known.published)}"
        )
    return weight_files.locate_first(found.published, download)[1]


def _plan_of(encoder: keras.Model) -> EncoderPlan:
    shapes = {name: tuple(layer.kernel.shape) for name, layer in _convolutions(encoder).items()}
    for known in ENCODERS.values():
        if _kernel_shapes(known) == shapes:
            return known
    raise MethodError(f"this encoder is none of {', '.join(ENCODERS)}: give its weights as a file")


def _kernel_shapes(plan: EncoderPlan) -> dict[str, tuple[int, ...]]:
    shapes, below = {}, 3
    for block, (channels, convolutions) in enumerate(plan.blocks, start=1):
        for number in range(1, convolutions + 1):
            shapes[f"block{block}_conv{number}"] = (3, 3, below, channels)
            below = channels
    return shapes


def _assign(encoder: keras.Model, found: Mapping, path: Path) -> None:
    """Give every convolution its kernel and bias; layers of the file beyond the encoder's last are left out."""
    wanted = _convolutions(encoder)
    for name, layer in wanted.items():
        shape = tuple(layer.kernel.shape)
        if name not in found or found[name][0].shape != shape:
            there = f"has {found[name][0].shape} there" if name in found else "has no such layer"
            raise MethodError(
                f"{path.name} does not fit this encoder: layer {name} wants a kernel {shape}, the file {there}; it fits "
                f"{' and '.join(_fitting(found)) or 'none of our encoders'}"
            )
    for name, layer in wanted.items():
        layer.set_weights(found[name])


def _fitting(found: Mapping) -> list[str]:
    """The encoders that these weights fit."""
    shapes = {name: kernel.shape for name, (kernel, _) in found.items()}
    return [
        name
        for name, known in ENCODERS.items()
        if all(shapes.get(layer) == shape for layer, shape in _kernel_shapes(known).items())
    ]
