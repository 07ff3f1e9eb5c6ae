"""Distances of sets: closed forms for normal distributions, other libraries' kernels and matrix roots."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel

import face2sketch as f2s
from face2sketch.metrics.distributions import frechet_distance, kernel_distance


def with_moments(mean: np.ndarray, deviations: np.ndarray, number: int, seed: int) -> np.ndarray:
    """A sample whose mean and (diagonal) sample covariance are exactly these."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(number, len(mean)))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    return white * deviations + mean


def test_frechet_distance_of_diagonal_normals_in_closed_form():
    """Commuting covariances: |m1 - m2|^2 + sum (s1 - s2)^2."""
    m1, m2, s1, s2 = (
        np.array([0.0, 1, 2]),
        np.array([1.0, 1, 0]),
        np.array([1.0, 2, 3]),
        np.array([2.0, 2, 0.5]),
    )
    found = frechet_distance(with_moments(m1, s1, 40, 0), with_moments(m2, s2, 60, 1))
    assert found == pytest.approx(5 + 1 + 0 + 2.5**2)


@pytest.mark.parametrize("number", [10, 50])
def test_frechet_distance_is_that_of_the_matrix_root(number):
    """With more features than pictures (20 against 10) the covariances are singular: a hair on the diagonal for SciPy."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(number, 20)) @ rng.normal(size=(20, 20)), rng.normal(size=(number + 5, 20)) + 0.3
    ca, cb = np.cov(a.T), np.cov(b.T)
    root = sqrtm((ca + 1e-10 * np.eye(20)) @ (cb + 1e-10 * np.eye(20))).real
    away = a.mean(0) - b.mean(0)
    assert frechet_distance(a, b) == pytest.approx(away @ away + np.trace(ca + cb - 2 * root), rel=1e-4)


def test_kernel_distance_is_the_unbiased_estimate():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(8, 5)), rng.normal(size=(8, 5)) + 1
    kernel = {"degree": 3, "gamma": 1 / 5, "coef0": 1}
    kxx, kyy = polynomial_kernel(x, **kernel), polynomial_kernel(y, **kernel)
    within = sum((k.sum() - np.trace(k)) / 56 for k in (kxx, kyy))
    expected = within - 2 * polynomial_kernel(x, y, **kernel).mean()
    assert kernel_distance(x, y, subsets=3, size=8)[0] == pytest.approx(expected)


def test_sets_of_one_kind_are_near_and_of_two_kinds_are_not():
    rng = np.random.default_rng(4)
    same = [rng.normal(size=(60, 30)) for _ in range(2)]
    other = rng.normal(size=(60, 30)) * 1.5
    assert frechet_distance(same[0], same[0]) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(*same) < frechet_distance(same[0], other)
    mean, deviation = kernel_distance(*same)
    assert abs(mean) < 3 * deviation
    mean, deviation = kernel_distance(same[0], other)
    assert mean > 3 * deviation


def test_features_of_other_shapes_are_refused():
    with pytest.raises(f2s.DataError, match=r"shapes \(3, 4\) and \(3, 5\)"):
        frechet_distance(np.zeros((3, 4)), np.zeros((3, 5)))
    with pytest.raises(f2s.DataError, match="at least 2 of each"):
        kernel_distance(np.zeros((1, 4)), np.zeros((3, 4)))
