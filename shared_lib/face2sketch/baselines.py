"""Answers that need no network. Whatever a network scores, it should score more than these.

A baseline is a pair of functions: `learn(inputs, targets)` gives arrays, `apply(arrays, inputs)` gives
outputs. Inputs, targets and outputs are float32 (N, H, W, C) in [0, 1], photos C = 3, sketches C = 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .data import colour, filters

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Baseline:
    """What a baseline learns from training pairs, and how it answers."""

    learn: Callable[[np.ndarray, np.ndarray], Arrays]
    apply: Callable[[Arrays, np.ndarray], np.ndarray]


def _turns(mirrored: bool) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Four quarter turns of pictures (N, H, W, C), mirrored first or not."""
    step = -1 if mirrored else 1
    return [lambda p, n=n: np.rot90(p[:, :, ::step], n, axes=(1, 2)) for n in range(4)]


# The eight positions of a square, and what undoes each: a mirrored picture, turned, is its own inverse.
POSITIONS = (*_turns(False), *_turns(True))
_BACK = (*(POSITIONS[-n % 4] for n in range(4)), *POSITIONS[4:])


def _grey(pictures: np.ndarray) -> np.ndarray:
    return pictures if pictures.shape[-1] == 1 else colour.to_grey(pictures)


def _as_target(pictures: np.ndarray, channels: int) -> np.ndarray:
    """Grey pictures (N, H, W, 1) with as many equal channels as the target has."""
    return np.repeat(pictures, channels, axis=-1)


def constant(statistic: Callable[..., np.ndarray]) -> Baseline:
    """The same picture for everybody: `statistic` (np.mean, np.median) of the training targets, pixel by pixel."""

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        return {"picture": statistic(targets, axis=0).astype(np.float32)}

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        return np.broadcast_to(arrays["picture"], (len(inputs), *arrays["picture"].shape)).copy()

    return Baseline(learn, apply)


def copy_input() -> Baseline:
    """The input itself: the photo in grey as a sketch, the sketch as a grey photo."""

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        return {"channels": np.array(targets.shape[-1])}

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        return _as_target(_grey(inputs), int(arrays["channels"]))

    return Baseline(learn, apply)


def grey_gain() -> Baseline:
    """gain * grey + offset, one gain and offset per target channel, by least squares over all training
    pixels.

    Two numbers for photo to sketch, six for sketch to photo.
    """

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        x = _grey(inputs).astype(np.float64).ravel()
        y = targets.astype(np.float64).reshape(len(x), -1)
        spread = x - x.mean()
        variance = spread @ spread
        gain = (spread @ (y - y.mean(axis=0))) / variance if variance > 0 else np.zeros(y.shape[1])
        return {"gain": gain, "offset": y.mean(axis=0) - gain * x.mean()}

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        return _grey(inputs) * arrays["gain"] + arrays["offset"]

    return Baseline(learn, apply)


def nearest_neighbours(k: int, turned: bool = False) -> Baseline:
    """Mean target of the k training people whose inputs are nearest (Euclidean distance over all pixels).

    Args:
        k: how many.
        turned: also look in the other seven positions of a square: the input is turned and mirrored, and the answer turned
            back. It finds whoever was split from their own turned pictures (`data.augment.eightfold`).
    """

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        return {"inputs": inputs.astype(np.float32), "targets": targets.astype(np.float32)}

    positions = POSITIONS if turned else POSITIONS[:1]

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        known = arrays["inputs"].reshape(len(arrays["inputs"]), -1)
        squares = (known.astype(np.float64) ** 2).sum(axis=1)
        distances = []
        for turn in positions:
            asked = turn(inputs.astype(np.float32)).reshape(len(inputs), -1)
            # |a - b|^2 = |a|^2 - 2ab + |b|^2; |a|^2 is the same for all neighbours of a, however it is turned.
            distances.append(squares - 2.0 * (asked @ known.T))
        nearest = np.argsort(np.concatenate(distances, axis=1), axis=1, kind="stable")[:, :k]
        back = [_BACK[number] for number in range(len(positions))]
        return np.stack(
            [
                np.mean(
                    [back[i // len(known)](arrays["targets"][i % len(known)][None])[0] for i in row], axis=0
                )
                for row in nearest
            ]
        )

    return Baseline(learn, apply)


def ridge(penalty: float = 1000.0) -> Baseline:
    """Linear ridge regression from all input pixels to all target pixels, with means removed.

    Solved in its dual form: with n training pairs, W = X'(XX' + penalty I)^-1 Y needs an n x n system only, though W itself
    would have (3 H W)(H W) weights. The penalty is for pixels on the scale [0, 1].
    """

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        x = inputs.reshape(len(inputs), -1).astype(np.float64)
        y = targets.reshape(len(targets), -1).astype(np.float64)
        x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
        x -= x_mean
        weights = np.linalg.solve(x @ x.T + penalty * np.eye(len(x)), y - y_mean)
        return {
            "x": x.astype(np.float32), "x_mean": x_mean.astype(np.float32), "y_mean": y_mean.astype(np.float32),
            "dual": weights.astype(np.float32), "shape": np.array(targets.shape[1:]),
        }  # fmt: skip

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        x = inputs.reshape(len(inputs), -1).astype(np.float32) - arrays["x_mean"]
        outputs = (x @ arrays["x"].T) @ arrays["dual"] + arrays["y_mean"]
        return outputs.reshape(len(inputs), *arrays["shape"])

    return Baseline(learn, apply)


def pencil_filter(name: str) -> Baseline:
    """A classical filter from `face2sketch.data.filters` ("dodge", "sobel" or "xdog"): nothing is learned."""

    def learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
        return {}

    def apply(arrays: Arrays, inputs: np.ndarray) -> np.ndarray:
        return getattr(filters, name)(inputs)

    return Baseline(learn, apply)


def _exemplar(name: str) -> Callable[..., Baseline]:
    """A maker of `face2sketch.exemplars`, which imports this module and is imported when asked for."""

    def make(**options) -> Baseline:
        from . import exemplars

        return getattr(exemplars, name)(**options)

    return make


BASELINES: dict[str, Callable[..., Baseline]] = {
    "mean-target": lambda: constant(np.mean),
    "median-target": lambda: constant(np.median),
    "copy-input": copy_input,
    "grey-gain": grey_gain,
    "nearest-neighbour": lambda turned=False: nearest_neighbours(1, turned),
    "nearest-10": lambda: nearest_neighbours(10),
    "ridge": ridge,
    "filter-dodge": lambda: pencil_filter("dodge"),
    "filter-sobel": lambda: pencil_filter("sobel"),
    "filter-xdog": lambda: pencil_filter("xdog"),
    "lle": _exemplar("lle"),
    "fast-rslcr": _exemplar("rslcr"),
}

SEEDED = frozenset({"fast-rslcr"})  # those that draw at random, and take a seed
