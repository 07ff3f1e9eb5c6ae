"""The report as one HTML file: works without network and without scripts, prints, and is escaped throughout."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import __version__
from ..errors import SavedFileError
from ..metrics import METRICS
from .entry import Entry
from .figures import TASKS, chart, higher_is_better, label, number, people
from .markup import Html, element, table
from .page_style import CSS
from .records import machine, versions
from .report import Report
from .running import Outcome
from .scoring import RECOGNISED, System

if TYPE_CHECKING:
    import pandas as pd

MARKS = {"passed": "\N{CHECK MARK} passed", "warning": "! warning", "failed": "\N{MULTIPLICATION X} failed"}
_SECTIONS = {
    "result": "Result", "checks": "Checks", "scores": "Scores", "pictures": "Pictures", "protocol": "Protocol",
    "training": "Training", "limits": "What this cannot show",
}  # fmt: skip
_PRIVATE = (
    "This file holds pictures of real people, offered for research only. Hand it in, but do not publish it: no web page, "
    "no public repository. With pictures=False the report is written without them."
)


def write_page(
    report: Report, entry: Entry, outcomes: Sequence[Outcome], systems: Sequence[System], pictures: bool
) -> Path:
    """Write report.html into the report's folder.

    Raises:
        SavedFileError: the file cannot be written.
    """
    path = report.page
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(page(report, entry, outcomes, systems, pictures), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # where the place is no folder there is nothing to take away
            part.unlink(missing_ok=True)
        raise SavedFileError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def page(
    report: Report, entry: Entry, outcomes: Sequence[Outcome], systems: Sequence[System], pictures: bool
) -> str:
    """The whole document."""
    shows = pictures and any(system.own for system in systems)
    bodies = {
        "result": _result(report, entry),
        "checks": _checks(report),
        "scores": _scores(report, entry),
        "pictures": _pictures(report, systems) if shows else None,
        "protocol": _protocol(report, entry),
        "training": _training(outcomes),
        "limits": _limits(entry),
    }
    sections = [
        element("section", element("h2", _SECTIONS[name]), *body, id=name)
        for name, body in bodies.items()
        if body is not None
    ]
    links = [
        element("li", element("a", _SECTIONS[name], href=f"#{name}"))
        for name, body in bodies.items()
        if body is not None
    ]
    private = shows and report.protocol.real
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("title", f"{entry.name}: report"),
        element("style", Html(CSS)),
    )
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    foot = element("footer", element("p", f"Written by face2sketch {__version__} on {now}."))
    body = element(
        "body",
        _head(report, entry, private),
        element("main", element("nav", element("ul", *links), aria_label="Sections"), *sections),
        foot,
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _head(report: Report, entry: Entry, private: bool) -> Html:
    status = "passed" if report.ok else "failed"
    return element(
        "header",
        element("p", "Report of a model", class_="kind"),
        element("h1", entry.name),
        element("p", entry.authors, class_="authors") if entry.authors else None,
        element("div", element("p", _PRIVATE), class_="notice", role="note", id="private")
        if private
        else None,
        element("p", entry.description, class_="description") if entry.description else None,
        element("p", report.verdict, ".", class_=f"verdict {status}"),
    )


def _result(report: Report, entry: Entry) -> list[Html]:
    return [
        element("p", element("strong", TASKS[task]), ": ", _headline(report, entry, task))
        for task in entry.tasks
    ]


def _headline(report: Report, entry: Entry, task: str) -> str:
    """One or two sentences: the entry's main score, and how it stands to the best of the others."""
    rows = report.summary
    if not len(rows) or not ((rows["task"] == task) & (rows["system"] == entry.name)).any():
        return "no scores, for there are no outputs that could be scored; see the checks."
    metrics = list(dict.fromkeys(rows["metric"]))
    metric = "ssim" if "ssim" in metrics else metrics[0]
    rows = rows[(rows["task"] == task) & (rows["metric"] == metric)]
    mine = rows[rows["system"] == entry.name].iloc[0]
    said = (
        f"{label(metric)} {number(metric, mine['mean'])} ({_interval(mine, metric)}) on {mine['people']} test people, "
        f"{_runs(mine['runs'])}."
    )
    others = rows[rows["system"] != entry.name].sort_values("mean", ascending=not higher_is_better(metric))
    if not len(others):
        return said
    best = others.iloc[0]
    told = report.comparisons
    told = told[
        (told["task"] == task) & (told["system"] == best["system"]) & (told["metric"] == metric)
    ].iloc[0]
    if np.isnan(told["p"]):
        return f"{said} The best of the methods beside it is {best['system']} with {number(metric, best['mean'])}."
    verdict = {"better": "is better than that", "worse": "is worse than that"}.get(
        told["verdict"], "cannot be told apart from that"
    )
    return (
        f"{said} The best of the methods beside it is {best['system']} with {number(metric, best['mean'])}; {entry.name} "
        f"{verdict} (difference {number(metric, told['difference'], signed=True)}, {_interval(told, metric)}{_p(told)})."
    )


