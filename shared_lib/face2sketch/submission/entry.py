"""What is handed in: a name, who made it, and a function that trains or one that translates."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import MethodError
from ..methods import TASKS

Translate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Entry:
    """A model to be examined.

    Attributes:
        name: what it is called in tables and file names.
        fit: `fit(train, task, seed)`, with `train` a FacePairs and `task` "photo2sketch" or "sketch2photo". It returns
            a function from inputs (N, H, W, C) uint8 to outputs (N, H, W, 1 or 3), uint8 or float in [0, 1], or an object
            with such a function as its `translate` (as `face2sketch.fit` returns).
        authors, description: for the head of the report.
        tasks: the directions that it is made for.
        translate: in the place of `fit`, for a model that was trained elsewhere: the translating function of each task,
            or a list of them, one for each training run.
        trained_on: with `translate`, the identities that it was trained on: none of them may be a test person.
        version: change it where a change in what `fit` does cannot be seen in its source (a file that it reads).
        size: side in pixels, or (height, width), that the model works at. It is then given pairs and inputs of that
            size, and its outputs are brought back to the size at which everybody is scored. None: the pairs' own size.
        random: False for a method without randomness, which gives the same for every seed.

    Raises:
        MethodError: no name, neither `fit` nor `translate` or both, an unknown task, `translate` without `trained_on`.
    """

    name: str
    fit: Callable[..., Any] | None = None
    authors: str = ""
    description: str = ""
    tasks: Sequence[str] | None = None
    translate: Mapping[str, Translate | Sequence[Translate]] | None = None
    trained_on: Iterable[str] | None = None
    version: str = ""
    size: int | tuple[int, int] | None = None
    random: bool = True

    def __post_init__(self) -> None:
        if not str(self.name).strip():
            raise MethodError("an entry needs a name: it stands in tables and in file names")
        if (self.fit is None) == (self.translate is None):
            raise MethodError(
                "an entry has either fit=... (trained here, on the training people) or translate={task: function} "
                "(trained elsewhere)"
            )
        if self.fit is not None and not callable(self.fit):
            raise MethodError(f"fit={self.fit!r}: expected a function fit(train, task, seed)")
        chosen = self.tasks or (tuple(self.translate) if self.translate else TASKS[:1])
        chosen = (chosen,) if isinstance(chosen, str) else tuple(dict.fromkeys(chosen))
        if unknown := [task for task in chosen if task not in TASKS]:
            raise MethodError(f"tasks={unknown}: expected {' or '.join(TASKS)}")
        object.__setattr__(self, "tasks", chosen)
        if self.translate is not None:
            self._check_translate()

    def _check_translate(self) -> None:
        if missing := [task for task in self.tasks if task not in self.translate]:
            raise MethodError(f"translate has no function for {', '.join(missing)}")
        if self.trained_on is None:
            raise MethodError(
                "translate=... needs trained_on=[...], the identities that the model was trained on; an empty list if "
                "it has seen nobody of this data set"
            )
        object.__setattr__(self, "trained_on", tuple(map(str, self.trained_on)))
        runs = {
            task: tuple(given) if isinstance(given, list | tuple) else (given,)
            for task, given in self.translate.items()
        }
        if wrong := [task for task, given in runs.items() if not all(map(translator, given))]:
            raise MethodError(f"translate of {', '.join(wrong)} is no function: expected outputs = f(inputs)")
        if len({len(runs[task]) for task in self.tasks}) > 1:
            raise MethodError(
                "translate lists different numbers of training runs: expected as many for each task"
            )
        object.__setattr__(self, "translate", runs)

    @property
    def slug(self) -> str:
        """The name as it can stand in a file name."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:60] or "entry"


def translator(fitted: Any) -> Translate | None:
    """The translating function in what a student's `fit` returned; None if there is none."""
    found = getattr(fitted, "translate", fitted)
    return found if callable(found) else None
