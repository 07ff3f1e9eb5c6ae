"""What is tracked is tidy: lint, sizes, no private paths, no pictures of real people, nothing that sounds unfinished."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {".py", ".md", ".yml", ".toml", ".css", ".js", ".txt", ".cff", ".ini", ".ipynb", ".sh", ""}


def tracked() -> list[Path]:
    """Every tracked file that exists.

    Where this is no git repository (an unpacked archive) the test that asks is skipped.
    """
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git repository: there is no list of tracked files")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """Tracked text files of our own, by name."""
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix in SOURCES and "vendor" not in path.parts
    ]


@pytest.mark.parametrize("command", [["check", "."], ["format", "--check", "."]], ids=["check", "format"])
def test_ruff_has_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "ruff", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_large_is_tracked() -> None:
    large = [path for path in tracked() if path.stat().st_size > 2**20 and "vendor" not in path.parts]
    assert large == []


def test_no_path_of_somebodys_machine_is_tracked() -> None:
    private = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users|opt|farm)/[\w.-]+")
    found = [(name, hit[0]) for name, text in texts() for hit in private.finditer(text)]
    assert found == []


def test_no_photo_file_is_tracked() -> None:
    """The CUHK pairs are JPEG files with names like f-005-01.jpg; the book's own pictures are PNG and SVG."""
    assert [
        path for path in tracked() if path.suffix.lower() in (".jpg", ".jpeg", ".npz", ".h5", ".keras", ".pt")
    ] == []


def test_nothing_sounds_unfinished() -> None:
    words = [
        "TO" + "DO",
        "FIX" + "ME",
        "X" * 3,
        "place" + "holder",
        "dummy " + "implementation",
        "for " + "now",
    ]
    unfinished = re.compile(r"\b(" + "|".join(words) + r")\b")
    code = [(name, text) for name, text in texts() if name.endswith((".py", ".yml", ".toml", "Makefile"))]
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in code
        for number, line in enumerate(text.splitlines(), start=1)
        if unfinished.search(line)
    ]
    assert found == []


def test_importing_the_library_is_quick_and_loads_no_framework() -> None:
    probe = (
        "import sys, time; began = time.perf_counter(); import face2sketch; seconds = time.perf_counter() - began;"
        "heavy = {'tensorflow', 'torch', 'keras', 'matplotlib', 'pandas', 'skimage'} & set(sys.modules);"
        "print(f'{seconds:.3f}', *sorted(heavy))"
    )
    times = []
    for _ in range(3):
        seconds, *heavy = subprocess.check_output([sys.executable, "-c", probe], text=True).split()
        assert heavy == []
        times.append(float(seconds))
    assert min(times) < 0.3
