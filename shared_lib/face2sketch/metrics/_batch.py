"""Shared by all metrics: check two batches of pictures and bring them to float64 in [0, 1]."""

import numpy as np

from ..errors import DataError


def as_unit_float(pictures: np.ndarray, name: str) -> np.ndarray:
    """Pictures (N, H, W, C), uint8 or float in [0, 1], as float64 in [0, 1].

    Raises:
        DataError: another shape or type, values outside [0, 1], or values that are not finite.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim != 4 or pictures.shape[-1] not in (1, 3):
        raise DataError(f"{name} has shape {pictures.shape}: expected (N, height, width, 1 or 3)")
    if pictures.dtype == np.uint8:
        return pictures / 255.0
    if not np.issubdtype(pictures.dtype, np.floating):
        raise DataError(f"{name} has type {pictures.dtype}: expected uint8, or float in [0, 1]")
    pictures = pictures.astype(np.float64)
    if not np.isfinite(pictures).all():
        raise DataError(f"{name} holds values that are not finite: did the training diverge?")
    if pictures.size and (pictures.min() < -1e-6 or pictures.max() > 1 + 1e-6):
        raise DataError(
            f"{name} runs from {pictures.min():.3g} to {pictures.max():.3g}: expected floats in [0, 1]; "
            "divide 8-bit pictures by 255 or pass them as uint8, and clip a network's raw output"
        )
    return pictures


def pair(target: np.ndarray, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both batches as float64 in [0, 1], of one shape (N, H, W, C).

    Raises:
        DataError: the shapes differ, or either batch is not a batch of pictures.
    """
    target, output = as_unit_float(target, "target"), as_unit_float(output, "output")
    if target.shape != output.shape:
        raise DataError(
            f"target has shape {target.shape} and output {output.shape}: a full-reference metric compares pixel "
            "by pixel and wants equal shapes"
        )
    return target, output
