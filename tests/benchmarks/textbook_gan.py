"""pix2pix and MSG-SARL as a textbook writes them: what `bench_gan.py` measures the library's training beside.

float32, PyTorch's usual order of dimensions and default settings, one module a layer, every formula as it is printed: the
enlarged map is enlarged before it is convolved, the attention map is written out. The networks, losses and steps are
those of the library, number by number (tests/training/test_textbook_gan.py lets both learn from one start); only how they
are computed differs.
"""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

RATES = {"pix2pix": 2e-4, "msg-sarl": 1e-3}


# -- pix2pix -----------------------------------------------------------------------------------------------------------


class UNetLevel(nn.Module):
    """One level of a U-Net around all deeper ones, as in the public code: down, what lies below, up; beside it the skip."""

    def __init__(
        self, outer: int, inner: int, below: nn.Module | None = None, inputs: int | None = None, dropout=False
    ):
        super().__init__()
        outermost, innermost = inputs is not None, below is None
        down = nn.Conv2d(inputs or outer, inner, 4, 2, 1, bias=False)
        up = nn.ConvTranspose2d(inner if innermost else 2 * inner, outer, 4, 2, 1, bias=outermost)
        if outermost:
            parts = [down, below, nn.ReLU(True), up, nn.Tanh()]
        elif innermost:
            parts = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up, nn.BatchNorm2d(outer)]
        else:
            parts = [
                nn.LeakyReLU(0.2, True),
                down,
                nn.BatchNorm2d(inner),
                below,
                nn.ReLU(True),
                up,
                nn.BatchNorm2d(outer),
            ]
        if dropout:
            parts.append(nn.Dropout(0.5))
        self.model, self.outermost = nn.Sequential(*parts), outermost

    def forward(self, x: Tensor) -> Tensor:
        y = self.model(x)
        return y if self.outermost else torch.cat([y, x], 1)


def unet(inputs: int = 3, outputs: int = 3, depth: int = 8, width: int = 64) -> nn.Module:
    """The U-Net of `depth` levels; dropout in the three innermost."""
    widths = [width * min(2**level, 8) for level in range(depth)]
    net = None
    for level in range(depth - 1, 0, -1):
        net = UNetLevel(widths[level - 1], widths[level], net, dropout=level > depth - 4)
    return UNetLevel(outputs, widths[0], net, inputs)


def patchgan(inputs: int = 6, width: int = 64) -> nn.Module:
    """The discriminator whose outputs see 70 x 70 pixels."""
    layers = [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for level, stride in ((1, 2), (2, 2), (3, 1)):
        small, large = width * 2 ** (level - 1), width * 2**level
        layers += [
            nn.Conv2d(small, large, 4, stride, 1, bias=False),
            nn.BatchNorm2d(large),
            nn.LeakyReLU(0.2, True),
        ]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


class Pix2Pix:
    """Both networks, both optimisers, and the step of the public code."""

    def __init__(self, size: int = 256, width: int = 64):
        self.generators = nn.ModuleList([unet(depth=min(8, size.bit_length() - 1), width=width)])
        self.discriminators = nn.ModuleList([patchgan(width=width)])
        self.networks = nn.ModuleList([self.generators, self.discriminators])

    def prepare(self) -> None:
        self.adam_g, self.adam_d = optimizers(self, RATES["pix2pix"])

    def step(self, photo: Tensor, sketch: Tensor) -> dict[str, Tensor]:
        (generator,), (discriminator,) = self.generators, self.discriminators
        fake = generator(photo)

        discriminator.requires_grad_(True)
        self.adam_d.zero_grad()
        on_fake = discriminator(torch.cat([photo, fake.detach()], 1))
        on_real = discriminator(torch.cat([photo, sketch], 1))
        loss_d = 0.5 * (logistic(on_real, 1.0) + logistic(on_fake, 0.0))
        loss_d.backward()
        self.adam_d.step()

        discriminator.requires_grad_(False)
        self.adam_g.zero_grad()
        loss_g = logistic(discriminator(torch.cat([photo, fake], 1)), 1.0) + 100.0 * F.l1_loss(fake, sketch)
        loss_g.backward()
        self.adam_g.step()
        return {"generator": loss_g.detach(), "discriminator": loss_d.detach()}


# -- MSG-SARL ----------------------------------------------------------------------------------------------------------


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return [layer, nn.InstanceNorm2d(outputs), nn.PReLU()]


class PositionAttention(nn.Module):
    """Eqs. 6 and 8: all N x N weights of the positions, with one softmax."""

    def __init__(self, channels: int):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(()))
        self.key = nn.Conv2d(channels, channels // 8, 1)
        self.query = nn.Conv2d(channels, channels // 8, 1)
        self.value = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        key, query, value = (layer(x).flatten(2) for layer in (self.key, self.query, self.value))
        weights = F.softmax(torch.bmm(query.transpose(1, 2), key), dim=-1)
        return self.alpha * torch.bmm(value, weights.transpose(1, 2)).view_as(x) + x


class ChannelAttention(nn.Module):
    """Eqs. 9 and 10."""

    def __init__(self):
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)
        weights = F.softmax(torch.bmm(flat, flat.transpose(1, 2)), dim=-1)
        return self.beta * torch.bmm(weights, flat).view_as(x) + x


class Attention(nn.Module):
    """Eq. 11."""

    def __init__(self, channels: int):
        super().__init__()
        self.position, self.channel = PositionAttention(channels), ChannelAttention()
        self.after_position = nn.Conv2d(channels, channels, 3, padding=1)
        self.after_channel = nn.Conv2d(channels, channels, 3, padding=1)
        self.joined = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        both = self.after_position(self.position(x)) + self.after_channel(self.channel(x))
        return self.joined(both) + x


class Block(nn.Module):
    """Fig. 3: residual block, 5x5 convolution, attention, and the skip around all."""

    def __init__(self, channels: int):
        super().__init__()
        self.local = nn.Sequential(
            *convolution(channels, channels, 3),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels),
        )
        self.wide = nn.Sequential(*convolution(channels, channels, 5))
        self.attention = Attention(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.wide(self.local(x) + x)) + x


