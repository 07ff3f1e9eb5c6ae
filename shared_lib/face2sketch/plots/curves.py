"""Numbers as lines and dots: losses over epochs, scores with intervals, any curve."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError
from ..metrics import METRICS, SET_METRICS
from ..published import HIGHER_IS_BETTER
from .style import ACCENT, COLOURS, INK, MUTED, WIDTH, sheet

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)))


def history(
    runs: Mapping[str, Any],
    key: str = "loss",
    title: str | None = None,
    log: bool | None = None,
) -> "Figure":
    """Loss over epochs, one colour a run: training solid, validation dotted.

    Args:
        runs: label to a fitted method, or to its history (a dictionary of lists with "loss", and where there
            are any "epoch" and "val_loss").
        key: which list to draw; its validation is "val_" + key.
        log: logarithmic axis; by default when the largest value is more than 30 times the smallest.

    Raises:
        DataError: no run, or one without `key`.
    """
    records = {label: getattr(run, "history", run) for label, run in runs.items()}
    if not records:
        raise DataError("no runs to draw: expected a dictionary from labels to fitted methods or histories")
    for label, record in records.items():
        if not len(record.get(key, ())):
            raise DataError(f"the history of {label} has no {key!r}: it has {', '.join(record) or 'nothing'}")
    validated = any(_has_values(record.get(f"val_{key}")) for record in records.values())
    with sheet(WIDTH, 3.6) as figure:
        axes = figure.add_subplot()
        seen: list[float] = []
        for index, (label, record) in enumerate(records.items()):
            colour = COLOURS[index % len(COLOURS)]
            for name, style in ((key, "-"), (f"val_{key}", ":")):
                values = _numbers(record.get(name))
                if values is None:
                    continue
                epochs = record.get("epoch", range(1, len(values) + 1))
                marker = "o" if np.isfinite(values).sum() < 3 else None
                axes.plot(
                    list(epochs)[: len(values)], values, style, color=colour, marker=marker, markersize=4,
                    label=label if name == key else None,
                )  # fmt: skip
                seen.extend(values[np.isfinite(values)])
        positive = [value for value in seen if value > 0]
        if log or (log is None and len(positive) == len(seen) and seen and max(seen) > 30 * min(seen)):
            axes.set_yscale("log")
        axes.set_xlabel("epoch")
        axes.set_ylabel(key.replace("_", " "))
        axes.xaxis.get_major_locator().set_params(integer=True)
        if validated:
            axes.plot([], [], "-", color=MUTED, label="training")
            axes.plot([], [], ":", color=MUTED, label="validation")
        _finish(figure, axes, title, entries=len(records) + 2 * validated)
    return figure


def scores(
    table: "pandas.DataFrame",
    metric: str = "ssim",
    published: "Mapping[str, float] | pandas.DataFrame | None" = None,
    title: str | None = None,
    highlight: Iterable[str] = (),
) -> "Figure":
    """Each method's score as a dot with its interval, the best on top.

    Args:
        table: of `f2s.compare`: one row per method, with the columns `metric`, and where known `metric`_low
            and `metric`_high. Labels come from a column "label" or "method", else from the index.
        metric: column to draw.
        published: the papers' values, drawn as open diamonds: label to value, or a table of
            `published.figures` (matched by system id). Labels that are not in `table` get a row of their own.
        title: a line above everything.
        highlight: labels to draw in the accent colour; by default the best.

    Raises:
        DataError: `table` is empty or has no column `metric`.
    """
    if metric not in table.columns or not len(table):
        raise DataError(
            f"no scores for {metric!r}: the table has {len(table)} rows and {', '.join(map(str, table))}"
        )
    labels = _labels(table)
    values = dict(zip(labels, table[metric].astype(float), strict=True))
    low = dict(zip(labels, table.get(f"{metric}_low", table[metric]).astype(float), strict=True))
    high = dict(zip(labels, table.get(f"{metric}_high", table[metric]).astype(float), strict=True))
    printed = _published(published, metric)
    known = (METRICS | SET_METRICS).get(metric)
    name = known.label if known else metric.upper()
    better = known.higher_is_better if known else HIGHER_IS_BETTER.get(metric, True)
    rows = sorted({**printed, **values}.items(), key=lambda item: item[1], reverse=better)
    marked = set(highlight) or {max(values, key=values.get) if better else min(values, key=values.get)}
    with sheet(WIDTH, 0.95 + 0.3 * len(rows) + (0.3 if title else 0)) as figure:
        axes = figure.add_subplot()
        for place, (label, _) in enumerate(reversed(rows)):
            colour = ACCENT if label in marked else INK
            if label in values:
                axes.plot([low[label], high[label]], [place, place], color=colour, linewidth=2.2, alpha=0.45)
                axes.plot(values[label], place, "o", color=colour, markersize=7)
            if label in printed:
                axes.plot(
                    printed[label],
                    place,
                    "D",
                    markersize=7,
                    markerfacecolor="none",
                    markeredgecolor=COLOURS[0],
                )
        axes.set_yticks(range(len(rows)), [label for label, _ in reversed(rows)])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(f"{name} ({'higher' if better else 'lower'} is better)")
        if printed:
            axes.plot([], [], "o-", color=INK, label="measured here, 95 % interval")
            axes.plot(
                [], [], "D", markerfacecolor="none", color=COLOURS[0], label="published, other conditions"
            )
        _finish(figure, axes, title, entries=2 if printed else 0)
    return figure


def curve(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]] | Sequence[float],
    xlabel: str = "",
    ylabel: str = "",
    title: str | None = None,
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    marks: bool = False,
    log: bool = False,
) -> "Figure":
    """Lines over a common x, in colours and dashes that differ.

    Args:
        x: N positions.
        lines: label to N values; or N values for a single line without a legend.
        bands: label to (lower, upper), drawn as a pale band behind the line of that label.
        marks: put a dot on each value.
        log: logarithmic y axis.

    Raises:
        DataError: a line of another length than `x`.
    """
    named = lines if isinstance(lines, Mapping) else {"": lines}
    with sheet(WIDTH, 3.6) as figure:
        axes = figure.add_subplot()
        for index, (label, values) in enumerate(named.items()):
            if len(values) != len(x):
                raise DataError(
                    f"line {label!r} has {len(values)} values for {len(x)} positions: expected as many"
                )
            colour = COLOURS[index % len(COLOURS)] if len(named) > 1 else ACCENT
            dashes = _STYLES[index % len(_STYLES)]
            if bands and label in bands:
                lower, upper = bands[label]
                axes.fill_between(x, lower, upper, color=colour, alpha=0.15, linewidth=0)
            marker = "o" if marks else None
            axes.plot(
                x, values, color=colour, linestyle=dashes, marker=marker, markersize=4.5, label=label or None
            )
        if log:
            axes.set_yscale("log")
        if all(float(place).is_integer() for place in x):
            axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        _finish(figure, axes, title, entries=len([label for label in named if label]))
    return figure


def _finish(figure: "Figure", axes: "Axes", title: str | None, entries: int) -> None:
    """Title, legend below the axes (it never covers a line), and margins that fit both."""
    if title:
        axes.set_title(title)
    if entries:
        columns = min(entries, 3)
        axes.figure.legend(loc="outside lower left", ncols=columns, handlelength=2.2, columnspacing=1.6)
    figure.set_layout_engine("constrained")


def _labels(table: "pandas.DataFrame") -> list[str]:
    column = next((name for name in ("label", "method") if name in table.columns), None)
    return [str(label) for label in (table[column] if column else table.index)]


def _published(published: Any, metric: str) -> dict[str, float]:
    if published is None:
        return {}
    if isinstance(published, Mapping):
        return {str(label): float(value) for label, value in published.items()}
    chosen = published[published["metric"] == metric]
    return dict(zip(chosen["system"], chosen["value"].astype(float), strict=True))


def _has_values(values: Any) -> bool:
    numbers = _numbers(values)
    return numbers is not None and bool(np.isfinite(numbers).any())


def _numbers(values: Any) -> np.ndarray | None:
    if values is None or not len(values):
        return None
    return np.array([np.nan if value is None else value for value in values], dtype=float)
