"""MSG-SARL: multi-scale gradients and self-attention residual learning (Duan et al., 2020, Sections III.B and III.C).

The paper prints neither widths nor a layer table, and leaves more open besides. What is decided here, and why:

- Depth. Eq. 1 puts the smaller outputs at 1/8, 1/4 and 1/2 of the full side: three halvings, so that the attention works
  at 1/8 (32x32 positions for 256 px) and O_0 is drawn from the map that enters the up-sampling.
- Widths. 64 channels at full size, twice as many after each halving up to four times as many (256), as CycleGAN's
  generator has, which the paper builds on. `width` changes all of them in proportion.
- Down-sampling: a 7x7 convolution, then 3x3 convolutions of stride 2, as CycleGAN. Zero padding, PyTorch's default.
- Up-sampling: nearest neighbours and a 3x3 convolution; the skips are added after its PReLU.
- All pictures that leave the generator, the full-size one included, are tanh of a 1x1 convolution (gamma in Eq. 1).
- PReLU with one learned slope for each layer, and instance norm without scale and shift: PyTorch's defaults.
- Block (Fig. 3): conv 3x3, norm, PReLU, conv 3x3, norm, plus the local skip; then conv 5x5, norm, PReLU; then the
  attention unit; plus the global skip from the block's input.
- The attention unit is in `dual_attention`.
- Discriminator: PatchGAN's 4x4 convolutions of stride 2 become 3x3 convolutions and 2x2 max pooling. A unit sees the same
  4x4 pixels, so the receptive field stays 70, with 9/16 of the weights. Each smaller picture passes a 1x1 convolution
  to half as many channels as the features it is concatenated to (Eq. 2).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import MethodError
from .dual_attention import AttentionMaps, AttentionUnit
from .gan import GanSystem, init_weights

ATTENTION = (True, False, "convolutions")
LEVELS = 3  # halvings in the generator: Eq. 1's smallest picture has 1/8 of the side


class SelfAttentionResidualBlock(nn.Module):
    """A residual block, a 5x5 convolution and an attention unit, with a skip around all of it (SARB, Fig. 3).

    Args:
        channels: C.
        attention: True, False for a block without the unit (the paper's ablation), or "convolutions" for a unit that
            keeps its convolutions and does not attend.
        double_softmax, channel_scale: see `AttentionUnit`.
    """

    def __init__(self, channels: int, attention: bool | str = True, **unit_options):
        super().__init__()
        if attention not in ATTENTION:
            raise MethodError(f"attention is {attention!r}: expected True, False or 'convolutions'")
        self.local = nn.Sequential(
            *convolution(channels, channels, 3),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            _norm(channels),
        )
        self.wide = nn.Sequential(*convolution(channels, channels, 5))
        self.unit = (
            AttentionUnit(channels, attend=attention is True, **unit_options) if attention else nn.Identity()
        )

    def before_unit(self, x: Tensor) -> Tensor:
        """M, what the attention unit is given."""
        return self.wide(self.local(x) + x)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        return self.unit(self.before_unit(x)) + x


class ResizeConvolution(nn.Conv2d):
    """Nearest-neighbour enlargement by two, then a 3x3 convolution: Odena et al.'s remedy for checkerboards.

    The same sums, in another order: every second pixel of the enlarged map is a repetition, so kernel taps that meet the
    same pixel are added beforehand, and a transposed convolution of stride 2 with the resulting 4x4 kernel gives the result.
    It takes 4/9 of the multiplications, and the enlarged map never lies in memory. The learned weights are still
    the 3x3 kernel's, so this kernel cannot draw a checkerboard.
    """

    def __init__(self, inputs: int, outputs: int, bias: bool = True):
        super().__init__(inputs, outputs, 3, padding=1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, 2 H, 2 W)."""
        taps = F.pad(self.weight.flip(2, 3), (1, 1, 1, 1))
        taps = taps[:, :, 1:] + taps[:, :, :-1]
        kernel = taps[:, :, :, 1:] + taps[:, :, :, :-1]
        return F.conv_transpose2d(x, kernel.transpose(0, 1), self.bias, stride=2, padding=1)


class MsgSarlGenerator(nn.Module):
    """Down-sampling, self-attention residual blocks, up-sampling with added skips (Fig. 2).

    Args:
        inputs, outputs: channels of source and target picture.
        multiscale: give pictures of 1/2, 1/4 and 1/8 as well (Eq. 1).
        attention, double_softmax, channel_scale: see `SelfAttentionResidualBlock`.
        blocks: how many of these.
        width: channels at full size.
    """

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 1,
        *,
        multiscale: bool = True,
        attention: bool | str = True,
        double_softmax: bool = False,
        channel_scale: str = "printed",
        blocks: int = 4,
        width: int = 64,
    ):
        super().__init__()
        widths = [width * min(2**level, 4) for level in range(LEVELS + 1)]  # at H, H/2, H/4, H/8
        self.down = nn.ModuleList([nn.Sequential(*convolution(inputs, width, 7))])
        self.up = nn.ModuleList()
        for large, small in pairwise(widths):
            self.down.append(nn.Sequential(*convolution(large, small, 3, stride=2)))
            self.up.insert(
                0, nn.Sequential(ResizeConvolution(small, large, bias=False), _norm(large), nn.PReLU())
            )
        unit = {"double_softmax": double_softmax, "channel_scale": channel_scale}
        self.blocks = nn.Sequential(
            *(SelfAttentionResidualBlock(widths[-1], attention, **unit) for _ in range(blocks))
        )
        drawn = widths[::-1] if multiscale else widths[:1]
        self.draw = nn.ModuleList(nn.Conv2d(channels, outputs, 1) for channels in drawn)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(B, inputs, H, W) in [-1, 1], sides divisible by 8, to (B, outputs, H, W); multi-scale: to four pictures,
        full size first, then 1/2, 1/4, 1/8.

        Raises:
            MethodError: a side not divisible by 8.
        """
        x, skips = self._encode(x)
        maps = [self.blocks(x)]
        for up, skip in zip(self.up, reversed(skips), strict=True):
            maps.append(up(maps[-1]) + skip)
        drawn = maps if len(self.draw) > 1 else maps[-1:]
        pictures = tuple(draw(features).tanh() for draw, features in zip(self.draw, drawn, strict=True))
        return pictures[::-1] if len(self.draw) > 1 else pictures[0]

    def _encode(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The map at 1/8, and the larger ones that are added on the way up."""
        if x.shape[-1] % 2**LEVELS or x.shape[-2] % 2**LEVELS:
            raise MethodError(f"pictures of {tuple(x.shape[-2:])}: expected sides divisible by {2**LEVELS}")
        levels = []
        for down in self.down:
            x = down(x)
            levels.append(x)
        return x, levels[:-1]

    @torch.no_grad()
    def attention_maps(self, x: Tensor) -> list[AttentionMaps]:
        """What each block attends to, for pictures as in `forward`.

        Raises:
            MethodError: a generator without attention.
        """
        x, _ = self._encode(x)
        found = []
        for block in self.blocks:
            if not isinstance(block.unit, AttentionUnit):
                raise MethodError("this generator was built without attention units: it has no maps")
            found.append(block.unit.maps(block.before_unit(x)))
            x = found[-1].answers + x
        return found