def _runs(count: int) -> str:
    return f"{count} training run{'s' if count > 1 else ''}"


def _interval(row: "pd.Series | dict", metric: str) -> str:
    return f"{number(metric, row['low'])} to {number(metric, row['high'])}"


def _p(row: "pd.Series | dict") -> str:
    return ", p < 0.001" if row["p_holm"] < 0.001 else f", p = {row['p_holm']:.3f}"


def _checks(report: Report) -> list[Html]:
    items = []
    for status in ("failed", "warning", "passed"):
        chosen = [row for row in report.checks.itertuples() if row.status == status]
        for name in dict.fromkeys(row.check for row in chosen):
            items.append(_check(name, status, [row for row in chosen if row.check == name]))
    notes = [element("li", note) for note in report.notes]
    listed = [element("h3", "Left out, or done anew"), element("ul", *notes)] if notes else []
    return [element("ul", *items, class_="checks"), *listed]


def _check(name: str, status: str, rows: list) -> Html:
    """One check with this status: what was found, task by task."""
    found = [
        element("p", element("span", TASKS[row.task], class_="tag") if row.task else None, row.found)
        for row in rows
    ]
    mark = element("span", MARKS[status], class_=f"mark {status}")
    return element("li", mark, element("p", name, class_="what"), element("div", *found))


def _scores(report: Report, entry: Entry) -> list[Html]:
    if not len(report.summary):
        return [element("p", "There are no scores.")]
    parts = [
        element(
            "p",
            "Dots are means over test pictures and training runs, bars their 95 % intervals: over people by bootstrap and, "
            "where there are several runs, over runs as well (Student's t). All outputs were scored as 8-bit pictures.",
        )
    ]
    for task in entry.tasks:
        rows = report.summary[report.summary["task"] == task]
        if not len(rows):
            continue
        metrics = list(dict.fromkeys(rows["metric"]))
        charts = [chart(rows[rows["metric"] == metric], metric, entry.name) for metric in metrics]
        parts += [element("h3", TASKS[task]), element("div", *charts, class_="charts")]
        parts += [_score_table(rows, metrics, entry.name), _comparison_table(report, task, entry.name)]
    return [*parts, _settings(report)]


def _score_table(rows: "pd.DataFrame", metrics: list[str], own: str) -> Html:
    systems = list(dict.fromkeys(rows["system"]))
    found = {(row["system"], row["metric"]): row for row in rows.to_dict("records")}

    def cell(system: str, metric: str) -> list:
        row = found.get((system, metric))
        if row is None:
            return []
        under = _interval(row, metric) if np.isfinite(row["low"]) else ""
        return [number(metric, row["mean"]), element("span", under, class_="small")]

    body = [
        [[system, element("span", _runs(found[system, metrics[0]]["runs"]), class_="small") if system == own else None],
         *(cell(system, metric) for metric in metrics)]
        for system in systems
    ]  # fmt: skip
    head = ["system", *(_headed(metric) for metric in metrics)]
    marked = systems.index(own) if own in systems else None
    return table(head, body, "Means and 95 % intervals over people and runs", marked)


def _headed(metric: str) -> list:
    return [
        label(metric),
        element(
            "span", "higher is better" if higher_is_better(metric) else "lower is better", class_="small"
        ),
    ]


def _comparison_table(report: Report, task: str, own: str) -> Html | None:
    rows = report.comparisons[report.comparisons["task"] == task]
    if not len(rows):
        return None
    metrics = list(dict.fromkeys(rows["metric"]))
    found = {(row["system"], row["metric"]): row for row in rows.to_dict("records")}

    def cell(system: str, metric: str) -> list:
        row = found[system, metric]
        colour = {"better": "passed", "worse": "failed"}.get(row["verdict"])
        if np.isnan(row["p"]):
            return ["-", element("span", row["verdict"], class_="small")]
        return [
            number(metric, row["difference"], signed=True),
            element("span", row["verdict"], _p(row), class_=f"small {colour}" if colour else "small"),
        ]

    body = [
        [system, *(cell(system, metric) for metric in metrics)] for system in dict.fromkeys(rows["system"])
    ]
    how = (
        "paired by person, p corrected for all comparisons of this table (Holm); better or worse where p is below 5 % and "
        "the interval over people and training runs leaves out 0"
    )
    return table(
        [f"{own} minus", *(_headed(m) for m in metrics)], body, f"Differences on the same pictures; {how}"
    )


