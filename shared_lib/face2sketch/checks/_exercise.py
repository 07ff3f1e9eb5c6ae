"""What all checks share: a check states properties one by one, and stops at the first that does not hold."""

from collections.abc import Callable, Iterator
from functools import wraps

Property = tuple[bool, str, str]


class CheckFailed(AssertionError):
    """An answer to an exercise does not have a property it should have. The message says which, and why."""


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
