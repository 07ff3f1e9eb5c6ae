"""Neck, ears and clothes: coverages and relief that photo and sketch share."""

from __future__ import annotations

import numpy as np

from .canvas import bump, smoothstep
from .geometry import Form


class Body:
    """Neck, shoulders, collar and ears of one person.

    `neck`, `cloth`, `collar`, `inner` (shirt under a jacket), `tie`, `ear`: coverages (H, W) in [0, 1];
    `neck_height`, `cloth_height`, `ear_height`: relief in face units; `curves`: list of polylines (x, y, weight) that a
    draughtsman would draw for the clothes.
    """

    def __init__(self, form: Form) -> None:
        self.form, p = form, form.person
        self.shift = -0.75 * form.turn * form.eye_depth
        self.x, self.y = form.x - np.float32(self.shift), form.y
        self.side = np.abs(self.x)
        self.width = p.neck_width
        cover = form.canvas.cover
        self.column = self.width + 0.05 * smoothstep(1.25, 1.75, self.y) + 0.03 * smoothstep(1.3, 0.9, self.y)
        body = cover(self.y - self.shoulder(self.side), 0.02)
        skin = cover(self.y - self.shoulder(self.side) - 0.03, 0.02)
        self.neck = np.maximum(cover(self.column - self.side) * (self.y > 0.5), skin)
        self.neck_height = (
            np.sqrt(np.clip(1 - (self.side / (self.column + 0.02)) ** 2, 0, 1) + 0.03) * self.width * 0.9
        )
        tendon = self.side - (0.10 + 0.30 * smoothstep(2.1, 1.3, self.y))
        self.neck_height = (
            self.neck_height
            + 0.025 * np.exp(-0.5 * (tendon / 0.05) ** 2)
            - 0.03 * bump(self.x, self.y, 0, 1.98, 0.07, 0.08)
        )
        self.curves: list = []
        self.collar = self.inner = self.tie = np.zeros_like(self.neck)
        self.cloth = getattr(self, "_" + p.clothes.replace("-", "_"))(cover, body)
        self.cloth_height = self._drape()
        self._ears()

    def shoulder(self, side: np.ndarray) -> np.ndarray:
        """y of the shoulder's line at a distance from the neck's middle."""
        reach = np.clip((side - self.width) / (2.0 - self.width), 0, 1.5)
        return 1.50 + 0.52 * reach**0.62

    def _drape(self) -> np.ndarray:
        p = self.form.person
        rounding = np.sqrt(np.clip(1 - (self.side / 2.5) ** 2, 0, 1)) * 0.9
        fold = (
            np.sin(self.x * (5 + 3 * p.hair_volume) + 3.0 * self.y + p.index)
            * 0.012
            * smoothstep(1.6, 2.1, self.y)
        )
        thick = 0.10 * smoothstep(0.0, 0.12, self.y - self.shoulder(self.side))
        if p.clothes == "turtleneck":
            tube = np.sqrt(np.clip(1 - (self.side / (self.width + 0.10)) ** 2, 0, 1))
            return rounding * 0.6 + fold + 0.75 * tube * smoothstep(2.25, 1.80, self.y)
        return rounding + fold + thick + 0.05 * self.collar

    def _line(self, x, y, weight: float = 1.0, mirror: bool = True) -> None:
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        self.curves.append((x + self.shift, y, weight))
        if mirror:
            self.curves.append((-x + self.shift, y, weight))

    def _neckline(self, cover, body, depth: float, reach: float = 0.20):
        inside = 1 - np.sqrt((self.x / (self.width + reach)) ** 2 + ((self.y - 1.50) / depth) ** 2)
        angle = np.linspace(0.08, np.pi / 2, 24)
        self._line((self.width + reach) * np.cos(angle), 1.50 + depth * np.sin(angle))
        return inside * 0.4

    def _crew(self, cover, body):
        edge = self._neckline(cover, body, 0.40)
        self.collar = body * cover(-edge) * cover(edge + 0.045)
        angle = np.linspace(0.15, np.pi / 2, 24)
        self._line((self.width + 0.30) * np.cos(angle), 1.50 + 0.50 * np.sin(angle), 0.6)
        return body * cover(-edge)

    def _turtleneck(self, cover, body):
        roll = cover(self.width + 0.05 - self.side, 0.02) * cover(
            self.y - 1.60 - 0.10 * np.sqrt(np.clip(1 - (self.side / 0.8) ** 2, 0, 1))
        )
        t = np.linspace(-1, 1, 24)
        self._line((self.width + 0.04) * t, 1.60 + 0.10 * np.sqrt(1 - (0.85 * t) ** 2), 1.0, mirror=False)
        self._line((self.width + 0.05) * t, 1.86 + 0.09 * (1 - t * t), 0.6, mirror=False)
        self.collar = roll * cover(1.88 + 0.09 * (1 - (self.side / (self.width + 0.05)) ** 2) - self.y, 0.012)
        return np.maximum(body, roll)

    def _vee(self, cover, body, apex: float, reach: float = 0.05):
        slope = (apex - 1.52) / (self.width + reach)
        edge = (self.y - apex + slope * self.side) / np.sqrt(1 + slope * slope)
        t = np.linspace(0, 1, 16)
        self._line((self.width + reach) * (1 - t), 1.52 + (apex - 1.52) * t)
        return edge

    def _v_neck(self, cover, body):
        edge = self._vee(cover, body, 2.18, 0.24)
        self.collar = body * cover(edge) * cover(0.05 - edge)
        return body * cover(edge)

    def _flaps(self, cover, spread: float, length: float):
        """A turned-down collar: two leaves that rise at the neck's sides and point downwards."""
        w, u, v = self.width, self.side, self.y
        top = v - (1.55 + 0.62 * np.clip(w + 0.06 - u, 0, 1) * 0.9)
        low = (1.80 + length - 0.55 * np.clip(u - w * 0.35, 0, 2)) - v
        outer = w + 0.13 + spread - u
        t = np.linspace(0, 1, 14)
        self._line(w + 0.06 - (w - 0.10) * t, 1.55 + 0.56 * (w - 0.10) * t)
        self._line(
            w * 0.35 + t * (0.65 * w + 0.13 + spread),
            1.80 + length - 0.55 * t * (0.65 * w + 0.13 + spread),
            0.9,
        )
        self._line([w * 0.30, w * 0.35], [1.55 + 0.558 * (0.70 * w + 0.06), 1.80 + length], 0.9)
        return cover(np.minimum(np.minimum(top, low), np.minimum(outer, (u - w * 0.30) * 2)), 0.012)

    def _shirt(self, cover, body):
        edge = self._vee(cover, body, 2.06, 0.04)
        self.collar = self._flaps(cover, 0.05, 0.24)
        self._line([0.0, 0.0], [2.06, 3.0], 0.7, mirror=False)
        return np.maximum(body * cover(edge), self.collar)

    def _polo(self, cover, body):
        edge = self._vee(cover, body, 2.14, 0.05)
        self.collar = self._flaps(cover, 0.10, 0.18)
        self._line([0.07, 0.07], [2.10, 3.0], 0.6)
        return np.maximum(body * cover(edge), self.collar)

    def _suit(self, cover, body):
        edge = self._vee(cover, body, 2.02, 0.03)
        self.collar = self._flaps(cover, 0.0, 0.22)
        lapel = self.y - (1.60 + 1.35 * np.clip(self.width + 0.22 - self.side, 0, 2))
        self.inner = body * cover(-lapel)
        knot = 0.075 + 0.045 * np.abs(self.y - 2.09)
        self.tie = body * cover(knot - self.side) * cover(self.y - 1.99) * self.inner
        t = np.linspace(0, 1, 16)
        self._line(self.width + 0.22 - 0.75 * t, 1.60 + 1.35 * 0.75 * t)
        self._line([0.075, 0.08, 0.12], [1.99, 2.12, 2.8], 0.8)
        return np.maximum(body * cover(edge), self.collar)

    def _hoodie(self, cover, body):
        edge = self._neckline(cover, body, 0.45, 0.05)
        ring = 1 - np.sqrt((self.x / (self.width + 0.36)) ** 2 + ((self.y - 1.58) / 0.58) ** 2)
        hood = (
            cover(ring * 0.4, 0.02)
            * np.maximum(cover(-edge), cover(self.side - self.column))
            * (self.y > 1.05)
        )
        self.collar = hood * cover(self.y - 1.32, 0.05)
        angle = np.linspace(-0.45, np.pi / 2, 26)
        self._line((self.width + 0.36) * np.cos(angle), 1.58 + 0.58 * np.sin(angle))
        self._line([0.16, 0.19, 0.18], [1.98, 2.2, 2.6], 0.8)
        return np.maximum(body * cover(-edge), self.collar)

    def _ears(self) -> None:
        f, p = self.form, self.form.person
        push = np.float32(-0.10 * f.turn)
        u = (np.abs(f.ox - push) - p.face_width * 1.025) / (0.125 * p.ear_size)
        v = (f.hy - 0.30) / (0.325 * p.ear_size)
        lean = u - 0.30 * -v
        shape = 1 - np.sqrt(lean * lean + (v * (1 + 0.18 * (v > 0) * v)) ** 2)
        self.ear = f.canvas.cover(shape * 0.13)
        rim = np.exp(-0.5 * ((shape - 0.16) / 0.12) ** 2)
        bowl = bump(lean, v, -0.15, 0.10, 0.35, 0.42)
        self.ear_height = 0.05 * rim - 0.07 * bowl + 0.03 * bump(lean, v, -0.1, 0.72, 0.4, 0.2)
        self.ear_bowl = bowl

    def ear_curves(self) -> list:
        """Outer rims and inner folds of both ears as (ox, hy, weight) polylines in outline coordinates."""
        p, push, curves = self.form.person, -0.10 * self.form.turn, []
        angle = np.linspace(-2.3, 2.35, 28)
        for side in (-1, 1):
            for size, weight, part in ((1.0, 1.0, slice(None)), (0.66, 0.55, slice(3, 19))):
                v, u = np.sin(angle[part]) * size, np.cos(angle[part]) * size
                u = u - 0.30 * v
                x = p.face_width * 1.025 + 0.125 * p.ear_size * u
                curves.append((side * x + push, 0.30 + 0.325 * p.ear_size * v, weight))
        return curves
