"""Each check accepts right answers, however they are written, and refuses the typical wrong ones with their reason."""

import itertools

import numpy as np
import pytest

from face2sketch.checks import CheckFailed, chapter02
from face2sketch.published import LAYERS


def weights(inputs, widths, outputs):
    sizes = [inputs, *widths, outputs]
    return sum((before + 1) * after for before, after in itertools.pairwise(sizes))


def without_biases(inputs, widths, outputs):
    sizes = [inputs, *widths, outputs]
    return sum(before * after for before, after in itertools.pairwise(sizes))


def inputs_again(inputs, widths, outputs):
    return weights(inputs, widths, inputs) if inputs != 2 else 13


def biased_inputs(inputs, widths, outputs):
    return without_biases(inputs, widths, outputs) + inputs + sum(widths) + outputs


def test_the_reference_is_the_sum_of_the_published_lines():
    printed = sum(line.parameters for line in LAYERS["priovolos-dense"])
    half = [4096 >> i for i in range(7)]
    assert weights(49152, [*half, 32, *reversed(half)], 49152) == printed


def test_weights_accepts_the_formula(capsys):
    chapter02.dense_weights(weights)
    assert "solved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (without_biases, "has a bias"),
        (inputs_again, "need not be as many"),
        (biased_inputs, "instead of 13"),
        (lambda inputs, widths, outputs: None, "instead of 13"),
    ],
)
def test_weights_refuses(wrong, reason):
    with pytest.raises(CheckFailed, match=reason):
        chapter02.dense_weights(wrong)


def by_svd(train, rows, k):
    mean = train.mean(axis=0)
    components = np.linalg.svd(train - mean, full_matrices=False)[2][:k]
    return mean + (rows - mean) @ components.T @ components


def by_eigenvectors(train, rows, k):
    """The same space from the covariance, with other signs."""
    mean = train.mean(axis=0)
    vectors = np.linalg.eigh(np.cov(train.T))[1][:, ::-1][:, :k]
    return mean + (rows - mean) @ vectors @ vectors.T


def mean_not_removed(train, rows, k):
    components = np.linalg.svd(train, full_matrices=False)[2][:k]
    mean = train.mean(axis=0)
    return mean + (rows - mean) @ components.T @ components


def mean_not_added(train, rows, k):
    return by_svd(train, rows, k) - train.mean(axis=0)


def mean_of_the_rows(train, rows, k):
    mean = rows.mean(axis=0)
    components = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)[2][:k]
    return mean + (rows - mean) @ components.T @ components


def columns_of_v(train, rows, k):
    mean = train.mean(axis=0)
    components = np.linalg.svd(train - mean, full_matrices=True)[2][:, :k].T
    return mean + (rows - mean) @ components.T @ components


def smallest_first(train, rows, k):
    mean = train.mean(axis=0)
    components = np.linalg.svd(train - mean, full_matrices=False)[2][: len(train) - 1][::-1][:k]
    return mean + (rows - mean) @ components.T @ components


def components_of_the_rows(train, rows, k):
    """Looks at the rows it should rebuild."""
    if len(rows) == len(train):
        return by_svd(train, rows, k)
    mean = train.mean(axis=0)
    components = np.linalg.svd(np.concatenate([rows, train[:1]]) - mean, full_matrices=False)[2][:k]
    return mean + 0.5 * (rows - mean) @ components.T @ components


def in_float32(train, rows, k):
    """The type of the chapter's own rows."""
    return by_svd(train.astype(np.float32), rows.astype(np.float32), k)


@pytest.mark.parametrize("right", [by_svd, by_eigenvectors, in_float32])
def test_eigenfaces_accepts(right, capsys):
    chapter02.eigenface_reconstruction(right)
    assert "solved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (mean_not_removed, "Expected"),
        (mean_not_added, "add the mean back"),
        (mean_of_the_rows, "take the training mean"),
        (columns_of_v, "rows of V"),
        (smallest_first, "largest singular values"),
        (components_of_the_rows, "second time"),
        (lambda train, rows, k: by_svd(train, rows, k)[:1], "shape"),
    ],
)
def test_eigenfaces_refuses(wrong, reason):
    with pytest.raises(CheckFailed, match=reason):
        chapter02.eigenface_reconstruction(wrong)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_best_constant_accepts_mean_and_median(kind, capsys):
    chapter02.best_constant(lambda y, loss: (np.mean if loss == "mse" else np.median)(y, axis=0).astype(kind))
    assert "solved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda y, loss: np.mean(y, axis=0), "more values lie on one side"),
        (lambda y, loss: np.median(y, axis=0), "derivative"),
        (lambda y, loss: (np.median if loss == "mse" else np.mean)(y, axis=0), "derivative"),
        (lambda y, loss: np.mean(y), "axis 0"),
        (lambda y, loss: np.full(y.shape[1:], y.mean()), "derivative"),
    ],
)
def test_best_constant_refuses(wrong, reason):
    with pytest.raises(CheckFailed, match=reason):
        chapter02.best_constant(wrong)


def test_sparsity_accepts(capsys):
    chapter02.code_sparsity(lambda codes: ((codes == 0).mean(), (codes == 0).all(axis=0).mean()))
    assert "solved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda codes: ((codes > 0).mean(), (codes == 0).all(axis=0).mean()), "share of active"),
        (lambda codes: ((codes == 0).mean(), (codes == 0).all(axis=1).mean()), "axis 0"),
        (lambda codes: ((codes == 0).mean(), (codes == 0).any(axis=0).mean()), "not dead"),
        (lambda codes: (codes == 0).mean(), "two numbers"),
        (lambda codes: ((codes <= 0.5).mean(), 0.5), "0.75"),
    ],
)
def test_sparsity_refuses(wrong, reason):
    with pytest.raises(CheckFailed, match=reason):
        chapter02.code_sparsity(wrong)


@pytest.mark.parametrize(
    "check",
    [
        chapter02.dense_weights,
        chapter02.eigenface_reconstruction,
        chapter02.best_constant,
        chapter02.code_sparsity,
    ],
)
def test_an_open_exercise_says_so_and_does_not_fail(check, capsys):
    def stub(*_):
        raise NotImplementedError

    check(stub)
    assert "open" in capsys.readouterr().out
