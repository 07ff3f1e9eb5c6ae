"""pix2pix: a U-Net that draws, and a PatchGAN that judges what it sees through a window.

Isola, Zhu, Zhou and Efros (2017), arXiv:1611.07004, Sections 3.2, 3.4 and 6.1. The weights are those of the authors'
public PyTorch code; where its text and its codes differ, the docstring of the part says which is followed.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import ceil, log2

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import MethodError
from .gan import GanSystem, init_weights

NORMS = ("batch", "instance", "none")
STATISTICS = ("own", "running")
UPSAMPLING = ("transposed", "uneven", "resize")
# Convolutions of stride 2 in each discriminator; two of stride 1 follow. The pixel's has neither.
PATCHES = {1: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}

_DEEPEST = 8  # halvings of the published network: 256 px to one
_WIDEST = 8  # times `width` channels, the most any layer has
_DROPOUTS = 3  # decoding blocks with dropout, from the bottleneck on
_MOST_PADDING = 4 / 3  # of a picture's area


class OwnBatchNorm(nn.BatchNorm2d):
    """Batch norm that keeps no running statistics: in use, each picture is normalised by itself.

    While it trains it is ordinary batch norm. The published code translates one picture at a time with the statistics
    of that "batch" (Section 3.4); here the other pictures of a batch make no difference either.
    """

    def __init__(self, channels: int):
        super().__init__(channels, track_running_stats=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        if self.training:
            return super().forward(x)
        return F.instance_norm(x, weight=self.weight, bias=self.bias, eps=self.eps)


class Dropout(nn.Dropout):
    """Dropout that can stay on in use, where it is the network's only source of chance."""

    def __init__(self, share: float, always: bool):
        super().__init__(share)
        self.always = always

    def forward(self, x: Tensor) -> Tensor:
        """Set a share of the numbers to 0, and scale the others up."""
        return F.dropout(x, self.p, self.training or self.always)


def norm_layer(channels: int, norm: str = "batch", statistics: str = "own") -> nn.Module:
    """A normalisation of that many channels.

    Args:
        norm: "batch"; "instance", without scale and shift, as in the public PyTorch code; or "none".
        statistics: of batch norm in use: each picture's "own", or those gathered while it trained, "running".

    Raises:
        MethodError: an unknown choice.
    """
    _check("norm", norm, NORMS)
    _check("statistics", statistics, STATISTICS)
    if norm == "instance":
        return nn.InstanceNorm2d(channels)
    if norm == "none":
        return nn.Identity()
    return OwnBatchNorm(channels) if statistics == "own" else nn.BatchNorm2d(channels)


def _upsampler(inputs: int, outputs: int, kind: str, bias: bool) -> nn.Module:
    """Twice the sides: the paper's 4x4 transposed convolution, one whose 3x3 kernels overlap unevenly, or a copy of
    each pixel into four and an ordinary convolution."""
    if kind == "transposed":
        return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias)
    if kind == "uneven":
        return nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, output_padding=1, bias=bias)
    return nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(inputs, outputs, 3, 1, 1, bias=bias))


