"""Distances between two *sets* of pictures, by features of a trained network: FID and KID.

Nothing is compared person by person: a set of excellent portraits of the wrong people has a distance of zero. Features are
any (N, D) array; those that the two names stand for come from Inception-v3's last pooling layer, D = 2,048.
"""

import numpy as np

from ..errors import DataError


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


def _features(first: np.ndarray, second: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.ndim != 2 or second.ndim != 2 or first.shape[1] != second.shape[1]:
        raise DataError(f"features of shapes {first.shape} and {second.shape}: expected (N, D) and (M, D)")
    if min(len(first), len(second)) < least:
        raise DataError(
            f"{len(first)} and {len(second)} pictures: a distribution needs at least {least} of each"
        )
    return first, second
