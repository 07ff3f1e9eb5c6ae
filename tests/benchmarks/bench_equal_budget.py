"""Every autoencoder of the register for the same minutes, beside every baseline, on the CUHK student pairs.

    FACE2SKETCH_DATA=... python tests/benchmarks/bench_equal_budget.py calibrate budget.json
    FACE2SKETCH_DATA=... python tests/benchmarks/bench_equal_budget.py run budget.json scores.jsonl
    python tests/benchmarks/bench_equal_budget.py table scores.jsonl

`calibrate` measures each method's seconds a step on a machine that must be doing nothing else. `run` then trains
for the steps that the minutes buy: it gives the result of so many quiet minutes even where other work slows it
down, and picks up where it stopped. Standard split 88/100, centre crop 200 x 200, resized to 128 px, scored at
128 px.
"""

import json
import sys
import time
from pathlib import Path

import typer

import face2sketch as f2s

app = typer.Typer(add_completion=False)


def _pairs(size: int = 128):
    return f2s.data.cuhk_student(download=False).crop(200).resize(size).split("standard")


@app.command()
def calibrate(out: Path, minutes: float = 3.0, epochs: int = 3) -> None:
    """Write the steps that `minutes` buy each method, from the time of all epochs but the first (which compiles)."""
    train, _ = _pairs()
    budget = {}
    for method in f2s.methods.all_methods():
        if method.framework != "keras":
            continue
        history = f2s.fit(
            method, train, epochs=epochs, loss=method.recipe.stages[0].loss, progress=False
        ).history
        steps = -(-len(train) // method.recipe.batch_size) * (epochs - 1)
        seconds = (history["seconds"][-1] - history["seconds"][0]) / steps
        budget[method.id] = {"seconds_per_step": seconds, "max_steps": max(1, round(60 * minutes / seconds))}
        print(method.id, budget[method.id], flush=True)
        out.write_text(json.dumps(budget, indent=1))


@app.command()
def run(budget: Path, out: Path) -> None:
    """Train and score everything that `out` does not hold yet; one line of JSON each."""
    train, test = _pairs()
    steps = json.loads(budget.read_text())
    done = (
        {(r["method"], r["task"]) for r in map(json.loads, out.read_text().splitlines())}
        if out.exists()
        else set()
    )
    for method in f2s.methods.all_methods():
        for task in method.tasks:
            if (method.id, task) in done:
                continue
            started = time.monotonic()
            options = {}
            if method.framework == "keras":
                # Stages keep their proportions; a step limit and enough epochs make the budget the only limit.
                options = {"max_steps": steps[method.id]["max_steps"], "progress": False, "epochs": 10**6}
                options["loss"] = method.recipe.stages[0].loss
            fitted = f2s.fit(method, train, task, **options)
            seconds = time.monotonic() - started
            summary = f2s.evaluation.summarise(f2s.evaluate(fitted, test)).round(6)
            record = {"method": method.id, "task": task, "seconds": round(seconds, 1), **options}
            record |= {
                "epochs": len(fitted.history.get("epoch", [])),
                "loss": fitted.history.get("loss", [None])[-1],
            }
            record["scores"] = summary[["mean", "low", "high"]].to_dict("index")
            with out.open("a") as file:
                file.write(json.dumps(record) + "\n")
            print(method.id, task, f"{seconds:.0f} s", summary["mean"].round(4).to_dict(), flush=True)


@app.command()
def table(scores: Path) -> None:
    """Print the scores as Markdown tables, one a task."""
    records = [json.loads(line) for line in scores.read_text().splitlines()]
    for task in f2s.TASKS:
        print(f"\n{task}\n\n| method | epochs | MSE | 95 % | SSIM | 95 % |\n|---|---|---|---|---|---|")
        for r in sorted(
            (r for r in records if r["task"] == task), key=lambda r: -r["scores"]["ssim"]["mean"]
        ):
            mse, ssim = r["scores"]["mse"], r["scores"]["ssim"]
            print(
                f"| {r['method']} | {r['epochs'] or '-'} | {mse['mean']:.4f} | {mse['low']:.4f}-{mse['high']:.4f} "
                f"| {ssim['mean']:.3f} | {ssim['low']:.3f}-{ssim['high']:.3f} |"
            )


if __name__ == "__main__":
    sys.exit(app())
