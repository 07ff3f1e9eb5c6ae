"""The register: one entry for each system of the papers, and for each baseline.

An entry joins an architecture, the recipe it was trained with, the protocol it was judged by, and its
published figures. `face2sketch.fit` takes an entry or its id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from . import profiles, published
from .errors import MethodError
from .training.settings import Stage

if TYPE_CHECKING:
    import pandas as pd

    from .data.pairs import FacePairs

TASKS = ("photo2sketch", "sketch2photo")
PAPERS = {
    "huang": "Huang", "skubisz": "Skubisz", "duan": "Duan et al.", "venkatesh": "Venkatesh", "priovolos": "Priovolos",
}  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """How a paper trained a network. What the paper leaves open is in `assumed`, in words.

    Attributes:
        stages: losses and epochs in the `paper` profile.
        book_epochs: epochs in the `book` profile, spread over the stages in proportion.
        optimizer, learning_rate, batch_size, reconstructs, weights: as for `TrainingSettings`.
    """

    stages: tuple[Stage, ...]
    book_epochs: int
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 32
    assumed: str = ""
    reconstructs: str = "target"
    weights: str | None = None

    def stages_for(self, profile: str) -> tuple[Stage, ...]:
        """The stages in a profile: one epoch each in `smoke`, scaled to `book_epochs` in `book`, whole in `paper`."""
        if profile == "paper":
            return self.stages
        if profile == "smoke":
            return tuple(replace(stage, epochs=1) for stage in self.stages)
        total = sum(stage.epochs for stage in self.stages)
        return tuple(
            replace(stage, epochs=max(1, round(self.book_epochs * stage.epochs / total)))
            for stage in self.stages
        )


@dataclass(frozen=True)
class Protocol:
    """How a paper prepared and split the 188 CUHK student pairs.

    Attributes:
        size: (height, width) the pictures are brought to.
        crop: True crops the centre to `size`; False resizes to it.
        eightfold: all pairs are flipped and turned into eight *before* the split, so that one person stands
            on both sides.
        test: number of test pictures after augmentation, or "huang" for that notebook's own split.
    """

    size: tuple[int, int]
    test: int | str
    crop: bool = False
    eightfold: bool = False

    def apply(self, pairs: "FacePairs", seed: int = 0) -> tuple["FacePairs", "FacePairs"]:
        """Training and test pairs as the paper made them, leaks included. For a fair split use
        `FacePairs.split`.

        Args:
            pairs: the 188 CUHK student pairs, as read.
            seed: of the random split, where the paper does not give one.

        Raises:
            MethodError: fewer pictures than the protocol puts into its test set.
        """
        from .data import augment

        pairs = pairs.crop(*self.size) if self.crop else pairs.resize(self.size)
        if self.eightfold:
            pairs = augment.eightfold(pairs)
        if isinstance(self.test, str):
            return pairs.split(self.test)
        if len(pairs) <= self.test:
            raise MethodError(
                f"{len(pairs)} pictures: this protocol wants more than its {self.test} test pictures"
            )
        order = np.random.default_rng(seed).permutation(len(pairs))
        return pairs[order[self.test :]], pairs[order[: self.test]]


def _any_side(side: int) -> int:
    return side


def _multiple_of(step: int) -> Callable[[int], int]:
    """The next side that is a multiple of `step`."""
    return lambda side: -(-side // step) * step


def _unpadded_side(side: int) -> int:
    """The next side 64 k + 128, k >= 1 (six unpadded stride-2 convolutions there and back)."""
    return 128 + 64 * max(1, -(-(side - 128) // 64))


@dataclass(frozen=True)
class Method:
    """A system of the register.

    Attributes:
        id: its name everywhere in this project.
        title: its name in words.
        kind: "dense", "convolutional", "variational", "quantised", "transfer" or "baseline".
        framework: "keras" or "numpy".
        size: (height, width) of the paper; a baseline has none.
        build: gives the network for an input shape (height, width, 3); None for a baseline.
        allowed_side: the next side, at least as long as a given one, that the architecture accepts.
        dense_layers: nearly all its weights are in dense layers (then XLA pays on a CPU).
    """

    id: str
    title: str
    kind: str
    framework: str
    chapter: int
    paper: str | None = None
    size: tuple[int, int] | None = None
    build: Callable[..., Any] | None = None
    recipe: Recipe | None = None
    protocol: Protocol | None = None
    allowed_side: Callable[[int], int] = field(default=_any_side)
    tasks: tuple[str, ...] = TASKS
    dense_layers: bool = False

    def parameters(self) -> int | None:
        """Weights of the network at the paper's size, counted from the built model; None for a baseline."""
        return None if self.build is None else _count_parameters(self.build, self.size)[0]

    def trained_parameters(self) -> int | None:
        """Those of `parameters()` that its last stage trains: no running statistics, nothing frozen for good."""
        return None if self.build is None else _count_parameters(self.build, self.size)[1]

    def published_parameters(self) -> int | None:
        """The total that the paper prints, or None where it prints none."""
        return published.parameters(self.id) if self.id in published.systems() else None

    def check_task(self, task: str) -> None:
        """Raise MethodError unless this method does `task`."""
        if task not in TASKS:
            raise MethodError(f"unknown task {task!r}: expected one of {', '.join(TASKS)}")
        if task not in self.tasks:
            raise MethodError(f"{self.id} does {', '.join(self.tasks)} only, not {task}")


