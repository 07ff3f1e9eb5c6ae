"""SCOOT by hand, against another library's co-occurrence matrices, and what it must obey."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops

import face2sketch as f2s
from face2sketch.metrics.scoot import scoot, texture


@pytest.fixture(scope="module")
def sketches():
    return f2s.data.synthetic(n=3, size=96, seed=1).sketches


def test_two_pictures_of_two_by_two_blocks_by_hand():
    """Black against stripes, in blocks of [[0, 255], [0, 255]].

    Of the block's four matrices: right has (0,5) twice; up right (0,5); up (0,0) and (5,5); up left (5,0). A quarter of the
    sums, rounded: (0,5) 1, the others 0. So its contrast is 25 and its energy 1; black has 0 and 1. Sixteen blocks: the
    distance is sqrt(16 * 25^2) = 100.
    """
    black = np.zeros((1, 8, 8, 1), np.uint8)
    stripes = black.copy()
    stripes[:, :, 1::2] = 255
    np.testing.assert_allclose(texture(black / 255.0), [[0, 1] * 16])
    np.testing.assert_allclose(texture(stripes / 255.0), [[25, 1] * 16])
    assert scoot(black, stripes)[0] == pytest.approx(1 / 101)


def test_co_occurrences_are_those_of_scikit_image(sketches):
    """Its offsets point down; on the picture turned upside down they point up."""
    ours = texture(sketches / 255.0)[0].reshape(4, 4, 2)
    levels = np.minimum(sketches[0, ..., 0].astype(int) * 6 // 255, 5).astype(np.uint8)
    for i in range(4):
        for j in range(4):
            block = levels[24 * i : 24 * (i + 1), 24 * j : 24 * (j + 1)]
            counts = graycomatrix(block, [1], [0], levels=6)
            turned = graycomatrix(block[::-1], [1], [np.pi / 4, np.pi / 2, 3 * np.pi / 4], levels=6)
            mean = np.floor((counts.sum(3) + turned.sum(3)) / 4 + 0.5)[..., None]
            expected = [
                graycoprops(mean / mean.sum(), "contrast")[0, 0],
                graycoprops(mean / mean.sum(), "ASM")[0, 0],
            ]
            np.testing.assert_allclose(ours[i, j], expected)


def test_levels_are_matlabs():
    """graycomatrix(..., 'NumLevels', 6, 'GrayLimits', [0 255]): floor(6 / 255 * value + 1), at most 6."""
    for value in (0, 42, 43, 84, 85, 127, 128, 169, 170, 212, 213, 254, 255):
        expected = min(int(6 * value / 255 + 1), 6)
        picture = np.zeros((1, 8, 8, 1), np.uint8)
        picture[:, :, 1::2] = value  # contrast is the squared distance of its level from that of 0
        assert texture(picture / 255.0)[0, 0] == (expected - 1) ** 2


def test_identity_symmetry_and_bounds(sketches):
    other = np.roll(sketches, 1, axis=0)
    np.testing.assert_array_equal(scoot(sketches, sketches), 1)
    np.testing.assert_allclose(scoot(sketches, other), scoot(other, sketches))
    assert ((scoot(sketches, other) > 0) & (scoot(sketches, other) < 1)).all()


def test_a_shift_by_a_pixel_costs_little_and_lost_strokes_cost_much(sketches):
    from scipy.ndimage import gaussian_filter

    shifted, smooth = np.roll(sketches, 1, axis=2), gaussian_filter(sketches, (0, 3, 3, 0))
    assert (scoot(sketches, shifted) > scoot(sketches, smooth)).all()


def test_colour_counts_as_luminance_and_tiny_pictures_are_refused(sketches):
    np.testing.assert_allclose(
        scoot(sketches.repeat(3, -1), sketches[::-1].repeat(3, -1)), scoot(sketches, sketches[::-1])
    )
    with pytest.raises(f2s.DataError, match="SCOOT needs sides of 8 px"):
        scoot(sketches[:, :7], sketches[:, :7])
