"""HTML without a chance to forget escaping: text is escaped unless it was made here."""

import base64
import html
import io
from typing import Any

import numpy as np


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(content: Any) -> Html:
    """Content as HTML: what `element` made as it is, a sequence joined, everything else escaped."""
    if isinstance(content, Html):
        return content
    if content is None:
        return Html("")
    if isinstance(content, list | tuple):
        return Html("".join(map(text, content)))
    return Html(html.escape(str(content)))


def element(name: str, /, *content: Any, **attributes: Any) -> Html:
    """<name attributes>content</name>; content and attribute values are escaped.

    Attribute names lose a trailing underscore and have "-" for "_" (`class_`, `aria_label`); those of value None are
    left out, and True gives the name alone.
    """
    given = "".join(
        f" {_name(key)}" if value is True else f' {_name(key)}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in ("img", "meta", "br"):
        return Html(f"<{name}{given}>")
    return Html(f"<{name}{given}>{text(content)}</{name}>")


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def picture(array: np.ndarray, alt: str) -> Html:
    """An image element that carries its pixels, uint8 (H, W, 1 or 3), as a PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(array if array.shape[2] == 3 else array[..., 0]).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return element(
        "img", src=f"data:image/png;base64,{data}", alt=alt, width=array.shape[1], height=array.shape[0]
    )


def table(
    head: list[Any], rows: list[list[Any]], caption: str, marked: int | None = None, words: int = 1
) -> Html:
    """A table that scrolls inside itself.

    Args:
        head: cells of the first row.
        rows: further rows; the first cell of each is its heading.
        caption: what it shows, above it.
        marked: the row to be emphasised.
        words: so many columns from the left are words; the others are numbers, set to the right.
    """

    def kind(column: int) -> str | None:
        return None if column < words else "number"

    top = element("tr", *(element("th", cell, scope="col", class_=kind(i)) for i, cell in enumerate(head)))
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell, class_=kind(i)) for i, cell in enumerate(row[1:], start=1)),
            class_="marked" if number == marked else None,
        )
        for number, row in enumerate(rows)
    ]
    inner = element("table", element("caption", caption), element("thead", top), element("tbody", *body))
    return element("div", inner, class_="scrolls", tabindex="0", role="region", aria_label=caption)
