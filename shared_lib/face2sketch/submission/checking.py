"""A check: what was looked at, and what was found."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from ..errors import MethodError

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("passed", "warning", "failed")


@dataclass(frozen=True)
class Check:
    """One property of a model.

    Attributes:
        name: the property, in a few words.
        status: "passed", "warning" (look at it; the scores stand) or "failed" (put it right first).
        found: one sentence: what was found and, where it is not as it should be, what to do.
        task: the task it is about; "" for what concerns all of them.
    """

    name: str
    status: str
    found: str
    task: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise MethodError(f"status {self.status!r}: expected one of {', '.join(STATUSES)}")

    def as_dict(self) -> dict[str, str]:
        """Plain values, fit for JSON."""
        return asdict(self)


def over_seeds(checks_by_seed: dict[int, list[Check]]) -> list[Check]:
    """One check of each name: the worst that any seed gave, and with which seeds, where seeds differ."""
    names = dict.fromkeys(check.name for checks in checks_by_seed.values() for check in checks)
    result = []
    for name in names:
        found = {
            seed: check for seed, checks in checks_by_seed.items() for check in checks if check.name == name
        }
        worst = max(STATUSES.index(check.status) for check in found.values())
        seeds = [seed for seed, check in found.items() if STATUSES.index(check.status) == worst]
        check = found[seeds[0]]
        if len(seeds) < len(found):
            listed = ", ".join(map(str, seeds))
            check = replace(check, found=f"{check.found} (Seed {listed} of {', '.join(map(str, found))}.)")
        result.append(check)
    return result


def as_table(checks: Iterable[Check]) -> "pd.DataFrame":
    """One row for each check: "check", "task", "status", "found"."""
    import pandas as pd

    rows = [(check.name, check.task, check.status, check.found) for check in checks]
    return pd.DataFrame(rows, columns=["check", "task", "status", "found"])
