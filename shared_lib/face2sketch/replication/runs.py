"""One run: a method, trained on the CUHK student pairs and scored on people it has not seen."""

import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import evaluation, fitting, methods
from ..errors import MethodError
from ..training.settings import Stage
from .records import Record

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

METRICS = ("mse", "ssim")
WHOLE_METRICS = ("mse", "ssim", "lpips")
FULL_SIZE = (250, 200)
_PACKAGES = ("face2sketch", "keras", "tensorflow", "torch", "numpy", "scikit-image")


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and scored how.

    Attributes:
        experiment: the experiment it belongs to, and the folder of its record.
        arm: what is varied, in a word.
        method, task, seed: as for `face2sketch.fit`.
        size: side in pixels to which the centre crop of 200 x 200 is resized.
        split: "standard" (88 and 100 people) or "huang" (150 and 38).
        pairs: how many training pairs are used (drawn by `seed`); None for all.
        whole: False takes the centre crop, scored at `size`. True takes the whole picture, squeezed to a square of `size`
            as Duan et al. do; outputs are brought back to 200 x 250, as 8-bit pictures, and scored there, by LPIPS too.
        options: further arguments of `face2sketch.fit`; stages as lists [loss, epochs, rate, frozen layers].
    """

    experiment: str
    arm: str
    method: str
    task: str = "photo2sketch"
    seed: int = 0
    size: int = 128
    split: str = "standard"
    pairs: int | None = None
    whole: bool = False
    options: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A file name that no other run has."""
        facts = asdict(self)
        if not self.whole:
            del facts["whole"]  # records made before there was a choice keep their names
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]
        count = "" if self.pairs is None else f"-{self.pairs}pairs"
        return f"{self.arm}-{self.task}{count}-seed{self.seed}-{digest}"

    def path(self, folder: Path) -> Path:
        """Where its record stands in a folder of records."""
        return Path(folder) / self.experiment / f"{self.name}.json"


@cache
def real_pairs(size: int, split: str, whole: bool = False) -> tuple["FacePairs", "FacePairs"]:
    """Training and test pairs: the CUHK student pairs, centre crop 200 x 200, resized; or whole, test pairs at 200 x 250.

    Raises:
        DataError: the pairs are not on this machine.
    """
    from ..data import cuhk_student

    pairs = cuhk_student(download=False)
    if whole:
        train, test = pairs.split(split)
        return train.resize((size, size)), test
    pairs = pairs.crop(200, 200)
    return (pairs if size == 200 else pairs.resize(size)).split(split)


def perform(run: Run, folder: Path, *, progress: bool = True) -> Record:
    """Do a run, or read its record if there is one.

    Args:
        run: what to do.
        folder: where records are kept, in a subfolder for each experiment. The checkpoint of a run under way
            stands beside its record-to-be and goes when the record is written. A system that learns both directions in
            one training leaves a record of each.
        progress: show a progress bar.
    """
    path = run.path(folder)
    if path.exists():
        return Record.read(path)
    train, test = real_pairs(run.size, run.split, run.whole)
    if run.pairs is not None:
        order = np.random.default_rng(run.seed).permutation(len(train))
        train = train[np.sort(order[: run.pairs])]
    if run.whole:  # weights that LPIPS lacks are better missed now than after a night's training
        evaluation.evaluate(lambda _: test[:1].sketches, test[:1], task="photo2sketch", metrics=WHOLE_METRICS)
    checkpoint = path.with_suffix(".checkpoint.npz")
    records = _train_and_score(run, train, test, checkpoint, progress)
    for record in records:
        record.write(replace(run, task=record.run["task"]).path(folder))
    checkpoint.unlink(missing_ok=True)
    return records[0]


