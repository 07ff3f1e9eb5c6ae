"""Figures in one style. Each function returns a Matplotlib figure: the last line of a cell shows it.

f2s.plots.contact_sheet(test, fitted)
f2s.plots.history({"dense": fitted})
f2s.plots.scores(f2s.compare({"dense": fitted}, test), metric="ssim")
f2s.plots.architecture(f2s.published.layers("venkatesh-conv"))
"""

from .curves import curve, history, scores
from .heat import heat
from .networks import architecture
from .pictures import MAX_COLUMNS, contact_sheet, grid, receptive_field, receptive_fields
from .style import ACCENT, COLOURS, INK, MUTED, PAPER, RULE, WIDTH, use_style

__all__ = [
    "ACCENT", "COLOURS", "INK", "MAX_COLUMNS", "MUTED", "PAPER", "RULE", "WIDTH",
    "architecture", "contact_sheet", "curve", "grid", "heat", "history", "receptive_field", "receptive_fields",
    "scores", "use_style",
]  # fmt: skip
