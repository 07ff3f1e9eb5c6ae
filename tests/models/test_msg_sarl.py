"""MSG-SARL's parts against the paper's equations, worked in NumPy, and its ablations as configurations."""

import numpy as np
import pytest
import torch
from scipy.signal import correlate2d
from torch import nn
from torch.nn import functional as F

from face2sketch.errors import MethodError
from face2sketch.models.gan import count_weights, pyramid
from face2sketch.models.msg_sarl import (
    AttentionUnit,
    ChannelAttention,
    MsgSarlDiscriminator,
    MsgSarlGenerator,
    PositionAttention,
    ResizeConvolution,
    SelfAttentionResidualBlock,
    msg_sarl,
)


def softmax(x):
    shares = np.exp(x - x.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def randomised(module, seed=0):
    """The module with random weights: none at its initial zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
    return module


def picture(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


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


@pytest.mark.parametrize(("scale", "divisor"), [("printed", 1), ("root", np.sqrt(15))])
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


def test_block_has_a_local_and_a_global_skip():
    x = picture(1, 8, 8, 8)
    block = SelfAttentionResidualBlock(8, attention=False)
    with torch.no_grad():
        block.local[3].weight.zero_()  # the local branch gives 0, so the 5x5 convolution sees x itself
    wide = F.conv2d(x, block.wide[0].weight, padding=2)
    normed = (wide - wide.mean((2, 3), keepdim=True)) / (wide.var((2, 3), False, keepdim=True) + 1e-5).sqrt()
    wanted = torch.where(normed > 0, normed, 0.25 * normed) + x
    assert torch.allclose(block(x), wanted, atol=1e-5)


def test_resize_convolution_is_enlarging_then_convolving():
    layer, x = randomised(ResizeConvolution(3, 5)), picture(2, 3, 4, 7).requires_grad_()
    plain = F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), layer.weight, layer.bias, padding=1)
    assert torch.allclose(layer(x), plain, atol=1e-5)
    inputs = (x, layer.weight, layer.bias)
    ours = torch.autograd.grad(layer(x).sin().sum(), inputs)
    theirs = torch.autograd.grad(plain.sin().sum(), inputs)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(ours, theirs, strict=True))


@pytest.fixture(scope="module")
def small():
    return randomised(MsgSarlGenerator(width=8), seed=2)


def test_sizes_of_equation_1(small):
    pictures = small(picture(1, 3, 32, 48))
    assert [tuple(p.shape) for p in pictures] == [(1, 1, 32 // s, 48 // s) for s in (1, 2, 4, 8)]
    assert all(p.abs().max() <= 1 for p in pictures)
    with pytest.raises(MethodError, match="divisible by 8"):
        small(picture(1, 3, 36, 32))


def test_attention_maps_are_those_of_the_forward_pass(small):
    x, seen = picture(1, 3, 32, 32), []
    hooks = [
        block.unit.register_forward_hook(lambda *call: seen.append((call[1][0], call[-1])))
        for block in small.blocks
    ]
    small(x)
    for hook in hooks:
        hook.remove()
    maps = small.attention_maps(x)
    assert len(maps) == 4
    for found, (given, answer) in zip(maps, seen, strict=True):
        assert torch.allclose(found.inputs, given, atol=1e-4)
        assert torch.allclose(found.answers, answer, atol=1e-4)
        assert found.position.shape == (1, 16, 16)
        assert found.channel.shape == (1, 32, 32)
        for shares in found[:2]:
            assert torch.allclose(shares.sum(-1), torch.ones(shares.shape[:-1]), atol=1e-5)
    with pytest.raises(MethodError, match="no maps"):
        MsgSarlGenerator(width=8, attention=False).attention_maps(x)


def test_every_weight_of_the_system_learns():
    system = msg_sarl((32, 32, 3), width=8)
    x = picture(1, 3, 32, 32)
    with torch.no_grad():
        for name, parameter in system.named_parameters():
            if name.endswith(("alpha", "beta")):
                parameter.fill_(0.3)
    fakes = system.generate("photo2sketch", x)
    back = system.generate("sketch2photo", fakes[0])
    logits = system.judge("photo2sketch", x, fakes), system.judge("sketch2photo", fakes[0], back)
    sum(answer.square().mean() for answer in logits).backward()
    idle = [name for name, p in system.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert not idle


def test_discriminator_sees_every_scale():
    discriminator = MsgSarlDiscriminator(1, width=8)
    scales = [p.requires_grad_() for p in pyramid(picture(1, 1, 64, 64), 4)]
    logits = discriminator(tuple(scales))
    assert logits.shape == (1, 1, 6, 6)
    logits.square().sum().backward()
    assert all(p.grad.abs().max() > 0 for p in scales)
    with pytest.raises(MethodError, match="expected 4"):
        discriminator(scales[0])


def test_discriminators_unit_sees_70_pixels():
    """The gradient's support, with pooling and norm made linear and local so that none of it hides."""
    network = MsgSarlDiscriminator(1, multiscale=False, width=4)
    for parent in (*network.halving, network.verdict):
        for place, part in enumerate(parent):
            if isinstance(part, nn.MaxPool2d):
                parent[place] = nn.AvgPool2d(2)
            elif isinstance(part, nn.InstanceNorm2d):
                parent[place] = nn.Identity()
    x = picture(1, 1, 128, 128).requires_grad_()
    network(x)[0, 0, 7, 7].backward()
    rows = x.grad[0, 0].abs().sum(1).nonzero()
    assert rows.max() - rows.min() + 1 == 70


ABLATIONS = {
    "backbone": (False, False, False),
    "backbone-msg": (True, False, False),
    "backbone-attention": (False, True, False),
    "no-msg": (False, True, True),
    "no-cycle": (True, True, False),
    "no-attention": (True, False, True),
    "whole": (True, True, True),
}


@pytest.mark.parametrize(("multiscale", "attention", "cycle"), ABLATIONS.values(), ids=ABLATIONS)
def test_ablations_are_configurations(multiscale, attention, cycle):
    system = msg_sarl((32, 32, 3), multiscale=multiscale, attention=attention, cycle=cycle, width=4)
    assert system.tasks == (("photo2sketch", "sketch2photo") if cycle else ("photo2sketch",))
    assert system.multiscale is multiscale
    assert not system.conditional
    fakes = system.generate("photo2sketch", picture(1, 3, 32, 32))
    assert len(fakes) == (4 if multiscale else 1)
    assert system.judge("photo2sketch", None, fakes).shape == (1, 1, 2, 2)
    learned = [name for name, _ in system.named_parameters() if name.endswith("alpha")]
    assert len(learned) == (4 * len(system.tasks) if attention else 0)


def test_one_direction_is_the_one_asked_for():
    system = msg_sarl((32, 32, 3), "sketch2photo", cycle=False, width=4, sketch_channels=3)
    assert system.tasks == ("sketch2photo",)
    assert system.generate("sketch2photo", picture(1, 3, 32, 32))[0].shape == (1, 3, 32, 32)


def test_the_control_keeps_the_convolutions_and_does_not_attend():
    """Weights of a unit without attention: those of the whole unit less A, B, C, alpha and beta."""
    counts = {a: count_weights(AttentionUnit(16, attend=a)) for a in (True, False)}
    assert counts[False] == 2 * (9 * 16 * 16 + 16) + 16 * 16 + 16
    assert counts[True] - counts[False] == 2 * (16 * 2 + 2) + 16 * 16 + 16 + 2
    with pytest.raises(MethodError, match="attention"):
        MsgSarlGenerator(attention="perhaps", width=4)


def test_weights_start_as_in_pix2pix_and_slopes_at_a_quarter():
    system = msg_sarl((32, 32, 3), width=16)
    kernel = system.generators["photo2sketch"].blocks[0].wide[0].weight
    assert kernel.std().item() == pytest.approx(0.02, rel=0.03)
    assert all(p.weight.item() == 0.25 for p in system.modules() if isinstance(p, nn.PReLU))


def test_sides_are_checked():
    with pytest.raises(MethodError, match="divisible by 8"):
        msg_sarl((250, 200, 3), width=4)
