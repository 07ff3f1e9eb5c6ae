"""A user study: people choose the best of several drawings of one person, blind and in random order.

As in Duan et al., Section IV.D.3: each volunteer is given ten of fifty groups, each group a picture, the true target and
one output of each system, and names the best. There the shares of 300 choices are all that is said; here they
come with intervals, and with Fleiss' kappa, which says how far volunteers agreed at all.

    plan = study.make_plan(list(outputs), test.people, volunteers=5)
    study.questionnaire(plan, test, outputs, volunteer=0, path="answers.csv")    # in a notebook, with a running kernel
    study.sheet(plan, test, outputs, volunteer=0)                                # or on paper
    study.summarise(study.read_answers("answers.csv"))
"""

import csv
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .data.images import eight_bit
from .errors import DataError

if TYPE_CHECKING:
    import ipywidgets
    import pandas as pd
    from matplotlib.figure import Figure

    from .data.pairs import FacePairs

COLUMNS = ("volunteer", "question", "identity", "shown", "chosen", "seconds", "when")
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Question:
    """One group of pictures for one volunteer.

    Attributes:
        volunteer, number: whose question it is, and its place among theirs, from 0.
        identity: the person shown.
        order: the systems, in the order in which their drawings are lettered A, B, ...
    """

    volunteer: int
    number: int
    identity: str
    order: tuple[str, ...]


def make_plan(
    systems: Sequence[str], people: Sequence[str], *, volunteers: int = 30, each: int = 10, seed: int = 0
) -> list[Question]:
    """Who judges whom, and in which order drawings are shown.

    Every person is judged by as many volunteers as any other, give or take one; nobody sees a person twice.

    Args:
        systems: two to eight names.
        people: names of the test people.
        volunteers: how many judge.
        each: how many questions each gets, at most as many as there are people.
        seed: of all that is random.

    Raises:
        DataError: too few or too many systems, or fewer people than questions.
    """
    if not 2 <= len(systems) <= len(LETTERS) or len(set(systems)) < len(systems):
        raise DataError(f"{len(systems)} systems: expected 2 to {len(LETTERS)}, each once")
    if not 1 <= each <= len(people):
        raise DataError(
            f"{each} questions about {len(people)} people: expected at least one, and no person twice"
        )
    random = np.random.default_rng(seed)
    asked, plan = np.zeros(len(people), int), []
    for volunteer in range(volunteers):
        rarest = np.lexsort((random.random(len(people)), asked))[:each]
        asked[rarest] += 1
        for number, person in enumerate(random.permutation(rarest)):
            order = tuple(systems[place] for place in random.permutation(len(systems)))
            plan.append(Question(volunteer, number, str(people[person]), order))
    return plan


def questionnaire(
    plan: Sequence[Question],
    pairs: "FacePairs",
    outputs: Mapping[str, np.ndarray],
    volunteer: int,
    path: str | Path,
    task: str = "photo2sketch",
) -> "ipywidgets.VBox":
    """The questions of one volunteer, to be answered in a notebook.

    Each answer is written at once; whoever comes back goes on with the first question not yet answered.

    Args:
        plan: from `make_plan`.
        pairs: the test pairs that the outputs were made for.
        outputs: for each system its outputs, (N, H, W, C) in [0, 1] or uint8, in the order of `pairs`.
        volunteer: whose questions.
        path: CSV file of answers; made if it is not there, else appended to.
        task: which side of the pairs was given.

    Raises:
        DataError: a system or a person of the plan is missing, or the volunteer has no questions.
    """
    import ipywidgets

    questions = _questions(plan, volunteer)
    shown = {question: _pictures(question, pairs, outputs, task) for question in questions}
    done = {(row["volunteer"], row["question"]) for row in _rows(path)}
    left = [q for q in questions if (str(q.volunteer), str(q.number)) not in done]
    box, state = ipywidgets.VBox(), {"began": time.monotonic()}

    def ask() -> None:
        if not left:
            box.children = (ipywidgets.HTML("<p>All questions are answered. Thank you.</p>"),)
            return
        question = left[0]
        given, target, *drawings = shown[question]
        head = ipywidgets.HTML(
            f"<p>Question {len(questions) - len(left) + 1} of {len(questions)}. Left: the picture that all drawings were "
            "made from, and beside it the true one. Which drawing is best, in likeness and in quality?</p>"
        )
        choices = []
        for place, drawing in enumerate(drawings):
            letter = LETTERS[place]
            button = ipywidgets.Button(description=letter, tooltip=f"drawing {letter} is best")
            button.on_click(lambda _, place=place: answer(place))
            choices.append(ipywidgets.VBox([_image(drawing), button]))
        row = ipywidgets.HBox([_image(given), _image(target), *choices])
        row.layout.flex_flow = "row wrap"
        box.children = (head, row)
        state["began"] = time.monotonic()

    def answer(place: int) -> None:
        question = left.pop(0)
        _write(path, question, question.order[place], time.monotonic() - state["began"])
        ask()

    ask()
    return box


