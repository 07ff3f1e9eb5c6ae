"""Venkatesh: dense, convolutional and variational autoencoders; losses and optimisers compared."""

from .records import Contradiction, Figure, Layer, Paper, ParameterCount, Setting

PAPER = Paper(
    key="venkatesh",
    authors=("P. Thirthahalli Venkatesh",),
    title="Using Autoencoders for face2sketch and sketch2face",
    venue="coursework report, Lancaster University",
    note="The report prints an initial, not the author's full first name.",
)

PROTOCOL = "131 training and 57 test pairs of the 188 (Table I), resized to 256x256"

_METRICS = ("loss", "accuracy", "mae", "psnr", "ssim")
_TABLE_III = {
    ("venkatesh-deep", "photo2sketch", "Deep f2s"): ("0.10", "50.8", "0.11", "13.63", "0.57"),
    ("venkatesh-deep", "sketch2photo", "Deep s2f"): ("0.172", "83.1", "0.1968", "11.66", "0.3443"),
    ("venkatesh-conv", "photo2sketch", "Conv f2s"): ("0.0727", "71.7", "0.0618", "19.38", "0.6715"),
    ("venkatesh-conv", "sketch2photo", "Conv s2f"): ("0.085", "89.5", "0.1396", "12.642", "0.5773"),
    ("venkatesh-conv-bn", "photo2sketch", "Conv with Relu f2s"): (
        "0.0814",
        "84.6",
        "0.079",
        "17.53",
        "0.632",
    ),
    ("venkatesh-conv-bn", "sketch2photo", "Conv with Relu s2f"): ("0.146", "84.1", "0.186", "13.51", "0.637"),
}

FIGURES = [
    Figure(
        "venkatesh", "Table III", system, label, task, "cuhk-student", metric, printed,
        unit="%" if metric == "accuracy" else "", protocol=PROTOCOL,
    )
    for (system, task, label), row in _TABLE_III.items()
    for metric, printed in zip(_METRICS, row, strict=True)
]  # fmt: skip

LAYERS = {
    "venkatesh-conv": [
        Layer("input_1 (InputLayer)", (256, 256, 3), 0),
        Layer("conv2d_24 (Conv2D)", (256, 256, 16), 448),
        Layer("max_pooling2d_4 (MaxPooling2D)", (128, 128, 16), 0),
        Layer("conv2d_25 (Conv2D)", (64, 64, 64), 9280),
        Layer("max_pooling2d_5 (MaxPooling2D)", (32, 32, 64), 0),
        Layer("conv2d_26 (Conv2D)", (32, 32, 128), 73856),
        Layer("conv2d_27 (Conv2D)", (32, 32, 256), 295168),
        Layer("conv2d_28 (Conv2D)", (32, 32, 512), 1180160),
        Layer("conv2d_29 (Conv2D)", (32, 32, 512), 2359808),
        Layer("up_sampling2d_8 (UpSampling2D)", (64, 64, 512), 0),
        Layer("conv2d_30 (Conv2D)", (64, 64, 256), 1179904),
        Layer("conv2d_31 (Conv2D)", (64, 64, 128), 295040),
        Layer("up_sampling2d_9 (UpSampling2D)", (128, 128, 128), 0),
        Layer("conv2d_32 (Conv2D)", (128, 128, 64), 73792),
        Layer("up_sampling2d_10 (UpSampling2D)", (256, 256, 64), 0),
        Layer("conv2d_33 (Conv2D)", (256, 256, 32), 18464),
        Layer("conv2d_34 (Conv2D)", (256, 256, 3), 867),
    ],
}

PARAMETERS = {
    "venkatesh-conv": ParameterCount(
        5_486_787, True, "Fig. 8, printed", trainable=5_486_787, non_trainable=0
    ),
}

