"""LPIPS, the learned perceptual distance (Zhang et al. 2018, arXiv:1801.03924), version 0.1."""

import os
from functools import lru_cache

import numpy as np

from .. import weights
from ..errors import DataError, MethodError
from ._batch import as_unit_float, pair

_TOGETHER = 10  # pairs at a time: more are no faster on a CPU, and need more memory


def lpips(target: np.ndarray, output: np.ndarray, backbone: str = "alex") -> np.ndarray:
    """How different each two pictures look: distances of a trained network's features, version 0.1.

    Grey pictures are repeated to three channels; [0, 1] becomes [-1, 1]. Computed on the CPU in float32, wherever the
    pictures were made, so that the same pictures have the same score on every machine (to about 1e-6).

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1]; sides of at least 31 px ("alex"), 17 px ("squeeze")
            or 16 px ("vgg").
        backbone: "alex" (AlexNet, the authors' choice for comparing), "squeeze" (SqueezeNet 1.1) or "vgg" (VGG-16, their
            choice for training). Their numbers have different scales: name the backbone beside every number.

    Returns:
        (N,) float64, 0 for equal pictures; lower is better.

    Raises:
        DataError: unequal shapes, or pictures too small for the network.
        DownloadError: the weights are not on this machine and cannot be fetched; the message says where to have them.
        MethodError: unknown backbone, or PyTorch is not installed.
    """
    target, output = pair(target, output)
    torch = with_torch("LPIPS")
    _with_room(target, backbone)
    network = _network(backbone, os.environ.get(weights.VARIABLE))
    scores = np.empty(len(target))
    with torch.inference_mode():
        for first in range(0, len(target), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            scores[some] = network(_tensor(target[some]), _tensor(output[some])).numpy()
    return scores


def lpips_squeeze(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """`lpips` with the backbone "squeeze"."""
    return lpips(target, output, "squeeze")


def lpips_vgg(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """`lpips` with the backbone "vgg"."""
    return lpips(target, output, "vgg")


def alexnet_features(pictures: np.ndarray) -> np.ndarray:
    """What LPIPS' AlexNet sees in each picture, wherever it sees it: the last of its five feature maps, averaged.

    These are not the features of FID and KID. They stand in for them where Inception's weights cannot be had.

    Args:
        pictures: (N, H, W, C), uint8 or float in [0, 1], sides of at least 31 px; brought to the network as for `lpips`.

    Returns:
        (N, 256) float64 from 0: channels of the fifth convolution after ReLU, means over positions.

    Raises:
        DataError: not a batch of pictures, or pictures too small.
        DownloadError, MethodError: as for `lpips`.
    """
    pictures = as_unit_float(pictures, "pictures")
    torch = with_torch("AlexNet")
    _with_room(pictures, "alex")
    network = _network("alex", os.environ.get(weights.VARIABLE))
    features = np.empty((len(pictures), network.channels[-1]))
    with torch.inference_mode():
        for first in range(0, len(pictures), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            features[some] = network.features(network.scaled(_tensor(pictures[some]))).mean((2, 3)).numpy()
    return features


def with_torch(what: str):
    """PyTorch.

    Raises:
        MethodError: it is not installed; the message says that `what` needs it.
    """
    try:
        import torch
    except ImportError as error:
        raise MethodError(f"{what} needs PyTorch, which is not installed: pip install torch") from error
    return torch


def _with_room(pictures: np.ndarray, backbone: str) -> None:
    from .lpips_network import find

    smallest = find(backbone).smallest
    if min(pictures.shape[1:3]) < smallest:
        raise DataError(
            f"pictures of {pictures.shape[1]} x {pictures.shape[2]}: LPIPS ({backbone}) needs sides of {smallest} px or more"
        )


@lru_cache(maxsize=4)
def _network(backbone: str, folder: str | None):
    """The network with its weights, read once; another folder of weights is another network."""
    from .lpips_network import load

    return load(backbone)


def _tensor(pictures: np.ndarray):
    """(N, H, W, 1 or 3) in [0, 1] as a tensor (N, 3, H, W) in [-1, 1]."""
    import torch

    scaled = torch.from_numpy(np.ascontiguousarray(pictures * 2 - 1, dtype=np.float32))
    return scaled.permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
