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

from .. import fitting, methods
from ..data.images import eight_bit, resized
from ..errors import MethodError
from ..training.checkpoints import read_arrays, write_arrays
from ..training.settings import Stage
from . import scoring
from .records import Record

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

FULL_SIZE = (250, 200)
_OUTPUTS = "face2sketch outputs 1"
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
            as Duan et al. do; outputs are brought back to 200 x 250, as 8-bit pictures, and scored there, by all measures
            of `scoring.WHOLE_METRICS` and as a set.
        native: whole pictures alone: the method works at 200 x 250 itself, and `size` is the longer side.
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
    native: bool = False
    options: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        """A file name that no other run has."""
        facts = asdict(self)
        for choice in ("whole", "native"):
            if not facts[choice]:
                del facts[choice]  # records made before there was a choice keep their names
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]
        count = "" if self.pairs is None else f"-{self.pairs}pairs"
        return f"{self.arm}-{self.task}{count}-seed{self.seed}-{digest}"

    def path(self, folder: Path) -> Path:
        """Where its record stands in a folder of records."""
        return Path(folder) / self.experiment / f"{self.name}.json"


@cache
def real_pairs(
    size: int, split: str, whole: bool = False, native: bool = False
) -> tuple["FacePairs", "FacePairs"]:
    """Training and test pairs: the CUHK student pairs, centre crop 200 x 200, resized; or whole, training pairs squeezed to
    a square (not if `native`), test pairs at 200 x 250.

    Raises:
        DataError: the pairs are not on this machine.
    """
    from ..data import cuhk_student

    pairs = cuhk_student(download=False)
    if whole:
        train, test = pairs.split(split)
        return (train if native else train.resize((size, size))), test
    pairs = pairs.crop(200, 200)
    return (pairs if size == 200 else pairs.resize(size)).split(split)


def perform(run: Run, folder: Path, *, outputs: Path | None = None, progress: bool = True) -> Record:
    """Do a run, or read its record if there is one.

    Args:
        run: what to do.
        folder: where records are kept, in a subfolder for each experiment. The checkpoint of a run under way
            stands beside its record-to-be and goes when the record is written. A system that learns both directions in
            one training leaves a record of each.
        outputs: a folder for the pictures that were scored, one .npz a record, of the same name. They show real people:
            keep them to yourself. `rescore` reads them.
        progress: show a progress bar.
    """
    path = run.path(folder)
    if path.exists():
        return Record.read(path)
    train, test = real_pairs(run.size, run.split, run.whole, run.native)
    if run.pairs is not None:
        order = np.random.default_rng(run.seed).permutation(len(train))
        train = train[np.sort(order[: run.pairs])]
    if run.whole:
        scoring.weights_are_there(test)
    checkpoint = path.with_suffix(".checkpoint.npz")
    records, pictures = _train_and_score(run, train, test, checkpoint, progress)
    for record in records:
        own = replace(run, task=record.run["task"])
        if outputs is not None and own.task in pictures:
            write_arrays(_kept(own, outputs), {"format": _OUTPUTS}, {"outputs": pictures[own.task]})
        record.write(own.path(folder))
    checkpoint.unlink(missing_ok=True)
    return records[0]


def rescore(run: Run, folder: Path, outputs: Path) -> list[str]:
    """Add to a record the measures that it lacks, from the outputs that `perform` kept.

    Returns:
        Names of the measures that were added; none where the record, or the kept outputs, are missing.
    """
    path, kept = run.path(folder), _kept(run, outputs)
    if not path.exists() or not kept.exists():
        return []
    record = Record.read(path)
    pictures = read_arrays(kept, "outputs kept by a run", _OUTPUTS)[1]["outputs"]
    _, test = real_pairs(run.size, run.split, run.whole, run.native)
    missing = tuple(name for name in scoring.metrics_for(run.whole) if name not in record.scores)
    scores = record.scores | scoring.scores_of(pictures, test, run.task, missing)
    sets = scoring.sets_of(pictures, test, run.task, record.sets) if run.whole else {}
    added = [*missing, *sets]
    if added:
        replace(record, scores=scores, sets=record.sets | sets).write(path)
    return added


def _kept(run: Run, outputs: Path) -> Path:
    return run.path(outputs).with_suffix(".npz")


def _train_and_score(
    run: Run, train: "FacePairs", test: "FacePairs", checkpoint: Path, progress: bool
) -> tuple[list[Record], dict[str, np.ndarray]]:
    """The run's record first, that of the other direction behind it, if it was learned too; and the outputs by task."""
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
    outputs: dict[str, np.ndarray] = {}
    try:
        fitted = fitting.fit(run.method, train, run.task, **options)
    except MethodError as error:
        if "diverged" not in str(error):
            raise
        training["diverged"] = str(error).split(". ")[0]
    else:
        training |= _training(fitted)
        outputs = {task: _outputs(run, fitted.for_task(task), test) for task in tasks}
    provenance, names = _provenance(run, train, test), scoring.metrics_for(run.whole)
    records = []
    for task in tasks:
        scores, sets = {}, {}
        if task in outputs:
            scores = scoring.scores_of(outputs[task], test, task, names)
            sets = scoring.sets_of(outputs[task], test, task) if run.whole else {}
        facts = asdict(replace(run, task=task))
        records.append(Record(facts, test.identities.tolist(), scores, training, provenance, sets))
    return records, outputs


def _outputs(run: Run, fitted: "fitting.Fitted", test: "FacePairs") -> np.ndarray:
    """What is scored: the method's answers as they come, or whole pictures as 8-bit ones of 200 x 250."""
    if not run.whole:
        return fitted.translate(test.inputs(fitted.task))
    given = test if run.native else test.resize((run.size, run.size))
    pictures = eight_bit(fitted.translate(given.inputs(fitted.task)))
    return pictures if run.native else resized(pictures, FULL_SIZE)


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
