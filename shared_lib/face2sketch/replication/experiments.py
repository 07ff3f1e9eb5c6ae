"""What is run on the real pairs, experiment by experiment: lists of `Run`s, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

from .. import methods
from ..errors import MethodError
from .runs import Run

TASKS = ("photo2sketch", "sketch2photo")
BASELINES = ("median-target", "mean-target", "grey-gain", "nearest-10", "ridge")


def _baselines(
    experiment: str, size: int, pairs: int | None = None, seed: int = 0, whole: bool = False
) -> list[Run]:
    return [
        Run(experiment, name, name, task, size=size, pairs=pairs, seed=seed, whole=whole)
        for task in TASKS
        for name in BASELINES
    ]


def corrected() -> list[Run]:
    """VAEs, as published and corrected, at 64 px, three seeds, both directions; one convolutional network beside them.
    (CASQ, as published and corrected, is part of `casq_ablation`.)"""
    dense = {"epochs": 200, "batch_size": 16}
    arms = {
        "huang-vae": dense, "huang-vae-corrected": dense, "huang-vae-elbo": dense, "venkatesh-vae": dense,
        "conditional-vae": {"epochs": 200, "batch_size": 8},
    }  # fmt: skip
    runs = [
        Run("corrected", method, method, task, seed, 64, options=options)
        for seed in range(3)
        for task in TASKS
        for method, options in arms.items()
    ]
    beside = {"epochs": 150, "batch_size": 16}
    runs += [Run("corrected", "skubisz-conv", "skubisz-conv", task, 0, 64, options=beside) for task in TASKS]
    return _baselines("corrected", 64) + runs


def casq_ablation() -> list[Run]:
    """CASQ's two parts, each alone and both, both as published, and attention whose weight starts from 1 instead of 0:
    at 64 px, three seeds, both directions."""
    arms = {
        "convolution": {"attention": "none", "quantiser": "none"},
        "with attention": {"attention": "all", "quantiser": "none"},
        "with quantiser": {"attention": "none", "quantiser": "average"},
        "with both": {"attention": "all", "quantiser": "average"},
        "both as published": {"attention": "rows", "quantiser": "fixed"},
        "attention from 1": {"attention": "all", "quantiser": "none", "attention_start": 1.0},
    }
    runs = [
        Run("casq", arm.replace(" ", "-"), "huang-casq-corrected", task, seed, 64,
            options={"epochs": 150, "batch_size": 16, **parts})
        for arm, parts in arms.items() for seed in range(3) for task in TASKS
    ]  # fmt: skip
    return _baselines("casq", 64) + runs


def casq_large() -> list[Run]:
    """CASQ as published and corrected on larger maps: 128 px, photo to sketch, one seed."""
    return [
        Run("casq-128", method, method, options={"epochs": 100, "batch_size": 16})
        for method in ("huang-casq", "huang-casq-corrected")
    ] + [run for run in _baselines("casq-128", 128) if run.task == TASKS[0]]


TRANSFER_PAIRS = (10, 20, 40, 88)
_TRANSFER_STEPS = 330


def transfer_curve() -> list[Run]:
    """What an encoder starts from, frozen or trained on, by number of training pairs: 64 px, the same optimiser steps
    (batches of 8) for every arm. Two seeds for the small encoder; one, and photo to sketch alone, for VGG-19's first two
    blocks."""
    small, vgg = {"encoder": "small"}, {"encoder": "vgg19-2"}
    arms = {
        "random, frozen": (small, None, "frozen"), "random, trained": (small, None, "trained"),
        "faces, frozen": (small, "faces", "frozen"), "faces, fine-tuned": (small, "faces", "tuned"),
        "faces, trained": (small, "faces", "trained"),
        "VGG random, trained": (vgg, None, "trained"), "VGG ImageNet, frozen": (vgg, "imagenet", "frozen"),
        "VGG ImageNet, trained": (vgg, "imagenet", "trained"),
    }  # fmt: skip
    runs = []
    for seed in range(2):
        for pairs in TRANSFER_PAIRS:
            runs += [run for run in _baselines("transfer", 64, pairs, seed) if run.arm != "mean-target"]
    for arm, (encoder, weights, training) in arms.items():
        for seed in range(1 if encoder is vgg else 2):
            for task in TASKS[: 1 if encoder is vgg else 2]:
                for pairs in TRANSFER_PAIRS:
                    epochs = round(_TRANSFER_STEPS / -(-pairs // 8))
                    options = {
                        "batch_size": 8,
                        "weights": weights,
                        "stages": _stages(training, epochs),
                        **encoder,
                    }
                    runs.append(
                        Run("transfer", arm.replace(", ", "-").replace(" ", "-"), "faces-transfer", task, seed, 64,
                            pairs=pairs, options=options)
                    )  # fmt: skip
    return runs


def _stages(training: str, epochs: int) -> list[list]:
    """Frozen throughout, trained throughout, or as Skubisz did: ten parts frozen, one fine-tuned at a tenth of the rate."""
    if training == "tuned":
        last = max(1, round(epochs / 11))
        return [["mse", epochs - last, None, ["encoder"]], ["mse", last, 1e-4, []]]
    return [["mse", epochs, None, ["encoder"] if training == "frozen" else []]]


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


def adversarial() -> list[Run]:
    """pix2pix and MSG-SARL on whole pictures, at 128 px for want of a GPU, scored at 200 x 250 as Duan et al. did."""
    size = 128
    runs = [
        Run("adversarial", "pix2pix", "pix2pix", task, size=size, whole=True, options={"epochs": 25})
        for task in TASKS
    ]
    runs.append(
        Run("adversarial", "duan-msg-sarl", "duan-msg-sarl", size=size, whole=True, options={"epochs": 12})
    )
    return _baselines("adversarial", size, whole=True) + runs


def adversarial_full() -> list[Run]:
    """The same systems at the papers' own size and epochs, and CycleGAN: 256 px; hours on a GPU, weeks without."""
    runs = [
        Run("adversarial-256", "pix2pix", "pix2pix", task, size=256, whole=True, options={"epochs": 200})
        for task in TASKS
    ]
    runs += [
        Run("adversarial-256", method, method, size=256, whole=True, options={"epochs": epochs})
        for method, epochs in (("duan-msg-sarl", 400), ("cyclegan", 200))
    ]
    return _baselines("adversarial-256", 256, whole=True) + runs


