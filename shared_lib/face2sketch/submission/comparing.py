"""The entry beside each other method, on the same pictures: is the difference more than chance?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import evaluation
from ..errors import MethodError
from ..metrics import METRICS
from .scoring import System

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
COLUMNS = ("task", "system", "metric", "difference", "low", "high", "p", "p_holm", "verdict")


def compare(systems: Sequence[System], identities: np.ndarray) -> "pd.DataFrame":
    """The entry minus each other system.

    Returns:
        A row for each task, system and metric: "difference" of the means; "low" and "high", its 95 % interval over
        people and training runs; "p" of a paired test over people, of scores that are means over the entry's runs, and
        "p_holm", the same corrected for all comparisons of that task; "verdict": "better" or "worse" where the corrected p
        is below 5 % and the interval leaves out 0, else "no clear difference". The test knows nothing of how far runs are
        apart, the interval does: both must agree.

        Where a difference is not finite, as PSNR's is of a perfect output and another, there is no test: the verdict says
        "cannot be compared", the numbers are NaN, and the row does not count in the correction.
    """
    import pandas as pd

    tables = []
    for task in dict.fromkeys(system.task for system in systems):
        own = next((system for system in systems if system.task == task and system.own), None)
        others = [system for system in systems if system.task == task and not system.own]
        if own is None or not others:
            continue
        rows = [_row(own, other, metric, identities) for other in others for metric in own.scores]
        table = pd.DataFrame(rows)
        tested = table["p"].notna()
        table.loc[tested, "p_holm"] = evaluation.holm(table.loc[tested, "p"].to_numpy())
        table["verdict"] = [_verdict(row) for row in table.to_dict("records")]
        tables.append(table)
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _row(own: System, other: System, metric: str, identities: np.ndarray) -> dict:
    import pandas as pd

    reference = other.scores[metric].mean(axis=0)
    row = {"task": own.task, "system": other.name, "metric": metric}
    try:
        runs = evaluation.differences(own.scores[metric], reference, metric, (own.name, other.name))
    except MethodError:
        return row | dict.fromkeys(("difference", "low", "high", "p"), np.nan)
    found = evaluation.interval_of_runs(runs, identities)
    mine, theirs = (
        pd.DataFrame({"identity": identities, metric: system.scores[metric].mean(axis=0)})
        for system in (own, other)
    )
    p = evaluation.paired_test(mine, theirs, metric)
    return row | {"difference": found["mean"], "low": found["low"], "high": found["high"], "p": p}


def _verdict(row: dict) -> str:
    if np.isnan(row["p"]):
        return "cannot be compared"
    if not row["p_holm"] < LEVEL or row["low"] <= 0 <= row["high"]:
        return "no clear difference"
    better = (row["difference"] > 0) == METRICS[row["metric"]].higher_is_better
    return "better" if better else "worse"
