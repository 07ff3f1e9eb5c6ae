"""One run: a method, trained on the CUHK student pairs and scored on people it has not seen."""

import hashlib
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import fitting, methods
from ..data.images import eight_bit, resized
from ..errors import DataError, MethodError, RunBusyError, SavedFileError
from ..training.checkpoints import read_arrays, seconds_so_far, write_arrays
from ..training.settings import Stage
from . import conventions, scoring
from .provenance import Meter, provenance_of
from .records import DamagedRecordError, Record

if TYPE_CHECKING:
    from ..data.pairs import FacePairs

FULL_SIZE = (250, 200)
_OUTPUTS = "face2sketch outputs 1"
_SAME_SCORE = 1e-5  # records have six decimals
AS_PUBLISHED = "as-published"
WORK = ".work"
_CHECKPOINT = ".checkpoint.npz"


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and scored how.

    Attributes:
        experiment: the experiment it belongs to, and the folder of its record.
        arm: what is varied, in a word.
        method, task, seed: as for `face2sketch.fit`.
        size: side in pixels to which the centre crop of 200 x 200 is resized.
        split: "standard" (88 and 100 people), "huang" (150 and 38), or "as-published".
        pairs: how many training pairs are used (drawn by `seed`); None for all.
        whole: False takes the centre crop, scored at `size`. True takes the whole picture, squeezed to a square of `size`
            as Duan et al. do; outputs are brought back to 200 x 250, as 8-bit pictures, and scored there, by all measures
            of `scoring.WHOLE_METRICS` and as a set.
        native: whole pictures alone: the method works at 200 x 250 itself, and `size` is the longer side.
        options: further arguments of `face2sketch.fit`; stages as lists [loss, epochs, rate, frozen layers] or
            [loss, epochs, rate, frozen layers, backwards].
        paper: with the split "as-published" alone: whose preparation, split and measures (`conventions`) are used;
            `seed` then also draws the split, where the paper gives none.
        profile: how many epochs, if the options do not say: "paper", or "smoke" to try things out.
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
    paper: str | None = None
    profile: str = "paper"

    @property
    def name(self) -> str:
        """A file name that no other run has."""
        facts = asdict(self)
        for choice in _LATER_CHOICES:
            if facts[choice] == _LATER_CHOICES[choice]:
                del facts[choice]  # records made before there was a choice keep their names
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:8]
        count = "" if self.pairs is None else f"-{self.pairs}pairs"
        return f"{self.arm}-{self.task}{count}-seed{self.seed}-{digest}"

    @property
    def protocol(self) -> str:
        """Under which rules: "as-published", "common" (the league) or, for a question of our own, "experiment"."""
        if self.split == AS_PUBLISHED:
            return AS_PUBLISHED
        return "common" if self.experiment == "league" else "experiment"

    def path(self, folder: Path) -> Path:
        """Where its record stands in a folder of records."""
        return Path(folder) / self.experiment / f"{self.name}.json"

    def work(self, folder: Path, suffix: str) -> Path:
        """Where what it needs while it runs stands: its checkpoint, its lock."""
        return Path(folder) / WORK / f"{self.experiment}-{self.name}{suffix}"


_LATER_CHOICES = {"whole": False, "native": False, "paper": None, "profile": "paper"}


def pairs_of(run: Run) -> tuple["FacePairs", "FacePairs"]:
    """The run's training and test pairs."""
    if run.split == AS_PUBLISHED and not run.whole:
        return published_pairs(run.paper, run.size, run.seed)
    split = "standard" if run.split == AS_PUBLISHED else run.split  # Duan et al. do not say theirs
    train, test = real_pairs(run.size, split, run.whole, run.native)
    if run.pairs is not None:
        order = np.random.default_rng(run.seed).permutation(len(train))
        train = train[np.sort(order[: run.pairs])]
    return train, test


def cuhk() -> "FacePairs":
    """The 188 CUHK student pairs, from this machine: a queue of hours must not wait for a network.

    Raises:
        DataError: they are not here; the message says how to fetch them.
    """
    from ..data import cuhk_student

    try:
        return cuhk_student(download=False)
    except DataError as error:
        raise DataError(f"{error} To fetch them: face2sketch data cuhk_student") from error


