"""What a function's behaviour depends on, as far as its source tells: a changed function must be trained anew."""

import functools
import hashlib
import inspect
import sys
import sysconfig
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

Parts = Iterator[tuple[str, str]]
_PLAIN = (str, bytes, int, float, complex, bool, type(None))
_ELSEWHERE = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {str(Path(__file__).parents[1])}
)


def dependencies(function: Any, version: str = "") -> dict[str, str]:
    """What a function's behaviour depends on: names, and a checksum of each.

    The names are those of the function, of the reader's own functions, classes and modules that it uses, and of the values
    that it refers to; "version" is `version`. Libraries are left out, and so is what the function reads from files.
    """
    texts: dict[str, list[str]] = {"version": [version]}
    for name, part in _parts(function, "fit", {}):
        texts.setdefault(name, []).append(part)
    return {name: hashlib.sha256("\0".join(parts).encode()).hexdigest() for name, parts in texts.items()}


def own_file(filename: str) -> bool:
    """Whether a file is the reader's own: neither Python's, nor an installed package's, nor this library's."""
    return not filename.startswith(_ELSEWHERE)


def _parts(thing: Any, name: str, seen: dict[int, Any]) -> Parts:
    """Names, each with a text that changes when what is called so does."""
    if isinstance(thing, _PLAIN):
        yield name, repr(thing)
        return
    if id(thing) in seen:
        return
    seen[id(thing)] = thing  # kept alive, for another object must not get its number
    if isinstance(thing, list | tuple | set | frozenset):
        for item in sorted(thing, key=repr) if isinstance(thing, set | frozenset) else thing:
            yield from _parts(item, name, seen)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield name, repr(key)
            yield from _parts(value, name, seen)
    elif isinstance(thing, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()
        yield name, f"{thing.shape} {thing.dtype} {digest}"
    elif isinstance(thing, functools.partial):
        yield from _parts((thing.func, thing.args, thing.keywords), name, seen)
    elif inspect.ismethod(thing):
        yield from _parts(thing.__func__, name, seen)
        yield from _parts(thing.__self__, type(thing.__self__).__name__, seen)
    elif isinstance(thing, ModuleType):
        yield from ((name, text) for text in _of_module(thing))
    elif inspect.isfunction(thing):
        yield from _of_function(thing, seen)
    elif inspect.isclass(thing):
        yield from _of_class(thing, seen)
    elif isinstance(thing, SimpleNamespace | Namespace):  # settings, as of a notebook or a command line
        yield from _parts(vars(thing), name, seen)
    elif _is_own(type(thing)):
        yield from _parts(type(thing), type(thing).__name__, seen)
        for attribute, value in list(getattr(thing, "__dict__", {}).items()):
            yield from _parts(value, f"{name}.{attribute}", seen)


def _of_function(function: FunctionType, seen: dict[int, Any]) -> Parts:
    function = inspect.unwrap(function)
    name = function.__qualname__.rpartition("<locals>.")[2]
    if not _is_own(function):
        yield name, f"{function.__module__}.{function.__qualname__}"
        return
    yield name, _source(function)
    yield from _parts((function.__defaults__, function.__kwdefaults__), name, seen)
    for variable, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield from _parts(cell.cell_contents, variable, seen)
        except ValueError:  # not yet filled
            continue
    for variable in sorted(_names(function.__code__)):
        if variable in function.__globals__:
            yield from _parts(function.__globals__[variable], variable, seen)


def _of_class(kind: type, seen: dict[int, Any]) -> Parts:
    name = kind.__qualname__.rpartition("<locals>.")[2]
    if not _is_own(kind):
        yield name, f"{kind.__module__}.{kind.__qualname__}"
        return
    yield name, _source(kind)
    for value in vars(kind).values():
        member = getattr(value, "__func__", getattr(value, "fget", value))
        if inspect.isfunction(member):
            yield from _parts(member, name, seen)
    for base in kind.__bases__:
        yield from _parts(base, base.__name__, seen)


def _of_module(module: ModuleType) -> Iterator[str]:
    file = getattr(module, "__file__", None)
    if file and own_file(file) and Path(file).suffix == ".py":
        yield Path(file).read_text(encoding="utf-8", errors="replace")


def _is_own(thing: Any) -> bool:
    if thing.__module__ == "builtins":
        return False
    try:
        return own_file(inspect.getfile(thing))
    except (
        TypeError,
        OSError,
    ):  # a notebook's classes have no file, and a prompt's functions none that exists
        return thing.__module__ == "__main__" or thing.__module__ not in sys.modules


def _names(code: CodeType) -> set[str]:
    """Global names that code refers to, functions inside it included."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*inner)


def _source(thing: Any) -> str:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):  # typed at a prompt: what it was compiled to
        return _compiled(thing.__code__) if inspect.isfunction(thing) else repr(thing)


def _compiled(code: CodeType) -> str:
    constants = [_compiled(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"
