"""An encoder that has seen faces: a pretext task that needs no pairs.

A sketch for a photo costs an artist hours; facts about a photo are cheap. So a small encoder first learns to tell the
facts that the built-in faces come with (hair, glasses, beard, pose, light, ...), and its convolutions are then the start
of an autoencoder that draws (`f2s.fit("faces-transfer", ...)`). The people it learns from are others than those of
any experiment: the course's seeds are small numbers, this module's default is not.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .data.cuhk import cache_folder
from .data.faces import BEARDS, CLOTHES, HAIR_COLOURS, HAIR_STYLES, draw_photo, draw_sketch, sample_person
from .data.faces.person import SKIN_NAMES, attributes
from .errors import MethodError
from .training.progress import progress_bar

if TYPE_CHECKING:
    import keras
    import pandas as pd

SEED = 760_000
_RECIPE = 2  # in the names of cached files: raise it when network or training change, so that no old encoder is taken

# What is asked: the possible words; or, for an angle, the number of degrees that counts as one.
CHOICES: dict[str, tuple] = {
    "hair_style": HAIR_STYLES,
    "hair_colour": tuple(HAIR_COLOURS),
    "glasses": (False, True),
    "beard": BEARDS,
    "skin_tone": SKIN_NAMES,
    "clothes": CLOTHES,
}
ANGLES: dict[str, float] = {"pose": 6.5, "light": 32.0}


@dataclass(frozen=True)
class PretextSettings:
    """Settings of one pretraining.

    Attributes:
        task: "photo2sketch" learns from photos, "sketch2photo" from sketches: what the encoder will be given later.
        n: people to learn from; a quarter as many others are kept for the report.
        size: side of the pictures.
        epochs: passes over them; every picture is mirrored half of the time.
        seed: of the people, the initial weights and the order.
        batch_size, learning_rate: of Adam.
    """

    task: str = "photo2sketch"
    n: int = 800
    size: int = 64
    epochs: int = 16
    seed: int = SEED
    batch_size: int = 16
    learning_rate: float = 1e-3

    def __post_init__(self) -> None:
        if self.task not in ("photo2sketch", "sketch2photo"):
            raise MethodError(f"unknown task {self.task!r}: expected photo2sketch or sketch2photo")
        for name in ("n", "size", "epochs", "batch_size", "learning_rate"):
            if not getattr(self, name) > 0:
                raise MethodError(f"{name} is {getattr(self, name)!r}: expected a number above 0")
        if self.size % 16:
            raise MethodError(f"size is {self.size}: the small encoder wants a multiple of 16")


@dataclass
class Pretrained:
    """A pretrained encoder and what it can tell.

    Attributes:
        encoder: the small encoder (see `models.transfer`), picture (N, H, W, 3) in [0, 1] to features.
        report: one row per fact: what it scores on people it has not seen, and what the best constant answer does.
        losses: mean loss of each epoch.
        seconds: that drawing the faces took, and that training took.
        settings: how it was trained.
        path: the file it was written to, None if it was not.
    """

    encoder: "keras.Model"
    report: "pd.DataFrame"
    losses: list[float]
    seconds: dict[str, float]
    settings: PretextSettings
    path: Path | None = field(default=None)


def pretrain(
    task: str = "photo2sketch",
    *,
    n: int = PretextSettings.n,
    size: int = PretextSettings.size,
    epochs: int = PretextSettings.epochs,
    seed: int = SEED,
    batch_size: int = PretextSettings.batch_size,
    learning_rate: float = PretextSettings.learning_rate,
    path: str | Path | None = None,
    progress: bool = True,
) -> Pretrained:
    """Train the small encoder to tell facts about built-in faces.

    Args:
        task, n, size, epochs, seed, batch_size, learning_rate: see `PretextSettings`.
        path: .npz file to write the encoder to, for `f2s.fit(..., weights=path)`.
        progress: show a progress bar.

    Returns:
        The encoder and its report. The same settings give the same encoder on the same machine. This seeds Keras',
        NumPy's and Python's global generators.

    Raises:
        MethodError: an unknown task, or a setting that is not above 0.
        SavedFileError: `path` cannot be written.
    """
    settings = PretextSettings(task, n, size, epochs, seed, batch_size, learning_rate)
    began = time.monotonic()
    pictures, facts = draw(settings, n + max(8, n // 4), progress)
    drawn = time.monotonic()
    encoder, losses, predict = _train(pictures[:n], {k: v[:n] for k, v in facts.items()}, settings, progress)
    seconds = {"drawing": drawn - began, "training": time.monotonic() - drawn}
    told = predict(pictures[n:])
    table = report(told, {k: v[n:] for k, v in facts.items()}, {k: v[:n] for k, v in facts.items()})
    result = Pretrained(encoder, table, losses, seconds, settings)
    if path is not None:
        from .models.transfer import save_encoder

        about = {"settings": asdict(settings), "report": table.reset_index().to_dict("records")}
        result.path = save_encoder(encoder, path, about)
    return result


def default_file(task: str = "photo2sketch", progress: bool = True) -> Path:
    """What weights="faces" stands for: the encoder of the default settings, from the cache, or made now (a minute or two).

    Raises:
        SavedFileError: the cache cannot be written.
    """
    settings = PretextSettings(task)
    kind = "photos" if task == "photo2sketch" else "sketches"
    name = f"faces-{kind}-{settings.n}-{settings.size}-{settings.epochs}-{settings.seed}-recipe{_RECIPE}.npz"
    path = cache_folder() / "pretrained" / name
    if not path.is_file():
        if progress:
            print(
                f"Pretraining the small encoder on {kind} of {settings.n} built-in faces (a minute or two, once)"
            )
        pretrain(task, path=path, progress=progress)
    return path


def draw(
    settings: PretextSettings, count: int, progress: bool = False
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Pictures of `count` people, uint8 (count, size, size, 3 or 1), and the facts about them, by name.

    A fact of `CHOICES` is the number of its word, one of `ANGLES` is in its units. The first people are the same whatever
    `count` is.
    """
    pictures, rows = [], []
    pen = draw_photo if settings.task == "photo2sketch" else draw_sketch
    with progress_bar(count, "drawing faces", progress) as bar:
        for index in range(count):
            person = sample_person(settings.seed, index)
            pictures.append(pen(person, settings.size))
            rows.append(attributes(person))
            bar.update(1)
    facts = {name: np.array([words.index(row[name]) for row in rows]) for name, words in CHOICES.items()}
    facts |= {name: np.array([row[name] / unit for row in rows], np.float32) for name, unit in ANGLES.items()}
    return np.stack(pictures), facts


