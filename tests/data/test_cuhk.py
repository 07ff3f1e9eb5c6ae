"""The real 188 pairs, where they are at hand; and the list of files that comes with the library."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from face2sketch.data import colour, cuhk, cuhk_student

needs_data = pytest.mark.skipif(
    not os.environ.get("FACE2SKETCH_DATA"),
    reason="FACE2SKETCH_DATA names no folder with the CUHK student pairs",
)


def test_the_list_of_files_has_the_published_counts():
    names = list(cuhk.checksums())
    assert len(names) == 376
    assert all(len(digest) == 64 for digest in cuhk.checksums().values())
    counts = {
        folder: sum(name.startswith(folder) for name in names) for folder in {n.split("/")[0] for n in names}
    }
    assert counts == {
        "CUHK_training_cropped_photos": 88, "CUHK_training_cropped_sketches": 88,
        "CUHK_testing_cropped_photos": 100, "CUHK_testing_cropped_sketches": 100,
    }  # fmt: skip
    people = cuhk.standard_split()
    assert len(people) == 188
    assert (people["f-005"], people["f-039"], people["f1-001"]) == ("train", "test", "test")


@pytest.fixture(scope="module")
def pairs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the real pictures need no conversion worth a word
        return cuhk_student(os.environ["FACE2SKETCH_DATA"])


@needs_data
@pytest.mark.realdata
def test_real_counts_sizes_and_split(pairs):
    assert (len(pairs), len(pairs.people), pairs.size) == (188, 188, (250, 200))
    train, test = pairs.split("standard")
    assert (len(train), len(test)) == (88, 100)
    assert cuhk.verify(os.environ["FACE2SKETCH_DATA"]).is_dir()


@needs_data
@pytest.mark.realdata
def test_real_pairs_are_those_of_the_sorted_names(pairs):
    """Within each folder photos and sketches pair by sorted name: an independent way to the same partners."""
    root = cuhk.verify(os.environ["FACE2SKETCH_DATA"])
    for split in ("training", "testing"):
        photos = sorted((root / f"CUHK_{split}_cropped_photos").iterdir())
        sketches = sorted((root / f"CUHK_{split}_cropped_sketches").iterdir())
        for photo, sketch in zip(photos[::7], sketches[::7]):
            mine = pairs.select(photo.name.rsplit("-", 1)[0])
            assert np.array_equal(mine.photos[0], np.asarray(Image.open(photo).convert("RGB")))
            assert np.array_equal(mine.sketches[0, ..., 0], np.asarray(Image.open(sketch).convert("L")))


@needs_data
@pytest.mark.realdata
def test_real_huang_split_equals_scikit_learns_over_the_files(pairs):
    from sklearn.model_selection import train_test_split

    root = Path(cuhk.verify(os.environ["FACE2SKETCH_DATA"]))
    files = [
        path.name
        for split in ("testing", "training")
        for path in sorted((root / f"CUHK_{split}_cropped_photos").iterdir())
    ]
    expected = train_test_split([name.rsplit("-", 1)[0] for name in files], test_size=0.2, random_state=3)
    train, test = pairs.split("huang")
    assert (len(train), len(test)) == (150, 38)
    assert [train.identities.tolist(), test.identities.tolist()] == expected


@needs_data
@pytest.mark.realdata
def test_real_baselines_on_huangs_split_come_out_as_measured_elsewhere(pairs):
    """Measured independently with that notebook's split: mean training sketch MSE 0.0468, median 0.0564,
    grey photo with one gain and offset fitted on the training pairs 0.0372 (200x200 centre crop, [0, 1], answers
    clipped to it)."""
    train, test = (side.crop(200) for side in pairs.split("huang"))
    sketches, truth = train.sketches / 255, test.sketches / 255
    assert np.mean((truth - sketches.mean(0)) ** 2) == pytest.approx(0.0468, abs=1e-4)
    assert np.mean((truth - np.median(train.sketches, 0) / 255) ** 2) == pytest.approx(0.0564, abs=1e-4)
    grey = [colour.to_grey(side.photos).ravel() / 255 for side in (train, test)]
    (variance, covariance), _ = np.cov(grey[0], sketches.ravel())
    gain = covariance / variance
    offset = sketches.mean() - gain * grey[0].mean()
    assert np.mean((truth.ravel() - np.clip(gain * grey[1] + offset, 0, 1)) ** 2) == pytest.approx(
        0.0372, abs=1e-4
    )
