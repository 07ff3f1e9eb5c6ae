"""MSG-SARL's attention unit against the paper's Eqs. 6 to 11, worked in NumPy."""

import numpy as np
import pytest
import torch
from networks_for_tests import picture, randomised
from scipy.signal import correlate2d

from face2sketch.errors import MethodError
from face2sketch.models.dual_attention import AttentionUnit, ChannelAttention, PositionAttention
from face2sketch.models.gan import count_weights


def softmax(x):
    shares = np.exp(x - x.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def pointwise(layer, x):
    """A 1x1 convolution by einsum, as a sequence (B, C, N)."""
    kernel, bias = layer.weight.detach().numpy()[:, :, 0, 0], layer.bias.detach().numpy()
    return np.einsum("oc,bcn->bon", kernel, x.reshape(*x.shape[:2], -1)) + bias[:, None]


def position_by_hand(module, x, double):
    """Eqs. 6 to 8."""
    a, b, c = (pointwise(layer, x) for layer in (module.key, module.query, module.value))
    p = softmax(np.einsum("bcj,bci->bji", b, a))
    mu = softmax(p) if double else p
    answer = np.einsum("bji,bci->bcj", mu, c).reshape(x.shape)
    return mu, module.alpha.item() * answer + x


@pytest.mark.parametrize("double", [False, True])
def test_position_attention_is_equations_6_to_8(double):
    module, x = randomised(PositionAttention(16, double_softmax=double)), picture(2, 16, 3, 5)
    mu, wanted = position_by_hand(module, x.numpy().astype(np.float64), double)
    assert np.allclose(module.weights(x).detach(), mu, atol=1e-5)
    assert np.allclose(module(x).detach(), wanted, atol=1e-4)


@pytest.mark.parametrize(("scale", "divisor"), [("printed", 1), ("root", np.sqrt(15)), ("mean", 15)])
def test_channel_attention_is_equations_9_and_10(scale, divisor):
    module, x = randomised(ChannelAttention(scale)), picture(2, 6, 3, 5)
    flat = x.numpy().astype(np.float64).reshape(2, 6, 15)
    shares = softmax(np.einsum("bjn,bin->bji", flat, flat) / divisor)
    answer = np.einsum("bji,bin->bjn", shares, flat).reshape(x.shape)
    assert np.allclose(module.weights(x), shares, atol=1e-5)
    assert np.allclose(module(x).detach(), module.beta.item() * answer + x.numpy(), atol=1e-4)


def test_unit_is_equation_11():
    unit, x = randomised(AttentionUnit(8), seed=3), picture(1, 8, 4, 6)

    def convolved(layer, maps):
        kernel, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        sums = [sum(correlate2d(m, k, "same") for m, k in zip(maps, row, strict=True)) for row in kernel]
        return np.stack(sums) + bias[:, None, None]

    _, e = position_by_hand(unit.position, x.numpy(), double=False)
    h = unit.channel(x).detach().numpy()
    together = convolved(unit.channel_convolution, h[0]) + convolved(unit.position_convolution, e[0])
    wanted = pointwise(unit.joined, together[None]).reshape(x.shape) + x.numpy()
    assert np.allclose(unit(x).detach(), wanted, atol=1e-3)


def test_attention_begins_as_nothing_and_only_its_weight_learns_first():
    x = picture(1, 8, 4, 4)
    unit = AttentionUnit(8)
    assert torch.equal(unit.position(x), x)
    assert torch.equal(unit.channel(x), x)
    plain = unit.joined(unit.position_convolution(x) + unit.channel_convolution(x)) + x
    assert torch.allclose(unit(x), plain)
    assert not torch.allclose(unit(x), x), "the convolutions act from the start"
    unit(x).square().sum().backward()
    attention = unit.position
    assert attention.alpha.grad.abs() > 0
    assert unit.channel.beta.grad.abs() > 0
    for layer in (attention.key, attention.query, attention.value):
        assert layer.weight.grad.abs().max() == 0


def test_a_second_softmax_leaves_little_to_choose():
    weights = randomised(PositionAttention(16, double_softmax=True)).weights(
        picture(2, 16, 6, 6, seed=5) * 10
    )
    assert weights.min() * 36 > 1 / np.e
    assert weights.max() * 36 < np.e
    once = randomised(PositionAttention(16)).weights(picture(2, 16, 6, 6, seed=5) * 10)
    assert once.max() > 0.99, "the same features, with one softmax, choose"


def test_the_control_keeps_the_convolutions_and_does_not_attend():
    """Weights of a unit without attention: those of the whole unit less A, B, C, alpha and beta."""
    counts = {a: count_weights(AttentionUnit(16, attend=a)) for a in (True, False)}
    assert counts[False] == 2 * (9 * 16 * 16 + 16) + 16 * 16 + 16
    assert counts[True] - counts[False] == 2 * (16 * 2 + 2) + 16 * 16 + 16 + 2
    with pytest.raises(MethodError, match="channel scale"):
        AttentionUnit(16, channel_scale="perhaps")
