"""Checks for the exercises, one module a chapter. They test properties of an answer and explain what is wrong."""

from importlib import import_module

from ._exercise import CheckFailed, exercise

_SUBMODULES = tuple(f"chapter{number:02d}" for number in range(1, 11))

__all__ = ["CheckFailed", "exercise", *_SUBMODULES]


def __getattr__(name: str):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
