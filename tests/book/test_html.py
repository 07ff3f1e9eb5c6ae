"""The built pages as files: links, pictures, nothing from elsewhere, nothing of this machine."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from build_book import EXTENSION, write_front
from project import CONFIG, ROOT, address, page_source, toc_entries

ENTRIES = toc_entries()


@lru_cache(maxsize=256)
def soup(path: Path) -> BeautifulSoup:
    """A page, parsed once."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@lru_cache(maxsize=256)
def anchors(path: Path) -> frozenset[str]:
    """The places of a page that a link can point at."""
    return frozenset({"", *(tag["id"] for tag in soup(path).find_all(id=True))})


def is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https")


@pytest.fixture(params=ENTRIES)
def page(request: pytest.FixtureRequest, pages: Path) -> Path:
    return pages / f"{request.param}.html"


def test_every_entry_of_the_contents_has_a_page(pages: Path) -> None:
    assert [entry for entry in ENTRIES if not (pages / f"{entry}.html").exists()] == []
    assert (pages / "index.html").exists()


def check_front(front: Path) -> None:
    """The site's root is a whole page that leads to the first of the contents."""
    first = f"{ENTRIES[0]}.html"
    root = BeautifulSoup(front.read_text(encoding="utf-8"), "html.parser")
    assert root.html["lang"] == "en"
    assert root.title.get_text() == "face2sketch"
    assert root.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={first}"
    assert root.find("link", rel="canonical")["href"] == f"{address().site}/{first}"
    assert root.a["href"] == first
    assert root.a.get_text().strip()


def test_the_root_leads_to_the_first_page(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<meta http-equiv='Refresh' content='0; url=elsewhere.html' />")
    write_front(tmp_path)
    check_front(tmp_path / "index.html")


def test_the_root_and_the_first_page_have_one_address(pages: Path) -> None:
    check_front(pages / "index.html")
    canonical = soup(pages / f"{ENTRIES[0]}.html").find("link", rel="canonical")["href"]
    assert canonical == soup(pages / "index.html").find("link", rel="canonical")["href"]


def test_internal_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in soup(page).find_all("a", href=True):
        parts = urlsplit(link["href"])
        if is_elsewhere(link["href"]) or parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.exists() or (
            target.suffix == ".html" and unquote(parts.fragment) not in anchors(target)
        ):
            broken.append(link["href"])
    assert broken == []


def test_pictures_exist_and_have_alternative_text(page: Path) -> None:
    for image in soup(page).find_all("img"):
        source = image["src"]
        if not source.startswith("data:"):
            assert (page.parent / unquote(urlsplit(source).path)).resolve().exists(), source
        if image.get("aria-hidden") != "true":
            assert image.get("alt", "").strip(), f"no alternative text: {source[:80]}"
            assert "/" not in image["alt"] or " " in image["alt"].strip(), (
                f"a path as alternative text: {image['alt']}"
            )


def test_figures_of_chapters_are_described(page: Path) -> None:
    for image in soup(page).select(".cell_output img"):
        assert len(image.get("alt", "")) >= 20, f"too short to say what one sees: {image.get('alt')!r}"


def test_every_described_figure_is_on_its_page(pages: Path) -> None:
    for entry in ENTRIES:
        source = page_source(entry)
        if source.suffix == ".ipynb":
            cells = nbformat.read(source, as_version=4).cells
            described = [cell.metadata.get("mystnb", {}).get("image", {}).get("alt") for cell in cells]
            shown = {image.get("alt") for image in soup(pages / f"{entry}.html").select(".cell_output img")}
            assert [alt for alt in described if alt and alt not in shown] == [], entry


def test_nothing_is_loaded_from_elsewhere(page: Path) -> None:
    loaded = [tag["src"] for tag in soup(page).find_all(["script", "img", "iframe", "source"], src=True)]
    loaded += [
        tag["href"]
        for tag in soup(page).find_all("link", href=True)
        if set(tag.get("rel", [])) & {"stylesheet", "preload"}
    ]
    assert [address for address in loaded if is_elsewhere(address)] == []


def test_widget_and_maths_scripts_are_loaded_once(page: Path) -> None:
    scripts = [tag["src"].split("?")[0] for tag in soup(page).find_all("script", src=True)]
    assert len(scripts) == len(set(scripts))
    assert sum("embed" in script for script in scripts) <= 1
    assert sum("mathjax" in script for script in scripts) <= 1


def test_mathjax_is_loaded_where_there_is_mathematics_and_nowhere_else(page: Path) -> None:
    loads = any("mathjax" in tag["src"] for tag in soup(page).find_all("script", src=True))
    assert loads == bool(soup(page).select(".math"))


def test_a_page_without_mathematics_loads_no_mathjax(tmp_path: Path) -> None:
    """Not even where a page below it in the contents has some, which Sphinx counts to it."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace

    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["sphinx"]
    assert config["local_extensions"] == {EXTENSION.stem: EXTENSION.parent.name}
    source, target = tmp_path / "source", tmp_path / "html"
    source.mkdir()
    (source / "index.rst").write_text("First\n=====\n\n.. toctree::\n\n   sums\n   words\n")
    (source / "sums.rst").write_text("Sums\n====\n\n:math:`1 + 1`\n")
    (source / "words.rst").write_text("Words\n=====\n\nNo sum.\n")
    chosen = {
        "extensions": ["sphinx.ext.mathjax", EXTENSION.stem],
        "mathjax_path": config["config"]["mathjax_path"],
        "mathjax3_config": {"options": {}},
    }
    with docutils_namespace():
        Sphinx(source, None, target, tmp_path / "trees", "html", chosen, status=None).build()
    scripts = {name: (target / f"{name}.html").read_text() for name in ("index", "sums", "words")}
    assert {name for name, text in scripts.items() if "mathjax/tex-chtml.js" in text} == {"sums"}
    assert {name for name, text in scripts.items() if "window.MathJax" in text} == {"sums"}


def test_no_page_names_this_machine_or_shows_an_error(page: Path) -> None:
    text = soup(page).select_one(".bd-article").get_text()
    for folder in (str(ROOT), str(Path.home())):
        assert len(folder) < 5 or folder not in text
    assert not soup(page).select(".cell_output .traceback"), "an unexpected error is shown"
    assert "Traceback (most recent call last)" not in text


def test_chapters_show_their_outputs(pages: Path) -> None:
    for entry in ENTRIES:
        if page_source(entry).suffix == ".ipynb":
            assert soup(pages / f"{entry}.html").select(".cell_output"), (
                f"{entry} was published without outputs"
            )
