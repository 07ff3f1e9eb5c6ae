"""MS-SSIM against TensorFlow's output, recorded, and what it must obey."""

import numpy as np
import pytest
from pairs_for_tests import waves
from scipy.ndimage import gaussian_filter

import face2sketch as f2s
from face2sketch.metrics import ms_ssim, ssim

# TensorFlow 2.21: tf.image.ssim_multiscale and tf.image.ssim (float32, max_val=255) of waves(..., 0.0) and waves(..., 0.7).
TENSORFLOW = {
    (250, 200, 1): (0.80660266, 0.7846303),
    (250, 200, 3): (0.81177926, 0.80733067),
    (201, 179, 3): (0.80998844, 0.80404085),
}


@pytest.mark.parametrize(("shape", "expected"), TENSORFLOW.items())
def test_the_values_are_tensorflows(shape, expected):
    a, b = waves(*shape, 0.0), waves(*shape, 0.7)
    assert ms_ssim(a, b)[0] == pytest.approx(expected[0], abs=3e-6)
    assert ssim(a, b)[0] == pytest.approx(expected[1], abs=3e-6)


def test_identity_symmetry_bounds_and_blur():
    photos = f2s.data.synthetic(n=2, size=192, seed=1).photos
    other = photos[::-1]
    np.testing.assert_allclose(ms_ssim(photos, photos), 1)
    np.testing.assert_allclose(ms_ssim(photos, other), ms_ssim(other, photos))
    assert ((ms_ssim(photos, other) > 0) & (ms_ssim(photos, other) < 1)).all()
    assert (ms_ssim(photos, 255 - photos) < 0.1).all(), "negatives: structure below zero counts as zero"
    blurred = [ms_ssim(photos, gaussian_filter(photos, (0, s, s, 0))).mean() for s in (0.5, 1, 2, 4)]
    assert blurred == sorted(blurred, reverse=True)


def test_pictures_without_room_for_the_smallest_window_are_refused():
    small = np.zeros((1, 175, 200, 1), np.uint8)
    with pytest.raises(f2s.DataError, match="MS-SSIM needs sides of 176 px"):
        ms_ssim(small, small)
