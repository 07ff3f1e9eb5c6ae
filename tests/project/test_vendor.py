"""The third-party files are what they are said to be, small, and carry their licences."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "book" / "vendor"


def test_checksums_match_and_cover_every_file() -> None:
    listed = {}
    for line in (VENDOR / "checksums.txt").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        listed[name] = digest
    files = {
        path.relative_to(VENDOR).as_posix(): path
        for path in VENDOR.rglob("*")
        if path.suffix in (".js", ".woff", ".woff2")
    }
    assert set(listed) == set(files)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], name


def test_the_table_gives_the_same_sums() -> None:
    table = (VENDOR / "README.md").read_text()
    for name, digest in re.findall(r"^\| `([\w/.-]+\.js)`.*`([0-9a-f]{64})`", table, re.MULTILINE):
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
    assert len(re.findall(r"[0-9a-f]{64}", table)) == 2


def test_licences_lie_beside_the_files() -> None:
    assert "Apache License" in (VENDOR / "mathjax" / "LICENSE").read_text()
    assert "Redistribution and use" in (VENDOR / "html-manager" / "LICENSE").read_text()
    fonts = (VENDOR / "html-manager" / "fontawesome-LICENSE.txt").read_text()
    assert fonts.startswith("Font Awesome Free License")
    assert "SIL OFL 1.1" in fonts


def test_the_table_names_every_licence_that_lies_here() -> None:
    table = (VENDOR / "README.md").read_text()
    lying = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*LICENSE*")}
    assert len(lying) == 4
    assert [name for name in sorted(lying) if name not in table and Path(name).name not in table] == []


def test_together_they_stay_below_4_mib() -> None:
    assert sum(path.stat().st_size for path in VENDOR.rglob("*") if path.is_file()) < 4 * 2**20
