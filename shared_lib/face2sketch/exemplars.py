"""Sketches put together from pieces of the artist's sketches: what the field did before networks.

A test photo is cut into overlapping patches. For each, similar patches are looked up in the training photos, near the same
place; the matching pieces of the training sketches are mixed in the proportions in which the photo patches explain the
test patch, and overlapping pieces are averaged. Nothing is trained: the training pictures are the model.

- `lle`: the nearest few patches of all, with weights of locally linear embedding (Liu, Tang, Jin, Lu and Ma, CVPR 2005,
  doi:10.1109/CVPR.2005.39).
- `rslcr`: a random sample of patches for each place, drawn beforehand, all of them mixed, distant ones penalised (random
  sampling and locality constraint: Wang, Gao and Li, Pattern Recognition 2018, doi:10.1016/j.patcog.2017.11.008).

`leave_one_out` gives what either would draw for each training person had it learned from all the others.

`lle` and `rslcr` are `Baseline`s: `learn(inputs, targets)` gives arrays, `apply(arrays, inputs)` gives outputs, all float32
(N, H, W, C) in [0, 1]. They work in both directions; colour is compared and mixed channel by channel.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from .baselines import Arrays, Baseline
from .errors import MethodError

Mix = Callable[[np.ndarray, np.ndarray, np.ndarray | None], tuple[np.ndarray | None, np.ndarray]]
Choose = Callable[[int, np.random.Generator], np.ndarray]


def _all(count: int, random: np.random.Generator) -> np.ndarray:
    return np.arange(count)


@dataclass(frozen=True)
class Mixing:
    """How patches are chosen and mixed: all that sets the methods apart.

    Attributes:
        mix: gives, for known patches (candidates, pixels) and asked ones (N, pixels), the numbers (N, count) of those to
            mix and their weights (N, count); None for the numbers mixes all of them, in their order. Its third argument is
            None, or (N, candidates), True where a candidate must not be used.
        choose: gives, for a number of candidates, those that `mix` is to know. It sees no picture.
        seed: of the generator that `choose` is given.
    """

    mix: Mix
    choose: Choose = _all
    seed: int = 0


@dataclass(frozen=True)
class Layout:
    """Where patches lie, for pictures of any size.

    Attributes:
        patch: side of a patch, pixels.
        step: distance of neighbouring patches.
        reach: how far from a patch's place candidates are looked for, pixels.
        stride: distance of neighbouring candidates.
    """

    patch: int
    step: int
    reach: int
    stride: int

    @classmethod
    def for_size(cls, height: int, width: int) -> "Layout":
        """Patches of a tenth of the shorter side (20 px of 200), half overlapping; candidates a quarter patch away."""
        patch = max(6, round(min(height, width) / 10))
        return cls(patch, patch // 2, max(1, patch // 4), max(1, patch // 8))

    def corners(self, side: int) -> np.ndarray:
        """First rows (or columns) of the patches along a side; the last patch ends at the edge."""
        return np.unique(np.append(np.arange(0, side - self.patch, self.step), side - self.patch))

    def candidates(self, corner: int, side: int) -> np.ndarray:
        """First rows (or columns) of the candidates for a patch that begins at `corner`, its own among them."""
        steps = self.reach // self.stride
        near = corner + self.stride * np.arange(-steps, steps + 1)
        return np.unique(np.clip(near, 0, side - self.patch))


def lle(neighbours: int = 5, ridge: float = 1e-3) -> Baseline:
    """Locally linear embedding.

    As published: a patch is explained by its nearest neighbours among the training patches with weights that sum to 1, and
    drawn from their sketches in the same proportions. Ours: the size, the overlap and the window of `Layout`, the number of
    neighbours, the ridge, and colours as features; we know the paper by its abstract and others' accounts.

    Args:
        neighbours: how many patches are mixed.
        ridge: added to the neighbours' local covariance, as a share of its trace, so that it can be inverted.

    Raises:
        MethodError: an option out of its range.
    """
    _at_least("neighbours", neighbours, 1)
    _at_least("ridge", ridge, 0)

    return _baseline(_lle(neighbours, ridge))


def _lle(neighbours: int = 5, ridge: float = 1e-3) -> Mixing:
    def mix(known, asked, forbidden):
        return _embed(known, asked, neighbours, ridge, forbidden)

    return Mixing(mix)


def leave_one_out(inputs: np.ndarray, targets: np.ndarray, method: str = "lle", **options) -> np.ndarray:
    """What a method answers for each of the training people when it has learned from all the others.

    A person's own patches are never among the candidates. One walk over the places does for everybody: it costs as much as
    asking the method once for all N people, not N trainings. (`rslcr` draws one sample of candidates for all, less
    everybody's own: it differs from N trainings by which others it has drawn.)

    Args:
        inputs, targets: float32 (N, H, W, C) in [0, 1], pair by pair; one pair a person. A person who is there twice draws
            on the other copy.
        method: "lle" or "rslcr".
        options: of that method.

    Returns:
        float32 (N, H, W, C of the targets); not clipped, as no answer of a `Baseline` is.

    Raises:
        MethodError: an unknown method, fewer than two people, or not as many targets as inputs.
    """
    if method not in _MIXINGS:
        raise MethodError(f"method is {method!r}: expected {' or '.join(_MIXINGS)}")
    if len(inputs) != len(targets) or len(inputs) < 2:
        raise MethodError(
            f"{len(inputs)} inputs and {len(targets)} targets: to leave one out takes two pairs at least"
        )
    return _walk(_MIXINGS[method](**options), _learn(inputs, targets), inputs, left_out=True)


def _embed(
    known: np.ndarray,
    asked: np.ndarray,
    neighbours: int,
    ridge: float,
    forbidden: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the nearest known patches, and the weights with sum 1 that rebuild the asked one best, both (N, count).

    Args:
        known: (candidates, pixels).
        asked: (N, pixels).
        neighbours, ridge: as for `lle`.
        forbidden: (N, candidates), True where a candidate must not be used; as many in each row.
    """
    centre = known.mean(0)  # without it, what bright patches have in common would drown their differences
    known, asked = known - centre, asked - centre
    # Blank paper is like blank paper everywhere: of many equal distances the same must win each time, whoever else is
    # asked about, so that rounding must not decide. Hence double precision, and less of it than is exact.
    exact = known.astype(np.float64)
    squares = np.round((exact**2).sum(1) - 2 * asked.astype(np.float64) @ exact.T, 6)
    allowed = len(known)
    if forbidden is not None:
        squares[forbidden] = np.inf
        allowed -= int(forbidden[0].sum())
    count = min(neighbours, allowed)
    nearest = np.argpartition(squares, count - 1, axis=1)[:, :count]
    away = known[nearest] - asked[:, None]  # (N, count, pixels)
    covariance = away @ away.transpose(0, 2, 1)
    trace = np.trace(covariance, axis1=1, axis2=2)
    covariance += ((ridge * trace + 1e-9) / count)[:, None, None] * np.eye(count)
    weights = np.linalg.solve(covariance, np.ones((len(asked), count, 1)))[..., 0]
    return nearest, weights / weights.sum(1, keepdims=True)


def rslcr(sample: int = 200, locality: float = 0.5, seed: int = 0) -> Baseline:
    """Random sampling with a locality constraint; in the register as "fast-rslcr".

    Minimises |x - sum_k w_k p_k|^2 + locality * sum_k |x - p_k|^2 w_k^2 with weights that sum to 1, in closed form. With
    the patches p_k as rows of P, the squared distances on the diagonal of D, and G = P P', the weights solve
    (G + locality D) w = P x + mu 1: two right-hand sides for one factorisation, and all that depends on x is the diagonal.

    As published: the candidates for a place are drawn at random before any test photo is seen, and serve all of them, in
    place of a search for the nearest; the distant ones are penalised. That much stands in the paper's abstract. Ours: the
    size, the overlap and the window of `Layout`, 200 candidates, and colours as features. What the name Fast-RSLCR, under
    which others show the paper's sketches (Duan et al., Fig. 1), adds to RSLCR we could not find out; here "fast" means
    what the abstract means by it.

    Args:
        sample: candidates drawn for each place.
        locality: weight of the second term.
        seed: of the draw.

    Raises:
        MethodError: an option out of its range.
    """
    _at_least("sample", sample, 1)
    _at_least("locality", locality, 0)
    return _baseline(_rslcr(sample, locality, seed))


def _rslcr(sample: int = 200, locality: float = 0.5, seed: int = 0) -> Mixing:
    def choose(count: int, random: np.random.Generator) -> np.ndarray:
        return random.choice(count, min(sample, count), replace=False)

    def mix(known, asked, forbidden):
        from scipy.linalg.lapack import sposv

        centre = known.mean(0)
        known, asked = known - centre, asked - centre
        inner, across = known @ known.T, asked @ known.T
        squares = np.diagonal(inner)
        distances = np.maximum((asked**2).sum(1)[:, None] - 2 * across + squares, 0)
        penalties = locality * distances + 1e-6 * (1 + squares.mean())
        if forbidden is not None:  # so dear that nothing is left of its weight
            penalties = np.where(forbidden, 1e5 * (1 + squares.max()), penalties).astype(penalties.dtype)
        sides = np.ones((len(known), 2), np.float32)
        weights = np.empty_like(across)
        for row, (products, penalty) in enumerate(zip(across, penalties, strict=True)):
            matrix = inner.copy()
            matrix.flat[:: len(known) + 1] += penalty
            sides[:, 1] = products
            # Symmetric, so that its transpose is the matrix in LAPACK's order. NumPy's solve is many times slower here.
            _, solved, failed = sposv(matrix.T, sides, overwrite_a=True)
            if failed:  # not positive definite in single precision
                matrix = inner.astype(np.float64) + np.diag(penalty)
                solved = np.linalg.lstsq(matrix, sides, rcond=None)[0]
            even, free = solved.T
            weights[row] = free + (1 - free.sum()) / even.sum() * even
        return None, weights

    return Mixing(mix, choose, seed)


_MIXINGS: dict[str, Callable[..., Mixing]] = {"lle": _lle, "rslcr": _rslcr}


def _at_least(name: str, value: float, least: float) -> None:
    if not value >= least:
        raise MethodError(f"{name} is {value}: expected {least} or more")


def _baseline(mixing: Mixing) -> Baseline:
    return Baseline(_learn, partial(_walk, mixing))


def _learn(inputs: np.ndarray, targets: np.ndarray) -> Arrays:
    return {"inputs": inputs.astype(np.float32), "targets": targets.astype(np.float32)}


def _walk(mixing: Mixing, arrays: Arrays, inputs: np.ndarray, left_out: bool = False) -> np.ndarray:
    """The walk over all places, which the methods share.

    Args:
        left_out: the inputs are those of the training people, in their order, and nobody may use their own patches.
    """
    inputs = inputs.astype(np.float32)
    height, width = inputs.shape[1:3]
    layout = Layout.for_size(height, width)
    total = np.zeros((len(inputs), height, width, arrays["targets"].shape[-1]), np.float32)
    times = np.zeros((height, width, 1), np.float32)
    random = np.random.default_rng(mixing.seed)
    size = layout.patch
    for top, left in _places(layout, height, width):
        area = np.s_[top : top + size, left : left + size]
        known, pieces, owner = _candidates(arrays, layout, top, left, mixing.choose, random)
        own = owner == np.arange(len(inputs))[:, None] if left_out else None
        numbers, weights = mixing.mix(known, inputs[:, *area].reshape(len(inputs), -1), own)
        total[:, *area] += _mixed(pieces, numbers, weights).reshape(len(inputs), size, size, -1)
        times[area] += 1
    return total / times


def _mixed(pieces: np.ndarray, numbers: np.ndarray | None, weights: np.ndarray) -> np.ndarray:
    """Weighted sums (N, pixels) of the pieces (candidates, pixels): of those with these numbers, (N, count) as the weights
    are, or of all of them in their order."""
    if numbers is None:
        return weights @ pieces
    return np.einsum("nk,nkp->np", weights, pieces[numbers])


def _places(layout: Layout, height: int, width: int) -> Iterator[tuple[int, int]]:
    return ((top, left) for top in layout.corners(height) for left in layout.corners(width))


def _candidates(
    arrays: Arrays, layout: Layout, top: int, left: int, choose: Choose, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The chosen training patches near a place, (chosen, pixels), of the inputs and of the targets, and whose they are."""
    people, height, width = arrays["inputs"].shape[:3]
    rows, columns = layout.candidates(top, height), layout.candidates(left, width)
    shape = (people, len(rows), len(columns))
    person, row, column = np.unravel_index(choose(np.prod(shape), random), shape)
    found = []
    for pictures in (arrays["inputs"], arrays["targets"]):
        windows = np.lib.stride_tricks.sliding_window_view(
            pictures, (layout.patch, layout.patch), axis=(1, 2)
        )
        chosen = windows[person, rows[row], columns[column]]  # (chosen, C, patch, patch)
        found.append(np.moveaxis(chosen, 1, -1).reshape(len(chosen), -1))
    return found[0], found[1], person