class MsgSarlDiscriminator(nn.Module):
    """PatchGAN with max pooling, which can judge four scales at once (Eqs. 2 to 4).

    Args:
        inputs: channels of a picture.
        multiscale: take a tuple of pictures, full size first.
        width: channels of the first layer.
    """

    def __init__(self, inputs: int = 1, *, multiscale: bool = True, width: int = 64):
        super().__init__()
        self.halving, self.enter = nn.ModuleList(), nn.ModuleList()
        channels = inputs
        for level in range(LEVELS):
            outputs = width * 2**level
            norm = [_norm(outputs)] if level else []  # none after the first layer, as in PatchGAN
            layer = nn.Conv2d(channels, outputs, 3, padding=1, bias=not norm)
            layers = [layer, *norm, _leaky(), nn.MaxPool2d(2)]
            self.halving.append(nn.Sequential(*layers))
            channels = outputs
            if multiscale:
                self.enter.append(nn.Conv2d(inputs, outputs // 2, 1))
                channels += outputs // 2
        deep = 8 * width
        self.verdict = nn.Sequential(
            nn.Conv2d(channels, deep, 4, padding=1, bias=False),
            _norm(deep),
            _leaky(),
            nn.Conv2d(deep, 1, 4, padding=1),
        )

    def forward(self, pictures: Tensor | tuple[Tensor, ...]) -> Tensor:
        """One picture (B, C, H, W), or four, full size first, to logits (B, 1, H / 8 - 2, W / 8 - 2): one verdict for
        each region of 70x70 pixels (32 px at least)."""
        full, *smaller = (pictures,) if isinstance(pictures, Tensor) else pictures
        if len(smaller) != len(self.enter):
            raise MethodError(f"{1 + len(smaller)} pictures: expected {1 + len(self.enter)}, full size first")
        x = full
        for level, halving in enumerate(self.halving):
            x = halving(x)
            if smaller:
                x = torch.cat([x, self.enter[level](smaller[level])], 1)
        return self.verdict(x)


def msg_sarl(
    shape: tuple[int, int, int],
    task: str = "photo2sketch",
    *,
    multiscale: bool = True,
    cycle: bool = True,
    width: int = 64,
    photo_channels: int = 3,
    sketch_channels: int = 1,
    **generator_options,
) -> GanSystem:
    """MSG-SARL and its ablations, with initial weights.

    The paper's six ablations are configurations: backbone (multiscale, attention and cycle False), backbone with MSG
    (multiscale alone True), backbone with self-attention (attention alone), and the whole without one of the three.

    Args:
        shape: (H, W, 3), sides divisible by 8. The networks take any such size; this one is checked.
        task: the direction, if `cycle` is False.
        multiscale: pictures of four sizes to a discriminator of four inputs, or one.
        cycle: both directions, as a cycle loss needs.
        width: channels at full size, of generators and discriminators.
        photo_channels, sketch_channels: 3 or 1; Eq. 1 draws sketches with one.
        **generator_options: attention, double_softmax, channel_scale, blocks: see `MsgSarlGenerator`.

    Raises:
        MethodError: a side not divisible by 8.
    """
    if any(side % 2**LEVELS for side in shape[:2]):
        raise MethodError(f"pictures of {shape[:2]}: expected sides divisible by {2**LEVELS}")
    channels = {
        "photo2sketch": (photo_channels, sketch_channels),
        "sketch2photo": (sketch_channels, photo_channels),
    }
    tasks = tuple(channels) if cycle else (task,)
    both = {"multiscale": multiscale, "width": width}
    system = GanSystem(
        generators={t: MsgSarlGenerator(*channels[t], **both, **generator_options) for t in tasks},
        discriminators={t: MsgSarlDiscriminator(channels[t][1], **both) for t in tasks},
        multiscale=multiscale,
    )
    return init_weights(system)


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Convolution that keeps the size (or divides it by its stride), instance norm, PReLU. The norm would take a bias of the
    convolution away again: there is none."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)
    return [layer, _norm(outputs), nn.PReLU()]


def _norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels)


def _leaky() -> nn.Module:
    return nn.LeakyReLU(0.2, inplace=True)
