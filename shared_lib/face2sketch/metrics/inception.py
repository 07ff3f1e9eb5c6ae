"""The Inception-v3 behind FID and KID, in PyTorch: the network of TensorFlow's file inception-2015-12-05.

Heusel et al. (2017, arXiv:1706.08500) compare what this very network sees; another one, were it better, gives another FID.
Its weights are those that pytorch-fid has ported. torchvision's Inception-v3 (Szegedy et al. 2015, arXiv:1512.00567) is
another: there average pooling counts the padding as zeros, the last block pools averages where this one takes the largest,
and 1,000 classes follow instead of 1,008. The classes are left out here: FID and KID look at the last pooling layer.

Pictures are resized as TensorFlow 1 does it, from the corner: output pixel i is taken at i * side / 299. The network of the
definition resizes its input itself, in this way, and so does torch-fidelity's. pytorch-fid resizes from the middle of the
pixels and scales to [-1, 1] instead of (x - 128) / 128; its numbers differ a little.
"""

import os
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .. import weights
from ..errors import DownloadError
from ._batch import as_unit_float
from .lpips_network import read_tensors

SIDE = 299
FEATURES = 2048
_TOGETHER = 8  # pictures at a time
_AVERAGE, _LARGEST, _HALVED = (
    "average",
    "largest",
    "halved",
)  # 3 x 3 pooling: of the same size, or every second pixel

# A step is a pooling, or a convolution: name after "branch", channels, height and width of its kernel, stride.
Step = str | tuple[str, int, tuple[int, int], int]


def _step(name: str, channels: int, kernel: int | tuple[int, int], stride: int = 1) -> Step:
    return name, channels, kernel if isinstance(kernel, tuple) else (kernel, kernel), stride


def _a(pooled: int) -> list[list[Step]]:
    return [
        [_step("1x1", 64, 1)],
        [_step("5x5_1", 48, 1), _step("5x5_2", 64, 5)],
        [_step("3x3dbl_1", 64, 1), _step("3x3dbl_2", 96, 3), _step("3x3dbl_3", 96, 3)],
        [_AVERAGE, _step("_pool", pooled, 1)],
    ]


def _b() -> list[list[Step]]:
    return [
        [_step("3x3", 384, 3, 2)],
        [_step("3x3dbl_1", 64, 1), _step("3x3dbl_2", 96, 3), _step("3x3dbl_3", 96, 3, 2)],
        [_HALVED],
    ]


def _c(between: int) -> list[list[Step]]:
    row, column = (1, 7), (7, 1)
    return [
        [_step("1x1", 192, 1)],
        [_step("7x7_1", between, 1), _step("7x7_2", between, row), _step("7x7_3", 192, column)],
        [
            _step("7x7dbl_1", between, 1), _step("7x7dbl_2", between, column), _step("7x7dbl_3", between, row),
            _step("7x7dbl_4", between, column), _step("7x7dbl_5", 192, row),
        ],
        [_AVERAGE, _step("_pool", 192, 1)],
    ]  # fmt: skip


def _d() -> list[list[Step]]:
    return [
        [_step("3x3_1", 192, 1), _step("3x3_2", 320, 3, 2)],
        [
            _step("7x7x3_1", 192, 1), _step("7x7x3_2", 192, (1, 7)), _step("7x7x3_3", 192, (7, 1)),
            _step("7x7x3_4", 192, 3, 2),
        ],
        [_HALVED],
    ]  # fmt: skip


def _e(pooling: str) -> list[list[Step]]:
    one, two = [_step("3x3_1", 384, 1)], [_step("3x3dbl_1", 448, 1), _step("3x3dbl_2", 384, 3)]
    return [
        [_step("1x1", 320, 1)],
        [*one, _step("3x3_2a", 384, (1, 3))],
        [*one, _step("3x3_2b", 384, (3, 1))],
        [*two, _step("3x3dbl_3a", 384, (1, 3))],
        [*two, _step("3x3dbl_3b", 384, (3, 1))],
        [pooling, _step("_pool", 192, 1)],
    ]


BLOCKS = {
    "Mixed_5b": _a(32), "Mixed_5c": _a(64), "Mixed_5d": _a(64), "Mixed_6a": _b(), "Mixed_6b": _c(128), "Mixed_6c": _c(160),
    "Mixed_6d": _c(160), "Mixed_6e": _c(192), "Mixed_7a": _d(), "Mixed_7b": _e(_AVERAGE), "Mixed_7c": _e(_LARGEST),
}  # fmt: skip


class Convolution(nn.Module):
    """A convolution without bias, batch normalisation with the statistics of its training, ReLU."""

    def __init__(self, before: int, channels: int, kernel: tuple[int, int], stride: int, padded: bool):
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded else 0
        self.conv = nn.Conv2d(before, channels, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x)).relu_()


