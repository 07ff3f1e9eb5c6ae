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
_SYSTEMS = ("the first system", "the second")  # where their names are not known


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
        metrics: names from `face2sketch.metrics.METRICS`, or a single one.

    Returns:
        A DataFrame with a row for each picture, in the order of `test`: column "identity", then one for each
        metric. Its `attrs["settings"]` says how each metric was computed.

    Raises:
        MethodError: no task for a function, a task that is not the method's, or an unknown metric.
        DataError: outputs that are no pictures of the targets' shape and range, or too small for a metric.
    """
    import pandas as pd

    metrics = (metrics,) if isinstance(metrics, str) else metrics
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


def ends(draws: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of the middle `level` of (resamples, ...) bootstrap means, along the first axis.

    Infinite ones (PSNR of a perfect output) lie above all others.
    """
    with np.errstate(invalid="ignore"):
        found = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    # between a finite and an infinite value, or two infinite ones, the quantile is no number
    between = np.isnan(found) & ~np.isnan(draws).any(axis=0)
    low, high = np.where(between, np.inf, found)
    return low, high


def interval_of_runs(
    values: np.ndarray, identities: np.ndarray, *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> dict[str, float]:
    """Mean score of several training runs on the same pictures, with an interval over people *and* runs.

    Three runs that agree and three that do not may have the same mean; over people alone their intervals would be alike.
    Two or three runs are too few to be drawn anew by a bootstrap, which then covers far less than it promises (of two runs,
    a "95 %" interval covers about 60 %). So what other people would change is bootstrapped, what other runs would change is
    taken from the standard deviation of the runs' means, and the sum of both variances goes into Student's t, with Welch and
    Satterthwaite's degrees of freedom (Welch 1947, doi:10.1093/biomet/34.1-2.28). One run has the bootstrap interval over
    people, and says nothing of other runs.

    Args:
        values: (runs, N) scores.
        identities: (N,) names of the people.
        level: coverage of the interval.
        resamples, seed: of the bootstrap over people.

    Returns:
        {"mean", "low", "high"}. Where the mean is infinite (PSNR of a perfect output) the ends are those over people.
    """
    return _interval_of_runs(
        [np.asarray(values)], np.mean(values, axis=0), identities, level, resamples, seed
    )


def _interval_of_runs(
    sides: list[np.ndarray], by_picture: np.ndarray, identities, level: float, resamples: int, seed: int
) -> dict[str, float]:
    """An interval of the mean of `by_picture` (N,), which was made of each side's mean over its runs (runs, N)."""
    from scipy import stats

    mean = float(by_picture.mean())
    draws = bootstrap_means(by_picture, identities, resamples=resamples, seed=seed)
    if all(len(side) == 1 for side in sides) or not np.isfinite(mean):
        low, high = ends(draws, level)
        return {"mean": mean, "low": float(low), "high": float(high)}
    people = len(np.unique(np.asarray(identities).astype(str)))
    parts = [(draws.var(), people - 1)]  # (variance of the mean, degrees of freedom)
    parts += [(side.mean(axis=1).var(ddof=1) / len(side), len(side) - 1) for side in sides if len(side) > 1]
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return {"mean": mean, "low": mean, "high": mean}
    freedom = variance**2 / sum(part**2 / count for part, count in parts if part)
    half = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance))
    return {"mean": mean, "low": mean - half, "high": mean + half}


