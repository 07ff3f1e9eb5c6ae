"""What the papers conclude: which of two systems they find the better one, and by which measure.

A line that two sentences of a paper support is entered once, under the first of them.
"""

from .records import Claim

P2S, S2P = "photo2sketch", "sketch2photo"


def _over(
    paper: str, where: str, says: str, task: str, metrics: tuple[str, ...], better: str, others: tuple[str, ...],
    dataset: str = "cuhk-student",
) -> list[Claim]:  # fmt: skip
    """One system over each of several, by each of several measures."""
    return [
        Claim(paper, where, says, task, metric, better, worse, dataset)
        for metric in metrics
        for worse in others
    ]


_HUANG = _over(
    "huang", "Section IV, Table I", "CASQ outperforms DAE and VAE by any index", P2S, ("mse", "ssim"), "huang-casq",
    ("huang-dae", "huang-vae"),
)  # fmt: skip

_SKUBISZ = [
    *_over("skubisz", "Section IV.B, Table III", "the convolutional autoencoder is best by both measures", P2S,
           ("ssim", "mse"), "skubisz-conv", ("skubisz-sparse", "skubisz-pix2pix", "skubisz-transfer")),
    *_over("skubisz", "Section IV.B, Table III", "the sparse autoencoder did the worst of the four", P2S, ("ssim", "mse"),
           "skubisz-pix2pix", ("skubisz-sparse",)),
    *_over("skubisz", "Section IV.B, Table III", "the sparse autoencoder did the worst of the four", P2S, ("ssim", "mse"),
           "skubisz-transfer", ("skubisz-sparse",)),
    *_over("skubisz", "Section IV.B", "transfer is slightly better than pix2pix", P2S, ("ssim", "mse"),
           "skubisz-transfer", ("skubisz-pix2pix",)),
    *_over("skubisz", "Section IV.C, Table IV", "transfer is best, by a significant difference", S2P, ("ssim", "mse"),
           "skubisz-transfer", ("skubisz-sparse", "skubisz-conv", "skubisz-pix2pix")),
    *_over("skubisz", "Section VI", "transfer did the best job overall, from face to sketch too", P2S, ("ssim", "mse"),
           "skubisz-transfer", ("skubisz-conv",)),
]  # fmt: skip

_ALL_THREE = ("mae", "psnr", "ssim")
_VENKATESH = [
    claim
    for task in (P2S, S2P)
    for claim in (
        *_over("venkatesh", "Section IV.D.2, Table III", "the convolutional autoencoder performs better than the deep one",
               task, _ALL_THREE, "venkatesh-conv", ("venkatesh-deep",)),
        *_over("venkatesh", "Section V", "batch normalisation improves the convolutional model slightly", task,
               _ALL_THREE, "venkatesh-conv-bn", ("venkatesh-conv",)),
    )
]  # fmt: skip

_PRIOVOLOS = [
    *_over("priovolos", "Section IV.C, Table I", "the convolutional model has the highest SSIM", P2S, ("ssim",),
           "priovolos-conv", ("priovolos-mixed", "priovolos-dense")),
    *_over("priovolos", "Section IV.C, Table I", "the mixed model has the smaller MAE and RMSE", P2S, ("mae", "rmse"),
           "priovolos-mixed", ("priovolos-conv",)),
    *_over("priovolos", "Section IV.C", "the dense model performs worst", P2S, ("rmse", "mae"), "priovolos-conv",
           ("priovolos-dense",)),
    *_over("priovolos", "Section IV.C", "the dense model performs worst", P2S, ("rmse", "mae", "ssim"), "priovolos-mixed",
           ("priovolos-dense",)),
    *_over("priovolos", "Section IV.C, Table II", "the convolutional model is best by every measure", S2P,
           ("ssim", "rmse", "mae"), "priovolos-conv", ("priovolos-mixed", "priovolos-dense")),
    *_over("priovolos", "Section IV.C", "the dense model is notably worse than the other two", S2P,
           ("ssim", "rmse", "mae"), "priovolos-mixed", ("priovolos-dense",)),
]  # fmt: skip

_BOTH = ("ssim", "fsim")
_DUAN = [
    *_over("duan", "Section IV.D, Table IV (CUFS)", "MSG-SARL is the state of the art", P2S, _BOTH, "duan-msg-sarl",
           ("fcn", "pix2pix", "cyclegan"), "cufs"),
    *_over("duan", "Section IV.C, Table I", "each part helps: the whole is better than without it", P2S, _BOTH,
           "duan-msg-sarl", ("duan-no-msg", "duan-no-cycle", "duan-no-attention")),
    *_over("duan", "Section IV.C, Table I", "each part helps: the whole is better than without it", S2P, _BOTH,
           "duan-msg-sarl", ("duan-no-msg", "duan-no-attention")),
    *_over("duan", "Section IV.C, Table I", "each part helps the backbone", P2S, _BOTH, "duan-backbone-msg",
           ("duan-backbone",)),
    *_over("duan", "Section IV.C, Table I", "each part helps the backbone", P2S, _BOTH, "duan-backbone-attention",
           ("duan-backbone",)),
    *_over("duan", "Section IV.C, Table I", "multi-scale gradients improve the backbone with attention, too",
           P2S, _BOTH, "duan-no-cycle", ("duan-backbone-attention",)),
]  # fmt: skip

CLAIMS: tuple[Claim, ...] = (*_HUANG, *_SKUBISZ, *_DUAN, *_VENKATESH, *_PRIOVOLOS)
