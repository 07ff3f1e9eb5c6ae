"""Hair: for each style the outline of the mass, the opening that leaves the face free, and the direction of the strands."""

from __future__ import annotations

import numpy as np

from .canvas import bump, smoothstep
from .geometry import Form, Outline
from .person import Person

LONG = ("long", "long-fringe", "wavy", "bob")
_RAGGED = {  # style: (roughness of the outline, of the opening, cycles around the head)
    "short": (0.014, 0.012, 110), "crew": (0.012, 0.014, 110), "side-part": (0.012, 0.010, 60), "quiff": (0.018, 0.012, 90),
    "curtains": (0.012, 0.010, 50), "fringe": (0.022, 0.055, 60), "bob": (0.012, 0.012, 40), "long": (0.012, 0.012, 40),
    "long-fringe": (0.012, 0.045, 60), "bun": (0.008, 0.012, 80), "curly": (0.045, 0.030, 64), "afro": (0.030, 0.022, 60),
    "wavy": (0.045, 0.025, 22), "receding": (0.016, 0.018, 100), "bald": (0.006, 0.02, 90),
}  # fmt: skip


class Hair:
    """Hair of one person on one form.

    `back`: coverage of the mass behind head and neck (0 where there is none); `front`: coverage of what lies over the face;
    `flow_x, flow_y`: unit direction of the strands; `height`: relief; `edge`: signed distance to the opening (outside
    positive). All float32 (H, W).
    """

    def __init__(self, form: Form, rng: np.random.Generator) -> None:
        p = form.person
        self.person, self.form = p, form
        rough_out, rough_in, cycles = _RAGGED[p.hair_style]
        outer_r, outer_l, open_r, open_l = _shapes(p)
        self.outer = Outline(outer_r, outer_l, ragged=rough_out * _ragged(rng, cycles))
        self.opening = Outline(open_r, open_l, ragged=rough_in * _ragged(rng, cycles))
        canvas = form.canvas
        self.rho, outside = self.outer.polar(form.ox, form.hy)
        _, opening = self.opening.polar(form.fx, form.hy)
        self.edge = -opening
        soft = {
            "crew": 0.06,
            "bald": 0.10,
            "receding": 0.06,
            "afro": 0.03,
            "short": 0.040,
            "quiff": 0.035,
            "curly": 0.025,
            "bun": 0.028,
        }.get(p.hair_style, 0.016)
        mass = canvas.cover(outside, soft * 0.5)
        self.bun = np.zeros_like(mass)
        if p.hair_style == "bun":
            self.bun = canvas.cover(
                0.20
                + 0.11 * p.hair_volume
                - np.hypot(form.ox, (form.hy + 1.62 + 0.08 * p.hair_volume) * 1.15),
                0.02,
            )
            mass = np.maximum(mass, self.bun)
        self.back = mass if p.hair_style in LONG else mass * (form.hy < 0.9) * smoothstep(0.75, 0.35, form.hy)
        if p.hair_style == "bald":
            self.back = self.back * 0
        self.front = np.maximum(mass * canvas.cover(self.edge, soft), self.bun)
        self.outside = outside
        self.flow_x, self.flow_y = _flow(form, rng)
        if p.hair_style == "bun":
            self._wind(form.ox, form.hy + 1.62 + 0.08 * p.hair_volume)
        self.height = _height(self)

    def _wind(self, x: np.ndarray, y: np.ndarray) -> None:
        """Inside the bun the strands run around its middle."""
        size = 1 / np.sqrt(x * x + y * y + 1e-3)
        wound = self.bun > 0.5
        self.flow_x = np.where(wound, (0.25 * x - y) * size, self.flow_x)
        self.flow_y = np.where(wound, (x + 0.25 * y) * size, self.flow_y)


