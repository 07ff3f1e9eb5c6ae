"""Make each chapter's notebook from its percent script: one way, without outputs, and only where it would change.

    python tools/notebooks.py [chapters/01_data_preparation.py ...]
    python tools/notebooks.py --check

The script is the source. A cell's id is drawn from its text, so that a change of one cell is a change of one cell in git.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat
from jupytext.compare import NotebookDifference, compare_notebooks

from project import ROOT, chapter_scripts


def notebook_of(script: Path) -> nbformat.NotebookNode:
    """The notebook that a percent script stands for: no outputs, ids that depend on the cells' text alone."""
    notebook = jupytext.read(script)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def difference(script: Path) -> str:
    """What sets the committed notebook apart from its script, "" where nothing does."""
    path = script.with_suffix(".ipynb")
    if not path.exists():
        return f"{path.name} does not exist"
    notebook = nbformat.read(path, as_version=4)
    if any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells):
        return f"{path.name} carries outputs"
    try:
        compare_notebooks(notebook, jupytext.read(script), fmt="py:percent", compare_ids=False)
    except NotebookDifference as error:
        return f"{path.name} differs from {script.name}: {error}"
    return ""


def write(script: Path) -> bool:
    """Write the notebook beside its script; True where that changed the file."""
    text = nbformat.writes(notebook_of(script))
    text = text if text.endswith("\n") else text + "\n"
    path = script.with_suffix(".ipynb")
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def main() -> int:
    """Write (or with --check compare) the notebooks of the scripts named, or of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scripts", nargs="*", type=Path, help="percent scripts (default: every chapter)")
    parser.add_argument(
        "--check", action="store_true", help="only compare, and fail where a notebook is behind"
    )
    options = parser.parse_args()
    behind = 0
    for script in options.scripts or chapter_scripts():
        script = script.with_suffix(".py").resolve()
        name = script.with_suffix(".ipynb").relative_to(ROOT)
        if options.check:
            found = difference(script)
            behind += bool(found)
            print(f"{name}: {found or 'as its script'}")
        else:
            print(f"{name}: {'written' if write(script) else 'already as its script'}")
    if behind:
        print("`make notebooks` makes the notebooks from the scripts.", file=sys.stderr)
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
