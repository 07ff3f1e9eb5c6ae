"""One look for every figure: warm paper, graphite ink, one accent, colours for colour-blind readers too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER = "#fbf8f2"
INK = "#2f2d2b"
MUTED = "#716b64"
RULE = "#ddd5c8"
ACCENT = "#b3452c"

# Okabe and Ito's palette (2008), darkened where it would be faint on warm paper.
COLOURS = ("#0072b2", "#d55e00", "#00805c", "#a8558a", "#b07d00", "#3a98cf", "#5b554f")

# Inches: the text column of the book. At 120 dots per inch a figure is 864 pixels wide.
WIDTH = 7.2

_SETTINGS: dict[str, Any] = {
    "figure.facecolor": PAPER,
    "figure.dpi": 120,
    "savefig.facecolor": PAPER,
    "savefig.dpi": 120,
    "font.family": "sans-serif",
    "font.size": 10.5,
    "text.color": INK,
    "axes.facecolor": PAPER,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 10.5,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "image.cmap": "gray",
    "image.interpolation": "antialiased",
}


def use_style() -> None:
    """Give the book's look to the reader's own Matplotlib figures as well, for the rest of the session."""
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update({**_SETTINGS, "axes.prop_cycle": cycler(color=COLOURS)})


@contextmanager
def sheet(width: float, height: float) -> Iterator["Figure"]:
    """A figure of `width` by `height` inches in the book's style, for use in a `with` block.

    The figure is taken from pyplot's list when the block ends: a notebook then shows it once, where it is the
    value of the cell or given to `display`, and not again at the end of the cell. It can still be saved.
    """
    import matplotlib.pyplot as plt
    from cycler import cycler

    with plt.rc_context({**_SETTINGS, "axes.prop_cycle": cycler(color=COLOURS)}):
        figure = plt.figure(figsize=(width, height))
        try:
            yield figure
        finally:
            plt.close(figure)
