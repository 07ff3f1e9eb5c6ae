"""Exemplar synthesis: weights against other libraries and first principles, pictures where the answer is known."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.manifold._locally_linear import barycenter_weights

import face2sketch as f2s
from face2sketch import exemplars


@pytest.fixture(scope="module")
def faces():
    train, test = f2s.data.synthetic(n=16, size=48, seed=2).split(test=4, seed=0)
    return [pairs.photos / np.float32(255) for pairs in (train, test)] + [
        pairs.sketches / np.float32(255) for pairs in (train, test)
    ]


def mixture(baseline, known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The weight of each known patch for each asked one, read off a patchwork of one place: targets are unit vectors."""
    side, number = 6, len(known)
    inputs = known.reshape(number, side, side, -1)
    targets = np.broadcast_to(np.eye(number)[:, None, None], (number, side, side, number))
    arrays = baseline.learn(inputs, targets)
    return baseline.apply(arrays, asked.reshape(len(asked), side, side, -1))[:, 0, 0]


@pytest.fixture
def patches():
    rng = np.random.default_rng(0)
    return rng.random((7, 36)), rng.random((3, 36))


def test_weights_of_lle_are_scikit_learns(patches):
    known, asked = patches
    weights = mixture(exemplars.lle(neighbours=4, ridge=1e-3), known, asked)
    nearest = np.argsort(((asked[:, None] - known) ** 2).sum(-1), axis=1)[:, :4]
    # scikit-learn adds reg * trace to the covariance, here it is reg * trace / neighbours
    expected = barycenter_weights(asked, known, nearest, reg=1e-3 / 4)
    for row, chosen, values in zip(weights, nearest, expected, strict=True):
        np.testing.assert_allclose(row[chosen], values, atol=1e-4)
        assert np.count_nonzero(row) == 4
        assert row.sum() == pytest.approx(1, abs=1e-5)


def test_lle_can_mix_all_candidates(patches):
    """The nearest come in no particular order, and each must keep its own weight."""
    known, asked = patches
    weights = mixture(exemplars.lle(neighbours=100), known, asked)
    everybody = np.tile(np.arange(7), (3, 1))
    np.testing.assert_allclose(weights, barycenter_weights(asked, known, everybody, reg=1e-3 / 7), atol=1e-4)


def test_weights_of_rslcr_minimise_what_they_should(patches):
    known, asked = patches
    weights = mixture(exemplars.rslcr(sample=7, locality=0.5), known, asked)
    for x, row in zip(asked, weights, strict=True):
        squares = ((x - known) ** 2).sum(1)

        def cost(w, x=x, squares=squares):
            return ((x - w @ known) ** 2).sum() + 0.5 * (squares * w**2).sum()

        found = minimize(cost, np.full(7, 1 / 7), constraints={"type": "eq", "fun": lambda w: w.sum() - 1})
        np.testing.assert_allclose(row, found.x, atol=2e-3)
        assert cost(row / row.sum()) <= cost(found.x) + 1e-5


@pytest.mark.parametrize("method", [exemplars.lle, exemplars.rslcr])
def test_a_training_photo_gives_its_own_sketch(faces, method):
    photos, _, sketches, _ = faces
    baseline = method()
    again = baseline.apply(baseline.learn(photos, sketches), photos[:3])
    assert np.abs(again - sketches[:3]).mean() < 0.01


@pytest.mark.parametrize("method", [exemplars.lle, exemplars.rslcr])
def test_strangers_are_drawn_better_than_by_the_mean_in_both_directions(faces, method):
    photos, new_photos, sketches, new_sketches = faces
    baseline = method()
    for inputs, targets, asked, wanted in (
        (photos, sketches, new_photos, new_sketches),
        (sketches, photos, new_sketches, new_photos),
    ):
        outputs = baseline.apply(baseline.learn(inputs, targets), asked)
        assert outputs.shape == wanted.shape
        mean = targets.mean(0, keepdims=True)
        assert ((outputs - wanted) ** 2).mean() < 0.8 * ((mean - wanted) ** 2).mean()


