"""What an entry of the register is: a system, the recipe it was trained with, the protocol it was judged by."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import published
from ..errors import MethodError
from ..training.gan_settings import Objective
from ..training.settings import Stage

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

TASKS = ("photo2sketch", "sketch2photo")


@dataclass(frozen=True)
class Recipe:
    """How a paper trained a network. What the paper leaves open is in `assumed`, in words.

    Attributes:
        stages: losses and epochs in the `paper` profile.
        book_epochs: epochs in the `book` profile, spread over the stages in proportion.
        optimizer, learning_rate, batch_size, reconstructs, weights: as for `TrainingSettings`.
    """

    stages: tuple[Stage, ...]
    book_epochs: int
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 32
    assumed: str = ""
    reconstructs: str = "target"
    weights: str | None = None

    @property
    def losses(self) -> str:
        """Losses and epochs in words."""
        return " then ".join(f"{stage.loss} for {stage.epochs}" for stage in self.stages)

    def stages_for(self, profile: str) -> tuple[Stage, ...]:
        """The stages in a profile: one epoch each in `smoke`, scaled to `book_epochs` in `book`, whole in `paper`."""
        if profile == "paper":
            return self.stages
        if profile == "smoke":
            return tuple(replace(stage, epochs=1) for stage in self.stages)
        total = sum(stage.epochs for stage in self.stages)
        return tuple(
            replace(stage, epochs=max(1, round(self.book_epochs * stage.epochs / total)))
            for stage in self.stages
        )


@dataclass(frozen=True)
class GanRecipe:
    """How a paper trained an adversarial system. What the paper leaves open is in `assumed`, in words.

    Attributes:
        objective: losses and their weights.
        epochs: in the `paper` profile.
        book_epochs: in the `book` profile.
        learning_rate, schedule, batch_size, augment, weights: as for `training.gan_settings.GanSettings`.
        build_options: of the networks, unless `face2sketch.fit` is given others.
    """

    objective: Objective
    epochs: int
    book_epochs: int
    learning_rate: float = 2e-4
    schedule: str = "linear"
    batch_size: int = 1
    augment: str = "none"
    weights: str | None = None
    assumed: str = ""
    optimizer: str = "adam"
    build_options: dict = field(default_factory=dict)

    @property
    def losses(self) -> str:
        """Losses with their weights, and epochs, in words."""
        return f"{self.objective.words} for {self.epochs}"

    def epochs_for(self, profile: str) -> int:
        """Epochs in a profile: one in `smoke`."""
        return {"smoke": 1, "book": self.book_epochs, "paper": self.epochs}[profile]


@dataclass(frozen=True)
class Protocol:
    """How a paper prepared and split the 188 CUHK student pairs.

    Attributes:
        size: (height, width) the pictures are brought to.
        crop: True crops the centre to `size`; False resizes to it.
        eightfold: all pairs are flipped and turned into eight *before* the split. If it is drawn, most people then stand
            on both sides.
        test: number of test pictures after augmentation, or "huang" for that notebook's own split.
        last: the test pictures are the last ones of the sorted list, not drawn: of an eightfold those of whole people.
        in_turn: one network is trained for photo to sketch and then goes on to sketch to photo (`stages_in_turn`).
    """

    size: tuple[int, int]
    test: int | str
    crop: bool = False
    eightfold: bool = False
    last: bool = False
    in_turn: bool = False

    @property
    def leaks(self) -> bool:
        """True if people of the test were trained on."""
        return self.eightfold and not self.last

    def stages_in_turn(self, stages: tuple[Stage, ...], task: str) -> tuple[Stage, ...]:
        """All that a network goes through before it is scored in a direction, if one network learns both: each stage first
        from photo to sketch, then from sketch to photo; what it learns of the other direction runs backwards."""
        both = [
            replace(stage, backwards=direction != task) for stage in stages for direction in TASKS
        ]  # TASKS: the order in which they are learned
        return tuple(both if task == TASKS[-1] else both[:-1])

    def apply(self, pairs: "FacePairs", seed: int = 0) -> tuple["FacePairs", "FacePairs"]:
        """Training and test pairs as the paper made them, leaks included. For a fair split use
        `FacePairs.split`.

        Args:
            pairs: the 188 CUHK student pairs, as read.
            seed: of the random split, where the paper does not give one.

        Raises:
            MethodError: fewer pictures than the protocol puts into its test set.
        """
        from ..data import augment
        from ..data.names import natural_key

        if self.last:
            pairs = pairs[sorted(range(len(pairs)), key=lambda i: natural_key(pairs.identities[i]))]
        pairs = pairs.crop(*self.size) if self.crop else pairs.resize(self.size)
        if self.eightfold:
            pairs = augment.eightfold(pairs)
        if isinstance(self.test, str):
            return pairs.split(self.test)
        if len(pairs) <= self.test:
            raise MethodError(
                f"{len(pairs)} pictures: this protocol wants more than its {self.test} test pictures"
            )
        if self.last:
            return pairs[: -self.test], pairs[-self.test :]
        order = np.random.default_rng(seed).permutation(len(pairs))
        return pairs[order[self.test :]], pairs[order[: self.test]]


def any_side(side: int) -> int:
    return side


def multiple_of(step: int) -> Callable[[int], int]:
    """The next side that is a multiple of `step`."""
    return lambda side: -(-side // step) * step


def unpadded_side(side: int) -> int:
    """The next side 64 k + 128, k >= 1 (six unpadded stride-2 convolutions there and back)."""
    return 128 + 64 * max(1, -(-(side - 128) // 64))


@dataclass(frozen=True)
class Method:
    """A system of the register.

    Attributes:
        id: its name everywhere in this project.
        title: its name in words.
        kind: "dense", "convolutional", "variational", "quantised", "transfer", "adversarial", "exemplar" (pictures put
            together from pieces of the training pictures) or "baseline".
        framework: "keras", "torch" or "numpy".
        size: (height, width) of the paper; what has no network (framework "numpy") has none, and takes any.
        build: gives the network for an input shape (height, width, 3), and for the task in an adversarial system;
            None where there is no network.
        both_ways: True if one training learns both directions.
        allowed_side: the next side, at least as long as a given one, that the architecture accepts.
        padded_size: where the sides depend on each other or on the build options: the next (height, width) that the
            architecture accepts, for a size and the build options; None asks `allowed_side` for each side.
        dense_layers: nearly all its weights are in dense layers (then XLA pays on a CPU).
        drafted: the network is given, beside the input, a draft by exemplar synthesis (`face2sketch.drafts`).
    """

    id: str
    title: str
    kind: str
    framework: str
    chapter: int
    paper: str | None = None
    size: tuple[int, int] | None = None
    build: Callable[..., Any] | None = None
    recipe: Recipe | GanRecipe | None = None
    protocol: Protocol | None = None
    allowed_side: Callable[[int], int] = field(default=any_side)
    tasks: tuple[str, ...] = TASKS
    padded_size: Callable[..., tuple[int, int]] | None = None
    dense_layers: bool = False
    both_ways: bool = False
    drafted: bool = False

    def accepted_size(self, size: tuple[int, int], build_options: dict | None = None) -> tuple[int, int]:
        """The next (height, width), at least as large as `size`, that the architecture accepts."""
        if self.padded_size is not None:
            return self.padded_size(size, **(build_options or {}))
        return tuple(self.allowed_side(side) for side in size)

    def parameters(self) -> int | None:
        """Weights of the network that translates, counted from the model as built for the paper's size or the next that it
        accepts (of an adversarial system, one generator); None where there is no network."""
        return None if self.build is None else self._counts()[0]

    def trained_parameters(self) -> int | None:
        """The weights that training adjusts: no running statistics, nothing frozen for good; in an adversarial system,
        all generators and discriminators."""
        return None if self.build is None else self._counts()[1]

    def _counts(self) -> tuple[int, int]:
        count = _count_torch_parameters if self.framework == "torch" else _count_parameters
        return count(self.build, self.accepted_size(self.size))

    def published_parameters(self) -> int | None:
        """The total that the paper prints, or None where it prints none."""
        return published.parameters(self.id) if self.id in published.systems() else None

    def check_task(self, task: str) -> None:
        """Raise MethodError unless this method does `task`."""
        if task not in TASKS:
            raise MethodError(f"unknown task {task!r}: expected one of {', '.join(TASKS)}")
        if task not in self.tasks:
            raise MethodError(f"{self.id} does {', '.join(self.tasks)} only, not {task}")


@cache
def _count_parameters(build: Callable[..., Any], size: tuple[int, int]) -> tuple[int, int]:
    """All weights, and those that can be trained."""
    from math import prod

    from ..keras_quietly import keras
    from ..models.networks import as_networks

    # Without initial values even 425 million weights take no memory: only shapes are made.
    with keras.StatelessScope(initialize_variables=False):
        model = as_networks(build((*size, 3))).trained
    return tuple(sum(prod(v.shape) for v in weights) for weights in (model.weights, model.trainable_weights))


@cache
def _count_torch_parameters(build: Callable[..., Any], size: tuple[int, int]) -> tuple[int, int]:
    """The weights of one generator, and those of all networks."""
    import torch

    from ..models.gan import count_weights

    with torch.device("meta"):  # shapes without memory
        system = build((*size, 3), task=TASKS[0])
    return count_weights(system.generators[TASKS[0]]), count_weights(system)
