"""Folders of any known layout, joined by person; the names are the public data sets' real ones."""

import os
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from face2sketch.data import PictureWarning, folder, read_pairs
from face2sketch.data.names import identity_of, natural_key, pair_key
from face2sketch.errors import DataError


def put(path: Path, level: int, size=(10, 8), colour: bool = True) -> None:
    """A plain picture whose grey level tells afterwards which file it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((*size, 3) if colour else size, level, np.uint8)
    Image.fromarray(pixels).save(
        path, "PNG"
    )  # the suffix in the data sets' names is .jpg; Pillow reads by content


def put_pair(photo: Path, sketch: Path, level: int, **more) -> None:
    put(photo, level, **more)
    put(sketch, level, colour=False, **more)


def levels(pairs) -> list[int]:
    """Each pair's grey level, once photo and sketch are found to agree."""
    assert np.array_equal(pairs.photos[:, 0, 0, 0], pairs.sketches[:, 0, 0, 0]), (
        "a photo met another person's sketch"
    )
    return pairs.photos[:, 0, 0, 0].tolist()


REAL_NAMES = [
    # photo, sketch, person: CUHK training and test, AR, XM2VTS, CUFSF
    ("f-005-01", "F2-005-01-sz1", "f-005"),
    ("m-008-01", "M2-008-01-sz1", "m-008"),
    ("f-039-01", "f-039-01-sz1", "f-039"),
    ("f1-001-01", "f1-001-01-sz1", "f1-001"),
    ("m1-041-01", "m1-041-01-sz1", "m1-041"),
    ("w-001-1", "Wp-001-1-sz1", "w-001"),
    ("000_1_1", "000_1_1_sz1", "000"),
    ("00001fb010_930831", "00001", "00001"),
    ("00043fb001d_931230", "00043", "00043"),
]


@pytest.mark.parametrize(("photo", "sketch", "person"), REAL_NAMES)
def test_real_names_find_their_partner_and_person(tmp_path, photo, sketch, person):
    put_pair(tmp_path / "photos" / f"{photo}.jpg", tmp_path / "sketches" / f"{sketch}.jpg", 9)
    pairs = read_pairs(tmp_path)
    assert pairs.identities.tolist() == [person]
    assert levels(pairs) == [9]


def test_people_whose_names_look_alike_stay_apart(tmp_path):
    # f-001, f1-001 and m-001 are three people; a person whose own name is f2-001 is a fourth, alias or not.
    for level, (photo, sketch) in enumerate(
        [
            ("f-001-01", "f-001-01-sz1"),
            ("f1-001-01", "f1-001-01-sz1"),
            ("f2-001-01", "F2-001-01-sz1"),
            ("m-001-01",) * 2,
        ]
    ):
        put_pair(tmp_path / "photo" / f"{photo}.jpg", tmp_path / "sketch" / f"{sketch}.jpg", level * 10)
    pairs = read_pairs(tmp_path)
    assert pairs.identities.tolist() == ["f-001", "f1-001", "f2-001", "m-001"]
    assert levels(pairs) == [0, 10, 20, 30]


@pytest.mark.parametrize(
    ("stem", "key"),
    [("anna", "anna"), ("Anna_photo", "anna"), ("sketch-anna", "anna"), ("anna sketch", "anna"), ("anna-sz1", "anna"),
     ("anna2", "anna2"), ("photo", "photo"), ("photographer-1", "photographer-1")],
)  # fmt: skip
def test_keys_of_the_readers_own_names(stem, key):
    assert pair_key(stem) == key


def test_the_four_folders_of_the_github_copies(tmp_path):
    for split, names in {
        "training": ["f-005-01", "m-008-01"],
        "testing": ["f-039-01", "f1-001-01", "m1-002-01"],
    }.items():
        for name in names:
            sketch = f"{name.replace('-', '2-', 1).upper() if split == 'training' else name}-sz1.jpg"
            put_pair(
                tmp_path / f"CUHK_{split}_cropped_photos" / f"{name}.jpg",
                tmp_path / f"CUHK_{split}_cropped_sketches" / sketch,
                len(name) * 3 + int(name[-5]),
            )
    pairs = read_pairs(tmp_path)
    assert pairs.identities.tolist() == ["f-005", "f-039", "f1-001", "m-008", "m1-002"]
    assert pairs.standard.tolist() == ["train", "test", "test", "train", "test"]
    levels(pairs)


