"""The user study: balanced, blind, resumable; kappa by Fleiss' own example."""

import numpy as np
import pytest
from pairs_for_tests import blocks

import face2sketch as f2s
from face2sketch import study

SYSTEMS = ["lle", "pix2pix", "ridge", "cyclegan"]

# Fleiss (1971), as worked in the statistics literature: 10 subjects, 14 raters, 5 categories, kappa = 0.210.
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


@pytest.fixture
def pairs():
    return blocks(6, size=16)


@pytest.fixture
def outputs(pairs):
    return {name: np.full((6, 16, 16, 1), place / 4) for place, name in enumerate(SYSTEMS)}


def test_kappa_of_the_published_example():
    assert study.fleiss_kappa(FLEISS) == pytest.approx(0.210, abs=5e-4)


def test_kappa_at_its_ends_and_where_it_is_not_defined():
    assert study.fleiss_kappa([[3, 0], [0, 3], [3, 0]]) == pytest.approx(1)
    assert study.fleiss_kappa([[1, 1], [1, 1]]) == pytest.approx(-1)
    assert np.isnan(study.fleiss_kappa([[1, 0], [0, 1]]))
    assert np.isnan(study.fleiss_kappa([[4, 0], [4, 0]]))
    assert study.fleiss_kappa([*FLEISS, [0, 1, 0, 0, 0]]) == study.fleiss_kappa(FLEISS)


def test_a_plan_is_balanced_and_blind():
    people = [f"p{i}" for i in range(50)]
    plan = study.make_plan(SYSTEMS, people, volunteers=30, each=10)
    assert len(plan) == 300
    judged = [sum(q.identity == person for q in plan) for person in people]
    assert set(judged) == {6}
    for volunteer in range(30):
        mine = [q.identity for q in plan if q.volunteer == volunteer]
        assert len(set(mine)) == len(mine) == 10
    first = [sum(q.order[place] == name for q in plan) for name in SYSTEMS for place in range(4)]
    assert 45 < min(first) <= max(first) < 105, "each system stands in each place about 75 times of 300"
    assert plan == study.make_plan(SYSTEMS, people, volunteers=30, each=10)
    assert plan != study.make_plan(SYSTEMS, people, volunteers=30, each=10, seed=1)


def clickables(box):
    """The buttons of the open question, by letter."""
    import ipywidgets

    found, queue = {}, [box]
    while queue:
        widget = queue.pop()
        if isinstance(widget, ipywidgets.Button):
            found[widget.description] = widget
        queue += getattr(widget, "children", ())
    return found


def test_answers_are_written_at_once_and_a_volunteer_may_come_back(pairs, outputs, tmp_path):
    plan = study.make_plan(SYSTEMS, pairs.people, volunteers=2, each=4)
    path = tmp_path / "answers.csv"
    box = study.questionnaire(plan, pairs, outputs, 1, path)
    assert sorted(clickables(box)) == ["A", "B", "C", "D"]
    clickables(box)["C"].click()
    clickables(box)["A"].click()
    mine = [q for q in plan if q.volunteer == 1]
    answers = study.read_answers(path)
    assert answers["chosen"].tolist() == [mine[0].order[2], mine[1].order[0]]
    assert answers["identity"].tolist() == [q.identity for q in mine[:2]]
    again = study.questionnaire(plan, pairs, outputs, 1, path)
    for _ in range(2):
        clickables(again)["B"].click()
    assert not clickables(again)
    assert study.read_answers(path)["question"].tolist() == [0, 1, 2, 3]


def test_nothing_on_the_screen_tells_which_system_drew_what(pairs, outputs, tmp_path):
    plan = study.make_plan(SYSTEMS, pairs.people, volunteers=1, each=1)
    box = study.questionnaire(plan, pairs, outputs, 0, tmp_path / "answers.csv")
    queue, texts = [box], []
    while queue:
        widget = queue.pop()
        texts += [
            str(getattr(widget, name, "")) for name in ("description", "tooltip") if hasattr(widget, name)
        ]
        if type(widget).__name__ == "HTML":
            texts.append(widget.value)
        queue += getattr(widget, "children", ())
    assert not [text for text in texts if any(name in text for name in SYSTEMS)]


def test_a_paper_sheet_and_its_answers(pairs, outputs, tmp_path):
    plan = study.make_plan(SYSTEMS, pairs.people, volunteers=2, each=3)
    figure = study.sheet(plan, pairs, outputs, 0)
    assert len(figure.axes) == 3 * 6
    study.enter(plan, 0, "bDa", tmp_path / "answers.csv")
    mine = [q for q in plan if q.volunteer == 0]
    chosen = study.read_answers(tmp_path / "answers.csv")["chosen"].tolist()
    assert chosen == [mine[0].order[1], mine[1].order[3], mine[2].order[0]]
    for letters, said in (("AB", "2 letters for 3 questions"), ("ABX", "'X' is none of ABCD")):
        with pytest.raises(f2s.DataError, match=said):
            study.enter(plan, 1, letters, tmp_path / "answers.csv")


def test_the_summary_counts_and_says_how_sure_it_is(pairs, tmp_path):
    plan = study.make_plan(SYSTEMS, pairs.people, volunteers=6, each=6)
    path = tmp_path / "answers.csv"
    for volunteer in range(6):
        mine = [q for q in plan if q.volunteer == volunteer]
        wanted = ["lle" if volunteer < 4 or q.number % 2 else "ridge" for q in mine]
        letters = "".join(study.LETTERS[q.order.index(name)] for q, name in zip(mine, wanted, strict=True))
        study.enter(plan, volunteer, letters, path)
    table = study.summarise(study.read_answers(path))
    assert table.index[0] == "lle"
    assert table.loc["lle", "chosen"] == 24 + 6
    assert table.loc["ridge", "share"] == pytest.approx(6 / 36)
    assert table.loc["lle", "low"] < 30 / 36 < table.loc["lle", "high"]
    assert table.loc["cyclegan", ["chosen", "low", "high"]].tolist() == [0, 0, 0]
    assert table.attrs["answers"] == 36
    assert table.attrs["volunteers"] == 6
    assert (table["by_chance"] == 0.25).all()


def test_what_cannot_be_is_refused(pairs, outputs, tmp_path):
    with pytest.raises(f2s.DataError, match="1 systems: expected 2 to 8"):
        study.make_plan(["one"], pairs.people)
    with pytest.raises(f2s.DataError, match="7 questions about 6 people"):
        study.make_plan(SYSTEMS, pairs.people, each=7)
    plan = study.make_plan(SYSTEMS, pairs.people, volunteers=2, each=2)
    with pytest.raises(f2s.DataError, match="volunteer 5 has no questions: the plan knows 0 to 1"):
        study.questionnaire(plan, pairs, outputs, 5, tmp_path / "a.csv")
    with pytest.raises(f2s.DataError, match="no outputs of lle"):
        study.sheet(plan, pairs, {name: outputs[name] for name in SYSTEMS[1:]}, 0)
    with pytest.raises(f2s.DataError, match="no such file"):
        study.read_answers(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(f2s.DataError, match="has columns a, b"):
        study.read_answers(tmp_path / "other.csv")
