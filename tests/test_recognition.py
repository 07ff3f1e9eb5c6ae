"""Recognition: against a plain implementation with other libraries, and where the answer is known."""

import numpy as np
import pytest
from scipy.linalg import null_space
from sklearn.decomposition import PCA

import face2sketch as f2s
from face2sketch.recognition import nlda


def people(number: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A true and a synthesised picture of each person: smooth random patterns, the second with noise."""
    rng = np.random.default_rng(seed)
    true = np.kron(rng.random((number, 6, 5, 1)), np.ones((1, 4, 4, 1)))
    drawn = np.clip(true + noise * rng.normal(size=true.shape), 0, 1)
    return true, drawn


def plain(true, drawn, known, others):
    """The textbook's steps in pixel space: scikit-learn's PCA, SciPy's null space, between-class scatter, 1-NN."""
    flat = [pictures.reshape(len(pictures), -1) for pictures in (true, drawn)]
    pca = PCA(2 * len(known) - 1, svd_solver="full").fit(np.concatenate([part[known] for part in flat]))
    a, b = (pca.transform(part[known]) for part in flat)
    within = sum(np.outer(d, d) for d in (a - b) / 2) * 2
    free = null_space(within, rcond=1e-9)
    means = (a + b) / 2 @ free
    means = means - means.mean(0)
    values, vectors = np.linalg.eigh(means.T @ means)
    space = free @ vectors[:, ::-1][:, values[::-1] > values[-1] * 1e-12]
    probes, gallery = (pca.transform(part[others]) @ space for part in flat)
    curve = []
    for dimensions in range(1, space.shape[1] + 1):
        far = np.linalg.norm(probes[:, None, :dimensions] - gallery[None, :, :dimensions], axis=2)
        curve.append((far.argmin(1) == np.arange(len(others))).mean())
    return np.array(curve)


def test_the_curve_is_that_of_a_plain_implementation():
    true, drawn = people(24, 1.2)
    found = nlda(true, drawn, learn=10, draws=3, seed=5)
    random = np.random.default_rng(5)
    for curve in found.curve:
        order = random.permutation(24)
        expected = plain(true, drawn, order[:10], order[10:])
        np.testing.assert_allclose(curve, expected[: len(curve)], atol=1e-12)
    assert 0.1 < found.accuracy < 1, "a case in which some are recognised and some are not"
    assert found.curve.shape == (3, 9), "one direction less than people learned from"


def test_perfect_drawings_are_always_recognised_and_those_of_others_never_more_than_by_chance():
    true, _ = people(40, 0)
    assert nlda(true, true, draws=4).accuracy == 1
    strangers, _ = people(40, 0, seed=9)
    assert (
        nlda(true, strangers, draws=10).accuracy < 0.2
    )  # chance is 1 in 20, the best of many dimensions a little more


@pytest.mark.parametrize("noise", [0, 1e-10, 1e-8, 1e-6])
def test_a_drawing_that_is_perfect_but_for_rounding_is_recognised(noise):
    true = (255 * people(40, 0)[0]).round().astype(np.uint8)
    drawn = true.astype(np.float32) / np.float32(255)
    drawn = drawn + noise * np.random.default_rng(1).normal(size=drawn.shape)
    assert nlda(true, np.clip(drawn, 0, 1), draws=4).accuracy == 1


def test_components_that_leave_no_direction_are_refused():
    with pytest.raises(f2s.DataError, match=r"principal=10 with 10 people to learn from.*expected 11 to 19"):
        nlda(*people(20, 0.5), principal=10)
    assert nlda(*people(20, 0.1), principal=15, draws=3).accuracy > 0.5


def test_one_drawing_for_everybody_is_recognised_by_nobody():
    true, _ = people(20, 0)
    same = np.repeat(true.mean(0, keepdims=True), 20, 0)
    assert nlda(true, same, draws=5).accuracy == 0


def test_worse_drawings_are_recognised_less():
    scores = [nlda(*people(60, noise), draws=5).accuracy for noise in (0.1, 0.5, 1.5)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9 > scores[-1]


def test_ranks_climb_to_certainty_and_begin_at_the_accuracy():
    found = nlda(*people(20, 0.8), learn=10, draws=6, ranks=10)
    mean = found.ranks.mean(0)
    assert mean[0] == pytest.approx(found.accuracy)
    assert (np.diff(mean) >= 0).all()
    assert mean[-1] == 1
    assert found.deviation == pytest.approx(found.curve[:, found.best_dimension - 1].std(ddof=1))


def test_the_same_seed_draws_the_same_people():
    data = people(20, 0.5)
    np.testing.assert_array_equal(nlda(*data, seed=1).curve, nlda(*data, seed=1).curve)
    assert not np.array_equal(nlda(*data, seed=1).curve, nlda(*data, seed=2).curve)


def test_colour_counts_as_luminance():
    true, drawn = people(12, 0.3)
    np.testing.assert_allclose(nlda(true.repeat(3, -1), drawn.repeat(3, -1)).curve, nlda(true, drawn).curve)


@pytest.mark.parametrize("learn", [0, 1, 11, 12])
def test_too_few_people_are_refused(learn):
    with pytest.raises(f2s.DataError, match="at least two on either side"):
        nlda(*people(12, 0.1), learn=learn)