@cache
def _count_parameters(build: Callable[..., Any], size: tuple[int, int]) -> tuple[int, int]:
    """All weights, and those that can be trained."""
    from math import prod

    from .keras_quietly import keras
    from .models.networks import as_networks

    # Without initial values even 425 million weights take no memory: only shapes are made.
    with keras.StatelessScope(initialize_variables=False):
        model = as_networks(build((*size, 3))).trained
    return tuple(sum(prod(v.shape) for v in weights) for weights in (model.weights, model.trainable_weights))


# -- builders: imported when called, so that the register itself loads no framework
# ------------------------------------


def _dense(shape, widths, **options):
    from .models.dense import dense_autoencoder

    return dense_autoencoder(shape, widths, **options)


def _huang_dae(shape, **options):
    return _dense(shape, (128, 64, 32, 64, 128), **options)


def _skubisz_sparse(shape, **options):
    return _dense(shape, (512, 256, 128, 64, 128, 256, 512), **{"code_l1": 1e-5, **options})


def _venkatesh_deep(shape, **options):
    from .models.dense import venkatesh_widths

    return _dense(shape, venkatesh_widths(256), **options)


def _priovolos_dense(shape, **options):
    from .models.dense import priovolos_widths

    return _dense(shape, priovolos_widths(), **options)


def _skubisz_conv(shape, **options):
    from .models.conv import strided_autoencoder

    return strided_autoencoder(shape, **options)


def _venkatesh_conv(shape, **options):
    from .models.conv import venkatesh_conv

    return venkatesh_conv(shape, **options)


def _venkatesh_conv_bn(shape, **options):
    return _venkatesh_conv(shape, batch_norm=True, **options)


def _priovolos_conv(shape, **options):
    from .models.priovolos import unpadded_autoencoder

    return unpadded_autoencoder(shape, **options)


def _priovolos_mixed(shape, **options):
    from .models.priovolos import mixed_autoencoder

    return mixed_autoencoder(shape, **options)


def _huang_vae(shape, **options):
    from .models.variational import dense_vae

    return dense_vae(shape, **{"as_published": True, **options})


def _huang_vae_sound(shape, **options):
    from .models.variational import dense_vae

    return dense_vae(shape, **options)


def _venkatesh_vae(shape, **options):
    from .models.dense import venkatesh_widths
    from .models.variational import dense_vae

    widths = venkatesh_widths(256)
    code = len(widths) // 2
    return dense_vae(shape, **{"hidden": widths[:code], "latent": widths[code], **options})


