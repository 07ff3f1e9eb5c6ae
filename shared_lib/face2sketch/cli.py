"""The command line: `face2sketch methods | data | train | translate | evaluate | replicate`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from . import TASKS, data, evaluation, fitting, methods, metrics, profiles
from .errors import DataError, Face2SketchError, MethodError, SavedFileError
from .metrics.structural import SMALLEST_SIDE
from .replication.command import replicate_command
from .training.checkpoints import check_writable

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Face photo to sketch synthesis and back: data, models, and honest scores.",
)
app.command("replicate")(replicate_command)
console, errors = Console(), Console(stderr=True)

DataOption = Annotated[
    str,
    typer.Option(
        "--data",
        help="'synthetic', 'cuhk_student', a folder of photos and sketches, or a .npz file of pairs.",
    ),
]
CountOption = Annotated[int, typer.Option("--count", "-n", help="How many built-in pairs to draw.")]
SizeOption = Annotated[
    str | None, typer.Option("--size", help="Resize to this: 128, or HEIGHTxWIDTH as in 250x200.")
]
CropOption = Annotated[
    str | None, typer.Option("--crop", help="Crop the centre before resizing: 200, or HEIGHTxWIDTH.")
]
SplitOption = Annotated[
    str,
    typer.Option("--split", help="'standard', 'huang', or the fraction of people to test on, as in 0.2."),
]
DirectionOption = Annotated[
    str | None, typer.Option("--task", help="The other direction of a system that learned both.")
]
TaskOption = Annotated[str, typer.Option("--task", help="photo2sketch or sketch2photo.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of the drawing, the split and the training.")]
PersonOption = Annotated[
    str | None,
    typer.Option(
        "--person",
        help="For a folder where people have several pictures: a regular expression whose first group is the person, as in "
        r"'^(\w+)-\d+$'.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


# -- reading what the user named ---------------------------------------------------------------------------------------


def _size(text: str | None, name: str) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        sides = [int(side) for side in text.lower().split("x")]
        height, width = sides * 2 if len(sides) == 1 else sides
    except ValueError:
        raise DataError(f"--{name} {text!r}: expected one number, or HEIGHTxWIDTH as in 250x200") from None
    return height, width


def _pairs(
    source: str, count: int, size: str | None, crop: str | None, seed: int, person: str | None = None,
    quiet: bool = False,
) -> "data.FacePairs":  # fmt: skip
    target, cut = _size(size, "size"), _size(crop, "crop")
    if person and (source in ("synthetic", "cuhk_student") or Path(source).suffix == ".npz"):
        raise DataError(f"--person {person}: only of a folder of pictures; {source} knows who is on them")
    if source == "synthetic":
        if cut:
            raise DataError(
                f"--crop {crop}: the built-in faces are drawn at the size that --size names, the face where a crop has it; "
                "leave --crop out, or name real pairs with --data"
            )
        height, width = target or (128, 128)
        if not quiet:  # hundreds of them take minutes
            console.print(f"drawing {count} pairs of {height}x{width} ...", highlight=False)
        return data.synthetic(n=count, size=(height, width), seed=seed)
    if source == "cuhk_student":
        pairs = data.cuhk_student()
    elif Path(source).suffix == ".npz":
        pairs = data.FacePairs.load(source)
    else:
        # resized while they are read, pictures of several sizes become pairs; a crop is from pictures as they are
        pairs = data.read_pairs(source, size=None if cut else target, person=person)
    pairs = pairs.crop(*cut) if cut else pairs
    return pairs.resize(target) if target else pairs


def _split(text: str, source: str) -> float | str:
    """The fraction of the people, or the name of the split; what is wrong with it is found before any pair is made."""
    if text in ("standard", "huang"):
        if source == "synthetic":
            raise DataError(
                f"--split {text}: the built-in faces have no such split; give a fraction, as in 0.2, or name real pairs "
                "with --data"
            )
        return text
    try:
        fraction = float(text)
    except ValueError:
        fraction = 0.0
    if not 0 < fraction < 1:
        raise DataError(
            f"--split {text!r}: expected 'standard', 'huang', or a fraction of the people above 0 and below 1, as in 0.2"
        )
    return fraction


def _check_place(file: Path) -> None:
    """A file that is to be written into a folder that there is: what forbids it is found before the work."""
    if not file.parent.is_dir():
        raise DataError(f"cannot write {file}: there is no folder {file.parent}; make it, or name another")
    check_writable(file)


@contextmanager
def _stdout_kept_for_json(as_json: bool) -> Iterator[None]:
    """With --json nothing else goes to standard output: a licence or a download is told on standard error."""
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        yield


# -- showing results ---------------------------------------------------------------------------------------------------


def _summary(scores: "pd.DataFrame", as_json: bool) -> None:
    summary = evaluation.summarise(scores)
    if as_json:
        print(
            json.dumps({"settings": scores.attrs["settings"], "scores": summary.to_dict("index")}, indent=1)
        )
        return
    people = int(summary["people"].iloc[0])
    table = Table(title=f"{scores.attrs['task']}: {len(scores)} pictures of {people} people")
    for column in ("metric", "mean", "95 % interval over people", "computed as"):
        table.add_column(column, overflow="fold")
    for name, row in summary.iterrows():
        metric = metrics.get(name)
        interval = f"{row['low']:.4f} to {row['high']:.4f}"
        table.add_row(metric.label, f"{row['mean']:.4f}", interval, metric.settings)
    console.print(table)


# -- commands ----------------------------------------------------------------------------------------------------------


@app.command("methods")
def methods_command(
    as_json: JsonOption = False,
    count: Annotated[
        bool, typer.Option("--count/--no-count", help="Build every network to count its weights.")
    ] = True,
) -> None:
    """List the register: every system, its size, its weights as built and as published."""
    rows = [methods.describe(method, count) for method in methods.all_methods()]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = Table(title="Systems and baselines (--json tells more)")
    for column in ("id", "paper", "ch.", "size", "weights", "published"):
        table.add_column(
            column, justify="right" if column in ("weights", "published") else "left", no_wrap=True
        )
    for row in rows:
        size = "x".join(map(str, row["size"])) if row["size"] else "any"
        built, stated = (f"{row[k]:,}" if row[k] else "-" for k in ("parameters", "published_parameters"))
        origin = "baseline" if row["kind"] == "baseline" else row["paper"] or "this course"
        table.add_row(row["id"], origin, str(row["chapter"]), size, built, stated)
    console.print(table)


@app.command("data")
def data_command(
    source: Annotated[str, typer.Argument(help="As for --data of the other commands.")] = "synthetic",
    count: CountOption = 64,
    size: SizeOption = None,
    crop: CropOption = None,
    person: PersonOption = None,
    seed: SeedOption = 0,
    save: Annotated[Path | None, typer.Option(help="Write the pairs to this .npz file.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write a contact sheet to this .png file.")] = None,
) -> None:
    """Read, draw or download pairs; say what they are; save them or a contact sheet."""
    if sheet:
        _check_place(sheet)
    if save and save.suffix != ".npz":
        raise DataError(f"--save {save}: pairs are saved as .npz; name it {save.name}.npz")
    pairs = _pairs(source, count, size, crop, seed, person)
    console.print(repr(pairs), markup=False)
    console.print(f"SHA-256 {pairs.checksum()}")
    if save:
        console.print(f"saved {pairs.save(save)}")
    if sheet:
        from PIL import Image

        try:
            Image.fromarray(pairs.contact_sheet()).save(sheet)
        except ValueError as error:  # Pillow goes by the suffix
            raise DataError(f"cannot write the contact sheet {sheet}: {error}; name a .png file") from error
        except OSError as error:
            raise _not_written(sheet, error) from error
        console.print(f"saved {sheet}")


@app.command("train")
def train_command(
    method: Annotated[str, typer.Argument(help="An id from `face2sketch methods`.")],
    source: DataOption = "synthetic",
    task: TaskOption = TASKS[0],
    count: CountOption = 256,
    size: SizeOption = None,
    crop: CropOption = None,
    person: PersonOption = None,
    split: SplitOption = "0.2",
    profile: Annotated[str | None, typer.Option(help="smoke, book or paper: how many epochs.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the profile's.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes of training.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Instead of the recipe's.")] = None,
    seed: SeedOption = 0,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda or mps; adversarial methods only.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="auto, fp32, bf16 or fp16; adversarial methods only.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Folder for sample sheets during training; adversarial methods only.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to save; runs/METHOD-TASK.f2s by default, with the seed if not 0."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a method, save it, and score it on the people that were held out.

    Interrupt with Ctrl-C at any time; the same command goes on where it stopped.
    """
    entry = methods.get(method)
    out = out or Path("runs") / f"{entry.id}-{task}{f'-seed{seed}' if seed else ''}.f2s"
    options = {
        "epochs": epochs, "minutes": minutes, "batch_size": batch_size, "learning_rate": learning_rate,
    }  # fmt: skip
    given = {"device": device, "precision": precision, "sheet": sheet}
    given = {name: value for name, value in given.items() if value is not None}
    if given and entry.framework != "torch":
        raise MethodError(f"{entry.id} takes no --{', --'.join(given)}: only adversarial methods do")
    # all that can be refused is refused here: pairs take minutes, a training hours
    fitting.check_settings(entry, task, profile, **options, **given)
    part, target = _split(split, source), _size(size, "size")
    if target and min(target) < SMALLEST_SIDE:
        raise DataError(
            f"--size {size}: it could not be scored; SSIM needs sides of {SMALLEST_SIDE} px or more"
        )
    for file in [out] if sheet is None else [out, sheet / "epoch-0001.png"]:
        check_writable(file)
    checkpoint = out.with_suffix(".checkpoint.npz") if entry.framework != "numpy" else None
    with _stdout_kept_for_json(as_json):
        train, test = _pairs(source, count, size, crop, seed, person, as_json).split(part, seed=seed)
        if out.is_file():
            errors.print(
                f"{out} is there already and will be replaced; --out names another file", highlight=False
            )
        if not as_json:
            console.print(
                f"{entry.id} for {task}: {len(train)} training and {len(test)} test pairs, {profiles.profile(profile)}"
            )
        try:
            fitted = fitting.fit(
                entry,
                train,
                task,
                profile,
                seed=seed,
                checkpoint=checkpoint,
                progress=not as_json,
                **options,
                **given,
            )
        except KeyboardInterrupt:
            kept = checkpoint is not None and checkpoint.is_file()
            rest = f"to go on from {checkpoint}" if kept else "to start afresh: nothing had been saved yet"
            errors.print(f"interrupted; run the same command again {rest}", highlight=False)
            raise typer.Exit(130) from None
        except SavedFileError as error:
            if checkpoint is None or str(checkpoint) not in str(error):
                raise
            raise SavedFileError(f"{error} (with --out, say, which it stands beside)") from error
        fitted.save(out)
        if checkpoint:
            checkpoint.unlink(missing_ok=True)
    if not as_json:
        console.print(f"saved {out}: {fitted!r}", markup=False)
    with _stdout_kept_for_json(as_json):
        scores = evaluation.evaluate(fitted, test)
    _summary(scores, as_json)