def _settings(report: Report) -> Html:
    metrics = [metric for metric in dict.fromkeys(report.summary["metric"]) if metric != RECOGNISED]
    items = [element("li", element("strong", label(m)), f": {METRICS[m].settings}") for m in metrics]
    if RECOGNISED in set(report.summary["metric"]):
        items.append(
            element(
                "li",
                element("strong", label(RECOGNISED)),
                ": share of people whose true picture finds its own among the outputs (null-space LDA; half of the test "
                "people to learn from, the other half to recognise; 20 draws; best dimension).",
            )
        )
    return element("details", element("summary", "How each number is computed"), element("ul", *items))


def _pictures(report: Report, systems: Sequence[System]) -> list[Html]:
    parts = [
        element(
            "p",
            "From the best to the worst test person, by the first training run. The last column is the best of the methods "
            "beside it.",
        )
    ]
    for own in (system for system in systems if system.own):
        others = [system for system in systems if system.task == own.task and not system.own]
        parts += [element("h3", TASKS[own.task]), people(own.task, report.protocol.test, own, others)]
    return parts


def _protocol(report: Report, entry: Entry) -> list[Html]:
    protocol = report.protocol
    height, width = protocol.size
    facts = [
        ("Pairs", protocol.data),
        (
            "Protocol",
            "the common one"
            if protocol.common
            else "the author's own: scores compare only with others on it",
        ),
        ("Split", protocol.split),
        ("Training", f"{len(protocol.train)} pairs of {protocol.people[0]} people"),
        ("Test", f"{len(protocol.test)} pairs of {protocol.people[1]} people"),
        ("Scored at", f"{height} x {width} pixels (height x width)"),
        ("Model works at", _size(entry)),
        ("Checksum, training", element("code", protocol.train.checksum())),
        ("Checksum, test", element("code", protocol.test.checksum())),
    ]
    listed = [
        element("details", element("summary", f"The {side} people"), element("p", ", ".join(pairs.people)))
        for side, pairs in (("training", protocol.train), ("test", protocol.test))
    ]
    return [_facts(facts), *listed]


def _size(entry: Entry) -> str:
    if entry.size is None:
        return "that size too"
    height, width = (entry.size, entry.size) if isinstance(entry.size, int) else entry.size
    return f"{height} x {width} pixels; inputs were resized for it, and its outputs brought back"


def _facts(facts: list[tuple]) -> Html:
    return element(
        "dl", *(part for name, value in facts for part in (element("dt", name), element("dd", value)))
    )


def _training(outcomes: Sequence[Outcome]) -> list[Html]:
    def shown(value: float | None, form: str, factor: float = 1) -> str:
        return "" if value is None else format(factor * value, form)

    rows = [
        [
            TASKS[run.task], str(run.seed), shown(run.facts.get("pairs"), ",d"),
            shown(run.facts.get("parameters"), ",d"), shown(run.facts.get("fit_seconds"), ",.1f"),
            shown(run.facts.get("translate_seconds"), ",.1f", 1000), "scored" if run.outputs is not None else "no outputs",
        ]
        for run in outcomes
    ]  # fmt: skip
    head = ["task", "seed", "pairs", "numbers learned", "training (s)", "a picture (ms)", "outcome"]
    found = [("Machine", machine()), ("Versions", ", ".join(f"{name} {v}" for name, v in versions().items()))]
    return [table(head, rows, "Training runs"), _facts(found)]


def _limits(entry: Entry) -> list[Html]:
    items = [
        "The test people were not handed to the training function. Whether it has read their pictures from somewhere else, "
        "or uses weights that have seen them, no program can tell: the author answers for that.",
        "The checks find mistakes, and no proof of their absence: that a model passes does not make it good.",
        "An interval says how far a mean could move with other people of this kind and other training runs; it says "
        "nothing about other cameras, other artists, or other groups of people.",
    ]
    if entry.fit is None:
        items[0] = (
            "The model was trained elsewhere. On whom, its author has declared; nothing beyond that list could be verified."
        )
    return [element("ul", *(element("li", item) for item in items))]
