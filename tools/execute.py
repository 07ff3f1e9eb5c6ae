"""Execute the book's notebooks, with visible progress, and keep the results for the next build.

    python tools/execute.py --profile book [chapters/01_data_preparation.ipynb ...]

A result is kept under a name that carries all it depends on: the notebook's code, the profile, the library, the results
files, the tested versions, Keras' backend, and which real pairs and weights were at hand. Nothing stale can be published,
and what has not changed is not run again. A chapter that fails is named with its cell and its error; the other
chapters run on and keep their results.
"""

import argparse
import hashlib
import os
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from face2sketch.errors import Face2SketchError

from project import BUILD, ROOT, page_source, toc_entries

PROFILES = ("smoke", "book", "paper")
CELL_LIMIT = {"smoke": 300, "book": 1800, "paper": None}  # seconds; the paper profile may train for hours
COLOUR_CODES = re.compile(r"\x1b\[[0-9;]*m")
ON_SCREEN = sys.stdout.isatty()


@dataclass(frozen=True)
class Failure:
    """Where a notebook stopped: its path, the code cell (counted from 1), that cell's text, and the error."""

    notebook: Path
    cell: int
    source: str
    error: str

    def __str__(self) -> str:
        code = "\n".join(f"    | {line}" for line in self.source.splitlines()[:25])
        name = self.notebook.relative_to(ROOT) if ROOT in self.notebook.parents else self.notebook
        return f"{name}, code cell {self.cell}:\n{code}\n{self.error}"


