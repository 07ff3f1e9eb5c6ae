"""Fetching many small files once: in parallel, checked, and resumable.

Each file is written beside its place as `.part`, checked by SHA-256, and only then renamed: what stands under
its name is complete, so that an interrupted run is continued by running it again.
"""

import errno
import json
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DownloadError

if TYPE_CHECKING:
    from tqdm import tqdm

_PERMANENT = {400, 401, 403, 404, 405, 410, 451}
_STALE_AFTER = 3600.0  # seconds; a younger .part may belong to another process that is at work


def read_checksums(text: str) -> dict[str, str]:
    """File name -> SHA-256 (hex) from lines as `sha256sum` writes them."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.strip().lstrip("*"): digest.lower() for digest, name in pairs}


def is_good(path: Path, checksum: str) -> bool:
    """Whether the file is there and has this checksum: SHA-256 in hex, or another kind as in "md5:6d6b..."."""
    import pooch

    kind, _, digest = checksum.rpartition(":")
    return path.is_file() and pooch.file_hash(str(path), alg=kind or "sha256") == digest


@dataclass
class Fetch:
    """One download of many files.

    Args:
        address: what stands before each name, with the final slash.
        checksums: name (with forward slashes) -> SHA-256 in hex, or another checksum as in "md5:6d6b...".
        folder: where the files go; made if missing.
        help: what the reader can do instead, added to every error.
        listing: address of a GitHub tree listing (JSON) in which the files are looked up when `address` has
            none.
        workers: parallel connections.
        retries: further attempts after a failure that may pass (timeouts, 429, 5xx, truncated answers).
        backoff: seconds before the first further attempt; doubled each time.
        timeout: seconds without an answer.
        progress: show a bar.
    """

    address: str
    checksums: Mapping[str, str]
    folder: Path
    help: str = ""
    listing: str | None = None
    workers: int = 8
    retries: int = 4
    backoff: float = 0.5
    timeout: float = 30.0
    progress: bool = True
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def missing(self) -> list[str]:
        """The names that are not yet there, or are there with another content."""
        return [
            name for name, checksum in self.checksums.items() if not is_good(self.folder / name, checksum)
        ]

    def run(self) -> Path:
        """Fetch whatever is missing and return the folder.

        Raises:
            DownloadError: no network, an address that does not exist, content with another checksum, a folder
                that cannot be written, a full disk. Files that came through stay for the next call.
        """
        self._stop.clear()
        names = self.missing()
        if not names:
            return self.folder
        self._prepare(names)
        from tqdm import tqdm

        with (
            tqdm(total=len(names), desc="Downloading", unit="file", disable=not self.progress) as bar,
            ThreadPoolExecutor(self.workers) as pool,
        ):
            try:
                # The first file alone: what is wrong with network or address is found out once, not 376 times.
                self._fetch(names[0], bar)
                futures = [pool.submit(self._fetch, name, bar) for name in names[1:]]
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:  # an interruption by the user, too, must stop the other workers
                self._stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        return self.folder

    def _prepare(self, names: list[str]) -> None:
        try:
            for folder in sorted({(self.folder / name).parent for name in names}):
                folder.mkdir(parents=True, exist_ok=True)
                for part in folder.glob("*.part"):
                    if time.time() - part.stat().st_mtime > _STALE_AFTER:
                        part.unlink(missing_ok=True)
        except OSError as error:
            raise self._storage_error(self.folder, error) from error

    def _fetch(self, name: str, bar: "tqdm") -> None:
        """Fetch, check and store one file; a failure stops the other workers."""
        if self._stop.is_set():
            return
        import requests

        path, problem = self.folder / name, "it has moved"
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            for attempt in range(self.retries + 1):
                try:
                    self._get(self.address + name, part)
                    if is_good(part, self.checksums[name]):
                        os.replace(part, path)
                        bar.update()
                        return
                    kind, _, digest = self.checksums[name].rpartition(":")
                    problem = f"has another {kind.upper() or 'SHA-256'} than the expected {digest[:12]}..."
                except requests.RequestException as error:
                    status = getattr(error.response, "status_code", None)
                    if status == 404 and self._relocate(name):
                        continue
                    problem = (
                        f"the server answered {status}" if status else f"no connection ({_short(error)})"
                    )
                    if status in _PERMANENT:
                        break
                if attempt < self.retries and self._stop.wait(self.backoff * 2**attempt):
                    return
            raise DownloadError(f"could not download {self.address + name}: {problem}. {self._state()}")
        except BaseException as error:
            self._stop.set()  # here and not in run(): no worker begins another file in between
            if isinstance(error, OSError) and not isinstance(error, DownloadError):
                raise self._storage_error(path, error) from error
            raise
        finally:
            part.unlink(missing_ok=True)

    def _get(self, address: str, part: Path) -> None:
        import pooch

        with open(part, "wb") as file:
            pooch.HTTPDownloader(timeout=self.timeout)(address, file, None)

    def _relocate(self, name: str) -> bool:
        """Look the file up in the repository's own listing and continue from the folder in which it lies."""
        if self.listing is None:
            return False
        import requests

        listing, self.listing = self.listing, None  # asked once
        try:
            answer = requests.get(listing, timeout=self.timeout)
            answer.raise_for_status()
            paths = [entry["path"] for entry in answer.json()["tree"]]
        except (requests.RequestException, json.JSONDecodeError, KeyError, TypeError):
            return False
        prefixes = [path[: -len(name)] for path in paths if path.endswith("/" + name)]
        if prefixes:
            self.address += prefixes[0].replace(" ", "%20")
        return bool(prefixes)

    def _state(self) -> str:
        there = len(self.checksums) - len(self.missing())
        return (
            f"{there} of {len(self.checksums)} files are complete in {self.folder}; calling again continues "
            f"from there. {self.help}"
        ).strip()

    def _storage_error(self, path: Path, error: OSError) -> DownloadError:
        ways = {
            errno.ENOSPC: "the disk is full: free some space",
            errno.EDQUOT: "the disk quota is used up: free some space",
            errno.EROFS: "the folder is read-only",
            errno.EACCES: "writing there is not permitted",
            errno.EPERM: "writing there is not permitted",
        }
        reason = ways.get(error.errno, error.strerror or str(error))
        return DownloadError(
            f"could not store {path}: {reason}. Another cache folder is chosen by the variable "
            "FACE2SKETCH_CACHE. "
            f"{self.help}".strip()
        )


def _short(error: Exception, length: int = 160) -> str:
    """What went wrong at the bottom, without the address that requests repeats in front of it."""
    cause = getattr(error.args[0], "reason", error) if error.args else error
    text = str(cause).rpartition(": ")[2] or type(cause).__name__
    return text if len(text) <= length else text[:length] + "..."
