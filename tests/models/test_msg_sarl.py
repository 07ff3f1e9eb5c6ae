"""MSG-SARL's networks: what the paper says of them, and its ablations as configurations."""

import pytest
import torch
from networks_for_tests import picture, randomised
from torch import nn
from torch.nn import functional as F

from face2sketch.errors import MethodError
from face2sketch.models.gan import pyramid
from face2sketch.models.msg_sarl import (
    MsgSarlDiscriminator,
    MsgSarlGenerator,
    ResizeConvolution,
    SelfAttentionResidualBlock,
    msg_sarl,
)


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


def test_weights_start_as_in_pix2pix_and_slopes_at_a_quarter():
    system = msg_sarl((32, 32, 3), width=16)
    kernel = system.generators["photo2sketch"].blocks[0].wide[0].weight
    assert kernel.std().item() == pytest.approx(0.02, rel=0.03)
    assert all(p.weight.item() == 0.25 for p in system.modules() if isinstance(p, nn.PReLU))


def test_sides_and_choices_are_checked():
    with pytest.raises(MethodError, match="divisible by 8"):
        msg_sarl((250, 200, 3), width=4)
    with pytest.raises(MethodError, match="attention"):
        MsgSarlGenerator(attention="perhaps", width=4)
