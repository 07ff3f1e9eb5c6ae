"""Duan et al.: MSG-SARL, its ablations, and six systems it is compared with (Tables I to VIII)."""

from .records import Contradiction, Figure, Paper, Setting

PAPER = Paper(
    key="duan",
    authors=("Shuchao Duan", "Zhenxue Chen", "Q. M. Jonathan Wu", "Lei Cai", "Dan Lu"),
    title="Multi-Scale Gradients Self-Attention Residual Learning for Face Photo-Sketch Transformation",
    venue="IEEE Transactions on Information Forensics and Security",
    year=2020,
    doi="10.1109/TIFS.2020.3031386",
    note="Published online 15 October 2020. MSG-SARL's FID in its Table IV is printed 't46.39', which is read as 46.39.",
)

PROTOCOL = "trained at 256x256, 400 epochs; results saved at 200x250"

_SYSTEMS = {
    "backbone": "duan-backbone",
    "backbone w/ MSG": "duan-backbone-msg",
    "backbone w/ Self-Attention": "duan-backbone-attention",
    "MSG-SARL w/o MSG": "duan-no-msg",
    "MSG-SARL w/o Cycle": "duan-no-cycle",
    "MSG-SARL w/o Self-Attention": "duan-no-attention",
    "MSG-SARL": "duan-msg-sarl",
    "MSG-SARL(ours)": "duan-msg-sarl",
    "Ours": "duan-msg-sarl",
    "FCN": "fcn",
    "PS2MAN": "ps2man",
    "pix2pix": "pix2pix",
    "CycleGAN": "cyclegan",
    "DRIT": "drit",
    "U-GAT-IT": "u-gat-it",
}

# Each block: table, data set, direction; then one line per system: name | SSIM in % | FSIM in % | FID.
_TABLES = """
Table I, cuhk-student, photo2sketch
backbone | 58.84 | 76.44
backbone w/ MSG | 59.45 | 76.63
backbone w/ Self-Attention | 60.60 | 76.90
MSG-SARL w/o MSG | 61.27 | 76.73
MSG-SARL w/o Cycle | 59.94 | 76.52
MSG-SARL w/o Self-Attention | 59.66 | 76.64
MSG-SARL | 61.64 | 77.11

Table I, cuhk-student, sketch2photo
MSG-SARL w/o MSG | 65.20 | 78.54
MSG-SARL w/o Self-Attention | 62.74 | 77.63
MSG-SARL | 66.07 | 78.88

Table II, cufs, photo2sketch
backbone | 49.53 | 75.58
backbone w/ MSG | 50.29 | 75.74
backbone w/ Self-Attention | 51.80 | 75.36
MSG-SARL w/o MSG | 52.51 | 75.63
MSG-SARL w/o Cycle | 50.75 | 75.62
MSG-SARL w/o Self-Attention | 50.48 | 75.80
MSG-SARL | 52.88 | 75.94

Table II, cufs, sketch2photo
MSG-SARL w/o MSG | 61.56 | 78.36
MSG-SARL w/o Self-Attention | 59.00 | 77.79
MSG-SARL | 62.42 | 78.66

Table III, cufsf, photo2sketch
backbone | 38.22 | 73.59
backbone w/ MSG | 38.71 | 73.76
backbone w/ Self-Attention | 41.31 | 73.66
MSG-SARL w/o MSG | 42.13 | 73.01
MSG-SARL w/o Cycle | 38.97 | 73.33
MSG-SARL w/o Self-Attention | 38.99 | 73.89
MSG-SARL | 42.30 | 73.16

Table III, cufsf, sketch2photo
MSG-SARL w/o MSG | 60.38 | 76.97
MSG-SARL w/o Self-Attention | 57.48 | 76.07
MSG-SARL | 61.14 | 77.34

Table IV, cufs, photo2sketch
FCN | 52.14 | 69.36 | 80.97
PS2MAN | 47.83 | 70.91 | 94.43
pix2pix | 30.84 | 66.29 | 153.81
CycleGAN | 47.60 | 74.11 | 51.17
DRIT | 45.68 | 71.38 | 54.02
U-GAT-IT | 50.55 | 75.80 | 34.93
MSG-SARL(ours) | 52.88 | 75.94 | 46.39

Table V, cufsf, photo2sketch
FCN | 36.22 | 66.24 | 114.03
PS2MAN | 38.19 | 67.48 | 120.43
pix2pix | 35.66 | 72.13 | 24.85
CycleGAN | 34.24 | 71.13 | 17.81
DRIT | 35.02 | 70.50 | 32.1
U-GAT-IT | 36.46 | 72.54 | 21.47
MSG-SARL(ours) | 42.30 | 73.16 | 38.25

Table VI, cufs, sketch2photo
PS2MAN | 42.59 | 64.51 | 182.51
CycleGAN | 66.66 | 79.33 | 137.27
U-GAT-IT | 56.64 | 75.955 | 54.65
DRIT | 46.42 | 70.25 | 65.52
MSG-SARL(ours) | 62.42 | 78.66 | 66.71

Table VII, cufsf, sketch2photo
PS2MAN | 52.06 | 75.13 | 83.50
CycleGAN | 55.82 | 74.57 | 32.41
U-GAT-IT | 56.13 | 75.21 | 33.84
DRIT | 51.12 | 72.55 | 53.78
MSG-SARL(ours) | 61.14 | 77.34 | 59.61
"""


