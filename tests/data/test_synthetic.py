"""The built-in faces: repeatable, varied, drawn twice by two processes, and bounded in memory."""

import gc
import hashlib
import itertools
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

import face2sketch as f2s
from face2sketch.data import faces
from face2sketch.data.faces.person import SHAPE, SKIN_NAMES, exaggerate
from face2sketch.errors import DataError


def grey(photos: np.ndarray) -> np.ndarray:
    return photos.astype(float) @ [0.299, 0.587, 0.114]


@pytest.fixture(scope="module")
def eight():
    return faces.render(8, 64, seed=3)


def test_pairs_have_the_library_form():
    pairs = f2s.data.synthetic(n=3, size=64, seed=5)
    assert (pairs.photos.shape, pairs.photos.dtype) == ((3, 64, 64, 3), np.uint8)
    assert (pairs.sketches.shape, pairs.sketches.dtype) == ((3, 64, 64, 1), np.uint8)
    assert pairs.source == "synthetic"
    assert len(set(pairs.identities)) == 3
    assert list(pairs.attributes["hair_style"]) == [faces.sample_person(5, i).hair_style for i in range(3)]


def test_same_seed_gives_the_same_bytes_in_another_process(eight):
    program = (
        "import hashlib; from face2sketch.data import faces; p, s, _ = faces.render(2, 64, seed=3, start=4);"
        "print(hashlib.sha256(p.tobytes() + s.tobytes()).hexdigest())"
    )
    here = hashlib.sha256(eight[0][4:6].tobytes() + eight[1][4:6].tobytes()).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert there == here


def test_a_person_does_not_depend_on_n_or_start(eight):
    photos, sketches, facts = faces.render(2, 64, seed=3, start=6)
    assert np.array_equal(photos, eight[0][6:8])
    assert np.array_equal(sketches, eight[1][6:8])
    assert facts == eight[2][6:8]


def test_people_are_named_by_their_number(eight):
    later = faces.synthetic(n=3, size=32, start=100)
    assert later.people == ["synthetic-0-00100", "synthetic-0-00101", "synthetic-0-00102"]
    np.testing.assert_array_equal(later.photos[2], faces.draw_photo(faces.sample_person(0, 102), 32))


def test_another_seed_gives_other_people(eight):
    other = faces.render(1, 64, seed=4)
    assert np.abs(grey(other[0][0]) - grey(eight[0][0])).mean() > 5


@pytest.mark.parametrize("size", [32, 33, 97, (250, 200), (64, 128), 512])
def test_sizes(size):
    height, width = size if isinstance(size, tuple) else (size, size)
    photo, sketch, _ = next(faces.iter_synthetic(1, size, seed=1))
    assert (photo.shape, sketch.shape) == ((height, width, 3), (height, width, 1))
    assert min(photo.std(), sketch.std()) > 20


def test_a_person_looks_the_same_at_every_size():
    person = faces.sample_person(0, 2)
    large, small = faces.draw_photo(person, 256), faces.draw_photo(person, 64)
    reduced = grey(large).reshape(64, 4, 64, 4).mean((1, 3))
    assert np.abs(reduced - grey(small)).mean() < 4
    large, small = faces.draw_sketch(person, 256), faces.draw_sketch(person, 64)
    assert np.abs(large[..., 0].reshape(64, 4, 64, 4).mean((1, 3)) - small[..., 0]).mean() < 9


def test_pupils_stand_where_the_cuhk_crops_have_them():
    """Eyes at (75, 125) and (125, 125) of 200 x 250: the darkest small patch near each place is the pupil."""
    for index in range(6):
        person = faces.sample_person(
            11, index, glasses=False, hair_style="crew", eye_colour="dark", skin_tone=1.0
        )
        picture = grey(faces.draw_photo(person, (250, 200)))
        for x in (75, 125):
            window = picture[115:136, x - 12 : x + 13]
            weight = np.clip(60 - window, 0, None)
            assert abs((weight.sum(0) * np.arange(x - 12, x + 13)).sum() / weight.sum() - x) < 4
            assert abs((weight.sum(1) * np.arange(115, 136)).sum() / weight.sum() - 125) < 5


def test_sketches_look_like_pencil_on_light_paper(eight):
    sketches = eight[1].astype(float)
    corners = sketches[:, :6, :6].mean((1, 2, 3))
    assert (corners > 225).all()  # bare paper
    assert (sketches.min((1, 2, 3)) < 90).all()  # dark accents
    assert 140 < sketches.mean() < 235


def test_people_differ():
    sketches = np.stack(
        [faces.draw_sketch(faces.sample_person(0, index), 32)[..., 0].astype(float) for index in range(32)]
    )
    distance = np.abs(sketches[:, None] - sketches[None]).mean((2, 3))
    assert distance[~np.eye(32, dtype=bool)].min() > 6


