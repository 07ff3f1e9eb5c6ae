"""Classical pencil filters: sketches from photos by arithmetic alone, the bar that a trained model has to
clear.

Each takes photos (N, H, W, 3), uint8 or floats in [0, 1], and returns (N, H, W, 1) in the same type: dark
strokes on white paper. None of them has seen a sketch.
"""

from collections.abc import Callable

import numpy as np

from ..errors import DataError
from .colour import to_grey

# Widths of blurs are given for a face picture 250 pixels high (the usual alignment) and scale with the
# height, so that a filter draws the same face at 64 and at 256 pixels.
_REFERENCE_HEIGHT = 250.0


def dodge(photos: np.ndarray, sigma: float = 16.0, gain: float = 1.0) -> np.ndarray:
    """Colour dodge: the grey photo divided by a blurred copy of itself, g / blur(g).

    The darkroom's "dodge" as image editors have it: base / (1 - blend), where the blend layer is the inverted
    grey photo under a Gaussian blur. Even areas become white, whatever is darker than its surroundings a grey
    stroke.

    Args:
        sigma: standard deviation of the blur, in pixels of a picture 250 high; larger keeps more shading.
        gain: exponent on the result; above 1 darkens the strokes.
    """
    grey, finish = _prepare(photos)
    blurred = _blur(grey, sigma)
    return finish(np.minimum(grey / np.maximum(blurred, 1 / 255), 1.0) ** gain)


def sobel(photos: np.ndarray, sigma: float = 1.0, strength: float = 1.5) -> np.ndarray:
    """Inverted gradient magnitude: white paper, darker where the grey photo changes faster.

    Sobel's 3x3 operator on the slightly blurred photo (I. Sobel, G. Feldman, 1968; see R. O. Duda and P. E.
    Hart, "Pattern Classification and Scene Analysis", 1973, p. 271), divided by 4 so that a step from black
    to white is 1.

    Args:
        sigma: blur before, in pixels of a picture 250 high.
        strength: factor on the magnitude before it is subtracted from white.
    """
    from scipy import ndimage

    grey, finish = _prepare(photos)
    smooth = _blur(grey, sigma)
    # By hand, since ndimage.sobel would also smooth along the first axis and mix one person into the next.
    slope, mean = (-1.0, 0.0, 1.0), (1.0, 2.0, 1.0)
    across, down = (
        ndimage.correlate1d(
            ndimage.correlate1d(smooth, slope, axis=along, mode="nearest"), mean, axis=other, mode="nearest"
        )
        for along, other in ((2, 1), (1, 2))
    )
    return finish(1.0 - strength * np.hypot(across, down) / 4)


def xdog(
    photos: np.ndarray,
    sigma: float = 1.2,
    k: float = 1.6,
    p: float = 12.0,
    epsilon: float = 0.5,
    phi: float = 2.0,
) -> np.ndarray:
    """Extended difference of Gaussians: strokes at edges, tone in the dark parts, soft threshold between.

    H. Winnemoeller, J. E. Kyprianidis, S. C. Olsen, "XDoG: An eXtended difference-of-Gaussians compendium
    including advanced image stylization", Computers & Graphics 36 (6), 2012, 740-753
    (doi:10.1016/j.cag.2012.03.004): S = (1 + p) G_sigma - p G_(k sigma), and T = 1 where S >= epsilon, else
    1 + tanh(phi (S - epsilon)).

    Args:
        sigma: the narrow blur, in pixels of a picture 250 high: the width of a stroke.
        k: the wide blur over the narrow one; 1.6 approximates the Laplacian of a Gaussian.
        p: how strongly edges are sharpened before the threshold.
        epsilon: level, of grey in [0, 1], above which paper stays white.
        phi: steepness of the fall to black below it.
    """
    grey, finish = _prepare(photos)
    sharpened = (1 + p) * _blur(grey, sigma) - p * _blur(grey, k * sigma)
    return finish(np.where(sharpened >= epsilon, 1.0, 1.0 + np.tanh(phi * (sharpened - epsilon))))


def _prepare(photos: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """(grey photos as float32 (N, H, W) in [0, 1], what brings a result back to the type given)."""
    photos = np.asarray(photos)
    if photos.ndim != 4 or photos.shape[3] != 3:
        raise DataError(f"photos have shape {photos.shape}: expected (number, height, width, 3)")
    grey = to_grey(photos)[..., 0].astype(np.float32)
    dtype = photos.dtype

    def finish(sketches: np.ndarray) -> np.ndarray:
        sketches = np.clip(sketches, 0.0, 1.0)[..., None]
        return np.rint(sketches * 255).astype(np.uint8) if dtype == np.uint8 else sketches.astype(dtype)

    return (grey / 255 if dtype == np.uint8 else grey), finish


def _blur(pictures: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of (N, H, W) over H and W; `sigma` in pixels of a picture 250 high."""
    from scipy import ndimage

    width = sigma * pictures.shape[1] / _REFERENCE_HEIGHT
    return ndimage.gaussian_filter(pictures, (0, width, width), mode="nearest")
