"""Vector quantisation against scikit-learn, hand calculation and closed forms, under whichever backend is active.

The last test runs this file and its neighbours once more under PyTorch.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

from face2sketch.keras_quietly import keras
from face2sketch.models import quantiser
from face2sketch.models.quantiser import VectorQuantizer

HERE = Path(__file__).parent
BACKEND = keras.backend.backend()


def array(x):
    return keras.ops.convert_to_numpy(x)


def built(codebook, **options):
    """A quantiser with a given codebook (K, D)."""
    codebook = np.asarray(codebook, dtype="float32")
    layer = VectorQuantizer(len(codebook), **options)
    layer.build((None, codebook.shape[1]))
    layer.codebook.assign(codebook)
    return layer


def gradients(layer, x, weights):
    """Gradients of sum(weights * output) + added losses, with respect to the input and to the codebook."""
    if BACKEND == "torch":
        import torch

        inputs = torch.tensor(x, requires_grad=True)
        device = layer.codebook.value.device
        loss = (layer(inputs.to(device)) * torch.tensor(weights).to(device)).sum() + sum(layer.losses)
        loss.backward()
        book = layer.codebook.value.grad
        return inputs.grad.cpu().numpy(), None if book is None else book.cpu().numpy()
    import tensorflow as tf

    inputs, codebook = tf.constant(x), layer.codebook.value
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = tf.reduce_sum(layer(inputs) * weights) + sum(layer.losses)
    of_inputs, of_codebook = tape.gradient(loss, [inputs, codebook])
    return of_inputs.numpy(), None if of_codebook is None else tf.convert_to_tensor(of_codebook).numpy()


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    return random.normal(size=(200, 8)).astype("float32"), random.normal(size=(16, 8)).astype("float32")


def test_codes_are_nearest_neighbours(data):
    x, codebook = data
    nearest = NearestNeighbors(n_neighbors=1).fit(codebook).kneighbors(x, return_distance=False)[:, 0]
    layer = built(codebook, update="none")
    np.testing.assert_array_equal(array(layer.codes(x)), nearest)
    np.testing.assert_allclose(array(layer(x)), codebook[nearest], atol=1e-6)
    as_map = x.reshape(2, 10, 10, 8)
    np.testing.assert_array_equal(array(layer.codes(as_map)), nearest.reshape(2, 10, 10))


def test_initial_codes_are_sonnets():
    """Sonnet 2's VectorQuantizer: variance scaling, uniform, fan-in = channels: variance 1 / channels."""
    layer = VectorQuantizer(4096)
    layer.build((None, 32))
    values = array(layer.codebook)
    assert np.abs(values).max() == pytest.approx(np.sqrt(3 / 32), rel=1e-3)
    assert values.var() == pytest.approx(1 / 32, rel=0.02)


@pytest.mark.parametrize("update", quantiser.UPDATES)
def test_gradients_have_their_closed_forms(data, update):
    x, codebook = data
    weights = np.random.default_rng(1).normal(size=x.shape).astype("float32")
    layer = built(codebook, update=update, commitment=0.4)
    of_input, of_codebook = gradients(layer, x, weights)
    nearest = ((x[:, None] - codebook) ** 2).sum(axis=-1).argmin(axis=1)
    apart = x - codebook[nearest]
    commitment = 0 if update == "none" else 0.4 * 2 * apart / x.size
    np.testing.assert_allclose(of_input, weights + commitment, atol=1e-6)  # straight through, plus commitment
    if update == "gradient":  # the picture's loss does not reach the codebook: its own loss alone
        wanted = np.zeros_like(codebook)
        np.add.at(wanted, nearest, -2 * apart / x.size)
        np.testing.assert_allclose(of_codebook, wanted, atol=1e-6)
    else:
        assert of_codebook is None or not of_codebook.any()
        assert not layer.trainable_weights


def test_losses_are_those_of_the_papers_second_equation(data):
    x, codebook = data
    distance = ((x[:, None] - codebook) ** 2).sum(axis=-1).min(axis=1).mean() / x.shape[1]
    for update, terms in (("gradient", [1, 0.25]), ("average", [0.25]), ("none", [])):
        layer = built(codebook, update=update)
        layer(x)
        np.testing.assert_allclose(
            [float(array(loss)) for loss in layer.losses], np.multiply(terms, distance), rtol=1e-5
        )


def test_moving_average_by_hand():
    """Two steps of van den Oord et al., Eqs. 6-8, with decay 0.9, worked out on paper."""
    layer = built([[0.0], [10.0]], update="average", decay=0.9, restart_below=None)
    layer(np.array([[1.0], [2.0], [9.0]], dtype="float32"), training=True)
    # counts 0.1 * (2, 1); sums 0.1 * (3, 9)
    np.testing.assert_allclose(array(layer.codebook)[:, 0], [1.5, 9.0], rtol=1e-3)
    layer(np.array([[0.0], [10.0]], dtype="float32"), training=True)
    # counts (0.28, 0.19); sums (0.27, 1.81)
    np.testing.assert_allclose(array(layer.counts), [0.28, 0.19], rtol=1e-6)
    np.testing.assert_allclose(array(layer.codebook)[:, 0], [0.27 / 0.28, 1.81 / 0.19], rtol=1e-3)


