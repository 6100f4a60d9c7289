"""From start to stop of one run: what the meters say becomes energy, grams and the record."""

from __future__ import annotations

import math
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from ocarbon_magic import simultaneous
from ocarbon_magic.accounts import Accounts
from ocarbon_magic.budget import Budget
from ocarbon_magic.environment import host, queued_work, versions
from ocarbon_magic.folding import folded
from ocarbon_magic.hostrows import hosts_of
from ocarbon_magic.jsontypes import plain
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.moments import utc_now
from ocarbon_magic.progress.observer import Progress, WorkObserver
from ocarbon_magic.projector import Projector
from ocarbon_magic.ranks import forks
from ocarbon_magic.ranks.work import RanksWork
from ocarbon_magic.run import Run, Status, Work
from ocarbon_magic.sampler import Sampler
from ocarbon_magic.series import RunSeries
from ocarbon_magic.site import site_of
from ocarbon_magic.snapshot import Snapshots
from ocarbon_magic.sums import known_sum
from ocarbon_magic.timeline import Timeline, fitted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.config import Settings
    from ocarbon_magic.fleet import Fleet
    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.meters.base import Meter, Reading
    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.sampler import Outcome

    Publish = Callable[[dict[str, Any]], None]

START_PATIENCE_S = 0.12
"""How long the user's code waits for the meters to start; a slow driver starts late."""

ASKED_PATIENCE_S = 1.0
"""How long it waits where devices were asked for by name: one that does not exist is refused."""

REMOTE_SHARE = 0.8
"""The share of this in which another machine may say what it has, the rest is for our own."""

STOP_PATIENCE_S = 0.08
"""How long the end of the cell waits for final readings; a hung driver is left behind."""

CHECKPOINT_EVERY_S = 3.0
"""How often the record so far is handed out, so that a run that is killed is not lost; samples
are taken as often at least, for its figures are no newer than they are."""

HOSTS_EVERY_S = 2.0
"""How often the rows of hosts are made anew: a page is told of them in turn, no sooner."""

HINTED_AFTER_S = 2.0
"""In shorter runs nothing is said of what could not be counted."""


