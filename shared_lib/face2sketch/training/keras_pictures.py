"""The one place where pictures become what a Keras network wants, and back.

Outside: (N, H, W, C), uint8 or float in [0, 1], sketches with one channel. Inside: float32 in [0, 1], three
channels (the papers feed and predict sketches as three equal ones), sides padded to a size that the
architecture allows.
"""

from collections.abc import Callable

import numpy as np

CHANNELS = 3


def padding(size: tuple[int, int], allowed: Callable[[int], int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns to add (before, after) so that each side becomes `allowed(side)`, the next size that fits."""
    return padding_to(size, tuple(allowed(side) for side in size))


def padding_to(size: tuple[int, int], larger: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows and columns to add (before, after) to pictures of `size` to make them `larger`."""
    extra = [wanted - side for wanted, side in zip(larger, size, strict=True)]
    return tuple((e // 2, e - e // 2) for e in extra)


def to_network(pictures: np.ndarray, pad: tuple[tuple[int, int], tuple[int, int]]) -> np.ndarray:
    """Pictures (N, H, W, 1 or 3) as float32 (N, H', W', 3) in [0, 1]; edges are repeated into the padding."""
    x = pictures.astype(np.float32)
    if pictures.dtype == np.uint8:
        x /= 255.0
    if x.shape[-1] == 1:
        x = np.repeat(x, CHANNELS, axis=-1)
    if any(sum(side) for side in pad):
        x = np.pad(x, ((0, 0), *pad, (0, 0)), mode="edge")
    return x


def from_network(
    outputs: np.ndarray, size: tuple[int, int], pad: tuple[tuple[int, int], tuple[int, int]], channels: int
) -> np.ndarray:
    """A network's output (N, H', W', 3) as float32 (N, H, W, channels): padding cut, clipped to [0, 1].

    One channel is the mean of the three, clipped afterwards: a linear output may lie outside [0, 1].
    """
    (top, _), (left, _) = pad
    y = outputs[:, top : top + size[0], left : left + size[1]]
    if channels == 1:
        y = y.mean(axis=-1, keepdims=True)
    return np.clip(y, 0.0, 1.0).astype(np.float32)
