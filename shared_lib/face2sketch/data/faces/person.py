"""Who is drawn: the parameters of one imaginary person, and how they are drawn by lot.

A `Person` is a frozen record of plain numbers and words. Lengths are in face units (the distance between the pupils is 1),
angles in degrees, colours in sRGB 0..255. The photo and the sketch are two separate drawings of the same record.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from ...errors import DataError

HAIR_STYLES = (
    "short", "crew", "side-part", "quiff", "curtains", "fringe", "bob", "long", "long-fringe", "bun", "curly", "afro",
    "wavy", "receding", "bald",
)  # fmt: skip
HAIR_COLOURS = {
    "black": (27, 23, 23), "dark brown": (52, 36, 28), "brown": (88, 58, 38), "auburn": (112, 52, 32),
    "blond": (178, 138, 86), "grey": (142, 140, 140), "white": (205, 203, 200),
}  # fmt: skip
BEARDS = ("none", "stubble", "moustache", "goatee", "full")
CLOTHES = ("crew", "v-neck", "shirt", "polo", "suit", "hoodie", "turtleneck")
GLASSES = ("round", "square", "oval")
SKIN_TONES = (
    (246, 214, 196),
    (236, 192, 166),
    (220, 168, 134),
    (194, 140, 104),
    (152, 104, 76),
    (108, 73, 54),
)
SKIN_NAMES = ("very light", "light", "medium", "tan", "brown", "dark")
EYE_COLOURS = {"brown": (78, 48, 28), "dark": (42, 29, 23), "hazel": (108, 84, 46), "green": (92, 110, 76),
               "blue": (92, 124, 156), "grey": (116, 126, 134)}  # fmt: skip
BACKDROPS = ((92, 156, 206), (120, 168, 205), (150, 170, 188), (176, 184, 190), (196, 190, 178), (138, 158, 150),
             (205, 208, 212), (112, 128, 150))  # fmt: skip
CLOTH_COLOURS = ((36, 40, 52), (62, 66, 74), (228, 228, 226), (128, 36, 42), (40, 66, 112), (54, 88, 70), (150, 130, 104),
                 (178, 190, 204), (206, 176, 92), (92, 60, 92), (24, 24, 26), (190, 120, 110))  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One imaginary person, camera and artist. See `SHAPE` for the average and spread of every proportion."""

    seed: int
    index: int
    # proportions, in pupil distances
    face_width: float  # half width at the temples
    cheek_width: float  # half width at the cheekbones, relative to face_width
    jaw_width: float  # half width at the height of the mouth
    chin_width: float
    chin_y: float
    eye_width: float  # half width of the eye's opening
    eye_open: float  # height of the opening above the pupil
    eye_slant: float  # degrees, positive: outer corners up
    eye_crease: float  # 0 single eyelid .. 1 deep double eyelid
    brow_y: float
    brow_thick: float
    brow_arch: float
    brow_slant: float  # degrees
    nose_y: float  # height of the nose's base
    nose_width: float  # half width over the wings
    nose_bridge: float  # how far the bridge stands out
    mouth_y: float
    mouth_width: float
    lip_upper: float
    lip_lower: float
    smile: float  # -1 .. 1
    cheek_full: float
    ear_size: float
    neck_width: float
    forehead: float  # height of the hairline above the pupils
    # surface
    femininity: float  # 0 .. 1: steers proportions, beard and hair by lot
    age: float  # years, 18 .. 70
    skin_tone: float  # 0 light .. 5 dark, continuous
    skin_warmth: float
    freckles: float
    eye_colour: str
    hair_style: str
    hair_colour: str
    hair_volume: float  # 0.6 flat .. 1.4 full
    hair_part: float  # x of the parting
    beard: str
    glasses: bool
    glasses_shape: str
    clothes: str
    cloth_colour: tuple[int, int, int]
    backdrop: tuple[int, int, int]
    # camera and light
    yaw: float  # degrees, positive: the face turns to the viewer's right
    tilt: float  # degrees, positive: the head leans to the viewer's right
    light: float  # degrees, positive: light from the viewer's right
    light_height: float  # degrees above the camera
    contrast: float  # 0 flat studio light .. 1 one hard lamp
    # the artist
    exaggeration: float  # 0: proportions drawn as they are; 0.25: a quarter further from the average face
    pressure: float  # 0.7 light hand .. 1.3 heavy hand

    @property
    def lamp_side(self) -> float:
        """-1 for light from the viewer's left, 1 from the right."""
        return 1.0 if self.light > 0 else -1.0