def test_brighter_sketches_everywhere_give_brighter_answers(faces):
    """Weights sum to 1, so a constant added to all targets is added to the answer."""
    photos, new_photos, sketches, _ = faces
    baseline = exemplars.lle()
    plain = baseline.apply(baseline.learn(photos, sketches), new_photos)
    brighter = baseline.apply(baseline.learn(photos, sketches + 0.25), new_photos)
    np.testing.assert_allclose(brighter, plain + 0.25, atol=1e-4)


def test_the_sample_is_the_same_each_time(faces):
    photos, new_photos, sketches, _ = faces
    baseline = exemplars.rslcr(sample=20)
    arrays = baseline.learn(photos, sketches)
    np.testing.assert_array_equal(baseline.apply(arrays, new_photos), baseline.apply(arrays, new_photos))
    other = exemplars.rslcr(sample=20, seed=1)
    assert not np.array_equal(other.apply(arrays, new_photos), baseline.apply(arrays, new_photos))


@pytest.mark.parametrize("neighbours", [1, 5])
def test_leaving_one_out_equals_learning_from_the_others(faces, neighbours):
    """With grain, so that no two patches of plain background are equally near: rounding would choose between them."""
    rng = np.random.default_rng(0)
    photos, sketches = (
        np.clip(pictures + rng.normal(0, 0.05, pictures.shape), 0, 1).astype(np.float32)
        for pictures in (faces[0], faces[2])
    )
    for inputs, targets in ((photos, sketches), (sketches, photos)):
        answers = exemplars.leave_one_out(inputs, targets, neighbours=neighbours)
        assert answers.shape == targets.shape
        assert answers.dtype == np.float32
        baseline = exemplars.lle(neighbours)
        for person in range(len(inputs)):
            others = np.arange(len(inputs)) != person
            alone = baseline.apply(baseline.learn(inputs[others], targets[others]), inputs[[person]])
            np.testing.assert_allclose(answers[[person]], alone, atol=1e-4)


def test_nobody_draws_on_an_own_sketch_when_left_out(faces):
    """Another sketch for one person changes that person's answer nowhere."""
    photos, _, sketches, _ = faces
    changed = sketches.copy()
    changed[3] = 1 - changed[3]
    before, after = (exemplars.leave_one_out(photos, targets) for targets in (sketches, changed))
    np.testing.assert_array_equal(before[3], after[3])
    assert np.abs(before - after).max() > 0.1


def test_of_two_identical_people_each_draws_on_the_other(faces):
    photos, _, sketches, _ = faces
    twice = [np.concatenate([pictures[:4], pictures[:1]]) for pictures in (photos, sketches)]
    answers = exemplars.leave_one_out(*twice)
    np.testing.assert_allclose(answers[0], sketches[0], atol=0.05)
    np.testing.assert_allclose(answers[4], sketches[0], atol=0.05)
    assert np.abs(answers[1] - sketches[1]).mean() > 0.02
    # and not on themselves: a sketch of their own that only one of them has is the other's answer
    twice[1][4] = 1 - twice[1][4]
    answers = exemplars.leave_one_out(*twice)
    np.testing.assert_allclose(answers[0], 1 - sketches[0], atol=0.05)
    np.testing.assert_allclose(answers[4], sketches[0], atol=0.05)


def test_one_person_cannot_be_left_out(faces):
    photos, _, sketches, _ = faces
    with pytest.raises(f2s.MethodError, match="two pairs"):
        exemplars.leave_one_out(photos[:1], sketches[:1])


@pytest.mark.parametrize("size", [(250, 200), (64, 64), (33, 47)])
def test_patches_cover_the_picture_and_stay_in_it(size):
    layout = exemplars.Layout.for_size(*size)
    for side in size:
        corners = layout.corners(side)
        covered = np.zeros(side, int)
        for corner in corners:
            covered[corner : corner + layout.patch] += 1
            near = layout.candidates(corner, side)
            assert corner in near
            assert near.min() >= 0
            assert near.max() + layout.patch <= side
        assert covered.min() >= 1
        assert len(covered) == side


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: exemplars.lle(neighbours=0), "neighbours is 0"),
        (lambda: exemplars.lle(ridge=-1.0), "ridge is -1.0"),
        (lambda: exemplars.rslcr(sample=0), "sample is 0"),
        (lambda: exemplars.rslcr(locality=float("nan")), "locality is nan"),
    ],
)
def test_options_out_of_range_are_refused(make, message):
    with pytest.raises(f2s.MethodError, match=message):
        make()


