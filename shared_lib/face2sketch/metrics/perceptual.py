"""LPIPS, the learned perceptual distance (Zhang et al. 2018, arXiv:1801.03924), version 0.1."""

import os
from functools import lru_cache

import numpy as np

from .. import weights
from ..errors import DataError, MethodError
from ._batch import pair

_TOGETHER = 10  # pairs at a time: more are no faster on a CPU, and need more memory


def lpips(target: np.ndarray, output: np.ndarray, backbone: str = "alex") -> np.ndarray:
    """How different each two pictures look: distances of a trained network's features, version 0.1.

    Grey pictures are repeated to three channels; [0, 1] becomes [-1, 1]. Computed on the CPU in float32, wherever the
    pictures were made, so that the same pictures have the same score on every machine (to about 1e-6).

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1]; sides of at least 31 px ("alex") or 17 px ("squeeze").
        backbone: "alex" (AlexNet, the authors' choice for comparing) or "squeeze" (SqueezeNet 1.1). Their numbers have
            different scales: name the backbone beside every number.

    Returns:
        (N,) float64, 0 for equal pictures; lower is better.

    Raises:
        DataError: unequal shapes, or pictures too small for the network.
        DownloadError: the weights are not on this machine and cannot be fetched; the message says where to have them.
        MethodError: unknown backbone, or PyTorch is not installed.
    """
    target, output = pair(target, output)
    try:
        import torch
    except ImportError as error:
        raise MethodError("LPIPS needs PyTorch, which is not installed: pip install torch") from error
    from .lpips_network import find

    smallest = find(backbone).smallest
    if min(target.shape[1:3]) < smallest:
        raise DataError(
            f"pictures of {target.shape[1]} x {target.shape[2]}: LPIPS ({backbone}) needs sides of {smallest} px or more"
        )
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
