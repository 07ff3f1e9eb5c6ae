"""Ways to spoil a true picture, to find out what a metric punishes (chapter 9).

Each provocation takes true pictures (N, H, W, C), float in [0, 1], and a random generator, and gives pictures of the same
shape in [0, 1]. None of them is a translation system: they are questions put to a metric. Sizes in pixels are meant for
pictures 200 to 250 px high and scale with the height.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import metrics
from .errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Provocation = Callable[[np.ndarray, np.random.Generator], np.ndarray]
_REFERENCE_HEIGHT = 225.0


def _scaled(pictures: np.ndarray, pixels: float) -> float:
    return pixels * pictures.shape[1] / _REFERENCE_HEIGHT


def blurred(sigma: float) -> Provocation:
    """Gaussian blur of that standard deviation."""

    def spoil(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        s = _scaled(pictures, sigma)
        return gaussian_filter(pictures, (0, s, s, 0), mode="nearest")

    return spoil


def shifted(pixels: int) -> Provocation:
    """Moved to the right by whole pixels, at least one; the left edge is repeated."""

    def spoil(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
        count = max(1, round(_scaled(pictures, pixels)))
        columns = np.clip(np.arange(pictures.shape[2]) - count, 0, None)
        return pictures[:, :, columns]

    return spoil


def noisy(deviation: float) -> Provocation:
    """Normal noise of that standard deviation on every pixel, clipped."""

    def spoil(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.clip(pictures + random.normal(0, deviation, pictures.shape), 0, 1)

    return spoil


def faded(contrast: float) -> Provocation:
    """Contrast multiplied, about the mean of each picture."""

    def spoil(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
        mean = pictures.mean((1, 2, 3), keepdims=True)
        return np.clip(mean + contrast * (pictures - mean), 0, 1)

    return spoil


def darker(by: float) -> Provocation:
    """Every pixel darker by that much, clipped."""

    def spoil(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.clip(pictures - by, 0, 1)

    return spoil


def flat(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One grey (or colour) everywhere: the mean of each picture."""
    return np.broadcast_to(pictures.mean((1, 2), keepdims=True), pictures.shape).copy()


def median_of_others(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """For each person, the median picture of all the others: nobody's portrait."""
    numbers = np.arange(len(pictures))
    return np.stack([np.median(pictures[numbers != number], axis=0) for number in numbers])


def someone_else(pictures: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Another person's true picture, at random, nobody's own."""
    if len(pictures) < 2:
        raise DataError(f"{len(pictures)} people: somebody else's picture needs two")
    order = random.permutation(len(pictures))
    result = np.empty_like(pictures)
    result[order] = pictures[np.roll(order, 1)]
    return result


PROVOCATIONS: dict[str, Provocation] = {
    "blurred a little": blurred(1.0),
    "blurred": blurred(3.0),
    "moved by 1 px": shifted(1),
    "moved by 3 px": shifted(3),
    "noise": noisy(0.08),
    "half the contrast": faded(0.5),
    "darker": darker(0.1),
    "flat grey": flat,
    "median of the others": median_of_others,
    "somebody else": someone_else,
}
REFERENCE = "somebody else"
_WITHOUT_END = ("psnr", "psnr_pair")  # infinite for equal pictures; every other metric gives 0 or 1


def provoke(
    targets: np.ndarray,
    names: Sequence[str] = ("mse", "mae", "ssim", "ms_ssim", "fsim", "scoot"),
    provocations: Mapping[str, Provocation] | None = None,
    *,
    seed: int = 0,
) -> "pd.DataFrame":
    """What each metric says of each provocation.

    Args:
        targets: true pictures (N, H, W, C), uint8 or float in [0, 1], one of each of N people.
        names: of metrics in `face2sketch.metrics.METRICS`.
        provocations: by label; `PROVOCATIONS` if None.
        seed: of what is random.

    Returns:
        A DataFrame with a row for each provocation and a column for each metric: means over the pictures.

    Raises:
        DataError: fewer than two people.
    """
    import pandas as pd

    truth = targets / 255.0 if targets.dtype == np.uint8 else np.asarray(targets, np.float64)
    rows = {}
    for label, spoil in (provocations or PROVOCATIONS).items():
        outputs = spoil(truth, np.random.default_rng(seed))
        rows[label] = {name: metrics.get(name).function(truth, outputs).mean() for name in names}
    return pd.DataFrame.from_dict(rows, orient="index")


def against_somebody_else(table: "pd.DataFrame") -> "pd.DataFrame":
    """The same table in a unit that can be read across metrics: 0 is the true picture, 1 is another person's.

    A metric that gives 0.9 to a picture moved by a pixel finds it nearly as wrong as a portrait of somebody else; one that
    gives more than 1, worse.

    Args:
        table: from `provoke`, with the row "somebody else".

    Raises:
        DataError: that row is missing, or a metric has no finite value for the true picture (PSNR).
    """
    if REFERENCE not in table.index:
        raise DataError(f"no row {REFERENCE!r}: expected the table of provoke(), with that provocation in it")
    if endless := [name for name in table.columns if name in _WITHOUT_END]:
        raise DataError(
            f"{' and '.join(endless)} of the true picture itself is infinite: no distance from it can be a unit. Leave the "
            "column out, and take mse, from which it is computed"
        )
    perfect = {name: 1.0 if metrics.get(name).higher_is_better else 0.0 for name in table.columns}
    away = table.rsub(perfect)  # perfect - value, column by column
    return away / away.loc[REFERENCE]
