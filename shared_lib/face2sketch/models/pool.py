"""The image pool: a discriminator is shown some of the generator's older pictures beside its newest.

Shrivastava et al. (2017), *Learning from Simulated and Unsupervised Images through Adversarial Training*,
arXiv:1612.07828, section 2.3; in the form that CycleGAN gave it (arXiv:1703.10593, section 4, 50 pictures).
"""

import json
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..errors import MethodError

Picture = Tensor | tuple[Tensor, ...]


class ImagePool:
    """A store of generated pictures that exchanges, half the time, a new picture for an old one.

    A discriminator that sees only the newest pictures may forget the faults it has already taught the generator to
    avoid, and the two go in circles. The pool shows it a mixture of new and old. It never holds a gradient.

    Args:
        size: how many pictures it keeps (50 in CycleGAN); 0 is no pool: every query returns what it was given.
        seed: of the choice of pictures; the same queries with the same seed give the same answers on any device.

    Raises:
        MethodError: a negative size.
    """

    def __init__(self, size: int = 50, seed: int = 0):
        if size < 0:
            raise MethodError(f"an image pool of {size} pictures: expected 0 (no pool) or more")
        self.size = int(size)
        self._random = np.random.default_rng(seed)
        self._kept: list[tuple[Tensor, ...]] = []  # one entry a picture: its scales, each (C, h, w)

    def __len__(self) -> int:
        """How many pictures are in the pool now."""
        return len(self._kept)

    def query(self, pictures: Picture) -> Picture:
        """As many pictures as given, some of them replaced by older ones.

        While the pool is filling, each new picture is kept and returned. Once it is full, each new picture is, with
        probability one half, returned and not kept; otherwise it takes the place of a random old one, which is returned.

        Args:
            pictures: (B, C, H, W); or a tuple of such, one a scale: the scales of a picture then stay together.

        Returns:
            Tensor or tuple as given, of the same shape, type and device, without gradient.

        Raises:
            MethodError: pictures of another shape, or another number of scales, than those in the pool.
        """
        scales = (pictures,) if isinstance(pictures, Tensor) else tuple(pictures)
        scales = tuple(scale.detach() for scale in scales)
        if self.size > 0:
            self._check(scales)
            answers = [self._exchange(picture) for picture in zip(*scales, strict=True)]
            columns = zip(*answers, strict=True)
            scales = tuple(_together(column, new) for column, new in zip(columns, scales, strict=True))
        return scales[0] if isinstance(pictures, Tensor) else scales

    def _exchange(self, new: Sequence[Tensor]) -> tuple[Tensor, ...]:
        if len(self._kept) < self.size:
            self._kept.append(tuple(scale.clone() for scale in new))
            return tuple(new)
        if self._random.random() < 0.5:
            return tuple(new)
        place = int(self._random.integers(self.size))
        old = self._kept[place]
        self._kept[place] = tuple(scale.clone() for scale in new)
        return old

    def _check(self, scales: tuple[Tensor, ...]) -> None:
        if not self._kept:
            return
        shapes = [tuple(scale.shape[1:]) for scale in scales]
        kept = [tuple(scale.shape) for scale in self._kept[0]]
        if shapes != kept:
            raise MethodError(
                f"pictures of shape {shapes} for an image pool that holds {kept}: a pool keeps pictures of one shape; "
                "take a new pool for pictures of another"
            )

    def state_dict(self) -> dict[str, np.ndarray]:
        """All that a later pool needs to continue exactly, as plain arrays.

        Returns:
            "size" (); "random" (bytes,) uint8, the generator's state as JSON; "pictures_0", "pictures_1", ...:
            (n, C, h, w) float32, the n pictures kept, one array a scale (none while the pool is empty). Half-precision
            pictures become float32, which holds them exactly.
        """
        state = {
            "size": np.array(self.size),
            "random": np.frombuffer(json.dumps(self._random.bit_generator.state).encode(), np.uint8).copy(),
        }
        for number, column in enumerate(zip(*self._kept, strict=True)):
            state[f"pictures_{number}"] = torch.stack(column).float().cpu().numpy()
        return state

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Continue from the state of another pool: the same queries now have the same answers.

        Raises:
            MethodError: the state is of a pool of another size.
        """
        if int(state["size"]) != self.size:
            raise MethodError(
                f"the state of an image pool of {int(state['size'])} for one of {self.size} pictures"
            )
        self._random.bit_generator.state = json.loads(np.asarray(state["random"], np.uint8).tobytes())
        columns = []
        while (name := f"pictures_{len(columns)}") in state:
            columns.append(torch.from_numpy(np.array(state[name], np.float32)))
        self._kept = [tuple(picture) for picture in zip(*columns, strict=True)]


def _together(pictures: Sequence[Tensor], like: Tensor) -> Tensor:
    """Pictures (C, h, w) as a batch on the device, in the type and in the memory's order of `like`."""
    batch = torch.empty_like(like)
    for place, picture in enumerate(pictures):
        batch[place] = picture
    return batch
