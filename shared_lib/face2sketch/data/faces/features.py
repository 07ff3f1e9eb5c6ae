"""Eyes, lips and glasses of the photo."""

from __future__ import annotations

import numpy as np

from .canvas import bump, smoothstep
from .geometry import Form, lids, lip_edges
from .paint import over, rgb

IRIS = 0.108


def paint_eyes(picture: np.ndarray, form: Form, iris: np.ndarray, skin: np.ndarray, lamp: tuple) -> None:
    """Both eyes, worked on in a window each to save time."""
    for side in (-1, 1):
        window = feature_window(form, side * 0.5, 0.0, 0.46, 0.36)
        _paint_eye(picture[(slice(None), *window)], form, window, side, iris, skin, lamp)


def feature_window(form: Form, cx: float, cy: float, rx: float, ry: float):
    """Slices (rows, columns) of the pixels around a point of the face; the pictures are never smaller than the face."""
    x, y = form.place(np.array([cx]), np.array([cy]))
    row, column = form.canvas.pixel(x, y)
    s = form.canvas.scale
    top, left = max(int(row[0] - ry * s), 0), max(int(column[0] - rx * s), 0)
    bottom, right = int(row[0] + ry * s) + 2, int(column[0] + rx * s) + 2
    return slice(top, bottom), slice(left, right)


def _paint_eye(view, form: Form, window, side: int, iris, skin, lamp) -> None:
    p, canvas = form.person, form.canvas
    x, y = form.fx[window] - np.float32(0.5 * side), form.hy[window]
    t = x * side / p.eye_width
    upper, lower = lids(t, p)
    end = smoothstep(1.03, 0.97, np.abs(t))
    opening = canvas.cover(np.minimum(y - upper, lower - y)) * end
    gaze = 0.10 * form.turn
    radius = np.hypot(x - gaze * 0.2, y + 0.012)
    white = rgb(0.66, 0.62, 0.60) * (0.60 + 0.40 * np.clip(1 - np.abs(t) ** 3, 0, 1))
    white = white * (1 - 0.55 * np.exp(-np.clip(y - upper, 0, 1) / 0.035))
    over(view, white * (0.55 + 0.45 * min(1.0, 0.75 + 0.5 * float(skin.mean()))), opening)
    ball = canvas.cover(IRIS - radius) * opening
    spokes = 0.85 + 0.15 * np.sin(np.arctan2(y + 0.012, x) * 17 + 3 * np.sin(5 * np.arctan2(y, x)))
    ring = 0.45 + 0.85 * smoothstep(1.0, 0.55, radius / IRIS) * spokes
    bowl = 1 + 1.0 * np.clip((y * 1.0 - x * lamp[0]) / IRIS, -0.4, 1)
    over(view, (1.25 * iris + rgb(0.012, 0.007, 0.004)) * (ring * bowl), ball)
    over(view, rgb(0.008, 0.007, 0.007), canvas.cover(0.045 - radius) * opening)
    shade = np.exp(-np.clip(y - upper, 0, 1) / 0.028) * opening
    view *= 1 - 0.60 * shade
    _lids(view, form, x, y, t, upper, lower, skin)
    spot = canvas.cover(0.022 - np.hypot(x - 0.035 * form.person.lamp_side, y + 0.045), 0.008) * opening
    over(view, rgb(1.0, 1.0, 1.0), 0.92 * spot)
    inner = bump(t, y, -1.0, 0.02, 0.10, 0.028)
    over(view, skin * rgb(0.95, 0.62, 0.58), 0.6 * inner * (0.3 + 0.7 * opening))


def _lids(view, form: Form, x, y, t, upper, lower, skin) -> None:
    """Lashes as a dark rim (thicker outside, heavier with femininity), the crease above, the wet rim below."""
    p = form.person
    fade = smoothstep(1.12, 0.92, np.abs(t))
    thick = (0.013 + 0.009 * p.femininity) * (0.75 + 0.5 * smoothstep(-0.6, 0.9, t))
    lash = np.exp(-0.5 * ((y - upper + 0.25 * thick) / thick) ** 2) * fade
    over(view, rgb(0.020, 0.015, 0.013), np.clip(1.15 * lash, 0, 0.95))
    wing = bump(t, y - upper, 1.06, -0.006, 0.07, 0.012)
    over(view, rgb(0.03, 0.02, 0.02), 0.6 * p.femininity * wing)
    gap = 0.030 + 0.042 * p.eye_crease
    line = np.exp(-0.5 * ((y - upper * 1.05 + gap) / 0.012) ** 2) * smoothstep(1.25, 0.8, np.abs(t - 0.08))
    view *= 1 - (0.42 * min(1.0, 0.35 + p.eye_crease) * line) * rgb(0.75, 1, 1)
    rim = np.exp(-0.5 * ((y - lower) / 0.010) ** 2) * smoothstep(1.08, 0.85, np.abs(t))
    over(view, skin * rgb(0.48, 0.32, 0.30), np.clip(0.50 * rim * (0.7 + 0.3 * t), 0, 1))
    bag = np.exp(-0.5 * ((y - lower - 0.075) / 0.016) ** 2) * smoothstep(1.1, 0.6, np.abs(t + 0.1))
    view *= 1 - (0.10 + 0.20 * float(np.clip((p.age - 35) / 30, 0, 1))) * bag