def _conditional_vae(shape, **options):
    from .models.variational import conditional_vae

    return conditional_vae(shape, **options)


def _huang_casq(shape, **options):
    from .models.casq import casq

    return casq(shape, **{"attention": "rows", "quantiser": "fixed", **options})


def _huang_casq_corrected(shape, **options):
    from .models.casq import casq

    return casq(shape, **options)


def _skubisz_transfer(shape, **options):
    from .models.transfer import transfer_autoencoder

    return transfer_autoencoder(shape, **options)


def _faces_transfer(shape, **options):
    from .models.transfer import transfer_autoencoder

    return transfer_autoencoder(shape, **{"encoder": "small", **options})


_HUANG = Protocol((200, 200), test="huang", crop=True)
_SKUBISZ = Protocol((256, 256), test=300, eightfold=True)
_VENKATESH = Protocol((256, 256), test=57)
_NO_BATCH = "The paper gives no batch size: 32, Keras' default."
_VENKATESH_ASSUMED = (
    f"{_NO_BATCH} Its Table I says 500 epochs, its text 200 for the run that was reported: 200. Table I's 131 training and "
    "57 test pictures contradict the text's 80 %: the table's numbers."
)


def _priovolos_protocol(size: int) -> Protocol:
    return Protocol((size, size), test=105, eightfold=True)  # 7 % of 1,504


