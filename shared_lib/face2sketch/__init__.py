"""face2sketch: face photo to sketch synthesis and back, built, run and judged.

    import face2sketch as f2s

    pairs = f2s.data.synthetic(n=256, size=128, seed=0)
    train, test = pairs.split(test=0.2, seed=3)
    fitted = f2s.fit("skubisz-conv", train, task="photo2sketch", profile="book")
    f2s.evaluate(fitted, test)

Importing this package loads neither TensorFlow nor PyTorch: submodules are imported when first used.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

from .errors import DataError, DownloadError, Face2SketchError, MethodError, SavedFileError
from .profiles import choose, profile

__version__ = "0.1.0"

# TensorFlow greets every CPU with a page of warnings; errors still show. It reads this when it is first
# imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

TASKS = ("photo2sketch", "sketch2photo")

_SUBMODULES = (
    "baselines", "checks", "data", "evaluation", "exemplars", "fitting", "league", "methods", "metrics", "models", "plots",
    "pretraining", "provocations", "published", "recognition", "replication", "source", "study",
    "submission", "training", "weights", "widgets",
)  # fmt: skip
_FUNCTIONS = {
    "fit": "fitting",
    "load": "fitting",
    "evaluate": "evaluation",
    "compare": "evaluation",
    "evaluate_submission": "submission",
    "show_source": "source",
}

if TYPE_CHECKING:
    from . import (  # noqa: F401
        baselines,
        checks,
        data,
        evaluation,
        exemplars,
        fitting,
        league,
        methods,
        metrics,
        models,
        plots,
        pretraining,
        provocations,
        published,
        recognition,
        replication,
        source,
        study,
        submission,
        training,
        weights,
        widgets,
    )  # fmt: skip
    from .evaluation import compare, evaluate  # noqa: F401
    from .fitting import fit, load  # noqa: F401
    from .source import show_source  # noqa: F401
    from .submission import evaluate_submission  # noqa: F401

__all__ = [
    "TASKS", "DataError", "DownloadError", "Face2SketchError", "MethodError", "SavedFileError", "choose", "profile",
    *_SUBMODULES, *_FUNCTIONS,
]  # fmt: skip


def __getattr__(name: str):
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name in _FUNCTIONS:
        return getattr(import_module(f"{__name__}.{_FUNCTIONS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
