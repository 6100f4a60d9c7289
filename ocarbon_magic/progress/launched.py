"""Work counted by processes that the run's code starts: scripts, launchers, their first ranks.

What one of them counts takes its place in the loops of the cell as a loop would: a script that is
started in each of five iterations has five times its steps to make.
"""

from __future__ import annotations

import time
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.progress import tqdm
from ocarbon_magic.progress.base import OPTIMIZER, Precedence, Site
from ocarbon_magic.progress.choice import Count
from ocarbon_magic.progress.nest import Node
from ocarbon_magic.progress.plan import total_of
from ocarbon_magic.progress.tracker import BY_HAND, SOURCE
from ocarbon_magic.sums import whole_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from ocarbon_magic.progress.nest import Nest


class Standing(IntEnum):
    """Beside whose counts one from another process stands; the better first."""

    HAND = 0
    FRAMEWORK = 1
    OPTIMIZER = 2
    BAR = 3


_STANDING = {
    BY_HAND: Standing.HAND,
    SOURCE: Standing.HAND,
    OPTIMIZER: Standing.OPTIMIZER,
    tqdm.SOURCE: Standing.BAR,
}


class Launched(NamedTuple):
    """What one process counted: one without a rank, or the one that leads its launch.

    Attributes
    ----------
    key : hashable
        The same for a process at every reading.
    done, total : float, float or None
        In ``unit``, the first never decreasing.
    unit, source, what : str
        As in `Count`.
    where : str
        Which process it is: ``rank 0 of 2``, ``another process``.
    from_s, to_s : float
        From when to when it counted, by `time.monotonic` of this machine.
    goes_on : bool
        Whether the process may go on counting.
    any_unit : bool
        Whether it is in whatever unit the user says.
    """

    key: Hashable
    done: float
    total: float | None
    unit: str
    source: str
    what: str
    where: str
    from_s: float
    to_s: float
    goes_on: bool
    any_unit: bool = False


class LaunchedPass:
    """The work of one process, as a pass: it is open while the process goes on.

    Attributes
    ----------
    said : Launched
        The last it told.
    """

    def __init__(self, said: Launched) -> None:
        self.said = said

    def done(self) -> float:
        """Return what it has done."""
        return self.said.done

    def total(self) -> float | None:
        """Return what it will have done, None if it does not say."""
        return self.said.total

    def is_open(self) -> bool:
        """Return whether the process goes on."""
        return self.said.goes_on


class LaunchedWork:
    """The work of the processes that the run's code started.

    Parameters
    ----------
    read : callable
        Returns what each told; called in the sampling thread.
    nest : Nest
        The run's own loops, which may start them.
    """

    def __init__(self, read: Callable[[], Sequence[Launched]], nest: Nest) -> None:
        self._read, self._nest = read, nest
        self._lines: dict[tuple[str, str, str], _Line] = {}
        self._line_of: dict[Hashable, _Line] = {}

    def counts(self, steps: dict[Hashable, float]) -> dict[Standing, list[Count]]:
        """Return a count for each thing counted, by standing; the latest begun first.

        What each process has done is put into ``steps`` by its key.
        """
        for said in self._read():
            steps[said.key] = said.done
            self._take(said)
        counts: dict[Standing, list[Count]] = {standing: [] for standing in Standing}
        for line in reversed(self._lines.values()):
            standing = _STANDING.get(line.site.source, Standing.FRAMEWORK)
            if line.is_told():
                counts[standing].append(line.count())
        return counts

    def _take(self, said: Launched) -> None:
        line = self._lines.setdefault((said.unit, said.source, said.what), _Line(said))
        former = self._line_of.setdefault(said.key, line)
        if former is not line:  # it found a better count of its work than it told before
            former.drop(said.key)
            self._line_of[said.key] = line
        line.take(said, self._nest)


class _Line:
    """Processes that count the same thing, one after another or several at a time."""

    def __init__(self, said: Launched) -> None:
        self.site = Site(said.what, said.source, Precedence.FRAMEWORK, said.unit)
        self._passes: dict[Hashable, LaunchedPass] = {}
        self._nodes: dict[Node | None, Node] = {}
        self._abreast = False

    def take(self, said: Launched, nest: Nest) -> None:
        """Take what a process told."""
        known = self._passes.get(said.key)
        if known is not None:
            known.said = said
            return
        self._abreast |= any(one.is_open() for one in self._passes.values())
        one = self._passes[said.key] = LaunchedPass(said)
        now_s, outer = time.perf_counter(), nest.innermost()
        node = self._nodes.get(outer)
        if node is None:
            self._nodes[outer] = Node(self.site, outer, one, now_s)
        else:
            node.begin(one, now_s)

    def drop(self, key: Hashable) -> None:
        """Forget what a process told: it counts something else now."""
        one = self._passes.pop(key)
        one.said = one.said._replace(done=0.0, total=0.0, goes_on=False)

    def is_told(self) -> bool:
        """Return whether any process counts this."""
        return bool(self._passes)

    def count(self) -> Count:
        """Return what all of them have done."""
        said = [one.said for one in self._passes.values()]
        last = said[-1]
        done = sum(one.done for one in said)
        seconds = _covered_s((one.from_s, one.to_s) for one in said)
        return Count(
            keys=tuple(self._passes),
            done=done,
            total=self._total(),
            unit=last.unit,
            source=f"{last.source} in {last.where}",
            rate_per_s=done / seconds if seconds > 0 else None,
            what=last.what,
            any_unit=last.any_unit,
        )

    def _total(self) -> float | None:
        is_within_loop = any(outer and outer.span.is_open() for outer in self._nodes)
        if not self._abreast:
            total = whole_sum(total_of(node) for node in self._nodes.values())
            if total is not None or is_within_loop:
                return total
        *former, last = (one.said for one in self._passes.values())
        ended = [one.total if one.goes_on else one.done for one in former]
        return whole_sum([*ended, last.total])


def _covered_s(spans: Iterable[tuple[float, float]]) -> float:
    """Return the seconds that lie in one of the spans, or in several at a time."""
    covered = end = 0.0
    for from_s, to_s in sorted(spans):
        covered += max(to_s - max(from_s, end), 0.0)
        end = max(end, to_s)
    return covered
