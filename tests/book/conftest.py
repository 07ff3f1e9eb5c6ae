"""The built pages, a server for them, and a browser: made once, shared by every test of this folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from visits import Visit, visit

from browser import UNSEEN, NoBrowser, chromium, server
from build_book import pages_folder
from project import ROOT, RUN


@pytest.fixture(scope="session")
def pages() -> Path:
    """The folder of the pages, built in the smoke profile with warnings as errors; chapters that nbmake ran are reused."""
    command = [sys.executable, "tools/build_book.py", "--profile", "smoke"]
    command += ["--adopt", str(RUN / "chapters")]
    built = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if built.returncode:
        pytest.fail(f"the book was not built:\n{built.stdout}", pytrace=False)
    return pages_folder("smoke")


@pytest.fixture(scope="session")
def address(pages: Path) -> Iterator[str]:
    """Where the pages are served."""
    with server(pages) as running:
        yield running


@pytest.fixture(scope="session")
def driver() -> Iterator[object]:
    """A headless browser; without one these tests are skipped, on a build server they fail."""
    try:
        with chromium() as running:
            yield running
    except NoBrowser as error:
        reason = f"{UNSEEN}: {error}. Install chromium and chromium-driver, or Chrome"
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def look(driver: object, address: str):
    """A function that opens a page once in a view ("desktop", "phone" or "dark") and tells what was seen there."""
    seen: dict[tuple[str, str], Visit] = {}

    def once(entry: str, view: str) -> Visit:
        if (entry, view) not in seen:
            seen[entry, view] = visit(driver, address, entry, view)
        return seen[entry, view]

    return once
