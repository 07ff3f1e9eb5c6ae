"""Many runs, one after the other: what is done is left alone, what was stopped goes on, what another runner has under way
is left to it."""

import shlex
import signal
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import Face2SketchError, RunBusyError
from .processes import INTERRUPTED, in_a_process
from .records import Record, read_records
from .runs import Run, perform, record_of

BUSY, FAILED = 75, 2  # exit codes of a run's own process, beside INTERRUPTED
_OVERHEAD_SECONDS = 20.0  # a process, its framework, the pairs, the scores


@dataclass(frozen=True)
class Step:
    """What is known before a run is begun.

    Attributes:
        number, total: its place among all runs of the queue.
        run: what is to be done.
        seconds: about how long it will take; None if no run like it has been recorded.
        seconds_left: the same for this and all runs behind it, those of unknown length left out.
        unknown: how many of these there are.
    """

    number: int
    total: int
    run: Run
    seconds: float | None
    seconds_left: float
    unknown: int


@dataclass(frozen=True)
class Ending:
    """How a run ended: "made", "known" (its record was there), "busy" (another runner has it), or "failed".

    A process that fails prints why. `killed` says it for one that was killed before it could; otherwise it is None.
    """

    step: Step
    state: str
    record: Record | None = None
    killed: str | None = None


def work(
    runs: Sequence[Run],
    folder: Path,
    *,
    outputs: Path | None = None,
    minutes: float | None = None,
    progress: bool = True,
    job: Callable[..., int] | None = None,
    begun: Callable[[Step], None] = lambda step: None,
    ended: Callable[[Ending], None] = lambda ending: None,
) -> Counter:
    """Do all runs that have no record yet, each in a process of its own.

    A run that fails, or that the system kills for want of memory, does not stop the others. Ctrl-C or SIGTERM
    stops the queue: the run under way saves where it is, and the same call goes on from there.

    Args:
        runs: in the order in which they are to be done.
        folder, outputs, minutes, progress: as for `perform`.
        job: does one run and returns its exit code, with the arguments (run, folder, outputs, minutes, progress); a new
            process if None.
        begun, ended: called before and after each run, to say so.

    Returns:
        How many runs ended in each state of `Ending`.

    Raises:
        KeyboardInterrupt: after the run under way has been saved.
    """
    folder, job, states = Path(folder), job or _in_a_process, Counter()
    for number, run in enumerate(runs, start=1):
        code = 0
        if not is_to_do(run, folder, minutes):
            state, step = "known", Step(number, len(runs), run, None, 0.0, 0)
        else:
            step = Step(number, len(runs), run, *_outlook(runs[number - 1 :], folder, minutes))
            begun(step)
            code = job(run, folder, outputs, minutes, progress)
            if code == INTERRUPTED:
                raise KeyboardInterrupt
            state = {0: "made", BUSY: "busy"}.get(code, "failed")
        states[state] += 1
        ended(Ending(step, state, record_of(run, folder), _killed(code)))
    return states


def _killed(code: int) -> str | None:
    """What the exit code of a killed process tells: `multiprocessing` gives the signal, negated."""
    if code >= 0:
        return None
    known = {number.value: number.name for number in signal.Signals}
    name = known.get(-code, f"signal {-code}")  # real-time signals have no names
    memory = "; if nobody sent it, memory ran out: try one runner at a time" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{memory}. The same command goes on from what was saved"


def is_to_do(run: Run, folder: Path, minutes: float | None = None) -> bool:
    """True for a run without a record, and for one that a smaller budget than `minutes` (None: no budget) ended."""
    known = record_of(run, folder)
    return known is None or known.may_go_on(minutes)


def _outlook(runs: Sequence[Run], folder: Path, minutes: float | None) -> tuple[float | None, float, int]:
    """Seconds of the first run, seconds of all that have to be done, and how many of them nobody can tell."""
    records = {
        name: read_records(folder / name)
        for name in {run.experiment for run in runs}
        if (folder / name).is_dir()
    }
    times = []
    for run in runs:
        mine = [r for r in records.get(run.experiment, []) if r.run == asdict(run)]
        if not mine or mine[0].may_go_on(minutes):
            times.append(seconds_of(run, records.get(run.experiment, []), minutes))
    return times[0], sum(time for time in times if time is not None), times.count(None)


def _in_a_process(run: Run, folder: Path, outputs: Path | None, minutes: float | None, progress: bool) -> int:
    return in_a_process(do, run, folder, outputs, minutes, progress)


def do(
    run: Run, folder: Path, outputs: Path | None = None, minutes: float | None = None, progress: bool = True
) -> None:
    """`perform` as a program of its own: what goes wrong is said in one message and in the exit code."""
    try:
        perform(run, folder, outputs=outputs, minutes=minutes, progress=progress)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except RunBusyError:
        sys.exit(BUSY)
    except Face2SketchError as error:
        print(f"{run.name}: {error}", file=sys.stderr)
        sys.exit(FAILED)


def seconds_of(run: Run, records: Iterable[Record], minutes: float | None = None) -> float | None:
    """About how long a run will take, from records of runs like it: the same system, size and protocol, whatever the
    direction and the seed. None if there is no such record.

    Args:
        run: what is to be done.
        records: among which to look.
        minutes: the budget, as for `perform`.
    """
    shared = ("experiment", "method", "arm", "size", "split", "options", "paper", "profile")
    wanted = asdict(run)
    times = [
        time
        for record in records
        if all(record.run[name] == wanted[name] for name in shared)
        and (time := _whole_time(record)) is not None
    ]
    if not times:
        return None
    expected = statistics.median(times)
    return expected if minutes is None else min(expected, 60 * minutes + _OVERHEAD_SECONDS)


def _whole_time(record: Record) -> float | None:
    """Seconds that a record's run took, or would have taken without a budget."""
    training, wall = record.training, record.provenance.get("seconds")
    if training["seconds"] is None:  # no training, or one that diverged
        return wall
    around = _OVERHEAD_SECONDS if wall is None else max(wall - training["seconds"], 0.0)
    done = training["epochs"] or 1
    return around + training["seconds"] * max(training.get("planned_epochs") or done, done) / done


def commands(
    runs: Iterable[Run], folder: Path, minutes: float | None = None, outputs: Path | None = None
) -> list[str]:
    """One shell command for each run, for a scheduler that hands out jobs: each is independent of the others.

    Args:
        runs: those to do.
        folder, minutes, outputs: as for `perform`.
    """
    rest = f" --out {shlex.quote(str(folder))}"
    rest += "" if minutes is None else f" --budget {minutes:g}m"
    rest += "" if outputs is None else f" --outputs {shlex.quote(str(outputs))}"
    lines = []
    for run in runs:
        source = "" if run.protocol != "experiment" else f" --experiment {run.experiment}"
        profile = "" if run.profile == "paper" else f" --profile {run.profile}"
        lines.append(f"face2sketch replicate{source} --seeds {run.seed} --only {run.name}{rest}{profile}")
    return lines
