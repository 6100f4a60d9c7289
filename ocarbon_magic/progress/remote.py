"""Work that other processes count: ranks of a launcher, engines of a cluster."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.progress.choice import Count
from ocarbon_magic.sums import whole_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence


class Part(NamedTuple):
    """What one process counted.

    Attributes
    ----------
    key : hashable
        The same for a process at every reading.
    done, total : float, float or None
        In ``unit``, the first never decreasing.
    unit, source, what : str
        As in `Count`.
    rate_per_s : float or None
        As the process itself found it; None where it does not say.
    """

    key: Hashable
    done: float
    total: float | None
    unit: str
    source: str
    what: str
    rate_per_s: float | None = None


class RemoteWork:
    """The work of other processes, as one count of each unit they count in.

    Parameters
    ----------
    read : callable
        Returns the parts as known now; called in the sampling thread.
    """

    def __init__(self, read: Callable[[], Sequence[Part]]) -> None:
        self._read = read
        self._first: dict[str, tuple[float, float]] = {}

    def counts(self, steps: dict[Hashable, float]) -> list[Count]:
        """Return a count for each unit, source and thing counted, that of most parts first.

        What each part has done is put into ``steps`` by its key.
        """
        now_s = time.perf_counter()
        groups: dict[tuple[str, str, str], list[Part]] = {}
        for part in self._read():
            steps[part.key] = part.done
            groups.setdefault((part.unit, part.source, part.what), []).append(part)
        ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
        return [self._count(unit, parts, now_s) for (unit, _, _), parts in ordered]

    def _count(self, unit: str, parts: list[Part], now_s: float) -> Count:
        done = sum(part.done for part in parts)
        rate_per_s = whole_sum(part.rate_per_s for part in parts)
        since_s, before = self._first.setdefault(unit, (now_s, done))
        if rate_per_s is None and now_s > since_s:
            rate_per_s = (done - before) / (now_s - since_s)
        return Count(
            keys=tuple(part.key for part in parts),
            done=done,
            total=whole_sum(part.total for part in parts),
            unit=unit,
            source=parts[0].source,
            rate_per_s=rate_per_s,
            what=parts[0].what,
        )
