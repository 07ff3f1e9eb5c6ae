"""What an evaluation gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .markup import element

if TYPE_CHECKING:
    import pandas as pd

    from .protocol import Protocol


@dataclass(frozen=True)
class Report:
    """The result of `evaluate_submission`.

    Attributes:
        name: the entry's.
        checks: "check", "task" ("" for all), "status" ("passed", "warning", "failed"), "found".
        scores: every score, long: "task", "system", "seed", "identity", "metric", "value".
        summary: "task", "system", "metric", "mean", "low", "high", "run_min", "run_max", "runs", "pictures", "people".
        comparisons: the entry minus each other system: "difference", "low", "high", "p", "p_holm", "verdict".
        protocol: the pairs it was judged on.
        notes: what was left out or computed anew, a line each.
        folder: where report.html, scores.csv, results/ and work/ are.
    """

    name: str
    checks: "pd.DataFrame"
    scores: "pd.DataFrame"
    summary: "pd.DataFrame"
    comparisons: "pd.DataFrame"
    protocol: "Protocol"
    notes: tuple[str, ...]
    folder: Path

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not (self.checks["status"] == "failed").any()

    @property
    def page(self) -> Path:
        """The report as one HTML file."""
        return self.folder / "report.html"

    @property
    def verdict(self) -> str:
        """The checks in one line."""
        count = self.checks["status"].value_counts()
        parts = [f"{count.get('passed', 0)} of {len(self.checks)} checks passed"]
        parts += [f"{n} warning{'s' if n > 1 else ''}"] if (n := count.get("warning", 0)) else []
        parts += [f"{n} failed"] if (n := count.get("failed", 0)) else []
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"<Report of {self.name!r}: {self.verdict}; {self.page}>"

    def _repr_html_(self) -> str:
        """The verdict, what needs a look, and the scores, for a notebook."""
        head = element("p", element("strong", self.name), f": {self.verdict}.")
        open_ = self.checks[self.checks["status"] != "passed"]
        items = [
            element("li", f"{row.status}, {row.check}{f' ({row.task})' if row.task else ''}: {row.found}")
            for row in open_.itertuples()
        ]
        listed = element("ul", *items) if items else ""
        scores = ""
        if len(self.summary):
            order = list(dict.fromkeys(self.summary["metric"]))
            wide = self.summary.pivot_table("mean", ["task", "system"], "metric", sort=False)[order]
            scores = (
                wide.rename_axis(columns=None)
                .reset_index()
                .to_html(border=0, index=False, escape=True, na_rep="", float_format="{:.4f}".format)
            )
        foot = element("p", "The whole report: ", element("code", self.page))
        return f"<div>{head}{listed}{scores}{foot}</div>"
