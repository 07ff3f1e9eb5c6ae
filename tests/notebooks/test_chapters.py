"""Every chapter has the course's shape: script and notebook agree, first cells, described figures, readable cells."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupytext.compare import compare_notebooks

from project import CHAPTERS, ROOT, address, chapter_scripts, toc_entries

SCRIPTS = chapter_scripts()
TO_FILL_IN = "11_coursework_notebook"  # no chapter: the reader writes it
FIGURE = re.compile(r"\bplots\.\w+\(|\bplt\.(subplots|figure|imshow)\(")


@pytest.fixture(params=SCRIPTS, ids=lambda path: path.stem)
def script(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def chapter(script: Path) -> nbformat.NotebookNode:
    if script.stem == TO_FILL_IN:
        pytest.skip("the notebook to fill in has no prose of its own to be judged")
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


@pytest.fixture
def notebook(script: Path) -> nbformat.NotebookNode:
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_chapters_and_all_are_in_the_contents() -> None:
    assert SCRIPTS
    listed = [entry for entry in toc_entries() if entry.startswith("chapters/")]
    assert listed == [f"chapters/{path.stem}" for path in SCRIPTS]
    assert {path.stem for path in CHAPTERS.glob("*.ipynb")} == {path.stem for path in SCRIPTS}


def test_the_notebook_is_its_script(script: Path, notebook: nbformat.NotebookNode) -> None:
    compare_notebooks(notebook, jupytext.read(script), fmt="py:percent", compare_ids=False)


def test_the_notebook_carries_no_outputs(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    for cell in code(notebook):
        assert not cell.outputs
        assert cell.execution_count is None
    assert "widgets" not in notebook.metadata


def test_making_the_notebooks_again_changes_nothing() -> None:
    from notebooks import notebook_of

    for script in SCRIPTS:
        assert (
            nbformat.writes(notebook_of(script)).strip() == script.with_suffix(".ipynb").read_text().strip()
        ), f"`make notebooks` would change {script.stem}.ipynb"


def test_it_opens_with_title_badge_and_the_setup_cell(script: Path, notebook: nbformat.NotebookNode) -> None:
    title = notebook.cells[0]
    assert title.cell_type == "markdown"
    assert title.source.startswith("# ")
    assert address().badge(script.stem) in notebook.cells[0].source + notebook.cells[1].source
    setup = code(notebook)[0]
    assert setup.source == address().setup_cell()
    assert len(setup.source.splitlines()) <= 6
    assert notebook.metadata.kernelspec.name == "python3"


def test_one_title_and_no_jump_in_the_headings(notebook: nbformat.NotebookNode) -> None:
    levels = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            levels += [len(hashes) for hashes in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_cells_are_short_enough_to_read(notebook: nbformat.NotebookNode) -> None:
    long = [cell.source.splitlines()[0] for cell in code(notebook) if len(cell.source.splitlines()) > 25]
    assert long == []


def test_cells_that_draw_say_what_one_sees(notebook: nbformat.NotebookNode) -> None:
    for cell in code(notebook):
        last = cell.source.strip().rsplit("\n", 1)[-1]
        described = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if FIGURE.search(last) and "=" not in last.split("(")[0]:
            assert len(described) >= 20, f"no alternative text: {cell.source[:80]}"
        if described:
            assert "/" not in described or " " in described


def test_markdown_is_plain(notebook: nbformat.NotebookNode) -> None:
    """Colab shows directives and roles as they are typed."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(
                r"^(:::|```\{|\{\w+\}`)|\{(ref|cite|numref|doc|eq)\}`", cell.source, re.MULTILINE
            ), cell.source[:80]


def test_solutions_are_folded_away_in_both_places(chapter: nbformat.NotebookNode) -> None:
    solutions = [cell for cell in code(chapter) if cell.source.startswith("# @title Solution")]
    assert 2 <= len(solutions) <= 6
    for cell in solutions:
        assert "hide-input" in cell.metadata.get("tags", [])
        assert cell.metadata.get("cellView") == "form"


def test_length_and_sources(chapter: nbformat.NotebookNode) -> None:
    words = sum(len(cell.source.split()) for cell in chapter.cells if cell.cell_type == "markdown")
    assert 900 <= words <= 3600
    text = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    assert re.search(r"^## Exercises", text, re.MULTILINE)
    assert "https://doi.org/" in text or "arxiv.org" in text


def test_the_pairing_check_sees_a_hand_edit(tmp_path: Path) -> None:
    """The command that `make notebooks` rests on notices a changed script and a notebook with outputs."""
    from notebooks import difference, write

    script = tmp_path / "01_example.py"
    script.write_text("# %% [markdown]\n# # Title\n\n# %%\n1 + 1\n")
    assert "does not exist" in difference(script)
    assert write(script)
    assert not write(script)
    assert difference(script) == ""
    script.write_text(script.read_text().replace("1 + 1", "1 + 2"))
    assert "differs" in difference(script)
    write(script)
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    notebook.cells[1].execution_count = 3
    nbformat.write(notebook, script.with_suffix(".ipynb"))
    assert "outputs" in difference(script)


def test_the_command_line_check_agrees() -> None:
    done = subprocess.run(
        [sys.executable, "tools/notebooks.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
