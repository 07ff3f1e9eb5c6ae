"""Training an adversarial system on pairs: budgets, sample sheets, and checkpoints that resume exactly.

What a step learns is `gan_step`; this is the loop around it. All random numbers of a step (dropout, augmentation) are
drawn from a generator that is seeded anew with the run's seed and the step's number, so that a place in the run is an
epoch and a step, and nothing else need be remembered.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import MethodError, SavedFileError
from ..models.gan import GanSystem
from .checkpoints import SaveTimer, read_checkpoint, write_checkpoint
from .devices import choose_device, choose_precision, determinism, wait
from .gan_settings import GanSettings
from .gan_step import GanStep
from .interrupts import deferred_interrupts
from .progress import progress_bar
from .torch_augment import ENLARGED, jitter
from .torch_pictures import unstored

Watch = Callable[[int, GanSystem], None]


@dataclass
class Place:
    """Where a run stands, and what it has measured so far. `step` counts the steps done within the epoch."""

    epoch: int = 0
    step: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    history: dict[str, list] = field(default_factory=lambda: {"epoch": [], "seconds": [], "steps": []})


class GanTrainer:
    """One training run of one system.

    Args:
        system: the networks, on the CPU; the run moves them to its device.
        photos, sketches: uint8 tensors (N, C, H, W), as `torch_pictures.stored` gives them. They are kept on the device.
        settings: objective, epochs, rates, device, precision, budgets.
        features: feature maps of a picture, for a perceptual loss.
        checkpoint: file to save progress in and to resume from, or None.
        fingerprint: what must be equal for a checkpoint to be resumed.
        watch: called with the number of steps done, and the system, at each of `watch_steps`.
        watch_steps: when to call it; 0 is before the first step.
        on_epoch: called with the number of epochs done, after each.
        progress: show a progress bar.
    """

    CHECKPOINT_EVERY_SECONDS = 60.0
    CHECK_EVERY_STEPS = 50  # reading a loss makes a GPU wait; on a CPU each step is checked

    def __init__(
        self,
        system: GanSystem,
        photos: Tensor,
        sketches: Tensor,
        settings: GanSettings,
        *,
        features: torch.nn.Module | None = None,
        checkpoint: Path | None = None,
        fingerprint: dict | None = None,
        watch: Watch | None = None,
        watch_steps: Iterable[int] = (),
        on_epoch: Callable[[int], None] | None = None,
        progress: bool = True,
    ):
        self.settings, self.count = settings, len(photos)
        self.device = choose_device(settings.device)
        self.precision = choose_precision(settings.precision, self.device)
        # Tensor cores want the channels last; on CPUs the usual order measured faster for batches of one.
        self.layout = torch.channels_last if self.device.type == "cuda" else torch.contiguous_format
        self.system = system.to(self.device, memory_format=self.layout).train()
        self.pictures = {"photo": photos.to(self.device), "sketch": sketches.to(self.device)}
        if features is not None:
            features = features.to(self.device, memory_format=self.layout)
        self.step = GanStep(self.system, settings, self.precision, features)
        if settings.compile:
            for network in (*system.generators.values(), *system.discriminators.values()):
                network.compile()
        self.checkpoint, self.fingerprint = checkpoint, fingerprint or {}
        self.watch, self.watch_steps, self.on_epoch, self.progress = (
            watch,
            set(watch_steps),
            on_epoch,
            progress,
        )
        self.place = Place()
        self._pending: list[dict[str, Tensor]] = []
        self._timer = SaveTimer(self.CHECKPOINT_EVERY_SECONDS)
        self.steps_per_epoch = -(-self.count // settings.batch_size)

    def run(self) -> dict[str, list]:
        """Train to the end, to a budget or to an interruption; return the history (one entry an epoch).

        Raises:
            MethodError: a loss is no longer finite.
            SavedFileError: the checkpoint is damaged or belongs to another run.
        """
        self._resume()
        self._show()
        planned = min(self.settings.epochs * self.steps_per_epoch, self.settings.max_steps or 10**12)
        bar = progress_bar(planned, "training", self.progress, initial=self.place.total_steps)
        random = torch.random.fork_rng([self.device] if self.device.type == "cuda" else [])
        with random, determinism(self.settings.deterministic), deferred_interrupts() as interrupt, bar:
            while self.place.epoch < self.settings.epochs and not self._budget_spent():
                self._train_step(bar)
                if interrupt.requested:
                    self._save()
                    raise KeyboardInterrupt
            self._read_losses(bar)
        history = self._history_with_open_epoch()
        self._save()
        self.system.requires_grad_(True).eval()
        return history

    def _train_step(self, bar) -> None:
        place, size, started = self.place, self.settings.batch_size, time.monotonic()
        torch.manual_seed(self._seed(place.total_steps))
        self.step.set_rate(self.settings.rate(place.epoch))
        rows = self._order()[place.step * size : (place.step + 1) * size]
        self._pending.append(self.step(self._batch(rows)))
        place.step, place.total_steps = place.step + 1, place.total_steps + 1
        checked_every = 1 if self.device.type == "cpu" else self.CHECK_EVERY_STEPS
        if len(self._pending) >= checked_every or place.step == self.steps_per_epoch:
            self._read_losses(bar)
        place.seconds += time.monotonic() - started
        if place.step == self.steps_per_epoch:
            place.history = self._history_with_open_epoch()
            place.sums, place.step, place.epoch = {}, 0, place.epoch + 1
            if self.on_epoch is not None:
                self.on_epoch(place.epoch)
        bar.update(1)
        self._show()
        if self._timer.due:
            self._save()

    def _seed(self, number: int) -> int:
        """A seed for what is random in step `number`, or in the order of epoch -1 - number."""
        return int(np.random.SeedSequence([self.settings.seed, number % 2**32]).generate_state(1)[0])

    def _order(self) -> np.ndarray:
        """The order of the pairs in this epoch."""
        if getattr(self, "_ordered_epoch", None) != self.place.epoch:
            self._ordered_epoch = self.place.epoch
            self._epoch_order = np.random.default_rng(self._seed(-1 - self.place.epoch)).permutation(
                self.count
            )
        return self._epoch_order

    def _batch(self, rows: np.ndarray) -> dict[str, tuple[Tensor, Tensor]]:
        """Source and target for each task; the pictures never leave the device."""
        index = torch.as_tensor(rows, device=self.device)
        chosen = [unstored(self.pictures[side][index], self.layout) for side in ("photo", "sketch")]
        photo, sketch = self._augmented(*chosen)
        both = {"photo2sketch": (photo, sketch), "sketch2photo": (sketch, photo)}
        return {task: both[task] for task in self.system.tasks}

    def _augmented(self, photo: Tensor, sketch: Tensor) -> tuple[Tensor, Tensor]:
        kind = self.settings.augment
        if kind == "none":
            return photo, sketch
        random = torch.Generator().manual_seed(self._seed(self.place.total_steps))
        return jitter(photo, sketch, generator=random, enlarge=ENLARGED if kind == "jitter" else 1.0)

    def _read_losses(self, bar) -> None:
        """Add up the losses of the steps since the last reading; stop if one is not finite."""
        if not self._pending:
            return
        names = list(self._pending[0])
        table = torch.stack([torch.stack([step[name].float() for name in names]) for step in self._pending])
        values = table.cpu().double().numpy()
        first = self.place.total_steps - len(values) + 1
        self._pending.clear()
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, column = bad[0]
            raise MethodError(
                f"the loss {names[column]!r} became {values[row, column]} in step {first + row}: the training diverged; "
                f"try a smaller learning rate, precision='fp32', or another seed. {self._last_good()}"
            )
        for name, total in zip(names, values.sum(0), strict=True):
            self.place.sums[name] = self.place.sums.get(name, 0.0) + float(total)
        bar.set_postfix({n: f"{v:.3f}" for n, v in zip(names, values[-1], strict=True)}, refresh=False)

    def _last_good(self) -> str:
        if self.checkpoint is None or not self.checkpoint.exists():
            return "No checkpoint was saved: pass checkpoint=... to keep the last good state"
        return f"The last good state is in {self.checkpoint}"

    def _history_with_open_epoch(self) -> dict[str, list]:
        """The history so far, with an entry for the epoch under way (a budget may end a run within an epoch)."""
        place = self.place
        history = {name: list(values) for name, values in place.history.items()}
        if place.step:
            history["epoch"].append(len(history["epoch"]) + 1)
            history["seconds"].append(round(place.seconds, 3))
            history["steps"].append(place.total_steps)
            for name, total in place.sums.items():
                history.setdefault(name, []).append(total / place.step)
        return history

    def _budget_spent(self) -> bool:
        limit, place = self.settings, self.place
        return (limit.max_steps is not None and place.total_steps >= limit.max_steps) or (
            limit.minutes is not None and place.seconds >= 60 * limit.minutes
        )

    def _show(self) -> None:
        if self.watch is not None and self.place.total_steps in self.watch_steps:
            self.system.eval()
            with torch.no_grad(), torch.random.fork_rng([self.device] if self.device.type == "cuda" else []):
                self.watch(self.place.total_steps, self.system)
            self.system.train()

    # -- checkpoints -----------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """Write the run's state, unless its weights are no longer finite: a checkpoint is always a good state."""
        if self.checkpoint is None:
            return
        with self._timer.saving():
            self._read_losses(_NoBar())
            wait(self.device)
            arrays = {f"system.{name}": value for name, value in self.system.state_dict().items()}
            if not all(
                bool(torch.isfinite(value).all()) for value in arrays.values() if value.is_floating_point()
            ):
                raise MethodError(f"weights are no longer finite: the training diverged. {self._last_good()}")
            arrays |= {f"step.{name}": value for name, value in self.step.state().items()}
            plain = {name: v.cpu().numpy() if isinstance(v, Tensor) else v for name, v in arrays.items()}
            write_checkpoint(self.checkpoint, self.fingerprint, vars(self.place), plain)

    def _resume(self) -> None:
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        place, arrays = read_checkpoint(self.checkpoint, self.fingerprint)
        self.place = Place(**place)
        groups = {"system": {}, "step": {}}
        for name, value in arrays.items():
            group, rest = name.split(".", 1)
            groups[group][rest] = value
        try:
            self.system.load_state_dict({name: torch.as_tensor(v) for name, v in groups["system"].items()})
        except RuntimeError as error:
            raise SavedFileError(
                f"{self.checkpoint} holds other networks than this run's: {error}"
            ) from error
        self.step.load_state(groups["step"])


class _NoBar:
    """Stands where a progress bar would, when a checkpoint is read between two updates of it."""

    def set_postfix(self, *args, **kwargs) -> None:
        """Show nothing."""
