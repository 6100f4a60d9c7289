"""Projects one run while it is recorded, and at its end judges what was projected."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocarbon_magic.conversions import FLOP_PER_TFLOP
from ocarbon_magic.counting import devices_in
from ocarbon_magic.outlook import (
    EVERY_SHARE,
    Outlook,
    SoFar,
    describe,
    is_prepared,
    is_worth_it,
    judge,
    prepare,
)
from ocarbon_magic.run import Throughput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ocarbon_magic.config import Settings
    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.progress.observer import WorkObserver
    from ocarbon_magic.run import Run
    from ocarbon_magic.series import RunSeries
    from ocarbon_magic.site import Site

DESCRIBED_SOONEST_S = 5.0
"""A fit takes 6 ms: it is made anew no sooner than this, or than `EVERY_SHARE` of the run."""

_NOT_PROJECTED = "The run could not be projected"


class Projector:
    """Puts projections into ``run``, from what its recorder has in hand.

    Parameters
    ----------
    run : Run
    settings : Settings
    site : Site
    series : RunSeries
    observer : WorkObserver
    warn : callable
        Takes one line for the reader of the record: what fails here breaks nothing else.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one run
        self,
        run: Run,
        settings: Settings,
        site: Site,
        series: RunSeries,
        observer: WorkObserver,
        warn: Callable[[str], None],
    ) -> None:
        self._run, self._settings, self._site = run, settings, site
        self._series, self._observer, self._warn = series, observer, warn
        self._outlook = Outlook(settings.forecast)
        self._works = True
        self._preparing: threading.Thread | None = None
        self._described_next_s = DESCRIBED_SOONEST_S

    def tick(self, count: Count, run_s: float, energy_j: float | None) -> None:
        """Project the run anew if it is time to; called in the sampling thread."""
        if not self._works or not is_worth_it(run_s):
            return
        if count.total is None:
            self._run.projection = None
        self._works = False  # what fails once is not tried at every tick
        with self._or_warn(_NOT_PROJECTED):
            if not is_prepared():
                self._prepare()
            else:
                if self._outlook.is_due(run_s, count.done, count.total):
                    self._project(count, run_s, energy_j)
                if run_s >= self._described_next_s:
                    self._described_next_s = run_s + max(DESCRIBED_SOONEST_S, EVERY_SHARE * run_s)
                    self._describe(count, run_s, energy_j)
            self._works = True

    def conclude(self, count: Count, energy_j: float | None) -> None:
        """Put the fitted model, the last projection and the errors of all into the record."""
        run = self._run
        is_open = count.total is not None and count.done < count.total
        with self._or_warn("The throughput could not be fitted"):
            self._describe(count, run.duration_s, energy_j)
        if is_open and self._works and is_prepared():
            with self._or_warn(_NOT_PROJECTED):
                self._project(count, run.duration_s, energy_j)
        left_early = is_open and run.status == "finished" and self._settings.total is None
        if left_early or count.total is None:
            run.projection = None  # nothing more will come, or nobody knows how much
        run.projections = self._outlook.kept
        judge(run)

    def _prepare(self) -> None:
        """Import what projects beside the sampling, which no slow disk may hold up."""

        def fetch() -> None:
            with self._or_warn(_NOT_PROJECTED):
                prepare()

        if self._preparing is None:
            self._preparing = threading.Thread(target=fetch, name="ocarbon-import", daemon=True)
            self._preparing.start()

    def _project(self, count: Count, run_s: float, energy_j: float | None) -> None:
        self._outlook.look(self._so_far(count, run_s, energy_j))
        self._run.projection = self._outlook.latest

    def _describe(self, count: Count, run_s: float, energy_j: float | None) -> None:
        """Put the throughput into the record: in FLOP, as fitted, and by the paper's law."""
        found = Throughput()
        pace = self._observer.flop_pace(count, self._settings.flop_per_unit)
        if pace is not None:
            from ocarbon_magic.utilisation import throughput  # noqa: PLC0415 - reads the tables

            found = throughput(*pace, self._run.devices)
        self._run.throughput = found
        if is_prepared():
            describe(self._so_far(count, run_s, energy_j), found)

    def _so_far(self, count: Count, run_s: float, energy_j: float | None) -> SoFar:
        series, tflop_per_unit, device_count = self._series, None, None
        pace = self._observer.flop_pace(count, self._settings.flop_per_unit)
        if pace is not None and count.rate_per_s:
            flop_per_s, _, device_count = pace
            tflop_per_unit = flop_per_s / count.rate_per_s / FLOP_PER_TFLOP
        work = series.all_work(count.keys, count.per_step) or [0.0] * len(series.t_s)
        gpus = devices_in(self._run.devices, "gpu")
        return SoFar(
            t_s=[*series.t_s, run_s],
            work=[*work, max(count.done, work[-1])],
            energy_j=[*series.energy_j, energy_j],
            total=count.total or math.inf,
            g_per_kwh=self._site.g_per_kwh,
            embodied_g=self._run.embodied_g or 0.0,
            tflop_per_unit=tflop_per_unit,
            device_count=device_count or gpus or 1,
            counted_s=count.done / count.rate_per_s if count.rate_per_s else None,
            ahead_g_per_kwh=lambda until_s: self._site.g_per_kwh_ahead(run_s, until_s),
        )

    @contextmanager
    def _or_warn(self, what: str) -> Iterator[None]:
        """Make an error of ours one line of the record: measuring never breaks training."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is
            self._warn(f"{what}: {type(error).__name__}: {error}")
