"""The CUHK student pairs: 188 photos of students and the sketch that an artist drew of each.

Xiaogang Wang and Xiaoou Tang, "Face Photo-Sketch Synthesis and Recognition", IEEE TPAMI 31 (11), 2009,
1955-1967 (doi:10.1109/TPAMI.2008.222). The pictures are not part of this project: they are read from a folder
that the reader has, or fetched once from the public copy that came with one of the papers, at a fixed commit
and with checksums.
"""

import os
from functools import cache
from importlib import resources
from pathlib import Path

from ..errors import DataError, DownloadError
from .download import Fetch, read_checksums
from .folders import read_pairs
from .names import identity_of
from .pairs import FacePairs

COMMIT = "0992c3658d966d766733b34904f6b9742f9ce163"
ADDRESS = f"https://raw.githubusercontent.com/Dino1G/SCC413/{COMMIT}/"
LISTING = f"https://api.github.com/repos/Dino1G/SCC413/git/trees/{COMMIT}?recursive=1"
HOME = "http://mmlab.ie.cuhk.edu.hk/archive/facesketch.html"
SOURCE = "CUHK student"
NAME = "cuhk_student"
LICENCE = f"""\
The CUHK student pairs show real people. They are offered for research only: do not redistribute them, publish
none beyond the few that a paper needs, and cite Wang and Tang (TPAMI 2009). Terms: {HOME}"""
_WAY_OUT = (
    f"Without network: unpack the data set elsewhere (from {HOME}) and name its folder in FACE2SKETCH_DATA, "
    "or pass root=...; f2s.data.synthetic() needs no data at all."
)


@cache
def checksums() -> dict[str, str]:
    """Name (folder/file) -> SHA-256 of the 376 files."""
    return read_checksums(resources.files(__package__).joinpath("cuhk_student.sha256.txt").read_text("utf-8"))


@cache
def standard_split() -> dict[str, str]:
    """Person -> "train" or "test": the 88 and 100 of the data set's own split."""
    photos = [name for name in checksums() if "_photos/" in name]
    return {identity_of(Path(name).stem): "train" if "training" in name else "test" for name in photos}


def cache_folder() -> Path:
    """Where downloads go: the variable FACE2SKETCH_CACHE, else pooch's folder for this user and system."""
    if chosen := os.environ.get("FACE2SKETCH_CACHE"):
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("face2sketch"))


def cuhk_student(
    root: str | os.PathLike | None = None,
    size: int | tuple[int, int] | None = None,
    download: bool = True,
    *,
    partial: bool = False,
    skip_bad: bool = False,
    progress: bool = True,
) -> FacePairs:
    """The 188 pairs, 250x200 pixels (height x width), with the standard split of 88 to train and 100 to test.

    Looked for in this order: `root`; the folder in the variable FACE2SKETCH_DATA; the cache; the network (4
    MB, once). Each of these may be the folder itself or the one that holds `cuhk_student/`.

    Args:
        root: where the pictures are; nothing else is tried if given.
        size: resize to this (int for a square, or (height, width)); None keeps 250x200.
        download: False never touches the network.
        partial, skip_bad: go on with fewer pairs, as in `folders.folder`.
        progress: show the download's progress.

    Raises:
        DataError: `root` does not hold the 188 pairs, FACE2SKETCH_DATA names no folder, or (download=False) the pairs are
            nowhere to be found.
        DownloadError: the download failed; the message says how, and what to do instead.
    """
    folder = _locate(root)
    if folder is None:
        folder = _cached(download, progress)
    pairs = read_pairs(folder, size=size, partial=partial, skip_bad=skip_bad, source=SOURCE)
    return _checked(pairs, folder, complete=not (partial or skip_bad))


def _locate(root: str | os.PathLike | None) -> Path | None:
    """The folder given by argument or variable, None if there is none to look in."""
    chosen = root if root is not None else os.environ.get("FACE2SKETCH_DATA")
    if not chosen:
        return None
    folder = Path(chosen).expanduser()
    if (folder / NAME).is_dir():
        return folder / NAME
    if root is not None:
        return folder
    if not folder.is_dir():  # a slip: a download in its place would hide it
        raise DataError(
            f"FACE2SKETCH_DATA names {folder.absolute()}, which is no folder: correct it, or unset it to use the cache or "
            "the download."
        )
    # The variable may name a folder of other data sets; then the cache and the network are next.
    wanted = {name.split("/")[0] for name in checksums()} | {"photos", "sketches", "photo", "sketch"}
    return folder if wanted & {path.name for path in folder.iterdir()} else None


def _cached(download: bool, progress: bool) -> Path:
    tried = os.environ.get("FACE2SKETCH_DATA")
    looked = f"FACE2SKETCH_DATA names {tried}, which does not hold these pairs. " if tried else ""
    fetch = Fetch(ADDRESS, checksums(), cache_folder() / NAME, looked + _WAY_OUT, LISTING, progress=progress)
    if missing := fetch.missing():
        if not download:
            raise DataError(
                f"the CUHK student pairs are neither in FACE2SKETCH_DATA ({tried or 'not set'}) nor complete "
                f"in the cache {fetch.folder} ({len(missing)} of {len(fetch.checksums)} files missing), and "
                f"download=False. Allow the download once. {_WAY_OUT}"
            )
        print(LICENCE)
        fetch.run()
    return fetch.folder


def _checked(pairs: FacePairs, folder: Path, complete: bool) -> FacePairs:
    """The right people, with the split of the data set also where the folders do not show it."""
    known = standard_split()
    strangers = [identity for identity in pairs.people if identity not in known]
    if strangers:
        raise DataError(
            f"{folder} shows people who are not in CUHK student ({', '.join(strangers[:5])}, ...): name the "
            "folder of this data set alone, or read yours with f2s.data.read_pairs()"
        )
    if complete and (absent := sorted(set(known) - set(pairs.people))):
        raise DataError(
            f"{folder} holds {len(pairs.people)} of the {len(known)} CUHK student pairs; missing are "
            f"{', '.join(absent[:8])}{', ...' if len(absent) > 8 else ''}. Complete the folder; in Python, partial=True "
            "goes on with those that are there"
        )
    standard = [known[identity] for identity in pairs.identities.tolist()]
    return pairs.replace(standard=standard)


def verify(root: str | os.PathLike) -> Path:
    """Compare the 376 files below `root` with their checksums and return the folder.

    Raises:
        DownloadError: files missing or of another content, all of them named.
    """
    folder = _locate(root) or Path(root)
    fetch = Fetch(ADDRESS, checksums(), folder)
    if wrong := fetch.missing():
        shown = "\n".join(f"  {folder / name}" for name in wrong)
        raise DownloadError(
            f"{len(wrong)} files are missing or differ from the published ones:\n{shown}\n{_WAY_OUT}"
        )
    return folder
