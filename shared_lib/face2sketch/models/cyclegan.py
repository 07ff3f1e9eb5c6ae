"""CycleGAN (Zhu et al., 2017): two residual generators and two PatchGANs that learn both directions at once.

Its cycle loss, its image pool and its step are the ones that MSG-SARL uses; only the networks differ. The plan is the one
of the paper's appendix, as its authors' code builds it (9 blocks, 11,378,179 weights for three channels to three).
"""

from torch import Tensor, nn

from ..errors import MethodError
from .gan import GanSystem, init_weights
from .pix2pix import PatchGan


class ResidualBlock(nn.Module):
    """x + norm(conv(relu(norm(conv(x))))): two 3x3 convolutions with mirrored edges."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        return x + self.layers(x)


class ResidualGenerator(nn.Sequential):
    """c7s1-64, d128, d256, R256 times `blocks`, u128, u64, c7s1-outputs, in the paper's notation; tanh at the end.

    Transposed convolutions enlarge, where MSG-SARL resizes and convolves. Each convolution has a bias, though the norm
    after it takes it away again: so it is in the authors' code, and so their number of weights comes out.

    (B, inputs, H, W) in [-1, 1], sides divisible by 4 and at least 12, to (B, outputs, H, W).

    Args:
        inputs, outputs: channels of source and target picture.
        blocks: residual blocks: the paper takes 9 from 256 pixels on, 6 below.
        width: channels at full size.
    """

    def __init__(self, inputs: int = 3, outputs: int = 3, *, blocks: int = 9, width: int = 64):
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, width, 7, padding=3, padding_mode="reflect"), *_after(width)
        ]  # fmt: skip
        for channels in (width, 2 * width):
            layers += [nn.Conv2d(channels, 2 * channels, 3, 2, padding=1), *_after(2 * channels)]
        layers += [ResidualBlock(4 * width) for _ in range(blocks)]
        for channels in (4 * width, 2 * width):
            half = channels // 2
            layers += [
                nn.ConvTranspose2d(channels, half, 3, 2, padding=1, output_padding=1), *_after(half)
            ]  # fmt: skip
        layers += [nn.Conv2d(width, outputs, 7, padding=3, padding_mode="reflect"), nn.Tanh()]
        super().__init__(*layers)


def _after(channels: int) -> list[nn.Module]:
    return [nn.InstanceNorm2d(channels), nn.ReLU(inplace=True)]


def cyclegan(
    shape: tuple[int, int, int],
    task: str = "photo2sketch",
    *,
    blocks: int | None = None,
    width: int = 64,
    photo_channels: int = 3,
    sketch_channels: int = 3,
) -> GanSystem:
    """CycleGAN for photos and sketches, with initial weights; both directions, whichever task is asked for.

    Args:
        shape: (H, W, 3), sides divisible by 4. The networks take any such size; this one is checked, and gives `blocks`.
        task: ignored: each direction needs the other.
        blocks: residual blocks; by default 9 if the shorter side has 256 pixels or more, else 6.
        width: channels at full size, of generators and discriminators.
        photo_channels, sketch_channels: 3 or 1; equal ones for an identity loss, which feeds each side to the generator
            that draws it.

    Raises:
        MethodError: a side not divisible by 4.
    """
    if any(side % 4 for side in shape[:2]):
        raise MethodError(f"pictures of {shape[:2]}: expected sides divisible by 4")
    blocks = blocks or (9 if min(shape[:2]) >= 256 else 6)
    photo, sketch = photo_channels, sketch_channels
    plan = {"blocks": blocks, "width": width}
    system = GanSystem(
        generators={
            "photo2sketch": ResidualGenerator(photo, sketch, **plan),
            "sketch2photo": ResidualGenerator(sketch, photo, **plan),
        },
        discriminators={
            "photo2sketch": PatchGan(sketch, receptive_field=70, norm="instance", width=width),
            "sketch2photo": PatchGan(photo, receptive_field=70, norm="instance", width=width),
        },
    )
    return init_weights(system)
