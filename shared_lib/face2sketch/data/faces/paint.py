"""Colours. A picture being painted is an array (3, H, W) in linear light: planes, as NumPy works fastest on long rows."""

from __future__ import annotations

import numpy as np


def rgb(red: float, green: float, blue: float) -> np.ndarray:
    """A colour or tint that multiplies or covers a picture: float32 (3, 1, 1)."""
    return np.array([red, green, blue], np.float32)[:, None, None]


def linear(colour) -> np.ndarray:
    """sRGB 0..255 to linear light 0..1, (3, 1, 1)."""
    return rgb(*((np.asarray(colour, np.float64) / 255) ** 2.2))


def over(picture: np.ndarray, colour: np.ndarray, alpha: np.ndarray) -> None:
    """Lay a colour (3, 1, 1) or (3, H, W) over the picture, in place, with coverage `alpha` (H, W)."""
    change = colour - picture
    change *= alpha
    picture += change