def _ragged(rng: np.random.Generator, cycles: int) -> np.ndarray:
    """Periodic noise around the head, about unit variance, for 721 angles."""
    fine, coarse = rng.standard_normal(cycles), rng.standard_normal(max(8, cycles // 4))
    place = np.linspace(0, 1, 721)
    parts = [np.interp(place, np.linspace(0, 1, len(n) + 1), np.append(n, n[0])) for n in (fine, coarse)]
    up = smoothstep(
        -0.1, 0.5, -np.sin(np.linspace(-np.pi, np.pi, 721))
    )  # rough above the brows, calm beside the cheeks
    return (0.8 * parts[0] + 0.35 * parts[1]) * (0.25 + 0.75 * up)


def _shapes(p: Person) -> tuple[list, list, list, list]:
    """Outline and opening of the style: right and left halves, top to bottom."""
    v, w, f = p.hair_volume, p.face_width, p.forehead
    top = -1.56 - 0.13 * v
    style = p.hair_style
    if style in LONG:
        outer, opening = _long(p, v, w, f, top)
        outer_l, open_l = outer, list(opening)
        lift = 0.20 * abs(p.hair_part)
        if style not in ("long-fringe",):
            opening[1] = (opening[1][0], opening[1][1] + lift)
            open_l[1] = (open_l[1][0], open_l[1][1] - lift)
    else:
        outer, outer_l, opening, open_l = _cropped(p, v, w, f, top)
    if p.hair_part < 0:
        outer, outer_l, opening, open_l = outer_l, outer, open_l, opening
    return outer, outer_l, opening, open_l


# fmt: off
def _long(p: Person, v: float, w: float, f: float, top: float) -> tuple[list, list]:
    """Half outline and half opening of hair that falls past the ears."""
    full = 0.10 * v
    crown = [(0, top), (0.62 * w, top + 0.17), (1.02 * w + 0.4 * full, -0.92), (1.10 * w + full, -0.2)]
    if p.hair_style == "bob":
        end = 1.20 + 0.15 * (v - 1)
        outer = [*crown, (1.16 * w + 1.3 * full, 0.5), (1.12 * w + 1.2 * full, end - 0.15), (0.92 * w + full, end + 0.16),
                 (0.4, end + 0.18), (0, end + 0.2)]
    else:
        outer = [*crown, (1.16 * w + full, 0.5), (1.20 * w + 1.4 * full, 1.2), (1.32 * w + 2 * full, 2.0),
                 (1.40 * w + 2 * full, 3.0), (0, 3.6)]
    if p.hair_style == "long-fringe":
        head = [(0, -0.42), (0.45, -0.40), (0.78 * w, -0.28)]
    else:
        head = [(0, -f - 0.02), (0.42, -f + 0.14), (0.76 * w, -0.42)]
    return outer, [*head, (0.87 * w, 0.12), (0.87 * w, 0.6), (0.80 * w, 1.1), (0.70 * w, 1.7), (0.72 * w, 3.0), (0, 3.7)]


def _cropped(p: Person, v: float, w: float, f: float, top: float) -> tuple[list, list, list, list]:
    """Outline and opening, right and left, of hair that leaves the ears free."""
    style, wide = p.hair_style, 0.07 * v
    low = [(0.80 * w, 0.75), (0.4, 0.95), (0, 1.0)]
    outer = outer_l = [(0, top), (0.60 * w, top + 0.14), (0.97 * w + wide, -0.95), (1.02 * w + wide, -0.35),
                       (1.02 * w + 0.5 * wide, 0.10), (0.97 * w, 0.42), *low]
    if style in ("crew", "receding", "bald", "bun"):
        outer = outer_l = [(0, -1.57 - 0.03 * v), (0.57 * w, -1.43), (0.93 * w, -0.92), (1.02 * w, -0.3), (1.0 * w, 0.06),
                           (0.95 * w, 0.36), *low]
    elif style == "side-part":
        outer = [(0, top - 0.04), (0.62 * w, top + 0.08), *outer[2:]]
    elif style == "quiff":
        outer = [(0, top - 0.20 * v), (0.60 * w, top - 0.10 * v), (1.0 * w, -1.05), *outer[3:]]
        outer_l = [(0, top - 0.20 * v), (0.58 * w, top + 0.02), *outer_l[2:]]
    elif style in ("curly", "afro"):
        g = (0.13 if style == "curly" else 0.34) * v
        outer = outer_l = [(0, top - g), (0.70 * w + 0.7 * g, top + 0.12 - 0.6 * g), (1.08 * w + g, -0.9),
                           (1.10 * w + g, -0.3), (1.04 * w + g, 0.15), (0.97 * w + 0.3 * g, 0.45), *low]
    return outer, outer_l, *_openings(style, w, f)


def _openings(style: str, w: float, f: float) -> tuple[list, list]:
    """Right and left half of the hairline from the forehead's middle down to the ear, then wide around the jaw."""
    usual = [(0, -f), (0.46, -f + 0.03), (0.72 * w, -0.78 * f), (0.84 * w, -0.48), (0.93 * w, -0.18), (0.95 * w, 0.16),
             (1.02 * w, 0.34), (1.30, 0.7), (1.2, 1.6), (0, 2.4)]
    if style == "side-part":
        combed = [(0, -f + 0.06), (0.44, -f + 0.22), (0.76 * w, -0.52), *usual[3:]]
        return combed, [combed[0], (0.40, -f - 0.04), *usual[2:]]
    special = {
        "receding": [(0, -f - 0.12), (0.30, -f - 0.22), (0.62 * w, -f - 0.26), (0.86 * w, -0.66), *usual[4:]],
        "bald": [(0, -1.9), (0.6, -1.75), (0.98 * w, -1.1), (0.99 * w, -0.5), (0.97 * w, -0.1), *usual[5:]],
        "bun": [(0, -f - 0.06), (0.44, -f - 0.01), (0.78 * w, -0.74), (0.92 * w, -0.32), (0.985 * w, -0.05), *usual[5:]],
        "fringe": [(0, -0.50), (0.42, -0.50), (0.76 * w, -0.42), (0.88 * w, -0.20), (0.92 * w, 0.06),
                   (0.94 * w, 0.30), *usual[6:]],
        "curtains": [(0, -f), (0.34, -0.66), (0.68 * w, -0.40), (0.87 * w, -0.12), (0.90 * w, 0.16),
                     (0.94 * w, 0.28), *usual[6:]],
    }
    half = special.get(style, usual)
    return half, half
# fmt: on


def _flow(f: Form, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unit direction of the strands at every pixel."""
    p, x, y = f.person, f.ox, f.hy
    style = p.hair_style
    part = p.hair_part if style in ("side-part", "long", "bob", "wavy") else 0.35 * p.hair_part
    side = np.tanh((x - np.float32(part) * (0.4 - 0.6 * np.clip(y, -1.6, 0))) / 0.09)
    round_x, round_y = side * -(y - 0.1), np.abs(x) + 0.12
    out_x, out_y = x - 0.5 * part, y + 0.55
    sides = smoothstep(0.62, 0.95, np.abs(x))
    if style in ("short", "crew", "quiff", "receding", "bald"):
        lean = 0.45 * np.sign(p.hair_part)
        dx, dy = (
            out_x + lean * (1 - sides) * (1.2 if style == "quiff" else 0.6),
            out_y * (1 - sides) + sides * 0.55,
        )
    elif style in ("fringe", "long-fringe"):
        dx, dy = x * 0.55 + 0.25 * part, np.abs(y + 1.75) * 0.9 + 0.2
    elif style == "bun":
        dx, dy = x * 0.9, y + 1.75
    elif style in ("curly", "afro"):
        angle = f.canvas.noise(rng, 0.16 if style == "curly" else 0.09) * 2.2
        dx, dy = np.cos(angle), np.sin(angle) + 0.25
    else:
        dx, dy = round_x, round_y
    length = 1 / np.sqrt(dx * dx + dy * dy + 1e-4)
    dx, dy = dx * length, dy * length
    if style in LONG:
        down = smoothstep(-0.2, 0.9, y)
        wave = (
            0.55 * np.sin(y * 7.5 + 3 * f.canvas.noise(rng, 0.5))
            if style == "wavy"
            else 0.10 * np.sin(y * 3 + x * 2)
        )
        dx, dy = dx * (1 - down) + down * (0.10 * np.sign(x) + wave), dy * (1 - down) + down
    wobble = f.canvas.noise(rng, 0.30) * (0.10 if style != "bun" else 0.03)
    dx, dy = dx - wobble * dy, dy + wobble * dx
    length = 1 / np.sqrt(dx * dx + dy * dy + 1e-6)
    return dx * length, dy * length


def _height(hair: Hair) -> np.ndarray:
    """Rounded mass: falls off towards its outline and, more gently, towards the opening."""
    rounded = np.sqrt(np.clip(1 - np.minimum(hair.rho, 1) ** 3.0, 0, 1) + 0.01)
    roll = 1 - np.exp(-np.clip(hair.outside, 0, 1) / 0.16)
    lift = 1 - np.exp(-np.clip(hair.edge, 0, 1) / 0.10)
    ball = bump(hair.form.ox, hair.form.hy, 0, -1.8, 0.25, 0.22) * hair.bun
    return 0.75 * rounded + 0.16 * roll + 0.07 * lift + 0.3 * ball
