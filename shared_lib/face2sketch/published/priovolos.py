"""Priovolos: dense, convolutional and mixed autoencoders in both directions."""

from .records import Contradiction, Figure, Layer, Paper, ParameterCount, Setting

PAPER = Paper(
    key="priovolos",
    authors=("Dimitrios Priovolos",),
    title="Applied Data Mining Coursework 1",
    venue="coursework report, MSc Data Science, School of Computing and Communications",
    url="https://github.com/dpriovolos/example",
    note="The author's public repository has a notebook for each model, whose stored outputs are Table II (which cuts them "
    "to three decimals: 0.1219 is printed 0.121). What the report leaves open was read there.",
)

PROTOCOL = (
    "188 pairs, sorted by name, flipped and rotated to 1,504, cut after 1,400: 13 people for the test, none of them "
    "trained on (notebooks); scored against the photo in both directions"
)

_LABELS = {
    "priovolos-dense": "Dense AE",
    "priovolos-conv": "Convolutional AE",
    "priovolos-mixed": "Self-Implemented AE",
}
_TABLES = {
    ("Table I", "photo2sketch", "mae"): ("0.162", "0.171", "0.150"),
    ("Table I", "photo2sketch", "rmse"): ("0.266", "0.274", "0.269"),
    ("Table I", "photo2sketch", "ssim"): ("0.642", "0.739", "0.727"),
    ("Table II", "sketch2photo", "mae"): ("0.064", "0.051", "0.055"),
    ("Table II", "sketch2photo", "rmse"): ("0.136", "0.121", "0.130"),
    ("Table II", "sketch2photo", "ssim"): ("0.735", "0.824", "0.801"),
}

FIGURES = [
    Figure("priovolos", table, system, label, task, "cuhk-student", metric, printed, protocol=PROTOCOL)
    for (table, task, metric), row in _TABLES.items()
    for (system, label), printed in zip(_LABELS.items(), row, strict=True)
]

_DENSE = [
    (4096, 201330688), (2048, 8390656), (1024, 2098176), (512, 524800), (256, 131328), (128, 32896),
    (64, 8256), (32, 2080), (64, 2112), (128, 8320), (256, 33024), (512, 131584), (1024, 525312),
    (2048, 2099200), (4096, 8392704), (49152, 201375744),
]  # fmt: skip

LAYERS = {
    "priovolos-dense": [
        Layer("input_1 (InputLayer)", (49152,), 0),
        *(
            Layer(f"dense_{index} (Dense)" if index else "dense (Dense)", (units,), count)
            for index, (units, count) in enumerate(_DENSE)
        ),
    ],
    "priovolos-conv": [
        Layer("input_1 (InputLayer)", (256, 256, 3), 0),
        Layer("sequential (Sequential)", (127, 127, 16), 768),
        Layer("sequential_1 (Sequential)", (62, 62, 32), 8320),
        Layer("sequential_2 (Sequential)", (30, 30, 64), 32768),
        Layer("sequential_3 (Sequential)", (14, 14, 128), 131584),
        Layer("sequential_4 (Sequential)", (6, 6, 256), 525312),
        Layer("sequential_5 (Sequential)", (2, 2, 512), 2099200),
        Layer("sequential_6 (Sequential)", (6, 6, 512), 4194304),
        Layer("sequential_7 (Sequential)", (14, 14, 256), 2097152),
        Layer("sequential_8 (Sequential)", (30, 30, 128), 524288),
        Layer("sequential_9 (Sequential)", (62, 62, 64), 131072),
        Layer("sequential_10 (Sequential)", (126, 126, 32), 32768),
        Layer("sequential_11 (Sequential)", (254, 254, 16), 8192),
        Layer("conv2d_transpose_6 (Conv2DTranspose)", (255, 255, 8), 520),
        Layer("conv2d_transpose_7 (Conv2DTranspose)", (256, 256, 3), 99),
    ],
    "priovolos-mixed": [
        Layer("input_3 (InputLayer)", (256, 256, 3), 0),
        Layer("sequential_11 (Sequential)", (128, 128, 256), 20480),
        Layer("sequential_12 (Sequential)", (64, 64, 128), 295552),
        Layer("sequential_13 (Sequential)", (32, 32, 64), 74048),
        Layer("sequential_14 (Sequential)", (16, 16, 32), 18592),
        Layer("sequential_15 (Sequential)", (8, 8, 16), 4688),
        Layer("sequential_16 (Sequential)", (4, 4, 8), 1192),
        Layer("flatten_1 (Flatten)", (128,), 0),
        Layer("dense_2 (Dense)", (512,), 66048),
        Layer("model_7 (Functional)", (256, 256, 3), 992179),
    ],
}

PARAMETERS = {
    "priovolos-dense": ParameterCount(
        sum(line.parameters for line in LAYERS["priovolos-dense"]), True, "Fig. 5, sum of the printed lines"
    ),
    "priovolos-conv": ParameterCount(
        sum(line.parameters for line in LAYERS["priovolos-conv"]), True, "Fig. 6, sum of the printed lines"
    ),
    "priovolos-mixed": ParameterCount(
        1_472_779, True, "Fig. 7, printed", trainable=1_470_779, non_trainable=2_000
    ),
}  # fmt: skip

