"""More pairs from few: flips, quarter turns, small affine changes, light. Always after the split.

Geometry is done to photo and sketch alike; light and colour only to the photo, because an artist draws the
person and not the exposure. Identities stay, so that a later `split` still keeps a person on one side.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from .pairs import FacePairs
from .splits import generator


@dataclass(frozen=True)
class Affine:
    """Ranges of a random small move; each value is drawn uniformly from [-limit, limit].

    Attributes:
        degrees: rotation about the picture's centre (positive is clockwise).
        scale: relative change of size; 0.05 means from 5 % smaller to 5 % larger.
        shift: move in each direction, as a part of the picture's side.
    """

    degrees: float = 5.0
    scale: float = 0.05
    shift: float = 0.03


@dataclass(frozen=True)
class Photometric:
    """Ranges of a random change of the photo's light; each value is drawn uniformly from [-limit, limit].

    Attributes:
        brightness: added to all channels, as a part of full white.
        contrast: relative change around the photo's own mean.
        colour: relative change of each channel by itself (a cast of the light).
        gamma: exponent 2**value applied to the photo in [0, 1].
    """

    brightness: float = 0.08
    contrast: float = 0.15
    colour: float = 0.05
    gamma: float = 0.2


def eightfold(pairs: FacePairs) -> FacePairs:
    """Each pair in all eight positions of a square: four quarter turns, each as it is and mirrored.

    What Skubisz and Priovolos do to the 188 CUHK pairs, there *before* the split: Skubisz then draws at random,
    so that people stand on both sides, while Priovolos keeps the order and cuts between two people. The result
    has 8N pairs: the eight of the first pair, then those of the second, ... in the order 0, 90, 180, 270 degrees
    anticlockwise, then the same of the mirrored pair.

    Raises:
        DataError: pictures that are not square, since a quarter turn would change their shape.
    """
    if pairs.size[0] != pairs.size[1]:
        height, width = pairs.size
        raise DataError(
            f"quarter turns need square pictures, and these are {height}x{width} (height x width): make them "
            f"square by crop({min(pairs.size)}), pad({max(pairs.size)}) or resize({max(pairs.size)}) first"
        )

    def eight(pictures: np.ndarray) -> np.ndarray:
        turned = [
            np.rot90(base, turns, axes=(1, 2))
            for base in (pictures, pictures[:, :, ::-1])
            for turns in range(4)
        ]
        return np.stack(turned, axis=1).reshape(-1, *pictures.shape[1:])

    repeated = pairs[np.repeat(np.arange(len(pairs)), 8)]
    return repeated.replace(photos=eight(pairs.photos), sketches=eight(pairs.sketches))


def augment(
    pairs: FacePairs,
    seed: int = 0,
    copies: int = 1,
    flip: bool = True,
    quarter_turns: bool = False,
    affine: Affine | bool | None = True,
    photometric: Photometric | bool | None = True,
) -> FacePairs:
    """Random variants of every pair: `copies` x N pairs, the originals not among them (`concat` adds them).

    Pair i of copy c depends on `seed`, c and i alone, so that a longer set begins with the same pictures.

    Args:
        seed: which random variants.
        copies: variants of each pair; the first N results are one variant of each, and so on.
        flip: mirror left and right, in half of the cases.
        quarter_turns: turn by a random multiple of 90 degrees (square pictures only).
        affine: limits of rotation, scale and shift, the same for photo and sketch; True for `Affine()`, None
            for none. Pixels from outside repeat the edge.
        photometric: limits of the changes to the photo's light; True for `Photometric()`, None for none.

    Raises:
        DataError: copies below 1; a seed below 0; quarter turns of pictures that are not square.
    """
    if copies < 1:
        raise DataError(f"copies={copies}: expected at least 1")
    generator(seed)  # says what is wrong with it
    if quarter_turns and pairs.size[0] != pairs.size[1]:
        raise DataError(f"quarter turns need square pictures, and these are {pairs.size} (height, width)")
    move = Affine() if affine is True else (affine or None)
    light = Photometric() if photometric is True else (photometric or None)
    photos = np.empty((copies * len(pairs), *pairs.photos.shape[1:]), np.uint8)
    sketches = np.empty((copies * len(pairs), *pairs.sketches.shape[1:]), np.uint8)
    for place in range(len(photos)):
        copy, index = divmod(place, len(pairs))
        random = np.random.default_rng([seed, copy, index])
        pair = [pairs.photos[index], pairs.sketches[index]]
        if flip and random.random() < 0.5:
            pair = [picture[:, ::-1] for picture in pair]
        if quarter_turns:
            turns = int(random.integers(4))
            pair = [np.rot90(picture, turns) for picture in pair]
        if move is not None:
            coefficients = _random_move(move, pairs.size, random)  # one move for both
            pair = [_moved(picture, coefficients) for picture in pair]
        photos[place] = pair[0] if light is None else _relit(pair[0], light, random)
        sketches[place] = pair[1]
    return pairs[np.tile(np.arange(len(pairs)), copies)].replace(photos=photos, sketches=sketches)


def _random_move(limits: Affine, size: tuple[int, int], random: np.random.Generator) -> tuple[float, ...]:
    """Pillow's six coefficients for a random rotation, scale and shift about the centre of an (H, W) picture.

    They map the new picture's points to the old one's: the inverse of the move, (x, y) = A (x', y') + b.
    """
    height, width = size
    angle = np.deg2rad(random.uniform(-limits.degrees, limits.degrees))
    scale = 1 + random.uniform(-limits.scale, limits.scale)
    shift = random.uniform(-limits.shift, limits.shift, 2) * (width, height)
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    inverse = np.array([[cosine, sine], [-sine, cosine]])
    centre = np.array([width / 2, height / 2])
    offset = centre - inverse @ (centre + shift)
    return (*inverse[0], offset[0], *inverse[1], offset[1])


def _moved(picture: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    """(H, W, C) under a move of `_random_move`: bilinear, pixels from outside repeat the edge."""
    from PIL import Image

    height, width, channels = picture.shape
    # Pillow fills what comes from outside with black: lay the picture on a wide border of repeated edges.
    border = max(height, width) // 2
    padded = np.pad(picture, [(border, border), (border, border), (0, 0)], mode="edge")
    a, b, c, d, e, f = coefficients
    image = Image.fromarray(padded if channels == 3 else padded[..., 0])
    affine = Image.Transform.AFFINE, (a, b, c + border, d, e, f + border), Image.Resampling.BILINEAR
    return np.asarray(image.transform((width, height), *affine)).reshape(picture.shape)


def _relit(photo: np.ndarray, limits: Photometric, random: np.random.Generator) -> np.ndarray:
    """A random change of gamma, contrast, colour cast and brightness; uint8 in and out."""
    gamma = 2 ** random.uniform(-limits.gamma, limits.gamma)
    contrast = 1 + random.uniform(-limits.contrast, limits.contrast)
    cast = 1 + random.uniform(-limits.colour, limits.colour, 3)
    brightness = random.uniform(-limits.brightness, limits.brightness)
    # A table of 256 entries for each channel is far quicker than powers of every pixel.
    levels = (np.arange(256) / 255) ** gamma
    mean = levels[photo].mean()
    table = ((levels - mean) * contrast + mean)[:, None] * cast + brightness
    table = np.rint(np.clip(table, 0, 1) * 255).astype(np.uint8)
    return np.stack([table[photo[..., channel], channel] for channel in range(3)], axis=2)
