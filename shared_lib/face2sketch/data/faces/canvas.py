"""A small drawing surface in continuous coordinates.

Everything is drawn in *face units*: the origin lies midway between the eyes, one unit is the distance between the
pupils, x grows to the viewer's right, y grows downwards. A picture whose shorter side is S pixels shows four units along
it, so the pupils stand at 0.375 S and 0.625 S: the alignment that CUHK student and CUFS use (eyes at (75, 125) and
(125, 125) of a picture 200 wide and 250 high). One person therefore looks the same at every size.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import ndimage

UNITS_ACROSS = 4.0
_EXTENT = 4.2  # noise lattices cover [-4.2, 4.2] in both directions, whatever the picture's size


class Canvas:
    """Pixel grid of `height` x `width` with coordinates in face units.

    Attributes: `x`, `y` float32 (H, W), pixel centres; `scale` pixels per unit.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.scale = min(height, width) / UNITS_ACROSS
        column = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / self.scale
        row = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) / self.scale
        self.x, self.y = np.meshgrid(column.astype(np.float32), row.astype(np.float32))

    def pixel(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Fractional (row, column) of points given in face units."""
        return y * self.scale + (self.height / 2 - 0.5), x * self.scale + (self.width / 2 - 0.5)

    def sample(self, field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Values of a per-pixel `field` (H, W) at points, nearest pixel, clamped at the border."""
        return field.ravel()[self.nearest(x, y)]

    def nearest(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Index of the pixel nearest to each point, into a flattened field; points outside go to the border."""
        row, column = self.pixel(x, y)
        row = np.minimum(np.maximum(row + 0.5, 0), self.height - 1).astype(np.int32)
        column = np.minimum(np.maximum(column + 0.5, 0), self.width - 1).astype(np.int32)
        return row * self.width + column

    def cover(self, distance: np.ndarray, soft: float = 0.0) -> np.ndarray:
        """Coverage in [0, 1] from a signed distance (inside positive, face units), anti-aliased over one pixel at least."""
        ramp = max(soft, 0.6 / self.scale)
        return smoothstep(-ramp, ramp, distance)

    def blur(self, field: np.ndarray, sigma: float) -> np.ndarray:
        """Gaussian blur with `sigma` in face units."""
        return ndimage.gaussian_filter(field, sigma * self.scale, mode="nearest", truncate=3.0)

    def soften(self, field: np.ndarray, sigma: float) -> np.ndarray:
        """A cheap wide blur: two box filters, each about twice `sigma` (face units) wide.

        The standard deviation of both together is 0.82 `sigma` where the box is many pixels wide. A box has an odd number of
        pixels: one of three gives 0.7 to 1.5 `sigma`, and where `sigma` is below 0.75 pixels, nothing is blurred.
        """
        width = max(1, round(sigma * self.scale * 2.0) | 1)
        for _ in range(2):
            field = ndimage.uniform_filter(field, width, mode="nearest")
        return field

    def noise(self, rng: np.random.Generator, cell: float) -> np.ndarray:
        """Smooth random field (H, W), mean 0, about unit variance, features of about `cell` units."""
        count = round(2 * _EXTENT / cell) + 2
        lattice = rng.standard_normal((count, count), dtype=np.float32)
        return self.lattice(lattice, cell)

    def lattice(self, lattice: np.ndarray, cell: float) -> np.ndarray:
        """Interpolate a lattice with spacing `cell` (units), centred on the origin, at every pixel."""
        rows = _weights(self.y[:, 0], cell, lattice.shape[0])
        columns = _weights(self.x[0], cell, lattice.shape[1])
        (r, fr), (c, fc) = rows, columns
        across = lattice[:, c] + (lattice[:, c + 1] - lattice[:, c]) * fc
        return (across[r] + (across[r + 1] - across[r]) * fr[:, None]) * np.float32(1.35)


def _weights(position: np.ndarray, cell: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    place = position / np.float32(cell) + np.float32((count - 1) / 2)
    index = np.clip(np.floor(place), 0, count - 2).astype(np.intp)
    fraction = np.clip(place - index, 0, 1).astype(np.float32)
    return index, fraction * fraction * (3 - 2 * fraction)


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a smooth cubic between."""
    t = np.minimum(np.maximum((value - low) * (1.0 / (high - low)), 0), 1)
    return t * t * (3 - 2 * t)


def bump(x: np.ndarray, y: np.ndarray, cx: float, cy: float, sx: float, sy: float) -> np.ndarray:
    """Gaussian hill of height 1 at (cx, cy) with standard deviations sx, sy."""
    u, v = (x - cx) * (1 / sx), (y - cy) * (1 / sy)
    return np.exp(-0.5 * (u * u + v * v))


@lru_cache(maxsize=1)
def paper_tile() -> np.ndarray:
    """The tooth of drawing paper: a fixed 640 x 640 field, zero mean, unit variance, read at a person's own offset."""
    rng = np.random.Generator(np.random.PCG64(20240229))
    white = rng.standard_normal((640, 640), dtype=np.float32)
    tile = ndimage.gaussian_filter(white, 0.8, mode="wrap") - 0.6 * ndimage.gaussian_filter(
        white, 2.2, mode="wrap"
    )
    tile = (tile - tile.mean()) / tile.std()
    tile.setflags(write=False)
    return tile


def paper(canvas: Canvas, rng: np.random.Generator) -> np.ndarray:
    """Paper tooth under this canvas, (H, W) float32, about unit variance."""
    shift = rng.integers(0, 640, 2)
    return canvas.lattice(
        np.roll(paper_tile(), tuple(int(s) for s in shift), (0, 1)), 2 * _EXTENT / 638
    ) * np.float32(0.74)


def shrink(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Average the pixels of (H, W) or (H, W, C) float under each pixel of a smaller picture, by area, to (height, width)."""
    for axis, count in ((0, height), (1, width)):
        size = picture.shape[axis]
        if size == count:
            continue
        total = np.concatenate(
            [np.zeros_like(np.take(picture, [0], axis)), np.cumsum(picture, axis, dtype=np.float64)], axis
        )
        edge = np.arange(count + 1) * (size / count)
        index = np.minimum(edge.astype(np.intp), size - 1)
        part = (edge - index).reshape([-1 if a == axis else 1 for a in range(picture.ndim)])
        low, high = np.take(total, index, axis), np.take(total, index + 1, axis)
        picture = np.diff(low + (high - low) * part, axis=axis) * (count / size)
    return picture.astype(np.float32)
