"""The finished runs that can be looked at again: those of this process."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ocarbon_magic import views as _shown  # noqa: F401 - runs then show themselves
from ocarbon_magic.collection import Runs

if TYPE_CHECKING:
    from ocarbon_magic.run import IntensityScope, Run

MOST_KEPT = 500
"""Runs kept in memory, of 50 kB at most each."""

_finished: deque[Run] = deque(maxlen=MOST_KEPT)


def keep(run: Run) -> None:
    """Keep a run that has ended, in place of the oldest where there are too many."""
    _finished.appendleft(run)


def last_run() -> Run | None:
    """Return the last finished run of this process, or None."""
    return _finished[0] if _finished else None


def runs(
    *, name: str | None = None, scope: IntensityScope | None = None, metric: str | None = None
) -> Runs:
    """Return the finished runs of this process, newest first; the last 500 are kept.

    Parameters
    ----------
    name : str, optional
        Only runs called so; ``*`` and ``?`` stand for anything, as in ``resnet*``.
    scope : str, optional
        Only runs whose carbon intensity is ``lifecycle``, or ``direct``.
    metric : str, optional
        Only runs that were measured with this ``--metric``.

    Returns
    -------
    Runs
        An immutable sequence with a rich display; a slice of it is `Runs` again, and its
        ``plot`` draws them beside each other.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> oc.runs(name="no such run")
    <0 runs>
    """
    return Runs(_finished).only(name=name, scope=scope, metric=metric)
