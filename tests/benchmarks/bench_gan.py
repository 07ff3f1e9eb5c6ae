"""How fast the adversarial systems train, beside a textbook's implementation of the same step, on this machine.

    python tests/benchmarks/bench_gan.py                      # 256 px, batch 1, both systems, the fastest device
    python tests/benchmarks/bench_gan.py --size 128 --steps 20 --systems msg-sarl --json speeds.json

"ours" is `face2sketch.fit` as a reader would call it; "textbook" is `textbook_gan.py`. Each is measured in a process of
its own, in turns, so that a slow minute of the machine meets both. A table, then the same as JSON:

- ms a step: the median of the rounds, each a run of `--steps` steps (5 on a CPU, 100 on a GPU); the first are not counted.
- GFLOP a step: multiplications and additions of its convolutions and matrix products, forward and backward.
- least ms: the time these take at the rate at which this device multiplies large matrices, in the same numbers.
- memory: on a GPU the most that PyTorch had allocated; on a CPU the most that the whole process held (from Linux and
  macOS; Windows does not tell), with about 0.3 GB for Python and PyTorch alone.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

METHODS = {"pix2pix": "skubisz-pix2pix", "msg-sarl": "duan-msg-sarl"}
SKETCH_CHANNELS = {"pix2pix": 3, "msg-sarl": 1}
WARM_UP = 3


# -- the matrix rate ---------------------------------------------------------------------------------------------------


def matrix_rates(device: str) -> dict[str, float]:
    """Operations a second, in 1e9, of a large product of two square matrices, for each kind of numbers."""
    import torch

    from face2sketch.training.devices import choose_device, wait

    device = choose_device(device)
    side = 8192 if device.type == "cuda" else 2048
    kinds = {"fp32": torch.float32, "bf16": torch.bfloat16}
    if device.type == "cuda":
        kinds |= {"fp16": torch.float16, "tf32": torch.float32}
    rates = {}
    for name, kind in kinds.items():
        torch.backends.cuda.matmul.allow_tf32 = name == "tf32"
        a, b = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
        times = []
        for _ in range(8):
            wait(device)
            began = time.perf_counter()
            torch.mm(a, b)
            wait(device)
            times.append(time.perf_counter() - began)
        rates[name] = 2 * side**3 / min(times) / 1e9
    return rates


# -- one way of one system, in a process of its own --------------------------------------------------------------------


def random_pairs(number: int, size: int):
    """Pairs of noise: what a step costs does not depend on what it sees."""
    import face2sketch as f2s

    random = np.random.default_rng(0)
    return f2s.data.FacePairs(
        photos=random.integers(0, 256, (number, size, size, 3), dtype=np.uint8),
        sketches=random.integers(0, 256, (number, size, size, 1), dtype=np.uint8),
        identities=np.array([f"noise-{place}" for place in range(number)]),
        source="noise",
    )


def measure_ours(args: argparse.Namespace) -> dict:
    """Seconds a step by the history of `fit`: one epoch to warm up, then one epoch a round."""
    import face2sketch as f2s
    from face2sketch.training.devices import choose_device, choose_precision

    options = {"device": args.device, "precision": args.precision, "compile": args.compile, "progress": False}
    pairs = random_pairs(max(args.steps, WARM_UP), args.size)
    with vgg_file() as weights:
        fitted = f2s.fit(
            METHODS[args.system],
            pairs,
            epochs=args.rounds + 1,
            schedule="constant",
            weights=weights,
            **options,
        )
    seconds = np.diff(fitted.history["seconds"]) / len(pairs)
    device = choose_device(args.device)
    precision = choose_precision(args.precision, device)
    memory = peak_memory(device)
    flops = count_flops(lambda: one_library_step(args, device))
    return {"seconds": seconds.tolist(), "precision": precision, "memory": memory, "flops": flops}


@contextmanager
def vgg_file() -> Iterator[str]:
    """A file of VGG-19's first layers at full width, with random numbers: the perceptual loss costs what it costs with the
    true ones, and nothing need be downloaded."""
    from textbook_gan import Vgg

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg.npz"
        arrays = Vgg().arrays()
        kernels = {f"{name}_w": kernel for name, (kernel, _) in arrays.items()}
        biases = {f"{name}_b": bias for name, (_, bias) in arrays.items()}
        np.savez(path, **kernels, **biases)
        yield str(path)


def one_library_step(args: argparse.Namespace, device):
    """A step in float32, to count its operations."""
    from textbook_gan import Vgg

    from face2sketch import gan_fitting, methods
    from face2sketch.models.perceptual import VggFeatures
    from face2sketch.training.gan_step import GanStep

    method = methods.get(METHODS[args.system])
    settings = gan_fitting.settings_for(method, None, {"weights": "random"}, {})
    system = method.build((args.size, args.size, 3), task="photo2sketch", **settings.build_options).to(device)
    step = GanStep(system, settings, "fp32", VggFeatures(Vgg().arrays()).to(device))
    photo, sketch = noise(args, device)
    both = {"photo2sketch": (photo, sketch), "sketch2photo": (sketch, photo)}
    return lambda: step({task: both[task] for task in system.tasks})


def measure_textbook(args: argparse.Namespace) -> dict:
    """Seconds a step of the textbook's loop; its pictures come from the CPU, as a loader would give them."""
    from textbook_gan import SYSTEMS

    from face2sketch.models.gan import init_weights
    from face2sketch.training.devices import choose_device, wait

    device = choose_device(args.device)
    system = SYSTEMS[args.system](args.size)
    init_weights(system.networks).to(device).train()
    system.prepare()
    pictures, seconds = noise(args, "cpu"), []
    for number in [WARM_UP, *[args.steps] * args.rounds]:
        wait(device)
        began = time.perf_counter()
        for _ in range(number):
            system.step(*(picture.to(device) for picture in pictures))
        wait(device)
        seconds.append((time.perf_counter() - began) / number)
    memory = peak_memory(device)
    photo, sketch = noise(args, device)
    flops = count_flops(lambda: lambda: system.step(photo, sketch))
    return {"seconds": seconds[1:], "precision": "fp32", "memory": memory, "flops": flops}


