"""Pictures for tests that need no faces: pairs with a rule that can be learned, and waves that are alike in any language."""

import numpy as np

from face2sketch.data import FacePairs


def blocks(
    number: int = 12, size: int = 32, seed: int = 0, gain: float = 0.6, offset: float = 0.3
) -> FacePairs:
    """Coarse random pictures; each sketch is gain * grey + offset, grey by the weights of BT.601."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((number, size // 8, size // 8, 3))
    photos = np.round(coarse.repeat(8, 1).repeat(8, 2) * 255).astype(np.uint8)
    grey = photos / 255.0 @ np.array([0.299, 0.587, 0.114])
    sketches = np.round(255 * np.clip(gain * grey + offset, 0, 1)).astype(np.uint8)[..., None]
    return FacePairs(photos, sketches, [f"person{i:03d}" for i in range(number)], source="blocks")


def waves(height: int, width: int, channels: int, phase: float) -> np.ndarray:
    """A picture that is the same in any language: sums of waves and an edge, rounded to 8 bits."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    value = (
        128
        + 50 * np.sin(x / (7 + c) + phase)
        + 40 * np.cos(y / 11 - c)
        + 30 * (x + 2 * y > width + 20 * phase)
    )
    return np.clip(np.rint(value), 0, 255).astype(np.uint8)[None]
