"""Show the library's own code on the page that speaks about it, so that there is one copy of it."""

import ast
import inspect
import textwrap
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .errors import Face2SketchError

if TYPE_CHECKING:
    from IPython.display import Markdown

_PACKAGE = __name__.partition(".")[0]


def show_source(obj: Any, *more: Any, docstring: bool = True) -> "Markdown":
    """The source of functions, classes or modules, highlighted, for the last line of a cell.

    It is Markdown with fenced code, which Jupyter, Colab and the built book all highlight in the theme that
    the reader has chosen, light or dark. A line above each piece says where it lives.

    Args:
        obj: a function, method, class or module written in Python.
        more: further ones, shown below it.
        docstring: False leaves out the docstrings, when the page explains what they say.

    Raises:
        Face2SketchError: an object without Python source (built in, or defined in a way `inspect` cannot
            read).
    """
    from IPython.display import Markdown

    return Markdown("\n\n".join(_piece(item, docstring) for item in (obj, *more)))


def source_of(obj: Any, docstring: bool = True) -> str:
    """The source of a function, class or module as text, unindented; without its docstrings if asked.

    Raises:
        Face2SketchError: an object without Python source.
    """
    target = inspect.unwrap(obj) if callable(obj) else obj
    try:
        code = textwrap.dedent(inspect.getsource(target)).strip("\n")
    except (TypeError, OSError) as error:
        raise Face2SketchError(
            f"no Python source for {obj!r}: expected a function, method, class or module written in Python; "
            "for a value, pass its class or the function that made it"
        ) from error
    return code if docstring else _without_docstrings(code)


def _piece(obj: Any, docstring: bool) -> str:
    code = source_of(obj, docstring)
    target = inspect.unwrap(obj) if callable(obj) else obj
    ticks = "`" * max(3, _longest_run(code) + 1)
    return f"{_caption(target)}\n\n{ticks}python\n{code}\n{ticks}"


def _caption(target: Any) -> str:
    if isinstance(target, ModuleType):
        name, module = target.__name__, target
    else:
        module = inspect.getmodule(target)
        name = f"{target.__module__}.{target.__qualname__}"
    path = _relative(getattr(module, "__file__", None))
    return f"**`{name}`**" + (f" · `{path}`" if path else "")


def _relative(file: str | None) -> str:
    """The path from the package's folder on: where a library is installed is nobody's business on a page."""
    parts = Path(file).parts if file else ()
    return "/".join(parts[len(parts) - 1 - parts[::-1].index(_PACKAGE) :]) if _PACKAGE in parts else ""


def _longest_run(code: str) -> int:
    longest = run = 0
    for character in code:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _without_docstrings(code: str) -> str:
    """Cut the docstrings of a piece of code out, lines and all; comments and layout stay as written."""
    lines = code.split("\n")
    cut: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            continue
        # A body that is nothing but a docstring must keep it, or it would be no body.
        if ast.get_docstring(node) is None or (len(node.body) == 1 and not isinstance(node, ast.Module)):
            continue
        first = node.body[0]
        cut.update(range(first.lineno, first.end_lineno + 1))
        following = first.end_lineno + 1
        if following <= len(lines) and not lines[following - 1].strip():
            cut.add(following)
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in cut).strip("\n")
