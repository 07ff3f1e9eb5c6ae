"""Build the book: execute what has changed, lay the pages out, make HTML with warnings as errors.

    python tools/build_book.py --profile book

The pages are gathered under _build/<profile>/source with the executed notebooks in their places, so that Jupyter Book
executes nothing itself and never walks through the environment's folder. A build that fails leaves the last good pages
where they are.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import yaml

from execute import PROFILES, adopt, book_notebooks, execute
from project import BADGE_PICTURE, BUILD, CONFIG, ROOT, TOC, address, page_source, toc_entries

LOCAL_BADGE = "book/_static/colab-badge.svg"
FRONT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="canonical" href="{site}/{first}">
<meta http-equiv="refresh" content="0; url={first}">
</head>
<body>
<p><a href="{first}">{title}: to the first page</a></p>
</body>
</html>
"""
EXTENSION = ROOT / "tools" / "lean_pages.py"  # _config.yml names its folder, from where the pages lie
ASSETS = {".png", ".svg", ".css", ".js", ".json", ".csv", ".woff", ".ico", ".bib", ".txt", ".gif", ".webp"}


def pages_folder(profile: str) -> Path:
    """Where the finished pages of a profile stand: _build/html for the published one."""
    return BUILD / "html" if profile == "book" else BUILD / profile / "html"


def _put(target: Path, content: bytes) -> None:
    """Write a file unless it says so already."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != content:
        target.write_bytes(content)


def local_badge(text: str, page: Path) -> str:
    """A page's text with the Colab badge taken from the book itself: the pages load nothing from elsewhere."""
    return text.replace(BADGE_PICTURE, os.path.relpath(ROOT / LOCAL_BADGE, page.parent).replace(os.sep, "/"))


def derived_config() -> bytes:
    """_config.yml with the execution switched off: that has happened by now."""
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    config["execute"] = {**config.get("execute", {}), "execute_notebooks": "off"}
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode()


def gather(source: Path, notebooks: dict[Path, nbformat.NotebookNode]) -> str:
    """Lay out the pages under `source`, remove what no longer belongs there, and return a hash of the whole."""
    wanted: dict[Path, bytes] = {
        Path("_config.yml"): derived_config(),
        Path("_toc.yml"): TOC.read_bytes(),
        EXTENSION.relative_to(ROOT): EXTENSION.read_bytes(),
    }
    for entry in toc_entries():
        path = page_source(entry)
        if path.suffix == ".ipynb":
            notebook = notebooks[path]
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = local_badge(cell.source, path)
            wanted[path.relative_to(ROOT)] = nbformat.writes(notebook).encode()
        else:
            wanted[path.relative_to(ROOT)] = local_badge(path.read_text(encoding="utf-8"), path).encode()
    for path in [*(ROOT / "book").rglob("*"), *(ROOT / "chapters").rglob("*")]:
        if path.is_file() and (path.suffix in ASSETS or "vendor" in path.parts):
            wanted[path.relative_to(ROOT)] = path.read_bytes()
    for path in source.rglob("*"):
        if path.is_file() and path.relative_to(source) not in wanted:
            path.unlink()
    total = hashlib.sha256()
    for name, content in sorted(wanted.items()):
        _put(source / name, content)
        total.update(f"{name}\0".encode() + hashlib.sha256(content).digest())
    return total.hexdigest()


def make_html(source: Path, target: Path) -> bool:
    """Run Jupyter Book with warnings as errors, and put the pages in place if it succeeds."""
    workshop = source.parent / "workshop"
    shutil.rmtree(workshop, ignore_errors=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(source)]
    command += ["--path-output", str(workshop)]
    command += ["--all", "-W", "--keep-going", "-q"]
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    log = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout).replace(f"{source}{os.sep}", "")
    (source.parent / "build.log").write_text(log, encoding="utf-8")
    if result.returncode:
        print(log)
        return False
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(workshop / "_build" / "html", target)
    shutil.rmtree(workshop)
    return True


def write_front(target: Path) -> None:
    """The site's root, index.html: it leads to the first page, also where nothing is forwarded."""
    title = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["title"]
    text = FRONT.format(title=title, site=address().site, first=f"{toc_entries()[0]}.html")
    _put(target / "index.html", text.encode())


def build(profile: str) -> int:
    """Bring the pages of a profile up to date; 0 where all is well."""
    began = time.perf_counter()
    finished, failures = execute(book_notebooks(), profile)
    if failures:
        print(f"\n{len(failures)} of {len(finished) + len(failures)} notebooks failed; no pages were made:")
        for failure in failures:
            print(
                f"  {failure.notebook.relative_to(ROOT)}, code cell {failure.cell}: {failure.error.splitlines()[-1]}"
            )
        return 1
    source, target = BUILD / profile / "source", pages_folder(profile)
    digest = gather(source, finished)
    stamp = BUILD / profile / "built"
    if stamp.exists() and stamp.read_text() == digest and (target / "index.html").exists():
        print("The pages are up to date.")
    else:
        print(f"Making HTML from {len(toc_entries())} pages, warnings are errors ...", flush=True)
        stamp.unlink(missing_ok=True)
        if not make_html(source, target):
            print("The pages were not made: the warnings above are errors.")
            return 1
        stamp.write_text(digest)
    write_front(target)
    print(f"Done in {time.perf_counter() - began:.0f} s. Open {(target / 'index.html').as_uri()}")
    return 0


def main() -> int:
    """Build the book in the profile named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--profile", choices=PROFILES, default=os.environ.get("FACE2SKETCH_PROFILE") or "book"
    )
    parser.add_argument("--adopt", type=Path, help="a folder with notebooks that another runner has executed")
    options = parser.parse_args()
    try:
        if options.adopt:
            for path in book_notebooks():
                adopt(path, options.adopt / path.name, options.profile)
        return build(options.profile)
    except KeyboardInterrupt:
        print("\nStopped. Chapters that had finished keep their results; the next call goes on from there.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
