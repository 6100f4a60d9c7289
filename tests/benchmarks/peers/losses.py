"""How much of a run is lost when its process is killed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.peers.venvs import UnavailableError
from benchmarks.peers.ways import DEFAULTS, SAFE

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers.children import Child, Place, Way
    from benchmarks.peers.stand import Stand

EPOCH_S = 1.0
KILLED_AFTER_S = 10.5
READ_S = 60.0


def measured(place: Place, stand: Stand) -> dict[str, Any]:
    """Return the seconds of a run, killed in its eleventh epoch, that its files lack."""
    scene = stand.scene(["power const 250"])
    told: dict[str, Any] = {}
    for ways in (DEFAULTS, SAFE):
        running: dict[str, tuple[Child, Path]] = {}
        for way in ways:
            folder = place.folder()
            options = {"epoch_s": EPOCH_S}
            how = {"environ": scene.environ, "folder": folder}
            try:
                running[str(way)] = place.start(way, "endless", options, **how), folder
            except UnavailableError as error:
                told[str(way)] = {"error": str(error)}
        killed_s = {name: _kill(child) for name, (child, _) in running.items()}
        for way in ways:
            if str(way) in running:
                told[str(way)] = _lost(place, way, running[str(way)], killed_s[str(way)])
    return {"killed_after_s": KILLED_AFTER_S, "by_package": told}


def _kill(child: Child) -> float | None:
    """Kill a child some seconds after its begin; return when it was, None if it ended before."""
    first = child.next_told()
    if first is None:
        return None
    alive = child.lives_for(max(first["start_s"] + KILLED_AFTER_S - time.monotonic(), 0.0))
    child.kill()
    return time.monotonic() - first["start_s"] if alive else None


def _lost(place: Place, way: Way, run: tuple[Child, Path], ran_s: float | None) -> dict[str, Any]:
    child, folder = run
    outcome = child.outcome(READ_S)
    if ran_s is None:
        return {"error": outcome.failed or "it ended by itself"}
    read = place.run(way, "left", {}, limit_s=READ_S, folder=folder)
    if not read.found:
        return {"error": read.failed}
    return {"ran_s": ran_s, "lost_s": ran_s - read.found[0]["left_s"]}
