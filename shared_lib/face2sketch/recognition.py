"""Does a drawing show *whom* it shows? Recognition by null-space linear discriminant analysis (NLDA), as the field runs it.

A police sketch is searched for among photos. The field's test makes both sides drawings: each test person's photo was
turned into a sketch by the system under test, and the artist's sketch has to find its own among these. Pixels are
compared in a space learned from other people, in which a person's two sketches coincide: the null space of the
within-class scatter (Chen, Liao, Ko, Lin and Yu, 2000, doi:10.1016/S0031-3203(99)00139-9). The same is done with photos
for the other direction.

The customary protocols (CUFS: 150 random people to learn from and 188 to recognise, CUFSF: 300 and 644; 20 draws; the
best point of the mean curve over dimensions is reported) name no version for the CUHK students alone. Ours takes half of the
test people to learn from and the other half to recognise: 50 and 50 of the standard split's 100.
"""

from dataclasses import dataclass

import numpy as np

from .errors import DataError
from .metrics._batch import pair


@dataclass(frozen=True)
class Recognition:
    """What came out of all draws.

    Attributes:
        curve: (draws, dimensions) share of probes whose nearest gallery picture is their own person's, with the first
            1, 2, ... discriminant directions.
        ranks: (draws, ranks) share of probes whose own person is among the nearest 1, 2, ... at the best dimension.
        people: how many were learned from, and how many recognised.
    """

    curve: np.ndarray
    ranks: np.ndarray
    people: tuple[int, int]

    @property
    def best_dimension(self) -> int:
        """How many directions the mean curve is highest with, counted from 1."""
        return int(self.curve.mean(axis=0).argmax()) + 1

    @property
    def accuracy(self) -> float:
        """The figure that papers report: the maximum of the mean curve. Chosen on the test people, it flatters a little."""
        return float(self.curve.mean(axis=0).max())

    @property
    def deviation(self) -> float:
        """Standard deviation of that figure between draws."""
        return (
            float(self.curve[:, self.best_dimension - 1].std(ddof=1)) if len(self.curve) > 1 else float("nan")
        )


def nlda(
    target: np.ndarray,
    output: np.ndarray,
    *,
    learn: int | None = None,
    draws: int = 20,
    principal: int | None = None,
    ranks: int = 10,
    seed: int = 0,
) -> Recognition:
    """Recognise people by drawings, with classes {true picture, synthesised picture}.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1]: one true and one synthesised picture for each of N people,
            in the same order. Colour counts as luminance (BT.601).
        learn: how many people the space is learned from, drawn at random; half if None. The others are recognised.
        draws: how often people are drawn anew.
        principal: most principal components kept before (300 on CUFS, 600 on CUFSF); all, twice `learn` less one, if
            None.
        ranks: how many ranks to report.
        seed: of the draws: the same for all systems that are to be compared.

    Returns:
        Curves and ranks of all draws.

    Raises:
        DataError: unequal shapes, fewer than four people, or nobody left to learn from or to recognise.
    """
    target, output = pair(target, output)
    number = len(target)
    learn = number // 2 if learn is None else learn
    if not 2 <= learn <= number - 2:
        raise DataError(
            f"{number} people, {learn} of them to learn from: expected at least two on either side"
        )
    gram = _gram(target, output)
    random = np.random.default_rng(seed)
    results = []
    for _ in range(draws):
        order = random.permutation(number)
        results.append(_distances(gram, order[:learn], order[learn:], principal))
    dimensions = min(distances.shape[0] for distances in results)
    curve = np.array([_correct(distances[:dimensions], 1)[:, 0] for distances in results])
    best = int(curve.mean(axis=0).argmax())
    most = min(ranks, number - learn)
    at_best = np.array([_correct(distances[best : best + 1], most)[0] for distances in results])
    return Recognition(curve, at_best, (learn, number - learn))


def _gram(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Inner products of all 2 N pictures. Every later step needs these alone, so pixels are touched once."""
    flat = [
        (pictures @ [0.299, 0.587, 0.114] if pictures.shape[-1] == 3 else pictures).reshape(len(pictures), -1)
        for pictures in (target, output)
    ]
    samples = np.concatenate(flat)
    samples = samples - samples.mean(axis=0)  # the draws centre anew; this keeps the sums small
    return samples @ samples.T


def _distances(gram: np.ndarray, known: np.ndarray, others: np.ndarray, principal: int | None) -> np.ndarray:
    """(dimensions, probes, gallery): squared distances between the recognised people's pictures, summed over directions."""
    number = len(gram) // 2
    train, test = (np.concatenate([people, people + number]) for people in (known, others))
    # principal components, by the centred inner products of the training pictures
    inner = gram[np.ix_(train, train)]
    rows = inner.mean(axis=0)
    values, vectors = np.linalg.eigh(inner - rows - rows[:, None] + rows.mean())
    kept = np.flatnonzero(values > values[-1] * 1e-10)[::-1][:principal]
    basis = vectors[:, kept] / np.sqrt(values[kept])
    across = gram[np.ix_(test, train)]
    of_train = (inner - rows - rows[:, None] + rows.mean()) @ basis
    of_test = (across - across.mean(axis=1, keepdims=True) - rows + rows.mean()) @ basis
    directions = _discriminants(of_train[: len(known)], of_train[len(known) :])
    true, drawn = np.split(of_test @ directions, 2)
    return np.cumsum((true.T[:, :, None] - drawn.T[:, None, :]) ** 2, axis=0)


def _discriminants(true: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Directions (components, dimensions) along which no person's two pictures differ, most telling ones first.

    Where there is none, a direction of zeros is given, along which all people are alike.
    """
    _, singular, right = np.linalg.svd(true - drawn, full_matrices=True)
    null = right[np.count_nonzero(singular > max(singular[0], 1e-12) * 1e-8) :].T
    if not null.shape[1]:
        return np.zeros((true.shape[1], 1))
    means = (true + drawn) / 2 @ null
    _, spread, order = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    return null @ order[spread > spread[0] * 1e-8].T


def _correct(distances: np.ndarray, ranks: int) -> np.ndarray:
    """(dimensions, ranks) share of probes whose own person is among the nearest 1, 2, ...; a tie counts against it."""
    own = np.diagonal(distances, axis1=1, axis2=2)[:, :, None]
    others = distances <= own * (1 + 1e-12)
    place = others.sum(axis=2)  # 1 where nobody is as near
    return np.stack([(place <= rank).mean(axis=1) for rank in range(1, ranks + 1)], axis=1)
