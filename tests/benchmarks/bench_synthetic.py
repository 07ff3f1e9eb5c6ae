"""How fast the built-in faces are drawn, on one core.

    OMP_NUM_THREADS=1 python tests/benchmarks/bench_synthetic.py [people]

Prints pairs per second of processor time and of wall-clock time for several sizes, and the peak memory.
"""

import resource
import sys
import time

from face2sketch.data import faces


def main(people: int) -> None:
    faces.render(2, 64)  # imports and caches
    print(f"{'size':>6} {'pairs/s (CPU)':>14} {'pairs/s (wall)':>15}")
    for size in (64, 128, 256):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in faces.iter_synthetic(people, size, seed=1):
            pass
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(f"{size:>6} {people / cpu:>14.1f} {people / wall:>15.1f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
