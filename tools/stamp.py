"""Write the repository's address wherever it must stand: badges, configuration, citation, the chapters' setup cells.

python tools/stamp.py                  # as [project.urls] in shared_lib/pyproject.toml has it
python tools/stamp.py owner/name       # change that first, then write it everywhere
python tools/stamp.py --check          # change nothing, fail where something is behind
"""

import argparse
import re
import sys
from pathlib import Path

from notebooks import write
from project import PYPROJECT, ROOT, Address, address, chapter_scripts

STAMPED = (
    "README.md",
    "CONTRIBUTING.md",
    "_config.yml",
    "CITATION.cff",
    "book/*.md",
    "book/replication/*.md",
    "shared_lib/README.md",
)


def of(slug: str) -> Address:
    """The address of `owner/name` on GitHub and GitHub Pages.

    Raises:
        SystemExit: that is not the form of a repository's name.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", slug):
        raise SystemExit(f"expected a repository as owner/name, not {slug!r}")
    owner, name = slug.split("/")
    return Address(repository=f"https://github.com/{slug}", site=f"https://{owner.lower()}.github.io/{name}")


def stamped(text: str, old: Address, new: Address) -> str:
    """A text with the project's own address renewed; other people's repositories stay as they are."""
    text = re.sub(rf"{re.escape(old.repository)}(?![\w-])", new.repository, text)
    text = re.sub(rf"{re.escape(old.site)}(?![\w-])", new.site, text)
    return re.sub(rf"/github/{re.escape(old.slug)}(?=/blob/)", f"/github/{new.slug}", text)


def stamped_chapter(script: Path, old: Address, new: Address) -> str:
    """A chapter's script with its address renewed and its Colab badge pointing at itself."""
    text = stamped(script.read_text(encoding="utf-8"), old, new)
    own = re.compile(r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
    return own.sub(lambda _: new.badge(script.stem), text)


def main() -> int:
    """Stamp, or compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", nargs="?", help="owner/name on GitHub")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    old = address()
    new = of(options.repository) if options.repository else old
    wanted = {PYPROJECT: stamped(PYPROJECT.read_text(encoding="utf-8"), old, new)}
    for pattern in STAMPED:
        for path in sorted(ROOT.glob(pattern)):
            wanted[path] = stamped(path.read_text(encoding="utf-8"), old, new)
    for script in chapter_scripts():
        wanted[script] = stamped_chapter(script, old, new)
    behind = [path for path, text in wanted.items() if path.read_text(encoding="utf-8") != text]
    for path in behind:
        print(f"{path.relative_to(ROOT)}: {'behind' if options.check else 'stamped'}")
        if not options.check:
            path.write_text(wanted[path], encoding="utf-8")
            if path.suffix == ".py":
                write(path)
    print(
        f"{new.repository} stands in {len(wanted)} files, {len(behind)} of them {'behind' if options.check else 'changed'}"
    )
    return 1 if behind and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
