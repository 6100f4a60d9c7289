"""Energy against known power curves, and the lines printed around a stretch.

All measure the same curve at the same time, each with counters and sensors at the same phases.
The truth is what was drawn from the first line of the user's work to its last.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.peers.ways import DEFAULTS, EXACT

if TYPE_CHECKING:
    import random

    from benchmarks.peers.children import Outcome, Place
    from benchmarks.peers.stand import Scene, Stand

ROUNDS = 2
DURATION_S = 20.0
SHORT_CELLS = 12
LOAD_S = 90.0
SQUARE = "power square 50 400 0.7 {start}"
CURVES = {
    "constant 250 W": ["power const 250"],
    "square 50/400 W, 0.7 s": [SQUARE],
    "ramp 50 to 400 W": ["power ramp 50 400 20 {later}"],
    "2 GPUs, 250 W each": ["power const 250", "power const 250"],
}
SHORT = "cells of 1 to 2 s, square"


def measured(place: Place, stand: Stand, chance: random.Random) -> dict[str, Any]:
    """Return for each curve and way the errors in % of the energy, and the lines printed."""
    errors: dict[str, dict[str, list[Any]]] = {}
    lines: dict[str, list[int]] = {}
    for _ in range(ROUNDS):
        for curve, powers in CURVES.items():
            durations_s = [DURATION_S + chance.random()]
            scene = stand.scene([_at_random(power, chance) for power in powers])
            for name, outcome in _round(place, scene, durations_s).items():
                lines.setdefault(name, []).append(len(outcome.printed.splitlines()))
                errors.setdefault(curve, {}).setdefault(name, []).extend(outcome.found)
    durations_s = [1 + chance.random() for _ in range(SHORT_CELLS)]
    scene = stand.scene([_at_random(SQUARE, chance)])
    for name, outcome in _round(place, scene, durations_s).items():
        errors.setdefault(SHORT, {}).setdefault(name, []).extend(outcome.found)
    return {
        "duration_s": DURATION_S,
        "rounds": ROUNDS,
        "short_cells": SHORT_CELLS,
        "errors": errors,
        "printed_lines": {name: statistics.median(counts) for name, counts in lines.items()},
    }


def _at_random(power: str, chance: random.Random) -> str:
    """Return a curve that begins at some time."""
    return power.format(start=chance.random(), later=5 * chance.random())


def _round(place: Place, scene: Scene, durations_s: list[float]) -> dict[str, Outcome]:
    """Measure one scene with all at once; what is found becomes the errors."""
    limit_s = LOAD_S + 3 * sum(durations_s)
    options = {"durations_s": durations_s, "pause_s": 0.3, "in_turn": True}
    how = {"limit_s": limit_s, "environ": scene.environ}
    outcomes = place.run_all([*DEFAULTS, *EXACT], "stretches", options, **how)
    gpus = list(range(scene.text.count("device ")))
    for outcome in outcomes.values():
        found = [error_of(one, scene, gpus) for one in outcome.found]
        if outcome.failed is not None or not found:
            found.append({"error": outcome.failed or "nothing is told"})
        outcome.found = found
    return outcomes


def error_of(one: dict[str, Any], scene: Scene, gpus: list[int]) -> dict[str, Any]:
    """Return the error of a stretch's energy in % of what was drawn in it."""
    if one.get("gpu_energy_j") is None:
        return {"error": one.get("error", "no energy is told")}
    truth_j = scene.energy_j(gpus, one["start_s"], one["end_s"])
    return {"error_pct": 100 * (one["gpu_energy_j"] / truth_j - 1)}
