"""The kinds of record that the papers are written down in: one immutable dataclass each.

A paper's module (`huang.py`, `skubisz.py`, ...) fills them in; `face2sketch.published` looks them up.
"""

from dataclasses import dataclass
from decimal import Decimal

TASKS = ("photo2sketch", "sketch2photo")


@dataclass(frozen=True)
class Paper:
    """Bibliographic facts of one source.

    Attributes:
        key: the short name used everywhere else, e.g. "huang".
        authors: as printed, first names first.
        title: as printed.
        venue: journal, or the kind of report.
        year: year of publication; None where the document does not say.
        doi: without a resolver's address; "" where there is none.
        url: where the authors' code or text is; "" where no address is known.
        note: what a reader should know about the source.
    """

    key: str
    authors: tuple[str, ...]
    title: str
    venue: str
    year: int | None = None
    doi: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One published number.

    Attributes:
        paper: key of the paper.
        table: where it is printed, e.g. "Table IV".
        system: the project's id of the system, e.g. "huang-dae".
        label: the system's name in that table.
        task: "photo2sketch" or "sketch2photo".
        dataset: "cuhk-student", "cufs", "cufsf" or "cufs+cufsf".
        metric: lower-case name, e.g. "ssim"; FID and the like keep their own scale.
        printed: the number exactly as printed, all decimals kept.
        unit: "" for a plain number, "%" where the table prints per cent.
        protocol: what is known of how it was measured; "" when the paper does not say.
    """

    paper: str
    table: str
    system: str
    label: str
    task: str
    dataset: str
    metric: str
    printed: str
    unit: str = ""
    protocol: str = ""

    @property
    def value(self) -> float:
        """The number on its natural scale: per cent is divided by 100, in decimal (61.64 becomes 0.6164)."""
        number = Decimal(self.printed)
        return float(number / 100 if self.unit == "%" else number)


@dataclass(frozen=True)
class Layer:
    """One line of a published layer table.

    Attributes:
        name: as printed, e.g. "conv2d_24 (Conv2D)".
        shape: output shape without the batch: (H, W, C) or (units,).
        parameters: as printed; None where the table has no such column.
        kernel, stride, padding: as printed; None or "" where the table does not give them.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int | None = None
    kernel: int | None = None
    stride: int | None = None
    padding: str = ""


@dataclass(frozen=True)
class ParameterCount:
    """How many parameters a paper says a network has.

    Attributes:
        total: the number; for a rounded statement, the round number.
        exact: False for "roughly 201 million" and the like.
        source: where it stands, and whether it is printed or the sum of printed lines.
        trainable, non_trainable: as printed, or None.
    """

    total: int
    exact: bool
    source: str
    trainable: int | None = None
    non_trainable: int | None = None


@dataclass(frozen=True)
class Setting:
    """One hyper-parameter, as printed.

    Attributes:
        paper: key of the paper.
        system: the project's id, or "" when it holds for all systems of the paper.
        name: what is set, e.g. "epochs".
        printed: the value in the paper's words.
        where: section or table.
    """

    paper: str
    system: str
    name: str
    printed: str
    where: str


@dataclass(frozen=True)
class Contradiction:
    """Something in a paper that cannot all be true, is wrong as printed, or is needed and missing; or that its
    released code does otherwise.

    Attributes:
        paper: key of the paper.
        kind: "contradiction" (two places disagree), "formula" (wrong as printed), "claim" (not borne out by
            the paper's own numbers), "protocol" (a way of measuring that makes numbers hard to compare),
            "code" (the released code does something else) or "missing".
        where: sections, tables and equations concerned.
        says: what is printed there.
        evidence: why it cannot stand.
        reading: what this project does about it.
        systems: ids concerned; empty when it touches all systems of the paper.
    """

    paper: str
    kind: str
    where: str
    says: str
    evidence: str
    reading: str
    systems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """Something a paper concludes from its figures that other measurements can bear out or not: one system is better than
    another, in one direction, by one measure.

    Attributes:
        paper: key of the paper.
        where: where it is said, or which table says it.
        says: in the paper's sense, in a few words.
        task: "photo2sketch" or "sketch2photo".
        metric: lower-case name, as in `Figure`.
        better, worse: the project's ids of the two systems.
        dataset: of the figures that it rests on.
    """

    paper: str
    where: str
    says: str
    task: str
    metric: str
    better: str
    worse: str
    dataset: str = "cuhk-student"
