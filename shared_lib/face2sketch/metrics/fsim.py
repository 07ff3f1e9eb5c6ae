"""FSIM and FSIMc, feature similarity (Zhang, Zhang, Mou and Zhang 2011, doi:10.1109/TIP.2011.2109730).

Two features of each pixel are compared: phase congruency, how far waves of all lengths are in step there (edges and lines,
whatever their contrast), and the gradient's magnitude. Where either picture has a feature counts; flat regions do not.

The constants are those of the authors' MATLAB code, whose phase congruency is Kovesi's. It works on pictures from 0 to 255;
so does this, whatever it is given.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from os import cpu_count

import numpy as np
from scipy import fft, ndimage

from ..errors import DataError
from ._batch import pair

SCALES, ORIENTATIONS = 4, 4
SHORTEST_WAVE, LENGTHENING = 6.0, 2.0  # pixels; each scale's waves are twice as long as the one's before
SIGMA_ON_F = 0.55  # bandwidth of the log-Gabor filters
ANGLE_ON_SIGMA = 1.2  # their distance in angle, in standard deviations of their spread
NOISE_DEVIATIONS = 2.0
CUTOFF, ORDER = 0.45, 15  # Butterworth low-pass: the corners of the spectrum are left out
EPSILON = 1e-4
T1, T2, T3, T4, CHROMA_POWER = 0.85, 160.0, 200.0, 200.0, 0.03
SCHARR = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]], np.float32) / 16
YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]], np.float32)
SMALLEST_SIDE = 8


def fsim(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Feature similarity of each picture's luminance.

    Pictures whose shorter side is 384 px or more are first shrunk by a whole number to about 256 px, by block means, as the
    authors advise.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1], sides of at least 8 px; colour is turned to luminance
            (Y of YIQ).

    Returns:
        (N,) float64 in (0, 1]; 1 for equal pictures.

    Raises:
        DataError: unequal shapes, or pictures too small.
    """
    return _scores(target, output, False)