@app.command("translate")
def translate_command(
    fitted: Annotated[Path, typer.Argument(help="A file that `train` saved.")],
    pictures: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    out: Annotated[Path, typer.Option(help="Folder for the results, written as PNG.")] = Path("translated"),
    task: DirectionOption = None,
) -> None:
    """Translate pictures with a saved method: resized to its size, written under their own names."""
    from PIL import Image

    loaded = _loaded(fitted, task)
    files = _picture_files(pictures)
    own = {file.resolve() for file in files}
    if lost := [file for file in files if (out / f"{file.stem}.png").resolve() in own]:
        raise DataError(
            f"{lost[0]} would be overwritten by its own translation: name another folder than {out} with --out"
        )
    channels = 3 if loaded.task == "photo2sketch" else 1
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot make the folder {out}: {error.strerror or error}; name another with --out"
        ) from error
    failed = []
    for file in files:
        try:
            picture = data.images.resized(data.read_picture(file, channels)[None], loaded.size)
        except DataError as error:  # One bad picture does not stop the rest.
            failed.append(str(error))
            continue
        result = data.images.eight_bit(loaded.translate(picture)[0])
        target = out / f"{file.stem}.png"
        try:
            Image.fromarray(result if result.shape[-1] == 3 else result[..., 0]).save(target)
        except OSError as error:
            raise _not_written(target, error) from error
    console.print(f"{len(files) - len(failed)} of {len(files)} pictures translated into {out}")
    if failed:
        raise DataError("not translated:\n" + "\n".join(failed))


