"""What an adversarial translation system is made of: a generator and a discriminator for each direction it learns."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Pictures = Tensor | tuple[Tensor, ...]


class GanSystem(nn.Module):
    """Generators and discriminators of one training, one of each for every direction.

    Pictures are tensors (B, C, H, W) in [-1, 1]. A multi-scale generator answers with a tuple, full size first,
    then 1/2, 1/4, ...; its discriminator takes such a tuple. Any other takes one picture.

    Args:
        generators: a module for each task ("photo2sketch", "sketch2photo"), from source to target picture.
        discriminators: a module for each task, from a target picture to logits (B, 1, h, w).
        conditional: True if the discriminators see the source too, concatenated before the picture on the channels.
        multiscale: True if the discriminators judge all scales at once.
    """

    def __init__(
        self,
        generators: Mapping[str, nn.Module],
        discriminators: Mapping[str, nn.Module],
        *,
        conditional: bool = False,
        multiscale: bool = False,
    ):
        super().__init__()
        if list(generators) != list(discriminators):
            raise ValueError(
                f"generators for {list(generators)}, discriminators for {list(discriminators)}: expected the same tasks"
            )
        self.generators = nn.ModuleDict(generators)
        self.discriminators = nn.ModuleDict(discriminators)
        self.conditional, self.multiscale = conditional, multiscale

    @property
    def tasks(self) -> tuple[str, ...]:
        """The directions this system learns."""
        return tuple(self.generators)

    def generate(self, task: str, source: Tensor) -> tuple[Tensor, ...]:
        """The generator's pictures, full size first; one alone if it has a single scale."""
        return as_tuple(self.generators[task](source))

    def judge(self, task: str, source: Tensor, pictures: Sequence[Tensor]) -> Tensor:
        """Logits (B, 1, h, w) of the discriminator: how real it takes each region of the pictures to be."""
        discriminator = self.discriminators[task]
        if self.multiscale:
            return discriminator(tuple(pictures))
        return discriminator(torch.cat([source, pictures[0]], 1) if self.conditional else pictures[0])

    def forward(self, task: str, source: Tensor) -> Tensor:
        """The full-size picture that the generator of `task` makes of `source`."""
        return self.generate(task, source)[0]


def as_tuple(pictures: Pictures) -> tuple[Tensor, ...]:
    """One picture, or several scales of it, as a tuple."""
    return (pictures,) if isinstance(pictures, Tensor) else tuple(pictures)


def pyramid(picture: Tensor, levels: int) -> tuple[Tensor, ...]:
    """A picture (B, C, H, W) at full size, 1/2, 1/4, ...: each pixel of a smaller one is the mean of four.

    Args:
        picture: sides divisible by 2 ** (levels - 1).
        levels: how many sizes.
    """
    sizes = [picture]
    for _ in range(levels - 1):
        sizes.append(F.avg_pool2d(sizes[-1], 2))
    return tuple(sizes)


def init_weights(module: nn.Module, deviation: float = 0.02) -> nn.Module:
    """Start as pix2pix and CycleGAN do: convolutions from N(0, 0.02), biases 0, norms' scales from N(1, 0.02), shifts 0
    (Isola et al., 2017, Section 6.2).

    Args:
        module: changed in place, and returned.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(part.weight, 0.0, deviation)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.BatchNorm2d | nn.InstanceNorm2d) and part.affine:
            nn.init.normal_(part.weight, 1.0, deviation)
            nn.init.zeros_(part.bias)
    return module


def count_weights(module: nn.Module) -> int:
    """How many numbers training adjusts in a module (running statistics are not among them)."""
    return sum(parameter.numel() for parameter in module.parameters())
