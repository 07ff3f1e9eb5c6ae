"""Write the tables of book/league.md from the league's records in book/results.

python tools/league.py            # renew what stands between the page's markers
python tools/league.py --check    # change nothing, fail where the page is behind
"""

from collections.abc import Callable
from functools import cache
from statistics import fmean

import pandas as pd

from face2sketch import league, methods, metrics, published, replication

from marked import DIRECTIONS, main, sortable, table
from project import ROOT

PAGE = ROOT / "book" / "league.md"
RESULTS = ROOT / "book" / "results"
SPACE = "\N{NO-BREAK SPACE}"
DIGITS = {"mse": 4}
KINDS = {"baseline": "baseline", "exemplar": "exemplars"}


@cache
def records() -> tuple[replication.Record, ...]:
    """All records of the league, those of submissions among them."""
    found = replication.read_records(RESULTS / "league")
    if (RESULTS / "submissions").is_dir():
        found += [checked(record) for record in replication.read_records(RESULTS / "submissions")]
    return tuple(record for record in found if not record.trial)


def checked(record: replication.Record) -> replication.Record:
    """A submission's record, if it was scored by all measures of the league; else the build stops and says why."""
    lacking = [name for name in league.MEASURES if record.scores and name not in record.scores]
    if lacking:
        raise SystemExit(
            f"the submission {record.run['arm']} lacks {', '.join(lacking)}: evaluate it where their weights are at hand"
        )
    return record


@cache
def standings(task: str) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """The league in one direction, and for each measure the systems that share its first place."""
    scores, recognition = league.from_records(records(), task)
    found = league.table(scores, measures(task), recognition)
    return found, {name: league.best(scores, name) for name in measures(task) if name in found}


def measures(task: str) -> tuple[str, ...]:
    """The columns: photos have a colour to be compared as well."""
    names = list(league.MEASURES)
    if task == "sketch2photo":
        names.insert(names.index("fsim") + 1, "fsimc")
    return tuple(names)


def cell(row: pd.Series, name: str, first: list[str]) -> str:
    """A mean with half its interval; bold where it cannot be told from the best."""
    digits = DIGITS.get(name, 3)
    text = f"{row[name]:.{digits}f}{SPACE}±{SPACE}{row[f'{name}_half']:.{digits}f}"
    return f"**{text}**" if row.name in first else text


def trained(arm: str, task: str) -> str:
    """How long a system was trained, at which size, and with how many seeds if with several."""
    record = next(r for r in records() if r.run["arm"] == arm)
    if record.run["experiment"] == "submissions":
        return "see its record"
    if record.training["epochs"] is None:
        return "-"
    size = "200 × 250" if record.run.get("native") else f"{record.run['size']} px"
    seeds = len(
        {r.run["seed"] for r in records() if (r.run["arm"], r.run["task"]) == (arm, task) and r.scores}
    )
    return f"{record.training['epochs']} epochs, {size}" + (f", {seeds} seeds" if seeds > 1 else "")


def kind(arm: str) -> str:
    """Baseline, exemplars, or the chapter that builds it."""
    known = {method.id: method for method in methods.all_methods()}
    method = next(r.run["method"] for r in records() if r.run["arm"] == arm)
    if method not in known:
        return "submission"
    method = known[method]
    return KINDS.get(method.kind, f"chapter {method.chapter}")


def standing(task: str) -> str:
    """The table of one direction, rows by mean rank; its head sorts it."""
    found, firsts = standings(task)
    names = [name for name in measures(task) if name in found]
    most = found["nlda"].max()
    rows = []
    for arm, row in found.iterrows():
        nlda = "-" if pd.isna(row["nlda"]) else f"{row['nlda']:.3f}"
        rows.append(
            (arm, kind(arm), trained(arm, task), *(cell(row, name, firsts[name]) for name in names),
             f"**{nlda}**" if row["nlda"] == most else nlda, f"{row['mean_rank']:.1f}")
        )  # fmt: skip
    head = ("System", "Kind", "Trained", *(metrics.get(name).label for name in names), "NLDA", "Mean rank")
    return sortable(table(head, rows, right=len(names) + 2))


def agreement(task: str) -> str:
    """Rank correlations between the measures."""
    found = league.agreement(standings(task)[0])
    labels = [metrics.get(name).label if name in metrics.METRICS else name.upper() for name in found]
    rows = [
        (label, *(f"{value:.2f}" for value in row))
        for label, row in zip(labels, found.to_numpy(), strict=True)
    ]
    return table(("", *labels), rows, right=len(labels))


