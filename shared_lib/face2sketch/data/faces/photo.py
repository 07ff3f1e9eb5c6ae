"""The photo: a lit, coloured picture of a person, as a student card would show them.

All paint is mixed in linear light (colours ** 2.2) and turned into sRGB at the end, so shade falls off as on a real face.
"""

from __future__ import annotations

import numpy as np

from .body import Body
from .canvas import Canvas, bump, smoothstep
from .features import feature_window, paint_eyes, paint_glasses, paint_mouth
from .geometry import Form, brow_line, light_vector, normals
from .hair import Hair
from .paint import linear, over, rgb
from .person import EYE_COLOURS, HAIR_COLOURS, SKIN_TONES, Person, stream
from .strokes import Hand, follow, splat, taper


def skin_colour(p: Person) -> np.ndarray:
    low = int(min(p.skin_tone, len(SKIN_TONES) - 2))
    part = p.skin_tone - low
    base = np.array(SKIN_TONES[low]) * (1 - part) + np.array(SKIN_TONES[low + 1]) * part
    return linear(base + np.array([3.0, -1.0, -6.0]) * p.skin_warmth)


class Studio:
    """Lamp, fill light and the shading they give to a height field."""

    def __init__(self, p: Person, canvas: Canvas) -> None:
        self.person, self.canvas = p, canvas
        self.lamp = light_vector(p)

    def shade(
        self, height: np.ndarray, cavity: float = 0.09, depth: float = 2.6
    ) -> tuple[np.ndarray, np.ndarray]:
        """(brightness around 1, mirror highlight 0..1) of a relief; hollows narrower than `cavity` units are darkened."""
        nx, ny, nz = normals(height, self.canvas)
        lx, ly, lz = self.lamp
        facing = nx * lx + ny * ly + nz * lz
        hard = self.person.contrast
        lamp = np.clip((facing + 0.30) / 1.30, 0, None)
        fill = 0.5 + 0.5 * nz
        bright = (0.47 + 0.56 * hard) * lamp + (0.57 - 0.40 * hard) * fill
        hollow = np.clip(self.canvas.soften(height, cavity) - height, -0.05, 0.2)
        half = np.array([lx, ly, lz + 1.0])
        half = (half / np.linalg.norm(half)).tolist()
        gloss = np.clip(nx * half[0] + ny * half[1] + nz * half[2], 0, 1) ** 26
        bright += 0.30 * np.maximum(ny, 0)  # light thrown back from the chest
        return np.maximum(bright, 0.2) * np.exp(-depth * hollow), gloss


def draw_backdrop(p: Person, canvas: Canvas, rng: np.random.Generator) -> np.ndarray:
    """Paper or cloth behind the sitter: brighter towards the middle and the lamp."""
    glow = bump(canvas.x, canvas.y, 0.012 * p.light, -0.3, 2.2, 2.2)
    level = 0.66 + 0.42 * glow + 0.02 * canvas.noise(rng, 0.7)
    return linear(p.backdrop) * level


def shadow_tint(p: Person) -> np.ndarray:
    """What shade does to skin: light scattered inside it comes back red, less so in dark skin."""
    return rgb(1.0, 0.86, 0.78) ** np.float32(1.0 - 0.1 * p.skin_tone)


def paint_neck(picture, form: Form, body: Body, hair: Hair, studio: Studio) -> None:
    """Neck in the shadow of chin and hair."""
    p, canvas = form.person, form.canvas
    chin = canvas.blur(np.roll(form.skin, int(0.16 * canvas.scale), 0), 0.09)
    throat = (1 - 0.58 * chin) * (1 - 0.45 * hair.back * smoothstep(0.55, 1.0, body.side / body.width))
    bright, _ = studio.shade(body.neck_height, 0.06)
    over(picture, _lit(skin_colour(p), bright * throat, shadow_tint(p)), body.neck)