class Recorder:
    """Measures one run.

    ``interrupted`` tells, after `stop`, whether the user interrupted that; ``observer``
    counts the work; ``budget`` is compared with the run at each tick.

    Parameters
    ----------
    settings : Settings
    name : str
        The run's name.
    publish : callable, optional
        Takes the snapshots of the run while it goes on, in the sampling thread.
    checkpoint : callable, optional
        Takes the record so far, at the first tick and then every `CHECKPOINT_EVERY_S`, in the
        sampling thread.
    observe : callable, optional
        Takes the power of each device in watts at each tick, in the sampling thread.
    fleet : Fleet, optional
        Others who measure and count for the run.
    clock : callable
        Seconds of a monotonic clock.

    Raises
    ------
    ValueError
        If the zone of the settings is unknown; nothing was started.
    """

    def __init__(  # noqa: PLR0913 - who takes part in one run
        self,
        settings: Settings,
        name: str,
        *,
        publish: Publish | None = None,
        checkpoint: Callable[[dict[str, Any]], None] | None = None,
        observe: Callable[[list[float | None]], None] | None = None,
        fleet: Fleet | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._site = site_of(settings)
        self._settings = settings
        self._series = RunSeries()
        self.observer = WorkObserver(
            settings.total, settings.unit, count_flop=not settings.no_flop, notice=forks.noticed
        )
        self._ranks = RanksWork(self.observer, self.warn)
        self._started_s = 0.0
        self._goes_on = False
        self.interrupted = False
        self._publish, self._checkpoint, self._observe = publish, checkpoint, observe
        self._fleet = fleet
        self._checkpoint_due_s = self._hosts_due_s = 0.0
        self._closing = threading.Lock()
        self._sampler = Sampler(
            self._find_meters,
            interval_s=min(
                settings.interval, math.inf if checkpoint is None else CHECKPOINT_EVERY_S
            ),
            clock=clock,
            on_tick=self._tick,
        )
        self.run = Run(
            id=str(uuid.uuid4()),
            name=name,
            status="running",
            started_at=utc_now(),
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
            budget_g=settings.budget,
            warnings=list(self._site.notes),
        )
        self.budget = Budget(
            settings.budget,
            stop=settings.stop_at_budget,
            warnings=self.run.warnings,
            clock=clock,
        )
        self._accounts = Accounts(self.run, self._site, self.warn)
        self._projector = Projector(
            self.run, settings, self._site, self._series, self.observer, self.warn
        )
        self._timeline = Timeline(self.run, self._series, self._site.emitted_g)
        self._snapshots = Snapshots(self.run, self._series, self._timeline)

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
        self._begin_fleet()
        self.run.started_at = utc_now()
        self._started_s = self._clock()
        try:
            self._sampler.start(self._patience_s)
            self._start_counting()
            self._guard_fleet("Other hosts are not measured", lambda fleet: fleet.call())
        except BaseException:
            self._end_fleet()
            self._stop_counting()
            self._sampler.stop(self._clock(), 0.0)
            raise
        self._started_s = self._clock()
        self._series.add(0.0, 0.0)
        self._site.begin(self.warn)
        self._goes_on = True
        simultaneous.begin(self.run, self._settings.devices, self.warn)

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
        run.ended_at = utc_now()
        run.duration_s = max(end_s - self._started_s, 0.0)
        try:
            self._stop_counting()
            self._end_fleet()
            others_s = 0.0 if self._fleet is None else self._fleet.patience_s
            outcome = self._sampler.stop(end_s, STOP_PATIENCE_S + others_s)
            with self._closing:
                self._goes_on = False
            self.interrupted |= outcome.interrupted
            self._conclude(outcome)
            self._guard_fleet("Other hosts", lambda fleet: fleet.close())
            run.host, run.versions = host(), versions()
            run.series = fitted(run, run.series)
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.warn(f"The record is incomplete: {type(error).__name__}: {error}")
        self._site.end()
        simultaneous.end(run)
        return run

    def _start_counting(self) -> None:
        try:
            self.observer.start()
            self._ranks.begin(self.run.id, self._settings.devices)
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.warn(f"Work is not counted: {type(error).__name__}: {error}")

    def _stop_counting(self) -> None:
        try:
            self._ranks.end()
            self.observer.stop()
        except KeyboardInterrupt:  # what is hooked must be unhooked, however impatient the user
            self.interrupted = True
            self._ranks.end()
            self.observer.stop()

    @property
    def _patience_s(self) -> float:
        """How long the start waits for the meters."""
        return ASKED_PATIENCE_S if "devices" in self._settings.given else START_PATIENCE_S

    def _find_meters(self) -> tuple[list[Meter], list[str]]:
        found = discover(
            self._settings.devices,
            clock=self._clock,
            patience_s=REMOTE_SHARE * self._patience_s,
        )
        notes = [
            " ".join(filter(None, [f"{left.what}:", left.why, left.remedy]))
            for left in found.left_out
            if left.warn
        ]
        if self._fleet is None:
            return found.meters, notes
        # Theirs keep their own time, and must not come between the run's own and the cell.
        return [*self._fleet.meters(found.meters), *found.meters], notes

    def _begin_fleet(self) -> None:
        if self._fleet is not None:
            self._fleet.begin(self.run, self.warn)
            self.observer.add_remote(self._fleet.parts)

    def _end_fleet(self) -> None:
        try:
            self._guard_fleet("Other hosts", lambda fleet: fleet.end())
        except KeyboardInterrupt:
            self.interrupted = True

    def _guard_fleet(self, what: str, step: Callable[[Fleet], None]) -> None:
        try:
            if self._fleet is not None:
                step(self._fleet)
        except Exception as error:  # noqa: BLE001 - measuring never breaks training
            self.warn(f"{what}: {type(error).__name__}: {error}")

    def _hosts(self, readings: list[Reading], run_s: float) -> list[HostReading]:
        known = self._fleet.hosts(readings, run_s) if self._fleet else []
        return known or hosts_of(readings, run_s)

    def _tick(self, now_s: float, readings: list[Reading]) -> None:
        if not self._is_going_on() or now_s < self._started_s:
            return
        progress = self._progress()
        run_s = now_s - self._started_s
        hosts = self.run.hosts
        if run_s >= self._hosts_due_s:
            self._hosts_due_s = run_s + HOSTS_EVERY_S
            hosts = self._hosts(readings, run_s)
        readings = [*folded(readings)]
        with self._closing:
            if not self._is_going_on():  # it may have ended meanwhile
                return
            self._accounts.bring_up_to_date(readings, run_s)
            self._count(progress.count)
            self.run.hosts = hosts
        energy_j = known_sum(reading.energy_j for reading in readings)
        self._series.add(run_s, energy_j, progress.steps)
        if progress.count is not None:
            self._projector.tick(progress.count, run_s, energy_j)
        self._watch_budget()
        if self._observe is not None:
            self._observe([reading.power_w for reading in readings])
        if self._publish is not None and self._snapshots.is_due(run_s):
            self._tell(self._publish, readings, progress.count)
        if self._checkpoint is not None and run_s >= self._checkpoint_due_s:
            self._checkpoint_due_s = run_s + CHECKPOINT_EVERY_S
            self._hand_out(self._checkpoint, progress)

    def _is_going_on(self) -> bool:
        return self._goes_on

    def _count(self, count: Count | None) -> None:
        """Put the work so far into the record."""
        run = self.run
        if count is not None:
            run.work = Work(
                done=count.done,
                total=count.total,
                unit=count.unit,
                rate_per_s=count.rate_per_s,
                source=count.source,
                hint=self.observer.hint(count),
            )
        elif run.duration_s >= HINTED_AFTER_S:  # nobody waits for the end of a shorter run
            run.work.hint = self.observer.hint(None)

    def _watch_budget(self) -> None:
        try:
            self.budget.check(self.run.emissions_g, self.run.projection)
        except Exception as error:  # noqa: BLE001 - the run is recorded all the same
            self.warn(f"The budget is not watched: {type(error).__name__}: {error}")

    def _tell(self, publish: Publish, readings: list[Reading], count: Count | None) -> None:
        try:
            publish(self._snapshots.take(readings, count))
        except Exception as error:  # noqa: BLE001 - the run is recorded all the same
            self._publish = None
            self.warn(f"The panel stands still: {type(error).__name__}: {error}")

    def _hand_out(self, checkpoint: Callable[[dict[str, Any]], None], progress: Progress) -> None:
        """Hand out the record so far, as of a run that goes on."""
        try:
            with self._closing:
                if not self._is_going_on():
                    return
                record = self.run.to_dict() | {"status": "running", "ended_at": None}
                series = self._timeline.whole(progress.count)
                record["series"] = plain(fitted(self.run, series))
            checkpoint(record | {"host": host(), "versions": versions()})
        except Exception as error:  # noqa: BLE001 - the run is recorded all the same
            self._checkpoint = None
            self.warn(f"The run is not kept while it goes on: {type(error).__name__}: {error}")

    def _progress(self) -> Progress:
        try:
            return self.observer.read()
        except Exception as error:  # noqa: BLE001 - energy is measured all the same
            self.warn(f"Work could not be read: {type(error).__name__}: {error}")
            return Progress({}, None)

    def _conclude(self, outcome: Outcome) -> None:
        run = self.run
        readings = self._accounts.close(outcome, self._started_s)
        run.hosts = self._hosts(readings, run.duration_s)
        energy_j = known_sum(device.energy_j for device in run.devices)
        progress = self._progress()
        self._series.close(run.duration_s, energy_j, progress.steps)
        self._count(progress.count)
        for note in self.observer.notes():
            self.warn(note)
        if progress.count is not None:
            self._projector.conclude(progress.count, energy_j)
        run.series = self._timeline.whole(progress.count)
