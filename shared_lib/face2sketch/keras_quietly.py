"""Keras, imported without TensorFlow's greeting and with oneDNN's kernels.

TensorFlow's C++ side writes to the process's error stream before any Python setting can reach it. In a
notebook that would stand at the head of every chapter; so the stream is closed for the seconds of the import,
and opened again.

TensorFlow takes oneDNN's convolutions by itself only on CPUs with VNNI instructions. Those with AVX2 or plain AVX-512
gain too: on one core with AVX2 a training step of CASQ takes 0.6 of the time (tests/benchmarks/bench_keras_step.py).
TF_ENABLE_ONEDNN_OPTS=0 in the environment turns them off.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Face2SketchError


@contextmanager
def _silent_error_stream() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
try:
    with _silent_error_stream():
        import keras
except ImportError as error:
    raise Face2SketchError(
        f"Keras or its backend {os.environ.get('KERAS_BACKEND', 'tensorflow')!r} is not installed ({error}): run "
        'pip install "face2sketch[tensorflow]", or set KERAS_BACKEND=torch if you have PyTorch and Keras'
    ) from error

# A page that trains several networks in turn would be told off for "retracing": each network is traced once, as it must be.
logging.getLogger("tensorflow").setLevel(logging.ERROR)

__all__ = ["keras"]
