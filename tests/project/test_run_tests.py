"""The last line of `make test`: it tells what was checked, and what was not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import run_tests
from browser import MAC_BROWSERS
from project import ROOT


def test_the_last_line_tells_the_whole_story() -> None:
    assert run_tests.last_line([], 0) == "all groups of tests passed"
    assert run_tests.last_line(["book", "models"], 0) == "FAILED: book, models"
    skipped = "; without Chromium or Chrome, checks of the pages in a browser were skipped: 7"
    assert run_tests.last_line([], 7) == f"all groups of tests passed{skipped}"
    assert run_tests.last_line(["models"], 7) == f"FAILED: models{skipped}"


@pytest.mark.skipif(
    any(Path(path).exists() for path in MAC_BROWSERS), reason="its browser is not on the path"
)
def test_checks_that_no_browser_could_make_are_counted(tmp_path: Path) -> None:
    report = tmp_path / "book.xml"
    assert run_tests.unseen(report) == 0
    looks = "tests/book/test_pages.py::test_the_search_finds_a_page"
    command = [sys.executable, "-m", "pytest", looks, f"--junitxml={report}", "-p", "no:cacheprovider"]
    bare = {name: value for name, value in os.environ.items() if name != "CI"} | {"PATH": str(tmp_path)}
    ran = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert run_tests.unseen(report) == 1


def test_skips_for_other_reasons_are_no_matter_of_the_browser(tmp_path: Path) -> None:
    report = tmp_path / "book.xml"
    report.write_text('<testsuite><testcase><skipped message="no real pairs here"/></testcase></testsuite>')
    assert run_tests.unseen(report) == 0
