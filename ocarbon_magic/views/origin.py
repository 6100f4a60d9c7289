"""Where each number of a run comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.views import embodied, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.run import DeviceReading, Run

_SCOPE = {
    frozenset({"gpu"}): "GPU boards only; the rest of a server, 18 to 29 % of its energy, is not "
    "in these numbers",
    frozenset({"cpu"}): "CPU only; memory, disks, fans and the power supply are not in these "
    "numbers",
}
_SCOPE_MIXED = (
    "The devices listed; disks, network, fans and the power supply are not in these numbers"
)


def facts(run: Run) -> Iterator[tuple[str, str]]:
    """Yield where each number comes from, as label and sentence."""
    if run.devices:
        yield "Energy", _ways(run.devices)
        kinds = frozenset(device.kind for device in run.devices)
        yield "Scope", _SCOPE.get(kinds, _SCOPE_MIXED)
    counter = words.counted_by(run)
    if counter is not None:
        yield "Work", f"counted by {counter}"
    compute = words.flop_rate(run)
    if compute is not None:
        yield "Compute", compute
    for label, said in (
        ("Pace", words.model(run)),
        ("OpenCarbonEval", words.law(run)),
        ("Forecast", words.track_record(run)),
    ):
        if said is not None:
            yield label, said
    yield "Zone", words.zone(run) + (", not used" if intensity_is_by_hand(run) else "")
    varied = words.intensity_range(run)
    steps = "" if varied is None else f", {varied}"
    source = words.clean(run.intensity.source)
    yield "Intensity", f"{words.intensity(run)}{steps}; source: {source}"
    added = "applied to the energy shown" if run.pue != 1 else "so nothing is added to the energy"
    yield "PUE", f"{run.pue:.3g}, {added} for cooling and power supply"
    yield "Embodied", embodied.basis(run)
    took, called = units.duration(run.duration_s), words.clean(run.id, 40)
    yield "Measured", f"{words.moment(run.started_at)}, {took}, run {called}"


def _ways(readings: list[DeviceReading]) -> str:
    """Return the methods, each with the devices that it was used on."""
    ways = dict.fromkeys(words.method(device) for device in readings)
    return ". ".join(
        f"{way}: {words.devices(d for d in readings if words.method(d) == way)}" for way in ways
    )
