"""Skubisz: sparse, convolutional and transfer-learning autoencoders, and pix2pix, in both directions."""

from .records import Contradiction, Figure, Layer, Paper, ParameterCount, Setting

PAPER = Paper(
    key="skubisz",
    authors=("Antoni Skubisz",),
    title="Investigative Study on Generative Models for Face2Sketch and Sketch2Face",
    venue="coursework report",
    note="Results are measured on pictures augmented before the split.",
)

PROTOCOL = (
    "188 pairs flipped and rotated to 1,504 before a random split into 1,204 training and 300 test pairs: "
    "the same people stand in both"
)

_LABELS = {
    "skubisz-sparse": "Sparse AE",
    "skubisz-conv": "Conv AE",
    "skubisz-pix2pix": "pix2pix",
    "skubisz-transfer": "Transfer learning AE",
}
_TABLES = {
    ("Table III", "photo2sketch", "ssim"): ("0.699", "0.768", "0.744", "0.746"),
    ("Table III", "photo2sketch", "mse"): ("0.034", "0.022", "0.029", "0.028"),
    ("Table IV", "sketch2photo", "ssim"): ("0.76", "0.782", "0.774", "0.807"),
    ("Table IV", "sketch2photo", "mse"): ("0.028", "0.02", "0.021", "0.015"),
}

FIGURES = [
    Figure("skubisz", table, system, label, task, "cuhk-student", metric, printed, protocol=PROTOCOL)
    for (table, task, metric), row in _TABLES.items()
    for (system, label), printed in zip(_LABELS.items(), row, strict=True)
]


def _line(name: str, channels: int, size: int, kernel: int | None, stride: int | None, padding: str) -> Layer:
    return Layer(name, (size, size, channels), None, kernel, stride, padding)


LAYERS = {
    "skubisz-conv": [
        _line("Input", 3, 256, None, None, ""),
        _line("Conv2D", 16, 128, 5, 2, "same"),
        _line("Conv2D", 32, 64, 5, 2, "same"),
        _line("Conv2D", 64, 32, 5, 2, "same"),
        _line("Conv2DTranspose", 64, 64, 5, 2, "same"),
        _line("Conv2DTranspose", 32, 128, 5, 2, "same"),
        _line("Conv2DTranspose", 16, 256, 5, 2, "same"),
        _line("Conv2D", 3, 256, 5, 1, "same"),
    ],
    "skubisz-transfer": [
        _line("Input", 3, 224, None, None, ""),
        _line("2xConvolution", 64, 224, 3, 1, "same"),
        _line("Max-Pooling", 64, 112, 3, 2, "valid"),
        _line("2xConvolution", 128, 112, 3, 1, "same"),
        _line("Max-Pooling", 128, 56, 3, 2, "valid"),
        _line("3xConvolution", 256, 56, 3, 1, "same"),
        _line("Max-Pooling", 256, 28, 3, 2, "valid"),
        _line("3xConvolution", 512, 28, 3, 1, "same"),
        _line("Max-Pooling", 512, 14, 3, 2, "valid"),
        _line("3xConvolution", 512, 14, 3, 1, "same"),
        _line("Max-Pooling", 512, 7, 3, 2, "valid"),
        _line("Conv2DTranspose", 256, 14, 5, 2, "same"),
        _line("Conv2DTranspose", 128, 28, 5, 2, "same"),
        _line("Conv2DTranspose", 64, 56, 5, 2, "same"),
        _line("Conv2DTranspose", 32, 112, 5, 2, "same"),
        _line("Conv2DTranspose", 16, 224, 5, 2, "same"),
        _line("Conv2DTranspose", 3, 224, 5, 1, "same"),
    ],
}

PARAMETERS = {
    "skubisz-sparse": ParameterCount(
        201_000_000, False, "Section III.A: 'roughly 201 million' (201,869,120 with all biases)",
    ),
    "skubisz-transfer": ParameterCount(
        16_300_000, False, "Section III.D: 'close to 16.3 million', 14.7 million of them frozen",
        non_trainable=14_700_000,
    ),
}  # fmt: skip

