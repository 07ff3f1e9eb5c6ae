"""When a run is saved, by a clock that the test turns."""

import pytest

from face2sketch.training.checkpoints import SaveTimer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("takes", "pause"),
    [(0.5, 60), (3, 60), (20, 400)],
    ids=["a small net", "the border", "425 million weights"],
)
def test_saving_takes_a_twentieth_of_the_time_at_most(takes, pause):
    clock = Clock()
    timer = SaveTimer(60, clock)
    clock.now += 61
    assert timer.due  # nobody knows yet how long it takes
    with timer.saving():
        clock.now += takes
    clock.now += pause
    assert not timer.due
    clock.now += 1
    assert timer.due
