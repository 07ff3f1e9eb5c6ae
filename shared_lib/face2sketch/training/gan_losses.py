"""The losses of GAN, pix2pix, CycleGAN and MSG-SARL; `gan_settings.Objective` weighs them."""

import torch
from torch import Tensor
from torch.nn import functional as F


def adversarial(logits: Tensor, real: bool, kind: str = "lsgan") -> Tensor:
    """How far a discriminator's logits are from saying "real" (or "generated") everywhere, a mean over all regions.

    Args:
        logits: any shape.
        real: what the logits should say.
        kind: "bce" takes them through a sigmoid and a cross-entropy; "lsgan" takes their squared distance from 1 or 0.
    """
    logits = logits.float()
    wanted = torch.full_like(logits, float(real))
    if kind == "bce":
        return F.binary_cross_entropy_with_logits(logits, wanted)
    return F.mse_loss(logits, wanted)


def verdict(logits: Tensor, kind: str) -> Tensor:
    """The discriminator's mean answer, 1 for "real" and 0 for "generated": what training curves show."""
    logits = logits.detach().float()
    return (logits.sigmoid() if kind == "bce" else logits).mean()


def l1(first: Tensor, second: Tensor) -> Tensor:
    """Mean absolute difference over all pixels and channels."""
    return F.l1_loss(first.float(), second.float())


def total_variation(picture: Tensor) -> Tensor:
    """Squared differences of neighbouring pixels, summed over the picture, mean over the batch (MSG-SARL, Eq. 15).

    Args:
        picture: (B, C, H, W).
    """
    picture = picture.float()
    down = (picture[:, :, 1:] - picture[:, :, :-1]).square().sum()
    right = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).square().sum()
    return (down + right) / len(picture)
