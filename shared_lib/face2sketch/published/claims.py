"""What the papers conclude: which of two systems they find the better one, and by which measure."""

from .records import Claim

P2S, S2P = "photo2sketch", "sketch2photo"


def _over(paper, where, says, task, metric, better, others, dataset="cuhk-student") -> list[Claim]:
    """One system over each of several."""
    return [Claim(paper, where, says, task, metric, better, worse, dataset) for worse in others]


_HUANG = [
    claim
    for metric in ("mse", "ssim")
    for claim in _over(
        "huang", "Section IV, Table I", "CASQ outperforms DAE and VAE by any index", P2S, metric, "huang-casq",
        ("huang-dae", "huang-vae"),
    )
]  # fmt: skip

_SKUBISZ_OTHERS = ("skubisz-sparse", "skubisz-pix2pix", "skubisz-transfer")
_SKUBISZ = [
    *(
        claim
        for metric in ("ssim", "mse")
        for claim in _over(
            "skubisz", "Section IV.B, Table III", "the convolutional autoencoder is best by both measures", P2S, metric,
            "skubisz-conv", _SKUBISZ_OTHERS,
        )
    ),
    *_over("skubisz", "Section IV.B", "transfer is slightly better than pix2pix", P2S, "ssim", "skubisz-transfer",
           ("skubisz-pix2pix",)),
    *(
        claim
        for metric in ("ssim", "mse")
        for claim in _over(
            "skubisz", "Section IV.C, Table IV", "transfer is best, by a significant difference", S2P, metric,
            "skubisz-transfer", ("skubisz-sparse", "skubisz-conv", "skubisz-pix2pix"),
        )
    ),
]  # fmt: skip

_VENKATESH = [
    claim
    for task in (P2S, S2P)
    for claim in (
        *_over("venkatesh", "Section V", "convolutional autoencoders are the easier ones to train", task, "ssim",
               "venkatesh-conv", ("venkatesh-deep",)),
        *_over("venkatesh", "Section V", "batch normalisation improves the convolutional model slightly", task, "ssim",
               "venkatesh-conv-bn", ("venkatesh-conv",)),
        *_over("venkatesh", "Section V", "batch normalisation improves the convolutional model slightly", task, "mae",
               "venkatesh-conv-bn", ("venkatesh-conv",)),
    )
]  # fmt: skip

_PRIOVOLOS = [
    *_over("priovolos", "Section IV.C, Table I", "the convolutional model has the highest SSIM", P2S, "ssim",
           "priovolos-conv", ("priovolos-mixed", "priovolos-dense")),
    *_over("priovolos", "Section IV.C, Table I", "the mixed model has the smaller RMSE", P2S, "rmse",
           "priovolos-mixed", ("priovolos-conv",)),
    *_over("priovolos", "Section IV.C", "the dense model performs worst", P2S, "rmse", "priovolos-conv",
           ("priovolos-dense",)),
    *_over("priovolos", "Section IV.C", "the dense model performs worst", P2S, "rmse", "priovolos-mixed",
           ("priovolos-dense",)),
    *(
        claim
        for metric in ("ssim", "rmse")
        for claim in _over(
            "priovolos", "Section IV.C, Table II", "the convolutional model is best by every measure", S2P, metric,
            "priovolos-conv", ("priovolos-mixed", "priovolos-dense"),
        )
    ),
]  # fmt: skip

_COMPARED = ("fcn", "pix2pix", "cyclegan")
_DUAN = [
    *(
        claim
        for metric in ("ssim", "fsim")
        for claim in _over(
            "duan", "Section IV.D, Table IV (CUFS)", "MSG-SARL is the state of the art", P2S, metric, "duan-msg-sarl",
            _COMPARED, "cufs",
        )
    ),
    *(
        claim
        for metric in ("ssim", "fsim")
        for claim in _over(
            "duan", "Section IV.C, Table I", "each part helps: the whole is better than without it", P2S, metric,
            "duan-msg-sarl", ("duan-no-msg", "duan-no-cycle", "duan-no-attention"),
        )
    ),
    *(
        claim
        for metric in ("ssim", "fsim")
        for claim in _over(
            "duan", "Section IV.C, Table I", "each part helps the backbone", P2S, metric, "duan-backbone-msg",
            ("duan-backbone",),
        )
    ),
    *(
        claim
        for metric in ("ssim", "fsim")
        for claim in _over(
            "duan", "Section IV.C, Table I", "each part helps the backbone", P2S, metric, "duan-backbone-attention",
            ("duan-backbone",),
        )
    ),
]  # fmt: skip

CLAIMS: tuple[Claim, ...] = (*_HUANG, *_SKUBISZ, *_DUAN, *_VENKATESH, *_PRIOVOLOS)
