"""The form that photo and sketch share: outline of the head, relief of the face, pose.

`Form` evaluates one person's head on a canvas. Turning the head (yaw) is done by parallax: a point of the face that stands
out by z moves sideways by z sin(yaw), which is what separates a turned face from a face that was merely shifted.
"""

from __future__ import annotations

from math import cos, radians, sin
from types import SimpleNamespace

import numpy as np

from .canvas import Canvas, bump, smoothstep
from .person import Person

_TABLE = 720
_SOFT = np.hanning(27) / np.hanning(27).sum()  # rounds the corners of an outline of hair
_EDGE = 0.012  # keeps the dome's slope finite at the outline
_RIM = 0.88 * _EDGE**0.5


def _closed_curve(angle: np.ndarray, radius: np.ndarray, wanted: np.ndarray, smooth: bool) -> np.ndarray:
    """Radius at the `wanted` angles of a closed curve through (angle, radius): piecewise cubic, by Hermite's formula.

    `smooth`: tangents by central differences; otherwise by harmonic means (Fritsch and Carlson 1980), which never overshoot
    between points that lie far apart, as the ends of long hair do.
    """
    turn = 2 * np.pi
    a = np.concatenate([angle[-2:] - turn, angle, angle[:3] + turn])
    r = np.concatenate([radius[-2:], radius, radius[:3]])
    step = np.diff(a)
    rise = np.diff(r) / step
    if smooth:
        tangent = (rise[:-1] * step[1:] + rise[1:] * step[:-1]) / (step[1:] + step[:-1])
    else:
        same = rise[:-1] * rise[1:] > 0
        tangent = np.where(same, 2 * rise[:-1] * rise[1:] / np.where(same, rise[:-1] + rise[1:], 1.0), 0.0)
    tangent = np.concatenate([[0.0], tangent, [0.0]])
    at = np.mod(wanted - angle[0], turn) + angle[0]
    k = np.searchsorted(a, at, side="right") - 1
    h, t = step[k], (at - a[k]) / step[k]
    bend = r[k] * (1 + 2 * t) * (1 - t) ** 2 + r[k + 1] * t * t * (3 - 2 * t)
    return bend + h * (tangent[k] * t * (1 - t) ** 2 - tangent[k + 1] * t * t * (1 - t))


