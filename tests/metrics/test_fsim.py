"""FSIM against another library's output, worked closed forms, and what a likeness must obey."""

import numpy as np
import pytest
from pairs_for_tests import waves
from scipy.ndimage import gaussian_filter

import face2sketch as f2s
from face2sketch.metrics.fsim import fsim, fsimc, phase_congruency

# piq 0.8.0 (torch 2.13.0, float64): piq.fsim(a, b, data_range=255, chromatic=False) of waves(..., 0.0) and waves(..., 0.7).
PIQ = {(250, 200, 1): 0.930219, (250, 200, 3): 0.962573, (101, 75, 3): 0.929473, (430, 400, 1): 0.899787}


@pytest.mark.parametrize(("shape", "expected"), PIQ.items())
def test_the_value_is_that_of_another_library(shape, expected):
    assert fsim(waves(*shape, 0.0), waves(*shape, 0.7))[0] == pytest.approx(expected, abs=2e-5)


def test_colour_is_that_of_the_other_library_where_no_hues_oppose_each_other():
    """piq takes the absolute value of the chroma product, MATLAB the real part of its power: equal where it is positive."""
    a, b = waves(250, 200, 3, 0.0), waves(250, 200, 3, 0.2)
    assert fsimc(a, b)[0] == pytest.approx(0.987907, abs=2e-5)


@pytest.fixture(scope="module")
def photos():
    return f2s.data.synthetic(n=3, size=96, seed=1).photos


def test_a_picture_is_like_itself_and_likeness_is_symmetric(photos):
    other = np.roll(photos, 1, axis=0)
    for metric in (fsim, fsimc):
        np.testing.assert_allclose(metric(photos, photos), 1, atol=1e-6)
        np.testing.assert_allclose(metric(photos, other), metric(other, photos), atol=1e-6)
        assert ((metric(photos, other) > 0) & (metric(photos, other) < 1)).all()


def test_grey_pictures_have_no_colour_to_differ_in(photos):
    grey = f2s.data.synthetic(n=3, size=96, seed=1).sketches
    np.testing.assert_array_equal(fsim(grey, grey[::-1]), fsimc(grey, grey[::-1]))
    assert (fsimc(photos, np.roll(photos, 1, 0)) < fsim(photos, np.roll(photos, 1, 0))).all()


def test_more_blur_and_more_noise_are_less_like(photos):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=photos.shape)
    blurred = [fsim(photos, gaussian_filter(photos, (0, s, s, 0))).mean() for s in (0.5, 1, 2, 4)]
    noisy = [fsim(photos, np.clip(photos / 255 + s * noise, 0, 1)).mean() for s in (0.02, 0.05, 0.1, 0.2)]
    assert blurred == sorted(blurred, reverse=True)
    assert noisy == sorted(noisy, reverse=True)


def test_contrast_matters_less_than_to_the_squared_error(photos):
    """Phase congruency does not depend on contrast; only the gradient sees it."""
    faded = photos / 255 * 0.7 + 0.15
    shifted = np.roll(photos, 3, axis=2)
    assert fsim(photos, faded).mean() > fsim(photos, shifted).mean()
    plane = photos[0].mean(-1).astype(np.float32)
    np.testing.assert_allclose(phase_congruency(plane), phase_congruency(0.5 * plane), atol=2e-3)


def test_uint8_and_float_agree_and_pictures_do_not_mix(photos):
    other = np.roll(photos, 1, axis=0)
    np.testing.assert_allclose(fsim(photos, other), fsim(photos / 255.0, other / 255.0), atol=1e-6)
    np.testing.assert_array_equal(fsim(photos[1:2], other[1:2]), fsim(photos, other)[1:2])


def test_flat_pictures_and_tiny_ones():
    flat = np.full((1, 16, 16, 1), 100, np.uint8)
    assert fsim(flat, flat)[0] == pytest.approx(1)
    with pytest.raises(f2s.DataError, match="FSIM needs sides of 8 px"):
        fsim(flat[:, :7], flat[:, :7])


def test_phase_congruency_is_greatest_on_an_edge():
    step = np.zeros((64, 64), np.float32)
    step[:, 32:] = 200
    rows = phase_congruency(step)[16:48]
    assert set(rows[:, 16:48].argmax(1) + 16) <= {31, 32}
    assert rows[:, 22:26].max() < rows[:, 31:33].max() / 2