def _not_written(file: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot write {file}: {error.strerror or error}; free some space, or choose another folder"
    )


def _loaded(path: Path, task: str | None) -> fitting.Fitted:
    """A saved method, in the direction asked for."""
    return fitting.load(path).for_task(task) if task else fitting.load(path)


def _picture_files(paths: list[Path]) -> list[Path]:
    files = []
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if data.images.is_picture(file))
            if not found:
                raise DataError(f"{path}: no pictures in this folder")
            files += found
        else:
            files.append(path)
    clashes = sorted({file.stem for file in files if [f.stem for f in files].count(file.stem) > 1})
    if clashes:
        raise DataError(
            f"several pictures are called {', '.join(clashes[:5])}: their results would overwrite each other; "
            "translate them into different folders"
        )
    return files


@app.command("evaluate")
def evaluate_command(
    fitted: Annotated[Path, typer.Argument(help="A file that `train` saved.")],
    source: DataOption = "synthetic",
    count: CountOption = 256,
    size: SizeOption = None,
    crop: CropOption = None,
    person: PersonOption = None,
    split: SplitOption = "0.2",
    seed: SeedOption = 0,
    task: DirectionOption = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="A measure to compute; may be given several times.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the score of every picture here.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Score a saved method on the test side of a split: use the data, count, split and seed it was trained with. Built-in
    faces are drawn at its size."""
    for name in metric or ():
        metrics.get(name)
    loaded = _loaded(fitted, task)
    part = _split(split, source)
    if csv:
        _check_place(csv)
    if source == "synthetic" and size is None:
        size = "{}x{}".format(*loaded.size)
    with _stdout_kept_for_json(as_json):
        _, test = _pairs(source, count, size, crop, seed, person, as_json).split(part, seed=seed)
    if known := loaded.known_among(test.people):
        errors.print(
            f"[bold red]warning:[/] {len(known)} of the {len(test.people)} test people were trained on "
            f"({escape(', '.join(known[:3]))}, ...), and the scores flatter. Use the --data, --count, --split and --seed "
            "of the training.",
            highlight=False,
        )
    with _stdout_kept_for_json(as_json):
        scores = evaluation.evaluate(loaded, test, metrics=metric or evaluation.METRICS)
    if csv:
        try:
            scores.to_csv(csv, index=False)
        except OSError as error:
            raise _not_written(csv, error) from error
    _summary(scores, as_json)


def main() -> None:
    """Run the command line; what is the input's fault is said in one message, without a traceback."""
    try:
        app()
    except Face2SketchError as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
