"""What is measured of a run's outputs: every picture by itself, and all of them as a set."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np

from .. import evaluation, recognition

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

CROP_METRICS = ("mse", "ssim")
WHOLE_METRICS = (
    "mse", "mae", "psnr", "ssim", "ms_ssim", "fsim", "fsimc", "scoot", "lpips", "lpips_squeeze",
)  # fmt: skip


def metrics_for(whole: bool) -> tuple[str, ...]:
    """Names of the measures of single pictures; whole pictures of 200 x 250 have all that are in the
    league, LPIPS among them."""
    return WHOLE_METRICS if whole else CROP_METRICS


def scores_of(
    outputs: np.ndarray, test: "FacePairs", task: str, metrics: tuple[str, ...]
) -> dict[str, list[float]]:
    """Every metric's value for each test picture, to six decimals.

    Args:
        outputs: (N, H, W, C), uint8 or float in [0, 1], in the order of `test`.
        metrics: names from `face2sketch.metrics.METRICS`.
    """
    table = evaluation.evaluate(lambda _: outputs, test, task=task, metrics=metrics)
    return {metric: table[metric].round(6).tolist() for metric in metrics}


def sets_of(
    outputs: np.ndarray, test: "FacePairs", task: str, known: Collection[str] = ()
) -> dict[str, dict]:
    """What is measured of all outputs together; what is in `known` is not measured again.

    "nlda": recognition with half of the test people to learn from, the other half to recognise, 20 draws: "accuracy" and
    its "deviation" between draws, "best_dimension", the mean "curve" over dimensions, the mean share at "ranks" 1 to 10.
    """
    return {name: measure(outputs, test, task) for name, measure in SETS.items() if name not in known}


def _nlda(outputs: np.ndarray, test: "FacePairs", task: str) -> dict:
    found = recognition.nlda(test.targets(task), outputs)
    return {
        "accuracy": round(found.accuracy, 6), "deviation": round(found.deviation, 6),
        "best_dimension": found.best_dimension, "people": list(found.people), "draws": len(found.curve),
        "curve": found.curve.mean(axis=0).round(4).tolist(), "ranks": found.ranks.mean(axis=0).round(4).tolist(),
    }  # fmt: skip


SETS: dict[str, Callable[[np.ndarray, "FacePairs", str], dict]] = {"nlda": _nlda}


def weights_are_there(test: "FacePairs") -> None:
    """Measure one picture by everything: weights that a metric lacks are better missed now than after a night's training.

    Raises:
        DownloadError: weights are missing; the message says which.
    """
    one = test[:1]
    scores_of(one.sketches, one, "photo2sketch", WHOLE_METRICS)
