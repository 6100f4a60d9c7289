"""The finished runs that can be looked at again: those of the journal, and of this process."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic import views as _shown  # noqa: F401 - runs then show themselves
from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.collection.shelf import Pile
from ocarbon_magic.collection.wanted import Wanted, wanted
from ocarbon_magic.config import resolve
from ocarbon_magic.shells import configuration, current_shell

if TYPE_CHECKING:
    from ocarbon_magic.collection.wanted import Moment
    from ocarbon_magic.journal.keeping import Keeping
    from ocarbon_magic.run import Run

MOST_KEPT = 500
"""Runs kept in memory, of 50 kB at most each."""


class Kept(NamedTuple):
    """A run of this process, and how the journal keeps it, if it does."""

    run: Run
    keeping: Keeping | None = None

    @property
    def is_written(self) -> bool:
        """Whether the run stands in a journal as it ended."""
        return self.keeping is not None and self.keeping.is_written

    @property
    def origin(self) -> Origin:
        """Who measured it, and from where."""
        return Origin() if self.keeping is None else self.keeping.origin


_finished: deque[Kept] = deque(maxlen=MOST_KEPT)


def keep(run: Run, keeping: Keeping | None = None) -> None:
    """Keep a run that has ended, in place of the oldest where there are too many."""
    _finished.appendleft(Kept(run, keeping))


def last_run() -> Run | None:
    """Return the last finished run of this process, or None."""
    return _finished[0].run if _finished else None


def own_runs() -> Runs:
    """Return the finished runs of this process, newest first; the last 500 are kept."""
    return Runs(kept.run for kept in _finished)


def runs(  # noqa: PLR0913 - a filter each
    *,
    name: str | None = None,
    day: Moment | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    notebook: str | None = None,
    project: str | None = None,
    zone: str | None = None,
    device: str | None = None,
    status: str | None = None,
    scope: str | None = None,
    metric: str | None = None,
    user: str | None = None,
) -> Runs:
    """Return the runs of the journal, newest first, that are as all of these say.

    A run that was measured in this process is that very object. Runs that are still going on
    are listed with ``status="running"`` alone. With the journal switched off, the last 500
    runs of this process are returned.

    Parameters
    ----------
    name : str, optional
        Only runs called so; ``*`` and ``?`` stand for anything, as in ``resnet*``.
    day : str or date, optional
        Only those started on that day, as ``2026-03-01``, ``today`` or ``yesterday``, or in
        that month, as ``2026-03``. Days are those of UTC, as in the list.
    since, until : str, date or datetime, optional
        Only those started then or later, and by the end of that day or month.
    notebook : str, optional
        Path of the notebook or the script, or the file's name alone; may hold ``*`` and ``?``.
    project : str, optional
        What ``--project`` said, or the project's folder; may hold ``*`` and ``?``.
    zone : str, optional
        A code as in the list, as ``FRA``, or any name of the place; may hold ``*`` and ``?``.
    device : str, optional
        A part of a device's name, as ``H100``; with ``*`` and ``?``, the whole of it.
    status : str, optional
        ``finished``, ``failed``, ``interrupted``, ``lost`` (the process was killed) or
        ``running``.
    scope : str, optional
        Only runs whose carbon intensity is ``lifecycle``, or ``direct``, or ``by-hand``.
    metric : str, optional
        Only runs that were measured with this ``--metric``.
    user : str, optional
        Only those of a person, as the operating system calls them; may hold ``*`` and ``?``.

    Returns
    -------
    Runs
        An immutable sequence with a rich display; a slice of it is `Runs` again, its ``plot``
        draws them beside each other, and its ``totals`` adds them up. Records are read from
        the journal when they are looked at.

    Raises
    ------
    ValueError
        If a moment cannot be read, or there is no such status or scope.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> oc.runs(name="no such run")
    <0 runs>
    """
    return those(
        wanted(
            name=name,
            day=day,
            since=since,
            until=until,
            notebook=notebook,
            project=project,
            zone=zone if zone is None else _code_of(zone),
            device=device,
            status=status,
            scope=scope,
            metric=metric,
            user=user,
        )
    )


def those(which: Wanted) -> Runs:
    """Return the runs that are wanted."""
    if not journal_is_on():
        pile = Pile([kept.run for kept in _finished], [kept.origin for kept in _finished])
        return Runs.on(pile, range(len(pile))).wanted(which)
    try:
        from ocarbon_magic.journal.reading import read  # noqa: PLC0415 - imports sqlite3
    except ImportError:  # a Python that was built without SQLite
        return own_runs().wanted(which)
    own = {kept.run.id: kept.run for kept in _finished}
    left = [(kept.run, kept.origin) for kept in _finished if not kept.is_written]
    return read(own, left, which)


def journal_is_on() -> bool:
    """Return whether runs are kept in the journal here, if nothing else is said."""
    settings, _ = resolve({}, configuration(current_shell()), os.environ)
    return not settings.no_journal


def _code_of(zone: str) -> str:
    """Return the code of a place that is called so; what is none may be a pattern."""
    from ocarbon_magic.carbon.zones import UnknownZoneError, resolve  # noqa: PLC0415 - as above

    try:
        return resolve(zone).code
    except UnknownZoneError:
        return zone
