"""FacePairs: what it accepts, how it is chosen from, split, resized, kept."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from face2sketch.data import FacePairs
from face2sketch.errors import DataError, SavedFileError


def make(number=6, height=12, width=10, people=None, **more) -> FacePairs:
    random = np.random.default_rng(number)
    identities = [f"p{index}" for index in range(number)] if people is None else people
    return FacePairs(
        random.integers(0, 256, (number, height, width, 3), dtype=np.uint8),
        random.integers(0, 256, (number, height, width, 1), dtype=np.uint8),
        identities,
        **more,
    )


def same(one: FacePairs, other: FacePairs) -> bool:
    return np.array_equal(one.photos, other.photos) and np.array_equal(one.sketches, other.sketches)


# ---- construction


def test_floats_are_accepted_and_rounded_to_8_bits():
    photos = np.array([0.0, 0.5, 1.0], np.float32).reshape(1, 1, 1, 3)
    pairs = FacePairs(photos, np.full((1, 1, 1, 1), 0.2, np.float64), ["a"])
    assert pairs.photos.tolist() == [[[[0, 128, 255]]]]  # 127.5 rounds to even: 128
    assert pairs.sketches.tolist() == [[[[51]]]]


def test_the_caller_cannot_change_pairs_afterwards():
    photos = np.zeros((1, 2, 2, 3), np.uint8)
    frame = pd.DataFrame({"hair": ["black"]})
    pairs = FacePairs(photos, photos[..., :1], ["a"], attributes=frame)
    photos[:] = 9
    frame.loc[0, "hair"] = "red"
    assert pairs.photos.max() == 0
    assert pairs.attributes.hair[0] == "black"
    for array in (pairs.photos, pairs.sketches, pairs.identities, pairs.standard):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        pairs.photos = photos
    assert photos.flags.writeable, "the caller's own array must stay the caller's"


@pytest.mark.parametrize(
    ("photos", "sketches", "more", "told"),
    [
        ((2, 4, 4, 3), (3, 4, 4, 1), {}, "2 photos but 3 sketches"),
        ((2, 4, 4, 3), (2, 4, 5, 1), {}, "photos are 4x4 but sketches 4x5"),
        ((2, 4, 4, 1), (2, 4, 4, 1), {}, r"photos have shape \(2, 4, 4, 1\): expected"),
        ((2, 4, 4, 3), (2, 4, 4, 3), {}, "to_grey"),
        ((4, 4, 3), (4, 4, 1), {}, r"expected \(number, height, width, 3\)"),
        ((0, 4, 4, 3), (0, 4, 4, 1), {}, "empty"),
        ((2, 4, 4, 3), (2, 4, 4, 1), {"identities": ["a"]}, "identities have shape"),
        ((2, 4, 4, 3), (2, 4, 4, 1), {"standard": ["train", "val"]}, "'val'"),
        ((2, 4, 4, 3), (2, 4, 4, 1), {"attributes": pd.DataFrame({"x": [1]})}, "1 rows of attributes"),
    ],
)
def test_what_does_not_fit_is_refused(photos, sketches, more, told):
    fields = {"identities": [f"p{n}" for n in range(photos[0])]} | more
    with pytest.raises(DataError, match=told):
        FacePairs(np.zeros(photos, np.uint8), np.zeros(sketches, np.uint8), **fields)


@pytest.mark.parametrize(
    ("photos", "told"),
    [
        (np.full((1, 2, 2, 3), 200.0), "floats from 200 to 200"),
        (np.full((1, 2, 2, 3), np.nan), "floats from nan"),
        (np.full((1, 2, 2, 3), -0.1), "floats from -0.1"),
        (np.zeros((1, 2, 2, 3), np.int64), "type int64"),
    ],
)
def test_values_out_of_range_are_refused(photos, told):
    with pytest.raises(DataError, match=told):
        FacePairs(photos, np.zeros((1, 2, 2, 1), np.uint8), ["a"])


# ---- choosing


def test_indexing_by_int_slice_array_and_mask():
    pairs = make(6, attributes=pd.DataFrame({"age": range(6)}), standard=["train"] * 4 + ["test"] * 2)
    assert (len(pairs[2]), pairs[2].identities.tolist()) == (1, ["p2"])
    assert pairs[-1].identities.tolist() == ["p5"]
    assert pairs[1:5:2].identities.tolist() == ["p1", "p3"]
    chosen = pairs[[4, 0]]
    assert chosen.identities.tolist() == ["p4", "p0"]
    assert chosen.attributes.age.tolist() == [4, 0]
    assert chosen.attributes.index.tolist() == [0, 1]
    assert chosen.standard.tolist() == ["test", "train"]
    assert np.array_equal(chosen.sketches[0], pairs.sketches[4])
    assert pairs[pairs.standard == "test"].identities.tolist() == ["p4", "p5"]
    with pytest.raises(IndexError):
        pairs[6]
    with pytest.raises(IndexError):
        pairs[[True, False]]
    with pytest.raises(DataError, match="at least one"):
        pairs[pairs.identities == "nobody"]
    with pytest.raises(DataError, match="chosen by"):
        pairs[["p1"]]


def test_iteration_gives_each_pair_once():
    pairs = make(4)
    assert [pair.identities[0] for pair in pairs] == ["p0", "p1", "p2", "p3"]
    assert same(FacePairs.concat(list(pairs)), pairs)


def test_people_and_tasks():
    pairs = make(4, people=["b", "a", "b", "c"])
    assert pairs.people == ["a", "b", "c"]
    assert pairs.size == (12, 10)
    assert pairs.inputs("photo2sketch") is pairs.photos
    assert pairs.targets("photo2sketch") is pairs.sketches
    assert pairs.inputs("sketch2photo") is pairs.sketches
    assert pairs.targets("sketch2photo") is pairs.photos
    with pytest.raises(DataError, match="photo2sketch"):
        pairs.inputs("p2s")


def test_select_follows_the_names_and_knows_strangers():
    pairs = make(4, people=["b", "a", "b", "c"])
    assert pairs.select(["c", "b"]).identities.tolist() == ["c", "b", "b"]
    assert pairs.select("a").identities.tolist() == ["a"]
    with pytest.raises(DataError, match="'zoe'"):
        pairs.select(["a", "zoe"])
    with pytest.raises(DataError, match="empty"):
        pairs.select([])


def test_shuffle_is_a_permutation_set_by_its_seed():
    pairs = make(20)
    one, again, other = pairs.shuffle(1), pairs.shuffle(1), pairs.shuffle(2)
    assert same(one, again)
    assert not same(one, other)
    assert sorted(one.identities) == sorted(pairs.identities)
    position = pairs.identities.tolist().index(one.identities[0])
    assert np.array_equal(one.photos[0], pairs.photos[position])


# ---- splitting


def test_no_person_stands_on_both_sides():
    pairs = make(60, people=[f"p{n % 17}" for n in range(60)])
    for seed in range(5):
        train, test = pairs.split(test=0.3, seed=seed)
        assert not set(train.people) & set(test.people)
        assert len(test.people) == 6  # 0.3 * 17 = 5.1, rounded up
        assert len(train) + len(test) == 60
    assert pairs.split(0.3, 0)[1].people != pairs.split(0.3, 1)[1].people
    assert pairs.split(0.3, 4)[1].people == pairs.split(0.3, 4)[1].people


def test_split_by_number_and_exact_fractions():
    pairs = make(100)
    assert len(pairs.split(test=38)[1]) == 38
    assert len(pairs.split(test=0.07)[1]) == 7  # 0.07 * 100 is 7.000000000000001 in floating point
    assert len(pairs.split(test=0.3)[0]) == 70


def test_splitting_by_picture_leaks():
    pairs = make(40, people=[f"p{n // 8}" for n in range(40)])
    train, test = pairs.split(test=0.2, seed=0, by="picture")
    assert (len(train), len(test)) == (32, 8)
    assert set(train.people) & set(test.people)


@pytest.mark.parametrize("test", [0, 6, 7, -1, 0.0, 1.0, 1.5, True, None, "random"])
def test_a_split_that_leaves_nothing_or_means_nothing_is_refused(test):
    with pytest.raises(DataError):
        make(6).split(test=test)


def test_standard_split_uses_the_labels():
    pairs = make(5, standard=["test", "train", "", "train", "test"])
    train, test = pairs.split("standard")
    assert train.identities.tolist() == ["p1", "p3"]
    assert test.identities.tolist() == ["p0", "p4"]
    with pytest.raises(DataError, match="no standard split"):
        make(5).split("standard")
    with pytest.raises(DataError, match="every pair"):
        pairs.split("huang")


def test_huang_split_equals_scikit_learn():
    from sklearn.model_selection import train_test_split

    people = [f"m-{n:03d}" for n in range(30)]
    standard = ["train" if n % 3 else "test" for n in range(30)]
    listed = sorted(p for p, s in zip(people, standard) if s == "test")
    listed += sorted(p for p, s in zip(people, standard) if s == "train")
    expected = train_test_split(listed, test_size=0.2, random_state=3)
    order = np.random.default_rng(0).permutation(30)  # the order of the pairs must not matter
    pairs = make(30, people=[people[n] for n in order], standard=[standard[n] for n in order])
    train, test = pairs.split("huang")
    assert [train.identities.tolist(), test.identities.tolist()] == expected
    with pytest.raises(DataError, match="split first, augment afterwards"):
        FacePairs.concat([pairs, pairs]).split("huang")


# ---- sizes


def test_crop_is_the_centre_and_pad_brings_it_back():
    pairs = make(2, 250, 200)
    cropped = pairs.crop(200)
    assert cropped.size == (200, 200)
    assert np.array_equal(cropped.photos, pairs.photos[:, 25:225])  # Huang's crop of CUHK
    padded = cropped.pad(250, 200, value=7)
    assert padded.size == (250, 200)
    assert np.array_equal(padded.sketches[:, 25:225], cropped.sketches)
    assert set(np.unique(padded.photos[:, :25])) == {7}
    edge = cropped.pad(250, 200)
    assert (edge.photos[:, :25] == cropped.photos[:, :1]).all()
    assert np.array_equal(cropped.pad(202, value="reflect").photos[:, 0, 1:-1], cropped.photos[:, 1])
    assert pairs.crop(100, 60).size == (100, 60)
    with pytest.raises(DataError, match="cannot crop 256x256 from pictures of 250x200"):
        pairs.crop(256)
    with pytest.raises(DataError, match="cannot pad"):
        pairs.pad(200)
    with pytest.raises(DataError, match="grey level"):
        pairs.pad(256, value="black")


def test_resize_by_area_of_an_integer_factor_is_the_mean_of_blocks():
    pairs = make(3, 8, 12)
    small = pairs.resize((4, 6), filter="area")
    blocks = pairs.photos.reshape(3, 4, 2, 6, 2, 3).mean(axis=(2, 4))
    assert small.size == (4, 6)
    assert np.abs(small.photos - blocks).max() <= 1  # Pillow rounds after each direction


def test_resize_is_pillows_lanczos_and_antialiases():
    pairs = make(2, 30, 20)
    expected = Image.fromarray(pairs.photos[1]).resize((7, 9), Image.Resampling.LANCZOS)
    assert np.array_equal(pairs.resize((9, 7)).photos[1], np.asarray(expected))
    # One-pixel stripes average to mid-grey; a method that skips pixels would see only black or only white.
    stripes = np.tile(np.array([0, 255], np.uint8), (1, 64, 32))[..., None]
    striped = FacePairs(stripes.repeat(3, 3), stripes, ["a"])
    assert np.abs(striped.resize(16).sketches.astype(int) - 128).max() < 24
    assert pairs.resize((30, 20)) is pairs
    for size in (0, (3,), (3, 4, 5), 2.5, "8"):
        with pytest.raises(DataError):
            pairs.resize(size)
    with pytest.raises(DataError, match="filter="):
        pairs.resize(8, filter="cubic")


def test_concat_needs_one_size_and_keeps_what_all_have():
    one, two = make(2, source="a", attributes=pd.DataFrame({"x": [1, 2]})), make(3, source="b")
    both = FacePairs.concat([one, two])
    assert (len(both), both.source, both.attributes) == (5, "a + b", None)
    assert FacePairs.concat([one, one]).attributes.x.tolist() == [1, 2, 1, 2]
    with pytest.raises(DataError, match="5x10, 12x10"):
        FacePairs.concat([one, make(1, 5)])
    with pytest.raises(DataError, match="nothing to join"):
        FacePairs.concat([])


# ---- looking


def test_contact_sheet_shows_each_pair_in_its_place():
    pairs = make(5, 20, 16)
    sheet = pairs.contact_sheet(columns=2, margin=3)
    assert sheet.dtype == np.uint8
    assert sheet.shape == (3 * 23 + 3, 2 * 35 + 3, 3)
    assert np.array_equal(sheet[26:46, 38:54], pairs.photos[3])
    assert np.array_equal(sheet[26:46, 54:70, 1], pairs.sketches[3, ..., 0])
    assert (sheet[:3] == 255).all()
    assert (sheet[-23:, 38:] == 255).all(), "the place without a pair stays white"
    assert pairs.contact_sheet(columns=2, rows=1, margin=3).shape[0] == 26
    assert pairs.contact_sheet(columns=8, margin=0, height=10).shape == (10, 5 * 16, 3)
    with pytest.raises(DataError):
        pairs.contact_sheet(columns=0)


def test_the_notebook_shows_a_small_picture_and_escapes_names():
    pairs = make(5, 64, 64, source="<b>evil</b>")
    shown = pairs._repr_html_()
    assert "&lt;b&gt;evil" in shown
    assert "data:image/jpeg;base64," in shown
    assert len(shown) < 120_000
    assert repr(pairs).startswith("FacePairs(5 pairs of 5 people, 64x64")


# ---- keeping


def test_saving_and_loading_gives_the_same_pairs(tmp_path):
    frame = pd.DataFrame(
        {"hair": ["fair", "röd", None], "angle": [0.1, 2.5, -1.0], "glasses": [True, False, True]}
    )
    pairs = make(3, source="somewhere", attributes=frame, standard=["train", "test", ""])
    path = pairs.save(tmp_path / "new" / "pairs.npz")
    loaded = FacePairs.load(path)
    assert loaded.checksum() == pairs.checksum()
    assert same(loaded, pairs)
    assert loaded.source == "somewhere"
    assert loaded.standard.tolist() == ["train", "test", ""]
    pd.testing.assert_frame_equal(loaded.attributes, pairs.attributes)
    assert [p.name for p in path.parent.iterdir()] == ["pairs.npz"], "no temporary file is left"


def test_checksum_sees_every_part():
    pairs = make(3)
    changed = pairs.sketches.copy()
    changed[2, 5, 5, 0] ^= 1
    others = [
        FacePairs(pairs.photos, changed, pairs.identities),
        FacePairs(pairs.photos, pairs.sketches, ["p0", "p1", "p9"]),
        FacePairs(pairs.photos, pairs.sketches, pairs.identities, standard=["train"] * 3),
        pairs[[1, 0, 2]],
    ]
    assert len({pairs.checksum(), *(other.checksum() for other in others)}) == 5
    assert (
        FacePairs(pairs.photos, pairs.sketches, pairs.identities, source="x").checksum() == pairs.checksum()
    )


def test_files_that_are_not_ours_are_refused(tmp_path):
    good = make(3).save(tmp_path / "good.npz")
    data = good.read_bytes()
    half = tmp_path / "half.npz"
    half.write_bytes(data[: len(data) // 2])
    flipped = tmp_path / "flipped.npz"
    middle = len(data) // 3
    flipped.write_bytes(data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :])
    text = tmp_path / "text.npz"
    text.write_text("not an archive")
    foreign = tmp_path / "foreign.npz"
    np.savez(foreign, photos=np.zeros(3))
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, format=np.array(["face2sketch.FacePairs/1", {}], dtype=object))
    for path in (half, flipped, text, foreign, pickled, tmp_path / "missing.npz", tmp_path):
        with pytest.raises(SavedFileError, match=path.name) as caught:
            FacePairs.load(path)
        assert "allow_pickle" not in str(caught.value), "numpy's advice would run a stranger's code"
    with pytest.raises(SavedFileError, match=r"pairs\.npz"):
        make(1).save(tmp_path / "pairs")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_others_may_read_saved_pairs_as_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    path = make(1).save(tmp_path / "pairs.npz")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_pairs_below_a_file_cannot_be_saved_and_that_is_said(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(SavedFileError, match=r"could not write .*pairs\.npz: .*choose another folder"):
        make(1).save(tmp_path / "taken" / "pairs.npz")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    import errno

    path = make(2).save(tmp_path / "pairs.npz")
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(SavedFileError, match="No space left"):
        make(3).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["pairs.npz"]


def test_importing_the_data_package_loads_nothing_heavy():
    code = (
        "import sys, face2sketch, face2sketch.data\n"
        "heavy = {'pandas', 'skimage', 'scipy', 'matplotlib', 'pooch', 'PIL', 'tensorflow', 'torch', 'keras'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"loaded at import: {done.stderr}"
