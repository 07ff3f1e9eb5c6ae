"""Reading picture files strictly: what is broken is refused, what is merely unusual is converted and said so.

A picture that is silently wrong (a truncated JPEG padded with grey, a transparent pixel turned black, a phone
photo lying on its side) ruins an experiment without a message. So every conversion leaves a note, and
`Reader` gathers the notes and the failures of a whole batch into one warning and one error.
"""

import io
import os
import struct
import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".bmp",
        ".tif",
        ".tiff",
        ".gif",
        ".webp",
        ".ppm",
        ".pgm",
        ".pnm",
        ".jp2",
    )
)
# The scanned pencil sketches of CUHK are stored as RGB with a tint of at most 10 grey levels: that is no
# colour.
_TINT = 16
_pillow_flag = threading.Lock()


class PictureWarning(UserWarning):
    """Pictures were converted, or left out because the caller allowed it."""


def is_picture(path: Path) -> bool:
    """Whether a name looks like a picture's; hidden files (.DS_Store, macOS's ._f-005-01.jpg) do not."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def read_picture(path: str | os.PathLike, channels: int = 3) -> np.ndarray:
    """Read one file as uint8 (H, W, channels): RGB for `channels=3`, grey (BT.601) for `channels=1`.

    Raises:
        DataError: missing, empty, not a picture, broken, truncated, or of a range that cannot be guessed.

    Warns:
        PictureWarning: the picture had to be converted (16-bit, CMYK, alpha, palette, EXIF rotation, ...).
    """
    reader = Reader()
    picture = reader.read(Path(path), channels)
    reader.conclude()
    return picture


def read_pictures(paths: Iterable[str | os.PathLike], channels: int = 3) -> list[np.ndarray]:
    """Read several files, of any sizes; one error lists all bad ones, one warning all conversions."""
    reader = Reader()
    pictures = [reader.read(Path(path), channels) for path in paths]
    reader.conclude()
    return [picture for picture in pictures if picture is not None]


class Reader:
    """Reads pictures one after the other and remembers what was wrong, so that a batch ends with one account.

    Attributes:
        problems: path -> why it could not be used.
        notes: what was converted -> the paths concerned.
    """

    def __init__(self) -> None:
        self.problems: dict[Path, str] = {}
        self.notes: dict[str, list[Path]] = {}
        self.count = 0

    def read(self, path: Path, channels: int, size: tuple[int, int] | None = None) -> np.ndarray | None:
        """Read one picture, resized to `size` (H, W) if given; None, and a problem noted, if that fails."""
        self.count += 1
        try:
            picture, notes = _read(path, channels, size)
        except DataError as error:
            self.problems[path] = str(error)
            return None
        for note in notes:
            self.notes.setdefault(note, []).append(path)
        return picture

    def conclude(self, skip_bad: bool = False, stacklevel: int = 3) -> None:
        """Raise one DataError for all problems (`skip_bad`: warn), and warn once about all conversions."""
        if self.problems:
            listed = "\n".join(f"  {path}: {reason}" for path, reason in self.problems.items())
            headline = f"{len(self.problems)} of {self.count} pictures cannot be used"
            if not skip_bad:
                raise DataError(
                    f"{headline}:\n{listed}\nReplace or remove these files; in Python, skip_bad=True leaves them out "
                    "where the function offers it"
                )
            warnings.warn(f"{headline} and were left out:\n{listed}", PictureWarning, stacklevel=stacklevel)
        if self.notes:
            told = "; ".join(f"{note}: {_some(paths)}" for note, paths in self.notes.items())
            warnings.warn(f"pictures were converted: {told}", PictureWarning, stacklevel=stacklevel)


def _some(paths: list[Path], shown: int = 3) -> str:
    names = ", ".join(path.name for path in paths[:shown])
    return f"{len(paths)} ({names}{', ...' if len(paths) > shown else ''})"


def _read(path: Path, channels: int, size: tuple[int, int] | None) -> tuple[np.ndarray, list[str]]:
    from PIL import Image

    notes: list[str] = []
    image = _upright(_decode(path, notes), notes)
    image = _to_grey(image, notes) if channels == 1 else _to_rgb(image, notes)
    if size is not None and (image.height, image.width) != size:
        image = image.resize((size[1], size[0]), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(image.height, image.width, channels), notes


def _decode(path: Path, notes: list[str]) -> "Image.Image":
    """Open and decode completely; every way in which that can fail becomes a DataError that says which."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    if path.is_dir():
        raise DataError("is a folder, not a picture")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError("does not exist") from None
    except OSError as error:
        raise DataError(f"cannot be opened ({error.strerror or error})") from error
    if not data:
        raise DataError("is empty (0 bytes): copy or download it again")
    # Pillow pads truncated files instead of refusing them where another library has switched that on for
    # everyone.
    with _pillow_flag, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        padding, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            image = Image.open(io.BytesIO(data))
            deep = any(";16" in str(tile[3]) for tile in image.tile) and image.mode in ("RGB", "RGBA")
            frames = getattr(image, "n_frames", 1)
            image.load()
        except UnidentifiedImageError:
            raise DataError(f"is not a picture that Pillow can read ({len(data)} bytes)") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise DataError(f"is far too large for a face picture ({error})") from error
        except (
            Exception
        ) as error:  # decoders raise nearly anything on bad bytes: SyntaxError, struct.error, ...
            raise DataError(f"is broken or truncated ({error}): copy or download it again") from error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = padding
    # The end marker must follow the last scan: the thumbnail that cameras put before it has an end of its own.
    if image.format == "JPEG" and data.find(b"\xff\xd9", data.rfind(b"\xff\xda")) < 0:
        raise DataError("is truncated (a JPEG without its end marker): copy or download it again")
    if deep:
        notes.append("16 bits per channel reduced to 8")
    if frames > 1 and image.format != "MPO":  # MPO: the preview pictures that phones hide in a JPEG
        notes.append("only the first frame of several read")
    return image


