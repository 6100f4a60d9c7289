"""How long until the user's first line, and from the last one until all is done."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.peers.ways import DEFAULTS

if TYPE_CHECKING:
    from benchmarks.peers.children import Outcome, Place
    from benchmarks.peers.stand import Stand

ROUNDS = 5
PARTS = ("start_ms", "start_cpu_ms", "stop_ms", "stop_cpu_ms")


def measured(place: Place, stand: Stand) -> dict[str, Any]:
    """Return the medians for the first and the second stretch in a process.

    One round before those that count fills the caches on the disk.
    """
    scene = stand.scene(["power const 250"])
    options = {"durations_s": [0.5, 0.5]}
    rounds: dict[str, list[Outcome]] = {str(way): [] for way in DEFAULTS}
    for number in range(ROUNDS + 1):
        for way in DEFAULTS:
            outcome = place.run(way, "stretches", options, limit_s=60, environ=scene.environ)
            if number:
                rounds[str(way)].append(outcome)
    return {"rounds": ROUNDS, "by_package": {name: _medians(all_) for name, all_ in rounds.items()}}


def _medians(outcomes: list[Outcome]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for order, number in (("first", 0), ("second", 1)):
        stretches = [o.found[number] for o in outcomes if len(o.found) > number]
        if stretches:
            told[order] = {
                part: statistics.median(one[part] for one in stretches if part in one)
                for part in PARTS
                if any(part in one for one in stretches)
            }
    failures = [o.failed for o in outcomes if o.failed]
    failures += [one["error"] for o in outcomes for one in o.found if "error" in one]
    return told | ({"error": failures[0]} if failures else {})
