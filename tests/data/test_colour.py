"""Colour conversions against Pillow, scikit-image and values from the standards."""

import numpy as np
import pytest
from PIL import Image

from face2sketch.data import colour
from face2sketch.errors import DataError

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 40, 30, 3), dtype=np.uint8)


def test_grey_is_pillows_to_the_byte():
    expected = np.stack([np.asarray(Image.fromarray(picture).convert("L")) for picture in PICTURES])
    assert np.array_equal(colour.to_grey(PICTURES)[..., 0], expected)
    assert np.array_equal(colour.to_grey(PICTURES[0])[..., 0], expected[0])


def test_grey_of_floats_is_bt601_and_keeps_the_type():
    primaries = np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3)
    grey = colour.to_grey(primaries)
    assert grey.dtype == np.float32
    assert grey.ravel() == pytest.approx([0.299, 0.587, 0.114])
    assert colour.to_grey(np.ones((1, 1, 1, 3), np.float64)).item() == pytest.approx(1.0)
    assert colour.to_grey(grey) is grey


def test_lab_of_known_colours():
    # CIE L*a*b* of the sRGB primaries under D65 (values as tabulated by B. Lindbloom's calculator, two decimals).
    known = {
        (255, 255, 255): (100.0, 0.0, 0.0),
        (0, 0, 0): (0.0, 0.0, 0.0),
        (255, 0, 0): (53.24, 80.09, 67.20),
        (0, 255, 0): (87.73, -86.18, 83.18),
        (0, 0, 255): (32.30, 79.19, -107.86),
    }
    pictures = np.array(list(known), np.uint8).reshape(1, 1, -1, 3)
    assert np.abs(colour.to_lab(pictures)[0, 0] - np.array(list(known.values()))).max() < 0.02


def test_lab_is_scikit_images_for_bytes_and_floats():
    from skimage.color import rgb2lab

    lab = colour.to_lab(PICTURES)
    assert lab.dtype == np.float32
    assert np.abs(lab - rgb2lab(PICTURES)).max() < 1e-4
    assert np.array_equal(colour.to_lab(PICTURES / 255.0), lab)


@pytest.mark.parametrize("convert", [colour.to_grey, colour.to_lab])
@pytest.mark.parametrize("bad", [np.zeros((4, 4, 2)), np.zeros((4, 4, 3), np.int32), np.zeros(3)])
def test_other_shapes_and_types_are_refused(convert, bad):
    with pytest.raises(DataError):
        convert(bad)


def test_floats_of_0_to_255_are_refused():
    with pytest.raises(DataError, match=r"divide 0\.\.255 by 255"):
        colour.to_grey(PICTURES.astype(np.float32))
