"""Showing source: complete, unindented, without paths of this machine, with or without docstrings."""

import ast
import functools

import pytest

import face2sketch as f2s
from face2sketch import profiles, source
from face2sketch.errors import DataError, Face2SketchError


class Example:
    """A class
    of two lines."""

    def double(self, number):
        """Twice the number.

        With a blank line in it.
        """

        # The comment stays.
        return number * 2

    def nothing(self):
        """Only a docstring."""


def test_a_function_in_a_fence_under_its_place():
    text = f2s.show_source(profiles.profile).data
    heading, blank, opening, *code, closing = text.split("\n")
    assert heading == "**`face2sketch.profiles.profile`** · `face2sketch/profiles.py`"
    assert (blank, opening, closing) == ("", "```python", "```")
    assert code[0].startswith("def profile(")
    assert "    return value" in code
    assert ast.parse("\n".join(code))


def test_several_pieces_one_below_the_other():
    text = f2s.show_source(profiles.profile, DataError, profiles).data
    assert text.count("```python") == 3
    assert "class DataError(Face2SketchError, ValueError):" in text
    assert "**`face2sketch.profiles`** · `face2sketch/profiles.py`" in text
    assert text.index("def profile") < text.index("class DataError") < text.index("PROFILES = ")


def test_no_path_of_the_machine_is_shown():
    folder = source.__file__.rsplit("/face2sketch/", 1)[0]
    assert folder not in f2s.show_source(profiles, source).data


def test_docstrings_can_be_left_out():
    code = source.source_of(Example, docstring=False)
    assert "Twice" not in code
    assert "two lines" not in code
    assert "The comment stays." in code
    assert "Only a docstring." in code  # the whole body of that method
    namespace = {}
    exec(code, namespace)
    assert namespace["Example"]().double(4) == 8
    assert namespace["Example"].__doc__ is None
    assert "The three profiles" not in source.source_of(profiles, docstring=False)


def test_a_method_is_unindented():
    assert source.source_of(Example.double).startswith("def double(self, number):")
    assert source.source_of(Example().double).startswith("def double(self, number):")


def test_a_wrapped_function_shows_what_is_inside():
    @functools.lru_cache
    def inner():
        return "inside"

    assert "inside" in source.source_of(inner)


def test_fences_outgrow_backticks_in_the_code():
    code = source._piece(test_a_function_in_a_fence_under_its_place, True)
    assert "\n````python\n" in code
    assert code.endswith("\n````")


@pytest.mark.parametrize("thing", [len, 3, "text", profiles.PROFILES])
def test_things_without_source_are_refused(thing):
    with pytest.raises(Face2SketchError, match="no Python source"):
        f2s.show_source(thing)


def test_it_displays_as_markdown():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(f2s.show_source(profiles.profile))
    assert data["text/markdown"].startswith("**`face2sketch.profiles.profile`**")
