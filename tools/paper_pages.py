"""Write the pages of book/replication from the records in book/results and from what the papers print.

python tools/paper_pages.py            # renew what stands between the pages' markers
python tools/paper_pages.py --check    # change nothing, fail where a page is behind
"""

from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from face2sketch import methods, published, replication
from face2sketch.replication import comparison, conventions, protocols
from face2sketch.replication.comparison import Cell, Row, Verdict

from marked import DIRECTIONS, main_of_all, signed, sortable, table, wordy
from project import ROOT
from systems import NAMES

PAGES = ROOT / "book" / "replication"
RESULTS = ROOT / "book" / "results"
SPACE = "\N{NO-BREAK SPACE}"
DIGITS = {"mse": 4, "psnr": 2}
PROTOCOLS = {"as-published": "as published", "common": "common", "ablations": "equal budget"}
NOT_RUN = "not run"
NOT_MEASURED = "not measured"


@cache
def records() -> tuple[replication.Record, ...]:
    """Records of both protocols and of MSG-SARL's ablations; empty while a folder is."""
    found = []
    for name in ("as-published", "league", "ablations"):
        folder = RESULTS / name
        found += replication.read_records(folder) if folder.is_dir() else []
    return tuple(record for record in found if not record.trial)


# -- a paper's tables --------------------------------------------------------------------------------------------------


def number(value: float, metric: str) -> str:
    """A value with the digits that its measure is shown with."""
    return f"{value:.{DIGITS.get(metric, 3)}f}"


def shown(cell: Cell, metric: str) -> str:
    """A cell of a table: mean, interval, seeds if there are several, epochs if something was trained."""
    lost = f"{len(cell.diverged)} of {len(cell.diverged) + len(cell.seeds)} diverged" if cell.diverged else ""
    if cell.mean is None:
        return lost or (NOT_MEASURED if cell.seeds else NOT_RUN)
    text = number(cell.mean, metric)
    if cell.low is not None:
        text += f" ({number(cell.low, metric)} to {number(cell.high, metric)})"
    notes = [f"{len(cell.seeds)} seeds"] if len(cell.seeds) > 1 else []
    if cell.epochs is not None:
        notes.append(f"{cell.epochs} of {cell.planned} epochs" if cell.short else f"{cell.epochs} epochs")
    notes += [lost] if lost else []
    return text + (f"<br>{', '.join(notes)}" if notes else "")


def claimed(figure: published.Figure) -> str:
    """A figure as it is printed; per cent as a fraction too, which ours beside it is."""
    return f"{figure.printed}{SPACE}%<br>({figure.value:.3f})" if figure.unit else figure.printed


def remarks(row: Row) -> str:
    """What stands out in a row: how far ours is from the claim, and whether a baseline does better."""
    metric, claim, cell = row.figure.metric, row.figure.value, row.as_published
    said = []
    if cell.mean is not None:
        said.append("too short a run to meet the claim with" if cell.short else distance(cell, claim, metric))
    if row.bar is not None and beats(row.bar[1], claim, metric):
        said.append(f"`{row.bar[0]}` ({number(row.bar[1], metric)}) beats the claim")
    if (
        row.common_bar is not None
        and row.common.mean is not None
        and beats(row.common_bar[1], row.common.mean, metric)
    ):
        said.append(f"in common, `{row.common_bar[0]}` ({number(row.common_bar[1], metric)}) beats it")
    return "; ".join(said) or "-"


def distance(cell: Cell, claim: float, metric: str) -> str:
    """How far our figure is from the paper's."""
    gap = signed(cell.mean - claim, DIGITS.get(metric, 3))
    if cell.low is None:
        return f"ours {gap}"
    return f"ours {gap}, the claim {'within' if cell.low <= claim <= cell.high else 'outside'} our interval"


def beats(value: float, other: float, metric: str) -> bool:
    """True if the first is the better one."""
    return value > other if published.HIGHER_IS_BETTER[metric] else value < other


def label(metric: str) -> str:
    """The measure's name."""
    return NAMES.get(metric, metric.upper())


