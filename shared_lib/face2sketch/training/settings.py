"""What a training run needs to know besides the model and the data."""

from dataclasses import asdict, dataclass, field

import numpy as np

from ..errors import MethodError

LOSSES = ("mse", "mae", "bce", "mse_sum", "mae_sum", "bce_sum")
OPTIMIZERS = ("adam", "rmsprop", "sgd")


def check_numbers(
    learning_rate: float | None, minutes: float | None, seed: int = 0, **counts: int | None
) -> None:
    """Numbers that a training can use; None stands for one that is left out.

    Raises:
        MethodError: a learning rate or minutes that are not above 0, a seed that is no whole number of 0 or more, or
            another number that is not a whole one above 0.
    """
    for name, value in {"learning_rate": learning_rate, "minutes": minutes}.items():
        if value is not None and not value > 0:
            raise MethodError(f"{name} is {value!r}: expected a number above 0")
    for name, value, least in (("seed", seed, 0), *((name, value, 1) for name, value in counts.items())):
        if value is not None and not (isinstance(value, int | np.integer) and value >= least):
            raise MethodError(f"{name} is {value!r}: expected a whole number, {least} or more")


@dataclass(frozen=True)
class Stage:
    """A stretch of training with one loss.

    Attributes:
        loss: "mse", "mae" or "bce" (binary cross-entropy on values in [0, 1]), means over a picture's numbers;
            with "_sum" behind it, the sum over them.
        epochs: passes over the training pairs.
        learning_rate: of this stage; None takes the run's.
        frozen: names of layers that this stage does not train.
        backwards: True trains the other direction: from the targets to the inputs.
    """

    loss: str
    epochs: int
    learning_rate: float | None = None
    frozen: tuple[str, ...] = ()
    backwards: bool = False


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of one run.

    Attributes:
        stages: losses, epochs and what is frozen, in order; the optimiser starts afresh in each, as
            `compile` and `fit` again would.
        optimizer: "adam", "rmsprop" or "sgd", with Keras' defaults but for the rate.
        learning_rate: step size, above 0.
        batch_size: pictures a step.
        seed: of the initial weights, the order of the pictures, and dropout.
        max_steps: stop after so many optimiser steps in all; None for no limit.
        minutes: stop after so many minutes of training in all; None for no limit.
        reconstructs: "target", or "input": the network learns to give its input back.
        weights: what the encoder starts from ("imagenet", "faces", a file); None for random weights.
        patience: with validation pairs, stop a stage when the validation loss has not fallen for so many
            epochs, and keep the best weights; None never stops early.
    """

    stages: tuple[Stage, ...]
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 32
    seed: int = 0
    max_steps: int | None = None
    minutes: float | None = None
    patience: int | None = None
    reconstructs: str = "target"
    weights: str | None = None
    build_options: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stage in self.stages:
            if stage.loss not in LOSSES:
                raise MethodError(f"unknown loss {stage.loss!r}: expected one of {', '.join(LOSSES)}")
        if self.optimizer not in OPTIMIZERS:
            raise MethodError(
                f"unknown optimizer {self.optimizer!r}: expected one of {', '.join(OPTIMIZERS)}"
            )
        if self.reconstructs not in ("target", "input"):
            raise MethodError(f"reconstructs is {self.reconstructs!r}: expected 'target' or 'input'")
        if not self.stages:
            raise MethodError("no stages: a training needs one at least")
        for stage in self.stages:
            check_numbers(stage.learning_rate, None, epochs=stage.epochs)
        counts = {"batch_size": self.batch_size, "max_steps": self.max_steps, "patience": self.patience}
        check_numbers(self.learning_rate, self.minutes, seed=self.seed, **counts)

    def as_dict(self) -> dict:
        """All settings as plain values, for records and for comparing a checkpoint with a run."""
        facts = asdict(self)
        for stage in facts["stages"]:
            if not stage["backwards"]:
                del stage["backwards"]  # checkpoints made before there was a choice stay good
        return facts
