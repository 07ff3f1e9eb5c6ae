"""Face photos and sketches: built-in, from the public data sets, or from the reader's own folders.

    pairs = f2s.data.synthetic(n=64, size=128, seed=0)      # drawn by the library, nobody's face
    pairs = f2s.data.cuhk_student()                         # 188 students; research use only
    pairs = f2s.data.folder("my/photos", "my/sketches")
    train, test = pairs.split(test=0.2, seed=3)

Everything here is imported when first used: `import face2sketch.data` loads neither pandas nor scikit-image.
"""

from importlib import import_module
from typing import TYPE_CHECKING

_MODULES = (
    "augment", "colour", "cuhk", "download", "faces", "filters", "folders", "images", "licensed", "names",
    "pairs", "saved", "sheets", "splits",
)  # fmt: skip
_FUNCTIONS = {
    "FacePairs": "pairs",
    "PictureWarning": "images",
    "read_picture": "images",
    "read_pictures": "images",
    "cuhk_student": "cuhk",
    "cufs": "licensed",
    "cufsf": "licensed",
    "folder": "folders",
    "read_pairs": "folders",
    "iter_synthetic": "faces",
    "synthetic": "faces",
}

if TYPE_CHECKING:
    from . import augment, colour, cuhk, faces, filters, folders, images, pairs, sheets, splits
    from .cuhk import cuhk_student
    from .faces import iter_synthetic, synthetic
    from .folders import folder, read_pairs
    from .images import PictureWarning, read_picture, read_pictures
    from .licensed import cufs, cufsf
    from .pairs import FacePairs

__all__ = [
    "FacePairs", "PictureWarning", "augment", "colour", "cufs", "cufsf", "cuhk", "cuhk_student", "download",
    "faces", "filters", "folder", "folders", "images", "iter_synthetic", "licensed", "names", "pairs",
    "read_pairs", "read_picture", "read_pictures", "saved", "sheets", "splits", "synthetic",
]  # fmt: skip


def __getattr__(name: str):
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _FUNCTIONS:
        return getattr(import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
