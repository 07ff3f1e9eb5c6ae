"""A function in a process of its own that stops when it is asked to, and does not outlive the one that started it."""

import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import connection

from ..training import interrupts

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h
_KEPT = 2**31 - 1  # bytes, the largest value that mallopt takes


def in_a_process(function: Callable[..., None], *arguments) -> int:
    """Call a function in a new process and wait for it: memory is given back, its peak is its own, and so is a crash.

    Ctrl-C reaches both processes. When this one is asked to end by SIGTERM (`kill`, a scheduler), or is killed, the other
    gets a SIGTERM too, unless it has been asked already. Saving and ending is the function's part.

    Args:
        function: of a module, so that a new process can import it.
        *arguments: what pickle can carry.

    Returns:
        The process' exit code; `INTERRUPTED` if this one was asked to end.
    """
    context = multiprocessing.get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, function, arguments))
    process.start()
    theirs.close()
    with _said_to(ours) as asked:
        while process.is_alive():
            try:
                process.join()
            except KeyboardInterrupt:
                asked.set()  # the function has had the signal too
    return INTERRUPTED if asked.is_set() else process.exitcode


@contextmanager
def _said_to(line: connection.Connection) -> Iterator[threading.Event]:
    """Close the line at SIGTERM; the event says whether there was one. Handlers belong to the main thread: elsewhere, the
    signal does what it always does, and the line closes with the process."""
    asked = threading.Event()

    def pass_on(number, frame) -> None:
        asked.set()
        line.close()

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)
        line.close()


def _child(line: connection.Connection, function: Callable[..., None], arguments: tuple) -> None:
    threading.Thread(target=_end_when_it_closes, args=(line,), daemon=True).start()
    _keep_memory()
    function(*arguments)


def _keep_memory() -> None:
    """Have the C library hold on to freed memory until the process ends.

    As it comes, glibc maps each large array afresh and unmaps it when it is freed, and the system clears every page that is
    touched again. A training step on a CPU does so with all its feature maps. What that costs is the machine's affair: CASQ
    spent a quarter of a step there on a virtual machine whose host took idle pages back, and nothing that could be measured
    on the same one another day (tests/benchmarks/bench_keras_step.py). In this process nobody else waits for the memory.
    Does nothing where the C library is not glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError):  # macOS, musl; Windows
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
    mallopt(_M_TOP_PAD, 2**28)


def _end_when_it_closes(line: connection.Connection) -> None:
    connection.wait([line])  # nothing is ever sent: it ends when the other side closes it, or dies
    if not interrupts.asked.is_set():  # a second signal would cut the saving short
        os.kill(os.getpid(), signal.SIGTERM)
