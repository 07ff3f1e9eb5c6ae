"""Architectures, one family a file. A model knows nothing of data sets: it maps (N, H, W, C) to (N, H, W, C).

Keras models are written against Keras 3 alone, so each runs under TensorFlow (the default) and under PyTorch.
"""

from importlib import import_module

_SUBMODULES = (
    "attention",
    "casq",
    "conv",
    "cyclegan",
    "dense",
    "dual_attention",
    "fcn",
    "gan",
    "msg_sarl",
    "networks",
    "perceptual",
    "pix2pix",
    "pool",
    "priovolos",
    "quantiser",
    "refiner",
    "transfer",
    "variational",
)

__all__ = list(_SUBMODULES)


def __getattr__(name: str):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
