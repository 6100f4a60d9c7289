"""The folder in which processes tell their work, as the measuring process reads it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ocarbon_magic.progress.launched import Launched
from ocarbon_magic.ranks.rank import ProcessRank
from ocarbon_magic.ranks.report import SUFFIX, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ocarbon_magic.ranks.report import Report

MOST_FILES = 4096
"""So many processes are read; what more of them count is not known."""

SETTLED_NS = 2_000_000_000
"""A change that follows another sooner may bear the same time, on the coarsest file systems."""

_Stamp = tuple[int, int, int]


class Folder:
    """The reports of one folder, each read again only when it has changed.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps: dict[str, _Stamp] = {}
        self._reports: dict[str, Report] = {}
        self._changed_ns: int | None = None

    def read(self) -> dict[str, Report]:
        """Return what each process told last, by the name of its file, the first to tell first."""
        with suppress(OSError):
            # Each report is moved into place, which changes the folder: one look for all files.
            changed_ns = self._path.stat().st_mtime_ns
            if changed_ns != self._changed_ns:
                self._read_changed()
                settled = time.time_ns() - changed_ns > SETTLED_NS
                self._changed_ns = changed_ns if settled else None
        return self._reports

    def _read_changed(self) -> None:
        with os.scandir(self._path) as entries:
            changed = [(stamp, entry) for entry in entries if (stamp := self._news(entry))]
            for stamp, entry in sorted(changed, key=lambda one: one[0]):
                self._stamps[entry.name] = stamp
                report = read(entry.path)
                if report is not None:
                    self._reports[entry.name] = report

    def _news(self, entry: os.DirEntry[str]) -> _Stamp | None:
        """Return the time and the identity of a file that has not been read as it is."""
        if not entry.name.endswith(SUFFIX):
            return None
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            return None
        known = self._stamps.get(entry.name)
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        is_one_too_many = known is None and len(self._stamps) >= MOST_FILES
        return None if stamp == known or is_one_too_many else stamp


def launched(reports: Iterable[tuple[str, Report]]) -> list[Launched]:
    """Return the work of those processes that lead: of one launch, the lowest rank that told.

    Parameters
    ----------
    reports : iterable of (str, Report)
        The name of each process, and what it told.
    """
    told = list(reports)
    first = {report.launch for _, report in told if report.rank == 0}
    return [
        _launched(name, report)
        for name, report in told
        if not report.rank or report.launch not in first
    ]


def _launched(name: str, report: Report) -> Launched:
    return Launched(
        key=("process", name),
        done=report.done,
        total=report.total,
        unit=report.unit,
        source=report.source,
        what=report.what,
        where=ProcessRank(report.rank, report.world).name,
        from_s=report.from_s,
        to_s=report.to_s,
        goes_on=not report.ended and _lives(report.pid),
        any_unit=report.any_unit,
    )


def _lives(pid: int) -> bool:
    """Return whether a process is there; where that cannot be asked for nothing, it is."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
