"""Which GPUs are counted for each form of ``CUDA_VISIBLE_DEVICES``, and without a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.peers.children import Way
from benchmarks.peers.ways import DEFAULTS

if TYPE_CHECKING:
    from benchmarks.peers.children import Outcome, Place
    from benchmarks.peers.stand import Scene, Stand

LIMIT_S = 90.0
DURATION_S = 4.0
POWERS_W = (100, 400)
"""Four times apart, so that the energy tells which GPUs were counted."""
TOLERANCE = 0.2
"""Wide, since some count what was drawn while they started."""
CHOICES = ((), (0,), (1,), (0, 1))
SECOND_GPU = "GPU-00000001-1111-2222-3333-444455556666"
MIG = "MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f"
FORMS = {
    "unset": (None, (0, 1)),
    "index (1)": ("1", (1,)),
    "UUID": (SECOND_GPU, (1,)),
    "UUID prefix": (SECOND_GPU[:12], (1,)),
    "MIG UUID": (MIG, (1,)),
    "empty": ("", ()),
}
ASKED = [
    *DEFAULTS,
    Way("carbontracker", {"gpu_only": True}, ', components="gpu"'),
]


def measured(place: Place, stand: Stand) -> dict[str, Any]:
    """Return for each form which GPUs each package counted, and which it should."""
    table = {}
    for form, (value, expected) in FORMS.items():
        mig = f"  mig {MIG} 3 0\n" if value == MIG else ""
        scene = stand.scene([f"power const {power_w}" for power_w in POWERS_W], last=mig)
        environ = (
            scene.environ if value is None else {**scene.environ, "CUDA_VISIBLE_DEVICES": value}
        )
        how = {"limit_s": LIMIT_S, "environ": environ}
        options = {"durations_s": [DURATION_S]}
        outcomes = place.run_all(DEFAULTS, "stretches", options, **how)
        told = {name: counted(outcome, scene, expected) for name, outcome in outcomes.items()}
        viewer = place.run(Way("nvitop"), "selection", {}, **how)
        told["nvitop"] = viewer.found[0] if viewer.found else {"error": viewer.failed}
        table[form] = {"expected": list(expected), "told": told}
    return table


def counted(outcome: Outcome, scene: Scene, expected: tuple[int, ...]) -> dict[str, Any]:
    """Return the GPUs whose energy was told, and its share of what should have been."""
    if not outcome.found or "start_s" not in outcome.found[0]:
        failed = outcome.found[0].get("error") if outcome.found else outcome.failed
        return {"error": failed}
    (one,) = outcome.found
    energy_j = one.get("gpu_energy_j")
    if energy_j is None:
        return {"indices": [], "note": one.get("error", "no energy is told")}
    span = one["start_s"], one["end_s"]
    drawn_j = {choice: scene.energy_j(list(choice), *span) for choice in CHOICES}
    return {
        "gpu_energy_j": energy_j,
        "share_of_expected": energy_j / drawn_j[expected] if expected else None,
        "indices": chosen(energy_j, drawn_j),
    }


def chosen(energy_j: float, drawn_j: dict[tuple[int, ...], float]) -> list[int] | None:
    """Return the choice of GPUs that drew such an energy, None if none did."""
    nearest = min(drawn_j, key=lambda choice: abs(drawn_j[choice] - energy_j))
    tolerance_j = TOLERANCE * (drawn_j[nearest] or min(filter(None, drawn_j.values())))
    return list(nearest) if abs(drawn_j[nearest] - energy_j) <= tolerance_j else None


def without_gpu(place: Place, stand: Stand) -> dict[str, Any]:
    """Return what each does where NVML finds no GPU."""
    how = {"limit_s": LIMIT_S, "environ": stand.nothing()}
    outcomes = place.run_all(ASKED, "stretches", {"durations_s": [1.0]}, **how)
    return {
        name: {
            "goes_on": outcome.failed is None and "end_s" in (outcome.found or [{}])[0],
            "gpu_energy_j": (outcome.found or [{}])[0].get("gpu_energy_j"),
            "error": outcome.failed or (outcome.found or [{}])[0].get("error"),
        }
        for name, outcome in outcomes.items()
    }