def test_numbered_pictures_in_train_and_test_are_different_people(tmp_path):
    for split in ("train", "test"):
        for number in (1, 2):
            put_pair(
                tmp_path / split / "photos" / f"{number}.png",
                tmp_path / split / "sketches" / f"{number}.png",
                number + 10 * (split == "test"),
            )
    pairs = read_pairs(tmp_path)
    assert sorted(zip(pairs.identities.tolist(), levels(pairs), strict=True)) == [
        ("test/1", 11), ("test/2", 12), ("train/1", 1), ("train/2", 2),
    ]  # fmt: skip
    assert pairs.people == ["test/1", "test/2", "train/1", "train/2"]


def test_several_data_sets_below_one_root_and_nested_archives(tmp_path):
    put_pair(
        tmp_path / "CUHK/photos/photos/m-002-01.jpg", tmp_path / "CUHK/sketches/sketches/m-002-01-sz1.jpg", 1
    )
    put_pair(tmp_path / "AR/photos/m-002-1.jpg", tmp_path / "AR/sketches/Mp-002-1-sz1.jpg", 2)
    pairs = read_pairs(tmp_path)
    assert pairs.identities.tolist() == ["ar/m-002", "cuhk/m-002"]
    assert levels(pairs) == [2, 1]


def test_two_folders_of_any_names_in_any_order(tmp_path, monkeypatch):
    names = [f"face{n:02d}" for n in range(12)]
    for level, name in enumerate(names):
        put_pair(tmp_path / "left" / f"{name}.png", tmp_path / "right" / f"{name}.PNG", level)
    (tmp_path / "left" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "left" / "._face00.png").write_bytes(b"x")
    (tmp_path / "right" / "Thumbs.db").write_bytes(b"x")
    real = Path.iterdir

    def shuffled(self):
        entries = list(real(self))
        random.Random(str(self)).shuffle(entries)
        return iter(entries)

    monkeypatch.setattr(Path, "iterdir", shuffled)
    pairs = folder(tmp_path / "left", tmp_path / "right", source="mine")
    assert pairs.identities.tolist() == names
    assert levels(pairs) == list(range(12))
    assert pairs.source == "mine"


def test_person_from_the_name(tmp_path):
    for level, name in enumerate(["anna_1", "anna_2", "bert_1"]):
        put_pair(tmp_path / "a" / f"{name}.png", tmp_path / "b" / f"{name}.png", level)
    pairs = folder(tmp_path / "a", tmp_path / "b", person=r"^([a-z]+)_")
    assert pairs.identities.tolist() == ["anna", "anna", "bert"]
    assert folder(tmp_path / "a", tmp_path / "b", person=lambda stem: stem[0]).people == ["a", "b"]
    assert identity_of("anna_1") == "anna_1"
    with pytest.raises(DataError, match="one group"):
        folder(tmp_path / "a", tmp_path / "b", person=r"^[a-z]+")


def test_missing_partners_are_named(tmp_path):
    for name in ("a", "b", "c"):
        put_pair(tmp_path / "photos" / f"{name}.png", tmp_path / "sketches" / f"{name}.png", 5)
    (tmp_path / "photos" / "b.png").unlink()
    put(tmp_path / "photos" / "d.png", 1)
    with pytest.raises(DataError, match=r"2 pictures have no partner") as caught:
        read_pairs(tmp_path)
    assert str(Path("photos", "d.png")) in str(caught.value)
    assert str(Path("sketches", "b.png")) in str(caught.value)
    assert str(Path("photos", "a.png")) not in str(caught.value)
    with pytest.warns(PictureWarning, match=r"2 pictures without partner"):
        assert read_pairs(tmp_path, partial=True).identities.tolist() == ["a", "c"]


def test_nothing_in_common(tmp_path):
    put(tmp_path / "photos" / "a.png", 1)
    put(tmp_path / "sketches" / "z.png", 1)
    with pytest.raises(DataError, match=r"no photo and sketch share a name \(e\.g\. a\.png and z\.png\)"):
        read_pairs(tmp_path, partial=True)


def test_two_pictures_of_one_name(tmp_path):
    put_pair(tmp_path / "photos" / "a.png", tmp_path / "sketches" / "a.png", 1)
    put(tmp_path / "photos" / "a.bmp", 1)
    with pytest.raises(DataError, match=r"several pictures of one name(.|\n)*a\.bmp(.|\n)*a\.png"):
        read_pairs(tmp_path)