# field: (average, standard deviation, change from femininity 0.5 to 1)
SHAPE = {
    "face_width": (1.00, 0.058, -0.025), "cheek_width": (0.985, 0.025, 0.0), "jaw_width": (0.80, 0.05, -0.045),
    "chin_width": (0.345, 0.05, -0.045), "chin_y": (1.60, 0.082, -0.04), "eye_width": (0.274, 0.016, 0.010),
    "eye_open": (0.108, 0.016, 0.013), "eye_slant": (3.0, 3.0, 1.0), "eye_crease": (0.55, 0.35, 0.1),
    "brow_y": (-0.36, 0.04, -0.02), "brow_thick": (0.066, 0.015, -0.014), "brow_arch": (0.055, 0.025, 0.02),
    "brow_slant": (2.0, 3.5, 1.0), "nose_y": (0.70, 0.055, -0.02), "nose_width": (0.238, 0.032, -0.018),
    "nose_bridge": (1.0, 0.16, -0.08), "mouth_y": (1.10, 0.045, -0.02), "mouth_width": (0.39, 0.04, -0.01),
    "lip_upper": (0.078, 0.018, 0.008), "lip_lower": (0.112, 0.022, 0.012), "smile": (0.55, 0.30, 0.12),
    "cheek_full": (1.0, 0.3, 0.1), "ear_size": (1.0, 0.11, -0.05), "neck_width": (0.64, 0.05, -0.085),
    "forehead": (1.00, 0.075, 0.0),
}  # fmt: skip
_LIMIT = 2.1  # standard deviations


def _generator(seed: int, index: int, stream: int = 0) -> np.random.Generator:
    """A stream of random numbers of this person alone: nothing else that is drawn can shift it."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, index, stream])))


def stream(person: Person, number: int) -> np.random.Generator:
    """Random numbers for one step: 1 photo, 2 sketch, 3 hair, 4 the hand's error, 5 clumps of hair, 6 camera."""
    return _generator(person.seed, person.index, number)


def _choose(rng: np.random.Generator, weights: dict):
    names = list(weights)
    share = np.cumsum(np.array([weights[name] for name in names], float))
    return names[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]


def _hair_style(rng: np.random.Generator, femininity: float, age: float) -> str:
    man = {"short": 3, "crew": 2, "side-part": 3, "quiff": 2, "curtains": 1.5, "fringe": 1.3, "curly": 1.5, "afro": 0.8,
           "wavy": 0.5, "receding": 1.2 if age > 35 else 0.2, "bald": 0.9 if age > 32 else 0.25, "long": 0.25, "bob": 0.1,
           "bun": 0.15, "long-fringe": 0.0}  # fmt: skip
    woman = {"long": 3, "long-fringe": 2.2, "bob": 2.2, "bun": 2, "wavy": 2.4, "curly": 1.2, "afro": 0.7,
             "side-part": 0.5, "short": 0.4, "curtains": 0.4, "fringe": 0.5, "crew": 0.05, "quiff": 0.15,
             "receding": 0.0, "bald": 0.03}  # fmt: skip
    return _choose(rng, woman if femininity > 0.5 else man)


def _surface(rng: np.random.Generator, femininity: float, age: float) -> dict:
    tone = float(
        rng.choice([0.3, 1.0, 1.8, 2.8, 3.9, 4.8], p=[0.17, 0.25, 0.2, 0.15, 0.13, 0.10])
        + rng.uniform(-0.4, 0.4)
    )
    fair = max(0.0, 1.6 - tone)
    colour = {
        "black": 1.6 + tone,
        "dark brown": 2.0,
        "brown": 0.5 + fair,
        "auburn": 0.2 + 0.6 * fair,
        "blond": 0.05 + 1.2 * fair,
    }
    grey = {"grey": max(0.0, (age - 43) / 6), "white": max(0.0, (age - 50) / 4)}
    eyes = {
        "dark": 1 + tone,
        "brown": 2.0,
        "hazel": 0.2 + fair,
        "green": 0.05 + 0.6 * fair,
        "blue": 0.05 + fair,
        "grey": 0.05 + 0.4 * fair,
    }
    beards = (
        {"none": 5.5, "stubble": 2.0, "moustache": 0.8, "goatee": 0.9, "full": 1.4}
        if femininity < 0.5
        else {"none": 1.0}
    )
    style = _hair_style(rng, femininity, age)
    return {
        "skin_tone": min(max(tone, 0.0), 5.0), "skin_warmth": float(rng.uniform(-1, 1)),
        "freckles": float(max(0.0, rng.uniform(-2, 1)) * (tone < 1.6)),
        "hair_style": style, "hair_colour": _choose(rng, colour | grey), "eye_colour": _choose(rng, eyes),
        "hair_volume": float(rng.uniform(0.7, 1.35)), "hair_part": float(rng.choice([-1, 1]) * rng.uniform(0.0, 0.5)),
        "beard": _choose(rng, beards), "glasses": bool(rng.random() < 0.24), "glasses_shape": GLASSES[rng.integers(3)],
        "clothes": CLOTHES[rng.integers(len(CLOTHES))], "cloth_colour": CLOTH_COLOURS[rng.integers(len(CLOTH_COLOURS))],
        "backdrop": BACKDROPS[rng.integers(len(BACKDROPS))],
    }  # fmt: skip


