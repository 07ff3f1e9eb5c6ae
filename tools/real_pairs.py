"""Write the tables of book/real_pairs.md from the records in book/results.

python tools/real_pairs.py            # renew what stands between the page's markers
python tools/real_pairs.py --check    # change nothing, fail where the page is behind
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from face2sketch import methods, published, replication

from marked import DIRECTIONS, main, signed, table
from project import ROOT

PAGE = ROOT / "book" / "real_pairs.md"
SPACE = "\N{NO-BREAK SPACE}"  # an interval stays on one line
RESULTS = ROOT / "book" / "results"


def number(row: pd.Series, metric: str, digits: int) -> str:
    """A mean with its interval."""
    if pd.isna(row.get(metric)):
        return "-"
    mean, low, high = (f"{row[name]:.{digits}f}" for name in (metric, f"{metric}_low", f"{metric}_high"))
    return f"{mean} ({low}{SPACE}to{SPACE}{high})"


def between(row: pd.Series, metric: str, digits: int) -> str:
    """Lowest and highest mean of a single run; empty for one run."""
    if row["runs"] < 2 or pd.isna(row.get(metric)):
        return ""
    return f"{row[f'{metric}_run_min']:.{digits}f}{SPACE}to{SPACE}{row[f'{metric}_run_max']:.{digits}f}"


def scores(experiment: str, task: str) -> pd.DataFrame:
    """All arms of an experiment in one direction, best SSIM first."""
    records = [r for r in replication.read_records(RESULTS / experiment) if r.run["task"] == task]
    found = replication.summary(records, ("arm",))
    return found.sort_values("ssim", ascending=False, na_position="last")


def arm(name: str) -> str:
    """An arm's name, not set as code: code breaks between any two letters, and would on a phone."""
    known = {method.id for method in methods.all_methods()}
    return name if name in known else name.replace("-", " ")


def comparison(experiment: str) -> str:
    """One table for each direction."""
    head = ("", "Seeds", "Epochs", "MSE (95 %)", "SSIM (95 %)", "SSIM of single runs")
    parts = []
    for task, title in DIRECTIONS.items():
        if not any(record.run["task"] == task for record in replication.read_records(RESULTS / experiment)):
            continue
        rows = [
            (arm(row["arm"]), seeds(row), str(row["epochs"] or "-"), number(row, "mse", 4), number(row, "ssim", 3),
             between(row, "ssim", 3))
            for _, row in scores(experiment, task).iterrows()
        ]  # fmt: skip
        parts.append(f"**{title}**\n\n{table(head, rows, right=3)}")
    return "\n\n".join(parts)


def seeds(row: pd.Series) -> str:
    """How many runs, and how many of them diverged."""
    return f"{row['runs']}, {row['diverged']} diverged" if row["diverged"] else str(row["runs"])


def divergence() -> str:
    """What became of the published VAE, seed by seed."""
    records = sorted(replication.read_records(RESULTS / "divergence"), key=lambda r: r.run["seed"])
    rows = []
    for record in records:
        ssim = f"{np.mean(record.scores['ssim']):.3f}" if record.scores else "-"
        mse = f"{np.mean(record.scores['mse']):.4f}" if record.scores else "-"
        end = record.training["diverged"]
        fate = end.split(":")[0].replace("stage 1, ", "") if end else "went on"
        rows.append((str(record.run["seed"]), fate, mse, ssim))
    lost = sum(bool(record.training["diverged"]) for record in records)
    said = f"{lost} of {len(records)} runs ended in NaN."
    return f"{said}\n\n{table(('Seed', 'What became of it', 'MSE', 'SSIM'), rows, right=2)}"


