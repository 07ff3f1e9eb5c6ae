"""Figures to play with that need no kernel: a slider or buttons choose among pictures made beforehand.

All pictures travel inside the widget, and the links between slider and pictures run in the browser. So the
same cell works in Jupyter, in Colab (ipywidgets 7.7) and in the published page, where nothing executes. What
it costs is bytes: about 5 to 15 kB for a face of 128 pixels, 20 to 60 kB for a Matplotlib figure;
`MAX_BYTES` keeps a page light.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DataError

if TYPE_CHECKING:
    import ipywidgets
    from matplotlib.figure import Figure

# All pictures of one widget together; a page with three of them stays below 6 MB.
MAX_BYTES = 2_000_000

_FACE_WIDTH = 320  # CSS pixels at which a face is shown; narrower screens shrink it
_FIGURE_WIDTH = 720
_BUTTONS = 4  # more choices than this become a menu

# An opaque light card, legible on dark pages too. Tab bars are hidden: the slider is the one way to choose. Class
# names of ipywidgets 7 (p-) and 8 (lm-).
_STYLE = """<style>
.f2s-play { background: #fbf8f2; border-radius: 6px; padding: 10px; max-width: 760px; box-sizing: border-box;
  overflow: hidden !important; --jp-widgets-label-color: #2f2d2b; }
.f2s-play .noUi-handle, .f2s-play .ui-slider-handle { background: #b3452c !important; border-color: #b3452c !important; }
.f2s-play .widget-label, .f2s-play figcaption { color: #2f2d2b; }
.f2s-pictures > .p-TabBar, .f2s-pictures > .lm-TabBar { display: none !important; }
.f2s-pictures > .widget-tab-contents { border: 0 !important; padding: 0 !important; background: transparent
!important;
  overflow: hidden !important; }
.f2s-pictures { background: transparent !important; }
.f2s-play figure { margin: 0; }
.f2s-play figcaption { font-size: 1rem; line-height: 1.4; margin: 4px 0; text-align: left; }
.f2s-play img { max-width: 100%; height: auto; display: block; background: #fbf8f2; margin: 0; }
</style>"""


def slider(
    pictures: "Sequence[np.ndarray | Figure]",
    labels: Sequence[str],
    description: str = "",
    alt: Sequence[str] | None = None,
    width: int | None = None,
) -> "ipywidgets.VBox":
    """A slider through pictures, each under its label.

    Args:
        pictures: arrays (H, W), (H, W, 1) or (H, W, 3), uint8 or floats in [0, 1]; or Matplotlib figures.
        labels: what stands above each picture, e.g. "epoch 10".
        description: what the slider changes, beside it.
        alt: for readers who hear the page: what each picture shows; by default description and label.
        width: CSS pixels at which pictures are shown, at most the width of the screen; by default 320 for
            arrays, 720 for figures.

    Returns:
        A box to put on the last line of a cell.

    Raises:
        DataError: no pictures, other numbers of labels or alternative texts, or more than `MAX_BYTES` in all.
    """
    return choices(
        {"": pictures}, labels, description, alt={"": alt} if alt is not None else None, width=width
    )


def choices(
    groups: "Mapping[str, Sequence[np.ndarray | Figure]]",
    labels: Sequence[str] = ("",),
    description: str = "",
    choose: str = "",
    alt: Mapping[str, Sequence[str]] | None = None,
    width: int | None = None,
) -> "ipywidgets.VBox":
    """Buttons (a menu, if there are more than four) that choose a group, and a slider through its pictures.

    Args:
        groups: name on the button to the pictures of that group; each group has as many as there are labels.
        labels: the positions of the slider; a single one leaves the slider out.
        description: what the slider changes.
        choose: what the buttons choose.
        alt: group to alternative texts; by default group, description and label.
        width: as for `slider`.

    Raises:
        DataError: no pictures, other numbers of labels or alternative texts, or more than `MAX_BYTES` in all.
    """
    import ipywidgets

    _check(groups, labels, alt)
    tabs, total = [], 0
    for name, pictures in groups.items():
        pages = []
        for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
            words = alt[name][index] if alt else _words(name, description, label)
            page, size = _page(picture, label, words, width)
            pages.append(ipywidgets.HTML(value=page))
            total += size
        tabs.append(_tab(pages, labels))
    if total > MAX_BYTES:
        raise DataError(
            f"{total:,} bytes of pictures in one widget: expected at most {MAX_BYTES:,}; show fewer or smaller ones"
        )
    controls: list[Any] = []
    shown = tabs[0]
    if len(tabs) > 1:
        shown = _tab(tabs, list(groups))
        controls.append(_chooser(list(groups), choose))
        ipywidgets.jslink((controls[0], "index"), (shown, "selected_index"))
    if len(labels) > 1:
        bar = ipywidgets.IntSlider(
            value=0, min=0, max=len(labels) - 1, description=description, readout=False,
            style={"description_width": "initial"}, layout=ipywidgets.Layout(width="auto", max_width="480px"),
        )  # fmt: skip
        controls.append(bar)
        for tab in tabs:
            ipywidgets.jslink((bar, "value"), (tab, "selected_index"))
    style = ipywidgets.HTML(value=_STYLE, layout=ipywidgets.Layout(display="none"))
    box = ipywidgets.VBox([style, *controls, shown], layout=ipywidgets.Layout(width="100%"))
    box.add_class("f2s-play")
    return box


def encode(picture: "np.ndarray | Figure") -> tuple[str, bytes]:
    """A picture as small bytes: JPEG for what is shaded, PNG for what is flat (whichever pays).

    Returns:
        (media type, bytes).

    Raises:
        DataError: an array that is no picture.
    """
    from PIL import Image

    if hasattr(picture, "savefig"):
        buffer = io.BytesIO()
        picture.savefig(buffer, format="png")
        image = Image.open(buffer).convert("RGB")
    else:
        image = Image.fromarray(_bytes(picture))
    png, jpeg = io.BytesIO(), io.BytesIO()
    image.save(png, "PNG", optimize=True)
    image.save(jpeg, "JPEG", quality=88, optimize=True)
    # PNG keeps thin lines and letters clean: worth some bytes, not many.
    if len(png.getvalue()) <= 1.5 * len(jpeg.getvalue()):
        return "image/png", png.getvalue()
    return "image/jpeg", jpeg.getvalue()


def _check(groups: Mapping, labels: Sequence[str], alt: Mapping | None) -> None:
    if not groups or not labels:
        raise DataError(
            "no pictures to choose from: expected at least one group, and one label for each picture"
        )
    for name, pictures in groups.items():
        if len(pictures) != len(labels):
            where = f" in {name!r}" if name else ""
            raise DataError(f"{len(pictures)} pictures{where} for {len(labels)} labels: expected as many")
        if alt is not None and len(alt.get(name, ())) != len(labels):
            raise DataError(
                f"{len(alt.get(name, ()))} alternative texts for {len(labels)} pictures: expected as many"
            )


def _words(group: str, description: str, label: str) -> str:
    # "epoch 10" on a slider called "epoch" is not read out as "epoch epoch 10".
    position = label if label.startswith(description) else f"{description} {label}".strip()
    return ", ".join(part for part in (group, position) if part)


def _page(picture: Any, label: str, words: str, width: int | None) -> tuple[str, int]:
    media, data = encode(picture)
    width = width or (_FIGURE_WIDTH if hasattr(picture, "savefig") else _FACE_WIDTH)
    caption = f"<figcaption>{html.escape(label)}</figcaption>" if label else ""
    source = f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"
    image = f'<img alt="{html.escape(words)}" width="{width}" src="{source}">'
    return f"<figure>{caption}{image}</figure>", len(data)


def _tab(children: list, titles: Sequence[str]) -> "ipywidgets.Tab":
    import ipywidgets

    tab = ipywidgets.Tab(children=children, layout=ipywidgets.Layout(width="auto"))
    for index, title in enumerate(titles):
        tab.set_title(index, title or str(index + 1))
    tab.selected_index = 0
    tab.add_class("f2s-pictures")
    return tab


def _chooser(names: list[str], description: str) -> Any:
    import ipywidgets

    kind = ipywidgets.ToggleButtons if len(names) <= _BUTTONS else ipywidgets.Dropdown
    style = {"description_width": "initial"}
    if kind is ipywidgets.ToggleButtons:
        style["button_width"] = "auto"
    return kind(options=names, index=0, description=description, style=style)


def _bytes(picture: Any) -> np.ndarray:
    array = np.asarray(picture)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise DataError(
            f"an array of shape {array.shape} is no picture: expected (H, W), (H, W, 1) or (H, W, 3)"
        )
    if array.dtype == np.uint8:
        return array
    return np.round(np.clip(array.astype(np.float32), 0, 1) * 255).astype(np.uint8)
