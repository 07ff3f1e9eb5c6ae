"""The convolution of a doubled map, against Keras' own two layers."""

import numpy as np
import pytest

from face2sketch.keras_quietly import keras
from face2sketch.models.upsampling import UpsampledConv2D

RNG = np.random.default_rng(5)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (5, 4)])
@pytest.mark.parametrize("options", [{}, {"use_bias": False}, {"activation": "relu"}])
def test_the_same_function_of_the_same_weights_as_enlarging_and_then_convolving(height, width, options):
    x = RNG.normal(size=(2, height, width, 6)).astype("float32")
    two = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            keras.layers.UpSampling2D(2),
            keras.layers.Conv2D(5, 3, padding="same", bias_initializer="random_normal", **options),
        ]
    )
    one = keras.Sequential([keras.Input(x.shape[1:]), UpsampledConv2D(5, **options)])
    assert one.output_shape == two.output_shape
    assert [w.shape for w in one.weights] == [w.shape for w in two.weights]
    one.set_weights(two.get_weights())
    np.testing.assert_allclose(one.predict(x, verbose=0), two.predict(x, verbose=0), atol=1e-5)


def test_it_survives_being_saved(tmp_path):
    one = keras.Sequential([keras.Input((3, 3, 2)), UpsampledConv2D(4, activation="relu")])
    one.save(tmp_path / "one.keras")
    again = keras.saving.load_model(tmp_path / "one.keras")
    x = RNG.normal(size=(1, 3, 3, 2)).astype("float32")
    np.testing.assert_array_equal(one.predict(x, verbose=0), again.predict(x, verbose=0))
