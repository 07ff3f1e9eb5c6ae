"""Fitting models: data order, budgets, checkpoints and progress. `face2sketch.fit` is the way in."""

from importlib import import_module

_SUBMODULES = (
    "checkpoints",
    "devices",
    "gan_loop",
    "gan_losses",
    "gan_settings",
    "gan_step",
    "interrupts",
    "keras_loop",
    "keras_pictures",
    "losses",
    "progress",
    "settings",
    "torch_augment",
    "torch_pictures",
)

__all__ = list(_SUBMODULES)


def __getattr__(name: str):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