class Mixed(nn.Module):
    """Several branches side by side, their channels joined. Branches that begin alike share their first steps."""

    def __init__(self, before: int, branches: Sequence[Sequence[Step]]):
        super().__init__()
        self.paths = []
        self.channels = 0
        for branch in branches:
            channels, path = before, []
            for step in branch:
                if isinstance(step, str):
                    path.append(step)
                    continue
                name, after, kernel, stride = step
                path.append(f"branch{name}")
                if not hasattr(self, path[-1]):
                    self.add_module(
                        path[-1], Convolution(channels, after, kernel, stride, padded=stride == 1)
                    )
                channels = after
            self.paths.append(tuple(path))
            self.channels += channels

    def forward(self, x: Tensor) -> Tensor:
        done = {(): x}
        for path in self.paths:
            for end in range(1, len(path) + 1):
                if path[:end] not in done:
                    done[path[:end]] = self._taken(path[end - 1], done[path[: end - 1]])
        return torch.cat([done[path] for path in self.paths], 1)

    def _taken(self, step: str, x: Tensor) -> Tensor:
        if step == _AVERAGE:  # TensorFlow's average leaves the padding out of the count
            return functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        if step == _LARGEST:
            return functional.max_pool2d(x, 3, 1, 1)
        if step == _HALVED:
            return functional.max_pool2d(x, 3, 2)
        return getattr(self, step)(x)


class Inception(nn.Module):
    """Pictures (B, 3, 299, 299), scaled as `scaled` does it, to the last pooling layer, (B, 2048).

    State: the names of pytorch-fid's file, but for "fc.*" and batch normalisation's counters. Nothing of it is trained.
    """

    def __init__(self):
        super().__init__()
        self.Conv2d_1a_3x3 = Convolution(3, 32, (3, 3), 2, padded=False)
        self.Conv2d_2a_3x3 = Convolution(32, 32, (3, 3), 1, padded=False)
        self.Conv2d_2b_3x3 = Convolution(32, 64, (3, 3), 1, padded=True)
        self.Conv2d_3b_1x1 = Convolution(64, 80, (1, 1), 1, padded=False)
        self.Conv2d_4a_3x3 = Convolution(80, 192, (3, 3), 1, padded=False)
        channels = 192
        for name, branches in BLOCKS.items():
            block = Mixed(channels, branches)
            self.add_module(name, block)
            channels = block.channels
        self.requires_grad_(False).eval()

    def forward(self, x: Tensor) -> Tensor:
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = functional.max_pool2d(x, 3, 2)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = functional.max_pool2d(x, 3, 2)
        for name in BLOCKS:
            x = getattr(self, name)(x)
        return x.mean((2, 3))


def inception_features(pictures: np.ndarray) -> np.ndarray:
    """What FID's Inception-v3 sees in each picture.

    Grey pictures are repeated to three channels; nothing is rounded to 8 bits. Computed on the CPU in float32, wherever the
    pictures were made, so that the same pictures have the same features on every machine (to about 1e-5).

    Args:
        pictures: (N, H, W, C), uint8 or float in [0, 1], of any size; resized to 299 x 299, whatever their shape was.

    Returns:
        (N, 2048) float64, from 0.

    Raises:
        DataError: not a batch of pictures.
        DownloadError: the weights are not on this machine and cannot be fetched; the message says where to have them.
    """
    pictures = as_unit_float(pictures, "pictures")
    network = _network(os.environ.get(weights.VARIABLE))
    features = np.empty((len(pictures), FEATURES))
    with torch.inference_mode():
        for first in range(0, len(pictures), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            features[some] = network(scaled(pictures[some])).numpy()
    return features


def scaled(pictures: np.ndarray) -> Tensor:
    """(N, H, W, 1 or 3) in [0, 1] as the network wants them: (N, 3, 299, 299) float32, (255 x - 128) / 128."""
    bytes_ = torch.from_numpy(np.ascontiguousarray(pictures * 255, dtype=np.float32)).permute(0, 3, 1, 2)
    return (resized(bytes_).expand(-1, 3, -1, -1) - 128) / 128


def resized(x: Tensor, side: int = SIDE) -> Tensor:
    """Pictures (N, C, H, W) at side x side, bilinear as in TensorFlow 1: row i is that at i * H / side, columns alike."""
    for axis in (3, 2):
        length = x.shape[axis]
        places = torch.arange(side, dtype=torch.float32) * torch.tensor(length / side, dtype=torch.float32)
        low = places.long().clamp_max(length - 1)
        share = (places - low).reshape([-1 if a == axis else 1 for a in range(4)])
        before, after = x.index_select(axis, low), x.index_select(axis, (low + 1).clamp_max(length - 1))
        x = before + (after - before) * share
    return x


def load(download: bool = True) -> Inception:
    """The network with the weights of FID, downloaded once and checked.

    Raises:
        DownloadError: they are nowhere, or the file holds others; the message says where to have them.
    """
    path = weights.locate("inception-fid", download)
    state = {name: value for name, value in read_tensors(path).items() if not name.startswith("fc.")}
    network = Inception()
    counters = {
        name: value for name, value in network.state_dict().items() if name.endswith("num_batches_tracked")
    }
    try:
        network.load_state_dict(
            {**counters, **state}
        )  # the counters of training, of no use here, may be left out
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise DownloadError(
            f"{path.name} does not hold the weights of FID's Inception-v3: {reason}"
        ) from error
    return network


@lru_cache(maxsize=2)
def _network(folder: str | None) -> Inception:
    """The network with its weights, read once; another folder of weights is another network."""
    return load()
