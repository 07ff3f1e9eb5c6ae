"""Pictures side by side: contact sheets, grids, and receptive fields drawn on a face."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, MethodError
from .style import ACCENT, INK, MUTED, WIDTH, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..data import FacePairs

# More columns than this are thumbnails on a phone: wider sheets continue in a second band.
MAX_COLUMNS = 6

_GAP = 0.06  # inches between pictures
_LINE = 0.2  # inches for one line of title
_NAMES = {"photo2sketch": ("photo", "artist's sketch"), "sketch2photo": ("sketch", "photo")}


def contact_sheet(
    pairs: "FacePairs",
    *fitted: Any,
    task: str | None = None,
    rows: int = 6,
    labels: Sequence[str] | None = None,
    title: str | None = None,
) -> "Figure":
    """Input, target and what each method makes of the input, one person a row.

    Args:
        pairs: what to show; the first `rows` of them are taken (choose others by indexing: `pairs[[3, 14,
            15]]`).
        fitted: fitted methods; or functions from input pictures to output pictures; or arrays of outputs for
            `pairs`; or dictionaries from labels to any of these. None at all shows the pairs alone.
        task: "photo2sketch" or "sketch2photo"; by default the first fitted method's, else photo2sketch.
        rows: most people to show.
        labels: names over the methods' columns; by default their ids.
        title: a line above everything.

    Raises:
        MethodError: a fitted method of the other task, an unknown task, or another number of labels than
            methods.
        DataError: outputs that do not fit the pairs in number.
    """
    names, methods = _named(fitted, labels)
    task = task or next((method.task for method in methods if hasattr(method, "task")), "photo2sketch")
    if task not in _NAMES:
        raise MethodError(f"unknown task {task!r}: expected one of {', '.join(_NAMES)}")
    shown = pairs[: max(1, rows)]
    inputs, targets = shown.inputs(task), shown.targets(task)
    outputs = [
        _outputs(method, inputs, len(pairs), task, name) for name, method in zip(names, methods, strict=True)
    ]
    given = list(zip(_NAMES[task], (inputs, targets), strict=True))
    made = list(zip(names, outputs, strict=True))
    count = max(1, -(-len(made) // (MAX_COLUMNS - len(given))))
    room = max(1, -(-len(made) // count))
    bands = [given + made[band * room : (band + 1) * room] for band in range(count)]
    columns = max(len(band) for band in bands)
    tiles, titles = [], []
    for band in bands:
        for person in range(len(shown)):
            for column in range(columns):
                filled = column < len(band)
                tiles.append(band[column][1][person] if filled else None)
                titles.append(band[column][0] if filled and person == 0 else "")
    return _tiled(tiles, titles, columns, title, titled_rows={b * len(shown) for b in range(len(bands))})


def grid(
    pictures: Sequence[np.ndarray] | np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    suptitle: str | None = None,
) -> "Figure":
    """Pictures in rows and columns.

    Args:
        pictures: (N, H, W, C), or a sequence of (H, W), (H, W, 1) or (H, W, 3); uint8, or floats in [0, 1].
            They may differ in size; all tiles have the shape of the first.
        titles: one for each picture, above it.
        columns: pictures in a row, by default up to 6.
        suptitle: a line above everything.

    Raises:
        DataError: no pictures, another number of titles, or an array that is no picture.
    """
    pictures = list(pictures)
    if not pictures:
        raise DataError("no pictures to show: expected at least one")
    if titles is not None and len(titles) != len(pictures):
        raise DataError(f"{len(titles)} titles for {len(pictures)} pictures: expected as many")
    columns = min(len(pictures), columns or MAX_COLUMNS)
    count = -(-len(pictures) // columns)
    titled = set(range(count)) if titles is not None and any(titles) else set()
    return _tiled(pictures, list(titles or [""] * len(pictures)), columns, suptitle, titled_rows=titled)


def receptive_fields(layers: Sequence[tuple[int, int]]) -> list[int]:
    """Side, in input pixels, of what one unit sees after each of a chain of layers.

    Args:
        layers: (kernel, stride) of each convolution or pooling layer, from the input on.

    Returns:
        One number per layer: r_l = r_(l-1) + (k_l - 1) * (s_1 * ... * s_(l-1)).
    """
    sizes, size, jump = [], 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
        sizes.append(size)
    return sizes


def receptive_field(
    picture: np.ndarray,
    layers: Sequence[tuple[int, int]],
    centre: tuple[int, int] | None = None,
    title: str | None = None,
) -> "Figure":
    """What one unit sees of a face, layer by layer: squares on the picture, beside a list of their sides.

    Args:
        picture: (H, W), (H, W, 1) or (H, W, 3), uint8 or floats in [0, 1].
        layers: (kernel, stride) of each layer.
        centre: (row, column) of the unit, by default the middle.
        title: a line above the picture.
    """
    from matplotlib.patches import Rectangle

    sizes = receptive_fields(layers)
    height, width = np.asarray(picture).shape[:2]
    row, column = centre or (height // 2, width // 2)
    with sheet(WIDTH, 4.0) as figure:
        axes = figure.add_axes((0.02, 0.03, 0.5, 0.87 if title else 0.94))
        _show(axes, picture)
        axes.set_aspect("equal", anchor="NW")
        axes.set_xlim(-0.5, width - 0.5)
        axes.set_ylim(height - 0.5, -0.5)
        legend = figure.add_axes((0.56, 0.03, 0.42, 0.94))
        legend.set_axis_off()
        step = min(0.1, 0.86 / len(sizes))
        for x, heading in ((0.0, "layer"), (0.28, "kernel, stride"), (0.72, "sees")):
            legend.text(x, 0.97, heading, color=MUTED, va="center", fontsize=10)
        for index, (size, (kernel, stride)) in enumerate(zip(sizes, layers, strict=True)):
            share = (index + 1) / len(sizes)
            colour = _blend(INK, ACCENT, share)
            corner = (column - size / 2, row - size / 2)
            axes.add_patch(
                Rectangle(corner, size, size, fill=False, edgecolor=colour, linewidth=0.9 + 1.3 * share)
            )
            y = 0.87 - index * step
            legend.text(0.0, y, str(index + 1), va="center", color=colour)
            legend.text(0.28, y, f"{kernel} x {kernel}, {stride}", va="center")
            legend.text(0.72, y, f"{size} x {size}", va="center", color=colour, fontweight="bold")
        if title:
            figure.text(0.02, 0.95, title, fontsize=11.5)
    return figure


def _named(fitted: Sequence[Any], labels: Sequence[str] | None) -> tuple[list[str], list[Any]]:
    names: list[str] = []
    methods: list[Any] = []
    for item in fitted:
        entries = item.items() if isinstance(item, Mapping) else [(_name(item, len(names) + 1), item)]
        for name, method in entries:
            names.append(str(name))
            methods.append(method)
    if labels is not None:
        if len(labels) != len(methods):
            raise MethodError(f"{len(labels)} labels for {len(methods)} methods: expected as many")
        names = list(labels)
    return names, methods


def _name(method: Any, number: int) -> str:
    described = getattr(method, "method", None)
    return getattr(described, "id", None) or getattr(method, "__name__", None) or f"output {number}"


def _outputs(method: Any, inputs: np.ndarray, total: int, task: str, name: str) -> np.ndarray:
    if getattr(method, "task", task) != task:
        raise MethodError(
            f"{name} was fitted for {method.task}, the sheet shows {task}: pass methods of one task"
        )
    translate: Callable | None = getattr(method, "translate", None) or (method if callable(method) else None)
    outputs = np.asarray(translate(inputs) if translate else method)
    if len(outputs) not in (len(inputs), total):
        raise DataError(f"{name} has {len(outputs)} outputs for {total} pairs: expected one for each")
    return outputs[: len(inputs)]


def _tiled(
    tiles: Sequence[np.ndarray | None],
    titles: Sequence[str],
    columns: int,
    heading: str | None,
    titled_rows: set[int],
) -> "Figure":
    """Lay tiles out in exact inches: tight rows, and room for a title above the rows that have one."""
    first = np.asarray(next(tile for tile in tiles if tile is not None))
    count = -(-len(tiles) // columns)
    # A few pictures need not fill the page: no tile is wider than a third of it.
    tile = min((WIDTH - _GAP * (columns + 1)) / columns, WIDTH / 3)
    width = tile * columns + _GAP * (columns + 1)
    tall = tile * first.shape[0] / first.shape[1]
    fitting = _wrapped(titles, tile)
    lines = {row: _lines(fitting[row * columns : (row + 1) * columns]) for row in titled_rows}
    space = {row: lines[row] * _LINE + 0.04 if row in titled_rows else 0.0 for row in range(count)}
    top = 0.36 if heading else _GAP
    height = top + sum(space.values()) + count * (tall + _GAP)
    with sheet(width, height) as figure:
        if heading:
            figure.text(_GAP / width, 1 - 0.1 / height, heading, va="top", fontsize=11.5)
        y = height - top
        for row in range(count):
            y -= space[row] + tall
            for column, index in enumerate(range(row * columns, min(len(tiles), (row + 1) * columns))):
                if tiles[index] is None:
                    continue
                left = _GAP + column * (tile + _GAP)
                axes = figure.add_axes((left / width, y / height, tile / width, tall / height))
                _show(axes, tiles[index])
                if fitting[index]:
                    axes.set_title(fitting[index], loc="center", pad=3, fontsize=9.5)
            y -= _GAP
    return figure


def _wrapped(titles: Sequence[str], inches: float) -> list[str]:
    """Break titles at spaces and hyphens to fit their columns (about 13 letters an inch at 9.5 pt)."""
    import textwrap

    letters = max(8, int(inches * 13))
    return ["\n".join(textwrap.wrap(title, letters)) if title else "" for title in titles]


def _lines(titles: Sequence[str]) -> int:
    return max((title.count("\n") + 1 for title in titles if title), default=0)


def _show(axes: "Axes", picture: np.ndarray) -> None:
    array = np.asarray(picture)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise DataError(
            f"an array of shape {array.shape} is no picture: expected (H, W), (H, W, 1) or (H, W, 3)"
        )
    if array.dtype != np.uint8:
        array = np.clip(array.astype(np.float32), 0, 1)
    axes.imshow(array, vmin=0, vmax=255 if array.dtype == np.uint8 else 1, aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _blend(start: str, end: str, share: float) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    a, b = np.array(to_rgb(start)), np.array(to_rgb(end))
    red, green, blue = a + (b - a) * share
    return float(red), float(green), float(blue)