def paint_mouth(picture: np.ndarray, form: Form, skin: np.ndarray) -> None:
    """Lips as tinted, glossy skin, the dark line between them, corners."""
    p, canvas = form.person, form.canvas
    window = feature_window(form, 0.0, p.mouth_y, 0.75, 0.36)
    view, x, y = picture[(slice(None), *window)], form.fx[window], form.hy[window]
    upper, line, lower = lip_edges(x, p)
    end = smoothstep(1.04, 0.94, np.abs(x) / p.mouth_width)
    soft = 0.020
    top = canvas.cover(np.minimum(y - upper, line - y + 0.01), soft) * end
    low = canvas.cover(np.minimum(y - line + 0.01, lower - y), soft) * end
    red = rgb(0.88, 0.47, 0.46) * (1 - rgb(0.0, 0.22, 0.16) * p.femininity)
    red = red + (1 - red) * 0.06 * p.skin_tone
    view *= 1 - (1 - red * 0.80) * (0.85 * top)
    view *= 1 - (1 - red) * (0.85 * low)
    folds = 1 + 0.05 * np.sin(x * 130) * np.cos(x * 47)
    view *= 1 + (folds - 1) * np.maximum(top, low)
    gloss = bump(x, y, 0.06 * p.lamp_side, p.mouth_y + 0.52 * p.lip_lower, 0.13, 0.018)
    view += (0.055 + 0.05 * p.femininity) * (gloss * low)
    dark = np.exp(-0.5 * ((y - line) / (0.010 + 0.004 * np.cos(3 * x))) ** 2) * smoothstep(
        1.06, 0.86, np.abs(x) / p.mouth_width
    )
    over(view, skin * rgb(0.20, 0.10, 0.09), np.clip(0.88 * dark, 0, 1))
    corner = bump(np.abs(x), y, p.mouth_width * 1.0, p.mouth_y - 0.048 - 0.045 * p.smile, 0.030, 0.020)
    view *= 1 - 0.42 * corner * rgb(0.8, 1, 1)
    under = bump(x, y, 0, p.mouth_y + p.lip_lower + 0.05, 0.20, 0.030)
    view *= 1 - 0.16 * under * rgb(0.8, 1, 1)


def lens_distance(form: Form, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Signed distance (inside positive) to the nearer lens' rim at face coordinates x, y."""
    shape = form.person.glasses_shape
    half, tall, power = {
        "round": (0.36, 0.335, 2.0),
        "square": (0.385, 0.265, 4.5),
        "oval": (0.38, 0.24, 2.5),
    }[shape]
    u, v = np.abs(np.abs(x) - 0.505) / half, np.abs(y - 0.045) / tall
    return (1 - (u**power + v**power + 1e-9) ** (1 / power)) * tall


def paint_glasses(picture: np.ndarray, form: Form, lamp: tuple) -> None:
    p, canvas = form.person, form.canvas
    x, y = form.fx - np.float32(0.06 * form.turn), form.hy
    distance = lens_distance(form, x, y)
    thick = 0.020 + 0.014 * (p.index % 3)
    rim = canvas.cover(thick - np.abs(distance))
    bridge = canvas.cover(
        0.018 - np.abs(y + 0.03 + 0.05 * np.cos(np.clip(x / 0.16, -1, 1) * 1.57) - 0.03)
    ) * (np.abs(x) < 0.155)
    arm = canvas.cover(0.022 - np.abs(y + 0.04)) * (np.abs(x) > 0.885) * (form.inside > -0.02)
    frame = np.maximum(np.maximum(rim, bridge), arm)
    shadow = canvas.blur(
        np.roll(frame, (int(0.05 * canvas.scale), int(-0.04 * p.lamp_side * canvas.scale)), (0, 1)), 0.02
    )
    picture *= 1 - 0.30 * (shadow * form.skin)
    lens = canvas.cover(distance)
    glint = lens * smoothstep(0.10, 0.0, np.abs((np.abs(x) - 0.5) * 0.8 + y + 0.10)) * 0.07
    picture += 0.004 * lens + glint
    colour = rgb(
        *((0.012, 0.012, 0.014), (0.09, 0.045, 0.02), (0.14, 0.14, 0.15), (0.03, 0.02, 0.05))[p.index % 4]
    )
    edge = 0.7 + 0.9 * smoothstep(-thick, thick, distance * -lamp[1])
    over(picture, colour * edge, 0.95 * frame)