def _read(blocks: str) -> list[Figure]:
    figures = []
    for block in blocks.strip().split("\n\n"):
        heading, *lines = block.splitlines()
        table, dataset, task = heading.split(", ")
        for line in lines:
            label, *numbers = line.split(" | ")
            for metric, printed in zip(("ssim", "fsim", "fid"), numbers, strict=False):
                unit = "" if metric == "fid" else "%"
                system = _SYSTEMS[label]
                figures.append(
                    Figure("duan", table, system, label, task, dataset, metric, printed, unit, PROTOCOL)
                )
    return figures


_USER_STUDY = {"CycleGAN": "27.33", "U-GAT-IT": "36.33", "DRIT": "7.67", "Ours": "28.67"}
_USER_PROTOCOL = "share of 300 choices of the best of four sketches; 50 photos, 20 of CUFS and 30 of CUFSF"

FIGURES = _read(_TABLES) + [
    Figure(
        "duan", "Table VIII", _SYSTEMS[label], label, "photo2sketch", "cufs+cufsf", "preferred", printed, "%",
        _USER_PROTOCOL,
    )
    for label, printed in _USER_STUDY.items()
]  # fmt: skip

LAYERS: dict = {}
PARAMETERS: dict = {}

_DETAILS = "Section IV.B"
SETTINGS = [
    Setting("duan", "duan-msg-sarl", name, printed, where)
    for name, printed, where in (
        ("optimiser", "Adam, beta1 = 0.5, beta2 = 0.999", _DETAILS),
        ("epochs", "400", _DETAILS),
        (
            "learning rate",
            "10^-3, after 100 epochs decaying with a coefficient of 10^-1 until 10^-5",
            _DETAILS,
        ),
        ("batch size", "1", _DETAILS),
        ("normalisation", "instance normalisation in generator and discriminator", _DETAILS),
        ("activation", "PReLU in the generator, LeakyReLU in the discriminator", _DETAILS),
        ("lambda1 (GAN)", "1", _DETAILS),
        ("lambda2 (perceptual)", "10", _DETAILS),
        ("lambda3 (total variation)", "10^-4", _DETAILS),
        ("lambda4 (cycle)", "10", _DETAILS),
        ("picture size", "256 x 256; results saved at 200 x 250", "Section IV.D"),
        ("k (attention channels C/k)", "8", "Section III.C"),
        ("self-attention residual blocks", "4", "Section III.C"),
        (
            "VGG-19 layers of the perceptual loss",
            "pool1 and pool2; i = 2, 5 and N = 2",
            "Section III.D, Eq. 13",
        ),
    )
]

