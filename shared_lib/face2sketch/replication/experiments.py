"""What is run on the real pairs, experiment by experiment: lists of `Run`s, and nothing else."""

from collections.abc import Callable

from ..errors import MethodError
from .runs import Run

TASKS = ("photo2sketch", "sketch2photo")
BASELINES = ("median-target", "mean-target", "grey-gain", "nearest-10", "ridge")


def _baselines(experiment: str, size: int, pairs: int | None = None, seed: int = 0) -> list[Run]:
    return [
        Run(experiment, name, name, task, size=size, pairs=pairs, seed=seed)
        for task in TASKS
        for name in BASELINES
    ]


def corrected() -> list[Run]:
    """As published against corrected: VAEs and CASQ at 128 px, three seeds, batches of 16, both directions."""
    dense = {"epochs": 300, "batch_size": 16}
    convolutional = {"epochs": 100, "batch_size": 16}
    arms = {
        "huang-vae": dense, "huang-vae-corrected": dense, "huang-vae-elbo": dense, "venkatesh-vae": dense,
        "conditional-vae": convolutional, "huang-casq": convolutional, "huang-casq-corrected": convolutional,
        "skubisz-conv": convolutional,
    }  # fmt: skip
    runs = [
        Run("corrected", method, method, task, seed, 128, options=options)
        for seed in range(3)
        for task in TASKS
        for method, options in arms.items()
    ]
    return _baselines("corrected", 128) + runs


def casq_ablation() -> list[Run]:
    """CASQ's two parts, each alone and both, at 64 px, three seeds, both directions."""
    arms = {
        "convolution": ("none", "none"),
        "with attention": ("all", "none"),
        "with quantiser": ("none", "average"),
        "with both": ("all", "average"),
    }
    runs = [
        Run("casq", arm.replace(" ", "-"), "huang-casq-corrected", task, seed, 64,
            options={"epochs": 200, "batch_size": 16, "attention": attention, "quantiser": quantiser})
        for seed in range(3) for task in TASKS for arm, (attention, quantiser) in arms.items()
    ]  # fmt: skip
    return _baselines("casq", 64) + runs


def vae_divergence() -> list[Run]:
    """The published VAE as it was trained, 200 px, 150 people, batches of 128, ten seeds: how often does it end in NaN?"""
    return [
        Run(
            "divergence",
            "huang-vae",
            "huang-vae",
            "photo2sketch",
            seed,
            200,
            "huang",
            options={"epochs": 100},
        )
        for seed in range(10)
    ]


EXPERIMENTS: dict[str, Callable[[], list[Run]]] = {
    "divergence": vae_divergence,
    "casq": casq_ablation,
    "corrected": corrected,
}


def experiment(name: str) -> list[Run]:
    """The runs of an experiment, cheap ones first.

    Raises:
        MethodError: no experiment has that name.
    """
    if name not in EXPERIMENTS:
        raise MethodError(f"unknown experiment {name!r}: expected one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]()
