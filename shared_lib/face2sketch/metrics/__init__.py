"""How far an output is from its target. Every metric has one signature:

    metric(target, output) -> scores

`target` and `output` are (N, H, W, C), uint8 or float in [0, 1]; `scores` is (N,) float64, one a picture.

The metrics of `SET_METRICS` compare two whole sets of pictures and give one float for both.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import MethodError
from ._batch import pair as unit_pair
from .distributions import fid, kid, kid_alex
from .fsim import fsim, fsimc
from .perceptual import lpips, lpips_squeeze, lpips_vgg
from .pixelwise import mae, median_absolute_error, mse, psnr, psnr_of_pair, rmse
from .scoot import scoot
from .structural import ms_ssim, ssim, ssim_tf


@dataclass(frozen=True)
class Metric:
    """A metric and what one must know to compare its numbers with anybody else's."""

    name: str
    function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    higher_is_better: bool
    label: str
    settings: str


@dataclass(frozen=True)
class SetMetric:
    """A metric of two sets of pictures, (target, output) -> float, and what one must know to compare its numbers."""

    name: str
    function: Callable[[np.ndarray, np.ndarray], float]
    higher_is_better: bool
    label: str
    settings: str


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("mse", mse, False, "MSE", "mean over pixels and channels, scale [0, 1]"),
        Metric("mae", mae, False, "MAE", "mean over pixels and channels, scale [0, 1]"),
        Metric("rmse", rmse, False, "RMSE", "root of each picture's MSE, scale [0, 1]"),
        Metric(
            "medae",
            median_absolute_error,
            False,
            "median AE",
            "median over pixels and channels, scale [0, 1]",
        ),
        Metric("psnr", psnr, True, "PSNR (dB)", "peak 1, from each picture's MSE"),
        Metric(
            "psnr_pair",
            psnr_of_pair,
            True,
            "PSNR of the pair (dB)",
            "peak: the largest value in either picture",
        ),
        Metric(
            "ssim",
            ssim,
            True,
            "SSIM",
            "scikit-image, Gaussian window sigma 1.5 (11x11), K1 0.01, K2 0.03, population covariance, data range 1, "
            "border of 5 px left out, mean over channels",
        ),
        Metric(
            "ssim_tf",
            ssim_tf,
            True,
            "SSIM (TensorFlow)",
            "tf.image.ssim with its defaults, max_val 1, in float64: window, constants and border as for SSIM",
        ),
        Metric(
            "ms_ssim",
            ms_ssim,
            True,
            "MS-SSIM",
            "five scales with the published weights, window and constants as for SSIM",
        ),
        Metric(
            "fsim",
            fsim,
            True,
            "FSIM",
            "luminance (Y of YIQ), 0 to 255, constants of the authors' MATLAB code",
        ),
        Metric("fsimc", fsimc, True, "FSIMc", "as FSIM, with the chroma of YIQ, lambda 0.03"),
        Metric("scoot", scoot, True, "SCOOT", "8-bit grey (BT.601), 4 x 4 blocks, 6 levels"),
        Metric(
            "lpips",
            lpips,
            False,
            "LPIPS",
            "version 0.1, AlexNet, pictures in [-1, 1], grey as three channels",
        ),
        Metric(
            "lpips_squeeze",
            lpips_squeeze,
            False,
            "LPIPS (squeeze)",
            "version 0.1, SqueezeNet 1.1, pictures in [-1, 1], grey as three channels",
        ),
        Metric(
            "lpips_vgg",
            lpips_vgg,
            False,
            "LPIPS (vgg)",
            "version 0.1, VGG-16, pictures in [-1, 1], grey as three channels",
        ),
    )
}

_REFERENCE = "reference set: the true targets of the same test people"
_KERNEL = "kernel (x y / D + 1)^3, unbiased, mean over 100 subsets of 50 pictures"

SET_METRICS: dict[str, SetMetric] = {
    metric.name: metric
    for metric in (
        SetMetric(
            "fid",
            fid,
            False,
            "FID",
            "Inception-v3 of TensorFlow's FID, 2,048 features, resized to 299 x 299 as in TensorFlow 1, sample covariance; "
            f"{_REFERENCE}",
        ),
        SetMetric("kid", kid, False, "KID", f"features as for FID, {_KERNEL}; {_REFERENCE}"),
        SetMetric(
            "kid_alex",
            kid_alex,
            False,
            "kernel distance (AlexNet)",
            f"neither FID nor KID: 256 features of LPIPS' AlexNet, means over positions, {_KERNEL}; {_REFERENCE}",
        ),
    )
}


def get(name: str) -> Metric:
    """The metric of that name.

    Raises:
        MethodError: no metric has that name.
    """
    if name in SET_METRICS:
        raise MethodError(f"{name!r} compares whole sets of pictures, not one with one: take it from get_set")
    if name not in METRICS:
        raise MethodError(f"unknown metric {name!r}: expected one of {', '.join(METRICS)}")
    return METRICS[name]


def get_set(name: str) -> SetMetric:
    """The metric of sets of pictures of that name.

    Raises:
        MethodError: no metric of sets has that name.
    """
    if name not in SET_METRICS:
        raise MethodError(f"unknown metric of sets {name!r}: expected one of {', '.join(SET_METRICS)}")
    return SET_METRICS[name]


__all__ = [
    "METRICS", "SET_METRICS", "Metric", "SetMetric", "fid", "fsim", "fsimc", "get", "get_set", "kid", "kid_alex", "lpips",
    "lpips_squeeze", "lpips_vgg", "mae", "median_absolute_error", "ms_ssim", "mse", "psnr", "psnr_of_pair", "rmse", "scoot",
    "ssim", "ssim_tf", "unit_pair",
]  # fmt: skip
