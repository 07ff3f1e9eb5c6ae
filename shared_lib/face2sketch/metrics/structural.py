"""SSIM, the structural similarity index (Wang et al. 2004, doi:10.1109/TIP.2003.819861)."""

import numpy as np

from ._batch import pair

SMALLEST_SIDE = 11


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

    from ..errors import DataError

    target, output = pair(target, output)
    if min(target.shape[1:3]) < SMALLEST_SIDE:
        raise DataError(
            f"pictures of {target.shape[1]} x {target.shape[2]}: SSIM's window needs sides of 11 px or more"
        )
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
