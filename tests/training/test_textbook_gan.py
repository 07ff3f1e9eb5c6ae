"""The library's step beside a textbook's: from one start, both find the same losses and gradients.

The textbook is what the benchmark measures the library against: that both do the same work is what makes it a fair measure.
"""

import pytest
import torch
from benchmarks.textbook_gan import SYSTEMS

from face2sketch import methods
from face2sketch.gan_fitting import settings_for
from face2sketch.models.perceptual import VggFeatures
from face2sketch.training.gan_step import GanStep

METHODS = {"pix2pix": "skubisz-pix2pix", "msg-sarl": "duan-msg-sarl"}
SIZE, WIDTH = 64, 8


def library_step(name: str, book) -> GanStep:
    """The register's recipe at small size, in float32."""
    method = methods.get(METHODS[name])
    settings = settings_for(method, None, {"weights": "random", "precision": "fp32"}, {"width": WIDTH})
    system = method.build((SIZE, SIZE, 3), task="photo2sketch", **settings.build_options)
    with torch.no_grad():  # away from 0, where attention would do nothing
        for key, value in system.named_parameters():
            if key.endswith(("alpha", "beta")):
                value.fill_(0.3)
    features = VggFeatures(book.vgg.arrays()) if settings.objective.perceptual else None
    return GanStep(system.train(), settings, "fp32", features)


def start_alike(book, step: GanStep) -> None:
    """Give the textbook's networks the library's weights: both name them in one order."""
    networks = (book.generators, step.system.generators), (book.discriminators, step.system.discriminators)
    with torch.no_grad():
        for mine, theirs in networks:
            for here, there in zip(mine.parameters(), theirs.parameters(), strict=True):
                here.copy_(there)
    book.prepare()


@pytest.mark.parametrize("name", SYSTEMS)
def test_both_have_the_same_losses_and_gradients(name):
    torch.manual_seed(3)
    book = SYSTEMS[name](SIZE, WIDTH)
    step = library_step(name, book)
    start_alike(book, step)
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
    """What the last backward passes left: all weights of a network together, then tensor by tensor. A PReLU's single slope
    sums over a whole map, and what does not cancel there is small beside the rounding."""
    for mine, theirs in (
        (step.system.generators, book.generators),
        (step.system.discriminators, book.discriminators),
    ):
        pairs = [
            (here.grad, there.grad)
            for here, there in zip(mine.parameters(), theirs.parameters(), strict=True)
        ]
        apart = torch.stack([(here - there).norm() for here, there in pairs])
        size = torch.stack([here.norm() for here, _ in pairs])
        assert apart.norm() < 1e-3 * size.norm()
        assert (apart < 2e-2 * size + 1e-5 * size.max()).all()
