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
        principal: most principal components kept before (300 on CUFS, 600 on CUFSF): more than `learn`, for as many
            directions go to what people's two pictures differ in; all, twice `learn` less one, if None.
        ranks: how many ranks to report.
        seed: of the draws: the same for all systems that are to be compared.

    Returns:
        Curves and ranks of all draws.

    Raises:
        DataError: unequal shapes, fewer than four people, nobody left to learn from or to recognise, or no more principal
            components than people to learn from.
    """
    target, output = pair(target, output)
    number = len(target)
    learn = number // 2 if learn is None else learn
    if not 2 <= learn <= number - 2:
        raise DataError(
            f"{number} people, {learn} of them to learn from: expected at least two on either side"
        )
    if principal is not None and principal <= learn:
        raise DataError(
            f"principal={principal} with {learn} people to learn from: their differences fill {learn} directions and none "
            f"would be left; expected {learn + 1} to {2 * learn - 1}"
        )
    gram = _gram(target, output)
    random = np.random.default_rng(seed)
    results = []
    for _ in range(draws):
        order = random.permutation(number)
        results.append(_places(gram, order[:learn], order[learn:], principal))
    dimensions = min(len(places) for places in results)
    curve = np.array([(places[:dimensions] == 1).mean(axis=1) for places in results])
    best = int(curve.mean(axis=0).argmax())
    wanted = np.arange(1, min(ranks, number - learn) + 1)
    at_best = np.array([(places[best][:, None] <= wanted).mean(axis=0) for places in results])
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


def _places(gram: np.ndarray, known: np.ndarray, others: np.ndarray, principal: int | None) -> np.ndarray:
    """(dimensions, probes): the place of a probe's own person among the gallery with the first 1, 2, ... directions. 1 is
    the nearest; a tie counts against it."""
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
    # One direction after the other: all at once would be a gigabyte on CUFSF.
    far, places = np.zeros((len(true), len(drawn))), []
    for probes, gallery in zip(true.T, drawn.T, strict=True):
        far += (probes[:, None] - gallery) ** 2
        places.append((far <= np.diagonal(far)[:, None] * (1 + 1e-12)).sum(axis=1))
    return np.array(places)


def _discriminants(true: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Directions (components, dimensions) along which no person's two pictures differ, most telling ones first.

    Where there is none, a direction of zeros is given, along which all people are alike.
    """
    _, singular, right = np.linalg.svd(true - drawn, full_matrices=True)
    # Measured by the pictures, not by their differences: those of perfect drawings are rounding alone, and no rank.
    scale = np.linalg.norm(np.concatenate([true, drawn]), 2)
    null = right[np.count_nonzero(singular > scale * 1e-5) :].T
    if not null.shape[1]:
        return np.zeros((true.shape[1], 1))
    means = (true + drawn) / 2 @ null
    _, spread, order = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    return null @ order[spread > spread[0] * 1e-8].T
