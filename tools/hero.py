"""Draw book/_static/hero.png, the picture on the front page and in the README: one class, photographed and drawn.

    make hero        (or: python tools/hero.py another.png)

Twelve built-in faces; on the left their photos, on the right their sketches, and between the two the pencil at work.
Nobody real is shown. The same library gives the same picture: all chance here comes from `SEED`.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from face2sketch.data.faces import draw_photo, draw_sketch, sample_person

from project import ROOT

TARGET = ROOT / "book" / "_static" / "hero.png"
SEED = 7
PEOPLE = ((13, 10, 0, 12, 28, 21), (15, 33, 36, 2, 22, 8))  # who stands where: numbers within the seed
TILE = (240, 192)  # height and width of one portrait, px; each is drawn at twice that and reduced
GAP = 8  # px of paper around each portrait
CARD = (255, 253, 248)  # that paper: --f2s-card in custom.css
COLOURS, GREYS = 208, 48  # of the palette: photos need many more shades than pencil
STREAK, ANGLE = 13.0, 58.0  # a pencil stroke's length in px (standard deviation) and its slant in degrees


def halved(picture: np.ndarray) -> np.ndarray:
    """A picture (2H, 2W, C) reduced to (H, W, C) by averaging blocks of 2 x 2, float32."""
    height, width, channels = picture.shape
    return picture.reshape(height // 2, 2, width // 2, 2, channels).mean(axis=(1, 3), dtype=np.float32)


def sheet(draw) -> np.ndarray:
    """One portrait of everybody by `draw(person, size)`, side by side on a card: (height, width, 3) float32 in [0, 255]."""
    height, width = TILE
    shape = (len(PEOPLE) * (height + GAP) + GAP, len(PEOPLE[0]) * (width + GAP) + GAP, 3)
    card = np.broadcast_to(np.float32(CARD), shape).copy()
    for row, numbers in enumerate(PEOPLE):
        for column, number in enumerate(numbers):
            top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
            portrait = draw(sample_person(SEED, number), (2 * height, 2 * width))
            card[top : top + height, left : left + width] = halved(portrait)
    return card


def strokes(height: int, width: int) -> np.ndarray:
    """Slanted streaks, (height, width), mean 0 and standard deviation 1: noise drawn out in one direction and turned."""
    side = int(np.ceil(np.hypot(height, width))) + 8
    noise = np.random.default_rng(SEED).standard_normal((side, side), dtype=np.float32)
    streaks = ndimage.gaussian_filter(noise, (0.9, STREAK), mode="wrap")
    streaks = ndimage.rotate(streaks, ANGLE, reshape=False, order=1, mode="wrap")
    top, left = (side - height) // 2, (side - width) // 2
    streaks = streaks[top : top + height, left : left + width]
    return (streaks - streaks.mean()) / streaks.std()


def drawn(height: int, width: int) -> np.ndarray:
    """How far the pencil has come, (height, width, 1): 0 photo, 1 sketch, and a ragged front of strokes between."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    front = 0.5 * width - 0.38 * (y - 0.5 * height)
    share = np.clip((x - front) / (0.11 * width) + 0.6 * strokes(height, width) + 0.5, 0, 1)
    return (share * share * (3 - 2 * share))[..., None]


def palette(picture: Image.Image, colours: int) -> list[int]:
    """The `colours` shades that serve a picture best, as r, g, b, r, g, b, ..."""
    return picture.quantize(colours, method=Image.Quantize.MEDIANCUT, kmeans=2).getpalette()[: 3 * colours]


def hero() -> Image.Image:
    """The finished picture, with a palette so that the file stays small."""
    photos, sketches = sheet(draw_photo), sheet(draw_sketch)
    share = drawn(*photos.shape[:2])
    layers = (photos * (1 - share) + sketches * share, photos[:, : 2 * photos.shape[1] // 3], sketches)
    picture, colour, pencil = (Image.fromarray(np.rint(layer).astype(np.uint8)) for layer in layers)
    shades = Image.new("P", (1, 1))
    shades.putpalette(palette(colour, COLOURS) + palette(pencil, GREYS))
    return picture.quantize(palette=shades, dither=Image.Dither.FLOYDSTEINBERG)


def main() -> None:
    """Write the picture to book/_static/hero.png, or to the file named."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    picture = hero()
    picture.save(target, optimize=True)
    print(f"{target.name}: {picture.width} x {picture.height}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
