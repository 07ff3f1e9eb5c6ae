"""The pencil sketch: a drawing of a person made stroke by stroke, not a filter over the photo.

The draughtsman sees the same person (`exaggerate`d a little and laid out with a slight hand's error), and works as in a
portrait class: a smudged ground of tone, hatching along and across the form, hair in strokes along its fall, then contours,
lids, brows, nostrils and lips with a sharp, dark point, on off-white paper with a tooth.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .canvas import Canvas, bump, paper, smoothstep
from .geometry import Form, light_vector, normals
from .hair import LONG, Hair
from .pencil import draw_features, draw_outlines, hair_ink
from .person import Person, exaggerate, stream
from .photo import beard_area, beard_strokes
from .strokes import follow, splat, taper

PAPER = 0.965  # brightness of the bare sheet


def hand_error(p: Person, canvas: Canvas, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """Smooth displacement (H, W) in x and y with which the artist misplaces things; grows with `amount`."""
    rng = stream(p, 4)
    size = np.float32(0.09 * amount)
    wide = [canvas.noise(rng, 0.9) * size for _ in range(2)]
    shift = rng.normal(0, 0.09 * amount, 2).astype(np.float32)
    stretch = 1 + rng.normal(0, 0.07 * amount)
    return wide[0] + shift[0], wide[1] + shift[1] + canvas.y * np.float32(stretch - 1)


def form_tone(form: Form, body: Body, hair: Hair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the artist shades: darkness 0..1 by form and light, and the direction (x, y) in which the form is hatched."""
    p, canvas = form.person, form.canvas
    lx, ly, lz = light_vector(p)
    lx *= 0.8
    height = np.where(form.skin > 0.5, form.height, body.neck_height - 0.25)
    nx, ny, nz = normals(height, canvas)
    facing = nx * lx + ny * ly + nz * lz
    hollow = np.clip(canvas.soften(height, 0.09) - height, 0, 0.12)
    tone = (0.20 + 0.30 * p.contrast) * np.clip(0.80 - facing, 0, 1) ** 1.25 + 1.7 * hollow * form.skin
    tone = tone + 0.055 * np.clip(p.skin_tone - 0.6, 0, 5)
    chin = canvas.blur(np.roll(form.skin, int(0.17 * canvas.scale), 0), 0.08)
    tone = np.where(form.skin > 0.5, tone, tone * 0.8 + 0.34 * chin)
    tone = tone * np.maximum(form.skin, np.maximum(body.neck, body.ear))
    fall = canvas.blur(np.roll(hair.front, int(0.09 * canvas.scale), 0), 0.05) * (
        p.hair_style not in ("bald", "crew", "receding")
    )
    tone = tone + 0.22 * fall * form.skin
    swing = 0.9 * canvas.soften(nx, 0.05)
    angle = np.float32(-0.95) + swing
    return np.clip(tone, 0, 1), np.cos(angle), np.sin(angle)


def hatch(
    form: Form,
    tone,
    dx,
    dy,
    rng: np.random.Generator,
    count: int,
    threshold: float,
    turn: float,
    weight: float,
):
    """One layer of hatching: strokes `turn` radians off the direction field that press only where `tone` > `threshold`.

    Returns x, y, pressure (strokes, points); `weight` is the pressure where the tone is deep.
    """
    canvas = form.canvas
    across = int(np.sqrt(count * 1.15))
    grid = (np.arange(across) + 0.5) / across * 4.4 - 2.2
    x, y = (g.ravel() + rng.uniform(-0.04, 0.04, across * across) for g in np.meshgrid(grid, grid + 0.2))
    keep = canvas.sample(tone, x, y) > threshold * 0.7
    x, y = x[keep].astype(np.float32), y[keep].astype(np.float32)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    length = rng.uniform(0.16, 0.34, len(x)).astype(np.float32)
    xs, ys = follow(
        canvas, x, y, dx * c - dy * s, dx * s + dy * c, 8, length / 8, rng.normal(0, 0.015, len(x))
    )
    press = smoothstep(threshold, threshold + 0.35, canvas.sample(tone, xs, ys))
    press = press * taper(9, 0.2, 0.4)[None] * rng.uniform(0.5, 1.0, (len(x), 1))
    return xs, ys, np.float32(weight) * press


