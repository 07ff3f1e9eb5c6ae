"""Strokes: following a direction field, and laying down pigment. Hair in the photo and all of the sketch are made of them.

A bundle of strokes is a pair of arrays x, y of shape (strokes, points), in face units.
"""

from __future__ import annotations

import numpy as np

from .canvas import Canvas
from .geometry import Form

POINT = 0.0095  # sigma of a sharp pencil's line, in face units (0.5 pixel of a 200-pixel picture)


def follow(
    canvas: Canvas, x, y, field_x, field_y, steps: int, step, curl=0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Walk `steps` steps of length `step` (units; a number or one per stroke) through a direction field from (x, y).

    `curl` (radians per step, a number or one per stroke) bends each stroke on its own. Returns x, y: (strokes, steps + 1).
    """
    xs, ys = np.empty((steps + 1, len(x)), np.float32), np.empty((steps + 1, len(x)), np.float32)
    xs[0], ys[0] = x, y
    flat_x, flat_y = field_x.ravel(), field_y.ravel()
    for i in range(steps):
        at = canvas.nearest(xs[i], ys[i])
        dx, dy = flat_x[at], flat_y[at]
        if np.ndim(curl) or curl:
            c, s = np.cos(curl * (i - 0.5 * steps)), np.sin(curl * (i - 0.5 * steps))
            dx, dy = dx * c - dy * s, dx * s + dy * c
        xs[i + 1], ys[i + 1] = xs[i] + dx * step, ys[i] + dy * step
    return xs.T, ys.T


def taper(points: int, start: float = 0.15, end: float = 0.35) -> np.ndarray:
    """Pressure along a stroke: rises over the first `start` of its length, falls over the last `end`."""
    t = np.arange(points, dtype=np.float32) * np.float32(1 / (points - 1))
    return np.minimum(1, (t + 0.02) / max(start, 1e-3)) * np.minimum(1, (1.02 - t) / max(end, 1e-3))


def refine(canvas: Canvas, x, y, pressure):
    """Insert points until neighbours lie at most about 1.5 pixels apart, so that a stroke never breaks into dots."""
    if not x.size:
        return x, y, pressure
    gap = float(np.max(np.hypot(np.diff(x, axis=1), np.diff(y, axis=1)), initial=0)) * canvas.scale
    factor = int(np.ceil(gap / 1.5))
    if factor <= 1:
        return x, y, pressure
    place = np.arange(0, x.shape[1] - 1 + 1e-6, 1 / factor)
    index = np.minimum(place.astype(np.intp), x.shape[1] - 2)
    part = (place - index).astype(np.float32)
    return tuple(a[:, index] + (a[:, index + 1] - a[:, index]) * part for a in (x, y, pressure))


def splat(canvas: Canvas, x: np.ndarray, y: np.ndarray, pressure: np.ndarray, width: float) -> np.ndarray:
    """Pigment (H, W) of strokes with `pressure` (strokes, points) and a Gaussian cross-section of sigma `width` (units).

    A single stroke of pressure 1 leaves about 1.0 along its middle where `width` is 0.6 pixels or more. A narrower one
    leaves the same pigment in all, but spread over whole pixels, and less along its middle: a sharp pencil's (`POINT`) about
    0.9 in a picture of 200 pixels, 0.6 in one of 128, 0.3 in one of 64.
    """
    if not x.size:
        return np.zeros((canvas.height, canvas.width), np.float32)
    pressure = np.broadcast_to(pressure, x.shape)
    x, y, pressure = refine(canvas, x, y, pressure)
    length = np.hypot(x[:, 1:] - x[:, :-1], y[:, 1:] - y[:, :-1])
    length = np.concatenate([length, length[:, -1:]], axis=1)
    return dabs(canvas, x.ravel(), y.ravel(), (pressure * length).ravel(), width)


def dabs(canvas: Canvas, x: np.ndarray, y: np.ndarray, ink: np.ndarray, width: float) -> np.ndarray:
    """Pigment (H, W) of single dabs at points; `ink` is pressure times the length (units) of line that a dab stands for."""
    row, column = canvas.pixel(x, y)
    keep = np.flatnonzero(
        (row > 0) & (column > 0) & (row < canvas.height - 1) & (column < canvas.width - 1) & (ink > 1e-6)
    )
    row, column = row[keep], column[keep]
    ink = ink[keep] * np.float32(2.5066 * width * canvas.scale**2)
    r, c = row.astype(np.int32), column.astype(np.int32)
    fr, fc = row - r, column - c
    base = r * canvas.width + c
    low = ink * fr
    high = ink - low
    low_c, high_c = low * fc, high * fc
    where = np.concatenate([base, base + 1, base + canvas.width, base + canvas.width + 1])
    amount = np.concatenate([high - high_c, high_c, low - low_c, low_c])
    total = np.bincount(where, amount, canvas.height * canvas.width)
    pigment = total.reshape(canvas.height, canvas.width).astype(np.float32)
    rest = (
        width * canvas.scale
    ) ** 2 - 0.22  # sharing among four pixels has spread it already, by this variance
    return canvas.blur(pigment, rest**0.5 / canvas.scale) if rest > 0.06 else pigment


def _resample(rows: np.ndarray, count: int) -> np.ndarray:
    """Each row (rows, points) read at `count` equally spaced places, by straight lines between its points."""
    place = np.arange(count, dtype=np.float32) * np.float32((rows.shape[1] - 1) / (count - 1))
    index = np.minimum(place.astype(np.int32), rows.shape[1] - 2)
    low = rows[:, index]
    return low + (rows[:, index + 1] - low) * (place - index)


class Hand:
    """Collects lines drawn by one hand: each with its pressure profile, a slight wobble and a second, restated pass.

    Nothing reaches the sheet before `lift()`, which returns the pigment of all lines drawn since the last call.
    """

    def __init__(self, form: Form, rng: np.random.Generator) -> None:
        self.form, self.rng = form, rng
        self.lines: dict[tuple[float, bool], list] = {}

    def line(self, x, y, weight: float | np.ndarray = 1.0, **options) -> None:
        """A line through canvas points x, y (count,). Options: see `_draw`."""
        self._draw(x, y, weight, None, **options)

    def face(self, x, y, weight: float | np.ndarray = 1.0, depth: float = 0.0, **options) -> None:
        """A line given in face coordinates, `depth` units in front of the face's surface."""
        self._draw(x, y, weight, depth, **options)

    def _draw(self, x, y, weight, depth, width=POINT, passes=2, wobble=0.006, ends=(0.15, 0.25)) -> None:
        """Draw `passes` times, each a little differently: `wobble` in face units; `ends`: parts of the length that taper."""
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        dx, dy = x[1:] - x[:-1], y[1:] - y[:-1]
        total = float(np.sqrt(dx * dx + dy * dy).sum())
        count = max(12, int(total * self.form.canvas.scale / 1.1))
        weight = np.atleast_1d(np.asarray(weight, np.float32))
        line = _resample(np.stack([x, y]), count)
        press = taper(count, *ends) * (_resample(weight[None], count)[0] if weight.size > 1 else weight)
        press = press * np.float32(total / count / (0.45 + 0.55 * passes))
        swing = _resample(self.rng.standard_normal((3 * passes, 9), dtype=np.float32), count).reshape(
            passes, 3, count
        )
        bucket = self.lines.setdefault((0.010 if width < 0.0115 else 0.0145, depth is None), [])
        place = line[None] + np.float32(wobble) * swing[:, :2]
        press = press * (1 + np.float32(0.22) * swing[:, 2])
        bucket.append(
            (
                place[:, 0].ravel(),
                place[:, 1].ravel(),
                press.ravel(),
                np.full(press.size, depth or 0.0, np.float32),
            )
        )

    def lift(self) -> np.ndarray:
        """Pigment (H, W) of the lines collected so far, which are then forgotten."""
        ink, form = np.zeros_like(self.form.x), self.form
        for width in sorted({width for width, _ in self.lines}):
            parts = []
            for flat in (True, False):
                lines = self.lines.get((width, flat))
                if lines:
                    x, y, press, depth = (
                        np.concatenate(column).astype(np.float32) for column in zip(*lines, strict=True)
                    )
                    parts.append((x, y, press) if flat else (*form.place(x, y, depth), press))
            ink += dabs(form.canvas, *(np.concatenate(column) for column in zip(*parts, strict=True)), width)
        self.lines = {}
        return ink
