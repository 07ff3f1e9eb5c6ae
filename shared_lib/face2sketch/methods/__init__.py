"""The register: one entry for each system of the papers, for some that they compare with, and for each baseline.

An entry joins an architecture, the recipe it was trained with, the protocol it was judged by, and its
published figures. `face2sketch.fit` takes an entry or its id.
"""

from typing import TYPE_CHECKING

from .. import profiles
from ..errors import MethodError
from ..training.settings import Stage
from . import adversarial, autoencoders, compared
from .entries import TASKS, GanRecipe, Method, Protocol, Recipe

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "PAPERS", "TASKS", "GanRecipe", "Method", "Protocol", "Recipe", "all_methods", "default_stages", "describe", "get",
    "table",
]  # fmt: skip

PAPERS = {
    "huang": "Huang", "skubisz": "Skubisz", "duan": "Duan et al.", "venkatesh": "Venkatesh", "priovolos": "Priovolos",
    "isola": "Isola et al.", "zhu": "Zhu et al.", "liu": "Liu et al.", "wang": "Wang et al.",
    "zhang": "Zhang et al.",
}  # fmt: skip

_BASELINE_TITLES = {
    "mean-target": "Mean training target", "median-target": "Median training target",
    "copy-input": "The input itself, in grey", "grey-gain": "Grey input, one fitted gain and offset",
    "nearest-neighbour": "Target of the nearest training person", "nearest-10": "Mean target of the 10 nearest people",
    "ridge": "Linear ridge regression", "filter-dodge": "Colour-dodge pencil filter",
    "filter-sobel": "Sobel edges, inverted", "filter-xdog": "XDoG pencil filter",
}  # fmt: skip

_SYSTEMS = (*autoencoders.SYSTEMS, *adversarial.SYSTEMS, *compared.SYSTEMS)

_REGISTER: dict[str, Method] = {
    method.id: method for method in sorted(_SYSTEMS, key=lambda method: method.chapter)
} | {
    id_: Method(id_, title, "baseline", "numpy", 1, tasks=TASKS[:1] if id_.startswith("filter-") else TASKS)
    for id_, title in _BASELINE_TITLES.items()
}


def get(method: str | Method) -> Method:
    """The entry of that id; a `Method` of your own is passed through.

    Raises:
        MethodError: no entry has that id; the message names those that are close.
    """
    if isinstance(method, Method):
        return method
    if method not in _REGISTER:
        from difflib import get_close_matches

        close = get_close_matches(str(method), _REGISTER, n=3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise MethodError(f"unknown method {method!r}: {hint}The register holds {', '.join(_REGISTER)}")
    return _REGISTER[method]


def all_methods(kind: str | None = None, chapter: int | None = None, task: str | None = None) -> list[Method]:
    """All entries in the register's order, or those of a kind, a chapter or a task."""
    return [
        method
        for method in _REGISTER.values()
        if (kind is None or method.kind == kind)
        and (chapter is None or method.chapter == chapter)
        and (task is None or task in method.tasks)
    ]


def table(count: bool = True) -> "pd.DataFrame":
    """The register as a DataFrame: id, title, paper, chapter, size, parameters (counted, published), recipe.

    Args:
        count: build every network to count its weights (imports Keras); False leaves the column empty.
    """
    import pandas as pd

    return pd.DataFrame([describe(method, count) for method in _REGISTER.values()]).set_index("id")


def describe(method: Method, count: bool = True) -> dict:
    """One entry as plain values, fit for JSON."""
    recipe = method.recipe
    return {
        "id": method.id,
        "title": method.title,
        "kind": method.kind,
        "paper": PAPERS.get(method.paper or ""),
        "chapter": method.chapter,
        "framework": method.framework,
        "tasks": list(method.tasks),
        "size": list(method.size) if method.size else None,
        "parameters": method.parameters() if count else None,
        "trained_parameters": method.trained_parameters() if count else None,
        "published_parameters": method.published_parameters(),
        "loss": recipe.losses if recipe else None,
        "optimizer": recipe.optimizer if recipe else None,
        "learning_rate": recipe.learning_rate if recipe else None,
        "batch_size": recipe.batch_size if recipe else None,
        "assumed": recipe.assumed if recipe else None,
    }


def default_stages(method: Method, profile: str | None = None) -> tuple[Stage, ...]:
    """The stages a method is trained with in a profile (the active one if None)."""
    return method.recipe.stages_for(profiles.profile(profile))
