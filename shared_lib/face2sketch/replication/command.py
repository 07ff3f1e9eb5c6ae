"""`face2sketch replicate`: the queue of runs on the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from .. import TASKS
from ..errors import DataError, MethodError
from ..methods import PAPERS
from . import experiments as experiments_of_the_chapters
from .comparison import Cell, compare
from .protocols import PROTOCOLS, papers, select
from .queue import Ending, Step, commands, is_to_do, work
from .records import Record, read_records
from .runs import Run, cuhk, record_of, rescore

console = Console()


def replicate_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[METHOD]...", help="Ids of the register, or papers (huang); all if none is named."
        ),
    ] = None,
    experiments: Annotated[
        list[str] | None,
        typer.Option(
            "--experiment", help="Runs of an experiment of the chapters instead; may be given several times."
        ),
    ] = None,
    task: Annotated[str | None, typer.Option("--task", help="One direction; both if left out.")] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="as-published or common; both if left out.")
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option("--seeds", help="0, or 0,2, or 0-2; if left out, 0 as published, 0-2 in common."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget", help="End each training after 90s, 100m or 2h; a later, larger budget goes on."
        ),
    ] = None,
    only: Annotated[str, typer.Option(help="Only runs whose name contains this.")] = "",
    profile: Annotated[
        str, typer.Option(help="paper; or smoke, one epoch each, to try things out.")
    ] = "paper",
    out: Annotated[Path, typer.Option(help="Folder of the records.")] = Path("book/results"),
    outputs: Annotated[
        Path | None,
        typer.Option(help="Keep the outputs here, for later measures. They show real people: publish none."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--rescore", help="Run nothing: add new measures to records from kept outputs.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--list", help="List the runs and whether they are done; run nothing.")
    ] = False,
    as_table: Annotated[
        bool,
        typer.Option("--table", help="Print the papers' tables beside what the records hold; run nothing."),
    ] = False,
    as_commands: Annotated[
        bool,
        typer.Option(
            "--commands", help="Print one command for each run to do, for a scheduler; run nothing."
        ),
    ] = False,
) -> None:
    """Run systems on the CUHK student pairs and record them, one JSON file a run.

    What has its record is not run again. Interrupt with Ctrl-C at any time, and the same command goes on; start it twice,
    and the two share the work.
    """
    minutes = _minutes(budget)
    if as_table:
        _print_tables(names or papers(), out)
        return
    if task not in (None, *TASKS):
        raise MethodError(f"--task {task!r}: expected one of {', '.join(TASKS)}")
    runs = _runs(names, experiments, task, protocol, seeds, profile)
    if not runs:
        chosen = [f"--task {task}"] * bool(task) + [f"--seeds {seeds}"] * bool(seeds)
        raise MethodError(
            f"no run has {' and '.join(chosen)}: leave that out, and --list shows what there is"
        )
    runs = [run for run in runs if only in run.name]
    if not runs:
        raise MethodError(f"no run's name contains {only!r}: --list shows them")
    if show:
        _list_runs(runs, out)
    elif as_commands:
        for line in commands([run for run in runs if is_to_do(run, out, minutes)], out, minutes, outputs):
            print(line)
    elif again:
        for run in runs:
            added = rescore(run, out, _wanted(outputs))
            _say(f"{run.experiment}/{run.name} {', '.join(added) or 'nothing to add'}")
    else:
        _work(runs, out, outputs, minutes)


def _runs(
    names: list[str] | None,
    experiments: list[str] | None,
    task: str | None,
    protocol: str | None,
    seeds: str | None,
    profile: str,
) -> list[Run]:
    """The runs that the arguments name."""
    wanted = _seeds(seeds)
    if not experiments:
        return select(
            names or [],
            [task] if task else TASKS,
            [protocol] if protocol else PROTOCOLS,
            wanted,
            profile,
        )
    if names or protocol or profile != "paper":
        raise MethodError("--experiment says method, protocol and epochs itself: leave those out")
    runs = [run for name in experiments for run in experiments_of_the_chapters.experiment(name)]
    return [run for run in runs if task in (None, run.task) and (wanted is None or run.seed in wanted)]


def _minutes(text: str | None) -> float | None:
    if text is None:
        return None
    number, unit = (text[:-1], text[-1]) if text.endswith(("s", "m", "h")) else (text, "m")
    try:
        minutes = float(number) * {"s": 1 / 60, "m": 1.0, "h": 60.0}[unit]
    except (ValueError, KeyError):
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        raise MethodError(f"--budget {text!r}: expected a time above 0, as in 90s, 100m or 2h")
    return minutes


def _seeds(text: str | None) -> list[int] | None:
    if text is None:
        return None
    seeds = []
    try:
        for part in text.split(","):
            first, dash, last = part.partition("-")
            seeds += range(int(first), int(last if dash else first) + 1)
    except ValueError:
        seeds = []
    if not seeds:
        raise MethodError(f"--seeds {text!r}: expected numbers, as in 0, or 0,2, or 0-2")
    return seeds


def _say_where(out: Path) -> None:
    """The folder that is looked into: from another working folder the usual one is not there, and nothing is done in it."""
    where = f"records in {out.absolute()}"
    if not out.is_dir():
        where += ": no such folder. Call this from the folder of the repository, or name one with --out"
    _say(where)


def _list_runs(runs: list[Run], out: Path) -> None:
    _say_where(out)
    for number, run in enumerate(runs, start=1):
        record = record_of(run, out)
        state = "to do" if record is None else "done" if record.complete else _epochs(record)
        _say(f"[{number}/{len(runs)}] {run.experiment}/{run.name} {state}")


def _print_tables(names: list[str], out: Path) -> None:
    """Claimed, as published, common, for each paper."""
    if unknown := [name for name in names if name not in papers()]:
        raise MethodError(f"--table takes papers, not {unknown[0]!r}: {', '.join(papers())}")
    _say_where(out)
    records = read_records(out)
    if trials := sum(record.trial for record in records):
        _say(f"records of trials (--profile smoke), left out: {trials}")
    for paper in names:
        shown = Table(title=f"{PAPERS[paper]}: ours with 95 % intervals")
        for column in ("system", "direction", "measure", "claimed", "as published, ours", "common, ours"):
            shown.add_column(column, no_wrap=column in ("system", "measure", "claimed"))
        for row in compare(paper, records):
            figure = row.figure
            cells = (_cell(cell, figure.metric) for cell in (row.as_published, row.common))
            direction = figure.task.replace("2", " to ")
            shown.add_row(figure.system, direction, figure.metric, figure.printed + figure.unit, *cells)
        console.print(shown)


def _cell(cell: Cell, metric: str) -> str:
    if cell.mean is None:
        return "diverged" if cell.diverged else "not measured" if cell.seeds else "not run"
    digits = 4 if metric == "mse" else 3
    interval = "" if cell.low is None else f" ({cell.low:.{digits}f} to {cell.high:.{digits}f})"
    partly = f", {cell.epochs} of {cell.planned} epochs" if cell.short else ""
    return f"{cell.mean:.{digits}f}{interval}{partly}"


def _epochs(record: Record) -> str:
    """How far a budget let a training go."""
    return f"{record.training['epochs']} of {record.training['planned_epochs']} epochs"


def _work(runs: list[Run], out: Path, outputs: Path | None, minutes: float | None) -> None:
    """Go through the queue and say so."""

    def begun(step: Step) -> None:
        length = f"about {_duration(step.seconds)}" if step.seconds else "nobody has timed it yet"
        rest = f"{step.unknown} of unknown length" if step.unknown else ""
        left = ", ".join(
            part for part in (_duration(step.seconds_left) if step.seconds_left else "", rest) if part
        )
        _say(
            f"[{step.number}/{step.total}] {step.run.experiment}/{step.run.name}: {length}; all that is left: {left}"
        )

    def ended(ending: Ending) -> None:
        label = (
            f"[{ending.step.number}/{ending.step.total}] {ending.step.run.experiment}/{ending.step.run.name}"
        )
        if ending.state not in ("made", "known"):  # an earlier, shorter end may have left a record
            failed = f"failed: {ending.killed}" if ending.killed else ending.state
            _say(f"{label} {'is under way in another process' if ending.state == 'busy' else failed}")
            return
        scores = ", ".join(f"{name} {one['mean']:.4f}" for name, one in ending.record.summary.items())
        partly = "" if ending.record.complete else f" ({_epochs(ending.record)})"
        training = ending.record.training
        _say(f"{label} {scores or training['diverged'] or training['unlearned']}{partly}")

    cuhk()  # said once, before any run has begun
    try:
        states = work(runs, out, outputs=outputs, minutes=minutes, begun=begun, ended=ended)
    except KeyboardInterrupt:
        _say("interrupted; run the same command again to go on")
        raise typer.Exit(130) from None
    said = {"made": "made", "known": "had their record", "busy": "under way elsewhere", "failed": "failed"}
    _say("runs: " + ", ".join(f"{states[name]} {words}" for name, words in said.items() if states[name]))
    if states["failed"]:
        raise typer.Exit(1)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _wanted(outputs: Path | None) -> Path:
    if outputs is None:
        raise DataError("--rescore reads the outputs that runs have kept: name their folder with --outputs")
    return outputs