def sheet(
    plan: Sequence[Question],
    pairs: "FacePairs",
    outputs: Mapping[str, np.ndarray],
    volunteer: int,
    task: str = "photo2sketch",
) -> "Figure":
    """The same questions for pen and paper: a row each, drawings under their letters, a box below each.

    Args and errors as for `questionnaire`. Enter what was ticked with `enter`.
    """
    from matplotlib.figure import Figure

    questions = _questions(plan, volunteer)
    columns = 2 + len(questions[0].order)
    height, width = pairs.size
    figure = Figure(
        figsize=(8.0, 8.0 / columns * height / width * len(questions) * 1.2), layout="constrained"
    )
    axes = figure.subplots(len(questions), columns, squeeze=False)
    for question, row in zip(questions, axes, strict=True):
        titles = ["given", "true", *(f"{letter}  \N{BALLOT BOX}" for letter in LETTERS[: columns - 2])]
        for axis, picture, title in zip(row, _pictures(question, pairs, outputs, task), titles, strict=True):
            axis.imshow(
                picture.squeeze(-1) if picture.shape[-1] == 1 else picture, cmap="gray", vmin=0, vmax=255
            )
            axis.set_title(title, fontsize=9)
            axis.set_axis_off()
        row[0].text(-0.1, 0.5, str(question.number + 1), transform=row[0].transAxes, ha="right")
    figure.suptitle(
        f"Volunteer {volunteer}: tick the best drawing of each row, in likeness and in quality", fontsize=10
    )
    return figure


def enter(plan: Sequence[Question], volunteer: int, letters: str, path: str | Path) -> None:
    """Add a volunteer's answers on paper to a file of answers.

    Args:
        letters: one for each question, in order, e.g. "ACBBA".

    Raises:
        DataError: another number of letters than questions, or a letter that was not on the sheet.
    """
    questions = _questions(plan, volunteer)
    if len(letters) != len(questions):
        raise DataError(f"{len(letters)} letters for {len(questions)} questions of volunteer {volunteer}")
    places = [LETTERS.find(letter) for letter in letters.upper()]
    for question, place, letter in zip(questions, places, letters, strict=True):
        if not 0 <= place < len(question.order):
            raise DataError(
                f"question {question.number + 1}: {letter!r} is none of {LETTERS[: len(question.order)]}"
            )
    for question, place in zip(questions, places, strict=True):
        _write(path, question, question.order[place], float("nan"))


def read_answers(path: str | Path) -> "pd.DataFrame":
    """The answers in a file, one row each; columns as `COLUMNS`.

    Raises:
        DataError: no such file, or not one of answers.
    """
    import pandas as pd

    if not Path(path).is_file():
        raise DataError(f"{path}: no such file; expected answers written by a questionnaire")
    answers = pd.read_csv(path, dtype={"identity": str})
    if tuple(answers.columns) != COLUMNS:
        raise DataError(f"{path} has columns {', '.join(answers.columns)}: expected {', '.join(COLUMNS)}")
    return answers