def paint_face(picture, form: Form, body: Body, hair: Hair, studio: Studio, rng: np.random.Generator) -> None:
    """Ears and face with shade, blush, mottling and the shadow that hair throws."""
    p, base = form.person, skin_colour(form.person)
    bright, _ = studio.shade(body.ear_height, 0.06)
    over(picture, _lit(base, bright * (1 - 0.35 * body.ear_bowl), shadow_tint(p)), body.ear)
    face = form.face()
    view = picture[(slice(None), *face.box)]
    bright, gloss = studio.shade(face.height)
    bright = bright * _hair_shadow(hair, form.canvas, p)[face.box]
    over(view, _face_colour(face, base, bright, shadow_tint(p), rng), face.skin)
    strength = (0.10 - 0.010 * p.skin_tone) * (0.5 + 0.5 * p.contrast)
    view += (strength * gloss * face.skin) * rgb(1, 0.97, 0.93)


def _lit(base: np.ndarray, bright: np.ndarray, tint: np.ndarray) -> np.ndarray:
    """Colour of lit skin: the darker, the redder."""
    dark = np.clip(1 - bright, 0, 1)
    return base * bright * (1 - dark * (1 - tint))


def _hair_shadow(hair: Hair, canvas: Canvas, p: Person) -> np.ndarray:
    down, across = int(0.10 * canvas.scale), int(-0.002 * p.light * canvas.scale)
    cast = canvas.blur(np.roll(hair.front, (down, across), (0, 1)), 0.05)
    return 1 - 0.40 * cast * (0.15 if p.hair_style in ("bald", "crew", "receding") else 1.0)


def _face_colour(form, base, bright, tint, rng) -> np.ndarray:
    p, canvas, x, y = form.person, form.canvas, form.fx, form.hy
    side = np.abs(x)
    mottle = (canvas.noise(rng, 0.045) * 0.016 + canvas.noise(rng, 0.25) * 0.02)[form.box]
    skin = _lit(base, bright * (1 + mottle), tint)
    blush = (
        0.8 * bump(side, y, 0.60, 0.50, 0.24, 0.20)
        + 0.7 * bump(form.nx, y, 0, p.nose_y - 0.1, 0.16, 0.12)
        + 0.3 * bump(x, y, 0, p.chin_y - 0.15, 0.2, 0.12)
    )
    amount = blush * (0.13 + 0.10 * p.femininity) * (1 - 0.12 * p.skin_tone)
    skin *= 1 - amount * rgb(0.02, 0.30, 0.26)
    tired = bump(side, y, 0.47, 0.15, 0.20, 0.06) + 0.7 * bump(side, y, 0.42, -0.12, 0.2, 0.08)
    skin *= 1 - (tired * (0.10 + 0.10 * (p.age > 45))) * rgb(0.8, 1.0, 0.9)
    if p.freckles > 0.05:
        spots = smoothstep(1.25, 1.9, canvas.noise(rng, 0.035)[form.box]) * (
            bump(side, y, 0.42, 0.38, 0.32, 0.2) + bump(x, y, 0, 0.3, 0.2, 0.2)
        )
        skin *= 1 - (0.45 * p.freckles * spots) * rgb(0.6, 1.0, 1.2)
    return skin


def paint_nostrils(picture, form: Form) -> None:
    """Nostrils, the shade below the nose, the crease around its wings."""
    p = form.person
    window = feature_window(form, 0.0, p.nose_y, 0.60, 0.28)
    view, x, y = picture[(slice(None), *window)], form.nx[window], form.hy[window]
    side = np.abs(x)
    hole = bump(side, y + 0.25 * (side - 0.1), p.nose_width * 0.47, p.nose_y - 0.004, 0.046, 0.020)
    over(view, skin_colour(p) * rgb(0.20, 0.12, 0.10), np.clip(1.35 * hole, 0, 0.92))
    under = bump(x, y, 0, p.nose_y + 0.03, p.nose_width * 0.8, 0.035)
    view *= 1 - (0.16 * under) * rgb(0.8, 1, 1)
    crease = bump(side, y, p.nose_width + 0.012, p.nose_y - 0.06, 0.018, 0.06)
    view *= 1 - (0.26 * crease) * rgb(0.75, 1, 1)


def paint_brows(picture, form: Form, rng: np.random.Generator) -> None:
    """Brow hairs: a soft ground and some two hundred short strokes."""
    p, canvas = form.person, form.canvas
    colour = linear(HAIR_COLOURS[p.hair_colour]) * (
        0.55 if p.hair_colour in ("blond", "white", "grey") else 0.9
    )
    x, y, weight = brow_strokes(form, rng, 90)
    ink = splat(canvas, x, y, weight, 0.011)
    soft = canvas.soften(ink, 0.022)
    strength = 0.72 if p.hair_colour in ("blond", "white", "auburn") else 1.0
    over(
        picture,
        np.minimum(colour, skin_colour(p) * 0.75),
        np.clip(strength * (1 - np.exp(-0.42 * ink - 0.55 * soft)), 0, 0.93),
    )


