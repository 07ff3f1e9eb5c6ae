"""Where things are: the one place that the tools and the tests ask for folders, pages and the project's address.

The address is read from `[project.urls]` in shared_lib/pyproject.toml; nothing else defines it.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
RUN = (
    ROOT / ".nbmake"
)  # where the tests run copies of the notebooks; nbmake overlooks whatever lies under _build
CHAPTERS = ROOT / "chapters"
PYPROJECT = ROOT / "shared_lib" / "pyproject.toml"
CONFIG = ROOT / "_config.yml"
TOC = ROOT / "_toc.yml"

SETUP_CELL = """\
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+{repository}#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {{library}}")
import face2sketch as f2s"""

COLAB = "https://colab.research.google.com"
BADGE_PICTURE = f"{COLAB}/assets/colab-badge.svg"


@dataclass(frozen=True)
class Address:
    """The repository and the published site, as stamped into badges, configuration and setup cells."""

    repository: str
    site: str

    @property
    def slug(self) -> str:
        """The repository as `owner/name`."""
        return "/".join(self.repository.rstrip("/").split("/")[-2:])

    def colab(self, chapter: str) -> str:
        """The address that opens `chapters/<chapter>.ipynb` in Colab."""
        return f"{COLAB}/github/{self.slug}/blob/main/chapters/{chapter}.ipynb"

    def badge(self, chapter: str) -> str:
        """The Markdown line of a chapter's Colab badge."""
        return f"[![Open in Colab]({BADGE_PICTURE})]({self.colab(chapter)})"

    def setup_cell(self) -> str:
        """The text of every chapter's first code cell."""
        return SETUP_CELL.format(repository=self.repository)


def pyproject() -> dict:
    """The library's pyproject.toml, parsed."""
    return tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))


def address() -> Address:
    """The project's address as pyproject.toml gives it."""
    urls = pyproject()["project"]["urls"]
    return Address(repository=urls["Repository"], site=urls["Documentation"])


def chapter_scripts() -> list[Path]:
    """Every percent script that a notebook is made from, in reading order."""
    return sorted(CHAPTERS.glob("[0-9][0-9]_*.py"))


def toc_entries() -> list[str]:
    """The pages of _toc.yml without suffix, in reading order, the front page first."""
    import yaml  # not in the standard library: setup_env.py imports this module before anything is installed

    toc = yaml.safe_load(TOC.read_text(encoding="utf-8"))
    entries = [toc["root"]]

    def walk(node: object) -> None:
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "file" in node:
                entries.append(node["file"])
            for key in ("chapters", "sections", "parts"):
                walk(node.get(key))

    walk({key: value for key, value in toc.items() if key != "root"})
    return entries


def page_source(entry: str) -> Path:
    """The file behind a table-of-contents entry.

    Raises:
        SystemExit: there is no such file.
    """
    for suffix in (".ipynb", ".md"):
        path = ROOT / f"{entry}{suffix}"
        if path.exists():
            return path
    raise SystemExit(f"_toc.yml lists {entry}, but neither {entry}.ipynb nor {entry}.md exists.")
