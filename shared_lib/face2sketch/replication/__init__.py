"""Runs on the real pairs, recorded: what was trained, how, on what, and every picture's score.

A record is one JSON file; pages and tables are drawn from records and never typed. A run that was stopped goes on
from its checkpoint, and a run that has its record is not repeated.
"""

from .experiments import EXPERIMENTS, experiment
from .protocols import PROTOCOLS, select
from .queue import commands, work
from .records import Record, read_records, summary
from .runs import Run, perform, rescore

__all__ = [
    "EXPERIMENTS", "PROTOCOLS", "Record", "Run", "commands", "experiment", "perform", "read_records", "rescore", "select",
    "summary", "work",
]  # fmt: skip
