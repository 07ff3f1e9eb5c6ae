"""Self-attention on maps against NumPy by hand and against Keras' own layers, under whichever backend is active."""

import numpy as np
import pytest

from face2sketch.keras_quietly import keras
from face2sketch.models.attention import SelfAttention2D

PUBLISHED = {"heads": 1, "scope": "rows", "projections": False, "scaled": False, "residual": False}


def array(x):
    return keras.ops.convert_to_numpy(x)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def randomised(layer, shape, seed=1):
    """The layer, built, with random weights: none at its initial zero or one."""
    if not layer.built:
        layer.build((None, *shape[1:]))
    random = np.random.default_rng(seed)
    layer.set_weights([random.normal(0, 0.5, size=w.shape).astype("float32") for w in layer.weights])
    return layer


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, 3, 5, 8)).astype("float32")


@pytest.mark.parametrize("scope", ["all", "rows"])
@pytest.mark.parametrize("scaled", [True, False])
def test_full_form_by_hand(x, scope, scaled):
    layer = randomised(SelfAttention2D(2, key_channels=3, scope=scope, scaled=scaled), x.shape)
    named = {w.path.split("/")[-2] + "/" + w.name: array(w) for w in layer.weights}
    sequences = x.reshape(2, 15, 8) if scope == "all" else x.reshape(6, 5, 8)
    q, k, v = (
        (sequences @ named[f"{name}/kernel"] + named[f"{name}/bias"]).reshape(*sequences.shape[:2], 2, 3)
        for name in ("query", "key", "value")
    )
    weights = softmax(np.einsum("bqhd,bkhd->bhqk", q, k) / (np.sqrt(3) if scaled else 1))
    answer = np.einsum("bhqk,bkhd->bqhd", weights, v).reshape(*sequences.shape[:2], 6)
    answer = (answer @ named["output/kernel"] + named["output/bias"]).reshape(x.shape)
    np.testing.assert_allclose(array(layer(x)), x + float(array(layer.gamma)) * answer, atol=1e-5)
    by_layer = array(layer.attention_map(x))
    if scope == "all":
        np.testing.assert_allclose(by_layer, weights, atol=1e-5)
    else:
        assert by_layer.shape == (2, 2, 3, 5, 5)
        np.testing.assert_allclose(by_layer[1, 0, 2], weights[3 + 2, 0], atol=1e-5)


def test_published_form_is_keras_attention_on_single_rows(x):
    ours = SelfAttention2D(**PUBLISHED)
    rows = x.reshape(6, 5, 8)
    theirs = keras.layers.Attention()([rows, rows])
    np.testing.assert_allclose(array(ours(x)), array(theirs).reshape(x.shape), atol=1e-5)
    whole = keras.layers.Attention()([x, x])  # four axes, as the notebook has it: rows are taken one by one
    np.testing.assert_allclose(array(ours(x)), array(whole), atol=1e-5)
    assert ours.count_params() == 0


def test_full_form_is_keras_multi_head_attention(x):
    ours = randomised(SelfAttention2D(4, residual=False), x.shape)
    sequences = x.reshape(2, 15, 8)
    theirs = keras.layers.MultiHeadAttention(num_heads=4, key_dim=2)
    theirs(sequences, sequences)
    shapes = [w.shape for w in theirs.weights]  # query, key, value, output: the same order, heads as an axis
    theirs.set_weights([array(w).reshape(s) for w, s in zip(ours.weights, shapes, strict=True)])
    answer, weights = theirs(sequences, sequences, return_attention_scores=True)
    np.testing.assert_allclose(array(ours(x)), array(answer).reshape(x.shape), atol=1e-5)
    np.testing.assert_allclose(array(ours.attention_map(x)), array(weights), atol=1e-5)


def test_positions_have_no_order(x):
    """Whatever way the positions are shuffled, the answers are shuffled likewise."""
    layer = randomised(SelfAttention2D(2), x.shape)
    order = np.random.default_rng(2).permutation(15)
    shuffled = x.reshape(2, 15, 8)[:, order].reshape(x.shape)
    answer = array(layer(x)).reshape(2, 15, 8)[:, order].reshape(x.shape)
    np.testing.assert_allclose(array(layer(shuffled)), answer, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"scope": "rows"}, PUBLISHED])
def test_weights_are_shares(x, options):
    weights = array(randomised(SelfAttention2D(**options), x.shape).attention_map(x))
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "others_move"), [(PUBLISHED, False), ({"scope": "rows"}, False), ({}, True)]
)
def test_what_a_row_can_know_of_another(x, options, others_move):
    layer = randomised(SelfAttention2D(**options), x.shape)
    changed = x.copy()
    changed[:, 1] += 1
    difference = np.abs(array(layer(changed)) - array(layer(x))).max(axis=(0, 2, 3))
    assert difference[1] > 0.01
    assert (difference[[0, 2]] > 1e-4).all() == others_move
    if not others_move:
        assert (difference[[0, 2]] == 0).all()


def test_it_begins_by_doing_nothing(x):
    np.testing.assert_array_equal(array(SelfAttention2D(2)(x)), x)
    assert not np.allclose(array(SelfAttention2D(2, start=1)(x)), x)


@pytest.mark.parametrize(("heads", "key_channels"), [(4, None), (2, 3), (1, 16)])
def test_number_of_weights(x, heads, key_channels):
    layer = SelfAttention2D(heads, key_channels)
    layer(x)
    inner = heads * (key_channels or 8 // heads)
    assert layer.count_params() == 3 * (8 + 1) * inner + (inner + 1) * 8 + 1


@pytest.mark.parametrize("options", [{}, {"heads": 2, "key_channels": 5, "start": 0.5}, PUBLISHED])
def test_saved_and_read_again_it_is_the_same(tmp_path, x, options):
    layer = SelfAttention2D(**options)
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    randomised(layer, x.shape)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(array(again(x)), array(model(x)), atol=1e-6)
    config = again.layers[-1].get_config()
    assert {name: config[name] for name in options} == options
    assert SelfAttention2D.from_config(config).get_config() == config


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="scope"):
        SelfAttention2D(scope="columns")
    with pytest.raises(ValueError, match="heads"):
        SelfAttention2D(2, projections=False)
