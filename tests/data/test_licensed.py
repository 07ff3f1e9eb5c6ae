"""CUFS and CUFSF from folders that look like the real ones, filled with plain pictures."""

import warnings

import numpy as np
import pytest
from PIL import Image

from face2sketch.data import PictureWarning, cufs, cufsf
from face2sketch.data.cuhk import checksums
from face2sketch.errors import DataError


def fill(folder, pairs_of_names) -> None:
    for side in ("photos", "sketches"):
        (folder / side).mkdir(parents=True)
    photo, sketch = Image.new("RGB", (4, 5), (9, 8, 7)), Image.new("L", (4, 5), 9)
    for name, other in pairs_of_names:
        photo.save(folder / "photos" / f"{name}.png")
        sketch.save(folder / "sketches" / f"{other}.png")


def cuhk_names():
    photos = [name.split("/")[1][:-4] for name in checksums() if "_photos/" in name]
    training = {name.split("/")[1][:-4] for name in checksums() if "training_cropped_photos/" in name}
    return [
        (name, (name.replace("-", "2-", 1).upper() if name in training else name) + "-sz1") for name in photos
    ]


def ar_names():
    return [
        (f"{s}-{n:03d}-1", f"{s.upper()}p-{n:03d}-1-sz1") for s, k in (("m", 70), ("w", 53)) for n in range(k)
    ]


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    root = tmp_path_factory.mktemp("cufs")
    fill(root / "CUHK_student", cuhk_names())
    fill(root / "AR", ar_names())
    fill(root / "XM2VTS", [(f"{n:03d}_1_1", f"{n:03d}_1_1_sz1") for n in range(295)])
    return root


def test_cufs_has_the_published_counts(full):
    with pytest.warns(PictureWarning, match="first (80|100) by name") as warned:
        pairs = cufs(full)
    assert len(warned) == 2  # AR and XM2VTS: their people are not published; CUHK's are
    assert (len(pairs), len(pairs.people)) == (606, 606)
    train, test = pairs.split("standard")
    assert (len(train), len(test)) == (268, 338)
    parts = np.array([identity.split("/")[0] for identity in train.identities])
    assert {part: int((parts == part).sum()) for part in set(parts)} == {"CUHK": 88, "AR": 80, "XM2VTS": 100}
    assert {"CUHK/m-008", "AR/m-008", "XM2VTS/008"} <= set(pairs.people), "one number, three people"


def test_cufs_with_each_sets_folders_side_by_side(full, tmp_path):
    """As the archives unpack: no folder for a set, but its name in the folders'."""
    for part in ("CUHK_student", "AR", "XM2VTS"):
        for side in ("photos", "sketches"):
            (tmp_path / f"{part}_cropped_{side}").symlink_to(full / part / side, target_is_directory=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert cufs(tmp_path).checksum() == cufs(full).checksum()


def test_folders_that_name_the_split_are_believed(tmp_path):
    for split, numbers in (("train", range(100, 350)), ("test", range(944))):
        fill(tmp_path / split, [(f"{n + 1000 * (split == 'test'):05d}fb010_930831",
                                 f"{n + 1000 * (split == 'test'):05d}") for n in numbers])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs = cufsf(tmp_path)
    train, test = pairs.split("standard")
    assert (len(train), len(test)) == (250, 944)
    assert train.people[0] == "00100"


def test_incomplete_sets(tmp_path):
    fill(tmp_path / "AR", ar_names()[:100])
    with pytest.raises(DataError, match="CUFS AR has 123 pairs, 100 were found"):
        cufs(tmp_path)
    with pytest.warns(PictureWarning):
        assert len(cufs(tmp_path, partial=True)) == 100
    with pytest.raises(DataError, match=r"CUFSF has 1194 pairs, 100 were found"):
        cufsf(tmp_path)
    (tmp_path / "AR").rename(tmp_path / "else")
    with pytest.raises(
        DataError, match=r"no photos and sketches of CUHK and AR and XM2VTS(.|\n)*found: else"
    ):
        cufs(tmp_path)


@pytest.mark.parametrize("load", [cufs, cufsf])
def test_missing_sets_say_where_to_ask(load, tmp_path):
    with pytest.raises(DataError, match=r"licences\. Ask for it at http://mmlab"):
        load(tmp_path / "nowhere")