_SETUP, _TRAINING = "Section IV.A.2", "Section IV.B"
SETTINGS = [
    Setting("priovolos", "", "optimiser", "Adam", _TRAINING),
    Setting("priovolos", "", "learning rate", "0.001", _TRAINING),
    Setting("priovolos", "", "pairs after augmentation", "1504", _SETUP),
    Setting("priovolos", "", "test share", "7%", _SETUP),
    Setting("priovolos", "", "picture size (text)", "(256,256)", _SETUP),
    Setting("priovolos", "", "training pictures", "1400", "notebooks"),
    Setting("priovolos", "", "test pictures", "104", "notebooks"),
    Setting("priovolos", "", "batch size", "not set: 32, Keras' default", "notebooks"),
    Setting("priovolos", "priovolos-conv", "dropout", "0.1, in the first and third block of the decoder", "notebooks"),
    Setting("priovolos", "priovolos-conv", "last activation", "none", "notebooks"),
    Setting("priovolos", "priovolos-mixed", "last activation", "ReLU", "notebooks"),
    Setting("priovolos", "priovolos-dense", "activation", "ReLU, sigmoid in the last layer", "Section III.A"),
    Setting("priovolos", "priovolos-dense", "initialiser", "glorot_uniform", "Section III.A, Eq. 1"),
    Setting("priovolos", "priovolos-dense", "loss", "MSE", "Section IV.B.1"),
    Setting("priovolos", "priovolos-dense", "epochs", "100 in each direction", "Section IV.B.1"),
    Setting("priovolos", "priovolos-conv", "activation", "LeakyReLU", "Section III.B"),
    Setting("priovolos", "priovolos-conv", "initialiser", "he_normal", "Section III.B, Eq. 3"),
    Setting("priovolos", "priovolos-conv", "loss", "MAE", "Section IV.B.2"),
    Setting("priovolos", "priovolos-conv", "epochs", "100 in each direction", "Section IV.B.2"),
    Setting("priovolos", "priovolos-mixed", "activation", "LeakyReLU, decoder ReLU", "Section III.C"),
    Setting("priovolos", "priovolos-mixed", "loss", "MSE, then MAE", "Section IV.B.3"),
    Setting("priovolos", "priovolos-mixed", "epochs", "100 with MSE, then 50 with MAE", "Section IV.B.3"),
]  # fmt: skip