def versus(paper: str) -> str:
    """Claimed, as published, common: a table for each direction."""
    found = comparison.compare(paper, records())
    parts = []
    for task, title in DIRECTIONS.items():
        rows = [
            (f"`{row.figure.system}`", label(row.figure.metric), claimed(row.figure),
             shown(row.as_published, row.figure.metric), shown(row.common, row.figure.metric), remarks(row))
            for row in found if row.figure.task == task
        ]  # fmt: skip
        if rows:
            head = ("System", "Measure", "Claimed", "As published, ours", "Common, ours", "Remarks")
            parts.append(f"**{title}**\n\n{wordy(table(head, rows))}")
    return "\n\n".join(parts)


def measures(paper: str) -> str:
    """How the paper's measures are read."""
    return f"Measures: {conventions.NOTES[paper]}."


def beside(paper: str) -> str:
    """Systems of a paper without a printed figure, and the corrected ones, by the same measures."""
    printed = {f.system for f in published.FIGURES if f.paper == paper}
    others = [m.id for m in methods.all_methods() if m.id.startswith(f"{paper}-") and m.id not in printed]
    names = list(
        dict.fromkeys(
            f.metric for f in published.FIGURES if f.paper == paper and f.dataset == comparison.DATASET
        )
    )
    names = [name for name in names if name not in ("loss", "accuracy")]
    rows = []
    for system in others:
        for task in DIRECTIONS:
            for metric in names:
                asked = {"arm": system, "task": task, "metric": metric, "paper": paper}
                cells = [comparison.cell(records(), protocol, **asked) for protocol in protocols.PROTOCOLS]
                if any(cell.seeds or cell.diverged for cell in cells):
                    rows.append(
                        (
                            f"`{system}`",
                            DIRECTIONS[task],
                            label(metric),
                            *(shown(cell, metric) for cell in cells),
                        )
                    )
    if not rows:
        return "None of them has been run yet."
    return wordy(table(("System", "Direction", "Measure", "As published, ours", "Common, ours"), rows))


def bars(paper: str) -> str:
    """The baselines under the paper's own rules and under the common ones."""
    sizes = sorted(
        {run.size for run in protocols.as_published() if run.paper == paper and run.method in protocols.BARS}
    )
    names = list(
        dict.fromkeys(
            f.metric
            for f in published.FIGURES
            if f.paper == paper and f.dataset == comparison.DATASET and f.metric != "loss"
        )
    )
    parts = []
    for task, title in DIRECTIONS.items():
        rows = []
        for name in (*protocols.BARS, *([protocols.TURNED_LOOKUP] if paper in protocols.leaky() else [])):
            for size in sizes or [None]:
                arm = name if size is None else f"{name}-{paper}-{size}"
                own = [bar_cell("as-published", arm, task, metric, paper) for metric in names] if size else []
                asked = "-" if name == protocols.TURNED_LOOKUP else None  # nothing has leaked there
                common = [asked or bar_cell("common", name, task, metric, paper) for metric in names]
                cells = [*own, *common]
                if any(cell not in (NOT_RUN, "-") for cell in own or common):
                    rows.append((f"`{name}`", *([f"{size}{SPACE}px"] if len(sizes) > 1 else []), *cells))
        if rows:
            head = ["Baseline", *(["Size"] if len(sizes) > 1 else [])]
            head += [f"{label(m)}, as published" for m in names] if sizes else []
            head += [f"{label(m)}, common" for m in names]
            parts.append(f"**{title}**\n\n{table(head, rows, right=len(head) - 1)}")
    return "\n\n".join(parts) or "None has been run yet."


def bar_cell(protocol: str, arm: str, task: str, metric: str, paper: str) -> str:
    """The mean alone: baselines are many."""
    cell = comparison.cell(records(), protocol, arm, task, metric, paper)
    return number(cell.mean, metric) if cell.mean is not None else "-" if cell.seeds else NOT_RUN


