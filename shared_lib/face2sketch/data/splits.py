"""Who is trained on and who is tested on: the positions of each side, computed from identities alone.

A face seen in training is no test of anything, so the ordinary split draws *people*: all pictures of one
person fall on the same side, copies made by augmentation included. `by_picture` ignores people and is here to
measure what that costs (the leak of chapter 1).
"""

import math

import numpy as np

from ..errors import DataError

Positions = tuple[np.ndarray, np.ndarray]


def _test_count(test: float, total: int, unit: str) -> int:
    """How many of `total` are for the test: a fraction is rounded up, as in scikit-learn; an int is a count."""
    if isinstance(test, bool) or not isinstance(test, int | float | np.integer | np.floating):
        raise DataError(
            f'test={test!r}: expected a fraction in (0, 1), a number of {unit}, "standard" or "huang"'
        )
    if isinstance(test, int | np.integer):
        count = int(test)
    elif 0 < test < 1:
        count = math.ceil(round(float(test) * total, 9))  # 0.07 * 100 is 7.000000000000001: 7 is meant
    else:
        raise DataError(
            f"test={test!r}: a fraction must lie between 0 and 1 (give an int for a number of {unit})"
        )
    if not 0 < count < total:
        raise DataError(
            f"test={test!r} of {total} {unit} puts {count} on the test side and {total - count} on the "
            f"training side: both need at least one; choose another fraction or use more {unit}"
        )
    return count


def generator(seed: int) -> np.random.Generator:
    """NumPy's generator of a seed.

    Raises:
        DataError: no whole number of 0 or more.
    """
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise DataError(f"seed={seed!r}: expected a whole number, 0 or more")
    return np.random.default_rng(seed)


def by_person(identities: np.ndarray, test: float, seed: int) -> Positions:
    """Draw people at random; each side keeps the pairs' own order. `test` counts people, not pictures."""
    people = np.unique(identities)
    count = _test_count(test, len(people), "people")
    chosen = generator(seed).permutation(len(people))[:count]
    is_test = np.isin(identities, people[chosen])
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def by_picture(number: int, test: float, seed: int) -> Positions:
    """Draw pictures at random, whoever is on them: the leaky way, for comparison only."""
    count = _test_count(test, number, "pictures")
    order = generator(seed).permutation(number)
    return np.sort(order[count:]), np.sort(order[:count])


def standard(labels: np.ndarray) -> Positions:
    """The data set's own split, from labels "train" and "test" (pairs labelled "" belong to neither side)."""
    train, test = np.flatnonzero(labels == "train"), np.flatnonzero(labels == "test")
    if not len(train) or not len(test):
        raise DataError(
            f"these pairs have no standard split: {len(train)} are marked train and {len(test)} test; use "
            "split(test=0.2, seed=0), or read the data set from its own folders, which carry the split"
        )
    return train, test


def huang(identities: np.ndarray, labels: np.ndarray) -> Positions:
    """The split of Huang's released notebook: 150 training and 38 test pairs of the 188 CUHK students.

    It is scikit-learn's `train_test_split(test_size=0.2, random_state=3)` over the standard split's testing
    files, then its training files, each sorted by name. The positions keep scikit-learn's order.
    """
    if len(np.unique(identities)) < len(identities):
        raise DataError(
            'the "huang" split is defined on one pair a person, and here some people have several: '
            "split first, augment afterwards"
        )
    train, test = standard(labels)
    if len(train) + len(test) < len(labels):
        raise DataError(
            'the "huang" split needs every pair to be marked train or test (see FacePairs.standard)'
        )
    listed = np.concatenate([test[np.argsort(identities[test])], train[np.argsort(identities[train])]])
    # scikit-learn's ShuffleSplit, in three lines: the legacy generator's permutation, test part first.
    count = _test_count(0.2, len(listed), "people")
    order = np.random.RandomState(3).permutation(len(listed))
    return listed[order[count:]], listed[order[:count]]
