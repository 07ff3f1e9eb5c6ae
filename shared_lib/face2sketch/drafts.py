"""A first draft beside the input: what exemplar synthesis makes of it, for a network to refine (chapter 10).

The people a network learns from must not help to draft themselves: their own pieces fit perfectly, and the network would
learn that drafts are always right. So each training person's draft is made from all the others (`exemplars.leave_one_out`).
"""

import numpy as np
import torch
from torch import Tensor

from . import exemplars
from .data.images import eight_bit
from .errors import MethodError
from .fitting import unit_float
from .training.torch_pictures import Pad, stored

_PREFIX = "draft."


KINDS = {"lle": ("lle",), "rslcr": ("rslcr",), "both": ("lle", "rslcr"), "mean": ()}


class Drafts:
    """What drafts, once it has learned from some pairs.

    Args:
        inputs, targets: (N, H, W, C) uint8, pair by pair.
        kind: "lle", the nearest patches: crisp, with seams; "rslcr", a random sample of them: smooth, and nearer in tone;
            "both"; or "mean", the mean target, the same for everybody: what is left of the idea if the draft knows nothing
            about the person.

    Raises:
        MethodError: an unknown kind.
    """

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, kind: str = "both"):
        if kind not in KINDS:
            raise MethodError(f"draft is {kind!r}: expected one of {', '.join(KINDS)}")
        self.inputs, self.targets, self.kind = inputs, targets, kind

    def for_others(self, pictures: np.ndarray) -> np.ndarray:
        """Drafts for people who are not among the pairs.

        Args:
            pictures: (M, H, W, C), uint8 or float in [0, 1].

        Returns:
            uint8 (M, H, W, channels of the targets, twice as many of "both").
        """
        if self.kind == "mean":
            return np.repeat(eight_bit(self._floats()[1].mean(axis=0, keepdims=True)), len(pictures), axis=0)
        methods = [getattr(exemplars, name)() for name in KINDS[self.kind]]
        arrays, asked = methods[0].learn(*self._floats()), unit_float(pictures)
        return eight_bit(np.concatenate([method.apply(arrays, asked) for method in methods], axis=-1))

    def for_each_other(self) -> np.ndarray:
        """Drafts for the pairs themselves, each from all the others: uint8, channels as of `for_others`."""
        inputs, targets = self._floats()
        if self.kind == "mean":
            return eight_bit((targets.sum(axis=0) - targets) / (len(targets) - 1))
        made = [exemplars.leave_one_out(inputs, targets, name) for name in KINDS[self.kind]]
        return eight_bit(np.concatenate(made, axis=-1))

    def _floats(self) -> tuple[np.ndarray, np.ndarray]:
        return unit_float(self.inputs), unit_float(self.targets)

    def arrays(self) -> dict[str, np.ndarray]:
        """What a saved system keeps of it: the training pictures themselves."""
        return {f"{_PREFIX}inputs": self.inputs, f"{_PREFIX}targets": self.targets}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], kind: str) -> "tuple[Drafts, dict[str, np.ndarray]]":
        """Drafts from what `arrays` gave, and the other arrays of a saved system."""
        others = {name: value for name, value in arrays.items() if not name.startswith(_PREFIX)}
        return cls(arrays[f"{_PREFIX}inputs"], arrays[f"{_PREFIX}targets"], kind), others


def with_drafts(pictures: dict[str, Tensor], drafts: Drafts, task: str, pad: Pad) -> dict[str, Tensor]:
    """The pictures a loop learns from, drafts behind the source's channels.

    Args:
        pictures: "photo" and "sketch", uint8 (N, C, H', W').
        task: which of them is the source.
        pad: what they were padded by.
    """
    source = task.split("2")[0]
    made = drafts.for_each_other()
    behind = stored(made, made.shape[-1], pad)
    return {**pictures, source: torch.cat([pictures[source], behind], 1)}
