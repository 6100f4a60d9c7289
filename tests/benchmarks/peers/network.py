"""What goes over the network by default, and what happens where it does not get through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.peers.children import DROPPING, ISOLATED, Way
from benchmarks.peers.versions import METERS

if TYPE_CHECKING:
    from benchmarks.peers.children import Outcome, Place
    from benchmarks.peers.stand import Stand

LIMIT_S = 60.0
DEFAULTS = [Way(package, {"offline": False}) for package in METERS]


def measured(place: Place, stand: Stand) -> dict[str, Any]:
    """Return what each does as its README begins: no country, no offline class.

    Once each try fails at once, and once every packet is dropped, as behind a firewall.
    """
    told: dict[str, Any] = {"limit_s": LIMIT_S}
    kinds = {
        "refused": (ISOLATED, place.isolated),
        "dropped": (DROPPING, place.dropping),
    }
    scene = stand.scene(["power const 250"])
    options = {"durations_s": [1.0], "audit": True}
    for kind, (network, possible) in kinds.items():
        if not possible:
            told[kind] = {"not_measured": "this system lets a user make no network of its own"}
            continue
        how = {"limit_s": LIMIT_S, "environ": scene.environ, "network": network}
        outcomes = place.run_all(DEFAULTS, "stretches", options, **how)
        told[kind] = {name: _told(outcome) for name, outcome in outcomes.items()}
    return told


def _told(outcome: Outcome) -> dict[str, Any]:
    one = outcome.found[0] if outcome.found else {}
    keys = ("start_ms", "stop_ms", "intensity_g_per_kwh", "contacts", "error")
    told = {key: one[key] for key in keys if key in one}
    return told if outcome.failed is None else told | {"error": outcome.failed}