def brow_strokes(form: Form, rng: np.random.Generator, count: int):
    """Short hairs along both brows, steep near the nose and flat at the temple: x, y, pressure (strokes, points)."""
    p = form.person
    parts = []
    for side in (-1, 1):
        t = (np.arange(count) + rng.random(count)) / count
        x, y, half = brow_line(t, p)
        y = y + half * rng.uniform(-1, 1, count) * 1.1
        angle = np.radians(70 - 75 * np.clip(t * 1.25, 0, 1) + rng.normal(0, 9, count))
        length = 0.055 + 0.05 * smoothstep(0.1, 0.5, t)
        s = np.linspace(-0.5, 0.5, 5)[None]
        px = x[:, None] + np.cos(angle)[:, None] * length[:, None] * s
        py = y[:, None] - np.sin(angle)[:, None] * length[:, None] * s
        parts.append(form.place(side * px, py))
    x, y = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    thin = 1 - 0.45 * smoothstep(0.6, 1.0, np.concatenate([np.linspace(0, 1, count)] * 2))
    return x, y, (0.9 * thin)[:, None] * taper(5, 0.3, 0.5)[None]


def paint_beard(picture, form: Form, rng: np.random.Generator) -> None:
    p, canvas = form.person, form.canvas
    if p.beard == "none":
        return
    area = beard_area(form)
    colour = linear(HAIR_COLOURS[p.hair_colour]) * 0.8
    grain = canvas.noise(rng, 0.028)
    if p.beard == "stubble":
        over(picture, colour, np.clip(area * (0.26 + 0.10 * grain), 0, 0.6))
        return
    ink = beard_strokes(form, area, rng, 1500)
    soft = canvas.soften(area, 0.03)
    lightness = 0.75 + 0.5 * np.clip(ink * 0.4, 0, 1.2)
    over(picture, colour * lightness, np.clip(soft * (0.72 + 0.12 * grain), 0, 0.92))


def beard_area(form: Form) -> np.ndarray:
    """Where the beard grows, 0..1."""
    p, x, y = form.person, form.fx, form.hy
    side = np.abs(x)
    lip_top = p.mouth_y - p.lip_upper - 0.015
    moustache = (
        bump(side, y, 0.15, lip_top - 0.055, 0.20, 0.052)
        * 1.5
        * smoothstep(p.mouth_width + 0.10, p.mouth_width - 0.06, side)
    )
    lips = smoothstep(
        0.8, 1.15, np.sqrt((x / (p.mouth_width + 0.02)) ** 2 + ((y - p.mouth_y - 0.015) / 0.14) ** 2)
    )
    chin = smoothstep(p.mouth_y + 0.10, p.mouth_y + 0.22, y) * smoothstep(0.44, 0.32, side)
    if p.beard == "moustache":
        area = moustache
    elif p.beard == "goatee":
        beside = bump(side, y, p.mouth_width + 0.03, p.mouth_y + 0.08, 0.05, 0.16)
        area = np.maximum(np.maximum(moustache, chin), beside)
    else:
        cheek = 0.42 + 0.72 * np.clip(1 - side / p.face_width, 0, 1) ** 0.8
        jaw = smoothstep(cheek - 0.06, cheek + 0.10, y) * smoothstep(
            0.22, 0.40, side + 0.35 * smoothstep(1.15, 1.3, y)
        )
        area = np.maximum(np.maximum(moustache, jaw), chin)
    return np.clip(area, 0, 1) * lips * form.skin


def beard_strokes(form: Form, area, rng: np.random.Generator, count: int) -> np.ndarray:
    """Short hairs inside the beard, pointing down and outwards."""
    canvas = form.canvas
    x, y = rng.uniform(-1.1, 1.1, count).astype(np.float32), rng.uniform(0.2, 1.8, count).astype(np.float32)
    keep = canvas.sample(area, x, y) > 0.25
    x, y = x[keep], y[keep]
    turn = np.arctan2(0.9, x * 0.8) + rng.normal(0, 0.22, len(x))
    s = np.linspace(0, 0.10, 5)[None]
    px, py = x[:, None] + np.cos(turn)[:, None] * s, y[:, None] + np.sin(turn)[:, None] * s
    return splat(canvas, px, py, 0.8 * taper(5)[None], 0.010)


