"""What the processes that one run starts count, from its begin to its end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ocarbon_magic.ranks import forks, station
from ocarbon_magic.ranks.folder import launched
from ocarbon_magic.ranks.leftovers import sweep_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.progress.launched import Launched
    from ocarbon_magic.progress.observer import WorkObserver
    from ocarbon_magic.ranks.report import Report
    from ocarbon_magic.ranks.station import Station


class RanksWork:
    """The work of the processes that one run starts.

    Parameters
    ----------
    observer : WorkObserver
        Counts the run's own work, and takes that of the others.
    warn : callable
        Takes a line for the reader of the record.
    """

    def __init__(self, observer: WorkObserver, warn: Callable[[str], None]) -> None:
        self._observer, self._warn = observer, warn
        self._run_id = ""
        self._station: Station | None = None
        self._before: dict[str, Report] = {}
        self._reports: dict[str, Report] = {}
        self._turn = threading.Lock()

    def begin(self, run_id: str, devices: str) -> None:
        """Let processes that are started from now on tell what they count."""
        forks.follow(self._observer)
        self._run_id = run_id
        try:
            self._station = station.join(run_id, devices)
        except OSError as error:  # a full disk, or none to write to
            self._warn(
                f"Processes that this cell starts are not counted: {error.strerror or error}. "
                "TMPDIR names another folder for what they tell."
            )
        if self._station is not None:
            self._before = self._station.read()
            self._observer.add_launched(self.read)

    def end(self) -> None:
        """Put the environment back; what was counted can still be read.

        Called again after an interrupt, it does what is left to do.
        """
        forks.leave(self._observer)
        with self._turn:
            heard, self._station = self._station, None
            if heard is not None:
                self._reports = heard.read()
        station.leave(self._run_id)

    def read(self) -> list[Launched]:
        """Return what each process counted since the run began; called in the sampling thread."""
        with self._turn:
            if self._station is not None:
                sweep_once(self._station.path.parent)
                self._reports = self._station.read()
            reports = self._reports
        since = ((name, self._since(name, report)) for name, report in reports.items())
        return launched((name, report) for name, report in since if report.done > 0)

    def _since(self, name: str, report: Report) -> Report:
        before = self._before.get(name)
        if before is None or before.kind != report.kind:
            return report
        done = report.done - before.done
        left = None if report.total is None else max(report.total - before.done, done)
        return report._replace(done=done, total=left, from_s=max(report.from_s, before.to_s))