def shade_face(form: Form, body: Body, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    """Graphite (H, W) of the ground tone and three layers of hatching on skin."""
    canvas = form.canvas
    tone, dx, dy = form_tone(form, body, hair)
    bare = (
        np.maximum(form.skin, np.maximum(body.neck, body.ear))
        * (1 - 0.9 * hair.front)
        * (1 - body.cloth * (1 - form.skin))
    )
    tone = tone * bare
    layers = [
        hatch(form, tone, dx, dy, rng, 3600, 0.06, 0.0, 0.27),
        hatch(form, tone, dx, dy, rng, 2600, 0.22, 0.45, 0.30),
        hatch(form, tone, dx, dy, rng, 2200, 0.40, -0.9, 0.34),
    ]
    return 0.50 * canvas.blur(tone, 0.02) + splat(
        canvas, *map(np.concatenate, zip(*layers, strict=True)), 0.010
    )


def shade_clothes(form: Form, body: Body, hair: Hair, rng: np.random.Generator) -> np.ndarray:
    """Clothes: loose parallel strokes, darker for dark cloth, folds a little heavier."""
    p, canvas = form.person, form.canvas
    grey = np.dot(np.array(p.cloth_colour), [0.3, 0.59, 0.11]) / 255
    depth = float(np.clip(0.95 - 1.05 * grey, 0.03, 0.85))
    nx, _, _ = normals(body.cloth_height, canvas)
    light = p.lamp_side * nx
    tone = np.clip(depth * (0.75 + 0.3 * canvas.noise(rng, 0.35)) + 0.25 * np.clip(-light, 0, 1), 0, 1)
    tone = (
        tone
        * body.cloth
        * (1 - form.skin)
        * (1 - hair.back * (p.hair_style in LONG))
        * (1 - 0.55 * body.collar * (depth < 0.6))
    )
    if p.clothes == "suit":
        tone = tone * (1 - np.maximum(body.collar, body.inner * (1 - body.tie)) * 0.95)
    flat = np.zeros_like(tone)
    turn = rng.uniform(-0.15, 0.15)
    layers = [
        hatch(form, tone, flat + 0.66, flat - 0.75, rng, 4200, 0.05, turn, 0.42),
        hatch(form, tone, flat + 0.66, flat - 0.75, rng, 2600, 0.45, turn + 0.5, 0.35),
    ]
    return 0.35 * tone + splat(canvas, *map(np.concatenate, zip(*layers, strict=True)), 0.013)


def draw_sketch_float(p: Person, canvas: Canvas, exaggeration: float | None = None) -> np.ndarray:
    """The sheet with the drawing, (H, W) float32 in [0, 1]."""
    amount = p.exaggeration if exaggeration is None else exaggeration
    rng = stream(p, 2)
    drawn = exaggerate(p, amount)
    form = Form(drawn, canvas, hand_error(p, canvas, amount))
    hair, body = Hair(form, stream(p, 3)), Body(form)
    skin = shade_face(form, body, hair, rng)
    cloth = shade_clothes(form, body, hair, rng)
    masked = (skin + cloth) * (1 - 0.75 * hair.front)
    masked = (
        masked
        + draw_outlines(form, body, hair, rng)
        + draw_features(form, hair, rng) * (1 - 0.95 * hair.front)
    )
    masked = masked + _beard(form, hair, rng)
    ink = masked + hair_ink(form, body, hair, rng)
    return _on_paper(p, canvas, ink, rng)


def _beard(form: Form, hair: Hair, rng: np.random.Generator) -> np.ndarray | float:
    p = form.person
    if p.beard == "none":
        return 0.0
    area = beard_area(form) * (1 - hair.front)
    dark = 1.0 if p.hair_colour not in ("white", "grey", "blond") else 0.55
    if p.beard == "stubble":
        return dark * (0.10 * area + 0.16 * beard_strokes(form, area, rng, 700))
    return dark * (0.42 * form.canvas.blur(area, 0.03) + 0.36 * beard_strokes(form, area, rng, 1300))


def _on_paper(p: Person, canvas: Canvas, ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Graphite catches on the paper's tooth: light pressure breaks up, heavy pressure fills; a little smudge around it."""
    tooth = paper(canvas, rng)
    ink = np.maximum(ink, 0) * np.float32(p.pressure)
    caught = ink * np.clip(1 + 0.34 * tooth * np.exp(-0.5 * ink), 0, None)
    smudge = 0.020 * canvas.soften(np.minimum(ink, 1.0), 0.12)
    sheet = (
        PAPER
        - 0.010 * bump(canvas.x, canvas.y, 1.5, 2.0, 2.5, 2.5)
        + 0.006 * tooth
        + 0.004 * canvas.noise(rng, 0.6)
    )
    darkness = 0.90 * (1 - np.exp(-0.95 * (caught + smudge)))
    return np.clip(sheet * (1 - darkness), 0, 1)
