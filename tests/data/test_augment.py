"""Augmentation: the eight positions of a square, one move for both pictures, light for the photo alone."""

import numpy as np
import pytest

from face2sketch.data import FacePairs
from face2sketch.data.augment import Affine, Photometric, augment, eightfold
from face2sketch.errors import DataError


def smooth(number=4, size=64) -> FacePairs:
    """Pictures whose sketch is the photo's red channel, so that one can be told from the other afterwards."""
    y, x = np.mgrid[:size, :size] / size
    photos = np.stack(
        [
            np.stack([np.sin(3 * x + n) ** 2, np.cos(4 * y + n) ** 2, (x + y) / 2], axis=2)
            for n in range(number)
        ]
    )
    return FacePairs(photos, photos[..., :1], [f"p{n}" for n in range(number)], standard=["train"] * number)


def test_eightfold_is_the_symmetry_group_of_the_square():
    picture = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1)
    pairs = eightfold(FacePairs(picture.repeat(3, 3), picture, ["a"]))
    seen = {sketch.tobytes() for sketch in pairs.sketches}
    assert len(pairs) == len(seen) == 8
    # Closed under the two generators, worked by hand: a quarter turn and a mirror.
    for sketch in pairs.sketches[..., 0]:
        assert np.rot90(sketch).tobytes() in seen
        assert sketch[:, ::-1].tobytes() in seen
    assert pairs.sketches[1, ..., 0].tolist() == [[2, 5, 8], [1, 4, 7], [0, 3, 6]]  # anticlockwise
    assert pairs.sketches[4, ..., 0].tolist() == [[2, 1, 0], [5, 4, 3], [8, 7, 6]]  # mirrored


def test_eightfold_keeps_people_and_partners_together():
    pairs = eightfold(smooth(3))
    assert pairs.identities.tolist() == ["p0"] * 8 + ["p1"] * 8 + ["p2"] * 8
    assert np.array_equal(pairs.photos[..., :1], pairs.sketches)
    assert set(pairs.standard) == {"train"}
    train, test = pairs.split(test=0.3, seed=0)
    assert not set(train.people) & set(test.people)
    with pytest.raises(DataError, match=r"crop\(3\), pad\(4\) or resize\(4\)"):
        eightfold(FacePairs(np.zeros((1, 3, 4, 3), np.uint8), np.zeros((1, 3, 4, 1), np.uint8), ["a"]))


def test_a_flip_mirrors_both_or_neither_about_half_of_the_time():
    pairs = smooth(1)
    out = augment(pairs, seed=0, copies=200, affine=None, photometric=None)
    mirrored = [np.array_equal(photo, pairs.photos[0, :, ::-1]) for photo in out.photos]
    assert np.array_equal(out.photos[..., :1], out.sketches)
    assert 70 < sum(mirrored) < 130  # binomial: 100 +- 4 standard deviations
    assert all(
        m or np.array_equal(photo, pairs.photos[0]) for m, photo in zip(mirrored, out.photos, strict=True)
    )


def test_without_any_change_pairs_come_back_as_they_were():
    pairs = smooth()
    out = augment(pairs, copies=2, flip=False, affine=False, photometric=False)
    assert np.array_equal(out.photos, np.concatenate([pairs.photos] * 2))
    still = augment(pairs, flip=False, affine=Affine(0, 0, 0), photometric=Photometric(0, 0, 0, 0))
    assert np.array_equal(still.photos, pairs.photos)
    assert np.array_equal(still.sketches, pairs.sketches)


def test_geometry_is_the_same_for_photo_and_sketch():
    out = augment(smooth(), seed=5, copies=5, photometric=None)
    difference = np.abs(out.photos[..., :1].astype(int) - out.sketches)
    assert difference.max() <= 1  # the same interpolation, rounded in two picture modes
    assert not np.array_equal(out.sketches[:4], smooth().sketches)


def test_light_changes_the_photo_alone():
    pairs = smooth()
    out = augment(pairs, seed=5, flip=False, affine=None)
    assert np.array_equal(out.sketches, pairs.sketches)
    assert not np.array_equal(out.photos, pairs.photos)


def test_moves_are_as_large_as_they_say():
    from face2sketch.data.augment import _moved, _random_move

    class Always:
        """Draws the upper limit every time."""

        def uniform(self, low, high, size=None):
            return high if size is None else np.full(size, high)

    ramp = np.arange(40 * 40, dtype=np.uint16).reshape(40, 40, 1)
    picture = (ramp % 251).astype(np.uint8)
    shifted = _moved(picture, _random_move(Affine(0, 0, 0.1), (40, 40), Always()))
    assert np.array_equal(shifted[4:, 4:], picture[:-4, :-4])  # 0.1 of 40 pixels, right and down
    assert (shifted[:4, 4:] == picture[0, :-4]).all(), "the edge is repeated"
    turned = _moved(picture, _random_move(Affine(90, 0, 0), (40, 40), Always()))
    assert np.abs(turned.astype(int) - np.rot90(picture, -1)).max() <= 1  # clockwise; rounding of the sine
    y, x = np.mgrid[:41, :41] - 20.0
    disc = (np.hypot(x, y) <= 8).astype(np.uint8)[..., None] * 255
    grown = _moved(disc, _random_move(Affine(0, 0.5, 0), (41, 41), Always()))
    assert (grown > 127).sum() == pytest.approx((disc > 0).sum() * 1.5**2, rel=0.03)


def test_pairs_depend_on_seed_copy_and_place_alone():
    pairs = smooth(6)
    out = augment(pairs, seed=3, copies=2)
    assert np.array_equal(augment(pairs[:4], seed=3).photos, out.photos[:4])
    assert np.array_equal(augment(pairs, seed=3, copies=2).photos, out.photos)
    assert not np.array_equal(augment(pairs, seed=4, copies=2).photos, out.photos)
    assert not np.array_equal(out.photos[:6], out.photos[6:])
    assert out.identities.tolist() == pairs.identities.tolist() * 2


def test_quarter_turns_and_bad_arguments():
    pairs = smooth(1)
    out = augment(pairs, copies=40, flip=False, quarter_turns=True, affine=None, photometric=None)
    seen = {photo.tobytes() for photo in out.photos}
    assert seen == {np.rot90(pairs.photos[0], k).tobytes() for k in range(4)}
    with pytest.raises(DataError, match="copies=0"):
        augment(pairs, copies=0)
    with pytest.raises(DataError, match="square"):
        augment(pairs.crop(64, 32), quarter_turns=True)
