"""Chapter 1: splitting by person, a fitted gain and offset, undoing the eightfold, finding photos without a sketch."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ._exercise import Property, exercise, numbers

_PEOPLE = 20
_COPIES = 8


@exercise("Exercise 1")
def split_by_person(
    answer: Callable[[np.ndarray, float, int], tuple[np.ndarray, np.ndarray]],
) -> Iterator[Property]:
    """`answer(identities, test, seed)` gives the positions of the training and of the test pictures."""
    # Copies of one person stand apart, as they do once somebody has shuffled the pictures.
    identities = np.array([f"person-{i:02d}" for i in range(_PEOPLE)] * _COPIES)
    given = answer(identities, 0.25, 0)
    yield (
        isinstance(given, tuple | list) and len(given) == 2, "two arrays of positions",
        "Return (training positions, test positions).",
    )  # fmt: skip
    train, test = (np.asarray(side) for side in given)
    yield (
        train.dtype.kind in "iu" and test.dtype.kind in "iu" and train.ndim == test.ndim == 1,
        "positions are whole numbers in one row",
        "np.flatnonzero turns a mask into positions.",
    )
    yield (
        sorted([*train.tolist(), *test.tolist()]) == list(range(len(identities))),
        "every picture stands on exactly one side",
        f"{len(identities)} pictures came in; {len(train)} and {len(test)} came out, or some twice.",
    )
    both = set(identities[train]) & set(identities[test])
    yield (
        not both,
        "no person stands on both sides",
        f"{len(both)} of {_PEOPLE} people do. Draw people first, then collect their pictures.",
    )
    people = len(set(identities[test]))
    yield (
        people == 5, "a quarter of 20 people is 5 people",
        f"Your test side shows {people}. `test` is a share of the people.",
    )  # fmt: skip
    yield (
        _same(given, answer(identities, 0.25, 0)), "the same seed gives the same split",
        "Draw from np.random.default_rng(seed).",
    )  # fmt: skip
    yield (
        any(not _same(given, answer(identities, 0.25, seed)) for seed in (1, 2, 3)),
        "another seed gives another split", "The seed is not used.",
    )  # fmt: skip


def _same(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> bool:
    return all(
        set(np.asarray(a).tolist()) == set(np.asarray(b).tolist()) for a, b in zip(one, other, strict=True)
    )


@exercise("Exercise 2")
def gain_and_offset(answer: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> Iterator[Property]:
    """`answer(grey, sketches)` gives the two numbers of the line through all pixels, by least squares."""
    random = np.random.default_rng(1)
    grey = random.uniform(0.2, 0.9, (6, 12, 10, 1))
    answered = answer(grey, 0.4 * grey + 0.3)
    given = numbers(answered, 2)
    yield not np.isnan(given).any(), "two numbers, gain and offset", f"You returned {answered!r}."
    exact = np.allclose(given, (0.4, 0.3), atol=1e-6)
    swapped = np.allclose(given, (0.3, 0.4), atol=1e-6)
    yield (
        exact,
        "sketches made as 0.4 * grey + 0.3 give back 0.4 and 0.3",
        "You have them in the other order."
        if swapped
        else f"You found {_rounded(given, 6)}. (np.cov divides by n - 1 and np.var by n: use one of them for both.)",
    )
    noisy = np.clip(0.3 * grey + 0.5 + random.normal(0, 0.2, grey.shape), 0, 1)
    expected, given = np.polyfit(grey.ravel(), noisy.ravel(), 1), numbers(answer(grey, noisy), 2)
    yield (
        np.allclose(given, expected, atol=1e-6),
        "on noisy sketches the sum of squares is smallest",
        f"Least squares over all pixels gives {_rounded(expected)}, yours is {_rounded(given)}. The "
        "gain is the covariance of the two over the variance of the grey, not a ratio of spreads or of means. (np.cov "
        "divides by n - 1 and np.var by n: use one of them for both.)",
    )
    shifted = noisy + np.linspace(0, 0.5, len(grey)).reshape(-1, 1, 1, 1)
    yield (
        np.allclose(
            numbers(answer(grey, shifted), 2), np.polyfit(grey.ravel(), shifted.ravel(), 1), atol=1e-6
        ),
        "one gain and one offset for all pictures together",
        "An average of lines fitted picture by picture is another line.",
    )


def _rounded(values: Sequence[float], digits: int = 3) -> str:
    return "(" + ", ".join(f"{value:.{digits}f}" for value in values) + ")"


@exercise("Exercise 3")
def undo_eightfold(answer: Callable[[np.ndarray, int], np.ndarray]) -> Iterator[Property]:
    """`answer(picture, position)` brings picture number `position` of an eightfold back to the upright one."""
    upright = np.random.default_rng(2).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    eight = [np.rot90(base, turns) for base in (upright, upright[:, ::-1]) for turns in range(4)]

    def returns(position: int) -> bool:
        picture = np.asarray(answer(eight[position].copy(), position))
        return picture.shape == upright.shape and bool(np.array_equal(picture, upright))

    yield returns(0), "picture 0 is upright already", "It should come back as it is."
    yield (
        all(returns(position) for position in (1, 2, 3)),
        "pictures 1 to 3 are turned back",
        "They were turned anticlockwise by 1, 2 and 3 quarters: turn them on, or back, until the sum is a full circle.",
    )
    yield returns(4), "picture 4 is mirrored back", "Mirror left and right: the second axis of (H, W, C)."
    yield (
        all(returns(position) for position in (5, 6, 7)),
        "pictures 5 to 7 are turned back and mirrored back",
        "They were mirrored first and turned then. Undo the last step first.",
    )


@exercise("Exercise 4")
def partners(
    answer: Callable[[list[str], list[str]], tuple[list[tuple[str, str]], list[str], list[str]]],
) -> Iterator[Property]:
    """`answer(photos, sketches)` gives pairs of names, photos without a sketch, and sketches without a photo."""
    photos = ["f-039-01.jpg", "f-040-01.jpg", "m-051-01.jpg"]
    sketches = ["f-039-01-sz1.jpg", "f-040-01-sz1.jpg", "m-051-01-sz1.jpg"]
    given = answer(list(photos), list(sketches))
    yield (
        isinstance(given, tuple | list) and len(given) == 3, "three lists",
        "Return (pairs, photos without a sketch, sketches without a photo).",
    )  # fmt: skip
    yield (
        _lists(given) == _lists((list(zip(photos, sketches, strict=True)), [], [])),
        "complete folders give every pair and nothing left over",
        f"For {photos[0]} and its sketch {sketches[0]} and two more such pairs you returned {given!r}.",
    )
    pairs, without_sketch, without_photo = answer([*photos[1:], "f-038-01.jpg"], sketches[::-1])
    yield (
        sorted(map(tuple, pairs)) == sorted(zip(photos[1:], sketches[1:], strict=True)),
        "names are paired by whom they name, not by their place in the list",
        f"One photo was missing, one was new, and the sketches came in another order: you paired {pairs!r}.",
    )
    yield (
        list(without_sketch) == ["f-038-01.jpg"],
        "a photo without a sketch is reported",
        f"You gave {without_sketch!r}.",
    )
    yield (
        list(without_photo) == [sketches[0]],
        "a sketch without a photo is reported",
        f"You gave {without_photo!r}.",
    )
    alike = answer(["f-1-01.jpg", "f-11-01.jpg"], ["f-11-01-sz1.jpg"])
    yield (
        _lists(alike) == _lists(([("f-11-01.jpg", "f-11-01-sz1.jpg")], ["f-1-01.jpg"], [])),
        "person 1 is not taken for person 11",
        f"With photos of both and a sketch of 11 you returned {alike!r}.",
    )


def _lists(given: Sequence) -> tuple[list, list, list]:
    pairs, photos, sketches = given
    return sorted(map(tuple, pairs)), sorted(photos), sorted(sketches)
