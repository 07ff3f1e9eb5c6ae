"""Look up every external link of the book's pages with Sphinx's link checker.

    python tools/linkcheck.py

Nothing is executed: the links stand in the text. Addresses that publishers and Colab keep from programs are taken as
they are.
"""

import re
import shutil
import subprocess
import sys

import nbformat
import yaml

from build_book import gather
from execute import book_notebooks
from project import BUILD

IGNORED = [
    r"https://colab\.research\.google\.com/.*",
    r"https://doi\.org/10\.(1109|1016|1145|1007|1117)/.*",  # these publishers answer programs with 403
    r"http://127\.0\.0\.1.*",
]


def main() -> int:
    """Lay out the unexecuted pages, run the checker, and print what is broken."""
    folder = BUILD / "linkcheck"
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "source"
    gather(source, {path: nbformat.read(path, as_version=4) for path in book_notebooks()})
    config = yaml.safe_load((source / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"] |= {
        "linkcheck_ignore": IGNORED,
        "linkcheck_retries": 3,
        "linkcheck_timeout": 20,
    }
    (source / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(source)]
    command += ["--path-output", str(folder), "--builder", "linkcheck", "-q", "--keep-going"]
    subprocess.run(command, stdin=subprocess.DEVNULL)
    report = folder / "_build" / "linkcheck" / "output.txt"
    broken = [line for line in report.read_text().splitlines() if re.search(r"\[(broken|timeout)\]", line)]
    print("\n".join(broken) or "every link answers")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
