"""What a training run needs to know besides the model and the data."""

from dataclasses import asdict, dataclass, field

from ..errors import MethodError

LOSSES = ("mse", "mae", "bce")
OPTIMIZERS = ("adam", "rmsprop", "sgd")


@dataclass(frozen=True)
class Stage:
    """A stretch of training with one loss: "mse", "mae" or "bce" (binary cross-entropy on values in [0, 1])."""

    loss: str
    epochs: int


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of one run.

    Attributes:
        stages: losses and epochs, in order; the optimiser starts afresh in each, as `compile` and `fit` again
            would.
        optimizer: "adam", "rmsprop" or "sgd", with Keras' defaults but for the rate.
        learning_rate: step size, above 0.
        batch_size: pictures a step.
        seed: of the initial weights, the order of the pictures, and dropout.
        max_steps: stop after so many optimiser steps in all; None for no limit.
        minutes: stop after so many minutes of training in all; None for no limit.
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
    build_options: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stage in self.stages:
            if stage.loss not in LOSSES:
                raise MethodError(f"unknown loss {stage.loss!r}: expected one of {', '.join(LOSSES)}")
        if self.optimizer not in OPTIMIZERS:
            raise MethodError(
                f"unknown optimizer {self.optimizer!r}: expected one of {', '.join(OPTIMIZERS)}"
            )
        limits = {
            "epochs": min((stage.epochs for stage in self.stages), default=0),
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "max_steps": self.max_steps,
            "minutes": self.minutes,
            "patience": self.patience,
        }
        for name, value in limits.items():
            if value is not None and not value > 0:
                raise MethodError(f"{name} is {value!r}: expected a number above 0")

    def as_dict(self) -> dict:
        """All settings as plain values, for records and for comparing a checkpoint with a run."""
        return asdict(self)
