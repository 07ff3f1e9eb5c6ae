"""The losses of GAN, pix2pix, CycleGAN, MSG-SARL and chapter 10; `gan_settings.Objective` weighs them."""

import torch
from torch import Tensor
from torch.nn import functional as F

from ..metrics.structural import C1, C2, WINDOW


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


def l2(first: Tensor, second: Tensor) -> Tensor:
    """Mean squared difference over all pixels and channels."""
    return F.mse_loss(first.float(), second.float())


def total_variation(picture: Tensor) -> Tensor:
    """Squared differences of neighbouring pixels, summed over the picture, mean over the batch (MSG-SARL, Eq. 15).

    The paper gives no range of the intensities, and a square depends on it: on 0 to 255 the term would be 127.5**2 = 16,256
    times what it is on -1 to 1.

    Args:
        picture: (B, C, H, W), in [-1, 1] as the networks give it.
    """
    picture = picture.float()
    down = (picture[:, :, 1:] - picture[:, :, :-1]).square().sum()
    right = (picture[:, :, :, 1:] - picture[:, :, :, :-1]).square().sum()
    return (down + right) / len(picture)


def structure(first: Tensor, second: Tensor) -> Tensor:
    """1 - SSIM, a mean over pictures and channels, in float32 whatever the layers compute in.

    The window and the constants are those of `face2sketch.metrics.ssim`: Gaussian, sigma 1.5, 11 x 11, border left out.

    Args:
        first, second: (B, C, H, W) in [-1, 1], sides of at least 11 px.
    """
    with torch.autocast(first.device.type, enabled=False):
        a, b = (picture.float().add(1).div(2).flatten(0, 1)[:, None] for picture in (first, second))
        mean_a, mean_b = _windowed(a), _windowed(b)
        variances = _windowed(a * a + b * b) - mean_a.square() - mean_b.square()
        covariance = _windowed(a * b) - mean_a * mean_b
        luminance = (2 * mean_a * mean_b + C1) / (mean_a.square() + mean_b.square() + C1)
        return 1 - (luminance * (2 * covariance + C2) / (variances + C2)).mean()


def _windowed(pictures: Tensor) -> Tensor:
    """Weighted means under SSIM's window, (N, 1, H, W) to (N, 1, H - 10, W - 10)."""
    window = torch.as_tensor(WINDOW, dtype=pictures.dtype, device=pictures.device)
    return F.conv2d(F.conv2d(pictures, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))
