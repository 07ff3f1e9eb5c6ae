"""The one place where pictures become what a PyTorch network wants, and back.

Outside: (N, H, W, C), uint8 or float in [0, 1], sketches with one channel. Inside: (N, C, H, W), float32 in [-1, 1],
as many channels as the network was built for, sides padded to a size that the architecture allows.
"""

import numpy as np
import torch
from torch import Tensor

from .keras_pictures import padding_to

__all__ = ["from_network", "padding_to", "stored", "to_network", "unstored"]

Pad = tuple[tuple[int, int], tuple[int, int]]


def stored(pictures: np.ndarray, channels: int, pad: Pad) -> Tensor:
    """Pictures uint8 (N, H, W, C) as a uint8 tensor (N, channels, H', W'): a quarter of the memory of floats, so that a
    whole data set stays on the device. Edges are repeated into the padding.

    Args:
        pictures: photos (C = 3) or sketches (C = 1).
        channels: 3, or 1: photos become grey (the mean of the three), sketches three equal channels.
    """
    x = np.pad(pictures, ((0, 0), *pad, (0, 0)), mode="edge")
    if x.shape[-1] != channels:
        x = np.repeat(x, channels, -1) if channels == 3 else np.rint(x.mean(-1, keepdims=True))
    return torch.from_numpy(np.ascontiguousarray(x.astype(np.uint8).transpose(0, 3, 1, 2)))


def unstored(pictures: Tensor, memory_format: torch.memory_format = torch.contiguous_format) -> Tensor:
    """uint8 tensors as float32 in [-1, 1], on the device where they lie."""
    return pictures.to(torch.float32, memory_format=memory_format).div_(127.5).sub_(1.0)


def to_network(pictures: np.ndarray, channels: int, pad: Pad) -> Tensor:
    """Pictures (N, H, W, 1 or 3), uint8 or float in [0, 1], as float32 (N, channels, H', W') in [-1, 1]."""
    if pictures.dtype == np.uint8:
        return unstored(stored(pictures, channels, pad))
    x = np.pad(pictures.astype(np.float32), ((0, 0), *pad, (0, 0)), mode="edge")
    if x.shape[-1] != channels:
        x = np.repeat(x, channels, -1) if channels == 3 else x.mean(-1, keepdims=True)
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))).mul_(2.0).sub_(1.0)


def from_network(outputs: Tensor, size: tuple[int, int], pad: Pad, channels: int) -> np.ndarray:
    """A network's output (N, C, H', W') in [-1, 1] as float32 (N, H, W, channels) in [0, 1], the padding cut away.

    One channel is the mean of the network's; three are its one repeated, if it has but one.
    """
    (top, _), (left, _) = pad
    y = outputs[:, :, top : top + size[0], left : left + size[1]].float()
    if y.shape[1] != channels:
        y = y.mean(1, keepdim=True) if channels == 1 else y.expand(-1, channels, -1, -1)
    y = y.add(1.0).div(2.0).clamp(0.0, 1.0)
    return np.ascontiguousarray(y.cpu().numpy().transpose(0, 2, 3, 1))
