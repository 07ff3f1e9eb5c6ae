"""The league table: every system under one protocol, by every measure, with what cannot be told apart marked as such.

    scores = {"ridge": f2s.evaluate(ridge, test), "pix2pix": f2s.evaluate(pix2pix, test)}
    f2s.league.table(scores)

Scores come from `face2sketch.evaluate`, live, or from the records of runs on the real pairs (`from_records`).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import evaluation, metrics
from .errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from .replication import Record

MEASURES = ("mse", "ssim", "ms_ssim", "fsim", "scoot", "lpips")
"""The columns of the league, in this order, where scores have them."""


def table(
    scores: "Mapping[str, pd.DataFrame]",
    measures: Iterable[str] = MEASURES,
    recognition: Mapping[str, float] | None = None,
) -> "pd.DataFrame":
    """One row a system, best mean rank first.

    Args:
        scores: label to a table with a row a picture, all of the same pictures.
        measures: which columns; those that not every table has are left out.
        recognition: label to the share of people that NLDA recognises, if it was measured.

    Returns:
        A DataFrame indexed by system: for each measure m its mean "m" and half the width of its 95 % bootstrap interval over
        people "m_half"; "nlda" if given; and "mean_rank", the mean of the system's places over all measures and
        recognition (1 is first in all; equal values share their places). A mean of ranks weighs measures that say nearly the
        same as if each brought news: read it as an order for the rows, no more.

    Raises:
        DataError: no scores, tables about different pictures, or no measure that all have.
    """
    import pandas as pd

    measures = tuple(measures)
    chosen = _common(scores, measures)
    if not chosen and recognition is None:
        raise DataError(f"none of {', '.join(measures)} is in every table of scores: pass measures=(...)")
    rows = {}
    for label, one in scores.items():
        means = evaluation.bootstrap_means(one[chosen].to_numpy(), one["identity"].to_numpy())
        low, high = evaluation.ends(means)
        rows[label] = {name: one[name].mean() for name in chosen}
        half = np.where(np.isinf(high), np.inf, high - low) / 2
        rows[label] |= {f"{name}_half": value for name, value in zip(chosen, half, strict=True)}
    found = pd.DataFrame.from_dict(rows, orient="index")
    if recognition is not None:
        found["nlda"] = pd.Series(recognition, dtype=float).reindex(found.index)
    ranked = [*chosen, *(["nlda"] if recognition is not None else [])]
    places = [found[name].rank(ascending=not _higher(name), na_option="bottom") for name in ranked]
    found["mean_rank"] = pd.concat(places, axis=1).mean(axis=1)
    return found.sort_values("mean_rank", kind="stable")


def best(
    scores: "Mapping[str, pd.DataFrame]", metric: str, *, level: float = 0.05, permutations: int = 2000
) -> list[str]:
    """The system that a metric puts first, and all that it cannot tell from it.

    Each system is tested against the first one, person by person; p-values are corrected for their number (Holm). The first
    was chosen by its score, which makes differences from it look a little larger than they are.

    Args:
        scores: label to a table with a row a picture, all of the same pictures.
        metric: a column of all tables.
        level: what a corrected p-value must be below for a difference to count.
        permutations: of each test.

    Raises:
        DataError: no scores, tables about different pictures, or one without this metric.
        MethodError: differences that are not finite.
    """
    if not _common(scores, [metric]):
        raise DataError(f"not every table of scores has {metric}: evaluate all by it")
    sign = 1 if _higher(metric) else -1
    order = sorted(scores, key=lambda label: -sign * scores[label][metric].mean())
    first, others = order[0], order[1:]
    permutations = max(permutations, 100 * len(others))  # or Holm's correction could reject nothing
    p = [
        evaluation.paired_test(scores[first], scores[label], metric, permutations=permutations)
        for label in others
    ]
    return [
        first,
        *(label for label, value in zip(others, evaluation.holm(p), strict=True) if value >= level),
    ]


def agreement(league: "pd.DataFrame") -> "pd.DataFrame":
    """Rank correlations between the measures of a league table (`evaluation.rank_agreement`)."""
    columns = [name for name in league.columns if name != "mean_rank" and not name.endswith("_half")]
    return evaluation.rank_agreement(league[columns])


def from_records(
    records: "Iterable[Record]", task: str
) -> "tuple[dict[str, pd.DataFrame], dict[str, float]]":
    """Scores and recognition of recorded runs in one direction, by arm.

    Args:
        records: of one experiment; runs that diverged are left out, and so are trials (`replicate --profile smoke`). Of
            several seeds of an arm every picture's mean is taken.
        task: "photo2sketch" or "sketch2photo".

    Returns:
        Label to a table as `evaluate` gives it, and label to NLDA's accuracy where it was measured.

    Raises:
        DataError: runs of one name that were scored on different people, or are of different systems.
    """
    import pandas as pd

    groups: dict[str, list[Record]] = {}
    for record in records:
        if record.run["task"] == task and record.scores and not record.trial:
            groups.setdefault(record.run["arm"], []).append(record)
    scores, recognition = {}, {}
    for arm, group in groups.items():
        _check_one_system(arm, group)
        names = [name for name in group[0].scores if all(name in record.scores for record in group)]
        means = {name: np.mean([record.scores[name] for record in group], axis=0) for name in names}
        scores[arm] = pd.DataFrame({"identity": group[0].identities, **means})
        known = [record.sets["nlda"]["accuracy"] for record in group if "nlda" in record.sets]
        if known:
            recognition[arm] = float(np.mean(known))
    return scores, recognition


def recorded(task: str, folder: str | Path | None = None):
    """Scores and recognition of the league's records (`from_records`), from a copy of the repository.

    Args:
        task: "photo2sketch" or "sketch2photo".
        folder: of the records; "book/results/league", beside or above the working folder, if None.

    Raises:
        DataError: no records there. (In Colab there are none: the published page has them.)
    """
    from .replication import read_records

    here = Path.cwd()
    places = (
        [Path(folder)] if folder else [up / "book" / "results" / "league" for up in (here, *here.parents)]
    )
    for place in places:
        if records := read_records(place) if place.is_dir() else []:
            return from_records(records, task)
    raise DataError(
        "no records of the league in book/results/league: they come with the repository, not with the library; "
        "run this in a copy of it, or read the league's page"
    )


def _check_one_system(arm: str, group: "list[Record]") -> None:
    first = group[0]
    if any(record.identities != first.identities for record in group):
        raise DataError(f"runs of {arm} were scored on different people: give one of them another name")
    if len({(record.run.get("experiment"), record.run.get("method")) for record in group}) > 1:
        raise DataError(f"{arm} names two systems: rename the submission")


def _common(scores: "Mapping[str, pd.DataFrame]", measures: Iterable[str]) -> list[str]:
    if not scores:
        raise DataError("no systems: a league needs the scores of at least one")
    first = next(iter(scores.values()))
    for label, one in scores.items():
        if list(one["identity"]) != list(first["identity"]):
            raise DataError(
                f"{label} was scored on other pictures than the rest: evaluate all on the same test pairs"
            )
    return [name for name in measures if all(name in one.columns for one in scores.values())]


def _higher(name: str) -> bool:
    return name == "nlda" or metrics.get(name).higher_is_better
