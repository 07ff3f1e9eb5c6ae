"""Training a Keras model on pairs: stages, budgets, early stop, and checkpoints that resume exactly.

The loop calls `train_on_batch` itself rather than `fit`, because a run must be stoppable between any two
steps (by a budget or by Ctrl-C) and go on later as if nothing had happened. The order of the pictures depends
on the seed, the stage and the epoch alone, so a place in the run is a stage, an epoch and a step.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import MethodError
from ..keras_quietly import keras
from .checkpoints import SaveTimer, read_checkpoint, write_checkpoint
from .interrupts import deferred_interrupts
from .losses import PictureLoss
from .progress import progress_bar
from .settings import TrainingSettings

_OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}

Batches = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass
class Place:
    """Where a run stands, and what it has measured so far. `step` counts the steps done within the epoch."""

    stage: int = 0
    epoch: int = 0
    step: int = 0
    total_steps: int = 0
    loss_sum: float = 0.0
    seconds: float = 0.0
    best_loss: float = float("inf")
    stale_epochs: int = 0
    finished: bool = False
    history: dict[str, list] = field(
        default_factory=lambda: {"epoch": [], "stage": [], "loss": [], "seconds": [], "steps": []}
    )


class KerasTrainer:
    """One training run of one model.

    Args:
        model: a Keras model from (B, H, W, 3), or from a list of inputs, to (B, H, W, 3).
        count: how many training pairs there are.
        batches: gives inputs and targets, float32 (B, H, W, 3), for an array of pair numbers.
        settings: losses, epochs, budgets.
        validation: inputs and targets to measure a validation loss on after each epoch, or None.
        dense: True for a network of dense layers (see `uses_xla`).
        logits: True if the model's outputs are logits.
        checkpoint: file to save progress in and to resume from, or None.
        fingerprint: what must be equal for a checkpoint to be resumed.
        progress: show a progress bar.
    """

    CHECKPOINT_EVERY_SECONDS = 60.0

    def __init__(
        self,
        model: keras.Model,
        count: int,
        batches: Batches,
        settings: TrainingSettings,
        *,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
        dense: bool = False,
        logits: bool = False,
        checkpoint: Path | None = None,
        fingerprint: dict | None = None,
        progress: bool = True,
    ):
        if settings.patience and validation is None:
            raise MethodError(
                "patience needs validation pairs to watch: pass validation=..., or leave patience out"
            )
        self.model, self.count, self.batches, self.settings = model, count, batches, settings
        self.validation, self.dense, self.logits, self.progress = validation, dense, logits, progress
        self.checkpoint, self.fingerprint = checkpoint, fingerprint or {}
        self.place = Place()
        self.best_weights: list[np.ndarray] | None = None
        self._frozen: set[str] = set()
        self._timer = SaveTimer(self.CHECKPOINT_EVERY_SECONDS)

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps in an epoch; the last batch may be smaller."""
        return -(-self.count // self.settings.batch_size)

    def run(self) -> dict[str, list]:
        """Train to the end, to a budget or to an interruption; return the history (one entry an epoch).

        Raises:
            MethodError: the loss is no longer finite.
            SavedFileError: the checkpoint is damaged or belongs to another run.
        """
        self._compile()
        self._resume()
        bar = progress_bar(self._planned_steps(), "training", self.progress, initial=self.place.total_steps)
        with deferred_interrupts() as interrupt, bar:
            while not (self.place.finished or self._budget_spent() or interrupt.requested):
                self._run_epoch(bar, interrupt)
            if interrupt.requested:
                self._save()
                raise KeyboardInterrupt
        history = self._history_with_open_epoch()
        self._save()  # before the best weights take the place of the last: a larger budget goes on from the last
        self._keep_best_weights()
        return history

    def _planned_steps(self) -> int:
        steps = sum(stage.epochs for stage in self.settings.stages) * self.steps_per_epoch
        return min(steps, self.settings.max_steps or steps)

    def _compile(self) -> None:
        stage = self.settings.stages[self.place.stage]
        rate = self.settings.learning_rate if stage.learning_rate is None else stage.learning_rate
        self._freeze(stage.frozen)
        self.model.compile(
            optimizer=_OPTIMIZERS[self.settings.optimizer](learning_rate=rate),
            loss=PictureLoss(stage.loss, self.logits), jit_compile=uses_xla(self.dense),
        )  # fmt: skip
        self.model.optimizer.build(self.model.trainable_variables)

    def _freeze(self, frozen: tuple[str, ...]) -> None:
        """Freeze the named layers, and let go those that an earlier stage had frozen."""
        unknown = set(frozen) - {layer.name for layer in self.model.layers}
        if unknown:
            names = ", ".join(layer.name for layer in self.model.layers if layer.weights)
            raise MethodError(
                f"cannot freeze {', '.join(sorted(unknown))}: this network's layers with weights are {names}"
            )
        for name in self._frozen | set(frozen):
            self.model.get_layer(name).trainable = name not in frozen
        self._frozen = set(frozen)

    def _order(self) -> np.ndarray:
        """The order of the pairs in this epoch."""
        seed = np.random.SeedSequence([self.settings.seed, self.place.stage, self.place.epoch])
        return np.random.default_rng(seed).permutation(self.count)

    def _run_epoch(self, bar, interrupt) -> None:
        place, order, size = self.place, self._order(), self.settings.batch_size
        while place.step < self.steps_per_epoch:
            if self._budget_spent() or interrupt.requested:
                return
            started = time.monotonic()
            chosen = order[place.step * size : (place.step + 1) * size]
            loss = self._train_step(chosen)
            place.seconds += time.monotonic() - started
            place.loss_sum += loss * len(chosen)
            place.step += 1
            place.total_steps += 1
            bar.update(1)
            bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            self._save_now_and_then()
        self._end_epoch()

    def _train_step(self, chosen: np.ndarray) -> float:
        self.model.reset_metrics()  # Keras returns running means; this makes it the batch's own loss.
        inputs, targets = self._directed(*self.batches(chosen))
        loss = float(np.asarray(self.model.train_on_batch(inputs, targets)).reshape(-1)[0])
        if not np.isfinite(loss):
            place = self.place
            raise MethodError(
                f"the loss became {loss} in stage {place.stage + 1}, epoch {place.epoch + 1}, step {place.step + 1}: "
                "the training diverged; try a smaller learning rate, or another seed"
            )
        return loss

    def _directed(self, inputs, targets):
        """Inputs and targets, changed about in a stage that trains the other direction."""
        if not self.settings.stages[self.place.stage].backwards:
            return inputs, targets
        if isinstance(inputs, list):
            raise MethodError(
                "a network of several inputs cannot be trained backwards: leave `backwards` out"
            )
        return targets, inputs

    def _end_epoch(self) -> None:
        place = self.place
        place.history = self._history_with_open_epoch()
        place.loss_sum, place.step, place.epoch = 0.0, 0, place.epoch + 1
        stop_stage = self.validation is not None and self._validate()
        if stop_stage or place.epoch >= self.settings.stages[place.stage].epochs:
            self._end_stage()

    def _history_with_open_epoch(self) -> dict[str, list]:
        """The history so far, with an entry for the epoch under way (a budget may end a run within an epoch)."""
        place = self.place
        history = {name: list(values) for name, values in place.history.items()}
        if place.step:
            history["epoch"].append(len(history["epoch"]) + 1)
            history["stage"].append(place.stage + 1)
            history["loss"].append(place.loss_sum / min(place.step * self.settings.batch_size, self.count))
            history["seconds"].append(round(place.seconds, 3))
            history["steps"].append(place.total_steps)
        return history

    def _validate(self) -> bool:
        """Measure the validation loss; True when the stage should stop early."""
        place = self.place
        inputs, targets = self._directed(*self.validation)
        size = self.settings.batch_size
        loss = float(
            np.asarray(self.model.evaluate(inputs, targets, batch_size=size, verbose=0)).reshape(-1)[0]
        )
        place.history.setdefault("val_loss", []).append(loss)
        if loss < place.best_loss:
            place.best_loss, place.stale_epochs = loss, 0
            if self.settings.patience:
                self.best_weights = self.model.get_weights()
        else:
            place.stale_epochs += 1
        return bool(self.settings.patience) and place.stale_epochs >= self.settings.patience

    def _end_stage(self) -> None:
        self._keep_best_weights()
        place = self.place
        if place.stage + 1 == len(self.settings.stages):
            place.finished = True
            return
        place.stage, place.epoch = place.stage + 1, 0
        place.best_loss, place.stale_epochs = float("inf"), 0
        self._compile()

    def _keep_best_weights(self) -> None:
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
            self.best_weights = None

    def _budget_spent(self) -> bool:
        limit = self.settings
        return (limit.max_steps is not None and self.place.total_steps >= limit.max_steps) or (
            limit.minutes is not None and self.place.seconds >= 60 * limit.minutes
        )

    # -- checkpoints
    # ---------------------------------------------------------------------------------------------------

    def _variables(self) -> list:
        """All that a step changes: weights, the optimiser's state, and the states of random layers."""
        seeds = [
            layer.seed_generator.state
            for layer in self.model._flatten_layers()
            if hasattr(layer, "seed_generator")
        ]
        return [*self.model.variables, *self.model.optimizer.variables, *seeds]

    def _save_now_and_then(self) -> None:
        if self._timer.due:
            self._save()

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        with self._timer.saving():
            arrays = {f"v{i:04d}": keras.ops.convert_to_numpy(v) for i, v in enumerate(self._variables())}
            arrays |= {f"b{i:04d}": best for i, best in enumerate(self.best_weights or [])}
            write_checkpoint(self.checkpoint, self.fingerprint, vars(self.place), arrays)

    def _resume(self) -> None:
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        place, arrays = read_checkpoint(self.checkpoint, self.fingerprint)
        self.place = Place(**place)
        self._compile()  # The stage may use another loss.
        saved = {kind: [arrays[name] for name in sorted(arrays) if name.startswith(kind)] for kind in "vb"}
        self.best_weights = saved["b"] or None
        for variable, array in zip(self._variables(), saved["v"], strict=True):
            variable.assign(array)


def has_gpu() -> bool:
    """Whether the active Keras backend sees a GPU."""
    if keras.backend.backend() == "torch":
        import torch

        return torch.cuda.is_available() or torch.backends.mps.is_available()
    return any(device.lower().startswith("gpu") for device in keras.distribution.list_devices())


def uses_xla(dense: bool) -> bool | str:
    """Whether to compile with XLA: on a GPU as Keras thinks best, on a CPU for dense networks alone.

    On two cores at 128 px, XLA made a dense autoencoder 1.7 times faster and convolutional ones 2.2 to 2.5
    times slower.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    return "auto" if has_gpu() else dense
