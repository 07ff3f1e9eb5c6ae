"""Write the lists of book/replication/contradictions.md: what a close reading of the papers found, and what our runs add.

python tools/contradictions.py            # renew what stands between the page's markers
python tools/contradictions.py --check    # change nothing, fail where the page is behind
"""

from collections.abc import Callable
from functools import partial

from face2sketch import methods, published, replication
from face2sketch.replication import comparison, protocols

from marked import main, table
from paper_pages import NOT_RUN, PAGES, RESULTS, records, where
from systems import KINDS, plain

P2S, S2P = "photo2sketch", "sketch2photo"


def contradictions(key: str) -> str:
    """One paper's, each with its evidence and what is done about it."""
    found = [c for c in published.CONTRADICTIONS if c.paper == key]
    lines = []
    for kind, title in KINDS.items():
        if entries := [c for c in found if c.kind == kind]:
            lines += ["", f"**{title}**", ""]
            lines += [
                f"- *{plain(c.where)}.* {plain(c.says)}<br>**But:** {plain(c.evidence)}<br>**Here:** {plain(c.reading)}"
                for c in entries
            ]
    return "\n".join(lines[1:])


def counted() -> str:
    """How many there are of each kind in each paper."""
    keys = [paper.key for paper in published.PAPERS.values() if paper.key in protocols.papers()]
    rows = []
    for kind, title in KINDS.items():
        counts = [sum(c.kind == kind and c.paper == key for c in published.CONTRADICTIONS) for key in keys]
        rows.append((title, *map(str, counts), str(sum(counts))))
    sums = [sum(c.paper == key for c in published.CONTRADICTIONS) for key in keys]
    rows.append(("All", *map(str, sums), str(sum(sums))))
    return table(("Kind", *(methods.PAPERS[key] for key in keys), "All"), rows, right=len(keys) + 1)


def ours(paper: str, size: int, name: str, task: str, metric: str) -> str:
    """A baseline's mean under the paper's own rules."""
    cell = comparison.cell(records(), "as-published", f"{name}-{paper}-{size}", task, metric, paper)
    return NOT_RUN if cell.mean is None else f"{cell.mean:.4f}" if metric == "mse" else f"{cell.mean:.3f}"


def best(paper: str, task: str, metric: str) -> str:
    """The best figure that a paper prints of its own systems."""
    figures = [f for f in published.FIGURES if (f.paper, f.task, f.metric) == (paper, task, metric)]
    choose = max if published.HIGHER_IS_BETTER[metric] else min
    figure = choose(figures, key=lambda f: f.value)
    return f"{figure.value:.3f} ({figure.printed} % in print)" if figure.unit else figure.printed


def span(paper: str, task: str, metric: str) -> str:
    """The lowest and the highest figure that a paper prints."""
    figures = [f for f in published.FIGURES if (f.paper, f.task, f.metric) == (paper, task, metric)]
    ordered = sorted(figures, key=lambda f: f.value)
    return f"{ordered[0].printed} to {ordered[-1].printed}"


def lost_seeds() -> str:
    """How many runs of the published VAE ended in a loss that is no number."""
    runs = replication.read_records(RESULTS / "divergence")
    return f"{sum(not r.scores for r in runs)} of {len(runs)}"


def pix2pix_time() -> str:
    """How long pix2pix took under Skubisz' rules, from photo to sketch."""
    asked = ("as-published", "skubisz-pix2pix", P2S)
    for r in records():
        if (r.provenance["protocol"], r.run["arm"], r.run["task"]) == asked and r.complete:
            minutes, epochs = r.training["seconds"] / 60, r.training["epochs"]
            return (
                f"From photo to sketch {epochs} epochs took {minutes:.0f} minutes, {minutes / epochs:.0f} each, with the "
                f"smaller discriminator of the pix2pix paper ({where(r.provenance)})."
            )
    return NOT_RUN


def measured() -> str:
    """What the records add to the close reading: numbers, each under the paper's own rules."""
    huang, venkatesh = partial(ours, "huang", 200), partial(ours, "venkatesh", 256)
    priovolos, leaky = partial(ours, "priovolos", 256), partial(ours, "skubisz", 256)
    rows = [
        ("Huang", "No simple baseline stands beside Table I.",
         f"`grey-gain`, two numbers in all, has an SSIM of {huang('grey-gain', P2S, 'ssim')}; the table's best is "
         f"{best('huang', P2S, 'ssim')}. `ridge` has an MSE of {huang('ridge', P2S, 'mse')}; the table's best is "
         f"{best('huang', P2S, 'mse')}."),
        ("Huang", "The VAE's log-variance has no bound.",
         f"{lost_seeds()} seeds ended in a loss that is no number."),
        ("Skubisz", "No simple baseline stands beside Tables III and IV.",
         f"Photo to sketch: `grey-gain` has an SSIM of {leaky('grey-gain', P2S, 'ssim')}, `ridge` an MSE of "
         f"{leaky('ridge', P2S, 'mse')}; the paper has {span('skubisz', P2S, 'ssim')} and {span('skubisz', P2S, 'mse')}. "
         f"Sketch to photo: `nearest-10` has {leaky('nearest-10', S2P, 'ssim')}, `ridge` {leaky('ridge', S2P, 'mse')}; "
         f"the paper has {span('skubisz', S2P, 'ssim')} and {span('skubisz', S2P, 'mse')}."),
        ("Skubisz", "An epoch of pix2pix took 'around 1 hour 30 minutes' (Section III.C), 'GPU accelerated' (Section IV.A).",
         pix2pix_time()),
        ("Venkatesh", "Accuracy is not defined for pictures.",
         f"`mean-target`, one picture for everybody, has {venkatesh('mean-target', P2S, 'accuracy')} from photo to sketch "
         f"and {venkatesh('mean-target', S2P, 'accuracy')} from sketch to photo; the table's best are "
         f"{best('venkatesh', P2S, 'accuracy')} and {best('venkatesh', S2P, 'accuracy')}."),
        ("Venkatesh", "No baseline stands beside Table III.",
         f"From sketch to photo `mean-target` has an SSIM of {venkatesh('mean-target', S2P, 'ssim')}; the table's best is "
         f"{best('venkatesh', S2P, 'ssim')}."),
        ("Priovolos", "Table I compares predicted sketches with photos.",
         "By the same rule the artist's own sketches, at the same size, have an MAE of "
         f"{priovolos('ridge', P2S, 'artist_mae')}, an RMSE of {priovolos('ridge', P2S, 'artist_rmse')} and an SSIM of "
         f"{priovolos('ridge', P2S, 'artist_ssim')}: a perfect network would have these. The table has "
         f"{span('priovolos', P2S, 'mae')}, {span('priovolos', P2S, 'rmse')} and {span('priovolos', P2S, 'ssim')}."),
        ("Priovolos", "SSIM is taken with a range of 2.",
         f"From sketch to photo `ridge` has {priovolos('ridge', S2P, 'ssim')} so, and "
         f"{priovolos('ridge', S2P, 'target_ssim')} with the true range."),
    ]  # fmt: skip
    return table(("Paper", "Finding", "Measured under its own rules"), rows)


SECTIONS: dict[str, Callable[[], str]] = {
    "counted": counted,
    "measured": measured,
    **{paper: partial(contradictions, paper) for paper in protocols.papers()},
}


if __name__ == "__main__":
    raise SystemExit(main(PAGES / "contradictions.md", SECTIONS))
