"""Dense autoencoders against closed forms."""

import numpy as np
import pytest

from face2sketch.models import dense


def test_l1_penalty_is_the_sum_over_units_averaged_over_the_batch():
    model = dense.dense_autoencoder((4, 4, 3), (8, 5, 8), code_l1=0.01)
    x = np.random.default_rng(0).random((6, 4, 4, 3), dtype=np.float32)
    model(x)
    from face2sketch.keras_quietly import keras

    code = keras.Model(model.input, model.get_layer("code").output)(x)
    expected = 0.01 * np.abs(np.asarray(code)).sum(axis=1).mean()
    assert float(model.losses[-1]) == pytest.approx(expected, rel=1e-5)


def test_without_activations_the_network_is_affine():
    model = dense.dense_autoencoder((4, 4, 3), (8, 3, 8), activation=None, output_activation=None)
    rng = np.random.default_rng(0)
    a, b = (rng.random((1, 4, 4, 3), dtype=np.float32) for _ in range(2))
    middle = np.asarray(model((a + b) / 2))
    np.testing.assert_allclose(middle, (np.asarray(model(a)) + np.asarray(model(b))) / 2, atol=1e-5)


def test_widths_of_the_papers():
    assert dense.venkatesh_widths(256) == [256, 128, 64, 32, 32, 32, 64, 128, 256]
    assert dense.priovolos_widths() == [
        4096,
        2048,
        1024,
        512,
        256,
        128,
        64,
        32,
        64,
        128,
        256,
        512,
        1024,
        2048,
        4096,
    ]
