"""The library's step beside a textbook's: from one start, both find the same losses and gradients.

The textbook is what the benchmark measures the library against: that both do the same work is what makes it a fair measure.
"""

import pytest
import torch
from benchmarks.textbook_gan import SYSTEMS

from face2sketch import methods
from face2sketch.gan_fitting import settings_for
from face2sketch.models.perceptual import VggFeatures, vgg_features
from face2sketch.training.gan_step import GanStep

METHODS = {"pix2pix": "skubisz-pix2pix", "msg-sarl": "duan-msg-sarl"}
SIZE, WIDTH = 64, 8


def library_step(name: str, features: VggFeatures) -> GanStep:
    """The register's recipe at small size, in float32."""
    method = methods.get(METHODS[name])
    settings = settings_for(method, None, {"weights": "random", "precision": "fp32"}, {"width": WIDTH})
    torch.manual_seed(3)
    system = method.build((SIZE, SIZE, 3), task="photo2sketch", **settings.build_options)
    with torch.no_grad():  # away from 0, where attention would do nothing
        for key, value in system.named_parameters():
            if key.endswith(("alpha", "beta")):
                value.fill_(0.3)
    return GanStep(system.train(), settings, "fp32", features if settings.objective.perceptual else None)


def textbook_step(name: str, step: GanStep, features: VggFeatures):
    """A textbook's system with the same weights: both name them in one order."""
    book = SYSTEMS[name](SIZE, WIDTH)
    with torch.no_grad():
        for mine, theirs in (
            ("generators", step.system.generators),
            ("discriminators", step.system.discriminators),
        ):
            networks = getattr(book, mine)
            for here, there in zip(networks.parameters(), theirs.parameters(), strict=True):
                here.copy_(there)
        if name == "msg-sarl":
            convolutions = [part for part in book.vgg.modules() if isinstance(part, torch.nn.Conv2d)]
            for part, layer in zip(convolutions, ("conv1_1", "conv1_2", "conv2_1", "conv2_2"), strict=True):
                part.weight.copy_(getattr(features, f"{layer}_kernel"))
                part.bias.copy_(getattr(features, f"{layer}_bias"))
    book.prepare()
    return book


@pytest.mark.parametrize("name", SYSTEMS)
def test_both_have_the_same_losses_and_gradients(name):
    features = vgg_features("random")
    step = library_step(name, features)
    book = textbook_step(name, step, features)
    generator = torch.Generator().manual_seed(0)
    sketch_channels = 3 if name == "pix2pix" else 1
    for number, tolerance in enumerate((1e-5, 1e-3)):  # the second step starts where the first's rounding led
        photo = torch.rand(1, 3, SIZE, SIZE, generator=generator) * 2 - 1
        sketch = torch.rand(1, sketch_channels, SIZE, SIZE, generator=generator) * 2 - 1
        batch = {"photo2sketch": (photo, sketch), "sketch2photo": (sketch, photo)}
        torch.manual_seed(number)  # of dropout
        mine = step({task: batch[task] for task in step.system.tasks})
        torch.manual_seed(number)
        theirs = book.step(photo, sketch)
        for loss, value in theirs.items():
            assert float(mine[loss]) == pytest.approx(float(value), rel=tolerance), (number, loss)
        if number == 0:
            compare_gradients(book, step)


def compare_gradients(book, step: GanStep) -> None:
    """What the last backward passes left in every weight, tensor by tensor, but for rounding."""
    for mine, theirs in (
        (step.system.generators, book.generators),
        (step.system.discriminators, book.discriminators),
    ):
        largest = max(float(value.grad.norm()) for value in mine.parameters())
        for (key, here), there in zip(mine.named_parameters(), theirs.parameters(), strict=True):
            apart = float((here.grad - there.grad).norm())
            assert apart < 5e-3 * float(here.grad.norm()) + 1e-6 * largest, key