SETTINGS = [
    Setting("venkatesh", "", "picture size", "256", "Table I"),
    Setting("venkatesh", "", "learning rate", "0.001", "Table I"),
    Setting("venkatesh", "", "dropout", "no", "Table I"),
    Setting("venkatesh", "", "training pairs", "131", "Table I"),
    Setting("venkatesh", "", "test pairs", "57", "Table I"),
    Setting("venkatesh", "", "epochs (table)", "500", "Table I"),
    Setting("venkatesh", "", "losses tried", "mean absolute error; binary cross entropy", "Section IV.A"),
    Setting("venkatesh", "", "optimisers tried", "SGD; RMSProp; Adam", "Section IV.D"),
    Setting(
        "venkatesh", "venkatesh-deep", "units", "SIZE, SIZE/2, SIZE/4, SIZE/8, latent 32", "Section IV.D.1"
    ),
    *(
        Setting("venkatesh", system, name, printed, where)
        for system, where in (("venkatesh-deep", "Section IV.D.1"), ("venkatesh-conv", "Section IV.D.2"))
        for name, printed in (("optimiser", "Adam"), ("loss", "mean absolute error"), ("epochs", "200"))
    ),
    Setting("venkatesh", "venkatesh-conv-bn", "epochs", "200", "Section IV.D.2"),
    Setting(
        "venkatesh", "venkatesh-conv-bn", "layers added", "LeakyRelu and BatchNormalization", "Section IV.D.2"
    ),
]

