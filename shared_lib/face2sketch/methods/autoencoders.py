"""The register's Keras systems: autoencoders of every kind, in the order of the chapters."""

from ..training.settings import Stage
from . import builders as build
from .entries import Method, Protocol, Recipe, multiple_of, unpadded_side

_HUANG = Protocol((200, 200), test="huang", crop=True)
_SKUBISZ = Protocol((256, 256), test=300, eightfold=True)
_VENKATESH = Protocol((256, 256), test=57)
_NO_BATCH = "The paper gives no batch size: 32, Keras' default."
_VENKATESH_ASSUMED = (
    f"{_NO_BATCH} Its Table I says 500 epochs, its text 200 for the run that was reported: 200. Table I's 131 training and "
    "57 test pictures contradict the text's 80 %: the table's numbers. Activations that it does not name: ReLU, and "
    "a sigmoid at the end."
)
_PRIOVOLOS_ASSUMED = (
    "What the report leaves open is in its notebooks: batches of 32 (Keras' default), one network that learns photo "
    "to sketch and goes on to sketch to photo."
)


def _priovolos_protocol(size: int) -> Protocol:
    return Protocol((size, size), test=104, eightfold=True, last=True, in_turn=True)  # 13 people, eightfold


SYSTEMS = (
    Method(
        "huang-dae", "Dense autoencoder", "dense", "keras", 2, "huang", (200, 200), build.huang_dae,
        Recipe((Stage("bce", 1000),), 100, batch_size=128, assumed="The paper draws no activations: ReLU, and a sigmoid "
               "at the end, which its binary cross-entropy needs."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "skubisz-sparse", "Sparse autoencoder", "dense", "keras", 2, "skubisz", (256, 256), build.skubisz_sparse,
        Recipe((Stage("bce", 100),), 60, assumed="The L1 weight, the activations, the optimiser and its rate are not "
               "given: 1e-5, ReLU with a sigmoid at the end, Adam at 0.001."),
        _SKUBISZ, dense_layers=True,
    ),
    Method(
        "venkatesh-deep", "Deep autoencoder", "dense", "keras", 2, "venkatesh", (256, 256), build.venkatesh_deep,
        Recipe((Stage("mae", 200),), 60, assumed=f"{_VENKATESH_ASSUMED} SIZE is not defined: 256, so that its SIZE/8 is 32; "
               "that a code of 32 follows as a layer of its own is our reading."),
        _VENKATESH, dense_layers=True,
    ),
    Method(
        "priovolos-dense", "Dense autoencoder, 16 layers", "dense", "keras", 2, "priovolos", (128, 128),
        build.priovolos_dense, Recipe((Stage("mse", 100),), 20, assumed=_PRIOVOLOS_ASSUMED), _priovolos_protocol(128),
        dense_layers=True,
    ),
    Method(
        "skubisz-conv", "Strided convolutional autoencoder", "convolutional", "keras", 3, "skubisz", (256, 256),
        build.skubisz_conv, Recipe((Stage("mse", 100),), 40, assumed="Optimiser, its rate and the output activation are not "
                              "given: Adam at 0.001 and a sigmoid."),
        _SKUBISZ, multiple_of(8),
    ),
    Method(
        "venkatesh-conv", "Pooled convolutional autoencoder", "convolutional", "keras", 3, "venkatesh", (256, 256),
        build.venkatesh_conv, Recipe((Stage("mae", 200),), 20, assumed=_VENKATESH_ASSUMED), _VENKATESH, multiple_of(8),
    ),
    Method(
        "venkatesh-conv-bn", "The same with LeakyReLU and batch norm", "convolutional", "keras", 3, "venkatesh",
        (256, 256), build.venkatesh_conv_bn,
        Recipe((Stage("mae", 200),), 20, assumed=f"{_VENKATESH_ASSUMED} Where the batch norms stand is not said: after "
               "each convolution but the last. The LeakyReLU's slope is not given: 0.3, Keras' default. Adam and the "
               "absolute error are stated for the model without them alone."),
        _VENKATESH, multiple_of(8),
    ),
    Method(
        "priovolos-conv", "Unpadded convolutional autoencoder", "convolutional", "keras", 3, "priovolos", (256, 256),
        build.priovolos_conv, Recipe((Stage("mae", 100),), 30, assumed=f"{_PRIOVOLOS_ASSUMED} So are the two dropout "
                                "layers of 0.1, and that the last layer is linear."),
        _priovolos_protocol(256), unpadded_side,
    ),
    Method(
        "priovolos-mixed", "Convolutional and dense autoencoder", "convolutional", "keras", 3, "priovolos", (256, 256),
        build.priovolos_mixed, Recipe((Stage("mse", 100), Stage("mae", 50)), 15, assumed=f"{_PRIOVOLOS_ASSUMED} So is the "
                                 "ReLU at the end. Two of its convolutions are unpadded there, which the printed "
                                 "shapes "
                                 "contradict: all are padded."),
        _priovolos_protocol(256), multiple_of(64),
    ),
    Method(
        "huang-vae", "Dense VAE, as published", "variational", "keras", 4, "huang", (200, 200), build.huang_vae,
        Recipe((Stage("bce_sum", 1000),), 100, batch_size=128, reconstructs="input", assumed="As the released notebook "
               "does: it learns to give the photo back, with its slips in the noise. The notebook draws a code at "
               "prediction too; here the mean is decoded, so that one photo always gives one picture."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "huang-vae-corrected", "Dense VAE, the paper's text at its word", "variational", "keras", 4, "huang", (200, 200),
        build.huang_vae_sound,
        Recipe((Stage("bce", 1000),), 100, batch_size=128, assumed="Towards the sketch, with standard normal noise and a "
               "bounded log-variance; mean cross-entropy and KL divergence one to one."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "huang-vae-elbo", "Dense VAE, the usual bound", "variational", "keras", 4, "huang", (200, 200),
        build.huang_vae_sound,
        Recipe((Stage("bce_sum", 1000),), 100, batch_size=128, assumed="As huang-vae-corrected, with the cross-entropy "
               "summed over the picture, as the bound of the likelihood has it."),
        _HUANG, dense_layers=True,
    ),
    Method(
        "venkatesh-vae", "Dense VAE, code of 32", "variational", "keras", 4, "venkatesh", (256, 256), build.venkatesh_vae,
        Recipe((Stage("mae", 200),), 60, assumed="The report gives no layers: those of its deep autoencoder, with mean and "
               f"log-variance for its code of 32. The loss it found best, as a mean, with the KL divergence one to "
               f"one. "
               f"{_VENKATESH_ASSUMED}"),
        _VENKATESH, dense_layers=True,
    ),
    Method(
        "conditional-vae", "Convolutional conditional VAE", "variational", "keras", 4, None, (128, 128),
        build.conditional_vae,
        Recipe((Stage("mse_sum", 300),), 80, batch_size=8, assumed="Not from the papers. After Sohn, Lee and Yan (2015): a "
               "U-Net decoder with a code of 16, whose posterior sees the target. Sigma 0.8 stands for pixels whose "
               "errors "
               "are not independent, and for a sketch's three equal channels."),
        None, multiple_of(16),
    ),
    Method(
        "huang-casq", "CASQ, as published", "quantised", "keras", 5, "huang", (200, 200), build.huang_casq,
        Recipe((Stage("bce", 1000),), 60, batch_size=128, assumed="As the released notebook does: attention within rows "
               "and without weights; the 1x1 convolution and the codebook keep the values they start with, those of "
               "the "
               "library it used (truncated normal of deviation 1/4; uniform within 0.306)."),
        _HUANG, multiple_of(8),
    ),
    Method(
        "huang-casq-corrected", "CASQ, as described", "quantised", "keras", 5, "huang", (200, 200),
        build.huang_casq_corrected,
        Recipe((Stage("bce", 1000),), 60, batch_size=16, assumed="Heads, codes and commitment are not given: 4 heads with "
               "a learned residual weight from 0 (Zhang et al., the source of its Fig. 6); 128 codes of 32 channels "
               "and 0.25 from its notebook; the codebook by moving averages (its Eq. 3), idle codes restarted. "
               "Batches of 16: "
               "128 are one step an epoch on 88 pairs, and at 200 px their attention alone would take gigabytes."),
        _HUANG, multiple_of(8),
    ),
    Method(
        "skubisz-transfer", "VGG-16 encoder, then fine-tuned", "transfer", "keras", 6, "skubisz", (224, 224),
        build.skubisz_transfer,
        Recipe((Stage("mse", 100, frozen=("encoder",)), Stage("mse", 10, learning_rate=1e-4)), 22, weights="imagenet",
               assumed="The decoder's kernels are 3x3, as its total says, not 5x5, as its Table II does. Input as VGG "
               "wants it: blue, green, red, less ImageNet's mean. Not given: the slope of the decoder's LeakyReLU, 0.1 as "
               "in its convolutional model; the output activation, a sigmoid; the rate before the fine-tuning, 0.001."),
        Protocol((224, 224), test=300, eightfold=True), multiple_of(32),
    ),
    Method(
        "faces-transfer", "Small encoder pretrained on built-in faces", "transfer", "keras", 6, None, (128, 128),
        build.faces_transfer,
        Recipe((Stage("mse", 100, frozen=("encoder",)), Stage("mse", 10, learning_rate=1e-4)), 44, batch_size=16,
               weights="faces"),
        None, multiple_of(16),
    ),
)  # fmt: skip
