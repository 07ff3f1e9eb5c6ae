"""Run everything that is checked, in one pytest call, so that its last line tells the whole story.

Units and agreement tests, the chapters (nbmake, smoke profile), the pairing of scripts and notebooks, ruff, the book's build
with warnings as errors, and the built pages in a real browser. Further arguments go to pytest: tools/run_tests.py -k metrics
"""

import os
import shutil
import subprocess
import sys

from execute import book_notebooks
from project import ROOT, RUN


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


def main() -> int:
    """Run pytest on all of it; the exit status is pytest's."""
    os.environ["FACE2SKETCH_PROFILE"] = "smoke"
    command = [sys.executable, "-m", "pytest", "tests", *stage()]
    command += ["--nbmake", "--overwrite", "--nbmake-timeout=300", "--durations=12", *sys.argv[1:]]
    try:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 130
    if status < 0:
        print(
            f"\nFAILED: pytest was ended by signal {-status}; 9 mostly means that memory ran out",
            file=sys.stderr,
        )
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
