"""Work counted by hand: `track` around an iterable, `update` for everything else."""

from __future__ import annotations

import itertools
import math
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import Precedence, Site, unnoticed
from ocarbon_magic.progress.passes import LoopPass, passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ocarbon_magic.progress.base import Notice
    from ocarbon_magic.progress.nest import Nest, Span

SOURCE = "oc.track"
BY_HAND = "oc.update"


class Tally:
    """A number that `update` adds to.

    Parameters
    ----------
    notice : Notice, optional
        Told of the first time.
    """

    def __init__(self, notice: Notice = unnoticed) -> None:
        self._notice = notice
        self.restart()

    def restart(self) -> None:
        """Begin at nothing, in a process that was forked from the one that counted, too."""
        self.done = 0.0
        self._adding = threading.Lock()
        self._first: tuple[float, float] | None = None
        self._last_s = 0.0

    def add(self, amount: float) -> None:
        """Add to the number, from any thread."""
        with self._adding:
            self.done += amount
            self._last_s = time.perf_counter()
            if self._first is None:
                self._first = (self._last_s, amount)
                self._notice(BY_HAND)

    def rate_per_s(self) -> float | None:
        """Return the mean rate since the first call, which closed a step begun before."""
        if self._first is None or self._last_s <= self._first[0]:
            return None
        return (self.done - self._first[1]) / (self._last_s - self._first[0])


_open: list[tuple[Nest, Tally]] = []
"""The runs that are being measured, outermost first."""

_sites: dict[tuple[object, int], Site] = {}


def listen(nest: Nest, tally: Tally) -> None:
    """Let `track` and `update` count for a run, too."""
    _open.append((nest, tally))


def forget(nest: Nest, tally: Tally) -> None:
    """Count for that run no longer."""
    if (nest, tally) in _open:
        _open.remove((nest, tally))
    if not _open:
        _sites.clear()


def update(n: float = 1) -> None:
    """Count work by hand.

    Parameters
    ----------
    n : float, optional
        How much was done since the last call, in whatever unit the run is to be told in
        (``%%carbon --unit token``); the total comes from ``--total``.

    Raises
    ------
    ValueError
        If ``n`` is negative or not finite.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> with oc.measure("tokens", zone="FRA", quiet=True, total=600, unit="token") as run:
    ...     for length in (100, 200, 300):
    ...         oc.update(length)
    >>> run.work.done, run.work.total
    (600.0, 600.0)
    """
    amount = float(n)
    if not (math.isfinite(amount) and amount >= 0):
        raise ValueError(f"update takes the work done since the last call, 0 or more, not {n!r}.")
    for _, tally in tuple(_open):
        tally.add(amount)


class Tracked:
    """An iterable whose items are counted while it is iterated; see `track`.

    Attributes
    ----------
    iterable : iterable
        What it was made of.
    """

    def __init__(
        self, iterable: Iterable[Any], total: float | None, unit: str, units_per_item: float
    ) -> None:
        self.iterable = iterable
        self._total, self._unit, self._per_item = total, unit, units_per_item

    def __len__(self) -> int:
        sized: Any = self.iterable  # a TypeError if it is not, as for any iterable without
        return len(sized)

    def __iter__(self) -> Iterator[Any]:
        if not _open:
            return iter(self.iterable)
        frame = sys._getframe(1)  # noqa: SLF001 - the loop that asks, by its place
        place = (frame.f_code, frame.f_lasti)
        site = _sites.setdefault(place, Site("oc.track", SOURCE, Precedence.HAND))
        items, one = self.begin(site)
        entered = [nest.enter(site, one) for nest, _ in tuple(_open)]
        return itertools.chain(items, _End(one, [node.span for node in entered if node]))

    def begin(self, site: Site) -> tuple[Iterable[Any], LoopPass]:
        """Return what to iterate over and its pass; ``site`` learns the unit."""
        site.precedence, site.source = Precedence.HAND, SOURCE
        site.unit, site.units_per_step = self._unit, self._per_item
        items, one = passed(self.iterable)
        one.planned = self._total
        return items, one


class _End:
    """Comes last in a loop and tells that it was gone through."""

    def __init__(self, one: LoopPass, spans: list[Span]) -> None:
        self._one, self._spans = one, spans

    def __iter__(self) -> _End:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 - it gives nothing
        now_s = time.perf_counter()
        self._one.end(complete=None)
        for span in self._spans:
            span.close(now_s)
        raise StopIteration


def track(
    iterable: Iterable[Any],
    total: float | None = None,
    unit: str = "step",
    units_per_item: float = 1,
) -> Tracked:
    """Count the items of ``iterable`` as work while it is iterated.

    Needed only where nothing else counts: in scripts, or in loops of imported modules. It
    costs a few nanoseconds an item, and nothing when no run is being measured.

    Parameters
    ----------
    iterable : iterable
    total : float, optional
        Items it will give, where it has no length.
    unit : str, optional
        What is counted.
    units_per_item : float, optional
        Units in one item, such as samples in a batch.

    Returns
    -------
    Tracked
        An iterable over the same items, with the same length.

    Raises
    ------
    TypeError
        If ``iterable`` cannot be iterated.
    ValueError
        If ``total`` or ``units_per_item`` is not above 0.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> with oc.measure("batches", zone="FRA", quiet=True) as run:
    ...     for batch in oc.track(range(8), unit="sample", units_per_item=32):
    ...         pass
    >>> run.work.done, run.work.total, run.work.unit
    (256.0, 256.0, 'sample')
    """
    if not (hasattr(type(iterable), "__iter__") or hasattr(type(iterable), "__getitem__")):
        raise TypeError(f"track takes something to iterate over, not {iterable!r}.")
    for name, value in (("total", total), ("units_per_item", units_per_item)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"track: {name} must be above 0, not {value!r}.")
    return Tracked(iterable, total, unit, units_per_item)