@cache
def real_pairs(
    size: int, split: str, whole: bool = False, native: bool = False
) -> tuple["FacePairs", "FacePairs"]:
    """Training and test pairs: the CUHK student pairs, centre crop 200 x 200, resized; or whole, training pairs squeezed to
    a square (not if `native`), test pairs at 200 x 250.

    Raises:
        DataError: the pairs are not on this machine.
    """
    pairs = cuhk()
    if whole:
        train, test = pairs.split(split)
        return (train if native else train.resize((size, size))), test
    pairs = pairs.crop(200, 200)
    return (pairs if size == 200 else pairs.resize(size)).split(split)


def published_pairs(paper: str, size: int, seed: int) -> tuple["FacePairs", "FacePairs"]:
    """Training and test pairs as a paper made them, people on both sides if it had them there.

    Raises:
        DataError: the pairs are not on this machine.
        MethodError: the paper has no system of that size.
    """
    protocols = {
        method.protocol for method in methods.all_methods() if method.paper == paper and method.protocol
    }
    fitting_ones = [protocol for protocol in protocols if protocol.size == (size, size)]
    if not fitting_ones:
        sizes = ", ".join(str(protocol.size[0]) for protocol in protocols) or "none"
        raise MethodError(
            f"{paper!r} has no protocol for {size} px on the CUHK student pairs: its sizes are {sizes}"
        )
    return fitting_ones[0].apply(cuhk(), seed)


def perform(
    run: Run,
    folder: Path,
    *,
    outputs: Path | None = None,
    minutes: float | None = None,
    progress: bool = True,
) -> Record:
    """Do a run, or read its record if there is one.

    A run is an independent job: it may be done in any process, in any order. Stopped at any moment, even killed, it goes on
    from its last checkpoint (one a minute) and gives what it would have given; its record is written whole or not at all.

    Args:
        run: what to do.
        folder: where records are kept, in a subfolder for each experiment; the checkpoint of a run under way stands in
            the subfolder ".work". A system that learns both directions in one training leaves a record of each.
        outputs: a folder for the pictures that were scored, one .npz a record, of the same name. They show real people:
            keep them to yourself. `rescore` reads them.
        minutes: end the training after so many minutes in all. The record then says how many of the planned epochs were
            done, and the checkpoint stays: with a larger budget, or none, the run goes on from there.
        progress: show a progress bar.

    Raises:
        RunBusyError: another process has this run under way in this folder.
        DataError, DownloadError: the pairs, or weights that the scores need, are not on this machine.
    """
    with _alone(run, folder):
        known = record_of(run, folder, set_aside=True)
        if known is not None and not known.may_go_on(minutes):
            if known.complete:  # by a process that was killed between the two, 5 GB of weights may be left
                run.work(folder, _CHECKPOINT).unlink(missing_ok=True)
            return known
        return _made(run, Path(folder), outputs, minutes, progress)