class UNet(nn.Module):
    """Encoder and decoder, each encoding level joined to the decoding level of its size (Section 6.1.1).

    Levels are counted from 1, at half the picture's sides, to `depth`, the bottleneck. Encoder: C64-C128-C256-C512...;
    decoder: CD512-CD512-CD512-C512-...-C64, and a convolution to the picture, with tanh. The bottleneck has no norm: on
    a map of one pixel it would leave nothing (the paper's text has one there, its code has not). Dropout stands in the
    first three decoding blocks, as in the paper; the PyTorch code has it in the second to the fourth.

    Args:
        in_channels, out_channels: of the pictures, in [-1, 1].
        depth: how often the sides are halved. Sides that are no multiples of 2 ** depth are padded with their edges for
            the way through, and what was padded is cut off again.
        width: channels of level 1; each level has twice as many, up to eight times `width`.
        norm, statistics: see `norm_layer`.
        dropout: share of numbers that it sets to 0.
        dropout_at_test: whether it stays on in use, as published.
        skips: True joins all levels, False none, a collection of numbers those levels.
        upsampling: "transposed", 4x4; "uneven", 3x3; "resize", and a 3x3 convolution.

    Raises:
        MethodError: an unknown choice, or a skip at a level that is not there.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        depth: int = _DEEPEST,
        width: int = 64,
        norm: str = "batch",
        statistics: str = "own",
        dropout: float = 0.5,
        dropout_at_test: bool = True,
        skips: bool | Collection[int] = True,
        upsampling: str = "transposed",
    ):
        super().__init__()
        _check("upsampling", upsampling, UPSAMPLING)
        self.depth, self.skips = depth, _levels(skips, depth)
        bias = norm != "batch"  # batch norm brings a shift of its own
        widths = [in_channels, *(width * min(2**level, _WIDEST) for level in range(depth))]  # by level
        joined = [count * (2 if level in self.skips else 1) for level, count in enumerate(widths)]
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for level in range(1, depth + 1):
            parts = [nn.Conv2d(widths[level - 1], widths[level], 4, 2, 1, bias=bias)]
            if 1 < level < depth:
                parts.append(norm_layer(widths[level], norm, statistics))
            self.encoder.append(nn.Sequential(*parts))
        for level in range(depth, 1, -1):
            parts = [_upsampler(joined[level], widths[level - 1], upsampling, bias)]
            parts.append(norm_layer(widths[level - 1], norm, statistics))
            if dropout and level > depth - _DROPOUTS:
                parts.append(Dropout(dropout, dropout_at_test))
            self.decoder.append(nn.Sequential(*parts))
        self.decoder.append(nn.Sequential(_upsampler(joined[1], out_channels, upsampling, True), nn.Tanh()))

    def forward(self, x: Tensor, cut: Collection[int] = ()) -> Tensor:
        """(B, C, H, W) in [-1, 1] to the same size.

        Args:
            cut: levels whose skip connection carries zeros this time, to see what it is good for.
        """
        (height, width), step = x.shape[2:], 2**self.depth
        more_rows, more_columns = -height % step, -width % step
        top, left = more_rows // 2, more_columns // 2
        if more_rows or more_columns:
            x = F.pad(x, (left, more_columns - left, top, more_rows - top), "replicate")
        levels = []  # what each level found, before its activation
        for block in self.encoder:
            x = block(F.leaky_relu(x, 0.2) if levels else x)
            levels.append(x)
        for level, block in zip(range(self.depth, 0, -1), self.decoder, strict=True):
            if level in self.skips:
                seen = levels[level - 1]
                x = torch.cat([x, torch.zeros_like(seen) if level in cut else seen], 1)
            x = block(F.relu(x, inplace=True))
        return x[:, :, top : top + height, left : left + width]


class PatchGan(nn.Sequential):
    """A stack of 4x4 convolutions whose every output judges one window of the picture (Section 6.1.2).

    Any picture of at least the size that its strides need will do: from (B, C, H, W) in [-1, 1] to logits (B, 1, h, w).

    Args:
        in_channels: of the picture, with those of the source before them if the network is to see both.
        receptive_field: side of the window: 16, 34, 70 (the paper's), 142, 286, or 1, a pixel.
        width: channels of the first layer; each has twice as many, up to eight times `width`.
        norm, statistics: see `norm_layer`.

    Raises:
        MethodError: an unknown choice.
    """

    def __init__(
        self,
        in_channels: int,
        *,
        receptive_field: int = 70,
        width: int = 64,
        norm: str = "batch",
        statistics: str = "own",
    ):
        _check("receptive_field", receptive_field, tuple(PATCHES))
        halvings = PATCHES[receptive_field]
        kernel, pad = (4, 1) if halvings else (1, 0)
        bias = norm != "batch"
        parts, inputs = [], in_channels
        for layer in range(halvings + 1 if halvings else 2):
            outputs, stride = width * min(2**layer, _WIDEST), 2 if layer < halvings else 1
            parts.append(nn.Conv2d(inputs, outputs, kernel, stride, pad, bias=bias or layer == 0))
            if layer:
                parts.append(norm_layer(outputs, norm, statistics))
            parts.append(nn.LeakyReLU(0.2, inplace=True))
            inputs = outputs
        parts.append(nn.Conv2d(inputs, 1, kernel, 1, pad, bias=bias or halvings > 0))
        super().__init__(*parts)


@dataclass(frozen=True)
class Field:
    """What the outputs of a stack of convolutions see of its input.

    Attributes:
        size: side of one output's window, in input pixels.
        step: distance of neighbouring outputs' windows.
        start: first row (and column) of the first output's window; negative if it begins in the padding.
    """

    size: int
    step: int
    start: int

    def window(self, row: int, column: int) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) of the window of one output; top and left belong to it, bottom and right do not."""
        top, left = self.start + row * self.step, self.start + column * self.step
        return top, left, top + self.size, left + self.size


def layers_of(module: nn.Module) -> Iterator[tuple[int, int, int]]:
    """(kernel, stride, padding) of each convolution and pooling layer of a chain, from the picture on.

    A dilated kernel counts with the pixels it spans.

    Raises:
        MethodError: a layer that makes pictures larger, or whose kernel is not square.
    """
    for part in module.modules():
        if isinstance(part, nn.ConvTranspose2d | nn.Upsample):
            raise MethodError(f"{type(part).__name__} makes pictures larger: expected a chain that does not")
        if not isinstance(part, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            continue
        values = [part.kernel_size, part.stride, part.padding, getattr(part, "dilation", 1)]
        square = [value if isinstance(value, tuple) else (value, value) for value in values]
        if any(height != width for height, width in square):
            raise MethodError(f"{part} is not square: expected the same along rows and columns")
        kernel, stride, padding, dilation = (height for height, _ in square)
        yield (kernel - 1) * dilation + 1, stride, padding


def receptive_field(module: nn.Module) -> Field:
    """What one output of a chain of layers sees, by walking through its convolutions and poolings.

    A layer with kernel k adds (k - 1) times the distance, in input pixels, of the outputs below it, and its stride
    multiplies that distance.

    Raises:
        MethodError: see `layers_of`.
    """
    size, step, start = 1, 1, 0
    for kernel, stride, padding in layers_of(module):
        size += (kernel - 1) * step
        start -= padding * step
        step *= stride
    return Field(size, step, start)


def depth_for(height: int, width: int) -> int:
    """How often to halve pictures of that size: down to one pixel if padding to it adds at most a third to the area.

    256x256 and the papers' 250x200 (padded to 256x256) give 8, the published network; 64x64 gives 6, 96x96 gives 5.
    """
    for depth in range(min(_DEEPEST, ceil(log2(max(height, width)))), 1, -1):
        step = 2**depth
        if (-(-height // step) * step) * (-(-width // step) * step) <= _MOST_PADDING * height * width:
            return depth
    return 1


def pix2pix(
    shape: tuple[int, int, int],
    task: str = "photo2sketch",
    *,
    photo_channels: int = 3,
    sketch_channels: int = 3,
    receptive_field: int = 70,
    conditional: bool = True,
    depth: int | None = None,
    width: int = 64,
    discriminator_width: int | None = None,
    norm: str = "batch",
    statistics: str = "own",
    **unet_options,
) -> GanSystem:
    """Generator and discriminator of one direction, with initial weights as published.

    Args:
        shape: (height, width, channels) of the pictures; the sides choose the depth.
        task: "photo2sketch" or "sketch2photo".
        photo_channels, sketch_channels: 3, or 1 for grey.
        receptive_field: see `PatchGan`.
        conditional: whether the discriminator sees the source beside the picture.
        depth: instead of the one that `depth_for` chooses.
        width, discriminator_width: channels of the first layers; the discriminator's is the generator's if None.
        norm, statistics: of both networks, see `norm_layer`.
        unet_options: further options of `UNet`: dropout, dropout_at_test, skips, upsampling.

    Raises:
        MethodError: an unknown choice.
    """
    _check("task", task, ("photo2sketch", "sketch2photo"))
    source, target = photo_channels, sketch_channels
    if task == "sketch2photo":
        source, target = target, source
    common = {"norm": norm, "statistics": statistics}
    generator = UNet(
        source, target, depth=depth or depth_for(*shape[:2]), width=width, **common, **unet_options
    )
    discriminator = PatchGan(
        target + (source if conditional else 0),
        receptive_field=receptive_field,
        width=discriminator_width or width,
        **common,
    )
    return GanSystem(
        {task: init_weights(generator)}, {task: init_weights(discriminator)}, conditional=conditional
    )


def _levels(skips: bool | Collection[int], depth: int) -> frozenset[int]:
    """Levels with a skip connection; the bottleneck, which the decoder starts from, cannot have one."""
    possible = frozenset(range(1, depth))
    if isinstance(skips, bool):
        return possible if skips else frozenset()
    if not possible.issuperset(skips):
        raise MethodError(f"skips {sorted(skips)}: this network has levels 1 to {depth - 1} to join")
    return frozenset(skips)


def _check(name: str, value: object, known: tuple) -> None:
    if value not in known:
        raise MethodError(f"{name} is {value!r}: expected one of {', '.join(map(str, known))}")
