"""Ctrl-C between two steps, not in the middle of one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

asked = threading.Event()  # whether this process has been asked to stop, in any of its trainings


@dataclass
class Interrupt:
    """Whether the user (Ctrl-C) or a scheduler (SIGTERM) has asked the run to stop."""

    requested: bool = False


@contextmanager
def deferred_interrupts() -> Iterator[Interrupt]:
    """Turn SIGINT and SIGTERM into a flag, so that a step that has begun is finished and counted once.

    A second signal acts at once, as usual. Outside the main thread, where Python allows no handlers, the flag
    stays False.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    previous = {number: handler for number, handler in previous.items() if handler is not signal.SIG_IGN}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def request(number, frame) -> None:
        interrupt.requested = True
        asked.set()
        restore()

    for number in previous:
        signal.signal(number, request)
    try:
        yield interrupt
    finally:
        restore()
