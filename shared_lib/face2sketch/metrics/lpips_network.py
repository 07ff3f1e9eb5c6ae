"""The networks behind LPIPS, version 0.1, in PyTorch; and their weights, from either of two sources.

Zhang et al. (2018), *The Unreasonable Effectiveness of Deep Features as a Perceptual Metric*, arXiv:1801.03924. The
authors' package needs torchvision; this needs PyTorch alone. `face2sketch.metrics.lpips` is the metric made of it.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .. import weights
from ..errors import DownloadError, MethodError

# The authors' ScalingLayer: ImageNet's mean and deviation, for pictures in [-1, 1].
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_TINY = 1e-10


class Fire(nn.Module):
    """SqueezeNet's block: 1x1 convolution to few channels, then 1x1 and 3x3 convolutions side by side."""

    def __init__(self, channels: int, squeezed: int, expanded: int):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x), self.expand3x3(x)], dim=1).relu()


def alexnet() -> nn.Sequential:
    """The convolutions of torchvision's AlexNet, under its names ("0", "3", "6", "8", "10")."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def squeezenet() -> nn.Sequential:
    """The convolutions of torchvision's SqueezeNet 1.1, under its names."""

    def pool() -> nn.MaxPool2d:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return nn.Sequential(
        nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(),
        Fire(128, 32, 128), Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256),
        Fire(512, 64, 256),
    )  # fmt: skip


def vgg16() -> nn.Sequential:
    """The convolutions of torchvision's VGG-16 up to the last, under its names ("0", "2", "5", ..., "28")."""
    layers: list[nn.Module] = []
    before = 3
    for block, (depth, channels) in enumerate(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))):
        if block:
            layers.append(nn.MaxPool2d(2, 2))
        for _ in range(depth):
            layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU()]
            before = channels
    return nn.Sequential(*layers)


@dataclass(frozen=True)
class Backbone:
    """One of the networks that LPIPS can see with.

    Attributes:
        build: makes its convolutions.
        taps: after which of them the features are compared, by their number in the sequence.
        channels: of the features at each tap.
        smallest: side in pixels below which the network has nothing left to pool.
        bundle: the library's name of a file with all weights, as arrays; None where there is none.
        official: names of the two official files: the network's, and the linear layers' of LPIPS v0.1.
    """

    build: Callable[[], nn.Sequential]
    taps: tuple[int, ...]
    channels: tuple[int, ...]
    smallest: int
    bundle: str | None
    official: tuple[str, str]


BACKBONES = {
    "alex": Backbone(
        alexnet, (1, 4, 7, 9, 11), (64, 192, 384, 256, 256), 31, "lpips-alex", ("alexnet", "lpips-alex-linear")
    ),
    "squeeze": Backbone(
        squeezenet, (1, 4, 7, 9, 10, 11, 12), (64, 128, 256, 384, 384, 512, 512), 17, "lpips-squeeze",
        ("squeezenet1_1", "lpips-squeeze-linear"),
    ),
    "vgg": Backbone(
        vgg16, (3, 8, 15, 22, 29), (64, 128, 256, 512, 512), 16, None, ("vgg16-torchvision", "lpips-vgg-linear")
    ),
}  # fmt: skip


def find(backbone: str) -> Backbone:
    """The backbone of that name.

    Raises:
        MethodError: no backbone has it.
    """
    if backbone not in BACKBONES:
        raise MethodError(f"unknown LPIPS backbone {backbone!r}: expected one of {', '.join(BACKBONES)}")
    return BACKBONES[backbone]


class LPIPS(nn.Module):
    """The distance of two pictures as a network trained to classify sees them, weighted to agree with people.

    At each tap the features of both pictures are scaled to unit length along the channels; the squared differences
    are weighted channel by channel with the learned `lin`, summed over the channels, averaged over the positions, and
    added over the taps (Zhang et al., Eq. 1). Built with random weights: `load` gives it the published ones.

    Args:
        backbone: "alex", "squeeze" or "vgg".

    State: `features.*` under torchvision's names, and `lin0`, `lin1`, ..., each (1, C, 1, 1). Nothing of it is trained;
    the distance has gradients with respect to the pictures.
    """

    def __init__(self, backbone: str = "alex"):
        super().__init__()
        chosen = find(backbone)
        self.taps, self.channels = frozenset(chosen.taps), chosen.channels
        self.features = chosen.build()
        for number, channels in enumerate(chosen.channels):
            self.register_buffer(f"lin{number}", torch.ones(1, channels, 1, 1) / channels)
        self.register_buffer("shift", torch.tensor(SHIFT)[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE)[:, None, None], persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, target: Tensor, output: Tensor) -> Tensor:
        """Distances (B,) of pictures (B, 3, H, W) in [-1, 1]."""
        x = self.scaled(torch.cat([target, output]))
        distance = x.new_zeros(len(target))
        tap = 0
        for number, layer in enumerate(self.features):
            x = layer(x)
            if number in self.taps:
                distance = distance + _distance(x, getattr(self, f"lin{tap}"))
                tap += 1
        return distance

    def scaled(self, pictures: Tensor) -> Tensor:
        """Pictures (B, 3, H, W) in [-1, 1] as the backbone was trained to see them."""
        return (pictures - self.shift) / self.scale


def _distance(features: Tensor, lin: Tensor) -> Tensor:
    """Both pictures' features (2B, C, h, w), weights (1, C, 1, 1): distances (B,)."""
    unit = features / (features.square().sum(1, keepdim=True).sqrt() + _TINY)
    target, output = unit.chunk(2)
    return ((target - output).square() * lin).sum(1).mean((1, 2))


def load(backbone: str, download: bool = True) -> LPIPS:
    """LPIPS v0.1 with the published weights: from one file of arrays where it is on this machine, else from the two
    official files, which are downloaded once and checked.

    Raises:
        MethodError: unknown backbone.
        DownloadError: the weights are nowhere; the message says where to have them.
    """
    chosen = find(backbone)
    names = (chosen.bundle, chosen.official[0]) if chosen.bundle else chosen.official[:1]
    found, path = weights.locate_first(names, download)
    if found == chosen.bundle:
        state = read_arrays(path)
    else:
        state = read_official(path, weights.locate(chosen.official[1], download))
    network = LPIPS(backbone)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise DownloadError(f"{path.name} does not hold the weights of LPIPS {backbone}: {reason}") from error
    return network


def read_arrays(path: Path) -> dict[str, Tensor]:
    """The state of `LPIPS` from an .npz file with torchvision's names and `lin0`, `lin1`, ..."""
    with np.load(path, allow_pickle=False) as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays.files if name != "note"}


def read_official(network: Path, linear: Path) -> dict[str, Tensor]:
    """The state of `LPIPS` from torchvision's file of the network and the authors' file of the linear layers.

    Raises:
        DownloadError: a file that holds anything but tensors.
    """
    state = {name: value for name, value in read_tensors(network).items() if name.startswith("features.")}
    for name, value in read_tensors(linear).items():
        state[name.partition(".")[0]] = value  # "lin0.model.1.weight" in the authors' files
    return state


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a .pth file by their names. Such a file is a pickle and could run code: PyTorch reads tensors alone.

    Raises:
        DownloadError: a file that holds anything else.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise DownloadError(f"{path.name} is not a file of PyTorch tensors: {error}") from error
