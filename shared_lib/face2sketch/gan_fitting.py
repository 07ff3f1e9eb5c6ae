"""Fitting the adversarial systems of the register; `face2sketch.fit` calls it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from . import profiles
from .errors import MethodError
from .fitting import Fitted, chunks
from .methods import Method
from .models.gan import GanSystem, count_weights
from .training.devices import choose_device
from .training.gan_loop import GanTrainer
from .training.gan_settings import GanSettings
from .training.torch_pictures import from_network, padding_to, stored, to_network

if TYPE_CHECKING:
    from .data.pairs import FacePairs
    from .drafts import Drafts


@dataclass(frozen=True)
class Extras:
    """What a run needs that is no setting: where it keeps and shows things.

    Attributes:
        checkpoint: file to resume from and to save in.
        sheet: folder for sample sheets, written every `sheet_every` epochs (twenty over the run, if None).
        watch, watch_steps: as for `training.gan_loop.GanTrainer`.
        progress: show a progress bar.
    """

    checkpoint: str | Path | None = None
    sheet: str | Path | None = None
    sheet_every: int | None = None
    watch: Callable[[int, GanSystem], None] | None = None
    watch_steps: Iterable[int] = ()
    progress: bool = True


def settings_for(method: Method, profile: str | None, given: dict, build_options: dict) -> GanSettings:
    """The recipe's settings, with those that were given instead.

    Args:
        given: fields of `GanSettings`; `objective` as a dictionary of changes. None keeps the recipe's.
    """
    recipe = method.recipe
    given = {name: value for name, value in given.items() if value is not None}
    objective = recipe.objective.changed(given.pop("objective", {}))
    defaults = {
        "epochs": recipe.epochs_for(profiles.profile(profile)), "learning_rate": recipe.learning_rate,
        "schedule": recipe.schedule, "batch_size": recipe.batch_size, "augment": recipe.augment,
        "weights": recipe.weights,
    }  # fmt: skip
    build_options = {**recipe.build_options, **build_options}
    try:
        settings = GanSettings(**{**defaults, **given}, objective=objective, build_options=build_options)
    except TypeError as error:
        raise MethodError(f"{method.id} is trained adversarially and has no such setting: {error}") from error
    return settings if objective.perceptual else replace(settings, weights=None)


def fit_gan(
    method: Method, train: "FacePairs", task: str, settings: GanSettings, extras: Extras
) -> "FittedGan":
    """Train an adversarial system on pairs."""
    pad = _pad(method, train.size, settings)
    with torch.random.fork_rng([]):
        torch.manual_seed(settings.seed)
        system = _build(method, train.size, task, settings)
    fitted = FittedGan(method, task, train.size, system, settings)
    pictures = _stored_pairs(train, settings, pad)
    if method.drafted:
        from .drafts import Drafts, with_drafts

        if len(train.people) < len(train):
            raise MethodError(
                f"{len(train)} pairs of {len(train.people)} people: a draft leaves out a person's own pair, so each may be "
                "there once only; augment while training (augment=...), not before"
            )
        kind = settings.build_options.get("draft", "both")
        fitted.drafts = Drafts(train.inputs(task), train.targets(task), kind)
        pictures = with_drafts(pictures, fitted.drafts, task, pad)
    trainer = GanTrainer(
        system,
        pictures["photo"],
        pictures["sketch"],
        settings,
        features=_features(settings),
        checkpoint=Path(extras.checkpoint) if extras.checkpoint else None,
        fingerprint=_fingerprint(method, train, task, settings) if extras.checkpoint else None,
        watch=extras.watch,
        watch_steps=extras.watch_steps,
        on_epoch=None if extras.sheet is None else _sheet_writer(fitted, train, extras),
        progress=extras.progress,
    )
    fitted.history = trainer.run()
    return fitted


def _stored_pairs(train: "FacePairs", settings: GanSettings, pad) -> dict[str, torch.Tensor]:
    """Both sides of the training pairs as the loop keeps them."""
    channels = _channels(settings)
    sides = {"photo": train.photos, "sketch": train.sketches}
    return {side: stored(pictures, channels[side], pad) for side, pictures in sides.items()}


def _features(settings: GanSettings):
    if not settings.objective.perceptual:
        return None
    from .models.perceptual import vgg_features

    return vgg_features(settings.weights)


def _accepted(method: Method, size: tuple[int, int], settings: GanSettings) -> tuple[int, int]:
    return method.accepted_size(size, settings.build_options)


def _pad(method: Method, size: tuple[int, int], settings: GanSettings):
    return padding_to(size, _accepted(method, size, settings))


def _build(method: Method, size: tuple[int, int], task: str, settings: GanSettings) -> GanSystem:
    return method.build((*_accepted(method, size, settings), 3), task=task, **settings.build_options)


def _channels(settings: GanSettings) -> dict[str, int]:
    return {side: settings.build_options.get(f"{side}_channels", 3) for side in ("photo", "sketch")}


def _fingerprint(method: Method, train: "FacePairs", task: str, settings: GanSettings) -> dict:
    """What a checkpoint must agree with. Budgets are left out: a run may be resumed with a larger one; so is the device."""
    unlimited = replace(settings, minutes=None, max_steps=None, device="auto", compile=False)
    return {"method": method.id, "task": task, "data": train.checksum(), "settings": unlimited.as_dict()}


def _sheet_writer(fitted: "FittedGan", train: "FacePairs", extras: Extras) -> Callable[[int], None]:
    """Writes input, output and true target of the first training pairs to sheet/epoch-0001.png, every so many epochs."""
    every = extras.sheet_every or max(1, fitted.settings.epochs // 20)

    def write(epoch: int) -> None:
        if epoch % every:
            return
        from PIL import Image

        rows = []
        for task in fitted.system.tasks:
            shown = train[:6]
            answers = fitted.for_task(task).translate(shown.inputs(task))
            strips = (shown.inputs(task) / 255.0, answers, shown.targets(task) / 255.0)
            rows += [
                np.concatenate([np.broadcast_to(p, (*p.shape[:2], 3)) for p in strip], 1) for strip in strips
            ]
        folder = Path(extras.sheet)
        folder.mkdir(parents=True, exist_ok=True)
        sheet = np.rint(255.0 * np.concatenate(rows)).astype(np.uint8)
        Image.fromarray(sheet).save(folder / f"epoch-{epoch:04d}.png")

    return write


class FittedGan(Fitted):
    """A trained adversarial system.

    Attributes:
        system: its networks (`models.gan.GanSystem`); after `load`, the generators alone.
        drafts: what gives the network a first draft beside the input (`drafts.Drafts`); None for most systems.
    """

    drafts: "Drafts | None" = None

    def __init__(
        self,
        method: Method,
        task: str,
        size,
        system: GanSystem,
        settings: GanSettings,
        history: dict | None = None,
    ):
        super().__init__(method, task, size, settings, history)
        self.system = system

    @property
    def parameters(self) -> int:
        """Weights of the generator that translates; the discriminator is not needed for that."""
        return count_weights(self.system.generators[self.task])

    @property
    def tasks(self) -> tuple[str, ...]:
        return self.system.tasks

    def for_task(self, task: str) -> "FittedGan":
        """This system in another of its directions; the networks are shared, not copied."""
        super().for_task(task)
        other = FittedGan(self.method, task, self.size, self.system, self.settings, self.history)
        other.drafts, other.trained_on = self.drafts, self.trained_on
        return other

    def _translate(self, pictures: np.ndarray, channels: int) -> np.ndarray:
        pad = _pad(self.method, self.size, self.settings)
        source = self.task.split("2")[0]
        given = _channels(self.settings)[source]
        device = next(self.system.parameters()).device
        drafts = None if self.drafts is None else self.drafts.for_others(pictures)
        result = np.empty((len(pictures), *self.size, channels), dtype=np.float32)
        was_training = self.system.training
        self.system.eval()
        with torch.inference_mode(), torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(self.settings.seed)  # of dropout, where a system keeps it on
            for rows in chunks(len(pictures), 1):  # one by one: statistics over a batch would mix people
                x = to_network(pictures[rows], given, pad)
                if drafts is not None:
                    x = torch.cat([x, to_network(drafts[rows], drafts.shape[-1], pad)], 1)
                x = x.to(device)
                result[rows] = from_network(self.system(self.task, x), self.size, pad, channels)
        self.system.train(was_training)
        return result

    def _arrays(self) -> dict[str, np.ndarray]:
        arrays = {name: value.cpu().numpy() for name, value in self.system.generators.state_dict().items()}
        return arrays if self.drafts is None else arrays | self.drafts.arrays()


def load_gan(method: Method, header: dict, arrays: dict[str, np.ndarray], settings: GanSettings) -> FittedGan:
    """A trained system from what `Fitted.save` wrote: its generators, on the device that "auto" chooses."""
    task, size = header["task"], tuple(header["size"])
    system = _build(method, size, task, settings)
    drafts = None
    if method.drafted:
        from .drafts import Drafts

        drafts, arrays = Drafts.from_arrays(arrays, settings.build_options.get("draft", "both"))
    system.generators.load_state_dict({name: torch.from_numpy(np.array(v)) for name, v in arrays.items()})
    system.discriminators.clear()
    fitted = FittedGan(method, task, size, system.to(choose_device()).eval(), settings, header["history"])
    fitted.drafts = drafts
    return fitted
