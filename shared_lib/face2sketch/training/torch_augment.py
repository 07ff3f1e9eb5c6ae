"""Random variants of a pair during training, made on the device where the pictures are.

The random jitter of pix2pix (Isola et al. 2017, arXiv:1611.07004, section 6.2): each pair is enlarged from 256 to 286
pixels, and a 256 x 256 piece is cut from it, at random; half of the pieces are mirrored.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from ..errors import DataError

ENLARGED = 286 / 256


def jitter(
    *pictures: Tensor, generator: torch.Generator, enlarge: float = ENLARGED, flip: float = 0.5
) -> tuple[Tensor, ...]:
    """Enlarge, cut a random piece of the old size, mirror: the same for all pictures given, another for each pair of
    the batch.

    The enlarging is bicubic, with the coefficients of Pillow, as in the published code; values that overshoot are
    clipped to [-1, 1].

    Args:
        pictures: (B, C, H, W) float in [-1, 1], one a side of the pair: equal B, H and W, any number of channels, on
            one device.
        generator: of the random numbers, on the CPU: the choices are then the same on every device, and the device
            need not wait for them. Each pair takes three numbers, whatever the other arguments.
        enlarge: how many times as large; 1 leaves the size and cuts nothing.
        flip: probability of mirroring left and right.

    Returns:
        Tensors as given, of the same shapes and types.

    Raises:
        DataError: pictures whose number or size differ; `enlarge` below 1; `flip` outside [0, 1].
    """
    sizes = {(picture.shape[0], *picture.shape[2:]) for picture in pictures}
    if len(sizes) != 1:
        raise DataError(
            f"pictures of (number, height, width) {sorted(sizes)}: both sides of a pair must agree"
        )
    if enlarge < 1 or not 0 <= flip <= 1:
        raise DataError(f"enlarge={enlarge} and flip={flip}: expected at least 1, and a probability")
    count, height, width = sizes.pop()
    larger = (round(height * enlarge), round(width * enlarge))
    spare = torch.tensor([larger[0] - height + 1, larger[1] - width + 1])
    drawn = torch.rand(count, 3, generator=generator)
    corners = (drawn[:, :2] * spare).long().tolist()
    mirrored = (drawn[:, 2] < flip).tolist()
    results = tuple(torch.empty_like(side) for side in pictures)  # the memory's order stays as it was
    for side, result in zip(pictures, results, strict=True):
        places = zip(_enlarged(side, larger), corners, mirrored, strict=True)
        for number, (picture, (top, left), mirror) in enumerate(places):
            piece = picture[:, top : top + height, left : left + width]
            result[number] = piece.flip(-1) if mirror else piece
    return results


def _enlarged(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    if size == tuple(pictures.shape[2:]):
        return pictures
    # `antialias` changes nothing of an enlargement but the cubic's coefficient: Pillow's -0.5 in the place of -0.75.
    return F.interpolate(pictures, size, mode="bicubic", align_corners=False, antialias=True).clamp(-1, 1)