_SETUP = "Section IV.A"
SETTINGS = [
    Setting("skubisz", "", "pairs after augmentation", "1504", _SETUP),
    Setting("skubisz", "", "training pairs", "1204", _SETUP),
    Setting("skubisz", "", "test pairs", "300", _SETUP),
    Setting("skubisz", "skubisz-sparse", "units", "512, 256, 128, 64, 128, 256, 512", "Section III.A"),
    Setting("skubisz", "skubisz-sparse", "penalty", "L1 on the code", "Section III.A"),
    Setting("skubisz", "skubisz-sparse", "loss", "binary cross-entropy", _SETUP),
    Setting("skubisz", "skubisz-sparse", "epochs", "100", _SETUP),
    Setting("skubisz", "skubisz-sparse", "batch size", "32", _SETUP),
    Setting("skubisz", "skubisz-sparse", "picture size", "256x256", _SETUP),
    Setting("skubisz", "skubisz-conv", "activation", "LeakyReLU, alpha 0.1", "Section III.B"),
    Setting("skubisz", "skubisz-conv", "loss", "MSE", _SETUP),
    Setting("skubisz", "skubisz-conv", "epochs", "100", _SETUP),
    Setting("skubisz", "skubisz-conv", "batch size", "32", _SETUP),
    Setting("skubisz", "skubisz-conv", "picture size", "256x256", _SETUP),
    Setting("skubisz", "skubisz-pix2pix", "epochs", "6", _SETUP),
    Setting("skubisz", "skubisz-pix2pix", "batch size", "1", _SETUP),
    Setting("skubisz", "skubisz-pix2pix", "picture size", "256x256", _SETUP),
    Setting("skubisz", "skubisz-pix2pix", "dropout", "in the first 3 decoding blocks", "Section III.C"),
    Setting(
        "skubisz",
        "skubisz-transfer",
        "activation",
        "ReLU in the encoder, LeakyReLU in the decoder",
        "Section III.D",
    ),
    Setting("skubisz", "skubisz-transfer", "optimiser", "Adam", "Section III.D"),
    Setting("skubisz", "skubisz-transfer", "loss", "MSE", "Section III.D"),
    Setting("skubisz", "skubisz-transfer", "epochs", "100", _SETUP),
    Setting("skubisz", "skubisz-transfer", "batch size", "32", _SETUP),
    Setting("skubisz", "skubisz-transfer", "picture size", "224x224", _SETUP),
    Setting("skubisz", "skubisz-transfer", "fine-tuning", "10 epochs, learning rate 0.0001", "Section III.D"),
]

