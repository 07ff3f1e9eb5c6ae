"""Steps of adversarial training worked by hand: a generator with two numbers, a discriminator with three.

The generator is G(x) = w x + b, the discriminator D(x, y) = u x + v y + c at each pixel. All derivatives are written out,
and Adam's first step needs no more than a sign: m / (1 - beta_1) is the gradient, sqrt(v / (1 - beta_2)) its magnitude.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from face2sketch.models.gan import GanSystem
from face2sketch.training.gan_settings import GanSettings, Objective
from face2sketch.training.gan_step import GanStep

RATE, BETAS, EPSILON = 0.05, (0.5, 0.999), 1e-8
START = {"w": 0.7, "b": -0.2, "u": 0.3, "v": -0.6, "c": 0.1}
TASK = "photo2sketch"


def pictures(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Source and target: two pairs of one channel and 3x2 pixels, in [-1, 1]."""
    return tuple(np.random.default_rng(seed).uniform(-1, 1, (2, 2, 1, 3, 2)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def adversarial(logits: np.ndarray, real: bool, kind: str) -> tuple[float, np.ndarray]:
    """The loss, and its derivative by each logit."""
    if kind == "bce":
        sign = -1 if real else 1  # ln(1 + e^-z) where the answer should be "real", ln(1 + e^z) where not
        return np.log1p(np.exp(sign * logits)).mean(), sign * sigmoid(sign * logits) / logits.size
    return ((logits - real) ** 2).mean(), 2 * (logits - real) / logits.size


def gradients(p: dict, x, y, kind: str, gan: float, l1: float) -> tuple[dict, dict, Callable[[dict], dict]]:
    """The losses; the discriminator's gradient; and the generator's, as a function of what the discriminator has become."""
    fake = p["w"] * x + p["b"]
    on_real, on_fake = (p["u"] * x + p["v"] * z + p["c"] for z in (y, fake))
    (loss_real, d_real), (loss_fake, d_fake) = (
        adversarial(on_real, True, kind),
        adversarial(on_fake, False, kind),
    )
    losses = {"discriminator": (loss_real + loss_fake) / 2}
    losses |= {
        name: (sigmoid(z) if kind == "bce" else z).mean()
        for name, z in (("real", on_real), ("fake", on_fake))
    }
    of_d = {
        "u": ((d_real + d_fake) * x).sum() / 2,
        "v": (d_real * y + d_fake * fake).sum() / 2,
        "c": (d_real + d_fake).sum() / 2,
    }

    def of_g(now: dict) -> dict:
        loss, d = adversarial(now["u"] * x + now["v"] * fake + now["c"], True, kind)
        losses.update(gan=loss, l1=abs(fake - y).mean())
        losses["generator"] = gan * losses["gan"] + l1 * losses["l1"]
        d_picture = gan * d * now["v"] + l1 * np.sign(fake - y) / y.size
        return {"w": (d_picture * x).sum(), "b": d_picture.sum()}

    return losses, of_d, of_g


def adam(p: dict, moments: dict, gradient: dict, step: int) -> dict:
    """Kingma and Ba (2015), Algorithm 1."""
    new = dict(p)
    for name, g in gradient.items():
        m, v = moments.get(name, (0.0, 0.0))
        m, v = BETAS[0] * m + (1 - BETAS[0]) * g, BETAS[1] * v + (1 - BETAS[1]) * g**2
        moments[name] = m, v
        new[name] -= RATE * (m / (1 - BETAS[0] ** step)) / (np.sqrt(v / (1 - BETAS[1] ** step)) + EPSILON)
    return new


def tiny_system() -> GanSystem:
    generator, discriminator = nn.Conv2d(1, 1, 1), nn.Conv2d(2, 1, 1)
    with torch.no_grad():
        generator.weight[:], generator.bias[:] = START["w"], START["b"]
        discriminator.weight[0, :, 0, 0] = torch.tensor([START["u"], START["v"]])
        discriminator.bias[:] = START["c"]
    return GanSystem({TASK: generator}, {TASK: discriminator}, conditional=True)


def numbers(system: GanSystem) -> dict:
    values = torch.cat([value.detach().flatten() for value in system.parameters()])
    return dict(zip("wbuvc", values.tolist(), strict=True))


def step_of(system: GanSystem, kind: str, gan: float, l1: float) -> GanStep:
    objective = Objective(kind, gan=gan, l1=l1)
    return GanStep(system, GanSettings(1, objective, learning_rate=RATE, betas=BETAS), "fp32")


def tensors(*arrays: np.ndarray) -> tuple[torch.Tensor, ...]:
    return tuple(torch.tensor(array, dtype=torch.float32) for array in arrays)


@pytest.mark.parametrize("kind", ["bce", "lsgan"])
@pytest.mark.parametrize(("gan", "l1"), [(1.0, 100.0), (1.0, 0.0), (0.5, 2.0)])
def test_three_steps_by_hand(kind, gan, l1):
    system = tiny_system()
    step = step_of(system, kind, gan, l1)
    p, moments = dict(START), {}
    for number in (1, 2, 3):
        x, y = pictures(number)
        wanted, of_d, of_g = gradients(p, x, y, kind, gan, l1)
        after_d = adam(p, moments, of_d, number)
        # The generator is judged by the newer discriminator.
        p = adam(after_d, moments, of_g(after_d), number)
        found = step({TASK: tensors(x, y)})
        for name in found:
            assert found[name].item() == pytest.approx(wanted[name], rel=1e-6, abs=2e-6), (number, name)
        assert numbers(system) == pytest.approx(p, abs=5e-6), number


@pytest.mark.parametrize("kind", ["bce", "lsgan"])
def test_adams_first_step_is_the_rate_towards_the_gradients_sign(kind):
    system = tiny_system()
    x, y = pictures()
    _, of_d, of_g = gradients(START, x, y, kind, 1.0, 100.0)
    moved = {name: -RATE * np.sign(g) for name, g in of_d.items()}
    of_g = of_g(START | {name: START[name] + step for name, step in moved.items()})
    moved |= {name: -RATE * np.sign(g) for name, g in of_g.items()}
    step_of(system, kind, 1.0, 100.0)({TASK: tensors(x, y)})
    assert numbers(system) == pytest.approx({name: START[name] + moved[name] for name in START}, abs=1e-5)


def test_the_discriminator_sees_the_source_before_the_picture():
    """Adam's first moment is half the gradient here; the weight on the source has the first place in it."""
    x, y = pictures()
    _, of_d, _ = gradients(START, x, y, "bce", 1.0, 0.0)
    system = tiny_system()
    step = step_of(system, "bce", 1.0, 0.0)
    step({TASK: tensors(x, y)})
    first = step.optimizers["discriminators"].state_dict()["state"][0]["exp_avg"].flatten()
    torch.testing.assert_close(first, 0.5 * torch.tensor([of_d["u"], of_d["v"]], dtype=torch.float32))


def test_the_structural_loss_is_one_less_ssim():
    """The metric is scikit-image's; the loss takes pictures in [-1, 1]."""
    from face2sketch.metrics import ssim
    from face2sketch.training.gan_losses import structure

    rng = np.random.default_rng(0)
    a, b = rng.random((2, 3, 24, 20, 3))
    for first, second in ((a, b), (a, 0.8 * a + 0.1), (a[..., :1], b[..., :1])):
        one, other = tensors(*(2 * np.moveaxis(p, -1, 1) - 1 for p in (first, second)))
        assert structure(one, other).item() == pytest.approx(1 - ssim(first, second).mean(), abs=2e-5)
        assert structure(one, one).item() == pytest.approx(0, abs=1e-6)
    drawn = torch.zeros(1, 1, 16, 16, requires_grad=True)
    structure(drawn, torch.linspace(-1, 1, 256).reshape(1, 1, 16, 16)).backward()
    assert drawn.grad.abs().sum() > 0


def test_the_structural_loss_is_weighed_into_the_generators_sum():
    system = tiny_system()
    x, y = np.random.default_rng(0).uniform(-1, 1, (2, 2, 1, 12, 12))
    objective = Objective("lsgan", gan=0.0, l1=1.0, l2=3.0, structure=0.5)
    losses = GanStep(system, GanSettings(1, objective, betas=BETAS), "fp32")({TASK: tensors(x, y)})
    l1, l2, structure = (losses[name].item() for name in ("l1", "l2", "structure"))
    assert losses["generator"].item() == pytest.approx(l1 + 3 * l2 + 0.5 * structure)
    fake = START["w"] * x + START["b"]
    assert l2 == pytest.approx(((fake - y) ** 2).mean(), rel=1e-5)
    assert objective.words == "l1 + 3 l2 + 0.5 structure"