def noise(args: argparse.Namespace, device):
    import torch

    return [
        torch.rand(1, channels, args.size, args.size, device=device) * 2 - 1
        for channels in (3, SKETCH_CHANNELS[args.system])
    ]


def peak_memory(device) -> float | None:
    """Bytes, as the head of this file says; None where it cannot be known."""
    import torch

    if device.type == "cuda":
        return float(torch.cuda.max_memory_allocated(device))
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def count_flops(prepare) -> float:
    """Operations of one step in convolutions and matrix products, as PyTorch's own counter has them."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    step = prepare()
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        step()
    return float(counter.get_total_flops())


# -- all of them, and the table ----------------------------------------------------------------------------------------


def in_own_process(arguments: list[str]) -> dict:
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure_all(args: argparse.Namespace) -> dict:
    """Everything, as plain values."""
    here = in_own_process(["--worker", "machine", "--device", args.device])
    steps = args.steps or (5 if here["device"] == "cpu" else 100)
    common = ["--size", args.size, "--steps", steps, "--rounds", args.rounds, "--device", args.device]
    common = [*map(str, common), "--precision", args.precision, *["--compile"] * args.compile]
    measured = {"machine": here, "size": args.size, "batch": 1, "steps_a_round": steps, "results": []}
    for system in args.systems:
        runs: dict[str, list[dict]] = {"textbook": [], "ours": []}
        for _ in range(args.turns):
            for way, found in runs.items():
                found.append(in_own_process(["--worker", way, "--systems", system, *common]))
        for way, found in runs.items():
            measured["results"].append(summary(system, way, found, here["gflops"]))
    return measured


def summary(system: str, way: str, runs: list[dict], rates: dict[str, float]) -> dict:
    seconds = [value for run in runs for value in run["seconds"]]
    middle, gflop = statistics.median(seconds), runs[0]["flops"] / 1e9
    memories = [run["memory"] for run in runs if run["memory"] is not None]
    # PyTorch's default lets convolutions on CUDA round float32 to TF32.
    kind = "tf32" if runs[0]["precision"] == "fp32" and "tf32" in rates else runs[0]["precision"]
    return {
        "system": system, "way": way, "precision": runs[0]["precision"], "ms": 1e3 * middle,
        "steps_a_second": 1 / middle, "ms_of_each_round": [round(1e3 * value, 2) for value in seconds], "gflop": gflop,
        "least_ms": 1e3 * gflop / rates[kind], "rate": kind,
        "memory_gb": max(memories) / 1e9 if memories else None,
    }  # fmt: skip


def machine(args: argparse.Namespace) -> dict:
    import platform

    import torch

    from face2sketch.training.devices import choose_device

    device = choose_device(args.device)
    name = f"{platform.processor() or platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
    return {
        "device": device.type, "name": name, "threads": torch.get_num_threads(), "torch": torch.__version__,
        "gflops": matrix_rates(args.device),
    }  # fmt: skip


def show(measured: dict) -> None:
    here = measured["machine"]
    rates = ", ".join(f"{kind} {rate:,.0f}" for kind, rate in here["gflops"].items())
    print(f"{here['device']} ({here['name']}), {here['threads']} threads, PyTorch {here['torch']}")
    print(f"large matrix products, GFLOP/s: {rates}")
    print(f"{measured['size']} px, batch {measured['batch']}\n")
    head = (
        "system",
        "way",
        "numbers",
        "ms a step",
        "steps/s",
        "x textbook",
        "GFLOP a step",
        "least ms",
        "memory GB",
    )
    lines = [head]
    for row in measured["results"]:
        book = next(r for r in measured["results"] if r["system"] == row["system"] and r["way"] == "textbook")
        memory = "unknown" if row["memory_gb"] is None else f"{row['memory_gb']:.2f}"
        lines.append((
            row["system"], row["way"], row["precision"], f"{row['ms']:.1f}", f"{row['steps_a_second']:.2f}",
            f"{book['ms'] / row['ms']:.2f}", f"{row['gflop']:.1f}", f"{row['least_ms']:.1f} ({row['rate']})", memory,
        ))  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths)))
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--size", type=int, default=256, help="side of the pictures")
    parser.add_argument("--steps", type=int, help="steps a round")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each process")
    parser.add_argument("--turns", type=int, default=2, help="processes for each way")
    parser.add_argument("--systems", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto", help="of ours; the textbook has fp32")
    parser.add_argument("--compile", action="store_true", help="ours with torch.compile")
    parser.add_argument("--json", help="file for the measurements")
    parser.add_argument("--worker", choices=("machine", "ours", "textbook"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        args.system = args.systems[0]
        work = {"machine": machine, "ours": measure_ours, "textbook": measure_textbook}[args.worker]
        print(json.dumps(work(args)))
        return
    measured = measure_all(args)
    show(measured)
    text = json.dumps(measured, indent=1)
    if args.json:
        with open(args.json, "w") as file:
            file.write(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
