"""One run: a method, trained on the CUHK student pairs and scored on people it has not seen."""

import hashlib
import json
import os
import platform
from dataclasses import asdict, dataclass, field
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
    options: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A file name that no other run has."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]
        count = "" if self.pairs is None else f"-{self.pairs}pairs"
        return f"{self.arm}-{self.task}{count}-seed{self.seed}-{digest}"

    def path(self, folder: Path) -> Path:
        """Where its record stands in a folder of records."""
        return Path(folder) / self.experiment / f"{self.name}.json"


@cache
def real_pairs(size: int, split: str) -> tuple["FacePairs", "FacePairs"]:
    """Training and test pairs: the CUHK student pairs, centre crop 200 x 200, resized.

    Raises:
        DataError: the pairs are not on this machine.
    """
    from ..data import cuhk_student

    pairs = cuhk_student(download=False).crop(200, 200)
    return (pairs if size == 200 else pairs.resize(size)).split(split)


def perform(run: Run, folder: Path, *, progress: bool = True) -> Record:
    """Do a run, or read its record if there is one.

    Args:
        run: what to do.
        folder: where records are kept, in a subfolder for each experiment. The checkpoint of a run under way
            stands beside its record-to-be and goes when the record is written.
        progress: show a progress bar.
    """
    path = run.path(folder)
    if path.exists():
        return Record.read(path)
    train, test = real_pairs(run.size, run.split)
    if run.pairs is not None:
        order = np.random.default_rng(run.seed).permutation(len(train))
        train = train[np.sort(order[: run.pairs])]
    record = _train_and_score(run, train, test, path.with_suffix(".checkpoint.npz"), progress)
    record.write(path)
    path.with_suffix(".checkpoint.npz").unlink(missing_ok=True)
    return record


def _train_and_score(
    run: Run, train: "FacePairs", test: "FacePairs", checkpoint: Path, progress: bool
) -> Record:
    options = dict(run.options)
    if "stages" in options:
        options["stages"] = tuple(
            Stage(loss, epochs, rate, tuple(frozen)) for loss, epochs, rate, frozen in options["stages"]
        )
    if methods.get(run.method).framework != "numpy":
        options |= {"seed": run.seed, "checkpoint": checkpoint, "progress": progress}
    training = {"pairs": len(train), "epochs": None, "seconds": None, "loss": None, "diverged": None}
    scores: dict[str, list[float]] = {}
    try:
        fitted = fitting.fit(run.method, train, run.task, **options)
    except MethodError as error:
        if "diverged" not in str(error):
            raise
        training["diverged"] = str(error)
    else:
        if fitted.history:
            training |= {
                "epochs": len(fitted.history["epoch"]), "seconds": fitted.history["seconds"][-1],
                "loss": fitted.history["loss"][-1],
            }  # fmt: skip
        table = evaluation.evaluate(fitted, test, metrics=METRICS)
        scores = {metric: table[metric].round(6).tolist() for metric in METRICS}
    return Record(asdict(run), test.identities.tolist(), scores, training, _provenance(run, train, test))


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

    taken = {*TrainingSettings.__dataclass_fields__, "epochs", "loss"}
    method = methods.get(run.method)
    wanted = run.options.get("weights", method.recipe.weights if method.recipe else None)
    if wanted is None:
        return None
    from ..models.transfer import load_encoder

    build_options = {name: value for name, value in run.options.items() if name not in taken}
    file = load_encoder(method.build((run.size, run.size, 3), **build_options), wanted, task=run.task)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
