"""SCOOT, structure co-occurrence texture (Fan et al., ICCV 2019, doi:10.1109/ICCV.2019.00571), made for sketches.

It does not compare pixels. Each picture is cut into 4 x 4 blocks, and of each block it keeps two numbers about its
strokes: contrast and energy of a grey-level co-occurrence matrix.
"""

import numpy as np

from ..errors import DataError
from ._batch import pair

BLOCKS = 4
LEVELS = 6
OFFSETS = (
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
)  # (rows, columns) to the neighbour: right, up right, up, up left


def scoot(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Likeness of two pictures' textures, block by block.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1] (brought to 8 bits), sides of at least 8 px; colour is
            turned to luminance (BT.601).

    Returns:
        (N,) float64 in (0, 1], 1 / (1 + distance of the pictures' 32 numbers); 1 for equal textures.

    Raises:
        DataError: unequal shapes, or pictures too small.
    """
    target, output = pair(target, output)
    height, width = target.shape[1:3]
    if min(height, width) < 2 * BLOCKS:
        raise DataError(f"pictures of {height} x {width}: SCOOT needs sides of {2 * BLOCKS} px or more")
    distance = np.linalg.norm(texture(target) - texture(output), axis=1)
    return 1 / (1 + distance)


def texture(pictures: np.ndarray) -> np.ndarray:
    """Contrast and energy of each block.

    Args:
        pictures: (N, H, W, 1 or 3), float in [0, 1].

    Returns:
        (N, 32) float64: contrast, energy of the first block, then of the next, row by row.
    """
    grey = pictures @ [0.299, 0.587, 0.114] if pictures.shape[-1] == 3 else pictures[..., 0]
    # 256 values in six levels, as MATLAB's graycomatrix does it for the limits 0 and 255.
    levels = np.minimum(np.floor(np.rint(255 * grey) * LEVELS / 255).astype(np.int64), LEVELS - 1)
    rows, columns = (np.arange(BLOCKS + 1) * side // BLOCKS for side in levels.shape[1:])
    blocks = [
        levels[:, rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
        for i in range(BLOCKS)
        for j in range(BLOCKS)
    ]
    return np.concatenate([_contrast_and_energy(block) for block in blocks], axis=1)


def _contrast_and_energy(block: np.ndarray) -> np.ndarray:
    """(N, h, w) levels to (N, 2)."""
    counts = np.zeros((len(block), LEVELS, LEVELS))
    for offset in OFFSETS:
        counts += _co_occurrences(block, *offset)
    counts = np.floor(counts / len(OFFSETS) + 0.5)  # MATLAB rounds halves up
    shares = counts / np.maximum(counts.sum((1, 2), keepdims=True), 1)
    i, j = np.indices((LEVELS, LEVELS))
    return np.stack([(shares * (i - j) ** 2).sum((1, 2)), np.square(shares).sum((1, 2))], axis=1)


def _co_occurrences(block: np.ndarray, down: int, right: int) -> np.ndarray:
    """How often level i has level j at the offset (`down` is 0 or -1): (N, levels, levels)."""
    number, height, width = block.shape
    first = block[:, -down:, max(0, -right) : width - max(0, right)]
    second = block[:, : height + down, max(0, right) : width - max(0, -right)]
    codes = np.arange(number)[:, None, None] * LEVELS**2 + first * LEVELS + second
    return np.bincount(codes.ravel(), minlength=number * LEVELS**2).reshape(number, LEVELS, LEVELS)