def pretext_network(size: int):
    """The small encoder, a hidden layer of 64 units, and one answer per fact.

    The hidden layer takes the narrowing to these few facts upon itself, so that the features below it stay of use for
    other things; it is thrown away afterwards (as the projection head of Chen et al., 2020, arXiv:2002.05709).

    Returns:
        (network, encoder); the network gives a dictionary of answers: logits over the words of each of `CHOICES`, a number
        for each of `ANGLES`.
    """
    from .keras_quietly import keras
    from .models.transfer import convolutional_encoder

    encoder = convolutional_encoder((size, size, 3), "small")
    inputs = keras.Input((size, size, 3), name="picture")
    code = keras.layers.Flatten(name="flatten")(encoder(inputs))
    code = keras.layers.Dense(64, activation="relu", name="hidden")(code)
    answers = {name: keras.layers.Dense(len(words), name=name)(code) for name, words in CHOICES.items()}
    answers |= {name: keras.layers.Dense(1, name=name)(code) for name in ANGLES}
    return keras.Model(inputs, answers, name="pretext"), encoder


def report(told: dict, facts: dict, learned_from: dict) -> "pd.DataFrame":
    """How well facts are told, beside the best answer that does not look at the picture.

    Args:
        told: answers as `pretext_network` gives them.
        facts: the truth for the same people, as `draw` gives it.
        learned_from: facts of the training people: their most frequent word, or their median angle, is the constant answer.

    Returns:
        A DataFrame indexed by fact: "measure" ("accuracy" or "error in degrees"), "encoder", "constant", "better" (True if
        the encoder beats the constant), "people".
    """
    import pandas as pd

    rows = {}
    for name in CHOICES:
        usual = np.bincount(learned_from[name]).argmax()
        right = (told[name].argmax(axis=-1) == facts[name]).mean(), (usual == facts[name]).mean()
        rows[name] = ("accuracy", *right, bool(right[0] > right[1]))
    for name, unit in ANGLES.items():
        guesses = (told[name].reshape(-1), np.median(learned_from[name]))
        error = [unit * np.abs(guess - facts[name]).mean() for guess in guesses]
        rows[name] = ("error in degrees", *error, bool(error[0] < error[1]))
    columns = ["measure", "encoder", "constant", "better"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("fact")
    return table.assign(people=len(facts["pose"]))


def _train(pictures: np.ndarray, facts: dict, settings: PretextSettings, progress: bool):
    """The trained encoder, the mean loss of each epoch, and a function from pictures to answers."""
    from .keras_quietly import keras
    from .training.keras_loop import uses_xla
    from .training.keras_pictures import to_network

    keras.utils.set_random_seed(settings.seed)
    network, encoder = pretext_network(settings.size)
    losses = {name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in CHOICES}
    losses |= {name: keras.losses.MeanSquaredError() for name in ANGLES}
    optimizer = keras.optimizers.Adam(learning_rate=settings.learning_rate)
    network.compile(optimizer=optimizer, loss=losses, jit_compile=uses_xla(False))
    prepare = partial(to_network, pad=((0, 0), (0, 0)))
    history = []
    steps = -(-len(pictures) // settings.batch_size)
    with progress_bar(settings.epochs * steps, "pretraining", progress) as bar:
        for epoch in range(settings.epochs):
            total = 0.0
            for chosen, mirrored in _batches(len(pictures), settings, epoch):
                x, y = _mirror(prepare(pictures[chosen]), {k: v[chosen] for k, v in facts.items()}, mirrored)
                network.reset_metrics()
                loss = network.train_on_batch(x, y)
                total += float(np.asarray(loss[0] if isinstance(loss, list | tuple) else loss)) * len(chosen)
                bar.update(1)
            history.append(total / len(pictures))

    def predict(pictures: np.ndarray) -> dict[str, np.ndarray]:
        parts = [network.predict_on_batch(prepare(pictures[i : i + 32])) for i in range(0, len(pictures), 32)]
        return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in facts}

    return encoder, history, predict


def _batches(count: int, settings: PretextSettings, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Numbers of the pictures of each batch, and which of them are mirrored."""
    rng = np.random.default_rng(np.random.SeedSequence([settings.seed, epoch]))
    order, mirrored = rng.permutation(count), rng.random(count) < 0.5
    for start in range(0, count, settings.batch_size):
        chosen = order[start : start + settings.batch_size]
        yield chosen, mirrored[chosen]


def _mirror(pictures: np.ndarray, facts: dict, mirrored: np.ndarray) -> tuple[np.ndarray, dict]:
    """Mirror some pictures; a mirrored face looks the other way, and its light comes from the other side."""
    pictures[mirrored] = pictures[mirrored, :, ::-1]
    sign = np.where(mirrored, -1, 1).astype(np.float32)
    return pictures, {name: sign * value if name in ANGLES else value for name, value in facts.items()}