def hair_strands(form: Form, hair: Hair, mask, rng: np.random.Generator, count: int, curl: bool):
    """Strands that start anywhere in the mass and follow its flow: x, y, pressure."""
    canvas = form.canvas
    reach_x, reach_y = canvas.width / 2 / canvas.scale, canvas.height / 2 / canvas.scale
    x = rng.uniform(-min(2.05, reach_x), min(2.05, reach_x), 4 * count).astype(np.float32)
    y = rng.uniform(-2.3, min(2.55, max(reach_y, 2.0)), 4 * count).astype(np.float32)
    keep = np.flatnonzero((canvas.sample(mask, x, y) > 0.35) & (np.abs(y) < reach_y + 0.05))[:count]
    x, y = x[keep], y[keep]
    short = form.person.hair_style in ("short", "crew", "receding", "bald", "curly", "afro")
    length = rng.uniform(0.18, 0.42, len(x)) if short else rng.uniform(0.35, 0.95, len(x))
    if form.person.hair_style in ("crew", "bald"):
        length *= 0.4
    bend = (
        rng.choice([-1.0, 1.0], len(x)) * rng.uniform(0.18, 0.40, len(x))
        if curl
        else rng.normal(0, 0.03, len(x))
    )
    steps = 14
    return follow(canvas, x, y, hair.flow_x, hair.flow_y, steps, length / steps, bend)


def paint_hair(picture, form: Form, hair: Hair, studio: Studio, rng: np.random.Generator) -> None:
    """The mass over the face: shade from its relief, thousands of light and dark strands, a sheen across the strands."""
    p, canvas = form.person, form.canvas
    curl = p.hair_style in ("curly", "afro")
    x, y = hair_strands(form, hair, hair.front, rng, 1200, curl)
    shine = rng.standard_normal(len(x)).astype(np.float32)
    profile = taper(x.shape[1], 0.25, 0.45)[None]
    light = splat(canvas, x, y, np.clip(shine, 0, 2)[:, None] * profile, 0.010)
    dark = splat(canvas, x, y, np.clip(-shine, 0, 2)[:, None] * profile, 0.010)
    texture = np.tanh(0.42 * (light - dark))
    bright, _ = studio.shade(hair.height, 0.05, 1.2)
    sheen = _sheen(hair, studio, texture)
    body = linear(HAIR_COLOURS[p.hair_colour])
    level = (
        (0.30 + 0.85 * bright)
        * (1 + (0.85 if not curl else 1.0) * texture)
        * (1 - 0.35 * np.exp(-np.clip(hair.edge, 0, 1) / 0.05) * (hair.outside > 0.1))
    )
    gloss = 0.30 if p.hair_colour == "black" else 0.22
    colour = body * np.clip(level, 0.12, None) + (gloss * sheen) * (0.35 * body + rgb(0.13, 0.125, 0.13))
    alpha = hair.front
    if p.hair_style in ("bald", "crew"):
        alpha = alpha * (0.55 if p.hair_style == "bald" else 0.93)
    near = np.exp(-np.maximum(-hair.outside, 0) / 0.03) * np.exp(-np.maximum(-hair.edge, 0) / 0.04)
    strays = np.clip(0.34 * (light + dark), 0, 0.85) * (hair.front < 0.5) * near
    over(picture, colour, np.clip(np.maximum(alpha, strays), 0, 1))


def _sheen(hair: Hair, studio: Studio, texture: np.ndarray) -> np.ndarray:
    """Highlight of light on fibres (Kajiya and Kay 1989): bright where the half vector is square to the strand."""
    canvas = studio.canvas
    dy, dx = np.gradient(canvas.soften(hair.height, 0.06), np.float32(1 / canvas.scale))
    tx, ty = hair.flow_x, hair.flow_y
    tz = tx * dx + ty * dy
    size = 1 / np.sqrt(1 + tz * tz)
    lx, ly, lz = studio.lamp
    half = np.array([lx, ly - 0.25, lz + 1.0])
    half = (half / np.linalg.norm(half)).tolist()
    along = (tx * half[0] + ty * half[1] + tz * half[2]) * size + 0.10 * texture
    if hair.person.hair_style in ("curly", "afro"):
        return np.clip(texture, 0, 1) * 0.45
    power = 22
    return (
        np.clip(1 - along * along, 0, 1) ** power
        * (0.75 + 0.5 * texture)
        * smoothstep(0.0, 0.25, hair.outside)
    )


