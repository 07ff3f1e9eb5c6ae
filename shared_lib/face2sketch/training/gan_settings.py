"""What an adversarial training run needs to know besides the system and the data."""

from dataclasses import asdict, dataclass, field, fields, replace

from ..errors import MethodError
from .settings import check_numbers

SCHEDULES = ("constant", "linear", "tenths")
AUGMENTATIONS = ("none", "flip", "jitter")
ADVERSARIAL = ("lsgan", "bce")


@dataclass(frozen=True)
class Objective:
    """Which losses a system is trained with, and their weights.

    Attributes:
        adversarial: "bce", the logistic loss of Goodfellow et al. (2014) in its non-saturating form, or "lsgan", least
            squares (Mao et al., 2017).
        gan: weight of the generator's adversarial loss; with 0 the discriminator learns all the same, and nobody listens.
        l1: mean absolute difference from the true target (pix2pix, 100).
        l2: mean squared difference from the true target (chapter 10).
        perceptual: squared difference of VGG-19 features from the true target's (MSG-SARL, Eq. 13).
        tv: total variation (MSG-SARL, Eq. 15).
        structure: 1 - SSIM with the true target (Zhao et al., 2017; chapter 10).
        cycle: mean absolute difference of the twice translated picture from the source (CycleGAN; MSG-SARL, Eq. 14).
        identity: mean absolute difference of a target fed to its own generator from itself (CycleGAN).
        pool: how many generated pictures are remembered for the discriminator; 0 shows it the newest alone.
    """

    adversarial: str = "lsgan"
    gan: float = 1.0
    l1: float = 0.0
    l2: float = 0.0
    perceptual: float = 0.0
    tv: float = 0.0
    structure: float = 0.0
    cycle: float = 0.0
    identity: float = 0.0
    pool: int = 0

    def __post_init__(self) -> None:
        if self.adversarial not in ADVERSARIAL:
            raise MethodError(
                f"unknown adversarial loss {self.adversarial!r}: expected one of {', '.join(ADVERSARIAL)}"
            )
        for name, value in asdict(self).items():
            if name != "adversarial" and not value >= 0:
                raise MethodError(f"the weight {name} is {value!r}: expected 0 or more")

    @property
    def words(self) -> str:
        """The losses with their weights, as in "bce + 100 l1"."""
        weights = {self.adversarial: self.gan, "l1": self.l1, "l2": self.l2, "perceptual": self.perceptual, "tv": self.tv,
                   "structure": self.structure, "cycle": self.cycle, "identity": self.identity}  # fmt: skip
        return " + ".join(name if w == 1 else f"{w:g} {name}" for name, w in weights.items() if w)

    def changed(self, changes: dict) -> "Objective":
        """The same with some weights changed.

        Raises:
            MethodError: a name that is no weight.
        """
        unknown = sorted(set(changes) - {field.name for field in fields(self)})
        if unknown:
            names = ", ".join(field.name for field in fields(self))
            raise MethodError(f"the objective has no {', '.join(unknown)}: expected some of {names}")
        return replace(self, **changes)


@dataclass(frozen=True)
class GanSettings:
    """Settings of one run.

    Attributes:
        epochs: passes over the training pairs.
        objective: losses and their weights.
        learning_rate: of both optimisers (Adam), at the start.
        betas: of Adam.
        schedule: of the learning rate: "constant"; "linear", constant for the first half of the epochs and falling to
            zero in the second (pix2pix, CycleGAN); "tenths", divided by ten after a quarter of the epochs and again after
            half of them (MSG-SARL: after 100 and 200 of 400).
        batch_size: pairs a step.
        augment: "none", "flip" or "jitter" (pix2pix: enlarge by 286/256, cut out at random, flip half the time).
        seed: of initial weights, order, dropout, augmentation and pool.
        weights: where the perceptual loss's features come from: "imagenet", "random", or a file.
        max_steps, minutes: stop there, even within an epoch; None for no limit.
        device, precision: see `training.devices`.
        compile: let torch.compile fuse the networks' operations: minutes of waiting, then faster steps. Dropout then draws
            other numbers than without.
        deterministic: use only algorithms that give the same bits each time (a CPU always does; a GPU gets slower).
        build_options: passed to the builder of the networks.
    """

    epochs: int
    objective: Objective
    learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    schedule: str = "linear"
    batch_size: int = 1
    augment: str = "none"
    seed: int = 0
    weights: str | None = None
    max_steps: int | None = None
    minutes: float | None = None
    device: str = "auto"
    precision: str = "auto"
    compile: bool = False
    deterministic: bool = False
    build_options: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        counts = {"epochs": self.epochs, "batch_size": self.batch_size, "max_steps": self.max_steps}
        check_numbers(self.learning_rate, self.minutes, seed=self.seed, **counts)
        for name, value, known in (
            ("schedule", self.schedule, SCHEDULES), ("augmentation", self.augment, AUGMENTATIONS)
        ):  # fmt: skip
            if value not in known:
                raise MethodError(f"unknown {name} {value!r}: expected one of {', '.join(known)}")
        if self.objective.perceptual and self.weights is None:
            raise MethodError(
                "a perceptual loss needs features: weights='imagenet', 'random' or a file; or set its weight to 0"
            )

    def rate(self, epoch: int) -> float:
        """The learning rate in an epoch, counted from 0."""
        if self.schedule == "constant":
            return self.learning_rate
        if self.schedule == "tenths":
            return self.learning_rate * 0.1 ** min(4 * epoch // self.epochs, 2)
        falling = self.epochs // 2
        return self.learning_rate * (1.0 - max(0, epoch + 1 - (self.epochs - falling)) / (falling + 1))

    def as_dict(self) -> dict:
        """All settings as plain values, for records and for comparing a checkpoint with a run."""
        return asdict(self) | {"betas": list(self.betas)}

    @classmethod
    def from_dict(cls, values: dict) -> "GanSettings":
        """Settings from what `as_dict` gave."""
        objective = Objective(**values["objective"])
        return cls(**{**values, "objective": objective, "betas": tuple(values["betas"])})
