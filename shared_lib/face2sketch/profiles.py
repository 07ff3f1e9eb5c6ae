"""The three profiles: how much work a run may do.

`smoke` takes seconds and is what the tests run; `book` takes minutes on two cores and makes the published pages;
`paper` uses the papers' own sizes and epochs and wants a GPU.
"""

import os

from .errors import Face2SketchError

PROFILES = ("smoke", "book", "paper")


def profile(name: str | None = None) -> str:
    """The active profile: `name` if given, else the variable FACE2SKETCH_PROFILE, else "book".

    Raises:
        Face2SketchError: the name is not one of `PROFILES`.
    """
    value = name or os.environ.get("FACE2SKETCH_PROFILE") or "book"
    if value not in PROFILES:
        raise Face2SketchError(
            f"unknown profile {value!r}: expected one of {', '.join(PROFILES)}; "
            "set FACE2SKETCH_PROFILE or pass profile=... accordingly"
        )
    return value


def choose(smoke, book, paper=None, *, name: str | None = None):
    """Pick a setting by profile, e.g. `epochs = choose(smoke=1, book=20, paper=200)`; `paper` defaults to `book`."""
    return {"smoke": smoke, "book": book, "paper": book if paper is None else paper}[profile(name)]