def recognition() -> str:
    """Who is recognised, in both directions: NLDA's figure, its spread over draws, and rank ten; means over seeds."""
    found: dict[str, dict[str, list[dict]]] = {}
    for record in records():
        if "nlda" in record.sets:
            tasks = found.setdefault(record.run["arm"], {})
            tasks.setdefault(record.run["task"], []).append(record.sets["nlda"])
    first = {
        arm: fmean(one["accuracy"] for one in tasks.get("photo2sketch", [{"accuracy": 0}]))
        for arm, tasks in found.items()
    }
    rows = []
    for arm in sorted(found, key=lambda arm: -first[arm]):
        cells = []
        for task in methods.TASKS:
            seeds = found[arm].get(task)
            cells += ["-", "-"] if seeds is None else [
                f"{fmean(one['accuracy'] for one in seeds):.3f}{SPACE}±{SPACE}"
                f"{fmean(one['deviation'] for one in seeds):.3f}",
                f"{fmean(one['ranks'][-1] for one in seeds):.3f}",
            ]  # fmt: skip
        rows.append((arm, *cells))
    head = ("System", "Photo to sketch, first", "among ten", "Sketch to photo, first", "among ten")
    return sortable(table(head, rows, right=4))


def printed() -> str:
    """The highest figures in print for these pairs, as printed."""
    rows = []
    for task, title in DIRECTIONS.items():
        for metric in ("ssim", "fsim"):
            same = [
                f for f in published.FIGURES
                if (f.dataset, f.task, f.metric, f.paper) == ("cuhk-student", task, metric, "duan")
            ]  # fmt: skip
            if same:
                top = max(same, key=lambda f: f.value)
                rows.append(
                    (title, metrics.get(metric).label, f"{top.value:.4f}", f"{top.label}, {top.table}")
                )
    return table(("Direction", "Measure", "Printed", "Of"), rows, right=0)


def missing() -> str:
    """Runs of the league without scores: those that diverged, and those not run yet."""
    done = {(record.run["arm"], record.run["task"]) for record in records()}
    said = [
        f"Ended in a loss that is no number, and has no row: `{record.run['arm']}` ({record.run['task']})."
        for record in records()
        if record.training["diverged"]
    ]
    todo = [
        f"`{run.arm}` ({run.task})"
        for run in replication.experiment("league")
        if (run.arm, run.task) not in done
    ]
    said.append(f"Not run yet: {', '.join(todo)}." if todo else "All runs of the league have been made.")
    return "\n\n".join(said)


def longer() -> str:
    """The systems of few epochs, as they stand in the league and five times as long: seed 0 of both."""
    known = {
        (r.run["arm"], r.run["task"], r.training["epochs"]): r
        for r in [*replication.read_records(RESULTS / "longer"), *records()]
        if r.run["seed"] == 0 and r.scores
    }
    names = ("mse", "ssim", "lpips")
    arrow = f"{SPACE}→{SPACE}"
    rows, todo = [], []
    for run in replication.experiment("longer"):
        few, many = run.options["epochs"] // 5, run.options["epochs"]
        pair = [known.get((run.arm, run.task, epochs)) for epochs in (few, many)]
        if None in pair:
            todo.append(f"`{run.arm}` ({run.task})")
            continue
        digits = {name: DIGITS.get(name, 3) for name in names}
        cells = (
            arrow.join(f"{fmean(record.scores[name]):.{digits[name]}f}" for record in pair) for name in names
        )
        rows.append((f"`{run.arm}`<br>{DIRECTIONS[run.task]}", f"{few}{arrow}{many}", *cells))
    head = ("System", "Epochs", *(metrics.get(name).label for name in names))
    command = "`face2sketch replicate --experiment longer`"
    if not rows:
        return f"None of the {len(todo)} trainings has been run yet: {command}."
    left = [f"Not run yet: {', '.join(todo)}; {command}."] if todo else []
    return "\n\n".join([table(head, rows, right=1 + len(names)), *left])


SECTIONS: dict[str, Callable[[], str]] = {
    "photo2sketch": lambda: standing("photo2sketch"),
    "sketch2photo": lambda: standing("sketch2photo"),
    "agreement": lambda: agreement("photo2sketch"),
    "recognition": recognition,
    "printed": printed,
    "missing": missing,
    "longer": longer,
}


if __name__ == "__main__":
    raise SystemExit(main(PAGE, SECTIONS))
