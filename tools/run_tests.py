"""Run everything that is checked, one pytest process a group, with a last line that tells the whole story.

Units and agreement tests, the chapters (nbmake, smoke profile), the pairing of scripts and notebooks, ruff, the book's build
with warnings as errors, and the built pages in a real browser (skipped without Chromium or Chrome, which the last line then
says). --units leaves chapters and book out. Further arguments go to pytest: tools/run_tests.py --units -k metrics
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from browser import UNSEEN
from execute import book_notebooks
from project import ROOT, RUN

NOTHING_CHOSEN = 5  # pytest's status where -k or the like left no test
REPORT = RUN / "book.xml"  # what pytest writes down of the group that looks at the pages


def stage() -> list[str]:
    """Copy the notebooks to where nbmake may write its outputs; everything beside them is linked to the real thing."""
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name not in {"_build", "chapters", ".git"} and not path.name.startswith(".venv"):
            (RUN / path.name).symlink_to(path, target_is_directory=path.is_dir())
    (RUN / "chapters").mkdir()
    copies = []
    for path in book_notebooks():
        copy = RUN / "chapters" / path.name
        shutil.copyfile(path, copy)
        copies.append(str(copy.relative_to(ROOT)))
    return copies


def groups() -> dict[str, list[str]]:
    """What is run in a process of its own: TensorFlow and PyTorch give little of their memory back, and all tests in one
    process once took more than 22 GB."""
    tests = ROOT / "tests"
    folders = [path.name for path in sorted(tests.iterdir()) if any(path.glob("**/test_*.py"))]
    found = {name: [f"tests/{name}"] for name in folders if name != "book"}
    files = [path.name for path in sorted(tests.glob("test_*.py"))]
    half = len(files) // 2
    found["library, first half"] = [f"tests/{name}" for name in files[:half]]
    found["library, second half"] = [f"tests/{name}" for name in files[half:]]
    found["chapters"] = [*stage(), "--nbmake", "--overwrite", "--nbmake-timeout=300"]
    return found | {"book": ["tests/book", f"--junitxml={REPORT}"]}


def unseen(report: Path) -> int:
    """How many checks were skipped for want of a browser, by pytest's report; 0 where there is no report."""
    if not report.exists():
        return 0
    return sum(UNSEEN in skipped.get("message", "") for skipped in ElementTree.parse(report).iter("skipped"))


def last_line(failed: list[str], skipped: int) -> str:
    """What it all came to: the groups that failed, the checks in a browser that were skipped."""
    said = f"FAILED: {', '.join(failed)}" if failed else "all groups of tests passed"
    if skipped:
        said += f"; without Chromium or Chrome, checks of the pages in a browser were skipped: {skipped}"
    return said


def run(name: str, arguments: list[str], options: list[str]) -> int:
    """One pytest process; 0 where all passed or nothing was chosen, else its status."""
    print(f"\n-- {name}", flush=True)
    command = [sys.executable, "-m", "pytest", *arguments, "--durations=6", *options]
    status = subprocess.run(command, stdin=subprocess.DEVNULL, cwd=ROOT).returncode
    if status < 0:
        print(
            f"\n{name}: pytest was ended by signal {-status}; 9 mostly means that memory ran out",
            file=sys.stderr,
        )
    return 0 if status == NOTHING_CHOSEN else status


def main() -> int:
    """Run pytest on every group; 0 only if all passed, and a last line that says so."""
    os.environ["FACE2SKETCH_PROFILE"] = "smoke"
    options = [option for option in sys.argv[1:] if option != "--units"]
    chosen = groups()
    if "--units" in sys.argv:
        chosen = {name: arguments for name, arguments in chosen.items() if name not in ("chapters", "book")}
    try:
        failed = [name for name, arguments in chosen.items() if run(name, arguments, options)]
    except KeyboardInterrupt:
        return 130
    print(f"\n{last_line(failed, unseen(REPORT) if 'book' in chosen else 0)}", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