def two_rules(paper: str) -> str:
    """Sketches scored against the photo, as a paper's code does, and against the sketch: systems, baselines, the artist."""
    task, names = "photo2sketch", conventions.AGAINST_THE_PHOTO[paper]
    runs = [run for run in protocols.as_published() if (run.paper, run.task) == (paper, task)]
    rows = []
    for size in sorted({run.size for run in runs}):
        found: list[tuple[str, list[str]]] = []
        for run in (run for run in runs if run.size == size):
            asked = {"arm": run.arm, "task": task, "paper": paper}
            cells = [
                comparison.cell(records(), "as-published", metric=f"{rule}{name}", **asked)
                for rule in ("", "target_")
                for name in names
            ]
            if cells[0].mean is None:
                continue
            label_of = f"`{run.method}`" + (
                f", {cells[0].epochs} of {cells[0].planned} epochs" if cells[0].short else ""
            )
            found.append((label_of, [number(cell.mean, "") for cell in cells]))
            artist = [
                comparison.cell(records(), "as-published", metric=f"artist_{name}", **asked) for name in names
            ]
        if found:
            perfect = ["0.000" if name != "ssim" else "1.000" for name in names]
            found.insert(
                0, ("**the artist's own sketches**", [number(cell.mean, "") for cell in artist] + perfect)
            )
            rows += [(f"{size}{SPACE}px", name, *values) for name, values in found]
    if not rows:
        return "None has been run yet."
    head = [f"{label(name)}, {rule}" for rule in ("to the photo", "to the sketch") for name in names]
    return table(("Size", "Who draws", *head), rows, right=len(head))


def other_range(paper: str) -> str:
    """SSIM by the paper's rules, and by scikit-image's habits of that time, where the outputs were kept and scored so."""
    rows = []
    for row in comparison.compare(paper, records()):
        figure = row.figure
        asked = {"arm": figure.system, "task": figure.task, "paper": paper}
        other = comparison.cell(records(), "as-published", metric="ssim_range_2", **asked)
        if figure.metric == "ssim" and other.mean is not None and not other.short:
            values = claimed(figure), number(row.as_published.mean, "ssim"), number(other.mean, "ssim")
            rows.append((f"`{figure.system}`<br>{DIRECTIONS[figure.task]}", *values))
    if not rows:
        return "No complete run has been scored so yet."
    return table(("SSIM", "Claimed", "Range 1", "Range 2"), rows, right=3)


# -- claims ------------------------------------------------------------------------------------------------------------


def claims(papers: Iterable[str]) -> str:
    """Which conclusions our measurements bear out: a table for each conclusion."""
    parts = []
    for paper in papers:
        groups: dict[tuple[str, str], list[published.Claim]] = {}
        for claim in published.CLAIMS:
            if claim.paper == paper:
                groups.setdefault((claim.says, claim.where), []).append(claim)
        for (says, place), group in groups.items():
            parts.append(f"**{says[0].upper()}{says[1:]}** ({place})\n\n{claim_table(group)}")
    return "\n\n".join(parts)


def claim_table(group: list[published.Claim]) -> str:
    """A line for each pair of systems and each measure that a conclusion is about."""
    rows = []
    for claim in group:
        own, common = verdicts(claim)
        rows.append(
            (f"`{claim.better}` over `{claim.worse}`", f"{label(claim.metric)}, {DIRECTIONS[claim.task].lower()}",
             "yes" if own.printed else "**no**", verdict_shown(own), verdict_shown(common))
        )  # fmt: skip
    return wordy(table(("Claimed", "By", "In print", "As published, ours", "Common, ours"), rows))


@cache
def verdicts(claim: published.Claim) -> tuple[Verdict, Verdict]:
    """As published, and under the common rules; MSG-SARL's parts, which only have an equal small budget, under that."""
    own, common, small = (comparison.judge(claim, records(), protocol) for protocol in PROTOCOLS)
    return own, small if claim.paper == "duan" and common.word == NOT_RUN else common


def verdict_shown(verdict: Verdict) -> str:
    """A verdict with the difference that it rests on."""
    if verdict.difference is None:
        return verdict.word
    digits = DIGITS.get(verdict.claim.metric, 3) + 1
    values = [signed(v, digits) for v in (verdict.difference, verdict.low, verdict.high)]
    notes = [f"{values[0]} ({values[1]} to {values[2]})"]
    notes += ["at 96 px"] if verdict.protocol == "ablations" else []
    if None not in verdict.epochs:
        first, second = verdict.epochs
        notes.append(f"{first} epochs" if first == second else f"{first} and {second} epochs")
    if verdict.seeds == (1, 1):
        notes += ["1 seed"] if verdict.protocol == "ablations" else []  # beside lines of several
    else:
        notes.append(f"{' and '.join(map(str, verdict.seeds))} seeds")
    for system, ended, lost in zip(
        (verdict.claim.better, verdict.claim.worse), verdict.seeds, verdict.diverged, strict=True
    ):
        notes += [f"{lost} of {ended + lost} runs of `{system}` diverged"] if lost else []
    return f"**{verdict.word}**<br>{', '.join(notes)}"


