"""Contact sheets: many pairs on one picture, photo beside sketch."""

import base64
import html
import io
import math
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError

if TYPE_CHECKING:
    from .pairs import FacePairs


def contact_sheet(
    pairs: "FacePairs",
    columns: int = 8,
    rows: int | None = None,
    height: int | None = None,
    margin: int | None = None,
) -> np.ndarray:
    """Lay pairs out in a grid, each photo touching its sketch, with white margins between the pairs.

    Args:
        pairs: what to show, in order, row by row.
        columns: pairs beside each other.
        rows: at most so many rows; None shows all pairs.
        height: height of each picture in pixels (the width follows); None keeps the pictures' own size.
        margin: pixels around each pair; None takes a sixteenth of the picture's width.

    Returns:
        uint8 RGB picture of shape (height, width, 3).
    """
    if columns < 1 or (rows is not None and rows < 1):
        raise DataError(
            f"a contact sheet needs at least one column and one row, not columns={columns}, rows={rows}"
        )
    columns = min(columns, len(pairs))
    rows = min(rows or len(pairs), math.ceil(len(pairs) / columns))
    shown = pairs[: rows * columns]
    if height is not None:
        shown = shown.resize((height, max(1, round(height * pairs.size[1] / pairs.size[0]))))
    tall, wide = shown.size
    margin = max(2, wide // 16) if margin is None else margin
    sheet = np.full(
        (rows * (tall + margin) + margin, columns * (2 * wide + margin) + margin, 3), 255, np.uint8
    )
    for place, (photo, sketch) in enumerate(zip(shown.photos, shown.sketches, strict=True)):
        top = margin + (place // columns) * (tall + margin)
        left = margin + (place % columns) * (2 * wide + margin)
        sheet[top : top + tall, left : left + wide] = photo
        sheet[top : top + tall, left + wide : left + 2 * wide] = sketch  # one channel spreads over three
    return sheet


def as_html(pairs: "FacePairs", columns: int = 4, height: int = 96) -> str:
    """A line of text and a few small pictures (about 15 kB) for the notebook's display."""
    from PIL import Image

    buffer = io.BytesIO()
    sheet = contact_sheet(pairs, columns=columns, rows=1, height=height, margin=3)
    Image.fromarray(sheet).save(buffer, "JPEG", quality=85)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    shown = min(columns, len(pairs))
    return (
        f"<div><p><code>{html.escape(repr(pairs))}</code></p>"
        f'<img src="data:image/jpeg;base64,{data}" width="{sheet.shape[1]}" style="max-width:100%" '
        f'alt="The first {shown} of {len(pairs)} pairs, each photo beside its sketch"></div>'
    )
