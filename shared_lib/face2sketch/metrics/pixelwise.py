"""Metrics that compare pixel by pixel: means (or a median) over the pixels and channels of one picture."""

import numpy as np

from ._batch import pair

_AXES = (1, 2, 3)


def mse(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Mean squared error of each picture, on the scale [0, 1].

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1].

    Returns:
        (N,) float64; 0 for equal pictures, 1 for black against white.
    """
    target, output = pair(target, output)
    return ((target - output) ** 2).mean(axis=_AXES)


def mae(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Mean absolute error of each picture, on the scale [0, 1] (Venkatesh Eq. 1; Priovolos Eq. 6).

    Args and returns as for `mse`.
    """
    target, output = pair(target, output)
    return np.abs(target - output).mean(axis=_AXES)


def median_absolute_error(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Median absolute error of each picture, on the scale [0, 1]: what Priovolos, Section IV, names its MAE.

    Half of all pixels may be as wrong as they like without changing it. Args and returns as for `mse`.
    """
    target, output = pair(target, output)
    return np.median(np.abs(target - output), axis=_AXES)


def rmse(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Root of the mean squared error of each picture, on the scale [0, 1] (Priovolos Eq. 4).

    The mean over pictures of this differs from the root of the mean MSE, and is never larger. Args and
    returns as for `mse`.
    """
    return np.sqrt(mse(target, output))


def psnr(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture in decibels, peak 1: -10 log10(MSE).

    Args as for `mse`. Returns (N,) float64; infinity for equal pictures.
    """
    with np.errstate(divide="ignore"):
        return -10.0 * np.log10(mse(target, output))


def psnr_of_pair(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """PSNR in decibels with the largest value that occurs in either picture as its peak (Venkatesh, Eq. 3).

    Dark pictures get less than by `psnr`, never more. (Printed there is a quotient of the logarithm and the error; the
    text and the size of its figures say that the logarithm is of the quotient.)

    Args as for `mse`. Returns (N,) float64, at least 0; infinity for equal pictures, black ones too.
    """
    target, output = pair(target, output)
    peak = np.maximum(target.max(axis=_AXES), output.max(axis=_AXES))
    noise = psnr(target, output)
    return noise + 20.0 * np.log10(np.where(np.isinf(noise), 1.0, peak))
