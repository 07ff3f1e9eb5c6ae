"""What all checks share: a check states properties one by one, and stops at the first that does not hold."""

from collections.abc import Callable, Iterator
from functools import wraps

import numpy as np

Property = tuple[bool, str, str]


class CheckFailed(AssertionError):
    """An answer to an exercise does not have a property it should have. The message says which, and why."""


def numbers(found: object, count: int) -> np.ndarray:
    """An answer as (count,) float64, in whatever arrays, lists or tensors its numbers came; all NaN if it is anything else,
    so that no comparison holds."""
    parts = found if isinstance(found, tuple | list) else [found]
    try:
        row = np.concatenate([np.ravel(np.asarray(part, dtype=np.float64)) for part in parts])
    except (TypeError, ValueError):
        row = np.empty(0)
    return row if len(row) == count else np.full(count, np.nan)


def equals(found: object, wanted: int) -> bool:
    """True for a single number, of whatever type, that is the one wanted."""
    return np.ndim(found) == 0 and not isinstance(found, str) and bool(numbers(found, 1)[0] == wanted)


def exercise(title: str) -> Callable[[Callable[..., Iterator[Property]]], Callable[..., None]]:
    """Make a check out of a generator of properties `(holds, statement, explanation if it does not)`.

    The check prints one line for each property that holds and raises `CheckFailed` at the first that does not. An
    attempt that still raises NotImplementedError is not wrong, only open: the check says so and returns.
    """

    def decorate(properties: Callable[..., Iterator[Property]]) -> Callable[..., None]:
        @wraps(properties)
        def check(*attempt, **options) -> None:
            try:
                for holds, statement, explanation in properties(*attempt, **options):
                    if not holds:
                        raise CheckFailed(f"{title}: not yet. Expected: {statement}. {explanation}")
                    print(f"✓ {statement}")
            except NotImplementedError:
                print(
                    f"{title}: open. Replace the NotImplementedError with your answer and run this cell again."
                )
                return
            print(f"{title}: solved.")

        return check

    return decorate