class Generator(nn.Module):
    """Fig. 2: down, blocks, up with added skips, a picture from each size."""

    def __init__(self, inputs: int, outputs: int, width: int = 64):
        super().__init__()
        sizes = [width, 2 * width, 4 * width, 4 * width]
        self.down = nn.ModuleList([nn.Sequential(*convolution(inputs, width, 7))])
        self.down.extend(nn.Sequential(*convolution(a, b, 3, 2)) for a, b in pairwise(sizes))
        self.up = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=2), *convolution(b, a, 3))
            for b, a in zip(sizes[::-1], sizes[-2::-1])
        )
        self.blocks = nn.Sequential(*(Block(sizes[-1]) for _ in range(4)))
        self.draw = nn.ModuleList(nn.Conv2d(channels, outputs, 1) for channels in sizes[::-1])

    def forward(self, x: Tensor) -> list[Tensor]:
        skips = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        x = self.blocks(x)
        pictures = [torch.tanh(self.draw[0](x))]
        for up, skip, draw in zip(self.up, skips[-2::-1], self.draw[1:]):
            x = up(x) + skip
            pictures.append(torch.tanh(draw(x)))
        return pictures[::-1]


class Discriminator(nn.Module):
    """Eqs. 2 to 4: convolutions and max pooling; each smaller picture enters where its size is reached."""

    def __init__(self, inputs: int, width: int = 64):
        super().__init__()
        self.halving, self.enter = nn.ModuleList(), nn.ModuleList()
        channels = inputs
        for level in range(3):
            outputs = width * 2**level
            layer = nn.Conv2d(channels, outputs, 3, padding=1, bias=level == 0)
            norm = [nn.InstanceNorm2d(outputs)] if level else []
            self.halving.append(nn.Sequential(layer, *norm, nn.LeakyReLU(0.2, True), nn.MaxPool2d(2)))
            self.enter.append(nn.Conv2d(inputs, outputs // 2, 1))
            channels = outputs + outputs // 2
        deep = nn.Conv2d(channels, 8 * width, 4, padding=1, bias=False)
        last = nn.Conv2d(8 * width, 1, 4, padding=1)
        self.verdict = nn.Sequential(deep, nn.InstanceNorm2d(8 * width), nn.LeakyReLU(0.2, True), last)

    def forward(self, pictures: list[Tensor]) -> Tensor:
        x = pictures[0]
        for halving, enter, smaller in zip(self.halving, self.enter, pictures[1:]):
            x = torch.cat([halving(x), enter(smaller)], 1)
        return self.verdict(x)


class Vgg(nn.Module):
    """VGG-19 to its second pooling, with random weights: what it computes takes as long with any."""

    def __init__(self):
        super().__init__()
        conv = [nn.Conv2d(a, b, 3, padding=1) for a, b in ((3, 64), (64, 64), (64, 128), (128, 128))]
        self.first = nn.Sequential(conv[0], nn.ReLU(True), conv[1], nn.ReLU(True), nn.MaxPool2d(2))
        self.second = nn.Sequential(conv[2], nn.ReLU(True), conv[3], nn.ReLU(True), nn.MaxPool2d(2))
        self.register_buffer("mean", torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1))
        self.deviation = 57.63
        self.requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        first = self.first(((x.expand(-1, 3, -1, -1) + 1) * 127.5 - self.mean) / self.deviation)
        return [first, self.second(first)]

    def arrays(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Kernel and bias of each convolution, as the library's own network of this kind takes them."""
        layers = [layer for layer in self.modules() if isinstance(layer, nn.Conv2d)]
        names = ("conv1_1", "conv1_2", "conv2_1", "conv2_2")
        return {
            name: (layer.weight.numpy(), layer.bias.numpy() * self.deviation)
            for name, layer in zip(names, layers)
        }


class MsgSarl:
    """Four networks, two optimisers, and one step in both directions."""

    def __init__(self, size: int = 256, width: int = 64):
        self.generators = nn.ModuleList([Generator(3, 1, width), Generator(1, 3, width)])
        self.discriminators = nn.ModuleList([Discriminator(1, width), Discriminator(3, width)])
        self.vgg = Vgg()
        self.networks = nn.ModuleList([self.generators, self.discriminators, self.vgg])

    def prepare(self) -> None:
        self.adam_g, self.adam_d = optimizers(self, RATES["msg-sarl"])

    def step(self, photo: Tensor, sketch: Tensor) -> dict[str, Tensor]:
        real = [(photo, sketch), (sketch, photo)]
        fakes = [generator(source) for generator, (source, _) in zip(self.generators, real)]

        self.discriminators.requires_grad_(True)
        self.adam_d.zero_grad()
        loss_d = 0.0
        for discriminator, fake, (_, target) in zip(self.discriminators, fakes, real):
            on_fake = discriminator([picture.detach() for picture in fake])
            on_real = discriminator([target, *(F.avg_pool2d(target, side) for side in (2, 4, 8))])
            loss_d = loss_d + 0.5 * (squared(on_real, 1.0) + squared(on_fake, 0.0))
        loss_d.backward()
        self.adam_d.step()

        self.discriminators.requires_grad_(False)
        self.adam_g.zero_grad()
        loss_g = 0.0
        for way, (discriminator, fake, (source, target)) in enumerate(zip(self.discriminators, fakes, real)):
            pairs = zip(self.vgg(fake[0]), self.vgg(target))
            perceptual = sum(F.mse_loss(mine, true) for mine, true in pairs)
            cycle = F.l1_loss(self.generators[1 - way](fake[0])[0], source)
            smooth = variation(fake[0])
            loss_g = loss_g + squared(discriminator(fake), 1.0) + 10 * perceptual + 1e-4 * smooth + 10 * cycle
        loss_g.backward()
        self.adam_g.step()
        return {"generator": loss_g.detach(), "discriminator": loss_d.detach()}


SYSTEMS = {"pix2pix": Pix2Pix, "msg-sarl": MsgSarl}


def optimizers(system: Pix2Pix | MsgSarl, rate: float) -> list[torch.optim.Adam]:
    return [
        torch.optim.Adam(networks.parameters(), lr=rate, betas=(0.5, 0.999))
        for networks in (system.generators, system.discriminators)
    ]


def logistic(logits: Tensor, wanted: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, wanted))


def squared(logits: Tensor, wanted: float) -> Tensor:
    return F.mse_loss(logits, torch.full_like(logits, wanted))


def variation(x: Tensor) -> Tensor:
    down, right = x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]
    return (down.square().sum() + right.square().sum()) / len(x)
