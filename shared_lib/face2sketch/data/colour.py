"""Colour conversions of whole batches: grey by BT.601, and CIE L*a*b*.

Every function takes uint8 (0..255) or floats in [0, 1] with channels last, of any leading shape: (N, H, W, 3)
or (H, W, 3).
"""

import numpy as np

from ..errors import DataError

# ITU-R BT.601 luma, as Pillow ("L") and OpenCV (COLOR_RGB2GRAY) have it. scikit-image's rgb2gray uses BT.709
# weights (0.2125, 0.7154, 0.0721), which make skin darker by a few levels: name the weights beside a score.
WEIGHTS = (0.299, 0.587, 0.114)
# Pillow's fixed-point version of these weights (65536 times, rounded; they add up to 65536).
_FIXED = np.array([19595, 38470, 7471], np.uint32)


def to_grey(pictures: np.ndarray) -> np.ndarray:
    """RGB (..., 3) to grey (..., 1) by BT.601, in the type given; grey pictures (..., 1) stay as they are.

    uint8 gives byte for byte what Pillow's `convert("L")` gives.

    Raises:
        DataError: another number of channels, another type, floats outside [0, 1].
    """
    pictures = _checked(pictures, (3, 1))
    if pictures.shape[-1] == 1:
        return pictures
    if pictures.dtype == np.uint8:
        grey = pictures.astype(np.uint32) @ _FIXED + 0x8000
        return (grey >> 16).astype(np.uint8)[..., None]
    return (pictures @ np.array(WEIGHTS, pictures.dtype))[..., None].clip(0, 1)


def to_lab(pictures: np.ndarray) -> np.ndarray:
    """sRGB (..., 3) to CIE L*a*b* under D65, 2 degree observer, by scikit-image: float32.

    L* lies in [0, 100]; a* (green to red) and b* (blue to yellow) of sRGB colours within about [-108, 99].
    """
    from skimage.color import rgb2lab

    return rgb2lab(_checked(pictures, (3,))).astype(np.float32)


def _checked(pictures: np.ndarray, channels: tuple[int, ...]) -> np.ndarray:
    pictures = np.asarray(pictures)
    if pictures.ndim < 3 or pictures.shape[-1] not in channels:
        expected = " or ".join(str(number) for number in channels)
        raise DataError(f"pictures of shape {pictures.shape}: expected (..., height, width, {expected})")
    if pictures.dtype == np.uint8:
        return pictures
    if pictures.dtype.kind != "f":
        raise DataError(f"pictures of type {pictures.dtype}: expected uint8 (0..255) or floats in [0, 1]")
    if pictures.size and not (pictures.min() >= 0 and pictures.max() <= 1):
        raise DataError(
            f"floats from {pictures.min():g} to {pictures.max():g}: expected [0, 1]; divide 0..255 by 255"
        )
    return pictures
