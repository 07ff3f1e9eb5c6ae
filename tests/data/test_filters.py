"""Pencil filters on pictures whose answer is known in closed form, and their common manners."""

import numpy as np
import pytest

from face2sketch.data import filters
from face2sketch.errors import DataError

ALL = [filters.dodge, filters.sobel, filters.xdog]


def faces(height=100, width=80) -> np.ndarray:
    """Three bright pictures with a dark disc of different size each: uint8 (3, H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    radii = np.hypot(y - height / 2, x - width / 2)
    discs = [np.where(radii < r * height / 100, 40, 220) for r in (10, 20, 30)]
    return np.stack(discs)[..., None].repeat(3, axis=3).astype(np.uint8)


@pytest.mark.parametrize("draw", ALL)
def test_shapes_types_and_ranges(draw):
    photos = faces()
    sketches = draw(photos)
    assert (sketches.shape, sketches.dtype) == ((3, 100, 80, 1), np.uint8)
    for dtype in (np.float32, np.float64):
        floats = draw((photos / 255).astype(dtype))
        assert floats.dtype == dtype
        assert floats.min() >= 0
        assert floats.max() <= 1
        assert np.abs(floats * 255 - sketches).max() <= 1


@pytest.mark.parametrize("draw", ALL)
def test_pictures_do_not_touch_each_other_and_stay_unchanged(draw):
    photos = faces()
    before = photos.copy()
    together = draw(photos)
    assert np.array_equal(together, np.concatenate([draw(photo[None]) for photo in photos]))
    assert np.array_equal(photos, before)


@pytest.mark.parametrize("draw", ALL)
def test_an_even_bright_wall_is_white_paper(draw):
    assert (draw(np.full((1, 50, 40, 3), 200, np.uint8)) == 255).all()


@pytest.mark.parametrize("draw", ALL)
def test_edges_are_darker_than_paper(draw):
    sketch = draw(faces())[1, ..., 0].astype(float)
    ring = sketch[49:52, 56:61].min()  # the disc of radius 20 ends at column 60
    assert ring < 180
    assert sketch[2, 2] > 240


@pytest.mark.parametrize("draw", ALL)
def test_other_inputs_are_refused(draw):
    for bad in (np.zeros((4, 4, 3), np.uint8), np.zeros((1, 4, 4, 1), np.uint8), np.full((1, 4, 4, 3), 7.0)):
        with pytest.raises(DataError):
            draw(bad)


def test_dodge_is_the_quotient_of_photo_and_blur():
    from scipy import ndimage

    photos = faces(250, 200)
    grey = photos[..., 0] / 255
    blurred = np.stack([ndimage.gaussian_filter(picture, 5.0, mode="nearest") for picture in grey])
    expected = np.clip(grey / blurred, 0, 1)
    assert np.abs(filters.dodge(photos, sigma=5.0)[..., 0] / 255 - expected).max() < 0.006
    darker = filters.dodge(photos, sigma=5.0, gain=2.0)[..., 0] / 255
    assert np.abs(darker - expected**2).max() < 0.01


def test_sobel_of_a_ramp_is_its_slope():
    # Grey rising by `slope` a column: Sobel's kernel answers 8 * slope, a quarter of it is 2 * slope.
    slope = 0.004
    ramp = (np.arange(100) * slope)[None, None, :, None].repeat(60, axis=1).repeat(3, axis=3)
    inner = filters.sobel(ramp, strength=1)[0, 10:-10, 10:-10, 0]
    assert inner == pytest.approx(1 - 2 * slope, abs=1e-5)
    assert filters.sobel(ramp, strength=3)[0, 30, 50, 0] == pytest.approx(1 - 6 * slope, abs=1e-5)


def test_xdog_of_an_even_grey_follows_the_soft_threshold():
    # Both blurs of an even picture equal its grey g, so S = g whatever p is.
    for grey in (0.1, 0.4, 0.59, 0.61, 0.9):
        answer = filters.xdog(np.full((1, 20, 20, 3), grey), epsilon=0.6, phi=3.0, p=20.0)
        expected = 1.0 if grey >= 0.6 else 1 + np.tanh(3.0 * (grey - 0.6))
        assert answer == pytest.approx(expected, abs=1e-5)


def test_the_same_face_at_another_size_gets_the_same_sketch():
    """Blurs scale with the picture: a drawing at twice the size, reduced, is the drawing at the size itself."""
    for draw in (filters.dodge, filters.xdog):
        large = draw(faces(400, 320) / 255.0)[..., 0].reshape(3, 200, 2, 160, 2).mean(axis=(2, 4))
        small = draw(faces(200, 160) / 255.0)[..., 0]
        assert np.abs(large - small).mean() < 0.02
