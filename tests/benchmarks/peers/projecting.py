"""The end as projected after the first of ten epochs, which takes twice as long as the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.peers.children import Way

if TYPE_CHECKING:
    from benchmarks.peers.children import Place
    from benchmarks.peers.stand import Stand

EPOCHS = 10
FIRST_S = 12.0
OTHER_S = 6.0
"""Not shorter: before 5 s we project only where numpy is imported already."""


def measured(place: Place, stand: Stand) -> dict[str, Any]:
    """Return the errors of the projected time and energy of those that project."""
    scene = stand.scene(["power const 250"])
    options = {"epochs": EPOCHS, "first_s": FIRST_S, "other_s": OTHER_S}
    ways = [Way("ocarbon_magic"), Way("carbontracker")]
    how = {"limit_s": 180, "environ": scene.environ}
    outcomes = place.run_all(ways, "projection", options, **how)
    return options | {
        "by_package": {
            name: with_errors(outcome.found[0]) if outcome.found else {"error": outcome.failed}
            for name, outcome in outcomes.items()
        }
    }


def with_errors(found: dict[str, Any]) -> dict[str, Any]:
    """Add the errors in % of the truth, positive where too much was projected."""
    later = [
        one | {"duration_error_pct": error_pct(one["projected_s"], found["actual_s"])}
        for one in found.get("later", [])
    ]
    return found | {
        "duration_error_pct": error_pct(found["projected_s"], found["actual_s"]),
        "energy_error_pct": error_pct(found["projected_kwh"], found["actual_kwh"]),
        "later": later,
    }


def error_pct(projected: float, actual: float) -> float:
    """Return how far off a projection was, in % of the truth."""
    return 100 * (projected / actual - 1)
