"""A network drawn as blocks: as high as its resolution, as wide as its channels."""

from collections.abc import Iterable
from math import log2, sqrt
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from .style import ACCENT, COLOURS, INK, MUTED, WIDTH, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = {
    "input": INK,
    "convolution": COLOURS[0],
    "transposed": COLOURS[1],
    "pooling": COLOURS[4],
    "upsampling": COLOURS[3],
    "dense": COLOURS[2],
    "block": COLOURS[5],
    "other": MUTED,
}
_ROWS = 18  # blocks that fit beside each other with their numbers legible


def architecture(network: Any, title: str | None = None) -> "Figure":
    """Draw a network from input to output.

    A tensor (H, W, C) is a block whose height grows with the square root of H (so that 2 and 256 are both
    seen) and whose width with log2 of C. A vector of n numbers is a thin bar, its height growing with log2
    n. Above each block stands its side or length, below it the number of channels. The narrowest tensor, the
    one of fewest numbers, has a red edge.

    Args:
        network: (name, output shape without batch) pairs; the kind is read from the name ("conv2d_3",
            "max_pooling", "dense", ...). Also a table of `published.layers`, or a built Keras model.
        title: a line above the drawing.

    Raises:
        DataError: no layers, or a shape that is neither (n,) nor (H, W, C).
    """
    from matplotlib.patches import Patch

    layers = list(_layers(network))
    if not layers:
        raise DataError("no layers to draw: expected (name, output shape) pairs or a built model")
    blocks = [_block(name, shape) for name, shape in layers]
    narrowest = min(range(len(layers)), key=lambda index: _numbers(layers[index][1]))
    rows = [blocks[start : start + _ROWS] for start in range(0, len(blocks), _ROWS)]
    with sheet(WIDTH, 2.55 * len(rows) + (0.6 if title else 0.35)) as figure:
        figure.set_layout_engine("constrained")
        for index, axes in enumerate(figure.subplots(len(rows), 1, squeeze=False)[:, 0]):
            _draw(axes, rows[index], narrowest - index * _ROWS)
        kinds = [kind for kind in _KINDS if any(block["kind"] == kind for block in blocks)]
        least = Patch(facecolor="none", edgecolor=ACCENT, linewidth=2.4)
        least.set_label(f"narrowest: {_numbers(layers[narrowest][1]):,} numbers")
        handles = [*(_swatch(kind) for kind in kinds), least]
        figure.legend(handles=handles, loc="outside lower left", ncols=3, handlelength=1, columnspacing=1.2)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11.5)
    return figure


def _layers(network: Any) -> Iterable[tuple[str, tuple[int, ...]]]:
    if hasattr(network, "columns"):
        return zip(network["name"], network["shape"], strict=True)
    if hasattr(network, "layers"):
        return [(layer.name, tuple(layer.output.shape[1:])) for layer in network.layers]
    return [(name, tuple(shape)) for name, shape in network]


def _numbers(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def _block(name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    if len(shape) not in (1, 3) or not all(isinstance(side, int) and side > 0 for side in shape):
        raise DataError(f"layer {name!r} has the output shape {shape}: expected (n,) or (H, W, C)")
    if len(shape) == 1:
        height, width, above, below = log2(shape[0] + 1) / 16, 0.16, str(shape[0]), ""
    else:
        height, width = sqrt(shape[0] / 256), 0.12 + 0.06 * log2(shape[2])
        above, below = str(shape[0]), str(shape[2])
    return {"kind": _kind(name), "height": height, "width": width, "above": above, "below": below}


def _kind(name: str) -> str:
    text = name.lower()
    words = (
        ("input", "input"), ("transpose", "transposed"), ("upsampling", "upsampling"),
        ("up_sampling", "upsampling"), ("pool", "pooling"), ("conv", "convolution"), ("dense", "dense"),
        ("sequential", "block"), ("functional", "block"), ("model", "block"),
    )  # fmt: skip
    return next((kind for word, kind in words if word in text), "other")


def _draw(axes: Any, blocks: list[dict[str, Any]], narrowest: int) -> None:
    from matplotlib.patches import FancyBboxPatch

    tallest = max(block["height"] for block in blocks)
    # Few layers are not stretched over the whole page.
    span = max(7.0, sum(max(block["width"], 0.5) + 0.12 for block in blocks))
    x = 0.0
    for index, block in enumerate(blocks):
        slot = max(block["width"], 0.5)
        left, bottom = x + (slot - block["width"]) / 2, -block["height"] / 2
        colour = _KINDS[block["kind"]]
        edge, line = (ACCENT, 2.4) if index == narrowest else (colour, 1.0)
        axes.add_patch(
            FancyBboxPatch(
                (left, bottom), block["width"], block["height"], boxstyle="round,pad=0,rounding_size=0.02",
                facecolor=(*_rgb(colour), 0.3), edgecolor=edge, linewidth=line,
            )
        )  # fmt: skip
        middle = x + slot / 2
        gap = 0.03 * tallest
        axes.text(middle, -bottom + gap, block["above"], ha="center", va="bottom", fontsize=9)
        axes.text(middle, bottom - gap, block["below"], ha="center", va="top", fontsize=9, color=MUTED)
        x += slot + 0.12
    axes.set_xlim(-0.05, span)
    axes.set_ylim(-0.68 * tallest, 0.68 * tallest)
    axes.set_axis_off()


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def _swatch(kind: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=(*_rgb(_KINDS[kind]), 0.3), edgecolor=_KINDS[kind], label=kind)
