"""The report's two figures: scores with their intervals, and several test people from best to worst."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import METRICS
from .markup import Html, element, picture
from .scoring import RECOGNISED, System

if TYPE_CHECKING:
    import pandas as pd

    from ..data.pairs import FacePairs

SHOWN = 6
TASKS = {"photo2sketch": "Photo to sketch", "sketch2photo": "Sketch to photo"}
_NAMES = {"photo2sketch": ("photo", "artist's sketch"), "sketch2photo": ("sketch", "true photo")}


def label(metric: str) -> str:
    """How a metric is called in tables."""
    return "Recognised" if metric == RECOGNISED else METRICS[metric].label


def higher_is_better(metric: str) -> bool:
    """Whether more is better."""
    return metric == RECOGNISED or METRICS[metric].higher_is_better


def number(metric: str, value: float, signed: bool = False) -> str:
    """A score with as many digits as it deserves."""
    sign = "+" if signed else ""
    if metric == RECOGNISED:
        return f"{100 * value:{sign}.0f} %"
    if not np.isfinite(value):
        return "∞" if value > 0 else "-"
    digits = 2 if metric.startswith("psnr") else 4 if metric in ("mse", "mae", "rmse", "medae") else 3
    return f"{value:{sign}.{digits}f}".replace("-", "\N{MINUS SIGN}")


def chart(table: "pd.DataFrame", metric: str, own: str) -> Html:
    """Each system's mean as a dot on a line, with its 95 % interval; the best on top, the entry in colour. An infinite mean,
    PSNR's of a perfect output, stands at the end of the line.

    Args:
        table: rows of `scoring.summarise` for one task and this metric.
        own: the entry's name.
    """
    better = higher_is_better(metric)
    rows = table.sort_values("mean", ascending=not better).to_dict("records")
    finite = [row[side] for row in rows for side in ("mean", "low", "high") if np.isfinite(row[side])] or [
        0.0
    ]
    low, high = min(finite), max(finite)
    room = 0.04 * (high - low) or 0.01
    low, high = low - room, high + room
    if metric == RECOGNISED:
        low, high = 0.0, 1.0

    def at(value: float) -> float:
        return round(100 * (min(value, high) - low) / (high - low), 2)

    lines = [_line(row, metric, row["system"] == own, at) for row in rows]
    scale = element(
        "span", element("span", number(metric, low)), element("span", number(metric, high)), class_="ends"
    )
    said = "; ".join(_said(row, metric) for row in rows)
    direction = "higher is better" if better else "lower is better"
    return element(
        "figure",
        element("figcaption", label(metric), " ", element("span", f"({direction})")),
        element(
            "div",
            *lines,
            element("div", element("span"), scale, class_="row", aria_hidden="true"),
            role="img",
            aria_label=f"{label(metric)}, {direction}, from best to worst: {said}",
        ),
        class_="chart",
    )


def _line(row: dict, metric: str, mine: bool, at) -> Html:
    interval = None
    if np.isfinite(row["low"]):
        left, right = at(row["low"]), at(row["high"])
        interval = element("i", style=f"left:{left}%;width:{max(right - left, 0.3):.2f}%")
    dot = element("b", style=f"left:{at(row['mean'])}%")
    return element(
        "div",
        element("span", row["system"], title=row["system"]),
        element("span", interval, dot, class_="track"),
        element("span", number(metric, row["mean"])),
        class_="row mine" if mine else "row",
    )


def _said(row: dict, metric: str) -> str:
    words = f"{row['system']} {number(metric, row['mean'])}"
    if np.isfinite(row["low"]):
        words += f" ({number(metric, row['low'])} to {number(metric, row['high'])})"
    return words


def people(task: str, test: "FacePairs", own: System, others: Sequence[System]) -> Html:
    """Test people from the best to the worst of the entry's first run: what was given, what is true, what came out.

    Beside it stands the output of the best of the other systems.
    """
    metric = "ssim" if "ssim" in own.scores else next(iter(own.scores))
    better = higher_is_better(metric)
    values = own.scores[metric][0]
    ranking = np.argsort(-values if better else values, kind="stable")
    places = np.unique(np.linspace(0, len(ranking) - 1, min(SHOWN, len(ranking))).round().astype(int))
    other = _best(others, metric, better)
    shown = [
        _person(task, test, own, other, int(ranking[place]), _rank(int(place), len(ranking)), metric)
        for place in places
    ]
    return element("div", *shown, class_="people")


def _best(systems: Sequence[System], metric: str, better: bool) -> System | None:
    ranked = sorted(systems, key=lambda system: system.scores[metric].mean(), reverse=better)
    return ranked[0] if ranked else None


def _rank(place: int, number_of: int) -> str:
    if place == 0:
        return f"the best of {number_of}"
    return f"the worst of {number_of}" if place == number_of - 1 else f"place {place + 1} of {number_of}"


def _person(
    task: str, test: "FacePairs", own: System, other: System | None, index: int, rank: str, metric: str
) -> Html:
    who = str(test.identities[index])
    given, true = _NAMES[task]
    what = "sketch" if task == "photo2sketch" else "photo"
    columns: list[tuple[str, np.ndarray, str]] = [
        (given, test.inputs(task)[index], f"The {given} of {who} that was given"),
        (true, test.targets(task)[index], f"The {true} of {who}"),
        (own.name, own.outputs[index], f"The {what} of {who} made by {own.name}"),
    ]
    if other is not None:
        columns.append((other.name, other.outputs[index], f"The {what} of {who} made by {other.name}"))
    cells: list[Any] = [element("span", name) for name, _, _ in columns]
    if other is None:
        cells.append(element("span"))
    cells += [picture(array, alt) for _, array, alt in columns]
    score = f"{label(metric)} {number(metric, float(own.scores[metric][0][index]))}"
    return element(
        "figure", element("div", *cells), element("figcaption", f"{who}: {score}, {rank}"), class_="person"
    )