def tally() -> str:
    """How many claims hold, by protocol."""
    rows = []
    judged = zip(*(verdicts(claim) for claim in published.CLAIMS), strict=True)
    for title, found in zip(("as published", "common, or an equal small budget"), judged, strict=True):
        words = [verdict.word for verdict in found]
        counts = [
            str(words.count(word))
            for word in ("holds", "the reverse", "cannot be told", "cut short", NOT_RUN)
        ]
        rows.append((title, *counts))
    return table(("Protocol", "Hold", "The reverse", "Cannot be told", "Cut short", "Not run"), rows, right=5)


# -- provenance --------------------------------------------------------------------------------------------------------


def provenance(protocol: str) -> str:
    """A line for each run."""
    chosen = [r for r in records() if r.provenance["protocol"] == protocol]
    rows = []
    for r in sorted(chosen, key=lambda r: (r.run["paper"] or "", r.run["arm"], r.run["task"], r.run["seed"])):
        training, made = r.training, r.provenance
        planned = training.get("planned_epochs") or training["epochs"]
        epochs = "-" if training["epochs"] is None else f"{training['epochs']} of {planned}"
        seconds = made.get("seconds") or training["seconds"]
        rows.append(
            (f"`{short_name(r)}`", *([methods.PAPERS[r.run["paper"]]] if r.run["paper"] else []), DIRECTIONS[r.run["task"]],
             str(r.run["seed"]), "diverged" if training["diverged"] else epochs,
             f"{r.run['size']}{SPACE}px", "-" if seconds is None else f"{seconds / 60:.1f}",
             "-" if made.get("memory_gb") is None else f"{made['memory_gb']:.1f}", where(made), made["date"],
             made["data"]["train"][:8], (made.get("commit") or "-")[:8])
        )  # fmt: skip
    if not rows:
        return "No run yet."
    head = ["System", *(["Rules of"] if protocol == "as-published" else [])]
    head += ["Direction", "Seed", "Epochs", "Size", "Minutes", "GB", "On", "Date", "Data", "Commit"]
    return sortable(table(head, rows))


def short_name(record: replication.Record) -> str:
    """The arm; of a baseline under a paper's rules without the paper, which has a column of its own."""
    arm, paper, size = (record.run[name] for name in ("arm", "paper", "size"))
    return arm.removesuffix(f"-{paper}-{size}")


def where(made: dict) -> str:
    """The device; for records of before it was noted, the machine."""
    device = made.get("device")
    name = (device or made["machine"]).replace("(R)", "").replace("(TM)", "")
    return name + (f", {made['backend']}" if made.get("backend") else "")


def hours() -> str:
    """How much time went where. A training that learns both directions at once leaves its whole time in the records of both,
    and is counted once."""
    both_ways = {method.id for method in methods.all_methods() if method.both_ways}
    rows = []
    for experiment in sorted(
        path.name for path in RESULTS.iterdir() if path.is_dir() and not path.name.startswith(".")
    ):
        found = [r for r in replication.read_records(RESULTS / experiment) if not r.trial]
        seconds = {}
        for r in found:
            training = r.run | ({"task": "both"} if r.run["method"] in both_ways else {})
            seconds[str(training)] = r.provenance.get("seconds") or r.training["seconds"] or 0.0
        runs = {
            (r.run["arm"], r.run["seed"], r.run["pairs"], str(r.run["options"]), r.run["task"]) for r in found
        }
        planned = planned_runs(experiment)
        done = f"{len(runs)}" if planned is None else f"{len(found)} of {planned}"
        rows.append((experiment, done, f"{sum(seconds.values()) / 3600:.1f}"))
    rows.append(("all", "", f"{sum(float(row[2]) for row in rows):.1f}"))
    return table(("Experiment", "Records", "Hours"), rows, right=2)