ABLATIONS = (
    "duan-backbone", "duan-backbone-msg", "duan-backbone-attention", "duan-no-cycle", "duan-no-msg", "duan-no-attention",
    "duan-msg-sarl",
)  # fmt: skip


def msg_sarl_ablations() -> list[Run]:
    """MSG-SARL and its six ablations at an equal budget: 96 px, half the width, 10 epochs, three seeds."""
    options = {"epochs": 10, "width": 32}
    return [
        Run("ablations", method, method, TASKS[0], seed, 96, whole=True, options=options)
        for seed in range(3)
        for method in ABLATIONS
    ]


LEAGUE_BARS = (
    "copy-input", "grey-gain", "mean-target", "median-target", "nearest-neighbour", "nearest-10", "ridge", "filter-dodge",
    "filter-sobel", "filter-xdog", "lle", "fast-rslcr",
)  # fmt: skip
# By arm, which is the method's id if nothing else is said. Epochs that two processor cores manage, and the options that
# keep them useful: batches of 16, since 88 pairs in the papers' batches of 128 are a single step an epoch.
LEAGUE_SYSTEMS: dict[str, dict] = {
    "skubisz-conv": {"epochs": 150, "batch_size": 16},
    "fcn": {"epochs": 60, "batch_size": 8},
    "vgg19-transfer": {
        "method": "faces-transfer",
        "epochs": 60,
        "batch_size": 8,
        "encoder": "vgg19-2",
        "weights": "imagenet",
    },
    "huang-casq": {"epochs": 60, "batch_size": 16},
    "huang-casq-corrected": {"epochs": 60, "batch_size": 16},
    "conditional-vae": {"epochs": 100, "batch_size": 8},
    "skubisz-sparse": {"epochs": 100, "batch_size": 16},
    "venkatesh-deep": {"epochs": 200, "batch_size": 16},
    "huang-dae": {"epochs": 200, "batch_size": 16},
    "huang-vae": {"epochs": 200, "batch_size": 16},
    "huang-vae-elbo": {"epochs": 200, "batch_size": 16},
    "venkatesh-vae": {"epochs": 100, "batch_size": 16},
    "priovolos-conv": {"epochs": 60, "batch_size": 16},
    "venkatesh-conv": {"epochs": 20, "batch_size": 8},
    "venkatesh-conv-bn": {"epochs": 20, "batch_size": 8},
    "priovolos-mixed": {"epochs": 20, "batch_size": 8},
    "skubisz-pix2pix": {"epochs": 6},
    "pix2pix": {"epochs": 25},
    "cyclegan": {"epochs": 10},
    "duan-msg-sarl": {"epochs": 12},
    "priovolos-dense": {"epochs": 40, "batch_size": 16},
}


def league() -> list[Run]:
    """Every system under one protocol: CUHK student, 88 people to learn from and 100 to be judged on, whole pictures, scored
    at 200 x 250 by all measures, both directions, one seed. What needs no training works at 200 x 250, and so does the
    course's own system; networks are trained at 128 px, for as long as two processor cores allow."""
    native = {**{name: {} for name in LEAGUE_BARS}, "draft-and-refine": {"epochs": 10}}
    runs = [
        Run("league", name, name, task, size=250, whole=True, native=True, options=options)
        for name, options in native.items()
        for task in methods.get(name).tasks
    ]
    for arm, options in LEAGUE_SYSTEMS.items():
        options = dict(options)
        method = options.pop("method", arm)
        tasks = TASKS[:1] if methods.get(method).both_ways else TASKS
        runs += [Run("league", arm, method, task, size=128, whole=True, options=options) for task in tasks]
    return runs


LONGER = ("venkatesh-conv", "venkatesh-conv-bn", "priovolos-mixed", "priovolos-dense")
"""The league's systems of 20 and 40 epochs: autoencoders of which the league saw little."""


def longer() -> list[Run]:
    """These four, five times as long: is a low line in the league the system's, or that of haste?"""
    return [
        replace(run, experiment="longer", options={**run.options, "epochs": 5 * run.options["epochs"]})
        for run in league()
        if run.arm in LONGER
    ]


EXPERIMENTS: dict[str, Callable[[], list[Run]]] = {
    "divergence": vae_divergence,
    "casq": casq_ablation,
    "casq-128": casq_large,
    "corrected": corrected,
    "transfer": transfer_curve,
    "adversarial": adversarial,
    "adversarial-256": adversarial_full,
    "ablations": msg_sarl_ablations,
    "league": league,
    "longer": longer,
}


def experiment(name: str) -> list[Run]:
    """The runs of an experiment, cheap ones first.

    Raises:
        MethodError: no experiment has that name.
    """
    if name not in EXPERIMENTS:
        raise MethodError(f"unknown experiment {name!r}: expected one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]()
