"""Fitting models: data order, budgets, checkpoints and progress. `face2sketch.fit` is the way in."""

from importlib import import_module

_SUBMODULES = ("checkpoints", "interrupts", "keras_loop", "keras_pictures", "losses", "progress", "settings")

__all__ = list(_SUBMODULES)


def __getattr__(name: str):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
