"""How long the metrics take for a test set's worth of pairs.

    python tests/benchmarks/bench_metrics.py [pairs]

Prints seconds for pairs of 250 x 200 (height x width) in colour, so that every metric has all its work to do: by the wall
clock, and of processor time over all cores, which says how much work it is where others use the machine too. The best of
three runs. The pictures are smooth noise. LPIPS is left out where its weights are not on this machine.
"""

import os
import sys
import time

import numpy as np
from scipy.ndimage import gaussian_filter

from face2sketch import metrics
from face2sketch.errors import DownloadError

NAMES = ("ssim", "ssim_tf", "ms_ssim", "fsim", "fsimc", "scoot", "lpips", "lpips_squeeze")
RUNS = 3


def pictures(number: int, seed: int) -> np.ndarray:
    """Noise smoothed to the fineness of a face's features, (number, 250, 200, 3) uint8."""
    noise = np.random.default_rng(seed).normal(size=(number, 250, 200, 3)).astype(np.float32)
    smooth = gaussian_filter(noise, (0, 4, 4, 0))
    return np.clip(128 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def seconds(metric: metrics.Metric, target: np.ndarray, output: np.ndarray) -> tuple[float, float]:
    """Shortest wall-clock and processor time of some runs."""
    metric.function(target[:2], output[:2])  # imports, caches and weights
    wall, cpu = [], []
    for _ in range(RUNS):
        start = time.perf_counter(), time.process_time()
        metric.function(target, output)
        wall.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
    return min(wall), min(cpu)


def main(number: int) -> None:
    target, output = pictures(number, 0), pictures(number, 1)
    busy = f", load average {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    print(f"{number} pairs of 250 x 200 x 3, {os.cpu_count()} cores{busy}")
    print(f"{'metric':<18} {'wall (s)':>9} {'CPU (s)':>8}")
    for name in NAMES:
        metric = metrics.get(name)
        try:
            wall, cpu = seconds(metric, target, output)
        except DownloadError as error:
            print(f"{metric.label:<18} left out: {str(error)[:80]} ...")
            continue
        print(f"{metric.label:<18} {wall:>9.2f} {cpu:>8.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
