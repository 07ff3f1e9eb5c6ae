"""Small random pairs with a photo-to-sketch rule that can be learned, for tests that need no faces."""

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