def fsimc(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """FSIMc: feature similarity of luminance and colour. Equal to `fsim` on grey pictures.

    Args, returns and errors as for `fsim`.
    """
    return _scores(target, output, True)


def _scores(target: np.ndarray, output: np.ndarray, colour: bool) -> np.ndarray:
    target, output = pair(target, output)
    height, width = target.shape[1:3]
    if min(height, width) < SMALLEST_SIDE:
        raise DataError(f"pictures of {height} x {width}: FSIM needs sides of {SMALLEST_SIDE} px or more")
    with ThreadPoolExecutor(cpu_count()) as threads:
        scores = threads.map(lambda two: _score(*two, colour), zip(target, output, strict=True))
    return np.fromiter(scores, np.float64, len(target))


def _score(target: np.ndarray, output: np.ndarray, colour: bool) -> float:
    both = [_planes(picture) for picture in (target, output)]
    luminance = [planes[0] for planes in both]
    phases = [phase_congruency(plane) for plane in luminance]
    similarity = _similar(*phases, T1) * _similar(*map(_gradient, luminance), T2)
    if colour and target.shape[-1] == 3:
        i, q = (_similar(both[0][k], both[1][k], t) for k, t in ((1, T3), (2, T4)))
        product = (
            i * q
        )  # below zero where hues oppose each other: the real part of the complex power, as MATLAB takes it
        power = np.abs(product) ** CHROMA_POWER
        similarity *= np.where(product < 0, np.cos(np.pi * CHROMA_POWER) * power, power)
    weight = np.maximum(*phases)
    total = float(weight.sum())
    return (
        float((similarity * weight).sum() / total) if total else 1.0
    )  # two flat pictures have no feature to differ in


def _similar(a: np.ndarray, b: np.ndarray, constant: float) -> np.ndarray:
    return (2 * a * b + constant) / (a * a + b * b + constant)


def _planes(picture: np.ndarray) -> np.ndarray:
    """(H, W, C) in [0, 1] as float32 planes from 0 to 255: luminance, then I and Q of a colour picture."""
    picture = 255 * picture.astype(np.float32)
    planes = np.moveaxis(picture @ YIQ.T, -1, 0) if picture.shape[-1] == 3 else picture[None, ..., 0]
    factor = max(1, int(min(planes.shape[1:]) / 256 + 0.5))  # MATLAB rounds halves up
    return planes if factor == 1 else np.stack([_shrunk(plane, factor) for plane in planes])


def _shrunk(plane: np.ndarray, factor: int) -> np.ndarray:
    """Means of factor x factor pixels, every `factor`-th of them, zeros beyond the border: MATLAB's conv2(..., 'same')."""
    origin = -((factor - 1) % 2)  # an even window reaches one further down and right there
    return ndimage.uniform_filter(plane, factor, mode="constant", origin=origin)[::factor, ::factor]


def _gradient(plane: np.ndarray) -> np.ndarray:
    x = ndimage.convolve(plane, SCHARR, mode="constant")
    y = ndimage.convolve(plane, SCHARR.T, mode="constant")
    return np.hypot(x, y)


def phase_congruency(plane: np.ndarray) -> np.ndarray:
    """Kovesi's phase congruency, with the constants of FSIM.

    Args:
        plane: (H, W) float32, from 0 to 255.

    Returns:
        (H, W) float32 from 0, nothing in step, to 1.
    """
    filters, squares, overlaps = _filters(*plane.shape)
    spectrum = fft.fft2(plane)
    energies, amplitudes = np.zeros_like(plane), np.full_like(plane, EPSILON**2)
    for orientation in range(ORIENTATIONS):
        answers = fft.ifft2(
            spectrum * filters[orientation]
        )  # (scales, H, W): even part real, odd part imaginary
        sizes = np.abs(answers)
        summed = answers.sum(0)
        length = np.abs(summed) + EPSILON
        mean = summed / length
        # Along the mean phase: sum of Re(answer * conj(mean)); across it, the absolute imaginary parts, which cost.
        energy = (summed * mean.conj()).real - np.abs((answers * mean.conj()).imag).sum(0)
        noise = _noise(sizes[0], squares[orientation], overlaps[orientation])
        energies += np.maximum(energy - noise, 0)
        amplitudes += sizes.sum(0)
    return energies / amplitudes


def _noise(smallest: np.ndarray, square: float, overlap: float) -> float:
    """What noise alone would give, from the median of the smallest scale's squared answers (Rayleigh statistics)."""
    power = np.median(np.square(smallest)) / np.log(2) / square
    deviation = np.sqrt(power * overlap)
    return (deviation * np.sqrt(np.pi / 2) + NOISE_DEVIATIONS * deviation * np.sqrt(2 - np.pi / 2)) / 1.7


@lru_cache(maxsize=8)
def _filters(height: int, width: int) -> tuple[np.ndarray, list[float], list[float]]:
    """Log-Gabor filters (orientations, scales, H, W), float32, zero frequency in the corner; and for each orientation the
    smallest scale's summed squares, and what the filters' overlap makes of a noise power of one."""
    y, x = np.meshgrid(_frequencies(height), _frequencies(width), indexing="ij")
    radius = np.hypot(x, y)
    low_pass = 1 / (1 + (radius / CUTOFF) ** (2 * ORDER))
    radius[0, 0] = 1
    angle = np.arctan2(-y, x)
    waves = SHORTEST_WAVE * LENGTHENING ** np.arange(SCALES)
    radial = np.exp(-(np.log(radius * waves[:, None, None]) ** 2) / (2 * np.log(SIGMA_ON_F) ** 2)) * low_pass
    radial[:, 0, 0] = 0
    spread = np.pi / ORIENTATIONS / ANGLE_ON_SIGMA
    filters = []
    for direction in np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS:
        away = np.abs(np.angle(np.exp(1j * (angle - direction))))
        filters.append(radial * np.exp(-(away**2) / (2 * spread**2)))
    filters = np.array(filters)
    kernels = fft.ifft2(filters).real * np.sqrt(height * width)
    squares = [float((one[0] ** 2).sum()) for one in filters]
    # half of 2 sum_s k_s^2 + 4 sum_(s<t) k_s k_t is the square of the kernels' sum
    overlaps = [float((one.sum(0) ** 2).sum()) for one in kernels]
    return filters.astype(np.float32), squares, overlaps


def _frequencies(side: int) -> np.ndarray:
    """Frequencies of one axis, zero first. For odd sides they are divided by side - 1, as Kovesi's code does."""
    if side % 2:
        return np.fft.ifftshift(np.arange(-(side - 1) // 2, (side - 1) // 2 + 1) / (side - 1))
    return np.fft.ifftshift(np.arange(-side // 2, side // 2) / side)