def _digest(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@cache
def surroundings() -> str:
    """A hash of what every notebook depends on besides its own code and the profile."""
    library = [
        path
        for path in (ROOT / "shared_lib" / "face2sketch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    ]
    # runs under way come and go beside the records: no page is made from them
    results = [
        path
        for path in (ROOT / "book" / "results").rglob("*")
        if path.suffix in (".json", ".csv") and path.is_file()
    ]
    return repr((_digest([*library, *results, ROOT / "constraints.txt"]), *_at_hand()))


def _at_hand() -> tuple[str, ...]:
    """What this machine has that chapters use and speak of: real pairs, weights; and Keras' backend."""
    from face2sketch import data, weights

    try:
        pairs = data.cuhk_student(download=False).checksum()
    except Face2SketchError as error:
        pairs = type(error).__name__
    places = weights.table()["found"].to_dict()
    named = [
        os.environ.get(name, "") for name in ("FACE2SKETCH_DATA", "FACE2SKETCH_WEIGHTS", "KERAS_BACKEND")
    ]
    return pairs, repr(places), *named


def kept(notebook: nbformat.NotebookNode, name: str, profile: str) -> Path:
    """Where the executed form of a notebook is kept."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    key = hashlib.sha256(repr((surroundings(), profile, code)).encode()).hexdigest()[:16]
    return BUILD / profile / "executed" / f"{name}-{key}.ipynb"


def with_outputs(notebook: nbformat.NotebookNode, executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook as it stands (its text may have been edited since), with the outputs of an earlier execution."""
    done = iter([cell for cell in executed.cells if cell.cell_type == "code"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = next(done)
            cell.outputs, cell.execution_count = source.outputs, source.execution_count
    if "widgets" in executed.metadata:
        notebook.metadata["widgets"] = executed.metadata["widgets"]
    return notebook


def is_complete(executed: nbformat.NotebookNode) -> bool:
    """True where every code cell has run and none has failed."""
    return all(
        cell.execution_count is not None
        and (
            "raises-exception" in cell.metadata.get("tags", [])
            or all(output.output_type != "error" for output in cell.outputs)
        )
        for cell in executed.cells
        if cell.cell_type == "code" and cell.source.strip()
    )


def store(executed: nbformat.NotebookNode, target: Path) -> None:
    """Write an executed notebook, whole or not at all, and drop the older results of the same chapter."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    nbformat.write(executed, partial)
    os.replace(partial, target)
    stem = target.stem.rsplit("-", 1)[0]
    for older in target.parent.glob(f"{stem}-{'?' * 16}.ipynb"):
        if older != target:
            older.unlink()


@contextmanager
def _ticking(label: str) -> Iterator[None]:
    """Show that a cell is running: a counter on a terminal, a line every half minute elsewhere."""
    done = threading.Event()
    began = time.perf_counter()

    def tick() -> None:
        while not done.wait(1 if ON_SCREEN else 30):
            seconds = time.perf_counter() - began
            print(f"\r{label} ... {seconds:4.0f} s" if ON_SCREEN else f"{label} ... {seconds:.0f} s so far",
                  end="" if ON_SCREEN else "\n", flush=True)  # fmt: skip

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()


def _headline(source: str) -> str:
    """The first line of a cell that says something, shortened."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    line = next(
        (line for line in lines if not line.startswith(("import ", "from "))), lines[0] if lines else ""
    )
    return line if len(line) <= 60 else f"{line[:57]}..."


def run(path: Path, notebook: nbformat.NotebookNode, profile: str, label: str) -> Failure | None:
    """Execute a notebook in place, cell by cell, in its own folder; None where all went well."""
    os.environ["FACE2SKETCH_PROFILE"] = profile
    os.environ.pop("MPLBACKEND", None)  # under another backend than the notebook's own there are no figures
    client = NotebookClient(
        notebook,
        timeout=CELL_LIMIT[profile],
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=[
            "--IPKernelApp.log_level=50"
        ],  # its remark on unencrypted local sockets is not for the reader
    )
    cells = [
        (i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()
    ]
    client.reset_execution_trackers()
    with client.setup_kernel():
        for number, (index, cell) in enumerate(cells, start=1):
            line = f"{label} cell {number:2d}/{len(cells)}"
            began = time.perf_counter()
            try:
                with _ticking(line):
                    client.execute_cell(cell, index, execution_count=number)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                traceback = [output.traceback for output in cell.outputs if output.output_type == "error"]
                text = COLOUR_CODES.sub("", "\n".join(traceback[-1]) if traceback else str(error)).strip()
                return Failure(path, number, cell.source, "\n".join(text.splitlines()[-25:]))
            start = "\r" if ON_SCREEN else ""
            print(f"{start}{line} {time.perf_counter() - began:6.1f} s  {_headline(cell.source)}", flush=True)
        client.set_widgets_metadata()
    return None


def execute(
    paths: list[Path], profile: str, force: bool = False
) -> tuple[dict[Path, nbformat.NotebookNode], list[Failure]]:
    """Bring notebooks up to date.

    Args:
        paths: notebooks inside the repository.
        profile: "smoke", "book" or "paper".
        force: run even what has not changed.

    Returns:
        The executed notebooks by path, and the failures.
    """
    finished: dict[Path, nbformat.NotebookNode] = {}
    failures: list[Failure] = []
    for number, path in enumerate(paths, start=1):
        notebook = nbformat.read(path, as_version=4)
        if not any(cell.cell_type == "code" for cell in notebook.cells):
            finished[path] = notebook
            continue
        label = f"[{number}/{len(paths)}] {path.stem}"
        target = kept(notebook, path.stem, profile)
        if target.exists() and not force:
            finished[path] = with_outputs(notebook, nbformat.read(target, as_version=4))
            print(f"{label}: nothing has changed since its last execution", flush=True)
            continue
        began = time.perf_counter()
        failure = run(path, notebook, profile, label)
        if failure:
            failures.append(failure)
            print(f"\n{label}: FAILED\n{failure}\n", flush=True)
            continue
        store(notebook, target)
        finished[path] = notebook
        print(f"{label}: {time.perf_counter() - began:.0f} s in the {profile} profile", flush=True)
    return finished, failures


def adopt(path: Path, executed: Path, profile: str) -> bool:
    """Keep what another runner (nbmake) executed, if it is this very notebook, ran to its end and did not fail."""
    if not executed.exists():
        return False
    notebook, done = nbformat.read(path, as_version=4), nbformat.read(executed, as_version=4)
    same = [cell.source for cell in notebook.cells] == [cell.source for cell in done.cells]
    if same and is_complete(done):
        store(done, kept(notebook, path.stem, profile))
    return same and is_complete(done)


def book_notebooks() -> list[Path]:
    """The notebooks of the table of contents, in reading order."""
    return [path for path in map(page_source, toc_entries()) if path.suffix == ".ipynb"]


def main() -> int:
    """Execute the notebooks named, or all of the book."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument(
        "--profile", choices=PROFILES, default=os.environ.get("FACE2SKETCH_PROFILE") or "book"
    )
    parser.add_argument("--force", action="store_true", help="run even what has not changed")
    options = parser.parse_args()
    paths = [path.resolve() for path in options.notebooks] or book_notebooks()
    try:
        _, failures = execute(paths, options.profile, options.force)
    except KeyboardInterrupt:
        print("\nStopped. Chapters that had finished keep their results; the next call goes on from there.")
        return 130
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
