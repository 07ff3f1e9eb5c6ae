"""The sharp point: contours, features and hair of the sketch, as strokes in continuous coordinates."""

from __future__ import annotations

import numpy as np

from .body import Body
from .canvas import bump, smoothstep
from .features import IRIS, feature_window, lens_distance
from .geometry import Form, lids, lip_edges
from .hair import LONG, Hair
from .person import HAIR_COLOURS, stream
from .photo import brow_strokes, hair_strands
from .strokes import POINT, Hand, splat, taper


def draw_outlines(form: Form, body: Body, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    """Contour of face, ears, neck, shoulders, collar; broken where hair lies in front."""
    p, hand = form.person, Hand(form, rng)
    shade = p.lamp_side * 0.25
    angle = np.linspace(-0.62, np.pi + 0.62, 90)
    weight = 0.95 + 0.25 * np.sin(angle) - shade * np.cos(angle)
    hand.line(*form.place_outline(*form.outline.points(angle[0], angle[-1], 90)), weight, width=0.011)
    if p.hair_style == "bald":
        hand.line(*form.place_outline(*form.outline.points(-np.pi + 0.5, -0.5, 60)), 0.7)
    front = (1 - hair.front) * (1 - body.cloth * (form.inside < -0.04))
    contour = hand.lift() * front
    for x, y, weight in body.ear_curves():
        hand.line(*form.place_outline(x, y), weight, passes=1, wobble=0.004)
    contour += hand.lift() * (1 - form.skin) * (1 - hair.front)
    return contour + _clothes_lines(form, body, hair, rng)


def _clothes_lines(form: Form, body: Body, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    hand, reach = Hand(form, rng), np.linspace(0, 1, 30)
    for side in (-1, 1):
        y = 0.9 + 0.75 * reach
        hand.line(side * (body.width + 0.05 * smoothstep(1.25, 1.75, y)) + body.shift, y, 0.8)
    neck = hand.lift() * (1 - body.cloth)
    for side in (-1, 1):
        x = body.width + reach * (2.15 - body.width)
        hand.line(side * x + body.shift, body.shoulder(x), 0.9, width=0.011)
    for x, y, weight in body.curves:
        hand.line(x, y, 0.95 * weight, wobble=0.009)
    behind = hair.back if form.person.hair_style in LONG else hair.front
    return (neck + hand.lift()) * (1 - form.skin) * (1 - behind)


def draw_features(form: Form, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    """Eyes, brows, nose, mouth, glasses."""
    hand = Hand(form, rng)
    for side in (-1, 1):
        _eye(hand, side)
    ink = _eyeballs(form) + _brows(form, rng)
    _nose(hand)
    _mouth(hand)
    _age_lines(hand)
    ink += hand.lift()
    _lips(form, ink)
    return _glasses(form, rng, ink) if form.person.glasses else ink


def _eye(hand: Hand, side: int) -> None:
    p = hand.form.person
    t = np.linspace(-1, 1, 24).astype(np.float32)
    upper, lower = lids(t, p)
    x = side * (0.5 + t * p.eye_width)
    heavy = 1.2 + 0.9 * smoothstep(-0.9, 0.6, t)
    hand.face(x, upper, heavy, width=0.0125 + 0.004 * p.femininity, wobble=0.003, ends=(0.08, 0.08))
    hand.face(x[2:], lower[2:], 0.30 + 0.45 * smoothstep(-0.2, 0.9, t[2:]), wobble=0.003)
    wide = np.linspace(-0.86, 1.12, 22).astype(np.float32)
    crease = lids(wide, p)[0] * 1.05 - 0.034 - 0.045 * p.eye_crease
    hand.face(
        side * (0.5 + wide * p.eye_width), crease, 0.30 + 0.55 * p.eye_crease, wobble=0.004, ends=(0.3, 0.4)
    )
    for at in np.linspace(0.35, 1.0, 2 + int(4 * p.femininity)):
        y0 = lids(np.float32([at]), p)[0][0]
        x0 = 0.5 + at * p.eye_width
        hand.face(
            side * np.array([x0, x0 + 0.02, x0 + 0.045]),
            [y0, y0 - 0.016, y0 - 0.042],
            0.8 * p.femininity,
            passes=1,
            wobble=0.002,
            ends=(0.05, 0.7),
        )


def _eyeballs(form: Form) -> np.ndarray:
    """Iris, pupil and the lid's shadow, with the highlight left white."""
    p, ink = form.person, np.zeros_like(form.x)
    iris_tone = {"dark": 1.25, "brown": 1.05, "hazel": 0.75, "green": 0.65, "blue": 0.5, "grey": 0.55}[
        p.eye_colour
    ]
    for side in (-1, 1):
        window = feature_window(form, 0.5 * side, 0.0, 0.40, 0.26)
        x, y = form.fx[window] - np.float32(0.5 * side), form.hy[window]
        t = x * side / p.eye_width
        upper, lower = lids(t, p)
        opening = form.canvas.cover(np.minimum(y - upper, lower - y)) * (np.abs(t) < 1)
        radius = np.hypot(x - 0.02 * form.turn, y + 0.012)
        disc = form.canvas.cover(IRIS - radius, 0.012)
        ring = np.exp(-0.5 * ((radius - IRIS + 0.008) / 0.012) ** 2)
        lines = 1 + 0.25 * np.sin(np.arctan2(y + 0.012, x) * 21 + side)
        spot = form.canvas.cover(0.026 - np.hypot(x - 0.034 * p.lamp_side, y + 0.044), 0.010)
        tone = (
            disc * iris_tone * lines * (0.75 - 2.5 * (y + 0.01))
            + 0.7 * ring
            + 2.6 * form.canvas.cover(0.050 - radius, 0.012)
        )
        shadow = 0.55 * np.exp(-np.clip(y - upper, 0, 1) / 0.030) + 0.14 * np.abs(t) ** 2
        ink[window] += opening * (tone * (1 - spot) + shadow * (1 - spot))
    return ink


def _brows(form: Form, rng: np.random.Generator) -> np.ndarray:
    p = form.person
    x, y, weight = brow_strokes(form, rng, 80)
    dark = {"blond": 0.62, "white": 0.40, "grey": 0.6, "auburn": 0.75}.get(p.hair_colour, 0.95)
    ink = splat(form.canvas, x, y, weight, 0.010)
    return dark * (0.62 * ink + 0.22 * form.canvas.soften(ink, 0.02))


def _nose(hand: Hand) -> None:
    p, y0 = hand.form.person, hand.form.person.nose_y
    w = p.nose_width
    shade = -1.0 if p.light > 0 else 1.0
    for side in (-1, 1):
        x = np.array([w - 0.055, w - 0.015, w + 0.004, w - 0.006, w - 0.045])
        y = np.array([y0 - 0.165, y0 - 0.120, y0 - 0.060, y0 - 0.012, y0 + 0.004])
        x, y = _curve(x, y)
        hand.face(side * x, y, 0.75 + 0.2 * (side == shade), depth=0.05, wobble=0.004)
        x, y = _curve([w - 0.075, w * 0.52, w * 0.30], [y0 - 0.010, y0 - 0.030, y0 + 0.002])
        hand.face(side * x, y, 1.7, depth=0.10, width=0.016, wobble=0.004, ends=(0.3, 0.3))
    x, y = _curve(
        [-w * 0.34, -w * 0.16, 0, w * 0.16, w * 0.34],
        [y0 + 0.002, y0 + 0.022, y0 + 0.034, y0 + 0.022, y0 + 0.002],
    )
    hand.face(x, y, 0.65, depth=0.12, wobble=0.004, ends=(0.3, 0.3))
    x, y = _curve([0.16, 0.105, 0.085, 0.10, 0.13], [p.brow_y + 0.10, -0.10, 0.10, 0.30, y0 - 0.2])
    hand.face(shade * x, y, 0.30, depth=0.10, passes=2, wobble=0.008, ends=(0.4, 0.6))


def _curve(x, y, count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A smooth curve through a few points (quadratic blending of a polyline)."""
    t = np.linspace(0, len(x) - 1, count * 2)
    x, y = (np.interp(t, np.arange(len(v)), v) for v in (x, y))
    kernel = np.hanning(2 * (count // max(len(t) // count, 1) // 4) + 5)
    kernel /= kernel.sum()
    half = len(kernel) // 2
    return tuple(
        np.convolve(np.pad(v, half, mode="reflect", reflect_type="odd"), kernel, "valid") for v in (x, y)
    )


def _mouth(hand: Hand) -> None:
    p = hand.form.person
    x = np.linspace(-1, 1, 40).astype(np.float32) * p.mouth_width
    upper, line, lower = lip_edges(x, p)
    t = np.abs(x) / p.mouth_width
    hand.face(
        x,
        line,
        1.25 + 0.55 * np.exp(-0.5 * (t / 0.25) ** 2) + 0.5 * smoothstep(0.8, 1.0, t),
        width=0.012,
        wobble=0.004,
        ends=(0.05, 0.05),
    )
    hand.face(x[3:-3], upper[3:-3], 0.42 + 0.2 * p.femininity, wobble=0.005)
    middle = slice(9, -9)
    hand.face(x[middle], lower[middle], 0.60, wobble=0.005, ends=(0.35, 0.35))
    y0 = p.mouth_y + p.lip_lower + 0.055
    hand.face(
        np.linspace(-0.15, 0.15, 12),
        y0 + 0.012 * np.cos(np.linspace(-1.5, 1.5, 12)),
        0.40,
        width=0.016,
        wobble=0.006,
        ends=(0.5, 0.5),
    )


def _lips(form: Form, ink: np.ndarray) -> None:
    """Add the lips' tone: upper lip in shade, lower lip lighter with its highlight spared."""
    p = form.person
    window = feature_window(form, 0.0, p.mouth_y, 0.75, 0.36)
    x, y = form.fx[window], form.hy[window]
    upper, line, lower = lip_edges(x, p)
    end = smoothstep(1.02, 0.9, np.abs(x) / p.mouth_width)
    top = form.canvas.cover(np.minimum(y - upper, line - y), 0.02) * end
    low = form.canvas.cover(np.minimum(y - line, lower - y), 0.02) * end
    shine = bump(x, y, 0.05 * p.lamp_side, p.mouth_y + 0.5 * p.lip_lower, 0.15, 0.028)
    grain = 1 + 0.18 * np.sin(x * 95 + 8 * y)
    ink[window] += grain * (0.50 * top + low * (0.26 + 0.14 * p.femininity) * (1 - 0.8 * shine))


def _age_lines(hand: Hand) -> None:
    """Fold from nose to mouth, hollow under the eye, lines of the forehead: stronger with the years."""
    p = hand.form.person
    years = float(smoothstep(24.0, 62.0, np.float32(p.age)))
    for side in (-1, 1):
        x, y = _curve(
            [p.nose_width + 0.03, p.nose_width + 0.11, p.mouth_width + 0.06],
            [p.nose_y - 0.08, p.nose_y + 0.10, p.mouth_y - 0.10],
        )
        hand.face(side * x, y, 0.03 + 0.34 * years, wobble=0.006, ends=(0.3, 0.5))
        x, y = _curve([0.30, 0.44, 0.62], [0.115, 0.165, 0.145])
        hand.face(side * x, y, 0.10 + 0.42 * years, wobble=0.006, ends=(0.4, 0.5))
    if years > 0.4:
        for level in (0.60, 0.74):
            x = np.linspace(-0.42, 0.42, 16)
            hand.face(
                x, -level * p.forehead + 0.02 * np.cos(x * 5), 0.34 * years, wobble=0.010, ends=(0.4, 0.4)
            )


def _glasses(form: Form, rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    p, canvas = form.person, form.canvas
    distance = lens_distance(form, form.fx - np.float32(0.06 * form.turn), form.hy)
    thick = 0.016 + 0.012 * (p.index % 3)
    rim = canvas.cover(thick - np.abs(distance + 0.004 * canvas.noise(rng, 0.15)), 0.008)
    dark = (1.9, 1.3, 0.75, 1.6)[p.index % 4]
    hand = Hand(form, rng)
    x = np.linspace(-0.15, 0.15, 12)
    hand.face(x, -0.03 - 0.035 * np.cos(x / 0.15 * 1.5), 1.3, depth=0.1, width=0.014, wobble=0.003)
    for side in (-1, 1):
        hand.face(side * np.linspace(0.88, 1.02, 8), np.full(8, -0.04), 1.2, width=0.014, wobble=0.003)
    under = 0.20 * np.exp(-np.clip(-distance - thick, 0, 1) / 0.04) * (distance < -thick) * (form.hy > 0.1)
    return (
        ink * (1 - 0.7 * rim)
        + dark * rim * (0.9 + 0.1 * canvas.noise(rng, 0.06))
        + (hand.lift() + under) * form.skin
    )


def hair_ink(form: Form, body: Body, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    """Hair: smudged ground, strokes along the fall that spare the sheen, and a few loose ends over the edges."""
    p, canvas = form.person, form.canvas
    grey = float(np.dot(HAIR_COLOURS[p.hair_colour], [0.3, 0.59, 0.11]) / 255)
    depth = 1.30 - 1.45 * grey if grey < 0.6 else 0.30
    curl = p.hair_style in ("curly", "afro")
    mass = np.maximum(hair.front, 0.98 * hair.back * (1 - form.skin) * (1 - body.neck) * (1 - body.ear))
    tone = _hair_tone(form, hair) * mass
    x, y = hair_strands(form, hair, mass, rng, 1900, curl)
    press = (
        (0.25 + canvas.sample(tone, x, y))
        * taper(x.shape[1], 0.2, 0.5)[None]
        * rng.uniform(0.3, 1.1, (len(x), 1))
    )
    keep = np.exp(-np.clip(-canvas.sample(np.minimum(hair.outside + 2 * hair.bun, 1), x, y), 0, 1) / 0.05)
    fine = splat(canvas, x, y, press * keep, POINT)
    if p.hair_style == "bald":
        return hair.front * 0.10 + 0.10 * fine * hair.front
    ground = canvas.blur(tone, 0.02)
    thin = 0.6 if p.hair_style in ("crew", "receding") else 1.0
    veil = np.clip(mass + 0.35, 0, 1)
    return depth * thin * (0.50 * ground + 0.62 * fine * veil) + 0.12 * fine * veil


def _hair_tone(form: Form, hair: Hair) -> np.ndarray:
    """Darkness of the mass, 0..1.3: deep at roots, edges and behind, light where the dome catches the lamp."""
    p, canvas = form.person, form.canvas
    low = p.hair_style in LONG or p.hair_style in ("fringe", "curtains")
    dome = bump(form.ox, form.hy, 0.012 * p.light, -1.20 if low else -1.38, 0.75, 0.19 if low else 0.12)
    dome = dome * smoothstep(0.02, 0.22, hair.outside)
    left, right = (bump(form.ox, form.hy, s * 1.05, 0.4, 0.10, 0.7) for s in (-1, 1))
    spare = (0.62 if low else 0.42) * dome + 0.35 * (right if p.light > 0 else left) * (p.hair_style in LONG)
    clumps = 0.22 * canvas.noise(stream(p, 5), 0.10)
    root = 0.35 * np.exp(-np.clip(hair.edge, 0, 1) / 0.07)
    behind = 0.45 * (1 - hair.front) * hair.back
    spare = spare * (1 - 0.8 * hair.bun)
    return np.clip(0.85 - spare + clumps + root + behind, 0.08, 1.4)
