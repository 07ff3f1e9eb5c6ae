"""Huang: dense autoencoder, variational autoencoder and CASQ on the CUHK student pairs."""

from .records import Contradiction, Figure, Paper, Setting

PAPER = Paper(
    key="huang",
    authors=("Yi-Chun Huang",),
    title="Investigative Study on Generative Models for Face2Sketch",
    venue="coursework report",
    url="https://github.com/Dino1G/SCC413",
    note="The report links a public repository with the 188 pairs and its notebooks.",
)

PROTOCOL = (
    "150 training and 38 test pairs, centre crop 200x200, sketch copied into three channels, values in [0, 1]"
)

_TABLE_I = {
    "huang-dae": ("DAE", "0.049908", "0.471451"),
    "huang-vae": ("VAE", "0.099079", "0.470112"),
    "huang-casq": ("CASQ", "0.031974", "0.528875"),
}

FIGURES = [
    Figure(
        "huang", "Table I", system, label, "photo2sketch", "cuhk-student", metric, printed, protocol=PROTOCOL
    )
    for system, (label, mse, ssim) in _TABLE_I.items()
    for metric, printed in (("mse", mse), ("ssim", ssim))
]

LAYERS: dict = {}
PARAMETERS: dict = {}

_ALL = "Section IV.A"
SETTINGS = [
    Setting("huang", "", "learning rate", "0.001", _ALL),
    Setting("huang", "", "batch size", "128", _ALL),
    Setting("huang", "", "epochs", "1000", _ALL),
    Setting("huang", "", "training pairs", "150", _ALL),
    Setting("huang", "", "test pairs", "38", _ALL),
    Setting("huang", "", "picture size", "200*200*channels", _ALL),
    Setting("huang", "", "optimiser", "Adam", "Sections IV.A.1 to IV.A.3"),
    Setting("huang", "huang-dae", "loss", "binary cross entropy", "Section IV.A.1"),
    Setting(
        "huang", "huang-vae", "loss", "binary cross entropy and KL divergence, one to one", "Section IV.A.2"
    ),
    Setting("huang", "huang-casq", "loss", "binary cross entropy", "Section IV.A.3"),
]

CONTRADICTIONS = [
    Contradiction(
        "huang", "contradiction", "Abstract; Section V",
        "The abstract claims state-of-the-art performance on the data set.",
        "Section V lists, among the limitations, that the results were not compared with state-of-the-art "
        "models.",
        "Table I is read as a comparison of three models of one report, nothing more.",
    ),
    Contradiction(
        "huang", "contradiction", "Section IV.A.2",
        "The VAE's two losses are combined one to one; 'in other words', the total is their average.",
        "A one-to-one combination is a sum, the average is half of it: with Adam the path is nearly the "
        "same, the value of the loss is not.",
        "Weights of the two terms are an option of the method; only their ratio is fixed by the paper.",
        ("huang-vae",),
    ),
    Contradiction(
        "huang", "formula", "Section III.C.3, Eq. 3",
        "The codebook vector is (1/N_j) times the sum of x_i[q_i = j], described as the j-th component of "
        "x_i.",
        "The average of the samples assigned to code j needs the whole vector times an indicator; a "
        "component is a scalar.",
        "[q_i = j] is read as an indicator (1 if true, else 0) that multiplies x_i.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "contradiction", "Section III.C.3",
        "A feature vector is mapped to the closest codebook vector, 'which is used as the output of the compression'.",
        "Under 'Model output' it is a matrix of size n_codebook with a codebook vector in each row, and a vector "
        "quantised to c_i is answered with a 1 in place i and 0 elsewhere.",
        "The closest codebook vector, which is also what Eq. 2 compares.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "claim", "Sections V and VI, Table I",
        "Self-attention and quantisation are effective: they let CASQ capture the complex features of faces.",
        "Table I has no line of CASQ without one of them or both, and its other two systems are dense: CASQ is its only "
        "convolutional one as well, which may be what leads.",
        "Measured (experiment 'casq'): the same convolutional network without the two parts, with each and with both.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "claim", "Sections III.C and V",
        "Quantisation reduces memory and speeds up training.",
        "No time, no memory and no comparison without the quantiser is reported.",
        "Time and memory are measured in this project wherever they are spoken of.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "code", "Section III.B; released notebook",
        "The VAE's decoder gives the picture that the sketch is compared with.",
        "The notebook's reconstruction loss compares the output with the input photo. The network learns to give "
        "the photo back, and Table I scores that photo as a sketch.",
        "huang-vae does as the notebook; huang-vae-corrected and huang-vae-elbo learn the sketch.",
        ("huang-vae",),
    ),
    Contradiction(
        "huang", "code", "Section III.B; released notebook",
        "A code is drawn by re-parameterisation from the distribution whose parameters the encoder gives.",
        "The notebook's noise has standard deviation 0.1, and the output that its divergence takes for a "
        "log-variance is taken for a log-sigma when drawing, with nothing to bound it.",
        "Repeated in huang-vae, where runs that end in NaN are counted; put right in the other two.",
        ("huang-vae",),
    ),
    Contradiction(
        "huang", "code", "Section III.C.3, Eqs. 2 and 3; released notebook",
        "The codebook is learned by minimising the quantisation loss.",
        "In the notebook the 1x1 convolution and the codebook lie outside the model's tracked variables, and the "
        "quantiser's loss is never added: both keep their random start. 54,371 numbers are trained.",
        "huang-casq does as the notebook; in huang-casq-corrected all is trained, and the losses are added.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "code", "Section III.C.2, Eq. 1; released notebook",
        "Self-attention relates all positions of the picture, scaled by the square root of the key's dimension, with "
        "several heads.",
        "Attention()([x, x]) on a 4-D tensor lets each row of the map attend to itself alone, with one head, no "
        "projections and no scaling. Far-off parts of a face cannot see each other.",
        "Both are built: attention within rows in huang-casq, over all positions in huang-casq-corrected.",
        ("huang-casq",),
    ),
    Contradiction(
        "huang", "missing", "Section IV, Table I",
        "SSIM and MSE of three models.",
        "Neither SSIM's window, data range and colour handling nor the random split is given, and no spread "
        "over seeds or pictures.",
        "The split and the metric of the released notebook are used where its table is repeated.",
    ),
]  # fmt: skip
