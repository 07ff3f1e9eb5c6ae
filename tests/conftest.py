"""What every test shares: the smoke profile, quiet frameworks, and the order (units, chapters, pages)."""

import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

os.environ["FACE2SKETCH_PROFILE"] = "smoke"
os.environ.pop("MPLBACKEND", None)  # the chapters' kernels inherit it, and would show no figure
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

try:
    from hypothesis import settings
except ImportError:  # the library's own tests run without it where no test asks for it
    pass
else:
    settings.register_profile("course", deadline=None, derandomize=True)  # the same examples everywhere
    settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def python() -> str:
    """This interpreter, for what must run in a process of its own."""
    return sys.executable


@pytest.fixture
def foreground():
    """Ctrl-C as in a foreground job: a test runner started in the background inherits that SIGINT is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before the first chapter runs in a kernel of its own, give back the memory of the models that units have built."""
    if item.path.suffix == ".ipynb" and "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session(free_memory=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: agreement and units, then the chapters, then the built pages, which use the chapters' outputs."""

    def group(item: pytest.Item) -> int:
        if item.path.suffix == ".ipynb":
            return 2
        part = item.path.relative_to(ROOT).parts[1] if ROOT in item.path.parents else ""
        return {"project": 0, "book": 3}.get(part, 1)

    items.sort(key=group)