def test_a_sample_of_everything_mixes_all_candidates(patches):
    """And one of a part leaves the others out: their weights are zero."""
    known, asked = patches
    assert np.count_nonzero(mixture(exemplars.rslcr(sample=100), known, asked)) == 3 * 7
    part = mixture(exemplars.rslcr(sample=4), known, asked)
    assert (np.count_nonzero(part, axis=1) == 4).all()
    assert (np.count_nonzero(part, axis=0) > 0).sum() == 4  # the same four for everybody
    np.testing.assert_allclose(part.sum(1), 1, atol=1e-5)


def test_flat_pictures_are_mixed_without_numerical_trouble():
    """All candidates are equal to the patch that is asked for: nothing is left to decide, and nothing may break."""
    photos = np.full((3, 24, 24, 3), 0.7, np.float32)
    sketches = np.full((3, 24, 24, 1), 0.2, np.float32)
    for baseline in (exemplars.lle(), exemplars.rslcr()):
        outputs = baseline.apply(baseline.learn(photos, sketches), photos)
        np.testing.assert_allclose(outputs, 0.2, atol=1e-4)
    np.testing.assert_allclose(exemplars.leave_one_out(photos, sketches), 0.2, atol=1e-4)


@pytest.mark.parametrize("task", f2s.TASKS)
@pytest.mark.parametrize(
    ("method", "make", "options"),
    [("lle", exemplars.lle, {"neighbours": 2}), ("fast-rslcr", exemplars.rslcr, {"sample": 20, "locality": 0.1})],
)  # fmt: skip
def test_the_register_fits_them_in_both_directions(method, make, options, task):
    train, test = f2s.data.synthetic(n=8, size=32, seed=3).split(test=2, seed=0)
    fitted = f2s.fit(method, train, task, **options)
    baseline = make(**options)
    arrays = baseline.learn(train.inputs(task) / np.float32(255), train.targets(task) / np.float32(255))
    expected = baseline.apply(arrays, test.inputs(task) / np.float32(255))
    np.testing.assert_allclose(fitted.translate(test.inputs(task)), np.clip(expected, 0, 1), atol=1e-6)
    assert fitted.parameters == 6 * 32 * 32 * (3 + 1)
    with pytest.raises(f2s.MethodError, match="takes no setting"):
        f2s.fit(method, train, task, epochs=3)


def test_a_random_sample_leaves_ones_own_out_as_well(faces):
    """All candidates drawn, so that what is left is what N trainings would have drawn from; order does not matter."""
    photos, _, sketches, _ = faces
    photos, sketches = photos[:5], sketches[:5]
    options = {"sample": 10**6, "locality": 0.5}
    answers = exemplars.leave_one_out(photos, sketches, "rslcr", **options)
    for person in (0, 3):
        rest = [number for number in range(5) if number != person]
        alone = exemplars.rslcr(**options)
        expected = alone.apply(alone.learn(photos[rest], sketches[rest]), photos[[person]])
        np.testing.assert_allclose(answers[person], expected[0], atol=5e-3)
    own = exemplars.rslcr(**options)
    copied = own.apply(own.learn(photos, sketches), photos)
    assert np.abs(copied - sketches).mean() < 0.5 * np.abs(answers - sketches).mean()
    with pytest.raises(f2s.MethodError, match="expected lle or rslcr"):
        exemplars.leave_one_out(photos, sketches, "mrf")


@pytest.mark.parametrize("method", [exemplars.lle, exemplars.rslcr])
def test_nobody_elses_presence_changes_an_answer(method, faces):
    """Blank paper is equally near to blank paper everywhere: who wins must not depend on who else is asked about."""
    photos, _, sketches, new_sketches = faces
    baseline = method()
    arrays = baseline.learn(sketches, photos)
    together = baseline.apply(arrays, new_sketches)
    for person in range(len(new_sketches)):
        alone = baseline.apply(arrays, new_sketches[[person]])
        np.testing.assert_allclose(alone[0], together[person], atol=1e-3)
    np.testing.assert_allclose(baseline.apply(arrays, new_sketches[::-1])[::-1], together, atol=1e-3)
