"""Convolutional autoencoders: what a builder promises beyond its counts."""

import numpy as np
import pytest

from face2sketch.models import conv


def test_resizing_decoder_has_as_many_weights_as_the_transposed_one():
    transposed = conv.strided_autoencoder((64, 64, 3))
    resized = conv.strided_autoencoder((64, 64, 3), upsampling="resize")
    assert transposed.count_params() == resized.count_params()
    with pytest.raises(ValueError, match="upsampling"):
        conv.strided_autoencoder((64, 64, 3), upsampling="bicubic")


def test_convolutions_commute_with_a_shift_of_one_stride():
    """A strided network shifted by its total stride (8 px) gives shifted outputs away from the borders."""
    model = conv.strided_autoencoder((96, 96, 3))
    x = np.random.default_rng(0).random((1, 96, 96, 3), dtype=np.float32)
    plain, shifted = np.asarray(model(x)), np.asarray(model(np.roll(x, 8, axis=2)))
    np.testing.assert_allclose(shifted[:, 40:56, 48:64], plain[:, 40:56, 40:56], atol=1e-5)


def test_batch_norm_variant_adds_four_numbers_for_each_normalised_channel():
    plain, normed = (
        conv.venkatesh_conv((64, 64, 3), batch_norm=flag).count_params() for flag in (False, True)
    )
    channels = 16 + 64 + 128 + 256 + 512 + 512 + 256 + 128 + 64 + 32
    assert normed - plain == 4 * channels