def _camera(rng: np.random.Generator) -> dict:
    return {
        "yaw": float(np.clip(rng.normal(0, 6.5), -15, 15)), "tilt": float(np.clip(rng.normal(0, 1.2), -3, 3)),
        "light": float(rng.uniform(-55, 55)), "light_height": float(rng.uniform(22, 50)),
        "contrast": float(rng.uniform(0.25, 0.9)),
        "exaggeration": float(rng.uniform(0.12, 0.32)), "pressure": float(rng.uniform(0.82, 1.18)),
    }  # fmt: skip


def sample_person(seed: int, index: int, **overrides) -> Person:
    """Person `index` of `seed`; every keyword fixes one field and leaves all others as they were drawn.

    Raises `DataError` for an unknown field, an unknown word for hair, beard, clothes and so on, or a negative seed.
    """
    if seed < 0 or index < 0:
        raise DataError(f"seed {seed}, index {index}: both must be 0 or more.")
    rng = _generator(seed, index)
    femininity = float(rng.beta(0.5, 0.5))
    age = float(18 + 52 * rng.beta(1.1, 2.2))
    shape = {}
    for name, (mean, spread, change) in SHAPE.items():
        draw = float(np.clip(rng.standard_normal(), -_LIMIT, _LIMIT))
        shape[name] = mean + spread * draw + change * 2 * (femininity - 0.5)
    person = Person(
        seed=seed,
        index=index,
        femininity=femininity,
        age=age,
        **shape,
        **_surface(rng, femininity, age),
        **_camera(rng),
    )
    return _override(person, overrides)


_WORDS = {"hair_style": HAIR_STYLES, "hair_colour": tuple(HAIR_COLOURS), "beard": BEARDS, "clothes": CLOTHES,
          "glasses_shape": GLASSES, "eye_colour": tuple(EYE_COLOURS)}  # fmt: skip


def _override(person: Person, overrides: dict) -> Person:
    known = {field.name for field in fields(Person)} - {"seed", "index"}
    for name, value in overrides.items():
        if name not in known:
            raise DataError(f"A person has no field {name!r}; the fields are: {', '.join(sorted(known))}.")
        if name in _WORDS and value not in _WORDS[name]:
            raise DataError(f"{name}={value!r}: expected one of {', '.join(_WORDS[name])}.")
    return replace(person, **overrides)


def exaggerate(person: Person, amount: float) -> Person:
    """The person as an artist stresses them: every proportion `amount` (0.2 = 20 %) further from the average face."""
    moved = {
        name: mean + (getattr(person, name) - mean) * (1 + amount) for name, (mean, _, _) in SHAPE.items()
    }
    return replace(person, **moved)


def attributes(person: Person) -> dict:
    """What a table of the pictures says about a person: words and numbers a reader can check by eye."""
    return {
        "hair_style": person.hair_style, "hair_colour": person.hair_colour, "glasses": person.glasses,
        "beard": person.beard, "skin_tone": SKIN_NAMES[int(min(person.skin_tone + 0.5, 5))], "eye_colour": person.eye_colour,
        "clothes": person.clothes, "age": int(person.age), "pose": round(person.yaw, 1), "tilt": round(person.tilt, 1),
        "light": round(person.light, 1), "light_height": round(person.light_height, 1),
        "exaggeration": round(person.exaggeration, 3),
    }  # fmt: skip