@contextmanager
def _alone(run: Run, folder: Path) -> Iterator[None]:
    """No other runner does this run meanwhile. The system frees the lock when its process ends, however it ends."""
    from filelock import FileLock, Timeout

    file = run.work(folder, ".lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file)
        lock.acquire(blocking=False)
    except Timeout:
        raise RunBusyError(
            f"{run.name} is under way in another process; its lock is {file}, to be deleted if no such process is left"
        ) from None
    except OSError as error:
        raise SavedFileError(
            f"cannot write {file}: {error.strerror or error}; name another folder for the records"
        ) from error
    except NotImplementedError as error:  # of older versions of filelock
        raise SavedFileError(
            f"{file.parent} is on a file system that cannot lock files: keep the records on a disk of this machine, and "
            "copy them afterwards"
        ) from error
    try:
        for target in (run.path(folder), run.work(folder, _CHECKPOINT)):
            for half_written in target.parent.glob(f"{target.name}.*.part"):  # by a process that was killed
                half_written.unlink()
        yield
    finally:
        if run.path(folder).exists():
            # Whoever takes the lock from now on finds the record, and nothing to do. Windows keeps open files.
            with suppress(OSError):
                file.unlink()
        lock.release()


def _made(run: Run, folder: Path, outputs: Path | None, minutes: float | None, progress: bool) -> Record:
    train, test = pairs_of(run)
    if run.whole:
        scoring.weights_are_there(test)
    checkpoint = run.work(folder, _CHECKPOINT)
    records, pictures = _train_and_score(run, train, test, checkpoint, minutes, progress)
    # The run's own record last: were it there without the other direction's, the other would never be made.
    for record in reversed(records):
        own = replace(run, task=record.run["task"])
        if outputs is not None and own.task in pictures:
            write_arrays(_kept(own, outputs), {"format": _OUTPUTS}, {"outputs": pictures[own.task]})
        record.write(own.path(folder))
    if records[0].complete:
        checkpoint.unlink(missing_ok=True)
    return records[0]


def record_of(run: Run, folder: Path, set_aside: bool = False) -> Record | None:
    """A run's record, if it has one that is not damaged.

    Args:
        run, folder: as for `perform`.
        set_aside: rename a damaged one (".damaged" behind its name), with a warning. For who is alone with the run.

    Raises:
        SavedFileError: there is one, and it cannot be read, or another version of the library wrote it.
    """
    path = run.path(folder)
    if not path.exists():
        return None
    try:
        return Record.read(path)
    except DamagedRecordError as error:
        if set_aside:
            aside = path.with_name(f"{path.name}.damaged")
            path.replace(aside)
            warnings.warn(f"{error}; it is now {aside.name}, and the run is made again", stacklevel=2)
        return None


def rescore(run: Run, folder: Path, outputs: Path) -> list[str]:
    """Add to a record the measures that it lacks, from the outputs that `perform` kept.

    Returns:
        Names of the measures that were added; none where the record, or the kept outputs, are missing, or where the run
        diverged.

    Raises:
        DataError: the kept outputs are not those that were scored.
        RunBusyError: another process has this run under way.
        SavedFileError: the record is damaged, or cannot be read or written.
    """
    if not (run.path(folder).exists() and _kept(run, outputs).exists()):
        return []
    with _alone(run, folder):  # or a run that ends meanwhile with a larger budget would be undone
        return _rescored(run, folder, outputs)


def _rescored(run: Run, folder: Path, outputs: Path) -> list[str]:
    path, kept = run.path(folder), _kept(run, outputs)
    record = Record.read(path)
    missing = tuple(name for name in _metrics_of(run) if name not in record.scores)
    new_sets = run.whole and any(name not in record.sets for name in scoring.SETS)
    if not record.scores or not (missing or new_sets):
        return []
    remedy = "delete it; to have the new measures, delete the record too and run again with --outputs"
    pictures = read_arrays(kept, "outputs kept by a run", _OUTPUTS, remedy)[1]["outputs"]
    _, test = pairs_of(run)
    _check_they_were_scored(run, pictures, test, record, kept, path)
    scores = record.scores | _scores(run, pictures, test, run.task, missing)
    sets = scoring.sets_of(pictures, test, run.task, record.sets) if run.whole else {}
    facts = record.run, record.identities, scores, record.training, record.provenance, record.sets | sets
    Record.of(*facts).write(path)
    return [*missing, *sets]


def _check_they_were_scored(
    run: Run, pictures: np.ndarray, test: "FacePairs", record: Record, kept: Path, path: Path
) -> None:
    """A run that went on without a folder for its outputs has left those of its earlier end: one measure is taken again."""
    metric = "mse" if "mse" in record.scores else next(iter(record.scores))
    known, found = np.array(record.scores[metric]), None
    if len(pictures) == len(test) == len(known):
        found = np.array(_scores(run, pictures, test, run.task, (metric,))[metric])
    if found is None or not np.allclose(found, known, rtol=0, atol=_SAME_SCORE):
        said = (
            f"{len(pictures)} pictures for {len(test)} test pairs and {len(known)} scores"
            if found is None
            else f"their {metric} differs by up to {np.abs(found - known).max():.2g}"
        )
        raise DataError(
            f"{kept} does not hold the outputs that {path} was scored from ({said}; expected: the same {metric} of every "
            f"picture, to {_SAME_SCORE:g}). The run has since gone on, or was made again, without keeping its outputs, or "
            "the test pairs are others. Delete this file; to have the new measures, delete the record too and run again "
            "with --outputs"
        )


def _kept(run: Run, outputs: Path) -> Path:
    return run.path(outputs).with_suffix(".npz")


def _train_and_score(
    run: Run, train: "FacePairs", test: "FacePairs", checkpoint: Path, minutes: float | None, progress: bool
) -> tuple[list[Record], dict[str, np.ndarray]]:
    """The run's record first, that of the other direction behind it, if it was learned too; and the outputs by task."""
    method = methods.get(run.method)
    training = {"pairs": len(train), "epochs": None, "seconds": None, "loss": None, "diverged": None}
    tasks = [run.task, *(task for task in methods.TASKS if method.both_ways and task != run.task)]
    outputs: dict[str, np.ndarray] = {}
    with Meter(before=seconds_so_far(checkpoint)) as meter:
        try:
            fitted = _fit(run, method, train, checkpoint, minutes, progress)
        except MethodError as error:
            if "diverged" not in str(error):
                raise
            training["diverged"] = str(error).split(". ")[0]
        else:
            training |= _training(fitted, len(train))
            if _only_backwards(fitted):  # what it has learned is the other direction
                training["unlearned"] = f"the budget ended before it came to learn {run.task}"
            else:
                outputs = {task: _outputs(run, fitted.for_task(task), test) for task in tasks}
        measured = {
            task: _measured(run, outputs[task], test, task) if task in outputs else ({}, {}) for task in tasks
        }
    provenance = provenance_of(run, train, test, meter)
    records = []
    for task, (scores, sets) in measured.items():
        facts = asdict(replace(run, task=task))
        records.append(Record.of(facts, test.identities.tolist(), scores, training, provenance, sets))
    return records, outputs


def _fit(
    run: Run, method, train, checkpoint: Path, minutes: float | None, progress: bool
) -> "fitting.Fitted":
    options = dict(run.options)
    if "stages" in options:
        options["stages"] = tuple(
            Stage(loss, epochs, rate, tuple(frozen), *backwards)
            for loss, epochs, rate, frozen, *backwards in options["stages"]
        )
    if method.framework != "numpy":
        options |= {"seed": run.seed, "checkpoint": checkpoint, "progress": progress, "minutes": minutes}
    return fitting.fit(run.method, train, run.task, run.profile, **options)


def _outputs(run: Run, fitted: "fitting.Fitted", test: "FacePairs") -> np.ndarray:
    """What is scored: the method's answers as they come, of three channels where a paper scored them so, or whole pictures
    as 8-bit ones of 200 x 250."""
    if not run.whole:
        translate = fitted.translate_in_colour if run.split == AS_PUBLISHED else fitted.translate
        return translate(test.inputs(fitted.task))
    given = test if run.native else test.resize((run.size, run.size))
    pictures = eight_bit(fitted.translate(given.inputs(fitted.task)))
    return pictures if run.native else resized(pictures, FULL_SIZE)


def _measured(run: Run, outputs: np.ndarray, test: "FacePairs", task: str) -> tuple[dict, dict]:
    """Scores of single pictures, and of the set."""
    scores = _scores(run, outputs, test, task, _metrics_of(replace(run, task=task)))
    return scores, scoring.sets_of(outputs, test, task) if run.whole else {}


def _metrics_of(run: Run) -> tuple[str, ...]:
    """What single pictures are scored by: a paper's own measures, under its own rules."""
    if run.split == AS_PUBLISHED and not run.whole:
        return conventions.measures_of(run.paper, run.task)
    return scoring.metrics_for(run.whole)


def _scores(
    run: Run, outputs: np.ndarray, test: "FacePairs", task: str, names: tuple[str, ...]
) -> dict[str, list[float]]:
    if run.split == AS_PUBLISHED and not run.whole:
        return conventions.scores_as_published(run.paper, outputs, test, task, names)
    return scoring.scores_of(outputs, test, task, names)


def _training(fitted: "fitting.Fitted", pairs: int) -> dict:
    """What a record says about a training that came to its end, or to the end of its budget."""
    history = fitted.history
    if not history:
        return {}
    loss = history["loss" if "loss" in history else "generator"][-1]
    planned, whole = _planned_epochs(fitted), -(-pairs // fitted.settings.batch_size)
    done = round(history["steps"][-1] / whole, 2)
    done = int(done) if done == int(done) else done
    facts = {"epochs": done, "planned_epochs": planned, "seconds": history["seconds"][-1], "loss": loss}
    if fitted.method.framework == "torch":
        from ..training.devices import choose_device, choose_precision

        device = choose_device(fitted.settings.device)
        facts |= {"device": device.type, "precision": choose_precision(fitted.settings.precision, device)}
    return facts


def _only_backwards(fitted: "fitting.Fitted") -> bool:
    """True if a budget ended a training of both directions in turn within the first of them (`Stage.backwards`)."""
    stages = fitted.history.get("stage") if fitted.history else None
    return bool(stages) and all(fitted.settings.stages[number - 1].backwards for number in stages)


def _planned_epochs(fitted: "fitting.Fitted") -> int:
    settings = fitted.settings
    return (
        settings.epochs
        if fitted.method.framework == "torch"
        else sum(stage.epochs for stage in settings.stages)
    )
