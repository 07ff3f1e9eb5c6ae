"""Calls of a student's code. Whatever goes wrong in it comes back as one sentence that names the line."""

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..fitting import unit_float
from .fingerprint import own_file


class Problem(Exception):
    """What is wrong with a model, in a sentence for its author."""


def call(function: Callable, *arguments: Any) -> Any:
    """The function's value.

    Raises:
        Problem: it raised an exception, or asked the program to end. An interruption from the keyboard passes.
    """
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        raise Problem(explained(error, function)) from error


def explained(error: BaseException, function: Callable) -> str:
    """An exception in one sentence: its name, what it says, and where in the author's own file it came up."""
    said = " ".join(str(error).split())
    said = f"{said[:240]} ..." if len(said) > 240 else said
    name = type(error).__name__
    return f"{name}: {said}{_place(error, function)}" if said else f"{name}{_place(error, function)}"


def _place(error: BaseException, function: Callable) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(inspect.unwrap(function), "__code__", None)
    home = code.co_filename if code and own_file(code.co_filename) else None
    own = [f for f in frames if f.filename == home] or [f for f in frames if own_file(f.filename)]
    if not own:
        return ""
    frame = own[-1]
    cell = frame.filename.startswith("<") or "ipykernel" in frame.filename
    where = "a notebook cell" if cell else Path(frame.filename).name
    shown = f": {frame.line.strip()[:120]}" if frame.line else ""
    return f" (line {frame.lineno} of {where}, in {frame.name}{shown})"


def answer(translate: Callable, inputs: np.ndarray, channels: int) -> np.ndarray:
    """Outputs for a copy of `inputs`, checked.

    Args:
        inputs: (N, H, W, C) uint8.
        channels: how many the outputs should have.

    Returns:
        (N, H, W, channels), uint8 or float32 in [0, 1].

    Raises:
        Problem: an exception, or outputs that are no such pictures.
    """
    return as_pictures(call(translate, inputs.copy()), (*inputs.shape[:3], channels))


def as_pictures(outputs: Any, expected: tuple[int, ...]) -> np.ndarray:
    """The outputs as an array, if they are what they should be.

    Raises:
        Problem: what is wrong with them, and what to do.
    """
    if outputs is None:
        raise Problem("the function returned None: end it with `return outputs`.")
    try:
        array = np.asarray(outputs)
    except Exception as error:
        raise Problem(
            f"the outputs are a {type(outputs).__name__} that NumPy cannot read ({error}): return a NumPy array, "
            "in PyTorch by .detach().cpu().numpy()."
        ) from error
    if array.shape != expected:
        raise Problem(_about_shape(array.shape, expected))
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        raise Problem(
            f"the outputs are of type {array.dtype}: return uint8 (0 to 255), or floats from 0 to 1."
        )
    if bad := int((~np.isfinite(array)).sum()):
        raise Problem(
            f"{bad:,} of {array.size:,} values are not finite (NaN or infinite): has the training diverged? Lower the "
            "learning rate, and look for logarithms and divisions of zero."
        )
    low, high = float(array.min()), float(array.max())
    if low < -1e-6 or high > 1 + 1e-6:
        way = (
            "divide by 255"
            if high > 2 and low >= 0
            else "end with a sigmoid, or clip with np.clip(outputs, 0, 1)"
        )
        raise Problem(f"the outputs run from {low:.3g} to {high:.3g}: floats must lie in [0, 1]; {way}.")
    return np.clip(array, 0, 1).astype(np.float32)


def _about_shape(shape: tuple[int, ...], expected: tuple[int, ...]) -> str:
    wanted = f"the outputs have shape {shape}, and {expected} was expected"
    number, height, width, channels = expected
    if shape == expected[:3]:
        return f"{wanted}: the last axis, the channels, is missing; add it with outputs[..., None]."
    if shape == (number, channels, height, width) or (len(shape) == 4 and shape[2:] == (height, width)):
        return f"{wanted}: the channels come last; in PyTorch, outputs.permute(0, 2, 3, 1)."
    if len(shape) == 4 and shape[:3] == expected[:3]:
        return f"{wanted}: {channels} channel{'s' if channels > 1 else ''} for this task, not {shape[3]}."
    if len(shape) == 4 and shape[0] == number and shape[3] == channels:
        return f"{wanted}: pictures of the wrong size; resize them, or say Entry(size=...) to have that done for you."
    if len(shape) == 4 and shape[1:] == expected[1:]:
        return f"{wanted}: {number} pictures went in and {shape[0]} came out; every picture needs its output."
    return f"{wanted}: pictures x height x width x channels."


def difference(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean and largest absolute difference of two batches of outputs, on the scale [0, 1]."""
    apart = np.abs(unit_float(one) - unit_float(other))
    return float(apart.mean()), float(apart.max())
