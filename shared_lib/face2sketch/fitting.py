"""`fit` a method, `translate` pictures with it, `save` and `load` it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import __version__, methods, profiles
from .baselines import BASELINES, SEEDED
from .errors import MethodError, SavedFileError
from .methods import Method
from .training.checkpoints import read_arrays, write_arrays
from .training.settings import Stage, TrainingSettings, check_numbers

if TYPE_CHECKING:
    from .data.pairs import FacePairs
    from .gan_fitting import Extras
    from .training.gan_settings import GanSettings

_FORMAT = "face2sketch fitted method 1"
RECIPE = "the recipe's"
OUTPUT_CHANNELS = {"photo2sketch": 1, "sketch2photo": 3}
INPUT_CHANNELS = {"photo2sketch": 3, "sketch2photo": 1}
_KERAS_SETTINGS = (
    "epochs", "batch_size", "learning_rate", "optimizer", "loss", "stages", "reconstructs", "weights", "minutes",
    "max_steps", "patience",
)  # fmt: skip


def fit(
    method: str | Method,
    train: "FacePairs",
    task: str = "photo2sketch",
    profile: str | None = None,
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    optimizer: str | None = None,
    loss: str | None = None,
    stages: Sequence[Stage] | None = None,
    reconstructs: str | None = None,
    weights: str | Path | None = RECIPE,
    minutes: float | None = None,
    max_steps: int | None = None,
    validation: "FacePairs | None" = None,
    patience: int | None = None,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: bool = True,
    **build_options,
) -> "Fitted":
    """Train a method of the register on pairs, at the size the pairs have.

    Args:
        method: an id of the register, or a `Method` of your own.
        train: the training pairs. Split before you augment.
        task: "photo2sketch" or "sketch2photo".
        profile: "smoke", "book" or "paper": how many epochs; the active profile if None.
        epochs, batch_size, learning_rate, optimizer, loss: instead of the recipe's. `epochs` are shared out over the
            recipe's stages in proportion; with `loss`, there is one stage.
        stages: instead of the recipe's stages: losses, epochs, learning rates, frozen layers.
        reconstructs: "target", or "input" to learn to give the input back.
        weights: what the encoder starts from: "imagenet", "faces", an .npz file, None for random weights; the
            recipe's if left out.
        minutes, max_steps: stop there, even within an epoch.
        validation: pairs of other people, to record a validation loss; with `patience`, training stops when
            that loss has not fallen for so many epochs, and the best weights are kept.
        seed: of initial weights, order and dropout, or of the patches that an exemplar method draws. A Keras method also
            seeds NumPy's and Python's global generators with it.
        checkpoint: a file to resume from, if it exists, and to save the run's state in every minute (less
            often where writing takes more than 3 s: a twentieth of the time at most), at the end, and at
            Ctrl-C. The resumed run gives what an uninterrupted one would have given.
        progress: show a progress bar.
        **build_options: passed to the network's builder, e.g. `upsampling="resize"`, or to the baseline, e.g.
            `neighbours=10` of "lle". An adversarial system also takes from here: the fields of
            `training.gan_settings.GanSettings` (`objective` as a dictionary of changes,
            `schedule`, `augment`, `device`, `precision`, `compile`, `deterministic`) and of `gan_fitting.Extras`
            (`sheet`, `sheet_every`, `watch`, `watch_steps`).

    Returns:
        The fitted method.

    Raises:
        MethodError: unknown method, task or setting; a method that cannot do the task; a training that
            diverged.
        DownloadError: weights to start from, or of a perceptual loss, that are neither here nor to be had.
        SavedFileError: a checkpoint that is damaged, belongs to another run, or cannot be written.
    """
    method = methods.get(method)
    method.check_task(task)
    if not len(train):
        raise MethodError(f"no training pairs for {method.id}: the split left none")
    given = {
        "epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "optimizer": optimizer, "loss": loss,
        "minutes": minutes, "max_steps": max_steps, "patience": patience, "checkpoint": checkpoint, "stages": stages,
        "reconstructs": reconstructs, "weights": None if weights is RECIPE else weights,
    }  # fmt: skip
    if method.framework == "numpy":
        chosen = {**build_options, **_not_none(given)} | ({"seed": seed} if method.id in SEEDED else {})
        fitted = _fit_baseline(method, train, task, chosen, validation)
    elif method.framework == "torch":
        given |= {"seed": seed, "validation": validation}
        fitted = _fit_torch(method, train, task, profile, _not_none(given), progress, build_options)
    else:
        if weights is RECIPE:
            given["weights"] = method.recipe.weights
        settings = _settings(method, profile, given, seed, build_options)
        fitted = _fit_keras(method, train, task, settings, validation, checkpoint, progress)
    fitted.trained_on = frozenset(map(_checksum_of, train.people))
    return fitted


def _checksum_of(person: str) -> str:
    """Names of people do not go into a file that may be passed on."""
    return hashlib.sha256(str(person).encode()).hexdigest()[:16]


def check_settings(
    method: str | Method, task: str = "photo2sketch", profile: str | None = None, **settings
) -> None:
    """What `fit` would refuse whatever the pairs, said before they are drawn or read.

    Args:
        method, task, profile: as for `fit`.
        **settings: `epochs`, `batch_size`, `learning_rate` or `minutes`; for an adversarial method fields of `GanSettings`
            as well. None stands for one that is left out.

    Raises:
        Face2SketchError: an unknown profile.
        MethodError: an unknown method; a task or a setting that it does not take; a device that is not there.
    """
    method = methods.get(method)
    method.check_task(task)
    profiles.profile(profile)
    if method.framework == "numpy":
        _baseline(method, _not_none(settings))
    elif method.framework == "torch":
        from .training.devices import choose_device, choose_precision

        chosen, _ = _torch_settings(method, profile, _not_none(settings), False, {})
        choose_precision(chosen.precision, choose_device(chosen.device))
    else:
        _settings(method, profile, {**dict.fromkeys(_KERAS_SETTINGS), **settings}, 0, {})


def _not_none(given: dict) -> dict:
    return {name: value for name, value in given.items() if value is not None}


def _fit_torch(method, train, task, profile, given: dict, progress: bool, options: dict) -> "Fitted":
    from .gan_fitting import fit_gan

    return fit_gan(method, train, task, *_torch_settings(method, profile, given, progress, options))


def _torch_settings(
    method, profile, given: dict, progress: bool, options: dict
) -> "tuple[GanSettings, Extras]":
    """Sort the arguments into settings, extras and build options."""
    from dataclasses import fields

    from .gan_fitting import Extras, settings_for
    from .training.gan_settings import GanSettings

    names = {kind: {field.name for field in fields(kind)} for kind in (Extras, GanSettings)}
    given = {**options, **given, "progress": progress}
    extras = Extras(**{name: given.pop(name) for name in names[Extras] & given.keys()})
    chosen = {name: given.pop(name) for name in names[GanSettings] & given.keys()}
    if foreign := sorted(given.keys() - options.keys()):
        raise MethodError(
            f"{method.id} is trained adversarially and takes no {', '.join(foreign)}: expected fields of "
            f"GanSettings ({', '.join(sorted(names[GanSettings]))}) or build options"
        )
    return settings_for(method, profile, chosen, given), extras


def _settings(
    method: Method, profile: str | None, given: dict, seed: int, build_options: dict
) -> TrainingSettings:
    recipe = method.recipe
    stages = tuple(given["stages"] or recipe.stages_for(profiles.profile(profile)))
    if given["epochs"] is not None or given["loss"] is not None:
        if given["stages"] is not None:
            raise MethodError("stages say losses and epochs already: leave out epochs and loss")
        check_numbers(None, None, epochs=given["epochs"])
        total = given["epochs"] if given["epochs"] is not None else sum(stage.epochs for stage in stages)
        stages = (Stage(given["loss"], total),) if given["loss"] else _shared_out(stages, total)
    return TrainingSettings(
        stages=stages,
        optimizer=given["optimizer"] or recipe.optimizer,
        learning_rate=float(
            recipe.learning_rate if given["learning_rate"] is None else given["learning_rate"]
        ),
        batch_size=recipe.batch_size if given["batch_size"] is None else given["batch_size"],
        seed=seed,
        max_steps=given["max_steps"],
        minutes=given["minutes"],
        patience=given["patience"],
        reconstructs=given["reconstructs"] or recipe.reconstructs,
        weights=None if given["weights"] is None else str(given["weights"]),
        build_options=build_options,
    )


def _shared_out(stages: tuple[Stage, ...], epochs: int) -> tuple[Stage, ...]:
    """The same stages with `epochs` in all, in proportion, one each at least; too few epochs leave the last stages out."""
    stages = stages[: max(1, epochs)]
    planned, left, result = sum(stage.epochs for stage in stages), epochs, []
    for number, stage in enumerate(stages):
        later = len(stages) - number - 1
        share = left if not later else min(left - later, max(1, round(epochs * stage.epochs / planned)))
        result.append(replace(stage, epochs=share))
        left -= share
    return tuple(result)


class Fitted:
    """A method that has learned: what every fitted method can do.

    Attributes:
        method: its entry in the register.
        task: "photo2sketch" or "sketch2photo".
        size: (height, width) it was trained at.
        trained_on: for each training person a checksum of the name; empty if unknown.
        history: lists with one entry an epoch: "epoch", "stage", "loss", "seconds" and optimiser "steps"
            (both cumulative), "val_loss" if watched. A budget may have ended the last epoch early.
        settings: the training settings, or None for a baseline.
    """

    def __init__(
        self,
        method: Method,
        task: str,
        size: tuple[int, int],
        settings: TrainingSettings | None = None,
        history: dict[str, list] | None = None,
    ):
        self.method, self.task, self.size = method, task, tuple(size)
        self.settings, self.history = settings, history or {}
        self.trained_on: frozenset[str] = frozenset()

    @property
    def parameters(self) -> int:
        """Numbers that were learned."""
        raise NotImplementedError

    def _translate(self, pictures: np.ndarray, channels: int) -> np.ndarray:
        raise NotImplementedError

    def _arrays(self) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def _header(self) -> dict:
        """What a file must say beside the arrays and what every method says, as plain values."""
        return {}

    def translate(self, pictures: np.ndarray) -> np.ndarray:
        """Sketches for photos, or photos for sketches.

        Args:
            pictures: (N, height, width, C) of this method's size, uint8 or float in [0, 1]; C = 3 for photos,
                1 for sketches.

        Returns:
            float32 (N, height, width, 1 or 3) in [0, 1].

        Raises:
            MethodError: another shape or range than the method was trained for.
        """
        return self._translate(self._check(np.asarray(pictures)), OUTPUT_CHANNELS[self.task])

    def translate_in_colour(self, pictures: np.ndarray) -> np.ndarray:
        """As `translate`, with three channels in either direction: a sketch as the network draws it, which need not be grey.

        The papers' networks draw a sketch as a picture in colour, and their scores are of that picture; `translate` takes
        the mean of its channels. What has but one channel is repeated.

        Returns:
            float32 (N, height, width, 3) in [0, 1].

        Raises:
            MethodError: as `translate`.
        """
        return self._translate(self._check(np.asarray(pictures)), 3)

    def _check(self, pictures: np.ndarray) -> np.ndarray:
        expected = (*self.size, INPUT_CHANNELS[self.task])
        if pictures.ndim != 4 or pictures.shape[1:] != expected:
            raise MethodError(
                f"{self.method.id} was trained for {self.task} on pictures (N, {', '.join(map(str, expected))}) and got "
                f"{pictures.shape}: resize or crop them first, or train at that size"
            )
        if pictures.dtype != np.uint8 and not (
            np.issubdtype(pictures.dtype, np.floating)
            and (not pictures.size or 0 <= pictures.min() <= pictures.max() <= 1)
        ):
            raise MethodError(
                f"pictures of type {pictures.dtype} outside [0, 1]: expected uint8, or float in [0, 1]"
            )
        return pictures

    @property
    def tasks(self) -> tuple[str, ...]:
        """The directions that this training has learned."""
        return (self.task,)

    def for_task(self, task: str) -> "Fitted":
        """This method in another of the directions it has learned.

        Raises:
            MethodError: it has not learned that one.
        """
        if task not in self.tasks:
            raise MethodError(f"{self.method.id} was trained for {', '.join(self.tasks)} only, not {task}")
        return self

    def known_among(self, people: Iterable[str]) -> list[str]:
        """Those of the people, by name, that this was trained on: scores on them flatter. Empty if that is not known."""
        return [name for name in people if _checksum_of(name) in self.trained_on]

    def save(self, path: str | Path) -> Path:
        """Write this fitted method to one file (NumPy's npz format, nothing executable); returns its path."""
        header = {
            "format": _FORMAT, "version": __version__, "method": self.method.id, "task": self.task,
            "size": list(self.size), "history": self.history,
            "settings": self.settings.as_dict() if self.settings else None,
            "trained_on": sorted(self.trained_on), **self._header(),
        }  # fmt: skip
        path = Path(path)
        write_arrays(path, header, self._arrays())
        return path

    def __repr__(self) -> str:
        height, width = self.size
        trained = f", {len(self.history['epoch'])} epochs" if self.history.get("epoch") else ""
        return f"<{self.method.id} for {self.task}, {height}x{width}, {self.parameters:,} numbers learned{trained}>"


class FittedBaseline(Fitted):
    """A fitted baseline or exemplar method: a handful of arrays and a rule.

    Attributes:
        arrays: what was learned.
        options: those of the rule that were given, e.g. {"neighbours": 10}.
    """

    def __init__(
        self, method: Method, task: str, size: tuple[int, int], arrays: dict[str, np.ndarray], options: dict
    ):
        super().__init__(method, task, size)
        self.arrays, self.options = arrays, options
        self._baseline = _baseline(method, options)

    @property
    def parameters(self) -> int:
        """Numbers kept from training, the shape of the output left out."""
        return sum(array.size for name, array in self.arrays.items() if name not in ("shape", "channels"))

    def _translate(self, pictures: np.ndarray, channels: int) -> np.ndarray:
        outputs = self._baseline.apply(self.arrays, unit_float(pictures))
        outputs = np.clip(outputs, 0.0, 1.0).astype(np.float32)
        return outputs if outputs.shape[-1] == channels else np.repeat(outputs, channels, axis=-1)

    def _arrays(self) -> dict[str, np.ndarray]:
        return self.arrays

    def _header(self) -> dict:
        plain = {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in self.options.items()
        }
        return {"options": plain}


class FittedKeras(Fitted):
    """A trained Keras network.

    Attributes:
        model: the network that translates, float32 (N, H', W', 3) to the same, where H' and W' are the padded
            sides.
        networks: the same network in all its forms (`models.networks.Networks`).
    """

    CHUNK = 32

    def __init__(
        self,
        method: Method,
        task: str,
        size,
        networks,
        settings: TrainingSettings,
        history: dict | None = None,
    ):
        super().__init__(method, task, size, settings, history)
        from .training.keras_loop import uses_xla

        self.networks, self.model = networks, networks.translator
        if not self.model.compiled:  # left alone, Keras would choose XLA, which slows convolutions on a CPU
            self.model.compile(jit_compile=uses_xla(method.dense_layers))

    @property
    def parameters(self) -> int:
        """Weights of the network, batch norm's running statistics included."""
        return self.networks.trained.count_params()

    def _translate(self, pictures: np.ndarray, channels: int) -> np.ndarray:
        from .training.keras_pictures import from_network, padding, to_network

        pad = padding(self.size, self.method.allowed_side)
        result = np.empty((len(pictures), *self.size, channels), dtype=np.float32)
        for rows in chunks(len(pictures), self.CHUNK):
            outputs = np.asarray(self.model.predict_on_batch(to_network(pictures[rows], pad)))
            result[rows] = from_network(outputs, self.size, pad, channels)
        return result

    def _arrays(self) -> dict[str, np.ndarray]:
        return {f"w{i:04d}": weights for i, weights in enumerate(self.networks.trained.get_weights())}


def chunks(count: int, size: int) -> Iterator[slice]:
    """Slices of `size` that cover `count` items."""
    return (slice(start, start + size) for start in range(0, count, size))


def unit_float(pictures: np.ndarray) -> np.ndarray:
    """Pictures, uint8 or float, as float32 in [0, 1]."""
    return pictures.astype(np.float32) / (255.0 if pictures.dtype == np.uint8 else 1.0)


def _baseline(method: Method, options: dict):
    try:
        return BASELINES[method.id](**options)
    except TypeError as error:
        raise MethodError(
            f"{method.id} is not trained in steps and takes no setting {', '.join(options)}"
        ) from error


def _fit_baseline(method: Method, train: "FacePairs", task: str, options: dict, validation) -> FittedBaseline:
    if validation is not None:
        raise MethodError(f"{method.id} is not trained in epochs: it cannot use validation pairs")
    arrays = _baseline(method, options).learn(unit_float(train.inputs(task)), unit_float(train.targets(task)))
    return FittedBaseline(method, task, train.size, arrays, options)


def _build(method: Method, size: tuple[int, int], build_options: dict):
    from .models.networks import as_networks

    sides = [method.allowed_side(side) for side in size]
    return as_networks(method.build((*sides, 3), **build_options))


def _fit_keras(
    method: Method,
    train: "FacePairs",
    task: str,
    settings: TrainingSettings,
    validation: "FacePairs | None",
    checkpoint: str | Path | None,
    progress: bool,
) -> FittedKeras:
    from .training.keras_loop import KerasTrainer, keras
    from .training.keras_pictures import padding, to_network

    keras.utils.set_random_seed(settings.seed)
    networks = _build(method, train.size, settings.build_options)
    if settings.weights is not None:
        from .models.transfer import load_encoder

        load_encoder(networks, settings.weights, task=task)
    pad = padding(train.size, method.allowed_side)

    def batches_of(pairs: "FacePairs"):
        inputs = pairs.inputs(task)
        targets = inputs if settings.reconstructs == "input" else pairs.targets(task)

        def batch(chosen):
            x, y = to_network(inputs[chosen], pad), to_network(targets[chosen], pad)
            return ([x, y] if networks.sees_target else x), y

        return batch

    watched = None
    if validation is not None:
        if validation.size != train.size:
            raise MethodError(
                f"validation pairs are {validation.size}, training pairs {train.size}: resize one of them"
            )
        watched = batches_of(validation)(slice(None))
    trainer = KerasTrainer(
        networks.trained, len(train), batches_of(train), settings, validation=watched, dense=method.dense_layers,
        logits=networks.logits,
        checkpoint=Path(checkpoint) if checkpoint else None,
        fingerprint=_fingerprint(method, train, validation, task, settings) if checkpoint else None, progress=progress,
    )  # fmt: skip
    history = trainer.run()
    return FittedKeras(method, task, train.size, networks, settings, history)


def _fingerprint(
    method: Method, train: "FacePairs", validation: "FacePairs | None", task: str, settings: TrainingSettings
) -> dict:
    """What a checkpoint must agree with. Budgets are left out: a run may be resumed with a larger one."""
    from .keras_quietly import keras

    unlimited = replace(settings, minutes=None, max_steps=None)
    return {
        "method": method.id, "task": task, "data": train.checksum(), "settings": unlimited.as_dict(),
        "backend": keras.backend.backend(),
    } | ({} if validation is None else {"validation": validation.checksum()})  # fmt: skip


def load(path: str | Path, method: Method | None = None) -> Fitted:
    """A fitted method from a file that `Fitted.save` wrote.

    Args:
        path: the file.
        method: the `Method` of your own that was trained; one of the register is found by its id.

    Raises:
        SavedFileError: no such file, a damaged one, not a fitted method, or one of another method than the one given.
    """
    remedy = "copy it here again, or train it again"
    header, arrays = read_arrays(Path(path), "a method saved by face2sketch", _FORMAT, remedy)
    fitted = _loaded(path, _method_of(path, header["method"], method), header, arrays)
    fitted.trained_on = frozenset(header.get("trained_on", ()))
    return fitted


def _method_of(path: str | Path, name: str, given: Method | None) -> Method:
    if given is not None and given.id != name:
        raise SavedFileError(f"{path} holds {name!r}, not {given.id!r}: pass the method that was trained")
    if given is None and name not in {method.id for method in methods.all_methods()}:
        raise SavedFileError(
            f"{path} holds {name!r}, which is not in the register: pass the method of your own that was trained, "
            "load(path, method=...)"
        )
    return given or methods.get(name)


def _loaded(path: str | Path, method: Method, header: dict, arrays: dict[str, np.ndarray]) -> Fitted:
    size = tuple(header["size"])
    if method.framework == "numpy":
        # files of before the options were kept have none: their rules take their defaults
        return FittedBaseline(method, header["task"], size, arrays, header.get("options", {}))
    saved = dict(header["settings"])
    if method.framework == "torch":
        return _load_torch(path, method, header, arrays)
    saved["stages"] = tuple(
        Stage(**{**stage, "frozen": tuple(stage.get("frozen", ()))}) for stage in saved["stages"]
    )
    settings = TrainingSettings(**saved)
    networks = _build(method, size, settings.build_options)
    weights = [arrays[name] for name in sorted(arrays)]
    if [w.shape for w in weights] != [tuple(w.shape) for w in networks.trained.weights]:
        raise SavedFileError(
            f"{path} holds weights that do not fit {method.id} at {size}: it was saved by version {header['version']}, "
            f"this is {__version__}; train it again, or pass the method of your own that was trained, load(path, method=...)"
        )
    networks.trained.set_weights(weights)
    return FittedKeras(method, header["task"], size, networks, settings, header["history"])


def _load_torch(path, method: Method, header: dict, arrays: dict[str, np.ndarray]) -> Fitted:
    from .gan_fitting import load_gan
    from .training.gan_settings import GanSettings

    try:
        return load_gan(method, header, arrays, GanSettings.from_dict(header["settings"]))
    except (RuntimeError, TypeError) as error:
        raise SavedFileError(
            f"{path} holds weights that do not fit {method.id}: it was saved by version {header['version']}, this is "
            f"{__version__}; train it again ({error})"
        ) from error
