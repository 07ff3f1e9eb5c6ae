"""The papers' own ways of scoring, for runs under their own protocols: of three channels in both directions."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from .. import metrics
from ..errors import DataError

if TYPE_CHECKING:
    from ..data.pairs import FacePairs


_FLAT_WINDOW = 7


def ssim_uniform(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """SSIM as scikit-image computes it if nothing is chosen: a flat window of 7 x 7, sample covariance; data range 1.

    Args:
        target, output: (N, H, W, C), uint8 or float in [0, 1].

    Returns:
        (N,) float64 in [-1, 1].

    Raises:
        DataError: no pictures of one shape, or sides below 7 px.
    """
    return _flat_window(target, output, 1.0)


def ssim_range_2(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """`ssim_uniform` with a data range of 2: what scikit-image took for pictures of floats until it began to ask (since
    its pull request 6595), holding them to lie in [-1, 1]. On [0, 1] that is twice the true range, and lifts the score."""
    return _flat_window(target, output, 2.0)


def _flat_window(target: np.ndarray, output: np.ndarray, data_range: float) -> np.ndarray:
    from skimage.metrics import structural_similarity

    pair = metrics.unit_pair(target, output)
    if min(pair[0].shape[1:3]) < _FLAT_WINDOW:
        height, width = pair[0].shape[1:3]
        raise DataError(f"pictures of {height} x {width}: this SSIM needs sides of {_FLAT_WINDOW} px or more")
    scores = [
        structural_similarity(a, b, win_size=_FLAT_WINDOW, channel_axis=-1, data_range=data_range)
        for a, b in zip(*pair, strict=True)
    ]
    return np.array(scores, dtype=np.float64)


def strongest_channel(target: np.ndarray, output: np.ndarray) -> np.ndarray:
    """Keras' "accuracy" for pictures of three channels: the share of pixels whose strongest channel is the same in both.

    Asked for "accuracy" and given a last axis of three numbers, Keras takes them for the probabilities of three classes. Of
    equal channels the first counts, so every pixel of a true sketch is "red".

    Args:
        target, output: (N, H, W, 3), uint8 or float in [0, 1].

    Returns:
        (N,) float64 in [0, 1].

    Raises:
        DataError: no pictures of one shape and three channels.
    """
    target, output = metrics.unit_pair(target, output)
    if target.shape[-1] != 3:
        raise DataError(f"pictures of {target.shape[-1]} channels: the strongest of three is asked for")
    return (np.argmax(target, -1) == np.argmax(output, -1)).mean(axis=(1, 2))


CONVENTIONS: dict[str, dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]] = {
    "huang": {"mse": metrics.mse, "ssim": metrics.ssim_tf},
    "skubisz": {"ssim": metrics.ssim_tf, "mse": metrics.mse, "ssim_range_2": ssim_range_2},
    "venkatesh": {
        "mae": metrics.mae, "psnr": metrics.psnr_of_pair, "ssim": metrics.ssim, "accuracy": strongest_channel,
        "mse": metrics.mse,
    },
    "priovolos": {
        "mae": metrics.median_absolute_error, "rmse": metrics.rmse, "ssim": ssim_range_2,
        "target_mae": metrics.median_absolute_error, "target_rmse": metrics.rmse, "target_ssim": ssim_uniform,
        "mean_ae": metrics.mae, "mse": metrics.mse,
    },
}  # fmt: skip
"""For each paper, under the names of its tables, what is measured; measures that it does not print come last."""

_ARTIST = "artist_"

AGAINST_THE_PHOTO = {"priovolos": ("mae", "rmse", "ssim")}
"""Measures that a paper's code takes against the photo in both directions, and not against the target."""

NOTES = {
    "huang": "MSE over pixels and channels, SSIM by TensorFlow's definition, both of three channels (its notebook)",
    "skubisz": "MSE over pixels and channels; SSIM by TensorFlow's definition (the paper does not say whose; another "
    "reading [below](another-ssim))",
    "duan": "SSIM with scikit-image's Gaussian window and FSIM by its authors' constants (whose SSIM is not said), of 8-bit "
    "pictures of 200 x 250, the sketch in grey",
    "venkatesh": "MAE over pixels and channels; PSNR with the pair's own peak (its Eq. 3; in common, a peak of 1); SSIM "
    "with the Gaussian window of its Section IV.B; accuracy as Keras computes it for three channels",
    "priovolos": "MAE is the median absolute error; RMSE of each picture; SSIM with scikit-image's flat 7 x 7 window and a "
    "range of 2; all three **against the photo, in both directions** (its notebooks). In common: against the target, "
    "SSIM with a Gaussian window and the true range",
}
"""How each paper's measures are read, in words."""


def measures_of(paper: str, task: str) -> tuple[str, ...]:
    """Names of what is measured under a paper's rules. Where it scores sketches against photos, the same measures of the
    artist's own sketches are among them ("artist_mae" and so on): what a perfect answer would get."""
    artist = AGAINST_THE_PHOTO.get(paper, ()) if task == "photo2sketch" else ()
    return (*CONVENTIONS[paper], *(f"{_ARTIST}{name}" for name in artist))


def scores_as_published(
    paper: str, outputs: np.ndarray, test: "FacePairs", task: str, names: Iterable[str] | None = None
) -> dict[str, list[float]]:
    """The paper's measures of each test picture, to six decimals.

    Args:
        paper: a key of `CONVENTIONS`.
        outputs: (N, H, W, 3), float in [0, 1], in the order of `test`.
        task: the direction.
        names: some of `measures_of`; all of them if None.

    Returns:
        Scores by name.
    """
    photos, sketches = test.photos, np.repeat(test.sketches, 3, axis=-1)
    targets = sketches if task == "photo2sketch" else photos
    of_photo = AGAINST_THE_PHOTO.get(paper, ())
    measures = []
    for name in measures_of(paper, task) if names is None else names:
        plain = name.removeprefix(_ARTIST)
        true, drawn = photos if plain in of_photo else targets, sketches if plain != name else outputs
        measures.append((name, CONVENTIONS[paper][plain], true, drawn))
    scores: dict[str, list[float]] = {name: [] for name, *_ in measures}
    for start in range(0, len(targets), 50):  # a float64 copy of 300 pictures of 256 x 256 is half a gigabyte
        rows = slice(start, start + 50)
        for name, measure, target, output in measures:
            scores[name] += measure(target[rows], output[rows]).round(6).tolist()
    return scores