def summarise(answers: "pd.DataFrame", *, resamples: int = 2000, seed: int = 0) -> "pd.DataFrame":
    """How often each system was chosen, most chosen first.

    Args:
        answers: from `read_answers`.

    Returns:
        One row for each system: "chosen", "share", "low" and "high" (95 % bootstrap interval over volunteers: other
        people in their place), "by_chance". `attrs` hold "answers", "volunteers" and "kappa" (Fleiss; nan where no
        person was judged twice).
    """
    import pandas as pd

    from .evaluation import bootstrap_means

    systems = sorted({name for shown in answers["shown"] for name in shown.split("|")})
    chosen = (answers["chosen"].to_numpy()[:, None] == np.array(systems)).astype(float)
    draws = bootstrap_means(chosen, answers["volunteer"].to_numpy(), resamples=resamples, seed=seed)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    table = pd.DataFrame(
        {"chosen": chosen.sum(0).astype(int), "share": chosen.mean(0), "low": low, "high": high},
        index=pd.Index(systems, name="system"),
    )
    table["by_chance"] = 1 / len(systems)
    counts = pd.crosstab(answers["identity"], answers["chosen"]).reindex(columns=systems, fill_value=0)
    table.attrs = {
        "answers": len(answers), "volunteers": answers["volunteer"].nunique(), "kappa": fleiss_kappa(counts.to_numpy()),
    }  # fmt: skip
    return table.sort_values("share", ascending=False)


def fleiss_kappa(counts: np.ndarray) -> float:
    """Agreement beyond chance (Fleiss 1971, doi:10.1037/h0031619): 1 if all agree, 0 if as often as by chance.

    Args:
        counts: (subjects, categories), how many raters put a subject into a category. Subjects with fewer than two raters
            say nothing and are left out; unequal numbers of raters are weighed by their pairs.

    Returns:
        Kappa; nan where no subject has two raters, or all raters chose one category.
    """
    counts = np.asarray(counts, dtype=float)
    raters = counts.sum(axis=1)
    counts, raters = counts[raters > 1], raters[raters > 1]
    if not len(counts):
        return float("nan")
    agreeing = (counts * (counts - 1)).sum() / (raters * (raters - 1)).sum()
    by_chance = ((counts.sum(axis=0) / counts.sum()) ** 2).sum()
    return float((agreeing - by_chance) / (1 - by_chance)) if by_chance < 1 else float("nan")


def _questions(plan: Sequence[Question], volunteer: int) -> list[Question]:
    questions = [question for question in plan if question.volunteer == volunteer]
    if not questions:
        known = sorted({question.volunteer for question in plan})
        raise DataError(f"volunteer {volunteer} has no questions: the plan knows {known[0]} to {known[-1]}")
    return questions


def _pictures(
    question: Question, pairs: "FacePairs", outputs: Mapping[str, np.ndarray], task: str
) -> list[np.ndarray]:
    """Given picture, true target, and the drawings in their order, uint8."""
    missing = [name for name in question.order if name not in outputs]
    if missing:
        raise DataError(f"no outputs of {', '.join(missing)}: the plan compares {', '.join(question.order)}")
    places = np.flatnonzero(pairs.identities == question.identity)
    if not len(places):
        raise DataError(
            f"{question.identity!r} is not among the pairs: make the plan from these pairs' people"
        )
    place = places[0]
    drawings = [eight_bit(np.asarray(outputs[name])[place]) for name in question.order]
    return [pairs.inputs(task)[place], pairs.targets(task)[place], *drawings]


def _image(picture: np.ndarray) -> "ipywidgets.Image":
    import ipywidgets
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture if picture.shape[-1] == 3 else picture[..., 0]).save(buffer, "PNG")
    return ipywidgets.Image(value=buffer.getvalue(), format="png", width=160)


def _rows(path: str | Path) -> list[dict]:
    if not Path(path).is_file():
        return []
    with Path(path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: str | Path, question: Question, chosen: str, seconds: float) -> None:
    """Append one answer: a line, or the heading and a line."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(COLUMNS)
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        shown = "|".join(question.order)
        writer.writerow(
            [question.volunteer, question.number, question.identity, shown, chosen, f"{seconds:.1f}", when]
        )
