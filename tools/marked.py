"""Pages with parts that are written by the library: what stands between `<!-- begin: name -->` and `<!-- end -->`.

The prose outside the markers is written by hand; nothing between them is.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

MARKED = re.compile(r"(<!-- begin: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
NARROW = "\N{NARROW NO-BREAK SPACE}"
DIRECTIONS = {"photo2sketch": "Photo to sketch", "sketch2photo": "Sketch to photo"}


def table(head: Iterable[str], rows: Iterable[Iterable[str]], right: int = 0) -> str:
    """A Markdown table whose last `right` columns are set flush right."""
    head = list(head)
    rule = ["---"] * (len(head) - right) + ["--:"] * right
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *map(list, rows)])


def signed(value: float, digits: int) -> str:
    """A difference with its sign, and the minus that is as wide as the plus."""
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


def renewed(text: str, sections: Mapping[str, Callable[[], str]]) -> str:
    """The page with everything between its markers written anew."""
    return MARKED.sub(lambda found: f"{found[1]}\n{sections[found[2]]()}\n\n{found[3]}", text)


def sortable(text: str) -> str:
    """A Markdown table whose head sorts it in the browser."""
    return f"```{{table}}\n:class: sortable\n\n{text}\n```"


def wordy(text: str) -> str:
    """A Markdown table whose last columns hold sentences: on a phone it scrolls instead of setting a word a line."""
    return f"```{{table}}\n:class: wordy\n\n{text}\n```"


def main(page: Path, sections: Mapping[str, Callable[[], str]]) -> int:
    """Renew the page, or with --check compare and fail where it is behind."""
    return main_of_all({page: sections})


def main_of_all(pages: Mapping[Path, Mapping[str, Callable[[], str]]]) -> int:
    """Renew several pages, or with --check compare all and fail where one is behind."""
    behind = 0
    for page, sections in pages.items():
        text = page.read_text(encoding="utf-8")
        new = renewed(text, sections)
        if "--check" in sys.argv:
            print(f"{page.name} is {'up to date' if new == text else f'behind: run python {sys.argv[0]}'}")
            behind |= new != text
        else:
            page.write_text(new, encoding="utf-8")
            print(f"{page.name}: {len(new.splitlines())} lines")
    return int(behind)
