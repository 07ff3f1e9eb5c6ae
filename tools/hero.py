"""Draw book/_static/hero.png, the picture on the front page and in the README: built-in faces, photo beside sketch.

make hero
"""

from PIL import Image

import face2sketch as f2s

from project import ROOT

TARGET = ROOT / "book" / "_static" / "hero.png"


def main() -> None:
    """Sixteen people, eight pairs a row, in 128 colours so that the file stays small."""
    pairs = f2s.data.synthetic(n=16, size=160, seed=7)
    sheet = Image.fromarray(pairs.contact_sheet(columns=4))
    sheet.quantize(colors=192, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        TARGET, optimize=True
    )
    print(
        f"{TARGET.relative_to(ROOT)}: {sheet.width} x {sheet.height}, {TARGET.stat().st_size / 1024:.0f} KiB"
    )


if __name__ == "__main__":
    main()
