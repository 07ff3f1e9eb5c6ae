"""The two protocols that tables are met under: each paper's own, and one that is the same for all."""

from collections.abc import Iterable
from dataclasses import replace

from .. import methods, published
from ..errors import MethodError
from ..methods import TASKS, Method
from .experiments import league
from .runs import AS_PUBLISHED, Run

COMMON = "common"
PROTOCOLS = (AS_PUBLISHED, COMMON)
PROFILES = ("paper", "smoke")
"""How long runs take: as long as measurements need, or an epoch each for a trial."""
SEEDS = (0, 1, 2)
"""Of the common protocol."""
BARS = ("median-target", "mean-target", "grey-gain", "nearest-neighbour", "nearest-10", "ridge")
"""The baselines that stand beside a paper's systems under its own protocol."""
TURNED_LOOKUP = "turned-lookup"
"""The nearest neighbour that looks at turned pictures too: it finds what leaked, where pairs are turned before the split."""


def papers() -> list[str]:
    """The five papers that the project repeats."""
    return list(dict.fromkeys(method.paper for method in _systems()))


def _systems() -> list[Method]:
    """The five papers' own systems."""
    return [
        method
        for method in methods.all_methods()
        if method.paper and method.id.startswith(f"{method.paper}-")
    ]


def as_published_tasks(method: Method) -> tuple[str, ...]:
    """The directions that a system's paper scored it in; where it printed no score of it, those of its other systems. One
    that learns both directions in one training is run once."""
    if method.both_ways:
        return TASKS[:1]
    printed = {f.task for f in published.FIGURES if (f.system, f.paper) == (method.id, method.paper)}
    others = {f.task for f in published.FIGURES if f.paper == method.paper}
    return tuple(task for task in method.tasks if task in (printed or others))


def as_published(seed: int = 0, profile: str = "paper") -> list[Run]:
    """Every system under its own paper's protocol: its size, split (people on both sides, if so it was), augmentation, loss,
    epochs and measures; and, with seed 0, the baselines under the same.

    Duan et al. do not say how they split the pairs: the data set's own 88 and 100, scored at 200 x 250, as they saved them.
    """
    runs, seen = [], {}
    for method in _systems():
        size = method.protocol.size[0] if method.protocol else method.size[0]
        tasks = as_published_tasks(method)
        runs += [_published(method.id, task, method.paper, size, seed, profile) for task in tasks]
        # A paper without a protocol of its own shares the common one's pictures and measures, and so its baselines.
        if method.protocol and seed == 0:
            seen.setdefault((method.paper, size), set()).update(tasks)
    for (paper, size), tasks in seen.items():
        both = [task for task in TASKS if task in tasks]
        runs += [_published(name, task, paper, size, seed, profile) for task in both for name in BARS]
        if paper in leaky():
            runs += [
                replace(
                    _published("nearest-neighbour", task, paper, size, seed, profile),
                    arm=f"{TURNED_LOOKUP}-{paper}-{size}",
                    options={"turned": True},
                )
                for task in both
            ]
    return runs


def leaky() -> set[str]:
    """Papers that turned and mirrored their pairs before they drew the test."""
    return {method.paper for method in _systems() if method.protocol and method.protocol.leaks}


def _published(name: str, task: str, paper: str, size: int, seed: int, profile: str) -> Run:
    arm = name if name.startswith(f"{paper}-") else f"{name}-{paper}-{size}"
    return Run(
        AS_PUBLISHED, arm, name, task, seed, size=size, split=AS_PUBLISHED, whole=paper == "duan", paper=paper,
        profile=profile, options=_other_direction_too(methods.get(name), task, profile),
    )  # fmt: skip


def _other_direction_too(method: Method, task: str, profile: str) -> dict:
    """The stages, if the paper's network learns the other direction before it is scored in this one."""
    if not method.protocol or not method.protocol.in_turn:
        return {}
    stages = method.protocol.stages_in_turn(method.recipe.stages_for(profile), task)
    if not any(stage.backwards for stage in stages):
        return {}
    return {"stages": [[s.loss, s.epochs, s.learning_rate, list(s.frozen), s.backwards] for s in stages]}


def common(seed: int = 0, profile: str = "paper") -> list[Run]:
    """Every system and baseline under one protocol: CUHK student, 88 people to learn from and 100 to be judged on, no
    augmentation before the split, whole pictures scored at 200 x 250 by one set of measures. These are the league's runs
    (`experiments.league`: sizes and epochs that two processor cores manage), with other seeds; what has nothing random in it
    has seed 0 alone."""
    runs = [replace(run, seed=seed, profile=profile) for run in league() if seed == 0 or is_random(run)]
    if profile != "smoke":
        return runs
    return [
        replace(run, options={**run.options, "epochs": 1}) if "epochs" in run.options else run for run in runs
    ]


def is_random(run: Run) -> bool:
    """True if another seed gives another result."""
    from ..baselines import SEEDED

    method = methods.get(run.method)
    return method.framework != "numpy" or method.id in SEEDED


def select(
    names: Iterable[str] = (),
    tasks: Iterable[str] = TASKS,
    protocols: Iterable[str] = PROTOCOLS,
    seeds: Iterable[int] | None = None,
    profile: str = "paper",
) -> list[Run]:
    """The runs of some systems.

    Args:
        names: ids of the register, arms of the league, or papers ("huang": all its systems and the baselines under its
            protocol); all if empty.
        tasks: directions.
        protocols: "as-published", "common".
        seeds: those named; if None, 0 as published and 0, 1, 2 in common.
        profile: "paper", or "smoke" for a try.

    Raises:
        MethodError: a name, a protocol, a task or a profile that there is not, or a name that no run of this choice has.
    """
    names, tasks, protocols = list(names), list(tasks), list(protocols)
    choices = (protocols, PROTOCOLS, "protocol"), (tasks, TASKS, "task"), ([profile], PROFILES, "profile")
    for given, known, what in choices:
        if wrong := [one for one in given if one not in known]:
            raise MethodError(f"unknown {what} {wrong[0]!r}: expected one of {', '.join(known)}")
    runs = []
    for protocol, all_runs, usual in ((AS_PUBLISHED, as_published, (0,)), (COMMON, common, SEEDS)):
        if protocol in protocols:
            runs += [run for seed in (usual if seeds is None else seeds) for run in all_runs(seed, profile)]
    for name in names:
        if name not in papers() and not any(name in (run.arm, run.method) for run in runs):
            methods.get(name)  # an unknown name says what there is
            raise MethodError(
                f"{name} has no run under {' or '.join(protocols)}"
                + ("" if COMMON in protocols else ": its paper gives no protocol for the CUHK student pairs")
            )
    return [
        run
        for run in runs
        if (run.task in tasks or methods.get(run.method).both_ways)
        and (not names or any(_named(run, name) for name in names))
    ]


def _named(run: Run, name: str) -> bool:
    """A paper's name takes its systems, and, under its own protocol, the baselines."""
    paper = run.paper or methods.get(run.method).paper
    return name in (run.arm, run.method, paper)
