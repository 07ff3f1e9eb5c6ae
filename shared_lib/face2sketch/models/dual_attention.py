"""The self-attention unit of MSG-SARL (Duan et al., 2020, Section III.C): over positions, and over channels.

It is DANet's dual attention (Fu et al., 2019) within a residual. Decided where the paper leaves a choice:

- Eqs. 6 and 7 print a softmax of a softmax. One is taken, as in the sentences beside the equations and in SAGAN and DANet,
  which the section follows; `double_softmax=True` takes both.
- Eq. 9 does not scale its dot products over N positions, and is built so. Each channel's product with itself is then so
  much the largest that it attends to nothing else. `channel_scale="root"` divides products by sqrt(N), which is enough on
  small maps only, for query and key are the same; "mean" divides them by N.
- epsilon in Eq. 11 stands for one 3x3 convolution on H and another on E: gamma, too, is used for two different things in
  the paper, and DANet has two.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import MethodError

CHANNEL_SCALES = {"printed": 0.0, "root": 0.5, "mean": 1.0}  # the power of N that products are divided by


class AttentionMaps(NamedTuple):
    """What one block attends to.

    Attributes:
        position: (B, N, N), mu of Eqs. 6 and 7: row j holds the shares of all positions i in what position j receives.
        channel: (B, C, C), x of Eq. 9, rows likewise.
        inputs, answers: (B, C, H, W), M and N of Eq. 11: what the unit was given, and what it made of it.
        alpha, beta: the weights of the two attentions in Eqs. 8 and 10.
    """

    position: Tensor
    channel: Tensor
    inputs: Tensor
    answers: Tensor
    alpha: float
    beta: float


class PositionAttention(nn.Module):
    """Each position adds a weighted sum of all positions to itself (Eqs. 6 to 8).

    Queries B and keys A are 1x1 convolutions to C / k channels, k = 8 (at least one), values C one to C channels. alpha
    starts at 0: the module begins as the identity, and at first only alpha has a gradient.

    Args:
        channels: C.
        double_softmax: apply Eq. 7 to Eq. 6. Its weights then lie within a factor e of 1/N: nearly a plain mean.
        reduction: k.
    """

    def __init__(self, channels: int, double_softmax: bool = False, reduction: int = 8):
        super().__init__()
        narrow = max(1, channels // reduction)
        self.key = nn.Conv2d(channels, narrow, 1)  # A
        self.query = nn.Conv2d(channels, narrow, 1)  # B
        self.value = nn.Conv2d(channels, channels, 1)  # C
        self.alpha = nn.Parameter(torch.zeros(()))
        self.double_softmax = double_softmax

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        value = _sequence(self.value(x))
        if self.double_softmax:
            answer = self.weights(x).to(value.dtype) @ value
        else:
            answer = F.scaled_dot_product_attention(
                _sequence(self.query(x)), _sequence(self.key(x)), value, scale=1.0
            )
        return self.alpha * answer.transpose(1, 2).reshape(x.shape) + x

    def weights(self, x: Tensor) -> Tensor:
        """mu, (B, N, N): how much position j (row) takes of position i (column); rows sum to 1."""
        products = _sequence(self.query(x)) @ _sequence(self.key(x)).transpose(1, 2)
        weights = products.float().softmax(-1)
        return weights.softmax(-1) if self.double_softmax else weights


class ChannelAttention(nn.Module):
    """Each channel adds a weighted sum of all channels to itself (Eqs. 9 and 10); no weights but beta, from 0.

    Args:
        scale: what the dot products over N positions are divided by: "printed" nothing, "root" sqrt(N), "mean" N.
    """

    def __init__(self, scale: str = "printed"):
        super().__init__()
        if scale not in CHANNEL_SCALES:
            raise MethodError(f"channel scale is {scale!r}: expected one of {', '.join(CHANNEL_SCALES)}")
        self.beta = nn.Parameter(torch.zeros(()))
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        weights = self.weights(x).to(x.dtype)
        return self.beta * (weights @ x.flatten(2)).reshape(x.shape) + x

    def weights(self, x: Tensor) -> Tensor:
        """x of Eq. 9, (B, C, C): how much channel j (row) takes of channel i (column); rows sum to 1."""
        with _full_precision(x):  # sums over a thousand positions are too long for 16 bits
            flat = x.flatten(2).float()
            flat = flat * flat.shape[-1] ** (-CHANNEL_SCALES[self.scale] / 2)  # half for each factor
            return (flat @ flat.transpose(1, 2)).softmax(-1)


class AttentionUnit(nn.Module):
    """N = gamma(epsilon(H) + epsilon'(E)) + M (Fig. 4, Eq. 11).

    It does not begin as the identity: alpha = beta = 0 make E = H = M, and the unit M + gamma(epsilon(M) + epsilon'(M)), a
    residual of plain convolutions.

    Args:
        channels: C.
        attend: False leaves both attentions out for good, alpha and beta with them, and keeps the convolutions: what
            the unit is worth without attention.
        double_softmax, channel_scale: see `PositionAttention` and `ChannelAttention`.
    """

    def __init__(
        self,
        channels: int,
        attend: bool = True,
        double_softmax: bool = False,
        channel_scale: str = "printed",
    ):
        super().__init__()
        self.position = PositionAttention(channels, double_softmax) if attend else nn.Identity()
        self.channel = ChannelAttention(channel_scale) if attend else nn.Identity()
        self.position_convolution = nn.Conv2d(channels, channels, 3, padding=1)
        self.channel_convolution = nn.Conv2d(channels, channels, 3, padding=1)
        self.joined = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        together = self.position_convolution(self.position(x)) + self.channel_convolution(self.channel(x))
        return self.joined(together) + x

    def maps(self, x: Tensor) -> AttentionMaps:
        """What the unit attends to in its input.

        Raises:
            MethodError: a unit without attention.
        """
        if not isinstance(self.position, PositionAttention):
            raise MethodError("this unit was built without attention: it has no maps")
        position, channel = self.position.weights(x), self.channel.weights(x)
        return AttentionMaps(
            position, channel, x, self(x), self.position.alpha.item(), self.channel.beta.item()
        )


def _full_precision(x: Tensor) -> AbstractContextManager:
    """No autocast on the device of `x`; tensors without numbers ("meta") know none."""
    kind = x.device.type
    return nullcontext() if kind == "meta" else torch.autocast(kind, enabled=False)


def _sequence(x: Tensor) -> Tensor:
    """(B, C, H, W) as a sequence of positions, (B, N, C)."""
    return x.flatten(2).transpose(1, 2)