@pytest.mark.filterwarnings("ignore:.*converge")  # scikit-learn is stopped on purpose
def test_without_memory_a_step_is_a_step_of_k_means():
    random = np.random.default_rng(3)
    x = (random.normal(size=(300, 2)) + 4 * random.normal(size=(6, 2)).repeat(50, axis=0)).astype("float32")
    start = x[random.choice(300, 6, replace=False)]
    layer = built(start, update="average", decay=0.0, restart_below=None)
    for steps in (1, 2, 3):
        layer(x, training=True)
        means = KMeans(6, init=start, n_init=1, max_iter=steps, tol=0).fit(x)
        np.testing.assert_allclose(array(layer.codebook), means.cluster_centers_, atol=1e-3)
    for _ in range(60):
        layer(x, training=True)
    means = KMeans(6, init=start, n_init=1, max_iter=300, tol=0).fit(x)
    np.testing.assert_allclose(array(layer.codebook), means.cluster_centers_, atol=1e-3)
    np.testing.assert_array_equal(array(layer.codes(x)), means.labels_)


def test_a_code_without_members_stays_where_it_is():
    layer = built([[0.0, 0.0], [50.0, 50.0]], update="average", decay=0.5, restart_below=None)
    for _ in range(30):
        layer(np.ones((4, 2), dtype="float32"), training=True)
    np.testing.assert_allclose(array(layer.codebook), [[1, 1], [50, 50]], atol=1e-4)


@pytest.mark.parametrize("update", ["gradient", "average"])
def test_dead_codes_start_again_from_the_batch(update):
    codebook = np.array([[0.0, 0.0], [1.0, 1.0], [90.0, 90.0], [-90.0, 0.0]])
    x = np.random.default_rng(5).normal(0.5, 0.5, size=(64, 2)).astype("float32")

    def trained(**options):
        layer = built(codebook, update=update, decay=0.9, **options)
        layer(x, training=True)
        return layer

    after = array(trained(seed=1).codebook)
    for code in after[2:]:
        assert np.isclose(x, code).all(axis=1).any()
    if update == "gradient":  # living codes are the optimiser's business
        np.testing.assert_array_equal(after[:2], codebook[:2])
    np.testing.assert_array_equal(after, array(trained(seed=1).codebook))
    assert not np.array_equal(after, array(trained(seed=2).codebook))
    left = array(trained(restart_below=None).codebook)
    np.testing.assert_array_equal(left[2:], codebook[2:])


def test_a_restarted_code_is_given_time():
    layer = built([[0.0], [90.0]], update="average", decay=0.9, restart_below=0.1, seed=0)
    x = np.array([[0.0], [0.5], [1.0], [1.5]], dtype="float32")
    layer(x, training=True)
    first = float(array(layer.counts)[1])
    assert first == pytest.approx(0.2)  # an even share of 0.1 * 4 vectors
    place = array(layer.codebook)[1].copy()
    layer(np.repeat(array(layer.codebook)[:1], 4, axis=0), training=True)  # all choose the other code
    assert float(array(layer.counts)[1]) == pytest.approx(0.9 * 0.2)
    np.testing.assert_allclose(array(layer.codebook)[1], place, rtol=1e-3)


@pytest.mark.parametrize("update", quantiser.UPDATES)
def test_it_learns_in_training_alone_and_never_as_published(data, update):
    x, codebook = data
    layer = built(codebook, update=update)
    before = [array(w).copy() for w in layer.weights]
    layer(x, training=False)
    layer(x)
    for old, new in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(old, array(new))
    layer(x, training=True)
    changed = [not np.array_equal(old, array(new)) for old, new in zip(before, layer.weights, strict=True)]
    assert any(changed) == (update != "none")


def test_perplexity_counts_codes_in_effect():
    assert quantiser.perplexity(np.full(128, 7)) == pytest.approx(128)
    assert quantiser.perplexity(np.array([0, 5, 0])) == pytest.approx(1)
    assert quantiser.perplexity(np.array([1, 1, 2])) == pytest.approx(2**1.5)  # entropy 1.5 bits
    counts = quantiser.usage(np.array([[[0, 2], [2, 2]]]), 4)
    np.testing.assert_array_equal(counts, [1, 0, 3, 0])


def test_bits_of_a_picture():
    plain, bound = quantiser.bits_per_picture(625, np.full(128, 3))
    assert (plain, bound) == pytest.approx((625 * 7, 625 * 7))
    assert quantiser.bits_per_picture(64, np.array([2, 2, 0, 0])) == pytest.approx((128, 64))


@pytest.mark.parametrize("update", quantiser.UPDATES)
def test_saved_and_read_again_it_is_the_same(tmp_path, data, update):
    x, codebook = data
    options = {"commitment": 0.5, "update": update, "decay": 0.8, "restart_below": None, "seed": 3}
    layer = VectorQuantizer(16, **options)
    model = keras.Sequential([keras.Input((8,)), layer])
    layer.codebook.assign(codebook)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(again(x)), array(model(x)))
    config = again.layers[-1].get_config()
    assert {name: config[name] for name in options} == options
    assert VectorQuantizer.from_config(config).number == 16


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="update"):
        VectorQuantizer(8, update="sometimes")
    with pytest.raises(ValueError, match="decay"):
        VectorQuantizer(8, decay=1.0)


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "tensorflow", reason="this run is the one that the test starts")
def test_all_of_this_holds_under_pytorch(python):
    """In a process of its own: a backend is chosen once."""
    pytest.importorskip("torch")
    whole = "test_casq.py::test_parts_share_the_weights_and_compose"
    files = [str(HERE / name) for name in ("test_quantiser.py", "test_attention.py", whole)]
    result = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files], capture_output=True, text=True, timeout=300,
        env={**os.environ, "KERAS_BACKEND": "torch"},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-3000:]
