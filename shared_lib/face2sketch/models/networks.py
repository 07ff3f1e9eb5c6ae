"""What a builder hands over when one network is not enough."""

from dataclasses import dataclass, field

from ..keras_quietly import keras


@dataclass(frozen=True)
class Networks:
    """A model that is trained in another form than it is used in.

    A conditional VAE sees the target while it learns and must do without it later; a loss computed from
    logits wants the values before the last sigmoid. The forms share their layers, so what one learns the
    others know.

    Attributes:
        translator: pictures (N, H, W, 3) in [0, 1] to the same; deterministic.
        trained: what the training loop compiles, from the input picture, or from [input, target], to a picture.
            It holds every weight: counting, saving and resuming go through it.
        logits: True if `trained` ends before its sigmoid; losses are then computed from the logits.
        parts: other models that share the weights, by name ("encoder", "decoder", ...), to look inside.
    """

    translator: keras.Model
    trained: keras.Model
    logits: bool = False
    parts: dict[str, keras.Model] = field(default_factory=dict)

    @property
    def sees_target(self) -> bool:
        """Whether training needs the target as a second input."""
        return len(self.trained.inputs) > 1


def as_networks(built: "keras.Model | Networks") -> Networks:
    """An ordinary model as `Networks`: trained as it is used."""
    return built if isinstance(built, Networks) else Networks(built, built)
