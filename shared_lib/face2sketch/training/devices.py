"""Where PyTorch computes, and in which numbers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from ..errors import MethodError

PRECISIONS = ("auto", "fp32", "bf16", "fp16")


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" takes CUDA, else Apple's MPS, else the CPU.

    Raises:
        MethodError: an unknown name, or a device that this machine or this PyTorch lacks.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise MethodError(
            f"device {name!r} cannot be used here ({reason}): expected auto, cpu, cuda or mps"
        ) from error
    return device


def choose_precision(name: str, device: torch.device) -> str:
    """The numbers a device multiplies fastest while training stays sound: "bf16", "fp16" or "fp32".

    "auto" takes bfloat16 where the hardware multiplies it (CUDA from Ampere on, CPUs with AVX-512 BF16 or AMX), float16
    with loss scaling on older CUDA devices (a T4), and float32 anywhere else. Weights, the optimiser's state and all
    losses stay float32 in each case.

    Raises:
        MethodError: unknown name, or float16 away from CUDA, where PyTorch has no loss scaling worth using.
    """
    if name not in PRECISIONS:
        raise MethodError(f"unknown precision {name!r}: expected one of {', '.join(PRECISIONS)}")
    if name == "fp16" and device.type != "cuda":
        raise MethodError(f"precision fp16 needs a CUDA device, not {device.type}: choose bf16, fp32 or auto")
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp16"
    if device.type == "cpu" and _cpu_multiplies_bf16():
        return "bf16"
    return "fp32"


def _cpu_multiplies_bf16() -> bool:
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def autocast(precision: str, device: torch.device):
    """A context in which layers compute in `precision`."""
    if precision == "fp32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16 if precision == "bf16" else torch.float16)


@contextmanager
def determinism(wanted: bool) -> Iterator[None]:
    """Allow nothing but algorithms that give the same bits each time; an operation without one is an error."""
    if not wanted:
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        torch.backends.cudnn.benchmark = before[1]


def wait(device: torch.device) -> None:
    """Wait until the device has done all it was given: before a clock is read."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
