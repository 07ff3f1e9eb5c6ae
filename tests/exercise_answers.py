"""The three tests that every chapter's exercises share: right answers pass, wrong ones are refused, stubs stay open."""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

import pytest

from face2sketch.checks import CheckFailed

Answers = Mapping[str, Sequence[Callable]]


def cases(answers: Answers) -> list:
    """A test case for each answer, named after its exercise."""
    return [
        pytest.param(name, answer, id=f"{name}-{n}")
        for name in answers
        for n, answer in enumerate(answers[name])
    ]


def answered(checks: ModuleType, right: Answers, wrong: Answers) -> tuple[Callable, Callable, Callable]:
    """Tests for a chapter's checks; `right` and `wrong` hold answers by the check's name."""

    @pytest.mark.parametrize(("name", "answer"), cases(right))
    def test_right_answers_pass(name, answer, capsys):
        getattr(checks, name)(answer)
        assert "solved" in capsys.readouterr().out

    @pytest.mark.parametrize(("name", "answer"), cases(wrong))
    @pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
    def test_wrong_answers_are_refused_with_a_reason(name, answer):
        with pytest.raises(CheckFailed, match="Expected: "):
            getattr(checks, name)(answer)

    @pytest.mark.parametrize("name", list(right))
    def test_an_open_exercise_is_not_wrong(name, capsys):
        def attempt(*_):
            raise NotImplementedError

        getattr(checks, name)(attempt)
        assert "open" in capsys.readouterr().out

    return (
        test_right_answers_pass,
        test_wrong_answers_are_refused_with_a_reason,
        test_an_open_exercise_is_not_wrong,
    )
