"""Weights that others have trained: what the library can use, where it comes from, and where it is on this machine.

    f2s.weights.table()                  # every file, its source and checksum, and where it was found
    f2s.weights.locate("vgg16")          # the file's path: found, or downloaded once and checked

A wanted file is looked for in this order: a path given by the caller, the folder in the variable
FACE2SKETCH_WEIGHTS, the cache, the official address. The first that has it is checked and used; a file of that name
with another content is an error and not a reason to look further (but in the cache it is fetched anew). Nothing is
ever put in the place of weights that are missing: an error says which file is wanted, where it is published, and where
to put it.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .data.cuhk import cache_folder
from .data.download import Fetch, is_good
from .errors import DownloadError

if TYPE_CHECKING:
    import pandas as pd

VARIABLE = "FACE2SKETCH_WEIGHTS"
_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications/"
_VGG = (
    "K. Simonyan and A. Zisserman, arXiv:1409.1556; released by the Visual Geometry Group, Oxford, under the Creative "
    "Commons Attribution License; converted for Keras"
)


@dataclass(frozen=True)
class WeightFile:
    """One file of weights.

    Attributes:
        name: how the library calls it.
        purpose: what it is used for.
        file: its official file name; a local copy must have it too.
        checksum: as its source publishes it, with its kind: "md5:..." or "sha256:...".
        megabytes: size, in millions of bytes.
        credit: authors and licence.
        folder: official address without the file name; None for a file that is only read where it lies.
    """

    name: str
    purpose: str
    file: str
    checksum: str
    megabytes: float
    credit: str
    folder: str | None = None

    @property
    def address(self) -> str | None:
        """The official address of the file, None if it has none."""
        return None if self.folder is None else self.folder + self.file


_TORCHVISION = "https://download.pytorch.org/models/"
_PERCEPTUAL = "https://raw.githubusercontent.com/richzhang/PerceptualSimilarity/master/lpips/weights/v0.1/"
_IMAGENET = "trained on ImageNet by the authors of torchvision, BSD 3-Clause Licence"
_LPIPS = "R. Zhang et al., arXiv:1801.03924; released under the BSD 2-Clause Licence"

# Addresses and MD5 sums of the Keras files: keras/src/applications/vgg16.py and vgg19.py of Keras 3. The names of
# torchvision's files and of pytorch-fid's carry the first eight digits of their SHA-256. Whole sums of these and of LPIPS'
# three files are those that several projects, independent of each other, have recorded.
FILES: dict[str, WeightFile] = {
    file.name: file
    for file in (
        WeightFile(
            "vgg16", "encoder of skubisz-transfer: the 13 convolutions of VGG-16, trained on ImageNet",
            "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "md5:6d6bbae143d832006294945121d1f1fc", 58.9,
            _VGG, f"{_KERAS}vgg16/",
        ),
        WeightFile(
            "vgg19", "encoders vgg19-2 and vgg19-3: the first blocks of VGG-19, trained on ImageNet",
            "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "md5:253f8cb515780f3b799900260a226db6", 80.1,
            _VGG, f"{_KERAS}vgg19/",
        ),
        WeightFile(
            "vgg19-first-blocks", "the same first three blocks of VGG-19 alone, as NumPy arrays",
            "vgg19_conv1_conv3.npz",
            "sha256:8d4c483c4258f75756128e2d98b769c98dacd62da6de442b2a86f5917a8116cc", 9.3, _VGG,
        ),
        WeightFile(
            "lpips-alex", "the metric LPIPS, v0.1: AlexNet's convolutions and the linear layers, as NumPy arrays",
            "lpips_alex.npz",
            "sha256:97fb4a97c98f12e4407401fd35af40a34571b65a178f3a0df1d6646d7baf05f9", 9.9, f"{_IMAGENET}; {_LPIPS}",
        ),
        WeightFile(
            "lpips-squeeze", "the metric LPIPS, v0.1: SqueezeNet's convolutions and the linear layers, as NumPy arrays",
            "lpips_squeeze.npz",
            "sha256:6dfeda1a989ef968cde09d20d47b5406fa4d37e280b31b2fa4a61e21b54c3c06", 2.9, f"{_IMAGENET}; {_LPIPS}",
        ),
        WeightFile(
            "alexnet", "backbone of LPIPS (alex): AlexNet, trained on ImageNet", "alexnet-owt-7be5be79.pth",
            "sha256:7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02", 244.4, _IMAGENET, _TORCHVISION,
        ),
        WeightFile(
            "lpips-alex-linear", "linear layers of LPIPS v0.1 for AlexNet", "alex.pth",
            "sha256:df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0", 0.006, _LPIPS, _PERCEPTUAL,
        ),
        WeightFile(
            "squeezenet1_1", "backbone of LPIPS (squeeze): SqueezeNet 1.1, trained on ImageNet",
            "squeezenet1_1-b8a52dc0.pth",
            "sha256:b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b", 5.0, _IMAGENET, _TORCHVISION,
        ),
        WeightFile(
            "lpips-squeeze-linear", "linear layers of LPIPS v0.1 for SqueezeNet 1.1", "squeeze.pth",
            "sha256:4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76", 0.011, _LPIPS, _PERCEPTUAL,
        ),
        WeightFile(
            "vgg16-torchvision", "backbone of LPIPS (vgg): VGG-16, trained on ImageNet", "vgg16-397923af.pth",
            "sha256:397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0", 553.4, _IMAGENET, _TORCHVISION,
        ),
        WeightFile(
            "lpips-vgg-linear", "linear layers of LPIPS v0.1 for VGG-16", "vgg.pth",
            "sha256:a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868", 0.007, _LPIPS, _PERCEPTUAL,
        ),
        WeightFile(
            "inception-fid", "the metrics FID and KID: Inception-v3 as TensorFlow's FID uses it, ported to PyTorch",
            "pt_inception-2015-12-05-6726825d.pth",
            "sha256:6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2", 95.6,
            "trained on ImageNet by Google, Apache Licence 2.0; ported by M. Seitzer (pytorch-fid), Apache Licence 2.0",
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/",
        ),
    )
}  # fmt: skip


def get(name: str) -> WeightFile:
    """The entry of that name.

    Raises:
        DownloadError: no entry has it; the message names all.
    """
    if name not in FILES:
        raise DownloadError(f"unknown weights {name!r}: the library knows {', '.join(FILES)}")
    return FILES[name]


def locate(
    name: str, download: bool = True, *, path: str | os.PathLike | None = None, progress: bool = True
) -> Path:
    """Where a weight file is on this machine; downloaded once if it is nowhere yet.

    Args:
        name: a key of `FILES`, such as "vgg16" or "lpips-alex".
        download: False never touches the network.
        path: the file itself; nothing else is tried if given.
        progress: show the download's progress.

    Raises:
        DownloadError: unknown name; a file with another checksum; nowhere to be found and not downloaded. The message
            names the file, its address, its checksum, and the folder to put it into.
    """
    wanted = get(name)
    if path is not None:
        return _checked(Path(path).expanduser(), wanted)
    if (local := _local(wanted)) is not None:
        return _checked(local, wanted)
    return _cached(wanted, download, progress)


def locate_first(names: tuple[str, ...], download: bool = True) -> tuple[str, Path]:
    """Name and path of the first of several equally good files that is on this machine; else the first with an
    address is downloaded.

    Raises:
        DownloadError: as `locate`.
    """
    for name in names:
        wanted = get(name)
        if _local(wanted) is not None or _in_cache(wanted).is_file():
            return name, locate(name, download)
    name = next((name for name in names if get(name).address), names[0])
    return name, locate(name, download)


def table() -> "pd.DataFrame":
    """Every weight file: name, purpose, file, megabytes, checksum, address, credit, and where it was found.

    The column "found" holds a path, "not on this machine", or a path with a remark that its checksum is another. Nothing
    is downloaded.
    """
    import pandas as pd

    rows = [
        {
            "name": file.name, "for": file.purpose, "found": _found(file), "file": file.file,
            "megabytes": file.megabytes, "checksum": file.checksum, "address": file.address or "none: local only",
            "credit": file.credit,
        }
        for file in FILES.values()
    ]  # fmt: skip
    return pd.DataFrame(rows).set_index("name")


def cache() -> Path:
    """The folder of downloaded weights: "weights" in the library's cache (see FACE2SKETCH_CACHE)."""
    return cache_folder() / "weights"


