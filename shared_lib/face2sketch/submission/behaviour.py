"""How a trained model behaves: what it does to its inputs, what its answers depend on, whether they differ at all."""

from collections.abc import Callable

import numpy as np

from ..fitting import chunks, unit_float
from ..metrics import mse, ssim
from .calling import Problem, answer, as_pictures, call, difference
from .checking import Check

TOLERANCE = 2 / 255 + 1e-6  # two steps of an 8-bit picture: rounding, and how processors add up
PORTION = 32  # pictures at a time: a network's feature maps of 100 pictures may not fit into memory
SAMPLE = 16
ALONE = 3
VARIETY = 0.1
TIMES_WORSE = 2.0
SSIM_GAP = 0.15

FORM = "Outputs are pictures"
KEPT = "Inputs are left as they are"
AGAIN = "The same picture, the same answer"
SINGLE = "A picture alone, the same answer"
ORDER = "The order of pictures does not matter"
VARIED = "Different people, different answers"
MEMORY = "Training people and test people"


def examine(
    translate: Callable, inputs: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray | None, list[Check]]:
    """Outputs for the test inputs, and what was found on the way.

    Args:
        translate: the model.
        inputs, targets: (N, H, W, C) uint8, at the size the model works at.

    Returns:
        Outputs (N, H, W, C), uint8 or float32 in [0, 1], or None where they are no pictures; and the checks. Without
        outputs there is only the one check that failed.
    """
    channels = targets.shape[-1]
    try:
        given = inputs.copy()
        outputs = in_portions(translate, given, channels)
    except Problem as problem:
        return None, [Check(FORM, "failed", f"Translating failed: {problem}")]
    checks = [Check(FORM, "passed", _described(outputs)), _kept(given, inputs)]
    # The very call of before: among other pictures a model that leans on its batch would answer otherwise, and seem random.
    again, spread = _again(translate, inputs[:PORTION], outputs[:PORTION], channels)
    some = inputs[:SAMPLE]
    checks += [again, _alone(translate, some, outputs, spread), _order(translate, some, outputs, spread)]
    if len(targets) > 1:
        checks.append(_varied(outputs, targets, spread[0]))
    return outputs, checks


def in_portions(translate: Callable, given: np.ndarray, channels: int) -> np.ndarray:
    """Outputs for the arrays themselves, not for copies: what the model does to them shows afterwards.

    Raises:
        Problem: as `calling.as_pictures`.
    """
    parts = [given[rows] for rows in chunks(len(given), PORTION)]
    # Outputs may be a view of the inputs: they are copied before anything else happens.
    done = [as_pictures(call(translate, part), (*part.shape[:3], channels)).copy() for part in parts]
    return np.concatenate(done)


def _described(outputs: np.ndarray) -> str:
    number, height, width, channels = outputs.shape
    scaled = unit_float(outputs)
    return (
        f"{number} pictures of {height} x {width} x {channels} ({outputs.dtype}), values from {scaled.min():.2f} to "
        f"{scaled.max():.2f}."
    )


def _kept(given: np.ndarray, inputs: np.ndarray) -> Check:
    if given.shape == inputs.shape and given.dtype == inputs.dtype and np.array_equal(given, inputs):
        return Check(KEPT, "passed", "The input pictures are unchanged after the call.")
    changed = int((given != inputs).any(axis=(1, 2, 3)).sum()) if given.shape == inputs.shape else len(inputs)
    return Check(
        KEPT,
        "failed",
        f"{changed} of {len(inputs)} input pictures were overwritten: work on a copy, as in "
        "x = inputs.astype('float32') / 255, and not with x /= or x[...] = on the inputs.",
    )


def _again(
    translate: Callable, some: np.ndarray, outputs: np.ndarray, channels: int
) -> tuple[Check, tuple[float, float]]:
    """The check, and how much two calls differ (mean, largest)."""
    try:
        spread = difference(answer(translate, some, channels), outputs)
    except Problem as problem:
        return Check(AGAIN, "failed", f"The second call failed: {problem}"), (0.0, 0.0)
    if spread[1] <= TOLERANCE:
        return Check(AGAIN, "passed", "Two calls give the same outputs."), spread
    sentence = (
        f"Random at test time: two calls differ by {255 * spread[0]:.1f} of 255 grey levels on average and "
        f"{255 * spread[1]:.0f} at most; switch dropout and sampling off (model.eval(), training=False), or fix "
        "their seed."
    )
    return Check(AGAIN, "warning", sentence), spread


