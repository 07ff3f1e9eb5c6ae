"""Distances between two *sets* of pictures, by features of a trained network: FID and KID.

Nothing is compared person by person: a set of excellent portraits of the wrong people has a distance of zero. `fid`, `kid`
and `kid_alex` take pictures and give one number for two sets; `frechet_distance` and `kernel_distance` take any features
(N, D). The names FID and KID stand for features of Inception-v3's last pooling layer, D = 2,048, and for no others.
"""

from collections.abc import Callable

import numpy as np

from ..errors import DataError
from ._batch import as_unit_float


def fid(target: np.ndarray, output: np.ndarray) -> float:
    """Frechet Inception distance of two sets of pictures: `frechet_distance` of FID's own features (see `inception`).

    Biased upwards, the more the fewer pictures there are: with a hundred, two halves of one and the same set are far from 0.
    Compare only numbers of sets of equal sizes and with the same targets, and look at `kid` too.

    Args:
        target: (N, H, W, C), uint8 or float in [0, 1]: the reference set, such as all true sketches of the test people.
        output: (M, H', W', C'), as many for a fair number.

    Returns:
        0 for equal sets, else above; lower is better.

    Raises:
        DataError: not pictures, or fewer than two on either side.
        DownloadError: Inception's weights are not on this machine and cannot be fetched; the message says where they are.
        MethodError: PyTorch is not installed.
    """
    return frechet_distance(*_seen(_inception, target, output))


def kid(target: np.ndarray, output: np.ndarray) -> float:
    """Kernel Inception distance of two sets of pictures: the mean of `kernel_distance` over 100 subsets of 50, seed 0.

    Not biased by how many pictures there are; a little below 0 at times. Args and errors as for `fid`. Lower is better.
    """
    return kernel_distance(*_seen(_inception, target, output))[0]


def kid_alex(target: np.ndarray, output: np.ndarray) -> float:
    """The kernel distance of `kid` on 256 features of AlexNet (`perceptual.alexnet_features`) in Inception's place.

    Neither FID nor KID, and not to be set beside anybody's FID or KID: it ranks methods by sets where Inception's weights
    cannot be had but LPIPS' can. Args and errors as for `fid`, sides of at least 31 px. Lower is better.
    """
    from .perceptual import alexnet_features

    return kernel_distance(*_seen(alexnet_features, target, output))[0]


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Squared Frechet distance of two normal distributions fitted to features (FID: Heusel et al. 2017, Eq. 6).

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), with sample covariances (divided by N - 1), as in the authors' code. With
    fewer pictures than features the covariances are singular, and the distance is biased upwards: compare only sets of
    equal sizes, and look at `kernel_distance` too. The root is taken of a matrix no larger than the number of pictures,
    which gives the same trace without a 2,048 x 2,048 root.

    Args:
        first, second: (N, D) and (M, D), at least two rows each.

    Returns:
        0 for equal sets, else above.

    Raises:
        DataError: features of other shapes.
    """
    first, second = _features(first, second, 2)
    away = first.mean(axis=0) - second.mean(axis=0)
    one, other = (
        (part - part.mean(axis=0)) / np.sqrt(len(part) - 1) for part in (first, second)
    )  # C1 = one' one, C2 = other' other
    # trace of the root of C1 C2: its eigenvalues are those of (one other')(one other')', their roots its singular values
    root = np.linalg.svd(one @ other.T, compute_uv=False).sum()
    return float(max(away @ away + (one**2).sum() + (other**2).sum() - 2 * root, 0.0))


def kernel_distance(
    first: np.ndarray, second: np.ndarray, *, subsets: int = 100, size: int = 50, seed: int = 0
) -> tuple[float, float]:
    """KID (Binkowski et al. 2018): squared maximum mean discrepancy with the kernel (x y / D + 1)^3, unbiased.

    Unlike FID its mean does not depend on how many pictures there are; it may fall a little below zero.

    Args:
        first, second: (N, D) and (M, D).
        subsets: how many random subsets are averaged.
        size: pictures in each (the authors take 1,000 of 50,000; at most as many as the smaller set has).
        seed: of the subsets.

    Returns:
        Mean and standard deviation over the subsets. Subsets share pictures, so the deviation is no interval for other
        pictures.

    Raises:
        DataError: features of other shapes.
    """
    first, second = _features(first, second, 2)
    size = min(size, len(first), len(second))
    random = np.random.default_rng(seed)
    values = []
    for _ in range(subsets):
        x, y = (part[random.choice(len(part), size, replace=False)] for part in (first, second))
        xx, yy, xy = ((a @ b.T / a.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
        within = sum((k.sum() - np.trace(k)) / (size * (size - 1)) for k in (xx, yy))
        values.append(within - 2 * xy.mean())
    return float(np.mean(values)), float(np.std(values))


def _seen(
    features: Callable[[np.ndarray], np.ndarray], target: np.ndarray, output: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Features of both sets. Sets too small or of another shape are refused before a network is read."""
    target, output = as_unit_float(target, "target"), as_unit_float(output, "output")
    _enough(target, output, 2)
    return features(target), features(output)


def _inception(pictures: np.ndarray) -> np.ndarray:
    from .perceptual import with_torch

    with_torch("FID's Inception-v3")
    from .inception import inception_features

    return inception_features(pictures)


def _features(first: np.ndarray, second: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise DataError(f"features of shapes {first.shape} and {second.shape}: expected (N, D) and (M, D)")
    _enough(first, second, least)
    return first, second


def _enough(first: np.ndarray, second: np.ndarray, least: int) -> None:
    if min(len(first), len(second)) < least:
        raise DataError(
            f"{len(first)} and {len(second)} pictures: a distribution needs at least {least} of each"
        )