def _in_cache(wanted: WeightFile) -> Path:
    return cache() / wanted.file


def _local(wanted: WeightFile) -> Path | None:
    """The file in the folder that FACE2SKETCH_WEIGHTS names, None if it is not there."""
    chosen = os.environ.get(VARIABLE)
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if not folder.is_dir():
        raise DownloadError(f"{VARIABLE} names {_short(folder)}, which is no folder: correct it, or unset it")
    path = folder / wanted.file
    return path if path.is_file() else None


def _checked(path: Path, wanted: WeightFile) -> Path:
    if not path.is_file():
        raise DownloadError(
            f"{_short(path)}: no such file; expected the weights {wanted.name}. {_way(wanted)}"
        )
    if not is_good(path, wanted.checksum):
        raise DownloadError(
            f"{_short(path)} is not the file of the weights {wanted.name}, or it is damaged: its checksum is not "
            f"{wanted.checksum}. Remove it, or put the right one in its place. {_way(wanted)}"
        )
    return path


def _cached(wanted: WeightFile, download: bool, progress: bool) -> Path:
    path = _in_cache(wanted)
    if is_good(path, wanted.checksum):
        return path
    if path.is_file() and not (download and wanted.address):
        return _checked(path, wanted)
    if wanted.address is None or not download:
        tried = os.environ.get(VARIABLE)
        folder = _short(Path(tried)) if tried else "not set"
        raise DownloadError(
            f"the weights {wanted.name} ({wanted.purpose}) are not on this machine: looked in {VARIABLE} ({folder}) "
            f"and in the cache {_short(cache())}. {_way(wanted)}"
        )
    if progress:
        print(f"Downloading {wanted.address} ({wanted.megabytes} MB, once)")
    fetch = Fetch(
        wanted.folder, {wanted.file: wanted.checksum}, cache(), _way(wanted), workers=1, progress=progress
    )
    fetch.run()
    return path


def _way(wanted: WeightFile) -> str:
    """What the reader can do: the file, its address, its checksum, its place."""
    source = (
        f"from {wanted.address}"
        if wanted.address
        else "(it has no official address: only a local copy is read)"
    )
    again = " With network, locate(..., download=True) fetches it." if wanted.address else ""
    return (
        f"To have them, put {wanted.file} ({wanted.megabytes} MB, {wanted.checksum}) {source} into a folder, and name "
        f"that folder in the variable {VARIABLE}.{again}"
    )


def _found(wanted: WeightFile) -> str:
    try:
        path = _local(wanted) or _in_cache(wanted)
    except DownloadError as error:
        return str(error)
    if not path.is_file():
        return "not on this machine"
    return _short(path) if is_good(path, wanted.checksum) else f"{_short(path)} (another checksum)"


def _short(path: Path) -> str:
    """A path as readers write it, with ~ for their own folder."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