CONTRADICTIONS = [
    Contradiction(
        "duan", "formula", "Section III.D, Eq. 12",
        "The GAN loss is E[D(x)^2] over sketches plus E[(1 - D(x))^2] over x in the photo domain; D "
        "maximises it.",
        "Least squares pull real pictures to 1 and generated ones to 0; printed are the reverse, photos fed "
        "to the sketch discriminator in place of G(x), and a sum of squares that D would drive to infinity.",
        "Least-squares GAN as in CycleGAN, which the text says it follows: D minimises E[(D(real) - 1)^2] + "
        "E[D(G(x))^2].",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "formula", "Section III.C, Eqs. 6 and 7",
        "Eq. 6 normalises exponentials of the products B^T A; Eq. 7 applies a softmax to the result.",
        "Two softmaxes in a row: values in [0, 1] enter the second, so that over N positions its weights "
        "differ from 1/N by at most a factor of e. The sentences beside the equations have only one: P is the product "
        "of B transposed and A, 'the softmax operation is applied to P to obtain' mu, and C is multiplied by P, where "
        "Eq. 8 has mu.",
        "One softmax, as in the sentences; double_softmax=True builds the equations, and the difference is shown.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "formula", "Section III.C, Eq. 10",
        "The sum over channels runs from 1 to N.",
        "X is C x C: the sum must run to C. N is the number of pixels.",
        "The sum runs over the C channels.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "formula", "Section III.C, Eq. 9",
        "The softmax of the products of channels, each a sum over all N positions, not divided by anything.",
        "With N in the hundreds, a channel's product with itself exceeds those with others by so much that its "
        "share is 1 to three digits: Eq. 10 then multiplies the map by 1 + beta, and no channel attends to "
        "another (chapter 8 measures it).",
        "Built as printed; channel_scale='mean' divides the products by N (the root of N is not enough).",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "missing", "Sections III.A to III.C",
        "The architecture, in two drawings and eleven equations.",
        "No widths, no layer table, no number of weights; no layout of the discriminator beyond 'adding the "
        "maximum pooling layer'; no scale for the features of Eq. 13, on which the weight of 10 depends.",
        "Decided, with reasons, at the top of models.msg_sarl and models.perceptual.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "contradiction", "Section III.D, Eq. 13; Section IV.D.2",
        "Feature maps of pool1 and pool2; i is 'the i-th pooling layer'; 'i = 2, 5 and N = 2'; the sum runs "
        "from 1 to N.",
        "VGG-19 has five pooling layers, and its fifth is not pool2. Convolutions and poolings counted together from "
        "zero, pool1 is number 2 and pool2 number 5; in the list of PyTorch, which the paper uses, every ReLU counts too, "
        "and they are 4 and 9. Against pool1 and pool2 speaks Section IV.D.2: the loss has low-level and high-level "
        "pooling layers, which the second and the fifth are.",
        "pool1 and pool2, the only layers that are named. pool2 and pool5 are the other reading; it has not been tried.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "contradiction", "Section III.B, Eq. 2",
        "delta_j is 'the middle layer function of the discriminator'; theta concatenates the small picture with the "
        "discriminator's features.",
        "Two sentences on, delta_j is 'the function of channel dimension cascade', which theta was, and a theta' that "
        "Eq. 2 does not have 'is the same as' theta, 'which is 1x1 convolution'.",
        "As in MSG-GAN, which the section follows: a 1x1 convolution of the small picture, then concatenation, then the "
        "discriminator's next layers, delta_j.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "contradiction", "Sections II.A and IV.D.1",
        "Of FCN: 'the deep network can result in a blur effect due to using mean square error' (Section II.A).",
        "Section IV.D.1 finds that FCN extracts too few features 'due to the lack of a deep network', beside the blur.",
        "The mean squared error, which both sections name; the depth of our FCN is our choice.",
        ("fcn",),
    ),
    Contradiction(
        "duan", "contradiction", "Section III.B; Figs. 1 and 2",
        "The multi-scale outputs are the yellow block in Fig. 1.",
        "Fig. 1 shows sketches by exemplar-based methods; the architecture is Fig. 2.",
        "Fig. 2 is meant.",
    ),
    Contradiction(
        "duan", "contradiction", "Section IV.C",
        "Five different ablation experiments.",
        "Six are named, and six stand in Tables I to III.",
        "Six.",
    ),
    Contradiction(
        "duan", "claim", "Section IV.C; Tables II and III",
        "Self-attention improves the synthesised pictures in both tasks; the cycle improves the measures to "
        "a certain extent.",
        "On CUFSF from photo to sketch the full model's FSIM (73.16) is below that of the model without "
        "self-attention (73.89), without cycle (73.33) and of the bare backbone (73.59). On CUFS "
        "self-attention takes the backbone's FSIM from 75.58 to 75.36.",
        "SSIM bears this claim out, FSIM does not: both are shown.",
    ),
    Contradiction(
        "duan", "claim", "Section IV.C; Tables I to III",
        "SSIM and FSIM 'can be improved in CUHK, CUFS, and CUFSF after adding MSG'.",
        "Of the bare backbone, and of the whole without it, yes. But 'MSG-SARL w/o Cycle' is the backbone "
        "with attention and MSG, and stands below the backbone with attention alone in SSIM in all three sets (59.94 after "
        "60.60, 50.75 after 51.80, 38.97 after 41.31) and in FSIM in two (76.52 after 76.90, 73.33 after 73.66; CUFS rises, "
        "75.62 after 75.36).",
        "This pair is among the claims that are tested, beside those that bear it out.",
        ("duan-no-cycle", "duan-backbone-attention"),
    ),
    Contradiction(
        "duan", "claim", "Abstract; Section V",
        "Multi-scale gradients and deep residual learning 'solve the instability in the training process' of GANs.",
        "No training curve, no repeated training and no measure of stability is shown.",
        "Not tested as a claim; the ablations' seeds show how far one training lies from the next.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "missing", "Section III.D, Eq. 15",
        "Total variation of y(i, j), 'the intensity value', with a weight of 10^-4; multi-scale outputs.",
        "No range of the intensities. The term is a square: on 0 to 255 it would be 16,256 times what it is on -1 to 1. Nor "
        "is it said whether this loss and the perceptual one take the smaller outputs too.",
        "-1 to 1, the range that the networks work in, and the full size alone.",
        ("duan-msg-sarl",),
    ),
    Contradiction(
        "duan", "claim", "Abstract; Section IV.D; Tables IV to VII",
        "State of the art on the public benchmarks, in both directions; on CUFSF from sketch to photo 'see "
        "Table VII'.",
        "FID is better for U-GAT-IT in all four tables, and on CUFSF from photo to sketch four of the six "
        "others beat MSG-SARL. From sketch to photo on CUFS CycleGAN has the higher SSIM and FSIM, as the "
        "text itself says. In the user study (Table VIII) U-GAT-IT is preferred, 36.33 % to 28.67 %.",
        "SSIM, FSIM and FID are always shown together.",
    ),
    Contradiction(
        "duan", "missing", "Sections IV.A and IV.B",
        "CUFS with 606 and CUFSF with 1,194 pairs are used for training and testing.",
        "The split, the alignment, the weights and reference set of FID, and SSIM's settings are not given.",
        "The customary splits are used and named: 268/338 for CUFS, 250/944 for CUFSF, 88/100 for CUHK "
        "student.",
    ),
    Contradiction(
        "duan", "missing", "Section IV.D.4; Figs. 10 and 11",
        "Highest recognition accuracy on CUFS and CUFSF from photo to sketch; from sketch to photo second to CycleGAN on "
        "CUFS and highest on CUFSF, from which a better 'generalization ability' than CycleGAN's is concluded.",
        "Recognition is shown as curves over feature dimensions only; no number is printed, nor who is trained on and "
        "who tested.",
        "No recognition figure is recorded for this paper, and these claims are not tested.",
    ),
    Contradiction(
        "duan", "missing", "Section IV.B",
        "The learning rate starts at 10^-3 and 'after 100 epochs' decreases by 10^-1 until 10^-5, over 400 "
        "epochs.",
        "One step after 100 epochs, one after each 100, and a continuous decay all fit the two sentences.",
        "A factor of 10 after each 100 epochs until 10^-5 is reached.",
        ("duan-msg-sarl",),
    ),
]  # fmt: skip
