"""What the papers say: every table, layer list, setting and contradiction, as data with its source.

    >>> from face2sketch import published
    >>> published.figures(system="huang-dae", metric="ssim")["value"].item()
    0.471451
    >>> published.parameters("venkatesh-conv")
    5486787

Numbers are stored as they are printed; `value` is the same on its natural scale (per cent divided by 100).
Pandas is imported when a table is asked for, not before.
"""

from typing import TYPE_CHECKING

from ..errors import MethodError
from . import duan, elsewhere, huang, priovolos, skubisz, venkatesh
from .claims import CLAIMS
from .records import Claim, Contradiction, Figure, Layer, Paper, ParameterCount, Setting

if TYPE_CHECKING:
    import pandas

_MODULES = (huang, skubisz, duan, venkatesh, priovolos)

PAPERS: dict[str, Paper] = {
    paper.key: paper for paper in [module.PAPER for module in _MODULES] + elsewhere.PAPERS
}
FIGURES: tuple[Figure, ...] = tuple(f for module in (*_MODULES, elsewhere) for f in module.FIGURES)
LAYERS: dict[str, list[Layer]] = {
    system: lines for module in _MODULES for system, lines in module.LAYERS.items()
}
PARAMETERS: dict[str, ParameterCount] = {
    system: count for module in _MODULES for system, count in module.PARAMETERS.items()
}
SETTINGS: tuple[Setting, ...] = tuple(setting for module in _MODULES for setting in module.SETTINGS)
CONTRADICTIONS: tuple[Contradiction, ...] = tuple(c for module in _MODULES for c in module.CONTRADICTIONS)

# Systems that a paper describes without a figure of their own.
_WITHOUT_FIGURES = {"venkatesh-vae": "venkatesh"}

HIGHER_IS_BETTER = {
    "ssim": True, "fsim": True, "psnr": True, "accuracy": True, "preferred": True,
    "mse": False, "mae": False, "rmse": False, "fid": False, "lpips": False, "loss": False,
}  # fmt: skip

__all__ = [
    "CLAIMS", "CONTRADICTIONS", "FIGURES", "HIGHER_IS_BETTER", "LAYERS", "PAPERS", "PARAMETERS", "SETTINGS",
    "Claim", "Contradiction", "Figure", "Layer", "Paper", "ParameterCount", "Setting",
    "contradictions", "figures", "layers", "paper_of", "papers", "parameter_count", "parameters", "settings",
    "systems",
]  # fmt: skip


def systems() -> list[str]:
    """Ids of all systems that any of the sources names, in the papers' order."""
    return list(dict.fromkeys([*(figure.system for figure in FIGURES), *_WITHOUT_FIGURES]))


def paper_of(system: str) -> Paper:
    """The paper that describes a system (for a comparison system, the first that measured it).

    Raises:
        MethodError: no source names the system.
    """
    _check("system", system, systems())
    key = _WITHOUT_FIGURES.get(system) or next(figure.paper for figure in FIGURES if figure.system == system)
    return PAPERS[key]


def figures(
    system: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    paper: str | None = None,
    dataset: str | None = None,
) -> "pandas.DataFrame":
    """Published numbers, filtered by any of the arguments.

    Returns:
        One row per number, with the columns system, label, task, dataset, metric, value (float, on its
        natural scale), printed (str), unit, paper, table and protocol. Empty if a valid combination was
        never published.

    Raises:
        MethodError: an argument that no source knows; the message lists what there is.
    """
    import pandas

    wanted = {"system": system, "task": task, "metric": metric, "paper": paper, "dataset": dataset}
    for name, value in wanted.items():
        known = (
            systems()
            if name == "system"
            else list(dict.fromkeys(getattr(figure, name) for figure in FIGURES))
        )
        _check(name, value, known)
    columns = [
        "system",
        "label",
        "task",
        "dataset",
        "metric",
        "value",
        "printed",
        "unit",
        "paper",
        "table",
        "protocol",
    ]
    rows = [
        [getattr(figure, column) for column in columns]
        for figure in FIGURES
        if all(value is None or getattr(figure, name) == value for name, value in wanted.items())
    ]
    return pandas.DataFrame(rows, columns=columns)


def layers(system: str) -> "pandas.DataFrame":
    """The published layer table of a system, line by line.

    Returns:
        Columns name, shape (tuple without the batch), parameters (Int64, missing where not printed), kernel,
        stride, padding. Empty when the paper prints no table for this system.

    Raises:
        MethodError: no source names the system.
    """
    import pandas

    _check("system", system, systems())
    columns = ["name", "shape", "parameters", "kernel", "stride", "padding"]
    rows = [[getattr(line, column) for column in columns] for line in LAYERS.get(system, [])]
    return pandas.DataFrame(rows, columns=columns).astype(
        {"parameters": "Int64", "kernel": "Int64", "stride": "Int64"}
    )


def parameter_count(system: str) -> ParameterCount | None:
    """What the paper says about the number of parameters, even if rounded; None if it says nothing.

    Raises:
        MethodError: no source names the system.
    """
    _check("system", system, systems())
    return PARAMETERS.get(system)


def parameters(system: str) -> int | None:
    """The published total of parameters where it is exact (printed, or the sum of printed lines), else None.

    "Roughly 201 million" is no number to compare with `==`: `parameter_count` has it.

    Raises:
        MethodError: no source names the system.
    """
    count = parameter_count(system)
    return count.total if count is not None and count.exact else None


def settings(system: str | None = None, paper: str | None = None) -> "pandas.DataFrame":
    """Hyper-parameters as printed, one a row: paper, system ("" for all of the paper), name, printed, where.

    With `system`, the settings that hold for all systems of its paper are included.

    Raises:
        MethodError: an unknown system or paper.
    """
    import pandas

    _check("system", system, systems())
    _check("paper", paper, list(PAPERS))
    home = paper_of(system).key if system else paper
    rows = [s for s in SETTINGS if home in (None, s.paper) and (system is None or s.system in ("", system))]
    return pandas.DataFrame(rows, columns=["paper", "system", "name", "printed", "where"])


def contradictions(
    paper: str | None = None, system: str | None = None, kind: str | None = None
) -> "pandas.DataFrame":
    """Where a paper disagrees with itself, errs in a formula, overstates its numbers, or is silent.

    With `system`, entries that concern all systems of its paper are included.

    Returns:
        Columns paper, kind, where, says, evidence, reading, systems (tuple).

    Raises:
        MethodError: an unknown paper, system or kind.
    """
    import pandas

    _check("paper", paper, list(PAPERS))
    _check("system", system, systems())
    _check("kind", kind, sorted({c.kind for c in CONTRADICTIONS}))
    home = paper_of(system).key if system else paper
    rows = [
        c
        for c in CONTRADICTIONS
        if home in (None, c.paper)
        and kind in (None, c.kind)
        and (system is None or not c.systems or system in c.systems)
    ]
    return pandas.DataFrame(
        rows, columns=["paper", "kind", "where", "says", "evidence", "reading", "systems"]
    )


def papers() -> "pandas.DataFrame":
    """Bibliographic facts, one paper a row."""
    import pandas

    columns = ["key", "authors", "title", "venue", "year", "doi", "url", "note"]
    rows = [{**{c: getattr(p, c) for c in columns}, "authors": ", ".join(p.authors)} for p in PAPERS.values()]
    return pandas.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def _check(name: str, value: str | None, known: list[str]) -> None:
    if value is not None and value not in known:
        raise MethodError(f"nothing is published for {name} {value!r}: expected one of {', '.join(known)}")