def _train_and_score(
    run: Run, train: "FacePairs", test: "FacePairs", checkpoint: Path, progress: bool
) -> list[Record]:
    """The run's record first; that of the other direction behind it, if it was learned too."""
    options = dict(run.options)
    if "stages" in options:
        options["stages"] = tuple(
            Stage(loss, epochs, rate, tuple(frozen)) for loss, epochs, rate, frozen in options["stages"]
        )
    method = methods.get(run.method)
    if method.framework != "numpy":
        options |= {"seed": run.seed, "checkpoint": checkpoint, "progress": progress}
    training = {"pairs": len(train), "epochs": None, "seconds": None, "loss": None, "diverged": None}
    tasks = [run.task, *(task for task in methods.TASKS if method.both_ways and task != run.task)]
    scores: dict[str, dict[str, list[float]]] = {task: {} for task in tasks}
    try:
        fitted = fitting.fit(run.method, train, run.task, **options)
    except MethodError as error:
        if "diverged" not in str(error):
            raise
        training["diverged"] = str(error).split(". ")[0]
    else:
        training |= _training(fitted)
        for task in tasks:
            scores[task] = _scores(run, fitted.for_task(task), test)
    provenance = _provenance(run, train, test)
    return [
        Record(asdict(replace(run, task=task)), test.identities.tolist(), scores[task], training, provenance)
        for task in tasks
    ]


def _training(fitted: "fitting.Fitted") -> dict:
    """What a record says about a training that came to its end."""
    history = fitted.history
    if not history:
        return {}
    loss = history["loss" if "loss" in history else "generator"][-1]
    facts = {"epochs": len(history["epoch"]), "seconds": history["seconds"][-1], "loss": loss}
    if fitted.method.framework == "torch":
        from ..training.devices import choose_device, choose_precision

        device = choose_device(fitted.settings.device)
        facts |= {"device": device.type, "precision": choose_precision(fitted.settings.precision, device)}
    return facts


def _scores(run: Run, fitted: "fitting.Fitted", test: "FacePairs") -> dict[str, list[float]]:
    """Every metric's value for each test picture."""
    if not run.whole:
        table = evaluation.evaluate(fitted, test, metrics=METRICS)
        return {metric: table[metric].round(6).tolist() for metric in METRICS}
    from ..data.images import resized

    outputs = fitted.translate(test.resize((run.size, run.size)).inputs(fitted.task))
    outputs = resized(np.rint(255 * outputs).astype(np.uint8), FULL_SIZE)
    table = evaluation.evaluate(lambda _: outputs, test, task=fitted.task, metrics=WHOLE_METRICS)
    return {metric: table[metric].round(6).tolist() for metric in WHOLE_METRICS}


def _provenance(run: Run, train: "FacePairs", test: "FacePairs") -> dict:
    return {
        "weights": _checksum_of_weights(run),
        "date": date.today().isoformat(),
        "data": {"train": train.checksum(), "test": test.checksum()},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _checksum_of_weights(run: Run) -> str | None:
    """SHA-256 of the file that the encoder started from; None for random weights."""
    from ..training.settings import TrainingSettings

    if methods.get(run.method).framework == "torch":
        return _checksum_of_features(run)
    taken = {*TrainingSettings.__dataclass_fields__, "epochs", "loss"}
    method = methods.get(run.method)
    wanted = run.options.get("weights", method.recipe.weights if method.recipe else None)
    if wanted is None:
        return None
    from ..models.transfer import load_encoder

    build_options = {name: value for name, value in run.options.items() if name not in taken}
    file = load_encoder(method.build((run.size, run.size, 3), **build_options), wanted, task=run.task)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _checksum_of_features(run: Run) -> str | None:
    """SHA-256 of the file behind the perceptual loss; None without one."""
    from .. import weights
    from ..gan_fitting import settings_for

    settings = settings_for(
        methods.get(run.method),
        None,
        {k: run.options[k] for k in ("objective", "weights") if k in run.options},
        {},
    )
    if settings.weights != "imagenet":
        return None
    from ..models.perceptual import FILES

    return hashlib.sha256(weights.locate_first(FILES)[1].read_bytes()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
