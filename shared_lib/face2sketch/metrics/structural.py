"""SSIM, the structural similarity index (Wang et al. 2004, doi:10.1109/TIP.2003.819861), at one scale and at five."""

import numpy as np

from ..errors import DataError
from ._batch import pair

SMALLEST_SIDE = 11
WINDOW = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()
C1, C2 = 0.01**2, 0.03**2
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Structural similarity of each picture, by scikit-image with the original paper's settings.

    Gaussian window of sigma 1.5 (11 x 11), K1 = 0.01, K2 = 0.03, population covariance, data range 1 on the
    scale [0, 1]. The 5 pixels at each border, where the window leaves the picture, do not count. Colour
    pictures: mean over the channels.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1], sides of at least 11 px.

    Returns:
        (N,) float64 in [-1, 1]; 1 for equal pictures.

    Raises:
        DataError: unequal shapes, or pictures smaller than the window.
    """
    from skimage.metrics import structural_similarity

    target, output = _pair(target, output, "SSIM", SMALLEST_SIDE)
    scores = [
        structural_similarity(
            a,
            b,
            channel_axis=-1,
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for a, b in zip(target, output, strict=True)
    ]
    return np.array(scores, dtype=np.float64)


def ssim_tf(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Structural similarity of each picture as `tf.image.ssim` defines it, with its defaults; without TensorFlow.

    Gaussian window of 11 x 11 and sigma 1.5 that stays within the picture ("VALID"), K1 = 0.01, K2 = 0.03, max_val 1; the
    covariance is E[ab] - E[a] E[b] under the window. Colour pictures: mean over the channels.

    With these settings it is the same measure as `ssim`: the two agree to 1e-12. TensorFlow itself computes in float32, and
    the difference of two nearly equal numbers loses digits there: what it prints is 1e-5 to 1e-4 off, most on small or flat
    pictures, and changes in the fifth decimal with the scale of the pictures. Here it is float64.

    Args, returns and errors as for `ssim`.
    """
    target, output = _pair(target, output, "SSIM", SMALLEST_SIDE)
    scores = []
    for a, b in zip(target, output, strict=True):
        luminance, structure = _terms(a, b)
        scores.append((luminance * structure).mean())
    return np.array(scores, dtype=np.float64)


def ms_ssim(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Multi-scale structural similarity of each picture (Wang, Simoncelli and Bovik 2003, doi:10.1109/ACSSC.2003.1292216).

    Contrast and structure at five scales, each half as large as the one before (means of 2 x 2 pixels), luminance at the
    smallest; the paper's weights, SSIM's window and constants. Where the mean of contrast and structure is negative it
    counts as 0, as in TensorFlow. Colour pictures: mean over the channels.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1], sides of at least 176 px: the smallest scale must hold
            the window.

    Returns:
        (N,) float64 in [0, 1]; 1 for equal pictures.

    Raises:
        DataError: unequal shapes, or pictures too small.
    """
    smallest = SMALLEST_SIDE * 2 ** (len(SCALE_WEIGHTS) - 1)
    target, output = _pair(target, output, "MS-SSIM", smallest)
    scores = []
    for a, b in zip(target, output, strict=True):
        factors = []
        for _ in SCALE_WEIGHTS:
            luminance, structure = _terms(a, b)
            factors.append(np.maximum(structure.mean(axis=(0, 1)), 0))
            a, b = _halved(a), _halved(b)
        factors[-1] = np.maximum((luminance * structure).mean(axis=(0, 1)), 0)
        scores.append(np.prod([f**w for f, w in zip(factors, SCALE_WEIGHTS, strict=True)], axis=0).mean())
    return np.array(scores, dtype=np.float64)


def _pair(target: np.ndarray, output: np.ndarray, name: str, smallest: int) -> tuple[np.ndarray, np.ndarray]:
    """Both batches, checked, with room for the window."""
    target, output = pair(target, output)
    if min(target.shape[1:3]) < smallest:
        raise DataError(
            f"pictures of {target.shape[1]} x {target.shape[2]}: {name} needs sides of {smallest} px or more"
        )
    return target, output


def _terms(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """SSIM's two factors at each pixel whose window lies within the picture: luminance; contrast and structure."""
    mean_a, mean_b = _windowed(a), _windowed(b)
    variances = _windowed(a * a + b * b) - mean_a**2 - mean_b**2
    covariance = _windowed(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return luminance, (2 * covariance + C2) / (variances + C2)


def _windowed(picture: np.ndarray) -> np.ndarray:
    """Weighted means under the window, (H, W, C) to (H - 10, W - 10, C)."""
    from scipy.ndimage import correlate1d

    return correlate1d(correlate1d(picture, WINDOW, 0), WINDOW, 1)[5:-5, 5:-5]


def _halved(picture: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels; a last odd row or column is averaged with itself, as TensorFlow pads it."""
    height, width = picture.shape[:2]
    even = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2, -1).mean(axis=(1, 3))
