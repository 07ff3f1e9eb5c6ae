"""A table of numbers as a coloured field, each number written into its cell."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from ..metrics import METRICS
from .style import ACCENT, COLOURS, INK, MUTED, PAPER, RULE, WIDTH, sheet

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

_ROW = 0.36  # inches
_LIGHT = 0.62  # above this share of the scale, numbers are written in light


def heat(
    table: "pandas.DataFrame",
    low: float = 0.0,
    high: float = 1.0,
    digits: int = 2,
    title: str | None = None,
    note: str = "",
) -> "Figure":
    """Rows and columns of a table as cells, pale at `low`, the accent's red at `high`, blue below zero.

    Args:
        table: numbers; rows and columns that are named after metrics get their labels. Cells without a number stay empty.
        low, high: ends of the scale; values beyond have the end's colour, and their own number.
        digits: after the point.
        title: a line above everything.
        note: a line below, in small: what the numbers mean.

    Raises:
        DataError: an empty table.
    """
    if not table.size:
        raise DataError("no numbers to draw: the table is empty")
    from matplotlib.colors import LinearSegmentedColormap

    warm = LinearSegmentedColormap.from_list("warm", [PAPER, "#e9b9a4", ACCENT])
    cold = LinearSegmentedColormap.from_list("cold", [PAPER, "#a9cbe3", COLOURS[0]])
    values = table.to_numpy(dtype=float)
    with sheet(WIDTH, _ROW * (len(table) + 1.6) + (0.35 if title else 0) + (0.3 if note else 0)) as figure:
        axes = figure.add_subplot()
        for (row, column), value in np.ndenumerate(values):
            if not np.isfinite(value):
                continue
            share = float(np.clip((abs(value) - low) / (high - low), 0, 1))
            colour = (warm if value >= 0 else cold)(share)
            axes.add_patch(_cell(column, row, colour))
            ink = PAPER if share > _LIGHT else INK
            axes.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=ink, fontsize=9.5)
        _frame(axes, table)
        if title:
            axes.set_title(title)
        if note:
            figure.supxlabel(note, fontsize=9, color=MUTED, x=0.01, ha="left")
        figure.set_layout_engine("constrained")
    return figure


def _label(name: object) -> str:
    if name == "nlda":
        return "NLDA"
    return METRICS[name].label if name in METRICS else str(name)


def _cell(column: int, row: int, colour):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=RULE, linewidth=0.7)


def _frame(axes, table: "pandas.DataFrame") -> None:
    """Names of rows on the left, of columns on top; no axes."""
    names = [_label(name) for name in table.columns]
    axes.set_xlim(-0.5, len(table.columns) - 0.5)
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xticks(range(len(names)), [name.replace(" (", "\n(") for name in names])
    axes.set_yticks(range(len(table)), [_label(name) for name in table.index])
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
