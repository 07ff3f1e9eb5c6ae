"""Draft and refine, the course's own system (chapter 10): a network that corrects a draft instead of drawing from nothing.

The draft is what exemplar synthesis makes of the input (`face2sketch.exemplars`): pieces of the artist's own sketches,
joined. It has the right strokes, in nearly the right places. There are two: one of the nearest patches, crisp, with seams,
and one of a random sample of them, smooth, and nearer in tone. The network sees input and drafts and answers with what is to
be added to the drafts' mean; its last layer starts at zero, so that before the first step its answer *is* that mean.

From the book: exemplars (chapter 9), skip connections (7), residuals (8), position as an input (1: faces are aligned),
and no normalisation over a batch (7: in use there is one picture).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import MethodError
from .gan import GanSystem, init_weights
from .pix2pix import PatchGan

FOLD = 2  # pixels of 2 x 2 become channels at the entrance, and channels pixels at the exit
_GROUPS = 8
_WIDEST = 4  # times `width`, the most channels any level has


class Refiner(nn.Module):
    """A U-Net from input and draft to the finished picture.

    Folding 2 x 2 pixels into channels first makes everything four times cheaper, and no pixel is lost. Two channels tell
    each place where it lies, from -1 to 1 down and across.

    Args:
        source_channels, target_channels: of the input, and of each draft and the answer.
        drafts: how many drafts there are. Their mean is what is corrected, and all are seen.
        width: channels of the first level; each level has twice as many, up to four times `width`.
        levels: how many sizes there are; sides must be multiples of 2 ** levels.
    """

    def __init__(
        self, source_channels: int, target_channels: int, *, drafts: int = 1, width: int = 48, levels: int = 4
    ):
        super().__init__()
        self.target_channels, self.drafts = target_channels, drafts
        widths = [width * min(2**level, _WIDEST) for level in range(levels)]
        seen = source_channels + drafts * target_channels + 2
        self.entrance = nn.Conv2d(seen * FOLD**2, width, 3, padding=1)
        self.encoder = nn.ModuleList(_block(count, count) for count in widths)
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, 2) for a, b in pairwise(widths))
        above = list(pairwise(widths))[::-1]
        self.grow = nn.ModuleList(nn.Conv2d(b, a * FOLD**2, 1) for a, b in above)
        self.decoder = nn.ModuleList(_block(2 * a, a) for a, _ in above)
        self.exit = nn.Conv2d(width, target_channels * FOLD**2, 3, padding=1)
        nn.init.zeros_(self.exit.weight)
        nn.init.zeros_(self.exit.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Input, drafts behind it, (B, source + drafts * target channels, H, W) in [-1, 1], to (B, target channels, H, W).

        The answer may leave [-1, 1] a little, as sums do; whoever makes a picture of it clips.
        """
        drafts = x[:, -self.drafts * self.target_channels :]
        draft = drafts.unflatten(1, (self.drafts, self.target_channels)).mean(1)
        x = self.entrance(F.pixel_unshuffle(torch.cat([x, _places(x)], 1), FOLD))
        levels = []
        for level, block in enumerate(self.encoder):
            x = x + block(x)
            if level < len(self.shrink):
                levels.append(x)
                x = self.shrink[level](x)
        for grow, block in zip(self.grow, self.decoder, strict=True):
            x = block(torch.cat([F.pixel_shuffle(grow(x), FOLD), levels.pop()], 1))
        return draft + F.pixel_shuffle(self.exit(x), FOLD)


def _block(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3x3 convolutions, each with group norm (of one picture's own statistics) and SiLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(_GROUPS, outputs), nn.SiLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(_GROUPS, outputs), nn.SiLU(),
    )  # fmt: skip


def _places(x: Tensor) -> Tensor:
    """(B, 2, H, W): how far down and how far across each pixel is, from -1 to 1."""
    down, across = (torch.linspace(-1, 1, side, device=x.device, dtype=x.dtype) for side in x.shape[2:])
    return torch.stack(torch.meshgrid(down, across, indexing="ij")).expand(len(x), -1, -1, -1)


def refiner(
    shape: tuple[int, int, int],
    task: str = "photo2sketch",
    *,
    photo_channels: int = 3,
    sketch_channels: int = 1,
    width: int = 48,
    levels: int = 4,
    discriminator_width: int = 32,
    receptive_field: int = 34,
    draft: str = "both",
) -> GanSystem:
    """Refiner of one direction, and a discriminator that judges small windows: texture, not likeness.

    Args:
        shape: (height, width, channels) of the pictures; sides that are multiples of 2 ** levels.
        task: "photo2sketch" or "sketch2photo".
        photo_channels, sketch_channels: 3, or 1 for grey.
        width, levels: of the refiner.
        discriminator_width, receptive_field: of `pix2pix.PatchGan`.
        draft: what its drafts will be made by (`face2sketch.drafts.Drafts`): "lle", "rslcr", "both" or "mean".

    Raises:
        MethodError: sides that do not fit, a width that its groups do not divide, or an unknown task.
    """
    if task not in ("photo2sketch", "sketch2photo"):
        raise MethodError(f"task is {task!r}: expected photo2sketch or sketch2photo")
    if any(side % 2**levels for side in shape[:2]):
        raise MethodError(
            f"pictures of {shape[0]} x {shape[1]}: expected sides that are multiples of {2**levels}"
        )
    if width % _GROUPS:
        raise MethodError(f"width is {width}: expected a multiple of {_GROUPS}, the groups of its norm")
    source, target = photo_channels, sketch_channels
    if task == "sketch2photo":
        source, target = target, source
    judge = PatchGan(target, receptive_field=receptive_field, width=discriminator_width, norm="instance")
    return GanSystem(
        {task: Refiner(source, target, drafts=2 if draft == "both" else 1, width=width, levels=levels)},
        {task: init_weights(judge)},
    )
