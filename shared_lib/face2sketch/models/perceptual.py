"""Feature maps of VGG-19 for the perceptual loss of MSG-SARL (Duan et al., 2020, Eq. 13).

The loss compares pool1 and pool2, which the paper names: VGG's first four convolutions are all that is needed. The paper's
"i = 2, 5" fits them if convolutions and poolings are counted from zero; in PyTorch's list, where every ReLU counts too, they
are 4 and 9. Against them speaks that i is "the i-th pooling layer", and that Section IV.D.2 has low-level and high-level
pooling layers, as pool2 and pool5 are. The loss itself, the sum of both mean squared differences, is in `training.gan_step`.

How large the features are decides how much the loss weighs, and the paper says nothing about it. VGG was trained on
0..255 minus a mean (Caffe's scale); PyTorch's own copy of it takes pictures in units of their standard deviation,
about 58 of 255. ReLU networks scale: input and biases divided by s give features divided by s, and losses by s squared,
here 3,300. The paper is written in PyTorch, and weighs this loss ten times as much as a GAN loss of order 1: its features
must be the small ones. `scale="torch"` gives them from the original weights, `scale="caffe"` the others.
"""

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .. import weights as weight_files
from ..errors import MethodError, SavedFileError

# Red, green, blue of ImageNet's training pictures on 0..255: mean (Simonyan and Zisserman), and the mean of the three
# standard deviations that PyTorch's models divide by (0.229, 0.224, 0.225).
MEAN = (123.68, 116.779, 103.939)
DEVIATION = 255 * (0.229 + 0.224 + 0.225) / 3
SCALES = {"torch": DEVIATION, "caffe": 1.0}
LAYERS = ("conv1_1", "conv1_2", "conv2_1", "conv2_2")
RANDOM_WIDTH = 16  # channels of conv1_1 with random weights, where VGG-19 has 64
_POOLED_AFTER = ("conv1_2", "conv2_2")
FILES = ("vgg19-first-blocks", "vgg19")


class VggFeatures(nn.Module):
    """VGG-19 up to its second pooling layer, frozen.

    Its weights are buffers: no optimiser finds them, and they move with the module. Gradients pass through to the picture.

    Args:
        arrays: kernel (outputs, inputs, 3, 3) and bias (outputs,) of each of `LAYERS`, for red, green, blue in 0..255
            minus `MEAN`.
        scale: what features are divided by: "torch", "caffe" or a number.

    Raises:
        MethodError: an unknown scale.
    """

    def __init__(self, arrays: dict[str, tuple[np.ndarray, np.ndarray]], scale: str | float = "torch"):
        super().__init__()
        divisor = SCALES.get(scale) if isinstance(scale, str) else float(scale)
        if divisor is None or not divisor > 0:
            names = ", ".join(SCALES)
            raise MethodError(f"feature scale {scale!r}: expected {names} or a positive number")
        self.divisor = divisor
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1) / divisor)
        for name in LAYERS:
            kernel, bias = (torch.from_numpy(np.array(array, np.float32)) for array in arrays[name])
            self.register_buffer(f"{name}_kernel", kernel)
            self.register_buffer(f"{name}_bias", bias / divisor)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """Pictures (B, 3 or 1, H, W) in [-1, 1] to the maps of pool1 (B, 64, H / 2, W / 2) and pool2 (B, 128, H / 4, W / 4).
        One channel is taken as three equal ones. Narrower arrays give as many channels as they have."""
        x = (picture + 1) * (127.5 / self.divisor) - self.mean
        found = []
        for name in LAYERS:
            x = F.conv2d(x, getattr(self, f"{name}_kernel"), getattr(self, f"{name}_bias"), padding=1).relu_()
            if name in _POOLED_AFTER:
                x = F.max_pool2d(x, 2)
                found.append(x)
        return found


def vgg_features(
    weights: str | Path = "imagenet",
    *,
    scale: str | float = "torch",
    seed: int = 0,
    download: bool = True,
) -> VggFeatures:
    """The feature network of the perceptual loss.

    Args:
        weights: "imagenet" (the first file of `f2s.weights` that is on this machine, else the official one is
            downloaded), "random", or a file: .npz with "conv1_1_w" (outputs, inputs, height, width), or Keras' .h5.
        scale: see `VggFeatures`.
        seed: of random weights: normal, variance 2 / fan-in (He et al., 2015), no biases, and a quarter of VGG's channels
            at a sixteenth of its cost: random features need no more. They too compare edges and their surroundings and
            not only pixels, but know nothing of faces or of ImageNet.
        download: False never touches the network.

    Raises:
        MethodError: an unknown scale.
        DownloadError: ImageNet's weights are wanted and cannot be had.
        SavedFileError: a file that does not hold these layers.
    """
    if weights == "random":
        return VggFeatures(_random_arrays(seed), scale)
    if weights == "imagenet":
        _, path = weight_files.locate_first(FILES, download)
    else:
        path = Path(weights)
    return VggFeatures(read_arrays(path), scale)


def read_arrays(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Kernels (outputs, inputs, 3, 3) and biases of VGG-19's first four convolutions, for red, green, blue.

    Raises:
        SavedFileError: no such file, or one without them.
    """
    if not Path(path).is_file():
        raise SavedFileError(f"{path}: no such file; expected the weights of VGG-19 (.npz or .h5)")
    try:
        arrays = _from_h5(path) if Path(path).suffix in (".h5", ".hdf5") else _from_npz(path)
    except (OSError, KeyError, ValueError) as error:
        raise SavedFileError(f"{path} does not hold {', '.join(LAYERS)} of VGG-19 ({error})") from error
    for name, inputs, outputs in _plan(64):
        if arrays[name][0].shape != (outputs, inputs, 3, 3) or arrays[name][1].shape != (outputs,):
            shape = arrays[name][0].shape
            raise SavedFileError(
                f"{path}: {name} is {shape}, expected ({outputs}, {inputs}, 3, 3) and a bias for each output"
            )
    return arrays


def _from_npz(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    with np.load(path, allow_pickle=False) as file:
        return {name: (file[f"{name}_w"], file[f"{name}_b"]) for name in LAYERS}


def _from_h5(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Keras' file: (height, width, inputs, outputs), the first layer for blue, green, red."""
    import h5py

    found = {}
    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        for name in LAYERS:
            layer = f"block{name[4]}_conv{name[6]}"
            group = root[layer]
            kernel, bias = (np.asarray(group[weight]) for weight in group.attrs["weight_names"])
            found[name] = kernel.transpose(3, 2, 0, 1), bias
    kernel, bias = found["conv1_1"]
    return found | {"conv1_1": (kernel[:, ::-1], bias)}


def _random_arrays(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(seed)
    return {
        name: (
            random.normal(0, math.sqrt(2 / (9 * inputs)), (outputs, inputs, 3, 3)),
            np.zeros(outputs),
        )
        for name, inputs, outputs in _plan(RANDOM_WIDTH)
    }


def _plan(width: int) -> list[tuple[str, int, int]]:
    """Name, inputs and outputs of each layer, if the first has `width` outputs."""
    inputs, outputs = (3, width, width, 2 * width), (width, width, 2 * width, 2 * width)
    return list(zip(LAYERS, inputs, outputs, strict=True))
