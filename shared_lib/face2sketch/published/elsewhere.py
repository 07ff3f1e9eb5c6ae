"""Figures from outside the five papers, kept for comparison: the best found for each measure."""

from .records import Figure, Paper

PAPERS = [
    Paper(
        key="face-sketch-scg",
        authors=("Chaofeng Chen", "Wei Liu", "Xiao Tan", "Kwan-Yee K. Wong"),
        title="Semi-supervised Cycle-GAN for face photo-sketch translation in the wild",
        venue="arXiv:2307.10281",
        year=2023,
        url="https://github.com/chaofengc/Face-Sketch-SCG",
        note="Figures of the released outputs, not of a table of the article.",
    ),
    Paper(
        key="sc-lmser",
        authors=(),
        title="SC-Lmser",
        venue="",
        note="Known to this project by its FID on CUFS alone.",
    ),
]

FIGURES = [
    Figure(
        "face-sketch-scg", "released outputs", "face-sketch-scg", "Face-Sketch-SCG, released", "photo2sketch",
        "cufs", "fsim", "0.7349", protocol="338 test pictures",
    ),
    Figure(
        "face-sketch-scg", "released outputs", "face-sketch-scg", "Face-Sketch-SCG, released", "photo2sketch",
        "cufs", "lpips", "0.3140", protocol="338 test pictures; VGG backbone",
    ),
    Figure(
        "sc-lmser", "as reported", "sc-lmser", "SC-Lmser", "photo2sketch", "cufs", "fid", "28.7",
        protocol="338 test pictures",
    ),
]  # fmt: skip