_SYSTEMS = (
    Method(
        "huang-dae", "Dense autoencoder", "dense", "keras", 2, "huang", (200, 200), _huang_dae,
        Recipe((Stage("bce", 1000),), 100, batch_size=128, assumed="The paper draws no activations: ReLU, and a sigmoid "
               "at the end, which its binary cross-entropy needs."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "skubisz-sparse", "Sparse autoencoder", "dense", "keras", 2, "skubisz", (256, 256), _skubisz_sparse,
        Recipe((Stage("bce", 100),), 60, assumed="The L1 weight, the activations and the optimiser are not given: 1e-5, "
               "ReLU with a sigmoid at the end, Adam."),
        _SKUBISZ, dense_layers=True,
    ),
    Method(
        "venkatesh-deep", "Deep autoencoder", "dense", "keras", 2, "venkatesh", (256, 256), _venkatesh_deep,
        Recipe((Stage("mae", 200),), 60, assumed=_VENKATESH_ASSUMED), _VENKATESH, dense_layers=True,
    ),
    Method(
        "priovolos-dense", "Dense autoencoder, 16 layers", "dense", "keras", 2, "priovolos", (128, 128),
        _priovolos_dense, Recipe((Stage("mse", 100),), 20, assumed=_NO_BATCH), _priovolos_protocol(128),
        dense_layers=True,
    ),
    Method(
        "skubisz-conv", "Strided convolutional autoencoder", "convolutional", "keras", 3, "skubisz", (256, 256),
        _skubisz_conv, Recipe((Stage("mse", 100),), 40, assumed="Optimiser and output activation are not given: Adam "
                              "and a sigmoid."),
        _SKUBISZ, _multiple_of(8),
    ),
    Method(
        "venkatesh-conv", "Pooled convolutional autoencoder", "convolutional", "keras", 3, "venkatesh", (256, 256),
        _venkatesh_conv, Recipe((Stage("mae", 200),), 20, assumed=_VENKATESH_ASSUMED), _VENKATESH, _multiple_of(8),
    ),
    Method(
        "venkatesh-conv-bn", "The same with LeakyReLU and batch norm", "convolutional", "keras", 3, "venkatesh",
        (256, 256), _venkatesh_conv_bn,
        Recipe((Stage("mae", 200),), 20, assumed=f"{_VENKATESH_ASSUMED} Where the batch norms stand is not said: after "
               "each convolution but the last."),
        _VENKATESH, _multiple_of(8),
    ),
    Method(
        "priovolos-conv", "Unpadded convolutional autoencoder", "convolutional", "keras", 3, "priovolos", (256, 256),
        _priovolos_conv, Recipe((Stage("mae", 100),), 30, assumed=f"{_NO_BATCH} The last layer is linear, as in the "
                                "notebook that the paper names as its source."),
        _priovolos_protocol(256), _unpadded_side,
    ),
    Method(
        "priovolos-mixed", "Convolutional and dense autoencoder", "convolutional", "keras", 3, "priovolos", (256, 256),
        _priovolos_mixed, Recipe((Stage("mse", 100), Stage("mae", 50)), 15, assumed=f"{_NO_BATCH} Pooling after each "
                                 "convolution, a sigmoid at the end."),
        _priovolos_protocol(256), _multiple_of(64),
    ),
    Method(
        "huang-vae", "Dense VAE, as published", "variational", "keras", 4, "huang", (200, 200), _huang_vae,
        Recipe((Stage("bce_sum", 1000),), 100, batch_size=128, reconstructs="input", assumed="As the released notebook "
               "does: it learns to give the photo back, with its slips in the noise. The notebook draws a code at "
               "prediction too; here the mean is decoded, so that one photo always gives one picture."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "huang-vae-corrected", "Dense VAE, the paper's text at its word", "variational", "keras", 4, "huang", (200, 200),
        _huang_vae_sound,
        Recipe((Stage("bce", 1000),), 100, batch_size=128, assumed="Towards the sketch, with standard normal noise and a "
               "bounded log-variance; mean cross-entropy and KL divergence one to one."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "huang-vae-elbo", "Dense VAE, the usual bound", "variational", "keras", 4, "huang", (200, 200), _huang_vae_sound,
        Recipe((Stage("bce_sum", 1000),), 100, batch_size=128, assumed="As huang-vae-corrected, with the cross-entropy "
               "summed over the picture, as the bound of the likelihood has it."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "venkatesh-vae", "Dense VAE, code of 32", "variational", "keras", 4, "venkatesh", (256, 256), _venkatesh_vae,
        Recipe((Stage("mae", 200),), 60, assumed="The report gives no layers: those of its deep autoencoder, with mean and "
               f"log-variance for its code of 32. The loss it found best, as a mean, with the KL divergence one to one. "
               f"{_VENKATESH_ASSUMED}"),
        _VENKATESH, dense_layers=True,
    ),
    Method(
        "conditional-vae", "Convolutional conditional VAE", "variational", "keras", 4, None, (128, 128), _conditional_vae,
        Recipe((Stage("mse_sum", 300),), 80, batch_size=8, assumed="Not from the papers. After Sohn, Lee and Yan (2015): a "
               "U-Net decoder with a code of 16, whose posterior sees the target. Sigma 0.8 stands for pixels whose errors "
               "are not independent, and for a sketch's three equal channels."),
        None, _multiple_of(16),
    ),
    Method(
        "huang-casq", "CASQ, as published", "quantised", "keras", 5, "huang", (200, 200), _huang_casq,
        Recipe((Stage("bce", 1000),), 60, batch_size=128, assumed="As the released notebook does: attention within rows "
               "and without weights; the 1x1 convolution and the codebook keep the values they start with, those of the "
               "library it used (truncated normal of deviation 1/4; uniform within 0.306)."),
        _HUANG, _multiple_of(8),
    ),
    Method(
        "huang-casq-corrected", "CASQ, as described", "quantised", "keras", 5, "huang", (200, 200), _huang_casq_corrected,
        Recipe((Stage("bce", 1000),), 60, batch_size=16, assumed="Heads, codes and commitment are not given: 4 heads with "
               "a learned residual weight from 0 (Zhang et al., the source of its Fig. 6); 128 codes of 32 channels and "
               "0.25 from its notebook; the codebook by moving averages (its Eq. 3), idle codes restarted. Batches of 16: "
               "128 are one step an epoch on 88 pairs, and at 200 px their attention alone would take gigabytes."),
        _HUANG, _multiple_of(8),
    ),
    Method(
        "skubisz-transfer", "VGG-16 encoder, then fine-tuned", "transfer", "keras", 6, "skubisz", (224, 224),
        _skubisz_transfer,
        Recipe((Stage("mse", 100, frozen=("encoder",)), Stage("mse", 10, learning_rate=1e-4)), 22, weights="imagenet",
               assumed="The decoder's kernels are 3x3, as its total says, not 5x5, as its Table II does. Input as VGG "
               "wants it: blue, green, red, less ImageNet's mean."),
        Protocol((224, 224), test=300, eightfold=True), _multiple_of(32),
    ),
    Method(
        "faces-transfer", "Small encoder pretrained on built-in faces", "transfer", "keras", 6, None, (128, 128),
        _faces_transfer,
        Recipe((Stage("mse", 100, frozen=("encoder",)), Stage("mse", 10, learning_rate=1e-4)), 44, batch_size=16,
               weights="faces"),
        None, _multiple_of(16),
    ),
)  # fmt: skip

_BASELINE_TITLES = {
    "mean-target": "Mean training target", "median-target": "Median training target",
    "copy-input": "The input itself, in grey", "grey-gain": "Grey input, one fitted gain and offset",
    "nearest-neighbour": "Target of the nearest training person", "nearest-10": "Mean target of the 10 nearest people",
    "ridge": "Linear ridge regression", "filter-dodge": "Colour-dodge pencil filter",
    "filter-sobel": "Sobel edges, inverted", "filter-xdog": "XDoG pencil filter",
}  # fmt: skip

_REGISTER: dict[str, Method] = {method.id: method for method in _SYSTEMS} | {
    id_: Method(id_, title, "baseline", "numpy", 1, tasks=TASKS[:1] if id_.startswith("filter-") else TASKS)
    for id_, title in _BASELINE_TITLES.items()
}


def get(method: str | Method) -> Method:
    """The entry of that id; a `Method` of your own is passed through.

    Raises:
        MethodError: no entry has that id; the message names those that are close.
    """
    if isinstance(method, Method):
        return method
    if method not in _REGISTER:
        from difflib import get_close_matches

        close = get_close_matches(str(method), _REGISTER, n=3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise MethodError(f"unknown method {method!r}: {hint}The register holds {', '.join(_REGISTER)}")
    return _REGISTER[method]


def all_methods(kind: str | None = None, chapter: int | None = None, task: str | None = None) -> list[Method]:
    """All entries in the register's order, or those of a kind, a chapter or a task."""
    return [
        method
        for method in _REGISTER.values()
        if (kind is None or method.kind == kind)
        and (chapter is None or method.chapter == chapter)
        and (task is None or task in method.tasks)
    ]


def table(count: bool = True) -> "pd.DataFrame":
    """The register as a DataFrame: id, title, paper, chapter, size, parameters (counted, published), recipe.

    Args:
        count: build every network to count its weights (imports Keras); False leaves the column empty.
    """
    import pandas as pd

    return pd.DataFrame([describe(method, count) for method in _REGISTER.values()]).set_index("id")


def describe(method: Method, count: bool = True) -> dict:
    """One entry as plain values, fit for JSON."""
    recipe = method.recipe
    return {
        "id": method.id,
        "title": method.title,
        "paper": PAPERS.get(method.paper or ""),
        "chapter": method.chapter,
        "framework": method.framework,
        "tasks": list(method.tasks),
        "size": list(method.size) if method.size else None,
        "parameters": method.parameters() if count else None,
        "trained_parameters": method.trained_parameters() if count else None,
        "published_parameters": method.published_parameters(),
        "loss": " then ".join(f"{s.loss} for {s.epochs}" for s in recipe.stages) if recipe else None,
        "optimizer": recipe.optimizer if recipe else None,
        "learning_rate": recipe.learning_rate if recipe else None,
        "batch_size": recipe.batch_size if recipe else None,
        "assumed": recipe.assumed if recipe else None,
    }


def default_stages(method: Method, profile: str | None = None) -> tuple[Stage, ...]:
    """The stages a method is trained with in a profile (the active one if None)."""
    return method.recipe.stages_for(profiles.profile(profile))