def planned_runs(experiment: str) -> int | None:
    """How many records there are to be: those with both directions leave two."""
    if experiment == "as-published":
        runs = protocols.as_published()
    elif experiment == "league":
        runs = [run for seed in protocols.SEEDS for run in protocols.common(seed)]
    elif experiment in replication.EXPERIMENTS:
        runs = replication.experiment(experiment)
    else:
        return None
    return sum(2 if methods.get(run.method).both_ways else 1 for run in runs)


# -- what to expect ----------------------------------------------------------------------------------------------------


def expected() -> str:
    """How long each system's as-published training takes in one direction, and where, from records."""
    found = [r for r in records() if r.provenance["protocol"] == "as-published" and r.training["epochs"]]
    rows = []
    for run in protocols.as_published():
        if run.method in protocols.BARS or run.task != "photo2sketch":
            continue
        mine = [r for r in found if r.run["arm"] == run.arm]
        mine = [r for r in mine if r.complete] or mine  # a guess only where there is no measurement
        times = {where(r.provenance): whole_time(r) for r in reversed(mine)}  # of two directions, the first
        recipe = methods.get(run.method).recipe
        rows += [
            (f"`{run.arm}`", recipe.losses, f"{run.size}{SPACE}px", time, device.removeprefix("CPU: "))
            for device, time in (times or {"-": NOT_RUN}).items()
        ]
    said = table(("System", "Loss, epochs", "Size", "Time", "On"), rows)
    if all(where(r.provenance).startswith("CPU") for r in found):
        said += "\n\nAll of these are processors: no run has been timed on a GPU yet."
    return said


def whole_time(record: replication.Record) -> str:
    """Hours and minutes; extrapolated from a run that a budget cut short."""
    training = record.training
    seconds = (
        training["seconds"] * (training.get("planned_epochs") or training["epochs"]) / training["epochs"]
    )
    text = f"{seconds / 60:.0f}{SPACE}min" if seconds < 5400 else f"{seconds / 3600:.1f}{SPACE}h"
    return text if record.complete else f"about {text} (from {training['epochs']} epochs)"


def to_do() -> str:
    """What has not been run, with its command."""
    rows = []
    for paper in protocols.papers():
        for protocol in protocols.PROTOCOLS:
            runs = replication.select([paper], protocols=[protocol])
            missing = [run for run in runs if not done(run)]
            if missing:
                systems = [run for run in missing if run.method not in protocols.BARS]
                arms = ", ".join(f"`{name}`" for name in dict.fromkeys(run.arm for run in systems))
                others = len(missing) - len(systems)
                arms += f"{', ' if arms else ''}{others} of baselines" if others else ""
                rows.append(
                    (methods.PAPERS[paper], PROTOCOLS[protocol], f"{len(missing)} of {len(runs)}", arms,
                     f"`face2sketch replicate {paper} --protocol {protocol}`")
                )  # fmt: skip
    return table(("Paper", "Protocol", "Runs", "Of", "Command"), rows) if rows else "Every run has been made."


@cache
def known() -> dict[str, replication.Record]:
    """Records by their run's name."""
    return {replication.Run(**r.run).name: r for r in records()}


def done(run: replication.Run) -> bool:
    """True if a run has its record, and no budget cut it short."""
    return run.name in known() and known()[run.name].complete


def sections() -> dict[Path, dict[str, Callable[[], str]]]:
    """What stands between which markers of which page."""
    pages: dict[Path, dict[str, Callable[[], str]]] = {}
    for paper in protocols.papers():
        pages[PAGES / f"{paper}.md"] = {
            "measures": partial(measures, paper),
            "versus": partial(versus, paper), "beside": partial(beside, paper), "bars": partial(bars, paper),
            "claims": partial(claims, [paper]),
            **({"two_rules": partial(two_rules, paper)} if paper in conventions.AGAINST_THE_PHOTO else {}),
            **({"other_range": partial(other_range, paper)} if paper == "skubisz" else {}),
        }  # fmt: skip
    pages[PAGES / "claims.md"] = {"tally": tally, "claims": partial(claims, protocols.papers())}
    pages[PAGES / "provenance.md"] = {
        "hours": hours,
        "published": partial(provenance, "as-published"),
        "common": partial(provenance, "common"),
    }
    pages[PAGES / "replicate.md"] = {"expected": expected, "to_do": to_do}
    return pages


if __name__ == "__main__":
    raise SystemExit(main_of_all(sections()))
