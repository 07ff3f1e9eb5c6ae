"""A model of your own, examined and scored as everybody else's: one call, one report to hand in.

    def fit(train, task, seed):                  # train: FacePairs; nobody of the test people is among them
        ...
        return translate                         # (N, H, W, C) uint8 -> (N, H, W, 1 or 3), uint8 or in [0, 1]

    entry = f2s.submission.Entry(name="my-unet", authors="Ada, Grace", fit=fit, description="A U-Net of 5 levels.")
    report = f2s.submission.evaluate_submission(entry, seeds=(0, 1, 2), folder="report")
    report.checks                                # what was examined, and what was found
    report.summary                               # scores with intervals, beside six methods that need no network

The folder then holds `report.html` (one file, readable without network), `scores.csv` (every picture's score) and
`results/` (a record for each task and seed, as `face2sketch.replication` reads them). What is done is kept in `work/`:
an evaluation that was stopped goes on where it was, and one that is repeated trains only what has changed.
"""

from .checking import Check
from .entry import Entry
from .evaluating import BARS, METRICS, evaluate_submission
from .protocol import Protocol
from .report import Report

__all__ = ["BARS", "METRICS", "Check", "Entry", "Protocol", "Report", "evaluate_submission"]
