"""The packages with their default options, and beside them the best documented ones."""

from __future__ import annotations

from benchmarks.peers.children import Way
from benchmarks.peers.versions import METERS

BARE = Way("bare")
DEFAULTS = [Way(package) for package in METERS]
EXACT = [
    Way("codecarbon", {"best": True}, ", every 1 s"),
    Way("zeus", {"best": True}, ", short windows approximated"),
    Way("eco2ai", {"best": True}, ", every 1 s"),
]
SAFE = [
    Way("codecarbon", {"best": True}, ", flush() each epoch"),
    Way("carbontracker", {"best": True}, ", with a log folder"),
    Way("zeus", {"best": True}, ", a window each epoch, with a log"),
    Way("eco2ai", {"best": True}, ", every 1 s"),
]
