"""Write the tables of book/systems.md from the library: which systems there are, their sizes, weights and published figures.

python tools/systems.py            # renew what stands between the page's markers
python tools/systems.py --check    # change nothing, fail where the page is behind
"""

import re
from collections.abc import Callable

from face2sketch import methods, published

from marked import DIRECTIONS, NARROW, main, table
from project import ROOT, toc_entries

PAGE = ROOT / "book" / "systems.md"
DATASETS = {"cuhk-student": "CUHK student", "cufs": "CUFS", "cufsf": "CUFSF", "cufs+cufsf": "CUFS and CUFSF"}
NAMES = {"fid": "FID", "accuracy": "accuracy", "loss": "loss", "preferred": "preferred by viewers"}
# What Duan et al. show or compare with: its name there and its source.
COMPARED = {
    "lle": ("LLE", "Liu, Tang, Jin, Lu and Ma, CVPR 2005"),
    "mrf": ("MRF", "Wang and Tang, TPAMI 2009"),
    "mwf": ("MWF", "Zhou, Kuang and Wong, CVPR 2012"),
    "ssd": ("SSD", "Song, Bao, Yang and Yang, ECCV 2014"),
    "rslcr": ("RSLCR", "Wang, Gao and Li, Pattern Recognition 2018"),
    "fast-rslcr": ("Fast-RSLCR", "Wang, Gao and Li, Pattern Recognition 2018"),
    "fcn": ("FCN", "Zhang, Lin, Wu, Ding and Zhang, ICMR 2015"),
    "ps2man": ("PS2MAN", "Wang, Sindagi and Patel, FG 2018"),
    "pix2pix": ("pix2pix", "Isola, Zhu, Zhou and Efros, CVPR 2017"),
    "cyclegan": ("CycleGAN", "Zhu, Park, Isola and Efros, ICCV 2017"),
    "drit": ("DRIT", "Lee, Tseng, Huang, Singh and Yang, ECCV 2018"),
    "u-gat-it": ("U-GAT-IT", "Kim, Kim, Kang and Lee, arXiv:1907.10830"),
}
KINDS = {
    "contradiction": "Two places disagree",
    "formula": "Wrong as printed",
    "claim": "Not borne out by its own numbers",
    "protocol": "A way of measuring that hampers comparison",
    "code": "The released code does something else",
    "missing": "Needed and not said",
}


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return re.sub(r"([\\`*_\[\]<>$|^~#])", r"\\\1", text)


def papers() -> list[published.Paper]:
    """The five papers, in the order of the register."""
    return [paper for key, paper in published.PAPERS.items() if key in methods.PAPERS]


def owned(paper: published.Paper) -> list[str]:
    """Ids of the systems that a paper proposes or builds (not those it only compares with)."""
    return [system for system in published.systems() if system.startswith(f"{paper.key}-")]


def weights(system: str) -> str:
    """What the paper says about the number of weights."""
    count = published.parameter_count(system) if system in published.systems() else None
    return "-" if count is None else f"{count.total:,}" if count.exact else f"about {count.total:,}"


def counted(facts: dict) -> str:
    """Weights of the network that translates, and how many are trained where that is another number: fewer where some are
    frozen, more where an adversary or the other direction learns too."""
    total, trained = facts["parameters"], facts["trained_parameters"]
    return f"{total:,}" if total == trained else f"{total:,} ({trained:,} trained)"


def chapter_link(number: int) -> str:
    """A Markdown link to a chapter; its number alone while the book does not have it."""
    found = [entry for entry in toc_entries() if entry.startswith(f"chapters/{number:02d}_")]
    return f"[chapter {number}](../{found[0]})" if found else f"chapter {number}"


def state(system: str) -> str:
    """Where a system is built, or that it is not."""
    chapter = {method.id: method.chapter for method in methods.all_methods()}.get(system)
    return "not built" if chapter is None else chapter_link(chapter)


def register() -> str:
    """The built systems: id, size, weights counted from the model and as published, recipe."""
    rows = []
    for method in methods.all_methods():
        if method.build:
            size = f"{NARROW}×{NARROW}".join(map(str, method.size))
            facts = methods.describe(method)
            rows.append(
                (f"`{method.id}`", methods.PAPERS.get(method.paper, "this course"), str(method.chapter), size, facts["loss"],
                 counted(facts), weights(method.id))
            )  # fmt: skip
    head = ("System", "Paper", "Chapter", "Size", "Loss, epochs", "Weights here", "Weights published")
    return table(head, rows, right=2)


