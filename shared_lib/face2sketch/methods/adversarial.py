"""The register's adversarial systems, in PyTorch: pix2pix, MSG-SARL with its six ablations, CycleGAN, the course's own."""

from functools import partial

from ..training.gan_settings import Objective
from . import builders
from .entries import GanRecipe, Method, Protocol, multiple_of

_PIX2PIX = Objective("bce", l1=100.0)
_CYCLEGAN = Objective("lsgan", cycle=10.0, identity=5.0, pool=50)
_DUAN = Objective("lsgan", perceptual=10.0, tv=1e-4)

_REFINED = Objective("lsgan", gan=0.5, l1=1.0, structure=1.0, perceptual=0.1)

_DUAN_ASSUMED = (
    "The paper gives no widths, no scale of the perceptual features, no range of the intensities in Eq. 15 (here -1 to 1) "
    "and no split: see the docstrings of models.msg_sarl, models.perceptual and training.gan_losses, and chapter 8."
)


def _duan(
    id_: str, title: str, multiscale: bool = False, attention: bool = False, cycle: bool = False
) -> Method:
    """MSG-SARL or one of its ablations: which of its three parts it has."""
    objective = _DUAN.changed({"cycle": 10.0}) if cycle else _DUAN
    parts = {"multiscale": multiscale, "attention": attention, "cycle": cycle, "sketch_channels": 1}
    recipe = GanRecipe(
        objective, 400, 12, learning_rate=1e-3, schedule="tenths", weights="imagenet", assumed=_DUAN_ASSUMED,
        build_options=parts,
    )  # fmt: skip
    return Method(
        id_, title, "adversarial", "torch", 8, "duan", (256, 256), partial(builders.msg_sarl, **parts), recipe, None,
        multiple_of(8), both_ways=cycle,
    )  # fmt: skip


SYSTEMS = (
    Method(
        "skubisz-pix2pix", "pix2pix, as the coursework ran it", "adversarial", "torch", 7, "skubisz", (256, 256),
        builders.pix2pix,
        GanRecipe(_PIX2PIX, 6, 6, schedule="constant", assumed="The report took a tutorial's code: loss weights, Adam's "
                  "2e-4 and 0.5 from there. Not its discriminator, whose verdicts see 142x142 pixels: ours has the 70x70 of "
                  "Isola et al., so this is not the network that the report trained (chapter 7)."),
        Protocol((256, 256), test=300, eightfold=True), padded_size=builders.pix2pix_size,
    ),
    Method(
        "pix2pix", "pix2pix, as its authors trained it", "adversarial", "torch", 7, "isola", (256, 256), builders.pix2pix,
        GanRecipe(_PIX2PIX, 200, 20, augment="jitter", assumed="Isola et al. (2017), Section 6.2 and their code: 200 "
                  "epochs, the rate falling to zero in the second half, random jitter and mirroring."),
        padded_size=builders.pix2pix_size,
    ),
    _duan("duan-msg-sarl", "MSG-SARL", multiscale=True, attention=True, cycle=True),
    _duan("duan-backbone", "Its backbone alone"),
    _duan("duan-backbone-msg", "Backbone with multi-scale gradients", multiscale=True),
    _duan("duan-backbone-attention", "Backbone with self-attention", attention=True),
    _duan("duan-no-msg", "MSG-SARL without multi-scale gradients", attention=True, cycle=True),
    _duan("duan-no-cycle", "MSG-SARL without the cycle", multiscale=True, attention=True),
    _duan("duan-no-attention", "MSG-SARL without self-attention", multiscale=True, cycle=True),
    Method(
        "cyclegan", "CycleGAN", "adversarial", "torch", 8, "zhu", (256, 256), builders.cyclegan,
        GanRecipe(_CYCLEGAN, 200, 10, augment="jitter", assumed="Zhu et al. (2017) and their code: 9 residual blocks, "
                  "identity loss of half the cycle's weight, a pool of 50. It is shown true pairs and makes no use of that: "
                  "photo and sketch of a step could be of different people."),
        None, multiple_of(4), both_ways=True,
    ),
    Method(
        "draft-and-refine", "Draft and refine", "adversarial", "torch", 10, None, (250, 200), builders.refiner,
        GanRecipe(_REFINED, 10, 10, learning_rate=5e-4, batch_size=4, augment="jitter", weights="imagenet",
                  build_options={"sketch_channels": 1}, assumed="The course's own, so there is nothing published to compare "
                  "with. Losses and epochs were chosen on 18 of CUHK's 88 training people."),
        None, padded_size=builders.refiner_size, drafted=True,
    ),
)  # fmt: skip
