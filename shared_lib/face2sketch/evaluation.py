"""Scores: one row a picture, means with bootstrap intervals over people, and paired differences between systems."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import metrics as metric_register
from .errors import MethodError

if TYPE_CHECKING:
    import pandas as pd

    from .data.pairs import FacePairs
    from .fitting import Fitted

METRICS = ("mse", "mae", "rmse", "psnr", "ssim")
Translator = Callable[[np.ndarray], np.ndarray]


def evaluate(
    fitted: "Fitted | Translator",
    test: "FacePairs",
    task: str | None = None,
    metrics: Sequence[str] = METRICS,
) -> "pd.DataFrame":
    """Score a fitted method on test pairs.

    Args:
        fitted: a fitted method, or any function from inputs (N, H, W, C) uint8 to outputs in [0, 1] or uint8.
        test: pairs of people the method has not seen.
        task: needed for a function; a fitted method knows its own.
        metrics: names from `face2sketch.metrics.METRICS`.

    Returns:
        A DataFrame with a row for each picture, in the order of `test`: column "identity", then one for each
        metric. Its `attrs["settings"]` says how each metric was computed.

    Raises:
        MethodError: no task for a function, a task that is not the method's, or an unknown metric.
    """
    import pandas as pd

    known_task = getattr(fitted, "task", None)
    if task is None and known_task is None:
        raise MethodError('evaluate(function, ...) needs task="photo2sketch" or "sketch2photo"')
    if task is not None and known_task is not None and task != known_task:
        raise MethodError(f"{fitted.method.id} was trained for {known_task}, not {task}")
    task = task or known_task
    translate = getattr(fitted, "translate", fitted)
    chosen = [metric_register.get(name) for name in metrics]
    outputs, targets = translate(test.inputs(task)), test.targets(task)
    scores = pd.DataFrame(
        {"identity": test.identities} | {m.name: m.function(targets, outputs) for m in chosen}
    )
    scores.attrs["settings"] = {m.name: m.settings for m in chosen}
    scores.attrs["task"] = task
    return scores


def bootstrap_means(
    values: np.ndarray, identities: np.ndarray, *, resamples: int = 2000, seed: int = 0
) -> np.ndarray:
    """Means of `values` over bootstrap samples of *people*: all pictures of a person come or stay away
    together.

    Args:
        values: (N,) or (N, M) scores.
        identities: (N,) names of the people.

    Returns:
        (resamples,) or (resamples, M) means.
    """
    people, person_of = np.unique(np.asarray(identities).astype(str), return_inverse=True)
    columns = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    sums = np.zeros((len(people), columns.shape[1]))
    np.add.at(sums, person_of, columns)
    counts = np.bincount(person_of)
    draws = np.random.default_rng(seed).integers(len(people), size=(resamples, len(people)))
    means = sums[draws].sum(axis=1) / counts[draws].sum(axis=1)[:, None]
    return means[:, 0] if np.ndim(values) == 1 else means


def bootstrap_runs(
    values: np.ndarray, identities: np.ndarray, *, resamples: int = 2000, seed: int = 0
) -> np.ndarray:
    """Means of scores of several training runs on the same pictures, with people *and* runs drawn anew.

    Three runs that agree and three that do not may have the same mean; over people alone their intervals would be
    alike. One run gives the interval over people.

    Args:
        values: (runs, N) scores.
        identities: (N,) names of the people.

    Returns:
        (resamples,) means.
    """
    runs = len(values)
    drawn = np.random.default_rng(seed + 1).integers(runs, size=(resamples, runs))
    by_person = bootstrap_means(np.asarray(values).T, identities, resamples=resamples, seed=seed)
    return np.take_along_axis(by_person, drawn, axis=1).mean(axis=1)


def summarise(
    scores: "pd.DataFrame", *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> "pd.DataFrame":
    """Mean of each metric with a percentile bootstrap interval over people.

    The interval says how far the mean could move with other test people. It does not cover another training
        run: for that,
    train with several seeds.

    Args:
        scores: from `evaluate`.
        level: coverage of the interval.

    Returns:
        A DataFrame indexed by metric: "mean", "low", "high", "pictures", "people".
    """
    import pandas as pd

    names = [name for name in scores.columns if name in metric_register.METRICS]
    values = scores[names].to_numpy()
    means = bootstrap_means(values, scores["identity"].to_numpy(), resamples=resamples, seed=seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    people = scores["identity"].nunique()
    return pd.DataFrame(
        {"mean": values.mean(axis=0), "low": low, "high": high, "pictures": len(scores), "people": people},
        index=pd.Index(names, name="metric"),
    )


def compare(
    fitted: "Mapping[str, Fitted]",
    test: "FacePairs",
    task: str | None = None,
    metrics: Sequence[str] = ("mse", "ssim"),
    **bootstrap,
) -> "pd.DataFrame":
    """Several methods on the same test pairs.

    Args:
        fitted: fitted methods (or functions, then with `task`) by label.
        metrics: names from `face2sketch.metrics.METRICS`.
        **bootstrap: `level`, `resamples`, `seed` of `summarise`.

    Returns:
        A DataFrame with a row for each label and, for each metric m, the columns "m", "m_low" and "m_high".
    """
    import pandas as pd

    rows = {}
    for label, one in fitted.items():
        summary = summarise(evaluate(one, test, task, metrics), **bootstrap)
        rows[label] = {
            f"{metric}{suffix}": summary.loc[metric, column]
            for metric in metrics
            for suffix, column in (("", "mean"), ("_low", "low"), ("_high", "high"))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def paired_difference(
    scores: "pd.DataFrame", reference: "pd.DataFrame", metric: str = "ssim", *, level: float = 0.95, resamples: int = 2000,
    seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Mean of `scores` minus `reference` on the same pictures, with a bootstrap interval over people.

    Two systems are judged by the same faces, and an easy face is easy for both: the interval of the
        difference is much
    narrower than the two single intervals suggest.

    Returns:
        {"mean", "low", "high"}; an interval that leaves out 0 speaks for a real difference on such people.

    Raises:
        MethodError: the two tables are not about the same pictures in the same order.
    """
    if list(scores["identity"]) != list(reference["identity"]):
        raise MethodError("the two tables score different pictures: evaluate both on the same test pairs")
    difference = scores[metric].to_numpy() - reference[metric].to_numpy()
    means = bootstrap_means(difference, scores["identity"].to_numpy(), resamples=resamples, seed=seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return {"mean": float(difference.mean()), "low": float(low), "high": float(high)}
