"""From start to stop of one run: what the meters say becomes energy, grams and the record."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ocarbon_magic.conversions import J_PER_KWH
from ocarbon_magic.environment import host, queued_work, versions
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.progress.observer import Progress, WorkObserver
from ocarbon_magic.projector import Projector
from ocarbon_magic.run import DeviceReading, Run, Series, Status, Work
from ocarbon_magic.sampler import Sampler
from ocarbon_magic.series import RunSeries, mean_power, rounded
from ocarbon_magic.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.config import Settings
    from ocarbon_magic.meters.base import Meter, Reading
    from ocarbon_magic.sampler import MeterState, Outcome

START_PATIENCE_S = 0.12
"""How long the user's code waits for the meters to start; a slow driver starts late."""

STOP_PATIENCE_S = 0.08
"""How long the end of the cell waits for final readings; a hung driver is left behind."""

TOLD_SHARE = 0.01
"""A larger share of the run that a meter did not see is told in the record."""

HINTED_AFTER_S = 2.0
"""In shorter runs nothing is said of what could not be counted."""


class Recorder:
    """Measures one run.

    ``interrupted`` tells, after `stop`, whether the user interrupted that; ``observer``
    counts the work.

    Parameters
    ----------
    settings : Settings
    name : str
        The run's name.
    clock : callable
        Seconds of a monotonic clock.

    Raises
    ------
    ValueError
        If the zone of the settings is unknown; nothing was started.
    """

    def __init__(
        self, settings: Settings, name: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._site = site_of(settings)
        self._settings = settings
        self._series = RunSeries()
        self.observer = WorkObserver(settings.total, settings.unit, count_flop=not settings.no_flop)
        self._started_s = 0.0
        self._finished = False
        self.interrupted = False
        self._sampler = Sampler(
            self._find_meters,
            interval_s=settings.interval,
            clock=clock,
            on_tick=self._tick,
        )
        self.run = Run(
            id=str(uuid.uuid4()),
            name=name,
            status="running",
            started_at=_utc_now(),
            ended_at=None,
            duration_s=0.0,
            devices=[],
            energy_kwh=None,
            pue=self._site.pue,
            zone=self._site.zone,
            intensity=self._site.intensity,
            operational_g=None,
            embodied_g=None,
            emissions_g=None,
            work=Work(total=settings.total, unit=settings.unit),
            warnings=list(self._site.notes),
        )
        self._projector = Projector(
            self.run, settings, self._site, self._series, self.observer, self.warn
        )

    def warn(self, line: str) -> None:
        """Keep one line for the reader of the record."""
        if line not in self.run.warnings:
            self.run.warnings.append(line)

    def start(self) -> None:
        """Start measuring; the user's code may run when this returns.

        Raises
        ------
        ValueError
            If a device of the settings does not exist; nothing is left running.
        """
        queued_work()
        self.run.started_at = _utc_now()
        self._started_s = self._clock()
        try:
            self._sampler.start(START_PATIENCE_S)
            self._start_counting()
        except BaseException:
            self._stop_counting()
            self._sampler.stop(self._clock(), 0.0)
            raise
        self._started_s = self._clock()
        self._series.add(0.0, 0.0)

    def stop(self, status: Status) -> Run:
        """End the run with ``status`` and return it; never raises."""
        try:
            queued_work()
        except KeyboardInterrupt:
            self.interrupted = True
            self.warn("Interrupted while the GPU finished its queue; the rest is not counted.")
        end_s = self._clock()
        run = self.run
        run.status = status
        run.ended_at = _utc_now()
        run.duration_s = max(end_s - self._started_s, 0.0)
        try:
            self._stop_counting()
            outcome = self._sampler.stop(end_s, STOP_PATIENCE_S)
            self._finished = True
            self.interrupted |= outcome.interrupted
            self._conclude(outcome)
            run.host, run.versions = host(), versions()
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.warn(f"The record is incomplete: {type(error).__name__}: {error}")
        return run

    def _start_counting(self) -> None:
        try:
            self.observer.start()
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.warn(f"Work is not counted: {type(error).__name__}: {error}")

    def _stop_counting(self) -> None:
        try:
            self.observer.stop()
        except KeyboardInterrupt:  # what is hooked must be unhooked, however impatient the user
            self.interrupted = True
            self.observer.stop()

    def _find_meters(self) -> tuple[list[Meter], list[str]]:
        found = discover(self._settings.devices, clock=self._clock)
        notes = [
            " ".join(filter(None, [f"{left.what}:", left.why, left.remedy]))
            for left in found.left_out
            if left.warn
        ]
        return found.meters, notes

    def _tick(self, now_s: float, readings: list[Reading]) -> None:
        energies = [r.energy_j for r in readings if r.energy_j is not None]
        progress = self._progress()
        if self._finished:
            return
        energy_j = sum(energies) if energies else None
        run_s = max(now_s - self._started_s, 0.0)
        self._series.add(run_s, energy_j, progress.steps)
        count = progress.count
        if count is not None:
            self._projector.tick(count, run_s, energy_j, readings)

    def _progress(self) -> Progress:
        try:
            return self.observer.read()
        except Exception as error:  # noqa: BLE001 - energy is measured all the same
            self.warn(f"Work could not be read: {type(error).__name__}: {error}")
            return Progress({}, None)

    def _conclude(self, outcome: Outcome) -> None:
        run = self.run
        charged: list[tuple[DeviceReading, float]] = []
        for state in outcome.states:
            stretch = self._stretch(state)
            if not state.readings:
                self.warn(f"{_names(state)} gave no reading: the energy is not in the total.")
            for reading in state.readings:
                busy_s = run.duration_s if reading.busy_s is None else reading.busy_s * stretch
                charged.append((_device_reading(reading, stretch, run.duration_s), busy_s))
        for line in (
            *outcome.notes.lines,
            *(n for s in outcome.states for n in s.meter.notes.lines),
        ):
            self.warn(line)
        run.devices = [device for device, _ in charged]
        for device in run.devices:
            if device.energy_j is None:
                self.warn(f"{device.name} could not be read: its energy is not in the total.")
        known = [d.energy_j for d in run.devices if d.energy_j is not None]
        progress = self._progress()
        self._series.close(run.duration_s, sum(known) if known else None, progress.steps)
        if known:
            footprint = self._site.footprint(sum(known) / J_PER_KWH, charged)
            run.energy_kwh = sum(known) / J_PER_KWH
            run.operational_g = footprint.operational_g
            run.embodied_g = footprint.embodied_g
            run.emissions_g = footprint.emissions_g
        else:
            self.warn("No energy was measured in this run; `%carbon doctor` tells what is missing.")
        self._account_for(progress)
        if progress.count is not None:
            self._projector.conclude(progress.count, sum(known) if known else None)
        run.series = self._record_series(progress)

    def _account_for(self, progress: Progress) -> None:
        """Put the work into the record, and the throughput in FLOP where that is known."""
        run, count = self.run, progress.count
        for note in self.observer.notes():
            self.warn(note)
        run.work.hint = self.observer.hint(count)
        if count is None:
            if run.duration_s < HINTED_AFTER_S:
                run.work.hint = None  # nobody waits for the end of a run so short
            return
        run.work = Work(
            done=count.done,
            total=count.total,
            unit=count.unit,
            rate_per_s=count.rate_per_s,
            source=count.source,
            hint=run.work.hint,
        )
        pace = self.observer.flop_pace(count, self._settings.flop_per_unit)
        if pace is not None:
            from ocarbon_magic.utilisation import throughput  # noqa: PLC0415 - reads the tables

            run.throughput = throughput(*pace, run.devices)

    def _stretch(self, state: MeterState) -> float:
        """Return by how much to stretch a meter's energy for time it did not see."""
        run = self.run
        late_s = max(state.started_s - self._started_s, 0.0)
        early_s = max(self._started_s + run.duration_s - state.read_s, 0.0)
        missed_s = late_s + (0.0 if state.answered else early_s)
        seen_s = run.duration_s - missed_s
        if missed_s <= 0.0 or seen_s <= 0.0 or state.failed or not state.readings:
            return 1.0
        if missed_s > TOLD_SHARE * run.duration_s:
            self.warn(
                f"{_names(state)}: {missed_s:.2f} s of the run went unseen, because measuring was "
                "slow to start or to end; they are counted at the mean power of the rest."
            )
        return run.duration_s / seen_s

    def _record_series(self, progress: Progress) -> Series:
        run, count = self.run, progress.count
        t_s, energy_j = self._series.thinned()
        g_per_j = self._site.g_per_kwh / J_PER_KWH
        embodied_g_per_s = (run.embodied_g or 0.0) / run.duration_s if run.duration_s else 0.0
        work = [] if count is None else self._series.work(count.keys, count.per_step)
        if run.energy_kwh is None and not work:
            return Series()
        unknown = [None] * len(t_s)
        return Series(
            t_s=[rounded(t) for t in t_s],
            power_w=mean_power(t_s, energy_j),
            work=[rounded(done) for done in work] or [*unknown],
            emissions_g=[
                None if e is None else rounded(e * g_per_j + t * embodied_g_per_s)
                for t, e in zip(t_s, energy_j, strict=True)
            ],
        )


def _names(state: MeterState) -> str:
    return ", ".join(device.name for device in state.meter.describe())


def _device_reading(reading: Reading, stretch: float, duration_s: float) -> DeviceReading:
    device = reading.device
    energy_j = None if reading.energy_j is None else reading.energy_j * stretch
    mean_power_w = energy_j / duration_s if energy_j is not None and duration_s > 0 else None
    uncertainty_pct = reading.uncertainty_pct
    if uncertainty_pct is not None:
        uncertainty_pct = rounded(uncertainty_pct + 100 * (stretch - 1) / stretch)
    return DeviceReading(
        kind=device.kind,
        name=device.name,
        uuid=device.uuid,
        energy_j=energy_j,
        mean_power_w=mean_power_w,
        max_power_w=reading.max_power_w,
        method=device.method,
        measured=device.measured,
        uncertainty_pct=uncertainty_pct,
    )


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
