"""CycleGAN's networks against the numbers that its authors' code prints."""

import pytest
import torch
from torch import nn

from face2sketch.errors import MethodError
from face2sketch.models.cyclegan import ResidualBlock, ResidualGenerator, cyclegan
from face2sketch.models.gan import count_weights


def test_weights_as_the_public_code_prints_them():
    """Issue 169 of junyanz/pytorch-CycleGAN-and-pix2pix: "Total number of parameters: 11378179"; and 2.765 M for D."""
    with torch.device("meta"):
        system = cyclegan((256, 256, 3))
    assert [count_weights(g) for g in system.generators.values()] == [11_378_179] * 2
    assert [round(count_weights(d) / 1e6, 3) for d in system.discriminators.values()] == [2.765] * 2


def test_layers_in_the_papers_notation():
    """Appendix 7.2: c7s1-64, d128, d256, R256 six times for 128 px, u128, u64, c7s1-3."""
    with torch.device("meta"):
        layers = list(cyclegan((128, 128, 3)).generators["photo2sketch"])
    plan = [
        (type(part).__name__, part.out_channels, part.kernel_size[0], part.stride[0])
        for part in layers
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)
    ]
    assert plan == [
        ("Conv2d", 64, 7, 1), ("Conv2d", 128, 3, 2), ("Conv2d", 256, 3, 2),
        ("ConvTranspose2d", 128, 3, 2), ("ConvTranspose2d", 64, 3, 2), ("Conv2d", 3, 7, 1),
    ]  # fmt: skip
    assert sum(isinstance(part, ResidualBlock) for part in layers) == 6


def test_both_directions_with_their_channels():
    system = cyclegan((32, 48, 3), sketch_channels=1, width=4, blocks=1)
    x = torch.rand(2, 3, 32, 48) * 2 - 1
    sketch = system("photo2sketch", x)
    assert sketch.shape == (2, 1, 32, 48)
    assert system("sketch2photo", sketch).shape == x.shape
    assert system.judge("photo2sketch", x, (sketch,)).shape == (2, 1, 2, 4)
    assert sketch.abs().max() <= 1


def test_a_residual_block_of_zeros_changes_nothing():
    block = ResidualBlock(4)
    with torch.no_grad():
        for parameter in block.parameters():
            parameter.zero_()
    x = torch.rand(1, 4, 6, 6)
    assert torch.equal(block(x), x)


def test_generator_works_at_any_size_divisible_by_four():
    network = ResidualGenerator(3, 3, blocks=1, width=4)
    assert network(torch.rand(1, 3, 20, 36)).shape == (1, 3, 20, 36)
    with pytest.raises(MethodError, match="divisible by 4"):
        cyclegan((250, 200, 3), width=4)
