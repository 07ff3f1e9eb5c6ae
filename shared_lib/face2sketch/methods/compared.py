"""The register's systems that the papers only show or compare with, and that chapter 9 makes up for: FCN in Keras, and two
exemplar methods, which have no network. pix2pix and CycleGAN are compared with too; they stand with the adversarial ones."""

from ..training.settings import Stage
from . import builders as build
from .entries import Method, Recipe

SYSTEMS = (
    Method("lle", "Nearest patches, mixed by locally linear embedding", "exemplar", "numpy", 9, "liu"),
    Method("fast-rslcr", "Randomly sampled patches, mixed under a locality constraint", "exemplar", "numpy", 9, "wang"),
    Method(
        "fcn", "Fully convolutional network", "convolutional", "keras", 9, "zhang", (250, 200), build.fcn,
        Recipe((Stage("mse", 200),), 40, batch_size=8, assumed="The paper itself could not be read. Its abstract: only "
               "convolutions, of very small kernels. Duan et al.: mean squared error. Ours: six convolutions of 5x5, 32 "
               "channels, ReLU, a linear end; zeros at the borders, so that the size stays; Adam with 1e-3, 200 epochs, "
               "batches of 8. Coordinates as two more channels, after others' accounts. Left out: the discriminative "
               "regulariser against other people's sketches, whose formula we do not have."),
    ),
)  # fmt: skip