class Outline:
    """A closed, star-shaped curve around (0, `middle`), given by points of its right and left halves from top to bottom."""

    def __init__(
        self,
        right: list,
        left: list | None = None,
        middle: float = 0.15,
        ragged: np.ndarray | None = None,
        smooth: bool = False,
    ) -> None:
        left = right if left is None else left
        points = [(x, y) for x, y in right] + [(-x, y) for x, y in left[-2:0:-1]]
        x, y = np.array(points, float).T
        angle = np.unwrap(np.arctan2(y - middle, x))
        radius = np.hypot(x, y - middle)
        self.middle = middle
        self.angles = np.linspace(-np.pi, np.pi, _TABLE + 1)
        self.radii = np.maximum(_closed_curve(angle, radius, self.angles, smooth), 0.05)
        if not smooth:
            self.radii = np.convolve(
                np.concatenate([self.radii[-14:-1], self.radii, self.radii[1:14]]), _SOFT, "valid"
            )
        slope = np.gradient(self.radii, self.angles) / self.radii
        steep = 1 / np.sqrt(1 + slope * slope)
        if ragged is not None:
            self.radii = self.radii + ragged
        self._table, self._steep = self.radii.astype(np.float32), steep.astype(np.float32)

    def polar(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(relative radius, 1 on the curve; signed distance, inside positive) of points in face units."""
        v = y - self.middle
        radius = np.sqrt(x * x + v * v)
        place = (np.arctan2(v, x) + np.pi) * (_TABLE / (2 * np.pi))
        index = np.minimum(place.astype(np.int32), _TABLE - 1)
        part = place - index
        edge = self._table[index]
        edge = edge + (self._table[index + 1] - edge) * part
        return radius / edge, (edge - radius) * self._steep[index]

    def points(self, start: float, stop: float, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Points of the curve between two angles (radians, 0 to the right, growing downwards)."""
        angle = np.linspace(start, stop, count)
        radius = np.interp(np.mod(angle + np.pi, 2 * np.pi) - np.pi, self.angles, self.radii)
        return radius * np.cos(angle), self.middle + radius * np.sin(angle)


def head_outline(p: Person) -> Outline:
    """Skull, temples, cheekbones, jaw and chin; the lower half is convex whatever the proportions are."""
    w, cheek = p.face_width, p.face_width * p.cheek_width
    point = min(
        max(0.60 - 1.1 * (p.chin_width - 0.345), 0.48), 0.66
    )  # exponent: small is a broad chin, large a pointed one
    ratio = min(max(p.jaw_width / cheek, 0.71), 0.92)
    start, level = 0.15, (1.0 - 0.15) / (1.60 - 0.15)
    square = np.log(1 - ratio ** (1 / point)) / np.log(level)
    drop = np.array([0.16, 0.34, 0.50, 0.64, 0.76, 0.86, 0.94, 0.985])
    lower = zip(cheek * (1 - drop**square) ** point, start + (p.chin_y - start) * drop, strict=True)
    upper = [(0, -1.52), (0.56 * w, -1.38), (0.90 * w, -0.88), (w, -0.22)]
    return Outline([*upper, *lower, (0, p.chin_y)], smooth=True)


class Form:
    """One person's head on one canvas.

    `hx, hy`: coordinates that lean with the head. `ox`: the same, centred on the turned head's outline (ears, hair).
    `fx`: sideways coordinate on the face's surface (features); `nx`: the same for the tip of the nose. All float32 (H, W).
    `rho`, `inside`: relative radius and signed distance to the head's outline. `height`: relief of the face, face units.
    """

    DEPTH = 0.95

    def __init__(
        self, person: Person, canvas: Canvas, warp: tuple[np.ndarray, np.ndarray] | None = None
    ) -> None:
        self.person, self.canvas, self.warp = person, canvas, warp
        self.outline = head_outline(person)
        self.turn = sin(radians(person.yaw))
        self.lean = cos(radians(person.tilt)), sin(radians(person.tilt))
        eye_rho = float(self.outline.polar(np.float32([0.5]), np.float32([0.0]))[0][0])
        self.eye_depth = self.DEPTH * (1 - eye_rho**2)
        self.x = canvas.x if warp is None else canvas.x + warp[0]
        self.y = canvas.y if warp is None else canvas.y + warp[1]
        c, s = np.float32(self.lean[0]), np.float32(self.lean[1])
        self.hx, self.hy = self.x * c + self.y * s, self.y * c - self.x * s
        self.ox = self.hx + np.float32(self.turn * self.eye_depth)
        self.rho, self.inside = self.outline.polar(self.ox, self.hy)
        dome = self.DEPTH * np.clip(1 - self.rho * self.rho, 0, None)
        self.fx = self.ox - np.float32(self.turn) * dome
        stand = nose_profile(self.hy, person) * np.float32(0.30)
        self.nx = self.fx - np.float32(self.turn) * stand
        self.skin = canvas.cover(self.inside)
        self.height = np.full_like(self.rho, _RIM)
        face = self.face()
        self.height[face.box] = relief(face)

    def face(self) -> SimpleNamespace:
        """The part of the canvas that holds the face: its slices `box` and the fields of this form cut to them."""
        p, scale = self.person, self.canvas.scale
        middle, reach = (
            self.canvas.width / 2 - self.turn * self.eye_depth * scale,
            (p.face_width + 0.25) * scale,
        )
        top, bottom = ((y * scale) + self.canvas.height / 2 for y in (-1.75, p.chin_y + 0.22))
        box = (
            slice(max(int(top), 0), int(bottom) + 1),
            slice(max(int(middle - reach), 0), int(middle + reach) + 1),
        )
        cut = {name: getattr(self, name)[box] for name in ("fx", "nx", "hy", "rho", "skin", "height")}
        return SimpleNamespace(person=p, canvas=self.canvas, box=box, **cut)

    def place(self, fx, fy, depth: float | np.ndarray = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Where on the canvas a point of the face appears; `depth` says how far it stands out from the surface."""
        fx, fy = np.asarray(fx, np.float32), np.asarray(fy, np.float32)
        ox = fx
        for _ in range(3):
            rho = self.outline.polar(ox, fy)[0]
            ox = fx + self.turn * (self.DEPTH * np.clip(1 - rho * rho, 0, None) + depth)
        return self.place_outline(ox, fy)

    def place_outline(self, ox, oy) -> tuple[np.ndarray, np.ndarray]:
        """Where a point given in outline coordinates (ox, hy) appears on the canvas."""
        hx, hy = np.asarray(ox, np.float32) - self.turn * self.eye_depth, np.asarray(oy, np.float32)
        c, s = self.lean
        x, y = hx * c - hy * s, hy * c + hx * s
        if self.warp is None:
            return x, y
        return x - self.canvas.sample(self.warp[0], x, y), y - self.canvas.sample(self.warp[1], x, y)


def nose_profile(y: np.ndarray, p: Person) -> np.ndarray:
    """How far the ridge of the nose stands out, 0 at the root, 1 at the tip, 0 again below the base."""
    tip = p.nose_y - 0.10
    rise = smoothstep(-0.30, tip, y) ** 0.8 * (0.75 + 0.25 * min(p.nose_bridge, 1.3))
    return rise * (1 - smoothstep(tip - 0.02, p.nose_y + 0.11, y))


def relief(f: SimpleNamespace) -> np.ndarray:
    """Height of the face over the picture plane: dome of the head plus brow, sockets, nose, cheeks, muzzle, lips, chin."""
    p, x, y = f.person, f.fx, f.hy
    dome = np.sqrt(1 - np.minimum(f.rho, 1) ** 2.6 + _EDGE) * np.float32(0.88)
    side = np.abs(x)
    z = dome + 0.055 * bump(side, y, 0.42, p.brow_y + 0.03, 0.34, 0.10)
    z -= 0.105 * bump(side, y, 0.47, -0.03, 0.23, 0.16)
    z += 0.060 * bump(side, y, 0.5, 0.0, 0.17, 0.085)
    z -= 0.028 * bump(side, y, 0.46, 0.17, 0.20, 0.05) * min(1.6, 0.55 + p.age / 60)
    z += 0.075 * p.cheek_full * bump(side, y, 0.60, 0.42, 0.25, 0.25)
    z -= 0.030 * bump(side, y, 0.74, 0.92, 0.14, 0.28) * (2.0 - p.cheek_full)
    z -= 0.035 * bump(side, y, 0.95, -0.42, 0.15, 0.25)
    if p.age > 40:
        lines = np.sin((y + 0.05 * x * x) * 42) * bump(x, y, 0, -0.66 * p.forehead, 0.36, 0.13)
        z += 0.00016 * (p.age - 40) * lines
    return z + _nose(f) + _mouth_and_chin(f)


def _nose(f: SimpleNamespace) -> np.ndarray:
    p, y = f.person, f.hy
    profile = nose_profile(y, p)
    width = np.float32(0.085) + (p.nose_width * 0.50 - 0.085) * smoothstep(0.1, p.nose_y - 0.1, y)
    ridge = profile * np.exp(-0.5 * (f.nx / width) ** 2) * np.float32(0.165)
    root = 0.05 * p.nose_bridge * bump(f.nx, y, 0, 0.0, 0.085, 0.26)
    flare = np.abs(f.nx)
    wings = 0.075 * bump(flare, y, p.nose_width - 0.070, p.nose_y - 0.055, 0.060, 0.066)
    tip = 0.070 * bump(f.nx, y, 0, p.nose_y - 0.085, 0.105, 0.085)
    return ridge + root + wings + tip


def _mouth_and_chin(f: SimpleNamespace) -> np.ndarray:
    p, x, y = f.person, f.fx, f.hy
    side, m = np.abs(x), p.mouth_y
    z = 0.085 * bump(x, y, 0, m - 0.02, 0.34, 0.26)
    line = y - mouth_line(x, p)
    across = np.exp(-0.5 * (x / (p.mouth_width * 0.62)) ** 2)
    z += 0.045 * across * np.exp(-0.5 * ((line + 0.45 * p.lip_upper) / (0.55 * p.lip_upper + 0.01)) ** 2)
    z += 0.062 * across * np.exp(-0.5 * ((line - 0.50 * p.lip_lower) / (0.52 * p.lip_lower + 0.01)) ** 2)
    z -= 0.030 * np.exp(-0.5 * (x / (p.mouth_width * 0.7)) ** 2) * np.exp(-0.5 * (line / 0.018) ** 2)
    z -= 0.014 * bump(x, y, 0, p.nose_y + 0.14, 0.030, 0.09)
    z -= 0.045 * bump(x, y, 0, m + p.lip_lower + 0.085, 0.22, 0.045)
    z += 0.090 * bump(x, y, 0, p.chin_y - 0.17, 0.23, 0.13)
    fold = p.nose_width + 0.03 + (y - p.nose_y + 0.06) * 0.42
    strength = smoothstep(p.nose_y - 0.1, p.nose_y + 0.05, y) * (1 - smoothstep(m - 0.08, m + 0.06, y))
    depth = 0.002 + 0.013 * smoothstep(26, 64, np.float32(p.age)) + 0.003 * max(p.smile, 0)
    z -= depth * strength * np.exp(-0.5 * ((side - fold) / 0.045) ** 2)
    z -= 0.02 * bump(side, y, p.mouth_width + 0.02, m - 0.045 - 0.045 * p.smile, 0.035, 0.035)
    return z


def mouth_line(x: np.ndarray, p: Person) -> np.ndarray:
    """y of the line between the lips at sideways position x."""
    t = np.clip(np.abs(x) / p.mouth_width, 0, 1.2)
    bow = 0.010 * np.exp(-0.5 * (t / 0.16) ** 2) - 0.006 * np.exp(-0.5 * ((t - 0.40) / 0.2) ** 2)
    return p.mouth_y + bow - (0.045 * p.smile + 0.044) * t**2.2


def lip_edges(x: np.ndarray, p: Person) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y of the upper lip's edge, of the line between the lips, and of the lower lip's edge."""
    t = np.clip(np.abs(x) / p.mouth_width, 0, 1)
    line = mouth_line(x, p)
    peak = np.exp(-0.5 * ((t - 0.22) / 0.30) ** 2) - 0.20 * np.exp(-0.5 * (t / 0.09) ** 2)
    upper = line - p.lip_upper * peak * (1 - t**2.2)
    lower = line + p.lip_lower * (1 - t**2.4) ** 0.9
    return upper, line, lower


def lids(t: np.ndarray, p: Person) -> tuple[np.ndarray, np.ndarray]:
    """Height of the upper and lower lid's edge in an eye's own frame; t from -1 (inner corner) to 1 (outer corner)."""
    t = np.clip(t, -1, 1)
    skew = t + 0.16 * (1 - t * t)
    upper = -p.eye_open * (1 - np.abs(skew) ** 2.3) ** 0.85
    lower = 0.58 * p.eye_open * (1 - np.abs(t - 0.12 * (1 - t * t)) ** 2.5) ** 0.9
    tilt = -t * p.eye_width * np.tan(np.radians(p.eye_slant)).astype(np.float32)
    return upper + tilt, lower + tilt


def brow_line(t: np.ndarray, p: Person) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x (for the right-hand brow), y and half thickness along a brow; t from 0 (inner end) to 1 (outer end)."""
    x = 0.20 + 0.66 * t
    arch = np.sin(np.pi * np.clip(t, 0, 1) ** 1.25) ** 1.0
    y = (
        p.brow_y
        + 0.05
        - (0.02 + p.brow_arch) * arch
        - (t - 0.3) * 0.6 * np.tan(np.radians(p.brow_slant))
        + 0.055 * t**3
    )
    half = (
        0.62 * p.brow_thick * (0.35 + 0.65 * smoothstep(0.0, 0.22, t)) * (1 - 0.80 * smoothstep(0.45, 1.0, t))
    )
    return x, y, half


def normals(height: np.ndarray, canvas: Canvas) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit normals of a height field, (H, W) each: right, down, towards the viewer."""
    dy, dx = np.gradient(height, np.float32(1 / canvas.scale))
    length = 1 / np.sqrt(dx * dx + dy * dy + 1)
    return -dx * length, -dy * length, length


def light_vector(p: Person) -> tuple[float, float, float]:
    """Unit vector towards the main lamp (right, down, viewer)."""
    side, up = radians(p.light), radians(p.light_height)
    return sin(side) * cos(up), -sin(up), cos(side) * cos(up)