def _upright(image: "Image.Image", notes: list[str]) -> "Image.Image":
    """Turn the pixels as the EXIF orientation says, as every viewer does."""
    from PIL import ImageOps

    try:
        turned = image.getexif().get(0x0112, 1) in range(2, 9)
        upright = ImageOps.exif_transpose(image) if turned else image
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, EOFError, struct.error):
        # Damaged metadata around sound pixels: the pixels are what is wanted.
        notes.append("damaged EXIF data ignored")
        return image
    if turned:
        notes.append("turned upright as the EXIF orientation says")
    return upright


def _to_8_bit(image: "Image.Image", notes: list[str]) -> "Image.Image":
    """Grey pictures of more than 8 bits: 16-bit integers are divided by 257, floats in [0, 1] multiplied by
    255.
    """
    from PIL import Image

    values = np.asarray(image, dtype=np.float64)
    low, high = values.min(), values.max()
    if image.mode == "F" and low >= 0 and high <= 1:
        scale, note = 255.0, "floats in [0, 1] scaled to 8 bits"
    elif image.mode != "F" and low >= 0 and high <= 65535:
        scale, note = 1 / 257, "16 bits reduced to 8"
    else:
        raise DataError(
            f"holds values from {low:g} to {high:g} (mode {image.mode}): save it with 8 or 16 bits"
        )
    notes.append(note)
    return Image.fromarray(np.rint(values * scale).astype(np.uint8))


def _flatten(image: "Image.Image", notes: list[str]) -> "Image.Image":
    """Whatever Pillow's mode, return "L" or "RGB"."""
    from PIL import Image

    if image.mode in ("L", "RGB"):
        if "transparency" not in image.info:
            return image
        image = image.convert("RGBA")
    if image.mode.startswith("I") or image.mode == "F":
        return _to_8_bit(image, notes)
    if image.mode in ("P", "PA"):
        notes.append("palette turned into colours")
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    if image.mode in ("LA", "La", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            notes.append("transparency laid on white")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image).convert("RGB")
    if image.mode == "1":
        return image.convert("L")
    if image.mode != "RGB":
        notes.append(f"{image.mode} turned into RGB")
    return image.convert("RGB")


def _to_rgb(image: "Image.Image", notes: list[str]) -> "Image.Image":
    image = _flatten(image, notes)
    if image.mode == "L":
        notes.append("grey photo repeated over three channels")
    return image.convert("RGB")


def _to_grey(image: "Image.Image", notes: list[str]) -> "Image.Image":
    image = _flatten(image, notes)
    if image.mode == "RGB":
        values = np.asarray(image)
        if int((values.max(axis=2) - values.min(axis=2)).max()) > _TINT:
            notes.append("colour sketch turned grey")
    return image.convert("L")


def eight_bit(pictures: np.ndarray) -> np.ndarray:
    """Pictures as a file would hold them: uint8 as they are, floats in [0, 1] rounded (what lies beyond is clipped)."""
    return pictures if pictures.dtype == np.uint8 else np.rint(255 * np.clip(pictures, 0, 1)).astype(np.uint8)


def resized(pictures: np.ndarray, size: tuple[int, int], filter: str = "lanczos") -> np.ndarray:
    """Pictures uint8 (N, H, W, 1 or 3) at another (height, width); filters as for `FacePairs.resize`."""
    from PIL import Image

    resample = Image.Resampling["BOX" if filter == "area" else filter.upper()]
    out = np.empty((len(pictures), *size, pictures.shape[3]), np.uint8)
    for place, picture in enumerate(pictures):
        image = Image.fromarray(picture if picture.shape[2] == 3 else picture[..., 0])
        out[place] = np.asarray(image.resize(size[::-1], resample)).reshape(*size, -1)
    return out