def baselines() -> str:
    """The baselines with their titles."""
    rows = [
        (f"`{m.id}`", m.title, "both" if len(m.tasks) == 2 else f"{DIRECTIONS[m.tasks[0]].lower()} only")
        for m in methods.all_methods(kind="baseline")
    ]
    return table(("Baseline", "What it answers with", "Direction"), rows)


def exemplars() -> str:
    """The methods that put pictures together from pieces of the training pictures."""
    rows = [
        (f"`{m.id}`", methods.PAPERS[m.paper], chapter_link(m.chapter), m.title)
        for m in methods.all_methods(kind="exemplar")
    ]
    return table(("Method", "After", "Chapter", "What it answers with"), rows)


def compared() -> str:
    """What Duan et al. show or compare with: whose, whether it is built here, and their figures for it."""
    tables: dict[str, list[str]] = {system: [] for system in COMPARED}
    for figure in published.FIGURES:
        if figure.paper == "duan" and figure.system in tables:
            tables[figure.system].append(figure.table.removeprefix("Table "))
    rows = [
        (f"`{system}`", name, source, state(system),
         f"Tables {', '.join(dict.fromkeys(tables[system]))}" if tables[system] else "none, Fig. 1 shows pictures")
        for system, (name, source) in COMPARED.items()
    ]  # fmt: skip
    head = table(("System", "Name there", "Source", "Here", "Their figures"), rows)
    return f"{head}\n\n{figures([system for system in COMPARED if tables[system]], 'duan')}"


def merged(figures: list[published.Figure]) -> list[tuple[str, dict[str, str], list[str]]]:
    """One line for each system: its id, its printed figures by metric, the tables they stand in. Tables that disagree
    keep lines of their own."""
    lines: list[tuple[str, dict[str, str], list[str]]] = []
    for system, where in dict.fromkeys((f.system, f.table) for f in figures):
        here = [f for f in figures if (f.system, f.table) == (system, where)]
        values = {f.metric: f"{f.printed}{NARROW + '%' if f.unit else ''}" for f in here}
        for other, known, tables in lines:
            if other == system and all(known.get(metric, value) == value for metric, value in values.items()):
                known.update(values)
                tables[:] = [
                    tables[0].replace("Table ", "Tables "),
                    *tables[1:],
                    where.removeprefix("Table "),
                ]
                break
        else:
            lines.append((system, values, [where]))
    return lines


def figures(system_ids: list[str], paper: str) -> str:
    """A paper's own figures for its systems: one table for each data set and task."""
    chosen = [f for f in published.FIGURES if f.paper == paper and f.system in system_ids]
    groups = list(dict.fromkeys((f.dataset, f.task) for f in chosen))
    parts = []
    for dataset, task in groups:
        here = [f for f in chosen if (f.dataset, f.task) == (dataset, task)]
        metrics = list(dict.fromkeys(f.metric for f in here))
        head = ["System", *(NAMES.get(metric, metric.upper()) for metric in metrics), "Where"]
        rows = [
            [
                f"`{system}`",
                *(values.get(metric, "") for metric in metrics),
                " and ".join(where).replace(" ", "\N{NO-BREAK SPACE}", 1),
            ]
            for system, values, where in merged(here)
        ]
        parts.append(f"**{DATASETS[dataset]}, {DIRECTIONS[task].lower()}**\n\n{table(head, rows)}")
    return "\n\n".join(parts)


def seen_closely(paper: published.Paper) -> str:
    """Where a paper's figures stand beside ours, and what a close reading found."""
    found = sum(c.paper == paper.key for c in published.CONTRADICTIONS)
    return (
        f"[Its tables beside ours](replication/{paper.key}). "
        f"{{ref}}`Read closely: {found} contradictions and gaps <contradictions-{paper.key}>`."
    )


def by_paper() -> str:
    """Each paper: who, what, its systems with their state here, its figures, where it is examined."""
    parts = []
    for paper in papers():
        systems = owned(paper)
        source = f"[doi:{paper.doi}](https://doi.org/{paper.doi})" if paper.doi else paper.venue
        source = source[0].upper() + source[1:]
        where = ", ".join(f"`{id_}` ({state(id_)})" for id_ in systems)
        parts += [
            f"### {methods.PAPERS[paper.key]}",
            f"{', '.join(paper.authors)}. *{plain(paper.title)}.* {source}. {plain(paper.note)}",
            f"Its systems: {where}.",
            figures(systems, paper.key),
            seen_closely(paper),
        ]
    return "\n\n".join(parts)


SECTIONS: dict[str, Callable[[], str]] = {
    "register": register, "baselines": baselines, "exemplars": exemplars, "papers": by_paper, "compared": compared,
}  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main(PAGE, SECTIONS))
