"""A Sphinx extension of the book: a page without mathematics does not load MathJax.

Sphinx counts what lies below a page in the contents as part of it. So the first page, which has all others below it, loaded
1.2 MB of script and had no formula. tools/build_book.py lays this file beside the pages; _config.yml names it.
"""

from typing import Any

from sphinx.application import Sphinx

AFTER_MATHJAX = 900  # Sphinx' own extension adds the script at the usual 500


def drop_mathjax(app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    """Take MathJax and its settings from a page that has no equation itself."""
    if app.env.get_domain("math").data["has_equations"].get(page):
        return

    def is_mathjax(script: Any) -> bool:
        name = str(getattr(script, "filename", script) or "")
        settings = getattr(script, "attributes", {}).get("body") or ""
        return name.endswith(app.config.mathjax_path) or settings.startswith("window.MathJax = ")

    context["script_files"] = [script for script in context["script_files"] if not is_mathjax(script)]


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("html-page-context", drop_mathjax, priority=AFTER_MATHJAX)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