def differences(experiment: str, reference: str, arms: Sequence[str]) -> str:
    """SSIM of arms minus that of a reference on the same pictures, seeds paired; interval over people and seeds."""
    from face2sketch.evaluation import interval_of_runs

    rows = []
    for task, title in DIRECTIONS.items():
        records = [
            r for r in replication.read_records(RESULTS / experiment) if r.run["task"] == task and r.scores
        ]
        of = {(r.run["arm"], r.run["seed"]): np.array(r.scores["ssim"]) for r in records}
        people = np.array(records[0].identities)
        for name in arms:
            pairs = [(of[name, s], of[reference, s]) for a, s in of if a == name and (reference, s) in of]
            if not pairs:
                continue
            gain = np.array([ours - theirs for ours, theirs in pairs])
            found = interval_of_runs(gain, people)
            single = [np.mean(ours - theirs) for ours, theirs in pairs]
            mean, low, high = (signed(found[key], 4) for key in ("mean", "low", "high"))
            each = ", ".join(signed(value, 4) for value in single)
            rows.append((title, arm(name), f"{mean} ({low}{SPACE}to{SPACE}{high})", each))
    return table(("Direction", f"Against {arm(reference)}", "SSIM gained (95 %)", "Seed by seed"), rows)


def transfer() -> str:
    """SSIM by arm and number of training pairs, one table for each direction; the best of each column in bold."""
    records = replication.read_records(RESULTS / "transfer")
    counts = sorted({record.run["pairs"] for record in records})
    parts = []
    for task, title in DIRECTIONS.items():
        found = replication.summary([r for r in records if r.run["task"] == task], ("arm", "pairs"))
        best = {count: found[found["pairs"] == count]["ssim"].max() for count in counts}
        rows = []
        for name in dict.fromkeys(found.sort_values("ssim", ascending=False)["arm"]):
            lines = found[found["arm"] == name].set_index("pairs")
            cells = [number(lines.loc[count], "ssim", 3) if count in lines.index else "-" for count in counts]
            bold = [
                f"**{c}**" if c != "-" and lines.loc[n, "ssim"] == best[n] else c
                for c, n in zip(cells, counts, strict=True)
            ]
            rows.append((arm(name), str(lines["runs"].max()), *bold))
        head = ("SSIM (95 %)", "Seeds", *(f"{count} pairs" for count in counts))
        parts.append(f"**{title}**\n\n{table(head, rows, right=len(counts))}")
    return "\n\n".join(parts)


def table_one(system: str, task: str, metric: str = "ssim") -> str:
    """What Duan et al. print for a system on the CUHK student pairs (Table I), as a fraction; empty where nothing."""
    found = [
        f for f in published.FIGURES
        if (f.paper, f.table, f.system, f.task, f.metric) == ("duan", "Table I", system, task, metric)
    ]  # fmt: skip
    return f"{found[0].value:.4f}" if found else ""


def adversarial(experiment: str) -> str:
    """One table for each direction: SSIM beside the paper's, LPIPS, MSE."""
    head = ("", "Seeds × epochs", "SSIM (95 %)", "In print", "LPIPS (95 %)", "MSE (95 %)")
    parts = []
    for task, title in DIRECTIONS.items():
        records = [r for r in replication.read_records(RESULTS / experiment) if r.run["task"] == task]
        found = replication.summary(records, ("arm",), ("mse", "ssim", "lpips")).sort_values(
            "ssim", ascending=False
        )
        rows = [
            (arm(row["arm"]), f"{seeds(row)}{SPACE}×{SPACE}{row['epochs']}" if row["epochs"] else "-",
             number(row, "ssim", 3), table_one(row["arm"], task), number(row, "lpips", 3), number(row, "mse", 4))
            for _, row in found.iterrows()
        ]  # fmt: skip
        parts.append(f"**{title}**\n\n{table(head, rows, right=4)}")
    return "\n\n".join(parts)


SECTIONS: dict[str, Callable[[], str]] = {
    "corrected": lambda: comparison("corrected"),
    "divergence": divergence,
    "casq": lambda: comparison("casq"),
    "casq_large": lambda: comparison("casq-128"),
    "casq_gains": lambda: differences(
        "casq", "convolution", ("with-attention", "with-quantiser", "with-both")
    ),
    "transfer": transfer,
    "adversarial": lambda: adversarial("adversarial"),
    "ablations": lambda: adversarial("ablations"),
    "ablation_gains": lambda: differences(
        "ablations", "duan-backbone", replication.experiments.ABLATIONS[1:]
    ),
}


if __name__ == "__main__":
    raise SystemExit(main(PAGE, SECTIONS))