def summarise(
    scores: "pd.DataFrame", *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> "pd.DataFrame":
    """Mean of each metric with a percentile bootstrap interval over people.

    The interval says how far the mean could move with other test people. It does not cover another training run: for that,
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
    low, high = ends(means, level)
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

    rows, metrics = {}, (metrics,) if isinstance(metrics, str) else metrics
    for label, one in fitted.items():
        summary = summarise(evaluate(one, test, task, metrics), **bootstrap)
        rows[label] = {
            f"{metric}{suffix}": summary.loc[metric, column]
            for metric in metrics
            for suffix, column in (("", "mean"), ("_low", "low"), ("_high", "high"))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def differences(
    values: np.ndarray, reference: np.ndarray, metric: str, systems: Sequence[str] = _SYSTEMS
) -> np.ndarray:
    """`values` minus `reference`, score by score. Equal scores differ by 0, infinite ones too: two perfect outputs are equal
    by PSNR.

    Args:
        values: (..., N) scores of N pictures.
        reference: (N,) scores of the same pictures.
        metric, systems: what the scores are, and whose: for the message.

    Returns:
        (..., N) float64.

    Raises:
        MethodError: a difference is not finite. No mean and no test could say anything of it.
    """
    values, reference = np.broadcast_arrays(np.asarray(values, np.float64), np.asarray(reference, np.float64))
    found = np.subtract(values, reference, out=np.zeros(values.shape), where=values != reference)
    wrong = ~np.isfinite(found)
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise MethodError(
            f"{metric} of {systems[0]} and of {systems[1]} cannot be compared: {wrong.sum()} of {wrong.size} differences "
            f"are not finite, the first of them {values[place]:.4g} minus {reference[place]:.4g}; compare by a measure that "
            "is finite for every output (mse in the place of psnr), or leave these pictures out of both"
        )
    return found


def _differences(scores: "pd.DataFrame", reference: "pd.DataFrame", metric: str, *systems: str) -> np.ndarray:
    """`differences` of a column of two tables, which must be about the same pictures in the same order."""
    if list(scores["identity"]) != list(reference["identity"]):
        raise MethodError("the two tables score different pictures: evaluate both on the same test pairs")
    return differences(scores[metric], reference[metric], metric, systems or _SYSTEMS)


def paired_difference(
    scores: "pd.DataFrame", reference: "pd.DataFrame", metric: str = "ssim", *, level: float = 0.95, resamples: int = 2000,
    seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Mean of `scores` minus `reference` on the same pictures, with a bootstrap interval over people.

    Two systems are judged by the same faces, and an easy face is easy for both: the interval of the difference is much
    narrower than the two single intervals suggest.

    Returns:
        {"mean", "low", "high"}; an interval that leaves out 0 speaks for a real difference on such people. Equal values
        differ by 0, infinite ones too (PSNR of two perfect outputs).

    Raises:
        MethodError: the two tables are not about the same pictures in the same order, or a difference is not finite.
    """
    difference = _differences(scores, reference, metric)
    means = bootstrap_means(difference, scores["identity"].to_numpy(), resamples=resamples, seed=seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return {"mean": float(difference.mean()), "low": float(low), "high": float(high)}


def paired_difference_of_runs(
    values: np.ndarray, reference: np.ndarray, identities: np.ndarray, *, level: float = 0.95, resamples: int = 2000,
    seed: int = 0,
) -> dict[str, float]:  # fmt: skip
    """`paired_difference` of two systems that were trained several times: person by person, and with what other runs of
    either would change (`interval_of_runs`).

    Args:
        values, reference: (runs, N) scores of the same pictures; the two may have different numbers of runs.
        identities: (N,) names of the people.

    Returns:
        {"mean", "low", "high"}. With one run each, the interval of `paired_difference`, which knows nothing of what
        another run would give.
    """
    sides = [np.asarray(values), np.asarray(reference)]
    by_picture = sides[0].mean(axis=0) - sides[1].mean(axis=0)
    return _interval_of_runs(sides, by_picture, identities, level, resamples, seed)


def paired_test(
    scores: "pd.DataFrame", reference: "pd.DataFrame", metric: str = "ssim", *, permutations: int = 10_000, seed: int = 0
) -> float:  # fmt: skip
    """How often chance alone would make two systems differ this much: p-value, two-sided, by random signs.

    If it made no difference which of the two drew, each person's difference could as well have had the other sign. The
    signs of all people's mean differences are drawn anew, many times; p is the share of draws whose mean is at least as far
    from 0 as the observed one, the observed one counted in (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).

    Args:
        scores, reference: from `evaluate`, of the same pictures in the same order.
        metric: a column of both.
        permutations: how many draws; p cannot be smaller than 1 / (permutations + 1).
        seed: of the draws.

    Raises:
        MethodError: the two tables are not about the same pictures in the same order, or a difference is not finite.
    """
    difference = _differences(scores, reference, metric)
    people, person_of = np.unique(scores["identity"].to_numpy().astype(str), return_inverse=True)
    means = np.bincount(person_of, difference) / np.bincount(person_of)
    observed = abs(means.mean())
    random, count = np.random.default_rng(seed), 0
    for size in [1000] * (permutations // 1000) + [permutations % 1000]:  # a thousand at a time spares memory
        signs = random.integers(0, 2, (size, len(people))) * 2.0 - 1.0
        count += int((np.abs(signs @ means / len(people)) >= observed * (1 - 1e-12)).sum())
    return (count + 1) / (permutations + 1)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """P-values corrected for being many (Holm 1979, jstor.org/stable/4615733).

    Of twenty comparisons of equal systems one falls below 0.05 on average. Where only those corrected values that are below
    0.05 are called differences, the chance of a single false call among all is at most 5 %.

    Args:
        p_values: of m tests, in any order.

    Returns:
        (m,) corrected values in the same order: the smallest times m, the next times m - 1, and so on, none smaller than
        one before it, none above 1.
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def compare_all(
    scores: "Mapping[str, pd.DataFrame]", metric: str = "ssim", *, permutations: int = 10_000, seed: int = 0
) -> "pd.DataFrame":
    """Every system against every other on the same pictures.

    Args:
        scores: label to the table that `evaluate` gave.
        metric: a column of all tables.
        permutations, seed: of `paired_test`.

    Returns:
        A DataFrame with a row for each two systems, the better one first: "better", "worse", "difference" (of the means, in
        the metric's unit, always in the better one's favour as above 0), "low", "high" (95 %, bootstrap over people), "p",
        "p_holm".

    Raises:
        MethodError: tables of different pictures, fewer than two, or two whose difference is not finite.
    """
    from itertools import combinations

    import pandas as pd

    if len(scores) < 2:
        raise MethodError(f"{len(scores)} systems: a comparison needs two")
    sign = 1 if metric_register.get(metric).higher_is_better else -1
    order = sorted(scores, key=lambda label: -sign * scores[label][metric].mean())
    # p cannot be smaller than 1 / permutations, and Holm multiplies it by the number of pairs
    permutations = max(permutations, 50 * len(scores) * (len(scores) - 1))
    rows = []
    for better, worse in combinations(order, 2):
        _differences(scores[better], scores[worse], metric, better, worse)  # a message that knows their names
        gap = paired_difference(scores[better], scores[worse], metric, seed=seed)
        low, high = sorted((sign * gap["low"], sign * gap["high"]))
        p = paired_test(scores[better], scores[worse], metric, permutations=permutations, seed=seed)
        rows.append(
            {
                "better": better,
                "worse": worse,
                "difference": sign * gap["mean"],
                "low": low,
                "high": high,
                "p": p,
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"]))


def rank_agreement(means: "pd.DataFrame") -> "pd.DataFrame":
    """How far metrics agree on who is better: Spearman's rank correlation between all columns.

    Args:
        means: a row for each system, a column for each metric; columns that `metrics.METRICS` or `metrics.SET_METRICS`
            knows as "lower is better" are turned around, so that 1 means the same order and -1 the opposite one.

    Returns:
        A square DataFrame, metrics by metrics.
    """
    known = metric_register.METRICS | metric_register.SET_METRICS
    signs = [1 if name not in known or known[name].higher_is_better else -1 for name in means.columns]
    return (means * signs).corr(method="spearman")
