"""What the meters say, as the record of a run has it: devices, energy and grams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.folding import folded
from ocarbon_magic.hostrows import mean_w
from ocarbon_magic.run import DeviceReading
from ocarbon_magic.series import rounded
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.meters.base import Reading
    from ocarbon_magic.run import Run
    from ocarbon_magic.sampler import MeterState, Outcome
    from ocarbon_magic.site import Site

TOLD_SHARE = 0.01
"""A larger share of the run that a meter did not see is told in the record."""


class Accounts:
    """Keeps the devices, the energy and the grams of ``run``.

    Parameters
    ----------
    run : Run
    site : Site
    warn : callable
        Takes one line for the reader of the record.
    """

    def __init__(self, run: Run, site: Site, warn: Callable[[str], None]) -> None:
        self._run, self._site, self._warn = run, site, warn

    def bring_up_to_date(self, readings: Sequence[Reading], run_s: float) -> None:
        """Put in what was read by ``run_s`` seconds into a run that goes on."""
        self._run.duration_s = run_s
        self._charge(readings)

    def close(self, outcome: Outcome, started_s: float) -> list[Reading]:
        """Put in the final readings of a run that began at clock time ``started_s``.

        Returns them, each of the whole run.
        """
        readings: list[Reading] = []
        late = [state for state in outcome.states if self._is_too_late(state, started_s)]
        for state in outcome.states:
            if state in late:
                self._warn(
                    f"{_names(state)}: the run was over before measuring began, so its energy is "
                    "not known."
                )
                continue
            stretch = self._stretch(state, started_s)
            if not state.readings and state.meter.describe():
                self._warn(f"{_names(state)} gave no reading: the energy is not in the total.")
            readings += (_stretched(reading, stretch) for reading in state.readings)
        for line in (
            *outcome.notes.lines,
            *(n for s in outcome.states for n in s.meter.notes.lines),
        ):
            self._warn(line)
        for reading in readings:
            if reading.energy_j is None:
                name = reading.device.name
                self._warn(f"{name} could not be read: its energy is not in the total.")
        if not self._charge(folded(readings)) and not late:
            self._warn(
                "No energy was measured in this run; `%carbon doctor` tells what is missing."
            )
        return readings

    def _charge(self, readings: Sequence[Reading]) -> bool:
        """Put devices into the record, and what they are charged; say if energy is known."""
        run = self._run
        charged = [(_device(r, run.duration_s), _charged_s(r, run.duration_s)) for r in readings]
        run.devices = [device for device, _ in charged]
        energy_j = known_sum(device.energy_j for device in run.devices)
        if energy_j is not None:
            self._site.drew(run.duration_s, energy_j)
            run.embodied = self._site.charges(charged)
            run.energy_kwh = energy_j / J_PER_KWH
            footprint = self._site.footprint(run.energy_kwh, run.embodied)
            run.operational_g = footprint.operational_g
            run.embodied_g = footprint.embodied_g
            run.emissions_g = footprint.emissions_g
        return energy_j is not None

    def _is_too_late(self, state: MeterState, started_s: float) -> bool:
        """Return whether a meter of this machine started when the run was over."""
        over_s = started_s + self._run.duration_s
        return state.started_s > over_s and bool(state.meter.describe())

    def _stretch(self, state: MeterState, started_s: float) -> float:
        """Return by how much to stretch a meter's energy for time it did not see.

        A meter that cannot tell its devices beforehand, as of other hosts, keeps its own time.
        """
        run = self._run
        late_s = max(state.started_s - started_s, 0.0)
        early_s = max(started_s + run.duration_s - state.read_s, 0.0)
        missed_s = late_s + (0.0 if state.answered else early_s)
        seen_s = run.duration_s - missed_s
        if missed_s <= 0.0 or seen_s <= 0.0 or state.failed or not state.readings:
            return 1.0
        if not state.meter.describe():
            return 1.0
        if missed_s > TOLD_SHARE * run.duration_s:
            self._warn(
                f"{_names(state)}: {missed_s:.2f} s of the run went unseen, because measuring was "
                "slow to start or to end; they are counted at the mean power of the rest."
            )
        return run.duration_s / seen_s


def _names(state: MeterState) -> str:
    return ", ".join(device.name for device in state.meter.describe())


def _charged_s(reading: Reading, duration_s: float) -> float:
    """Return the device-seconds that a run of ``duration_s`` is charged for a reading."""
    return duration_s * reading.device.count if reading.busy_s is None else reading.busy_s


def _stretched(reading: Reading, stretch: float) -> Reading:
    """Return a reading of the whole run, if one of a part of it is ``reading``."""
    if stretch == 1.0:
        return reading
    unseen_pct = 100 * (stretch - 1) / stretch
    return reading._replace(
        energy_j=None if reading.energy_j is None else reading.energy_j * stretch,
        busy_s=None if reading.busy_s is None else reading.busy_s * stretch,
        uncertainty_pct=(
            None if reading.uncertainty_pct is None else reading.uncertainty_pct + unseen_pct
        ),
    )


def _device(reading: Reading, duration_s: float) -> DeviceReading:
    device = reading.device
    return DeviceReading(
        kind=device.kind,
        name=device.name,
        uuid=device.uuid,
        energy_j=reading.energy_j,
        mean_power_w=mean_w(reading.energy_j, duration_s),
        max_power_w=reading.max_power_w,
        method=device.method,
        measured=device.measured,
        uncertainty_pct=rounded(reading.uncertainty_pct),
        busy_share=rounded(reading.busy_share),
        power_limit_w=device.tdp_w if device.kind == "gpu" else None,
        host=device.host,
        count=device.count,
    )