CONTRADICTIONS = [
    Contradiction(
        "skubisz", "protocol", "Section IV.A",
        "188 pairs are augmented to 1,504, then split at random into 1,204 and 300.",
        "A person's eight versions fall on both sides of the split: a test picture shows somebody whose "
        "picture, turned or mirrored, was trained on (the chance of an exception is about one in 100,000 "
        "per picture).",
        "Repeated both ways, and the difference is measured.",
    ),
    Contradiction(
        "skubisz", "contradiction", "Table II; Section III.D",
        "The decoder's transposed convolutions are 5x5; the network has close to 16.3 million parameters, "
        "14.7 million of them frozen.",
        "With 5x5 kernels the decoder alone has 4,366,499 parameters, 19.1 million in all. With 3x3 kernels "
        "it has 1,572,259, and the total is 16,286,947: 'close to 16.3 million'.",
        "The total supports 3x3 kernels.",
        ("skubisz-transfer",),
    ),
    Contradiction(
        "skubisz", "contradiction", "Table II; Section III.D",
        "Max pooling: kernel 3x3, stride 2, 'valid', from 224 to 112.",
        "An unpadded 3x3 window with stride 2 leaves 111 of 224; VGG-16 pools 2x2.",
        "2x2 pooling, as in VGG-16.",
        ("skubisz-transfer",),
    ),
    Contradiction(
        "skubisz", "contradiction", "Table II; Section III.D",
        "The decoder's numbers of channels are in 'the inverse order present in the VGG-16', whose padding, stride and "
        "filter size 'are kept constant'.",
        "Table II's decoder has 256, 128, 64, 32, 16. VGG-16's blocks backwards have 512, 512, 256, 128, 64; none has 32 or "
        "16. Its poolings have another stride and padding than its convolutions, in Table II too.",
        "Table II is followed.",
        ("skubisz-transfer",),
    ),
    Contradiction(
        "skubisz", "contradiction", "Section III.B, Table I",
        "Filter size, size and padding are constant in the entire architecture.",
        "Table I shows sizes from 256 down to 32 and back, and a last layer with stride 1.",
        "Table I is followed.",
        ("skubisz-conv",),
    ),
    Contradiction(
        "skubisz", "contradiction", "Section III.D",
        "The architecture of the transfer model is shown in 'Table 5'.",
        "There are four tables; it is Table II (Figure 5 is its drawing).",
        "Table II is meant.",
        ("skubisz-transfer",),
    ),
    Contradiction(
        "skubisz", "contradiction", "Section III.C; the pix2pix paper",
        "L1 and L2 fail to encourage high level details; PatchGAN ensures high level correctness and leaves low level "
        "features to L1.",
        "The pix2pix paper (Isola et al., Section 3.2) speaks of high and low frequencies: fine texture and the large "
        "shapes. A high level usually means the opposite of fine detail.",
        "Frequency is meant.",
        ("skubisz-pix2pix",),
    ),
    Contradiction(
        "skubisz", "claim", "Sections IV.C, V and VI, Tables III and IV",
        "The transfer model's lead from sketch to photo is significant: SSIM 0.807 against 0.782, MSE 0.015 against "
        "0.02. The convolutional model's lead from photo to sketch, 0.768 against 0.746 and 0.022 against 0.028, is "
        "insignificant. The transfer model did the best job overall, in both directions (Section VI).",
        "In SSIM the two leads are alike, 0.025 and 0.022; in MSE the significant one, 0.005, is smaller than the "
        "insignificant one, 0.006. Neither comes with an interval or a test. From photo to sketch Table III has the "
        "transfer model second by both measures, and Section IV.B calls the convolutional one the best.",
        "Each direction is reported by itself, with intervals over people.",
        ("skubisz-transfer", "skubisz-conv"),
    ),
    Contradiction(
        "skubisz", "protocol", "Section IV.A",
        "Autoencoders were trained for 100 epochs, pix2pix for 6; the transfer model sees 224x224, the "
        "others 256x256.",
        "Scores of pictures of different sizes, after very different training, stand in one table.",
        "Every comparison names size, epochs and time.",
    ),
    Contradiction(
        "skubisz", "code", "Section III.C; the tutorial it names",
        "pix2pix with the PatchGAN of the pix2pix paper, in a tutorial's code, which speaks of patches of 70x70.",
        "That code halves the picture four times before its last two layers, the paper's three times: computed "
        "from the layers, each of its verdicts sees 142x142 pixels.",
        "Trained with the 70x70 that the pix2pix paper has, so not with the network that this report trained; "
        "receptive_field=142 builds that one.",
        ("skubisz-pix2pix",),
    ),
    Contradiction(
        "skubisz", "missing", "Section III.C",
        "pix2pix, taken from a tutorial.",
        "No loss weights, no optimiser, no learning rate, no number of weights.",
        "Those of the pix2pix paper, which the tutorial follows: L1 with weight 100, Adam with 0.0002 and 0.5.",
        ("skubisz-pix2pix",),
    ),
    Contradiction(
        "skubisz", "missing", "Sections III.A, III.B and IV.A",
        "Sparse and convolutional autoencoders, their losses and epochs.",
        "No optimiser, no learning rate and no activation at the end for these two; for the sparse one no activations "
        "at all and no weight of the L1 penalty.",
        "Our choices: Adam at 0.001, a sigmoid at the end, ReLU in the sparse one and an L1 weight of 1e-5 (Keras itself "
        "would take RMSprop and 0.01).",
        ("skubisz-sparse", "skubisz-conv"),
    ),
    Contradiction(
        "skubisz", "missing", "Section III.D",
        "A decoder with LeakyReLU; Adam; fine-tuning at a learning rate of 0.0001.",
        "No slope of the LeakyReLU, no activation at the end, and no learning rate of the 100 epochs before the "
        "fine-tuning.",
        "The slope of the convolutional model, 0.1; a sigmoid; 0.001.",
        ("skubisz-transfer",),
    ),
    Contradiction(
        "skubisz", "missing", "Section IV.A, Tables III and IV",
        "SSIM and MSE over 300 test pictures of a random split.",
        "Neither whose SSIM it is nor its window, data range and colour handling is given; no seed of the split, and no "
        "spread over seeds or pictures.",
        "SSIM by TensorFlow's definition, of three channels, with a range of 1; a split drawn by the run's seed.",
    ),
]  # fmt: skip