def test_all_bad_files_are_told_at_once_and_can_be_left_out(tmp_path):
    for level, name in enumerate("abcde"):
        put_pair(tmp_path / "photos" / f"{name}.png", tmp_path / "sketches" / f"{name}.png", level)
    (tmp_path / "photos" / "b.png").write_bytes(b"")
    (tmp_path / "sketches" / "d.png").write_text("oops")
    with pytest.raises(DataError) as caught:
        read_pairs(tmp_path)
    message = str(caught.value)
    assert "2 of 10 pictures" in message
    assert f"{Path('photos', 'b.png')}: is empty" in message
    assert f"{Path('sketches', 'd.png')}: is not a picture" in message
    assert "skip_bad=True" in message
    with pytest.warns(PictureWarning, match="2 of 10 pictures cannot be used and were left out"):
        pairs = read_pairs(tmp_path, skip_bad=True)
    assert (pairs.identities.tolist(), levels(pairs)) == (["a", "c", "e"], [0, 2, 4])


def test_every_file_bad_is_an_error_whatever_was_asked(tmp_path):
    put_pair(tmp_path / "photos" / "a.png", tmp_path / "sketches" / "a.png", 1)
    (tmp_path / "photos" / "a.png").write_bytes(b"")
    with warnings.catch_warnings(), pytest.raises(DataError, match="no pair left"):
        warnings.simplefilter("ignore")
        read_pairs(tmp_path, skip_bad=True)


def test_odd_sizes_are_named_or_resized(tmp_path):
    for name in "abc":
        put_pair(tmp_path / "photos" / f"{name}.png", tmp_path / "sketches" / f"{name}.png", 1)
    put(tmp_path / "sketches" / "b.png", 1, size=(20, 16), colour=False)
    with pytest.raises(DataError, match=r"b\.png: is 20x16 \(height x width\) where most pictures are 10x8"):
        read_pairs(tmp_path)
    assert read_pairs(tmp_path, size=(6, 5)).size == (6, 5)
    assert read_pairs(tmp_path, size=6).size == (6, 6)
    with pytest.warns(PictureWarning, match="left out"):
        assert read_pairs(tmp_path, skip_bad=True).identities.tolist() == ["a", "c"]


def test_missing_and_empty_folders_say_what_was_found(tmp_path):
    with pytest.raises(DataError, match=r"nowhere does not exist"):
        read_pairs(tmp_path / "nowhere")
    (tmp_path / "file.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match="unpack"):
        read_pairs(tmp_path / "file.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"no photos and no sketches found .*found: nothing"):
        read_pairs(tmp_path / "empty")
    put(tmp_path / "half" / "photos" / "a.png", 1)
    with pytest.raises(DataError, match=r"no sketches found .*photos \(1 pictures\)"):
        read_pairs(tmp_path / "half")
    with pytest.raises(DataError, match=r"holds no pictures \(found nothing\)"):
        folder(tmp_path / "empty", tmp_path / "half" / "photos")
    put(tmp_path / "other" / "left" / "a.png", 1)
    with pytest.raises(DataError, match=r"left \(1 pictures\)(.|\n)*f2s\.data\.folder\(photos, sketches\)"):
        folder(tmp_path / "other")


def test_conversions_of_a_batch_are_said_once(tmp_path):
    for name in "abcd":
        put(tmp_path / "photos" / f"{name}.png", 1, colour=False)
        put(tmp_path / "sketches" / f"{name}.png", 1, colour=False)
    with pytest.warns(PictureWarning) as warned:
        pairs = read_pairs(tmp_path)
    assert len(pairs) == 4
    assert len(warned) == 1
    assert "grey photo repeated over three channels: 4 (a.png, b.png, c.png, ...)" in str(warned[0].message)
    assert os.path.basename(warned[0].filename) == "test_folders.py", (
        "the warning points at the reader's line"
    )


def test_a_link_that_leads_back_is_walked_once(tmp_path):
    put_pair(tmp_path / "photos" / "a.png", tmp_path / "sketches" / "a.png", 1)
    (tmp_path / "photos" / "back").symlink_to(tmp_path, target_is_directory=True)
    assert len(read_pairs(tmp_path)) == 1


def test_names_are_sorted_as_people_would():
    """Numbers by their value, letters without their case: "f1" before "f-", 9 before 10."""
    given = ["m-010", "f-10", "f-9", "F1-001"]
    assert sorted(given, key=natural_key) == ["F1-001", "f-9", "f-10", "m-010"]