def paint_clothes(picture, form: Form, body: Body, studio: Studio, rng: np.random.Generator) -> None:
    p, canvas = form.person, form.canvas
    bright, _ = studio.shade(body.cloth_height, 0.05, 3.0)
    weave = 1 + 0.03 * canvas.noise(rng, 0.03) + 0.04 * canvas.noise(rng, 0.3)
    shade = (0.25 + 0.80 * bright) * weave
    cloth = linear(p.cloth_colour) + 0.004
    rest = np.clip(body.cloth, 0, 1)
    drop = canvas.blur(np.maximum(body.collar, 0), 0.03)
    over(picture, cloth * (shade * (1 - 0.35 * drop * (1 - body.collar))), rest)
    if p.clothes == "suit":
        over(picture, linear((226, 228, 232)) * shade, body.inner * rest)
        over(picture, linear((235, 236, 238)) * shade, body.collar)
        tie = linear([(120, 30, 40), (40, 60, 110), (60, 60, 70)][p.index % 3])
        over(picture, tie * shade, body.tie)
    elif p.clothes != "crew":
        over(picture, cloth * (1.12 * shade), body.collar)
    seams = Hand(form, rng)
    for x, y, weight in body.curves:
        seams.line(x, y, 0.8 * weight, passes=1, wobble=0.0)
    picture *= 1 - np.minimum(0.42 * seams.lift(), 0.6) * np.maximum(rest, body.collar)
    if p.index % 5 == 2 and p.clothes in ("crew", "polo", "turtleneck"):
        stripe = smoothstep(0.2, 0.5, np.sin(body.y * 30 + 2.5 * np.sqrt(np.clip(body.side, 0, 2))))
        over(picture, np.clip(cloth * 0.4 + 0.25, 0, 1) * shade, 0.7 * stripe * rest * (1 - body.collar))


def draw_photo_linear(p: Person, canvas: Canvas) -> np.ndarray:
    """The picture before the camera, (3, H, W) float32 in linear light."""
    rng = stream(p, 1)
    form, studio = Form(p, canvas), Studio(p, canvas)
    hair, body = Hair(form, stream(p, 3)), Body(form)
    picture = draw_backdrop(p, canvas, rng)
    dark = linear(HAIR_COLOURS[p.hair_colour])
    if hair.back.max() > 0:
        over(picture, dark * (0.22 + 0.25 * canvas.cover(hair.outside - 0.15, 0.2)), hair.back)
    paint_neck(picture, form, body, hair, studio)
    paint_clothes(picture, form, body, studio, rng)
    paint_face(picture, form, body, hair, studio, rng)
    _paint_features(picture, form, studio, rng)
    paint_hair(picture, form, hair, studio, rng)
    if p.glasses:
        paint_glasses(picture, form, studio.lamp)
    return picture


def _paint_features(picture, form: Form, studio: Studio, rng) -> None:
    p = form.person
    paint_nostrils(picture, form)
    paint_mouth(picture, form, skin_colour(p))
    paint_eyes(picture, form, linear(EYE_COLOURS[p.eye_colour]), skin_colour(p), studio.lamp)
    paint_brows(picture, form, rng)
    paint_beard(picture, form, rng)


def develop(picture: np.ndarray, p: Person, canvas: Canvas) -> np.ndarray:
    """Camera: fall-off towards the corners, a shoulder in the highlights, (3, H, W) linear to (H, W, 3) sRGB in [0, 1]."""
    radius = (canvas.x**2 + canvas.y**2) / 8
    exposed = picture * (1.10 * (1 - 0.14 * radius))
    exposed = np.minimum(exposed, 0.6) + 0.42 * np.tanh(np.maximum(exposed - 0.6, 0) / 0.42)
    return np.moveaxis(np.clip(exposed, 0, 1) ** np.float32(1 / 2.2), 0, 2)
