"""CASQ: counts of the published form, what is trained in each form, and how to look inside."""

from math import prod

import numpy as np
import pytest
from pairs_for_tests import blocks
from sklearn.neighbors import NearestNeighbors

import face2sketch as f2s
from face2sketch.keras_quietly import keras
from face2sketch.methods import Method, Recipe
from face2sketch.models import casq
from face2sketch.training.settings import Stage

METHOD = Method(
    "casq", "CASQ", "quantised", "keras", 5, None, (32, 32), casq.casq, Recipe((Stage("bce", 2),), 2, batch_size=4),
    allowed_side=lambda side: -(-side // 8) * 8,
)  # fmt: skip
PUBLISHED = {"attention": "rows", "quantiser": "fixed"}


def array(x):
    return keras.ops.convert_to_numpy(x)


def counts(shape=(200, 200, 3), **options):
    """All weights and the trainable ones, counted without giving them values."""
    with keras.StatelessScope(initialize_variables=False):
        model = casq.casq(shape, **options).trained
    return tuple(sum(prod(w.shape) for w in weights) for weights in (model.weights, model.trainable_weights))


def fitted(size=32, **options):
    return f2s.fit(METHOD, blocks(4, size=size), epochs=2, progress=False, **options)


def test_published_form_trains_54371_weights():
    """Convolutions of 3x3 from 3 to 64, 32, 16 and from 32 to 16, 32, 64, 3; beside them 1x1 from 16 to 32, and 128 x 32."""
    assert counts(**PUBLISHED) == (54_371 + 544 + 4_096, 54_371)
    method = f2s.methods.get("huang-casq")
    assert (method.parameters(), method.trained_parameters()) == (59_011, 54_371)


def test_what_each_part_adds():
    plain = 54_371 + 544
    assert counts(attention="none", quantiser="none") == (plain, plain)
    assert counts(attention="rows", quantiser="none") == (plain, plain)
    attention = 3 * (16 * 16 + 16) + (16 * 16 + 16) + 1
    assert counts(attention="all", quantiser="none") == (plain + attention, plain + attention)
    assert counts(attention="none", quantiser="gradient") == (plain + 4_096 + 128, plain + 4_096)
    # The averaged codebook is no weight of the optimiser's, nor are its running counts and sums.
    assert counts(attention="none", quantiser="average") == (plain + 4_096 + 128 + 4_096, plain)


def changed(options):
    """Names of the layers with weights that training moves, and of those it does not."""
    keras.utils.set_random_seed(0)
    networks = casq.casq((32, 32, 3), **options)
    networks.trained.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    before = {w.path: array(w).copy() for w in networks.trained.weights}
    x = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    for _ in range(3):  # gamma starts at 0, so the projections hear nothing in the first step
        networks.trained.train_on_batch(x, x)
    moved = {w.path: not np.array_equal(before[w.path], array(w)) for w in networks.trained.weights}
    layers = {path.split("/")[-2 if "attention" not in path else 0] for path in moved}
    return {name for name in layers if any(moved[p] for p in moved if name in p)}, {
        name for name in layers if not any(moved[p] for p in moved if name in p)
    }


def test_as_published_the_gradient_passes_through_what_is_never_trained():
    moved, still = changed(PUBLISHED)
    assert still == {"to_code", "quantiser"}
    assert {"down_1", "down_2", "down_3", "up_1", "output"} <= moved


@pytest.mark.parametrize("quantiser", ["gradient", "average"])
def test_corrected_everything_is_trained(quantiser):
    moved, still = changed({"quantiser": quantiser})
    assert not still
    assert {"attention", "to_code", "quantiser", "down_1"} <= moved


def test_parts_share_the_weights_and_compose():
    one = fitted(seed=1)
    x = np.random.default_rng(0).random((3, 32, 32, 3), dtype="float32")
    parts = one.networks.parts
    whole = array(one.networks.translator(x, training=False))
    quantised = parts["quantised"](x, training=False)
    np.testing.assert_allclose(array(parts["decoder"](quantised, training=False)), whole, atol=1e-6)
    np.testing.assert_allclose(
        array(keras.ops.sigmoid(one.networks.trained(x, training=False))), whole, atol=1e-6
    )
    assert parts["features"].output.shape == (None, 4, 4, 16)
    assert parts["encoder"].output.shape == (None, 4, 4, 32)


def test_code_indices_are_the_codes_that_the_decoder_is_given():
    one, pairs = fitted(), blocks(20)
    indices = casq.code_indices(one, pairs.photos)
    assert indices.shape == (20, 4, 4)
    x = pairs.photos / np.float32(255)
    codebook = array(one.networks.trained.get_layer("quantiser").codebook)
    vectors = array(one.networks.parts["encoder"](x)).reshape(-1, 32)
    nearest = NearestNeighbors(n_neighbors=1).fit(codebook).kneighbors(vectors, return_distance=False)
    assert (indices.ravel() == nearest[:, 0]).mean() > 0.99  # but for ties within rounding
    np.testing.assert_allclose(array(one.networks.parts["quantised"](x)), codebook[indices], atol=1e-5)
    np.testing.assert_array_equal(casq.code_indices(one, x), indices)


@pytest.mark.parametrize(("attention", "shape"), [("all", (20, 4, 16, 16)), ("rows", (20, 1, 4, 4, 4))])
def test_attention_maps_of_pictures(attention, shape):
    maps = casq.attention_maps(fitted(attention=attention), blocks(20).photos)
    assert maps.shape == shape
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)


def test_looking_at_what_is_not_there_says_so():
    one, photos = fitted(attention="none", quantiser="none"), blocks(2).photos
    with pytest.raises(f2s.MethodError, match="no attention"):
        casq.attention_maps(one, photos)
    with pytest.raises(f2s.MethodError, match="no quantiser"):
        casq.code_indices(one, photos)
    with pytest.raises(f2s.MethodError, match="trained for"):
        casq.code_indices(fitted(), blocks(2, size=16).photos)
    for option in ("attention", "quantiser"):
        with pytest.raises(ValueError, match=option):
            casq.casq((32, 32, 3), **{option: "some"})


def test_saved_weights_give_the_same_codes(tmp_path):
    one = casq.casq((32, 32, 3))
    one.trained.compile("adam", "mse", jit_compile=False)
    x = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    one.trained.train_on_batch(x, x)
    one.trained.save(tmp_path / "casq.keras")
    again = keras.saving.load_model(tmp_path / "casq.keras")
    np.testing.assert_allclose(array(again(x)), array(one.trained(x)), atol=1e-6)


def test_a_run_is_repeated_by_its_seed():
    """Restarts of dead codes included."""
    first, second, other = (fitted(seed=seed) for seed in (3, 3, 4))
    for a, b in zip(first.networks.trained.get_weights(), second.networks.trained.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert not np.allclose(first.networks.trained.get_weights()[0], other.networks.trained.get_weights()[0])


def test_a_run_taken_up_again_is_the_whole_run(tmp_path):
    """The running averages and the seeds of restarts are part of what a checkpoint keeps."""
    run = {"epochs": 9, "batch_size": 2, "progress": False, "checkpoint": tmp_path / "run"}
    pairs = blocks(4, size=32)
    f2s.fit(METHOD, pairs, max_steps=3, **run)
    resumed = f2s.fit(METHOD, pairs, max_steps=6, **run)
    whole = f2s.fit(METHOD, pairs, max_steps=6, **run | {"checkpoint": None})
    for a, b in zip(
        resumed.networks.trained.get_weights(), whole.networks.trained.get_weights(), strict=True
    ):
        np.testing.assert_allclose(a, b, atol=1e-5)
