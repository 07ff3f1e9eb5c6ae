"""What augmenting before the split is worth on the CUHK student pairs: the experiment of chapter 1, on real faces.

    FACE2SKETCH_DATA=... python tests/benchmarks/bench_leak.py --epochs 84 --seeds 3

`skubisz-conv` at 64 px and two lookups, each trained on equally many pictures without the leak (split by person, then
eightfold) and with it (the test people's other versions may be drawn), scored on the same two versions of each test person.
"""

import json

import numpy as np
import typer

import face2sketch as f2s

eightfold = f2s.data.augment.eightfold


def two_ways(pairs, seed: int):
    """Training pairs without and with the leak, equally many, and the test pairs for both."""
    train_people, test_people = pairs.split(test=0.2, seed=seed)
    apart, of_test = eightfold(train_people), eightfold(test_people)
    random = np.random.default_rng(seed)
    tested = np.concatenate([8 * person + random.permutation(8)[:2] for person in range(len(test_people))])
    pool = f2s.data.FacePairs.concat([apart, of_test[np.setdiff1d(np.arange(len(of_test)), tested)]])
    mixed = pool[random.permutation(len(pool))[: len(apart)]]
    return {"disjoint": apart, "leaky": mixed}, of_test[tested]


def main(epochs: int = 84, seeds: int = 3, size: int = 64, batch_size: int = 32) -> None:
    """Print one line of JSON for each method, way and seed, then the mean gain of each method."""
    pairs = f2s.data.cuhk_student(download=False).crop(200).resize(size)
    gains: dict[str, list[float]] = {}
    for seed in range(seeds):
        ways, test = two_ways(pairs, seed)
        found: dict[tuple[str, str], float] = {}
        for way, train in ways.items():
            fitted = {
                "network": f2s.fit(
                    "skubisz-conv", train, epochs=epochs, batch_size=batch_size, seed=seed, progress=False
                ),
                "lookup": f2s.fit("nearest-neighbour", train),
                "lookup that turns": f2s.fit("nearest-neighbour", eightfold(train)),
            }
            for label, one in fitted.items():
                mean = f2s.evaluate(one, test, metrics=("mse", "ssim")).mean(numeric_only=True).round(4)
                found[label, way] = mean["ssim"]
                print(json.dumps({"method": label, "way": way, "seed": seed, **mean}), flush=True)
        for label in ("network", "lookup", "lookup that turns"):
            gains.setdefault(label, []).append(found[label, "leaky"] - found[label, "disjoint"])
    for label, values in gains.items():
        print(f"{label}: SSIM gain by the leak {np.mean(values):+.3f}, seeds {np.round(values, 3).tolist()}")


if __name__ == "__main__":
    typer.run(main)