def _alone(translate: Callable, some: np.ndarray, outputs: np.ndarray, spread: tuple[float, float]) -> Check:
    """Each of a few pictures by itself, against its output among all the others."""
    channels, few = outputs.shape[-1], min(ALONE, len(some))
    try:
        singles = [answer(translate, some[i : i + 1], channels) for i in range(few)]
    except Problem as problem:
        return Check(
            SINGLE,
            "failed",
            f"A batch of one picture fails: {problem} (Does a squeeze() take the first axis away?)",
        )
    apart = difference(np.concatenate(singles), outputs[:few])
    if _explained_by(apart, spread):
        return Check(
            SINGLE, "passed", _same(f"{few} pictures, each alone, give what they gave together", spread)
        )
    return Check(
        SINGLE,
        "failed",
        f"A picture alone gives another output than among others: {255 * apart[0]:.1f} of 255 grey levels on "
        "average; does something use statistics of the batch (BatchNorm in training mode, inputs - inputs.mean())? "
        "Use what was learned in training.",
    )


def _order(translate: Callable, some: np.ndarray, outputs: np.ndarray, spread: tuple[float, float]) -> Check:
    try:
        turned = answer(translate, some[::-1], outputs.shape[-1])[::-1]
        straight = answer(translate, some, outputs.shape[-1])
    except Problem as problem:
        return Check(ORDER, "failed", f"The pictures in reverse order fail: {problem}")
    apart = difference(turned, straight)
    if _explained_by(apart, spread):
        return Check(ORDER, "passed", _same(f"{len(some)} pictures in reverse give the same outputs", spread))
    return Check(
        ORDER,
        "failed",
        f"In reverse order the outputs differ by {255 * apart[0]:.1f} of 255 grey levels on average: a picture's "
        "answer must depend on this picture alone, not on its place or its neighbours.",
    )


def _explained_by(apart: tuple[float, float], spread: tuple[float, float]) -> bool:
    """Whether a difference is rounding, or no larger than what chance does from call to call."""
    if spread[1] <= TOLERANCE:
        return apart[1] <= TOLERANCE
    return apart[0] <= 2 * spread[0] + 1 / 255


def _same(statement: str, spread: tuple[float, float]) -> str:
    return (
        f"{statement}."
        if spread[1] <= TOLERANCE
        else f"{statement}, as far as their randomness lets one see."
    )


def _varied(outputs: np.ndarray, targets: np.ndarray, spread: float) -> Check:
    """How much outputs vary between people, beside how much the true pictures do. What chance adds from call to call (two
    calls differ by `spread` on average) is taken off: noise is no likeness."""
    true = float(unit_float(targets).std(axis=0).mean())
    chance = (
        spread * np.sqrt(np.pi) / 2
    )  # two normal values of deviation s are 2 s / sqrt(pi) apart on average
    varies = np.sqrt(max(float(unit_float(outputs).std(axis=0).mean()) ** 2 - chance**2, 0.0))
    share = varies / true if true > 0 else 1.0
    if share >= VARIETY:
        return Check(
            VARIED, "passed", f"From person to person outputs vary {share:.0%} as much as true pictures."
        )
    return Check(
        VARIED,
        "warning",
        f"Outputs are nearly alike for everybody: they vary {share:.1%} as much as true pictures; the model answers with "
        "a mean face, so train longer, or look for a dead layer or a loss that pays for nothing else.",
    )


def remembers(on_training: dict[str, float], on_test: dict[str, float], people: tuple[int, int]) -> Check:
    """Is the model much better on the people it was trained on?

    Args:
        on_training, on_test: mean "mse" and "ssim".
        people: how many of each were looked at.
    """
    gap = on_training["ssim"] - on_test["ssim"]
    times = on_test["mse"] / on_training["mse"] if on_training["mse"] > 0 else float("inf")
    numbers = (
        f"SSIM {on_training['ssim']:.3f} on {people[0]} training people and {on_test['ssim']:.3f} on {people[1]} test "
        f"people (a gap of {gap:.3f}), MSE {on_training['mse']:.4f} and {on_test['mse']:.4f}"
    )
    if gap <= SSIM_GAP and times <= TIMES_WORSE:
        return Check(MEMORY, "passed", f"{numbers}.")
    return Check(
        MEMORY,
        "warning",
        f"{numbers}: it remembers its training people; more people, augmentation, a smaller model or an earlier stop "
        "may narrow the gap.",
    )


def fidelity(targets: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    """Mean "mse" and "ssim" of outputs."""
    return {"mse": float(mse(targets, outputs).mean()), "ssim": float(ssim(targets, outputs).mean())}