CONTRADICTIONS = [
    Contradiction(
        "priovolos", "code", "Table I; notebooks",
        "Table I says how alike predicted and true sketches are.",
        "The notebooks score with one cell in both directions, and it compares the prediction with the photo: right "
        "from sketch to photo (its stored output is Table II), but from photo to sketch it tells how like the photo "
        "the predicted sketch is. The figures cannot be of sketches: by the same notebooks' evaluation against them "
        "the dense model has a mean squared error of 0.0325, so that its RMSE is 0.181 on average at most, and Table"
        " I has 0.266; the convolutional one has a mean absolute error of 0.0771, so that its median error is 0.155 "
        "on average at most, and Table I has 0.171.",
        "As published, scored as there, with the artist's own sketches by the same rule beside; in common, against the "
        "sketches.",
    ),
    Contradiction(
        "priovolos", "code", "Section IV.A.3; notebooks",
        "SSIM, RMSE and MAE are taken from the package image-similarity-measures 0.3.5.",
        "The notebooks call scikit-image and scikit-learn. SSIM is given pictures of floats in [0, 1] and no range, "
        "for which scikit-image of that time took 2, the width of [-1, 1]: its constants are four times as large as "
        "they should be, and the score is too high. (The package's own default, 4,095, would be worse: it holds "
        "pictures for 12-bit ones.)",
        "As published, with the range of 2; the true range stands beside.",
    ),
    Contradiction(
        "priovolos", "protocol", "Section IV.A.2; notebooks",
        "Every picture is flipped and rotated (seven more versions), then the 1,504 are split 93 to 7.",
        "How is not said, and a random split would put nearly everybody on both sides. The notebooks sort by name, "
        "turn person by person and cut after 1,400, which is between two people: nobody stands on both sides. What "
        "is left for the test are the last 13 in the list, men all of them, each counted in eight positions.",
        "The same 13, and intervals over people, not over the 104 pictures.",
    ),
    Contradiction(
        "priovolos", "protocol", "Sections IV.B.1 to IV.B.3; notebooks",
        "Each model is trained with faces for inputs, then for as many epochs for the opposite.",
        "It is one network, which goes on from where it is: Table II's networks start as those of Table I, and the "
        "mixed one changes direction three times.",
        "As published, trained in that order; in common, a fresh network for each direction.",
    ),
    Contradiction(
        "priovolos", "contradiction", "Abstract; Sections IV.A.3 and IV.B.2; Eq. 6",
        "Section IV.A.3 names the measure Median Absolute Error (MAE), and describes it as a Euclidean "
        "distance.",
        "Eq. 6 is the mean of absolute differences, and the abstract and Section IV.B.2 call it Mean "
        "Absolute Error.",
        "The median, as in the text and the notebooks (scikit-learn's median_absolute_error).",
    ),
    Contradiction(
        "priovolos", "formula", "Section IV.A.3, Eq. 6",
        "The sum runs over i, the terms carry j.",
        "The index of the sum does not occur under it.",
        "One index over all pixels.",
    ),
    Contradiction(
        "priovolos", "formula", "Section IV.A.3, Eq. 5",
        "sigma_x and sigma_y are called variances; sigma_x again the covariance.",
        "Eq. 5 squares them: they are standard deviations, and the covariance is sigma_xy.",
        "Standard deviations and sigma_xy.",
    ),
    Contradiction(
        "priovolos", "contradiction", "Section IV.A.2; Fig. 5",
        "Loading, preprocessing and splitting are the same for all three models, at 256x256.",
        "The dense model's last layer has 49,152 = 128x128x3 outputs, and its first 201,330,688 parameters "
        "are 49,152 x 4,096 + 4,096.",
        "128x128 for the dense model, as its counts demand.",
        ("priovolos-dense",),
    ),
    Contradiction(
        "priovolos", "contradiction", "Section III.A; Fig. 5",
        "Sixteen hidden layers, eight in the encoder and eight in the decoder.",
        "The last of the sixteen is the output: fifteen hidden layers.",
        "Fig. 5 is followed.",
        ("priovolos-dense",),
    ),
    Contradiction(
        "priovolos", "contradiction", "Section IV.B; Figs. 7 to 9",
        "The loss curves of the dense and the convolutional model are in Fig. 7 and Fig. 8.",
        "Fig. 7 is the mixed model's layer table; the curves are Figs. 8 and 9.",
        "Figs. 8 and 9 are meant.",
    ),
    Contradiction(
        "priovolos", "claim", "Section IV.C; Table I",
        "From photo to sketch the mixed model is best, the convolutional one close behind, the dense one "
        "worst.",
        "The dense model has the lowest RMSE of the three (0.266) and a lower MAE than the convolutional one "
        "(0.162 against 0.171); it is worst in SSIM alone.",
        "Measures are reported side by side, and their disagreement is a subject of its own.",
    ),
    Contradiction(
        "priovolos", "claim", "Section IV.C; Table II",
        "From sketch to photo the mixed model is 'a close second': its differences from the convolutional one, below 0.01 "
        "in MAE and RMSE, are small. All values of the dense model are 'notably worse than the other two'.",
        "In RMSE the small difference is 0.009 (0.130 against 0.121) and the notable one 0.006 (0.136 against 0.130). "
        "Neither comes with an interval or a test.",
        "Each pair is tested by itself, with intervals over people.",
        ("priovolos-mixed", "priovolos-dense"),
    ),
    Contradiction(
        "priovolos", "code", "Section III.B; notebook",
        "The weights of every convolution and transposed convolution start from he_normal.",
        "In the notebook the last two transposed convolutions, of 8 and of 3 channels, name no initialiser: theirs is "
        "Keras' default.",
        "As in the notebook.",
        ("priovolos-conv",),
    ),
    Contradiction(
        "priovolos", "contradiction", "Abstract; Sections IV.C and VI",
        "Abstract and conclusion: the convolutional model performs best.",
        "Section IV.C: the mixed model performs best from photo to sketch.",
        "No overall winner is named.",
        ("priovolos-conv", "priovolos-mixed"),
    ),
    Contradiction(
        "priovolos", "contradiction", "Abstract",
        "The models are named pix2pix models.",
        "They are plain autoencoders: there is no discriminator.",
        "They are called autoencoders.",
    ),
    Contradiction(
        "priovolos", "code", "Fig. 7; notebook",
        "The printed shapes of the encoder, 128, 64, 32, ... 4, are those of padded convolutions.",
        "In the notebook as it stands the second and the fourth are unpadded, which gives 63 for 64: the cell was "
        "changed after the figure was made, or before the results were.",
        "All padded, as printed; the number of weights is the same.",
        ("priovolos-mixed",),
    ),
    Contradiction(
        "priovolos", "missing", "Section III.B; Fig. 6",
        "Sub-models with 'sometimes' batch normalisation and 'sometimes' dropout.",
        "The text does not say which. The counts do for batch normalisation: 8,320 = 8,192 + 4 x 32 and so "
        "on mark the second, fourth, fifth and sixth encoder block; dropout has no parameters and its rate "
        "is not given.",
        "Batch normalisation where the counts show it; dropout as in the notebook.",
        ("priovolos-conv",),
    ),
    Contradiction(
        "priovolos", "missing", "Section IV.B",
        "Optimiser, rate, epochs and losses.",
        "No batch size.",
        "32: the notebooks set none, and that is Keras' default.",
    ),
]  # fmt: skip
