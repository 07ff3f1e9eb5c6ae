"""Where a record comes from: the machine and its device, the memory that was used, versions, the commit, the weights."""

import hashlib
import os
import platform
import subprocess
import time
from contextlib import suppress
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from .. import methods
from ..methods import Method

if TYPE_CHECKING:
    from ..data.pairs import FacePairs
    from .runs import Run

_PACKAGES = ("face2sketch", "keras", "tensorflow", "torch", "numpy", "scikit-image")
_LIBRARY = Path(__file__).parents[1]
_VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2"}  # Linux' flags, the fastest first


class Meter:
    """Seconds and peak memory of what is done inside the `with` statement.

    Args:
        before: seconds that earlier sittings took.

    Attributes:
        seconds: on the wall's clock, with those of earlier sittings.
        memory: GB (10^9 bytes) of the process at its largest; None where the system does not say. Linux measures from the
            `with` statement on; elsewhere it is the largest since the process started. Earlier sittings are not known.
        device_memory: GB that PyTorch took of a CUDA device at most, or None.
    """

    def __init__(self, before: float = 0.0):
        self.before = before

    def __enter__(self) -> "Meter":
        self.seconds, self.memory, self.device_memory = 0.0, None, None
        with suppress(OSError):  # another system, or not allowed: then the peak is that of the whole process
            Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far (Linux; proc(5))
        self._started = time.monotonic()
        return self

    def __exit__(self, *_) -> None:
        self.seconds = round(self.before + time.monotonic() - self._started, 1)
        self.memory = _peak()
        torch = _torch_with_cuda()
        if torch is not None:
            self.device_memory = round(torch.cuda.max_memory_allocated() / 1e9, 2)


def _peak() -> float | None:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e9, 2)
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if platform.system() == "Darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 2)


def _torch_with_cuda():
    """PyTorch, if this process has used it on a CUDA device."""
    import sys

    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized() else None


def device_of(method: Method) -> dict[str, str]:
    """What a method computes on here: "device" in words and, where it has a network, the "backend"."""
    if method.framework == "numpy":
        return {"device": _processor()}
    if method.framework == "torch":
        from ..training.devices import choose_device

        return {"device": _torch_device(choose_device().type), "backend": "torch"}
    from ..keras_quietly import keras

    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        return {"device": _torch_device("cuda" if torch.cuda.is_available() else "cpu"), "backend": backend}
    if backend == "tensorflow":
        import tensorflow as tf

        cards = tf.config.list_physical_devices("GPU")
        name = (
            tf.config.experimental.get_device_details(cards[0]).get("device_name", "GPU") if cards else None
        )
        return {"device": name or _processor(), "backend": backend}
    return {"device": _processor(), "backend": backend}


def _torch_device(kind: str) -> str:
    if kind == "cuda":
        import torch

        return torch.cuda.get_device_name()
    return "Apple GPU (MPS)" if kind == "mps" else _processor()


@cache
def _processor() -> str:
    """The processor's name, its vector instructions, and how many of its cores this process may use."""
    told = _told_by_linux()
    name = told.get("model name") or platform.processor() or platform.machine()
    # A rented machine's processor has one name for several generations, three times apart in speed: its instructions tell.
    flags = told.get("flags", "").split()
    name += next((f" with {words}" for flag, words in _VECTORS.items() if flag in flags), "")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU: {name}, {usable} of {os.cpu_count()} cores"


def _told_by_linux() -> dict[str, str]:
    """What /proc/cpuinfo says of the first core (proc(5)); nothing on other systems."""
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n", 1)[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


@cache
def commit() -> str | None:
    """The commit of the copy of the repository that the library runs from, with "+" if its code has changed since; None if
    the library was installed from elsewhere."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", str(_LIBRARY))
    except (OSError, subprocess.SubprocessError):
        return None
    return head + ("+" if changed else "")


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(_LIBRARY), *arguments], capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout.strip()


def provenance_of(run: "Run", train: "FacePairs", test: "FacePairs", meter: Meter) -> dict:
    """Everything about a run that is neither asked for nor scored."""
    return {
        "date": date.today().isoformat(),
        "protocol": run.protocol,
        "data": {"train": train.checksum(), "test": test.checksum()},
        "pictures": {"train": len(train), "test": len(test)},
        "weights": _checksum_of_weights(run),
        **device_of(methods.get(run.method)),
        "seconds": meter.seconds,
        "memory_gb": meter.memory,
        "device_memory_gb": meter.device_memory,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "commit": commit(),
    }


def _checksum_of_weights(run: "Run") -> str | None:
    """SHA-256 of the file that the encoder started from; None for random weights."""
    from ..training.settings import TrainingSettings

    if methods.get(run.method).framework == "torch":
        return _checksum_of_features(run)
    taken = {*TrainingSettings.__dataclass_fields__, "epochs", "loss"}
    method = methods.get(run.method)
    wanted = run.options.get("weights", method.recipe.weights if method.recipe else None)
    if wanted is None:
        return None
    from ..models.transfer import load_encoder

    build_options = {name: value for name, value in run.options.items() if name not in taken}
    file = load_encoder(method.build((run.size, run.size, 3), **build_options), wanted, task=run.task)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _checksum_of_features(run: "Run") -> str | None:
    """SHA-256 of the file behind the perceptual loss; None without one."""
    from .. import weights
    from ..gan_fitting import settings_for

    settings = settings_for(
        methods.get(run.method),
        None,
        {k: run.options[k] for k in ("objective", "weights") if k in run.options},
        {},
    )
    if settings.weights != "imagenet":
        return None
    from ..models.perceptual import FILES

    return hashlib.sha256(weights.locate_first(FILES)[1].read_bytes()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
