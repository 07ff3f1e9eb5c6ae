"""How long a training step of a Keras system takes on a CPU, and what two settings of the library do for it.

    python tests/benchmarks/bench_keras_step.py                       # CASQ as published, 44 pictures a step, one core
    python tests/benchmarks/bench_keras_step.py venkatesh-conv --batch 8 --cores 2

Seconds a picture for each of four ways, each in a process of its own and in turns, so that a slow minute of the machine
meets all of them: with and without oneDNN's kernels (`face2sketch.keras_quietly`), and with the C library as it comes or
holding on to freed memory (`face2sketch.replication.processes`). The least of all steps of all rounds, the peak of the
process' memory, and the time beside that of the first way. The pictures are noise, at the size of the system's paper.
The backend is TensorFlow, whose setting oneDNN is; memory is read as Linux gives it.
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

STEPS = 4  # counted in a round; one before them builds the function
WAYS = [
    (f"{'oneDNN' if onednn else 'TensorFlow alone'}, {'kept' if kept else 'returned'} memory", onednn, kept)
    for onednn in (False, True)
    for kept in (False, True)
]


def measure(system: str, batch: int, kept: bool) -> dict:
    """The least seconds a picture, and the most memory, of some steps in this process."""
    import resource

    if kept:
        from face2sketch.replication.processes import _keep_memory

        _keep_memory()
    from face2sketch import methods
    from face2sketch.models.networks import Networks
    from face2sketch.training.losses import PictureLoss

    method = methods.get(system)
    size = method.protocol.size if method.protocol else method.size
    networks = method.build((*size, 3))
    model, logits = (
        (networks.trained, networks.logits) if isinstance(networks, Networks) else (networks, False)
    )
    loss = method.recipe.stages[-1].loss
    model.compile(
        optimizer=method.recipe.optimizer, loss=PictureLoss(loss, logits) if isinstance(loss, str) else loss
    )
    pictures = np.random.default_rng(0).random((batch, *size, 3), dtype=np.float32)
    seconds = []
    for _ in range(1 + STEPS):
        began = time.perf_counter()
        model.train_on_batch(pictures, pictures)
        seconds.append(time.perf_counter() - began)
    return {
        "seconds": min(seconds[1:]) / batch,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "size": size,
    }


def in_a_process(args: argparse.Namespace, onednn: bool, kept: bool) -> dict:
    settings = os.environ | {
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": str(int(onednn)),
        "OMP_NUM_THREADS": str(args.cores),
    }
    command = [sys.executable, __file__, args.system, "--batch", str(args.batch), "--measure"]
    done = subprocess.run(
        command + ["--kept"] * kept, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the measuring process of {args.system} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main(args: argparse.Namespace) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: args.cores]))
    found = {name: [] for name, *_ in WAYS}
    for _ in range(args.rounds):
        for name, onednn, kept in WAYS:
            found[name].append(in_a_process(args, onednn, kept))
    size = found[WAYS[0][0]][0]["size"]
    print(f"{args.system}, {args.batch} pictures of {size[0]} x {size[1]} a step, {args.cores} core(s)")
    print(f"{'way':<38} {'s a picture':>11} {'of the first':>12} {'peak (MB)':>9}")
    first = None
    for name, rounds in found.items():
        least = min(one["seconds"] for one in rounds)
        first = first or least
        print(
            f"{name:<38} {least:>11.3f} {least / first:>12.2f} {max(one['megabytes'] for one in rounds):>9.0f}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("system", nargs="?", default="huang-casq")
    parser.add_argument("--batch", type=int, default=44)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--kept", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.system, options.batch, options.kept)))
    else:
        main(options)
