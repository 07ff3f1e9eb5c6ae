"""SSIM by TensorFlow's convention: against TensorFlow's own code, recorded, and against scikit-image's."""

import numpy as np
import pytest
from pairs_for_tests import waves

import face2sketch as f2s
from face2sketch import metrics
from face2sketch.metrics import ssim, ssim_tf

# TensorFlow 2.21 of waves(..., 0.0) / 255 and waves(..., 0.7) / 255, max_val 1: first what tf.image.ssim gives (it turns
# everything to float32); then the same code in float64, `image_ops_impl._ssim_per_channel` on float64, mean over channels.
TENSORFLOW = {
    (250, 200, 1): (0.78460664, 0.784628670003),
    (250, 200, 3): (0.80730671, 0.807331602690),
    (64, 48, 3): (0.70698696, 0.707014569646),
    (11, 13, 1): (0.15400322, 0.154094465746),
}


@pytest.mark.parametrize(("shape", "expected"), TENSORFLOW.items())
def test_the_values_are_tensorflows(shape, expected):
    """Exactly its formula's; what it prints is a few in 100,000 off, by its own rounding."""
    found = ssim_tf(waves(*shape, 0.0), waves(*shape, 0.7))[0]
    assert found == pytest.approx(expected[1], abs=1e-11)
    assert found == pytest.approx(expected[0], abs=1e-4)


def test_scikit_images_with_our_settings_is_the_same_measure():
    pairs = f2s.data.synthetic(n=3, size=96, seed=1)
    for pictures in (pairs.sketches, pairs.photos):
        other = np.roll(pictures, 1, axis=0)
        np.testing.assert_allclose(ssim_tf(pictures, other), ssim(pictures, other), atol=1e-12)


def test_identity_bounds_and_small_pictures():
    photos = f2s.data.synthetic(n=2, size=64, seed=1).photos
    np.testing.assert_allclose(ssim_tf(photos, photos), 1)
    assert (np.abs(ssim_tf(photos, 255 - photos)) < 1).all()
    with pytest.raises(f2s.DataError, match="SSIM needs sides of 11 px"):
        ssim_tf(photos[:, :10], photos[:, :10])
    assert metrics.get("ssim_tf").function is ssim_tf