def test_every_word_occurs_among_people():
    people = [faces.sample_person(0, index) for index in range(500)]
    for field, words in (("hair_style", faces.HAIR_STYLES), ("hair_colour", faces.HAIR_COLOURS), ("beard", faces.BEARDS),
                         ("clothes", faces.CLOTHES), ("glasses", (True, False)),
                         ("glasses_shape", faces.GLASSES)):  # fmt: skip
        assert {getattr(person, field) for person in people} == set(words)
    assert {faces.attributes(person)["skin_tone"] for person in people} == set(SKIN_NAMES)
    assert min(person.yaw for person in people) < -10
    assert max(person.yaw for person in people) > 10


def edges(picture: np.ndarray) -> np.ndarray:
    down, across = np.gradient(picture.astype(float))
    return np.hypot(down, across)


def test_exaggeration_moves_the_sketch_away_from_the_photo():
    """Edges of the sketch fit those of the photo best when the artist does not exaggerate; on average they do not fit."""
    fits = {0.0: [], 0.6: []}
    for index in range(6):
        person = faces.sample_person(21, index)
        photo = edges(grey(faces.draw_photo(person, 96)))[22:83, 22:74].ravel()
        for amount, fit in fits.items():
            sketch = edges(faces.draw_sketch(person, 96, exaggeration=amount)[..., 0])[22:83, 22:74].ravel()
            fit.append(np.corrcoef(photo, sketch)[0, 1])
    assert np.mean(fits[0.0]) > np.mean(fits[0.6]) + 0.03


def test_exaggeration_doubles_the_distance_from_the_average_face():
    person = faces.sample_person(0, 0)
    twice = exaggerate(person, 1.0)
    for name, (mean, _, _) in SHAPE.items():
        assert getattr(twice, name) - mean == pytest.approx(2 * (getattr(person, name) - mean))


def test_the_sketch_is_no_filter_of_the_photo():
    """The backdrop is painted in the photo alone: the sketch does not change by a grey level."""
    person = faces.sample_person(0, 3)
    changed = faces.sample_person(0, 3, backdrop=(30, 200, 60))
    assert np.abs(faces.draw_photo(person, 64).astype(int) - faces.draw_photo(changed, 64)).mean() > 10
    assert np.array_equal(faces.draw_sketch(person, 64), faces.draw_sketch(changed, 64))


def test_one_thing_can_be_changed():
    plain = faces.sample_person(0, 5, glasses=False)
    spectacled = faces.sample_person(0, 5, glasses=True)
    difference = np.abs(faces.draw_photo(plain, 128).astype(int) - faces.draw_photo(spectacled, 128)).mean(2)
    assert difference[52:80, 25:103].mean() > 3 * difference[100:, :].mean()
    left = grey(faces.draw_photo(faces.sample_person(0, 1, light=-60.0, contrast=0.9), 128))[60:95, 35:93]
    right = grey(faces.draw_photo(faces.sample_person(0, 1, light=60.0, contrast=0.9), 128))[60:95, 35:93]
    assert left[:, :15].mean() > right[:, :15].mean() + 10
    assert left[:, -15:].mean() < right[:, -15:].mean() - 10


def test_the_iterator_holds_one_pair_at_a_time():
    """Nothing of the pairs that were handed out stays behind: four kept ones would be 262 kB."""
    stream = faces.iter_synthetic(None, 128, seed=0)
    tracemalloc.start()
    for _ in itertools.islice(stream, 1):
        pass
    gc.collect()
    after_one = tracemalloc.get_traced_memory()[0]
    for _ in itertools.islice(stream, 4):
        pass
    gc.collect()
    after_five, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after_five - after_one < 130e3
    assert peak < 60e6


def test_drift_between_platforms(eight):
    """Mean grey levels of four people: another machine may differ by rounding, not by a grey level on average."""
    photos, sketches = (
        eight[0][:4].astype(float).mean((1, 2, 3)),
        eight[1][:4].astype(float).mean((1, 2, 3)),
    )
    assert photos == pytest.approx(PHOTO_MEANS, abs=1)
    assert sketches == pytest.approx(SKETCH_MEANS, abs=1)


PHOTO_MEANS = [118.7, 159.2, 160.9, 175.2]
SKETCH_MEANS = [212.7, 200.1, 195.1, 209.1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, "n=0"), ({"n": 2.5}, "whole number"), ({"n": True}, "n=True"), ({"size": 31}, "32 to 512"),
        ({"size": 513}, "32 to 512"), ({"size": (64, 200)}, "twice"), ({"size": "big"}, "size='big'"),
        ({"size": (64,)}, "size"),
        ({"seed": -1}, "seed=-1"), ({"seed": "x"}, "seed='x'"), ({"hair_style": "mohawk"}, "short"),
        ({"hat": True}, "no field 'hat'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(options, words):
    with pytest.raises(DataError, match=words.replace("(", r"\(")):
        faces.synthetic(**({"n": 1, "size": 32} | options))


def test_bad_exaggeration_and_person():
    with pytest.raises(DataError, match="exaggeration=2"):
        faces.draw_sketch(faces.sample_person(0, 0), 32, exaggeration=2)
    with pytest.raises(DataError, match="0 or more"):
        faces.sample_person(-1, 0)
