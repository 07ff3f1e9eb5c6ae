"""Executing the book's notebooks: what is kept, under which name, and what happens when a cell fails."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from face2sketch import weights

import execute


def notebook_with(*sources: str) -> nbformat.NotebookNode:
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), *map(new_code_cell, sources)])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return notebook


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(execute, "BUILD", tmp_path / "build")
    return tmp_path


def write(folder: Path, name: str, *sources: str) -> Path:
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook_with(*sources), path)
    return path


def test_a_result_is_kept_for_its_code_profile_and_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = notebook_with("1 + 1")
    book = execute.kept(notebook, "a", "book")
    assert execute.kept(notebook, "a", "book") == book
    assert execute.kept(notebook, "a", "smoke") != book
    assert execute.kept(notebook_with("1 + 2"), "a", "book") != book
    monkeypatch.setattr(execute, "surroundings", lambda: "another library")
    assert execute.kept(notebook, "a", "book") != book


def test_prose_may_change_without_a_new_run() -> None:
    first, second = notebook_with("1 + 1"), notebook_with("1 + 1")
    second.cells[0].source = "# Another title"
    assert execute.kept(first, "a", "book") == execute.kept(second, "a", "book")


def test_surroundings_follow_library_results_and_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    library, results = tmp_path / "shared_lib" / "face2sketch", tmp_path / "book" / "results"
    library.mkdir(parents=True)
    results.mkdir(parents=True)
    (tmp_path / "constraints.txt").write_text("numpy==2.0\n")
    monkeypatch.setattr(execute, "ROOT", tmp_path)
    seen = set()
    for change in (
        lambda: (library / "a.py").write_text("A = 1\n"),
        lambda: (library / "a.py").write_text("A = 2\n"),
        lambda: (results / "table.csv").write_text("1\n"),
        lambda: (tmp_path / "constraints.txt").write_text("numpy==2.1\n"),
        lambda: monkeypatch.setenv("FACE2SKETCH_DATA", "elsewhere"),
        lambda: monkeypatch.setenv("KERAS_BACKEND", "another"),
        lambda: monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(tmp_path)),
        lambda: (tmp_path / next(iter(weights.FILES.values())).file).write_bytes(b"others"),
    ):
        change()
        execute.surroundings.cache_clear()
        seen.add(execute.surroundings())
    execute.surroundings.cache_clear()
    assert len(seen) == 8


def test_a_failure_names_chapter_cell_and_error_and_spares_the_others(
    build: Path, capsys: pytest.CaptureFixture
) -> None:
    good = write(build, "02_good", "import os\nprint(os.environ['FACE2SKETCH_PROFILE'])")
    bad = write(build, "01_bad", "x = 1", "x / 0")
    finished, failures = execute.execute([bad, good], "smoke")
    (failure,) = failures
    assert (failure.notebook, failure.cell) == (bad, 2)
    assert "ZeroDivisionError" in failure.error
    assert "\x1b" not in failure.error
    assert list(finished) == [good]
    assert finished[good].cells[1].outputs[0].text == "smoke\n"
    shown = capsys.readouterr().out
    assert "01_bad cell  1/2" in shown
    assert "FAILED" in shown

    finished, failures = execute.execute([good], "smoke")
    assert "nothing has changed" in capsys.readouterr().out
    assert finished[good].cells[1].outputs[0].text == "smoke\n"
    assert not failures


def test_only_a_complete_run_of_this_very_notebook_is_adopted(build: Path) -> None:
    path = write(build, "01_chapter", "1 + 1")
    other = build / "elsewhere"
    other.mkdir()
    done = notebook_with("1 + 1")
    copy = other / path.name
    assert not execute.adopt(path, copy, "smoke"), "there is none"
    nbformat.write(done, copy)
    assert not execute.adopt(path, copy, "smoke"), "it has not run"
    done.cells[1].execution_count = 1
    done.cells[1].outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]
    nbformat.write(done, copy)
    assert not execute.adopt(path, copy, "smoke"), "it failed"
    done.cells[1].outputs = []
    nbformat.write(done, copy)
    assert execute.adopt(path, copy, "smoke")
    assert execute.kept(done, path.stem, "smoke").exists()
    done.cells[1].source = "1 + 2"
    nbformat.write(done, copy)
    assert not execute.adopt(path, copy, "smoke"), "it is another notebook"