CONTRADICTIONS = [
    Contradiction(
        "venkatesh", "contradiction", "Table I; Sections IV.D.1 and IV.D.2",
        "Table I: 500 epochs.",
        "The text says 200 epochs for the dense, the convolutional and the batch-normalised model.",
        "200, the number given with each model.",
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.A; Table I",
        "80 % of the pictures are used for training.",
        "131 of 188 are 69.7 %, 57 are 30.3 %: a 70/30 split.",
        "131 and 57, the counted numbers.",
    ),
    Contradiction(
        "venkatesh", "formula", "Section IV.B.2, Eq. 3",
        "PSNR = 10 log10 [max(max(X), max(y))]^2 / |x - y|^2.",
        "The quotient must stand inside the logarithm, and below it the mean squared error of Eq. 2, as the "
        "sentence before the equation says.",
        "10 log10(peak^2 / MSE), with the peak stated.",
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.D.2; Fig. 8",
        "The convolutional encoder goes down to a latent space of 32 dimensions.",
        "In Fig. 8 the smallest tensor is 32x32x64, and the last before upsampling 32x32x512 = 524,288 "
        "numbers, 2.7 times as many as the picture's 196,608.",
        "Fig. 8, whose lines add up to its total of 5,486,787. The 32 are the pixels of a side.",
        ("venkatesh-conv",),
    ),
    Contradiction(
        "venkatesh", "missing", "Fig. 8",
        "conv2d_25 turns 128x128 into 64x64; the figure has no column for strides.",
        "Its 9,280 parameters are those of a 3x3 convolution with bias, so it must have stride 2; the other "
        "convolutions keep their size.",
        "Stride 2 in this one layer.",
        ("venkatesh-conv",),
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.D.1, Fig. 7; Table III",
        "For the dense model, sketch2face records a much lower training loss than face2sketch.",
        "Table III prints a loss of 0.172 for Deep s2f and 0.10 for Deep f2s.",
        "Both losses are measured and shown.",
        ("venkatesh-deep",),
    ),
    Contradiction(
        "venkatesh", "contradiction", "Sections IV.D.1 and IV.D.2; Table III",
        "Mean absolute error is the loss that was trained with.",
        "Table III has a column for each, and they differ in every row: 0.085 against 0.1396 for Conv s2f, 0.0727 against "
        "0.0618 for Conv f2s. Which pictures either is of is not said.",
        "The loss is read as that of the last training epoch, MAE as that of the test pictures.",
    ),
    Contradiction(
        "venkatesh", "claim", "Section V; Table III",
        "Batch normalisation and ReLU improve the convolutional model slightly.",
        "From photo to sketch MAE goes from 0.0618 to 0.079, PSNR from 19.38 to 17.53 and SSIM from 0.6715 "
        "to 0.632: all worse. From sketch to photo PSNR and SSIM improve, MAE gets worse (0.1396 to 0.186).",
        "Both models are trained in both directions and compared with intervals.",
        ("venkatesh-conv", "venkatesh-conv-bn"),
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.D.2; Table III; Section V",
        "The second convolutional model has LeakyReLU and batch normalisation.",
        "Table III and Section V call it 'with Relu'.",
        "LeakyReLU, as its description says.",
        ("venkatesh-conv-bn",),
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.C; Tables II and III",
        "Table III lists the specifications of the training environment.",
        "It is Table II; Table III holds the results.",
        "Table II is meant.",
    ),
    Contradiction(
        "venkatesh", "contradiction", "Section IV.A",
        "Pictures are brought from BGR to RGB with 'keras cvtColor'.",
        "Keras has no such function; cvtColor is OpenCV's, with which the pictures are read.",
        "OpenCV's is meant. Our pictures are RGB from the start.",
    ),
    Contradiction(
        "venkatesh", "protocol", "Section IV.D, note; Table III",
        "Pictures and graphs are those of the 'latest execution of the code', on another random split.",
        "So the curves and drawings shown may be of other trainings and other test people than Table III, and which "
        "execution its figures are of is not said.",
        "Each record of ours names its people and its training; pages are drawn from records.",
    ),
    Contradiction(
        "venkatesh", "protocol", "Table III",
        "A column 'Accuracy' between 50.8 and 89.5.",
        "For a regression of pixel values it is not defined in the text. It also ranks models against the "
        "other columns: Deep s2f has the worst SSIM (0.3443) and an accuracy of 83.1, above Conv f2s with "
        "the best (71.7).",
        "Read as what Keras computes when asked for accuracy on three channels: the share of pixels whose strongest channel "
        "is right. Measured as such, never used to rank.",
    ),
    Contradiction(
        "venkatesh", "missing", "Section IV.D.1; Table I",
        "Four dense layers of SIZE, SIZE/2, SIZE/4 and SIZE/8 units, a latent space of 32 dimensions, and the same sizes "
        "back.",
        "SIZE is not defined, and no parameter count is given. With SIZE = 256, the picture's side in Table I, SIZE/8 is "
        "32: then the fourth layer may be the latent space itself, and the network 256-128-64-32-64-128-256.",
        "SIZE = 256, which the 32 supports. Our code is a layer of its own between the two of SIZE/8, 32-32-32 in the "
        "middle: our reading, and 2,112 weights of 100 million more than the other.",
        ("venkatesh-deep", "venkatesh-vae"),
    ),
    Contradiction(
        "venkatesh", "missing", "Table I; Sections IV.D.1 and IV.D.2; Fig. 8",
        "Layers, optimiser, loss and epochs.",
        "No batch size, and no activations but the LeakyReLU of the second convolutional model.",
        "Batches of 32, Keras' default; ReLU, and a sigmoid at the end.",
    ),
    Contradiction(
        "venkatesh", "missing", "Section IV.D.2",
        "A second convolutional model has LeakyReLU and batch normalisation layers and was trained for 200 epochs.",
        "Where they stand is not said, nor the slope, nor with which optimiser and loss.",
        "Both after each convolution but the last, the norm first; a slope of 0.3, Keras' default; Adam and mean absolute "
        "error, as for the model that it is to improve.",
        ("venkatesh-conv-bn",),
    ),
    Contradiction(
        "venkatesh", "missing", "Sections III.C and IV.D.3",
        "A variational autoencoder, left out of the results because it 'failed to predict images correctly' in both "
        "directions.",
        "No layers, no size of the code, no loss, no weight of its divergence, no epochs, and no picture of how it "
        "failed.",
        "The deep autoencoder's layers, with mean and log-variance for the code of 32; mean absolute error and KL "
        "divergence one to one; 200 epochs.",
        ("venkatesh-vae",),
    ),
    Contradiction(
        "venkatesh", "missing", "Sections IV.A, IV.B and IV.D; Table III",
        "SSIM by 'the window of Gaussian weight function', on 57 test pictures of a random split.",
        "Neither the window's size nor SSIM's constants, data range and colour handling are given; no seed of the split, "
        "and no spread over seeds or pictures.",
        "SSIM with scikit-image's Gaussian window, of three channels, with a range of 1; a split drawn by the run's seed.",
    ),
]  # fmt: skip
