"""Bars that other code shows: tqdm's, of every flavour, read from outside."""

from __future__ import annotations

import re
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.choice import Count

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "tqdm"

_BYTES = "B"
_UNITS = {"it": "step", "": "step"}
_DIGITS = re.compile(r"\d+")


class Bars:
    """Counts with the bars that are shown during a run.

    Nothing is patched: tqdm keeps its bars in a weak set. A bar's own attributes outlive it
    here until the next look, so that its last number is not missed.

    Parameters
    ----------
    is_counted : callable
        Told a bar and the time at which it was made (`time.time`), says whether its steps are
        a part of what is counted elsewhere.
    """

    def __init__(self, is_counted: Callable[[Any, float], bool]) -> None:
        self._is_counted = is_counted
        self._bars: dict[int, _Bar] = {}
        self._ended: list[_Bar] = []
        self._done: dict[_Kind, float] = {}
        for bar in _instances():
            self._bars[id(bar)] = _Bar(bar, counted=False)

    def read(self) -> list[Count]:
        """Return what the bars say now, those that were shown longest first."""
        self._look()
        kinds: dict[_Kind, list[_Bar]] = {}
        for bar in [*self._ended, *self._bars.values()]:
            if not bar.counted and bar.made() > 0:
                kinds.setdefault(bar.kind, []).append(bar)
        longest = sorted(kinds.values(), key=lambda bars: -sum(bar.seconds() for bar in bars))
        return [self._count(bars) for bars in longest]

    def _look(self) -> None:
        for key, bar in list(self._bars.items()):
            live = bar.live()
            if live is not None and not bar.counted:
                bar.counted = self._is_counted(live, bar.since_s)
            bar.look()
            if bar.is_over():
                self._ended.append(self._bars.pop(key))
        for bar in _instances():
            if id(bar) not in self._bars and getattr(bar, "unit", _BYTES) != _BYTES:
                made_s = getattr(bar, "start_t", 0.0)
                self._bars[id(bar)] = _Bar(bar, counted=self._is_counted(bar, made_s), whole=True)
        del self._ended[:-_KEPT]

    def _count(self, bars: list[_Bar]) -> Count:
        """Return the count of one bar, or of bars of one kind that came one after another."""
        kind = bars[-1].kind
        done = sum(bar.made() for bar in bars) + self._inside(bars[-1])
        before = self._done.get(kind, 0.0)
        self._done[kind] = done = max(done, before)
        total = bars[0].total() if len(bars) == 1 else None  # how many will follow, nobody knows
        if total is not None and done > total:
            total = None
        seconds = sum(bar.seconds() for bar in bars)
        return Count(
            keys=(kind,),
            done=done,
            total=total,
            unit=_UNITS.get(kind[1], kind[1]),
            source=SOURCE,
            rate_per_s=done / seconds if seconds > 0 else None,
            what=f"The bar {kind[0].strip(' :')!r}" if kind[0] else "A bar",
        )

    def _inside(self, outer: _Bar) -> float:
        """Return how much of its present step the bars made during it have done."""
        inner = [
            bar for bar in self._bars.values()
            if bar.since_s > outer.since_s and not bar.is_over() and bar.total()
        ]  # fmt: skip
        if outer.is_over() or not inner:
            return 0.0
        eldest = min(inner, key=lambda bar: bar.since_s)
        return min(eldest.made() / (eldest.total() or 1.0), 1.0)


_Kind = tuple[str, str]
_KEPT = 1000


class _Bar:
    """One bar, as far as it moved during the run.

    Parameters
    ----------
    bar : tqdm
    counted : bool
        Whether its steps are a part of what is counted elsewhere.
    whole : bool
        Whether it was made during the run.
    """

    def __init__(self, bar: Any, *, counted: bool, whole: bool = False) -> None:  # noqa: ANN401 - a tqdm
        self.counted = counted
        self.kind: _Kind = (_DIGITS.sub("", str(bar.desc or "")), str(getattr(bar, "unit", "it")))
        self.since_s = float(getattr(bar, "start_t", 0.0))
        self._bar = weakref.ref(bar)
        self._state: dict[str, Any] = vars(bar)
        self._first = self._seen = 0.0 if whole else float(bar.n)
        self._before_reset = 0.0
        self._was_reset = False
        self._over_s: float | None = None
        self._total: float | None = None
        self.look()

    def live(self) -> Any:  # noqa: ANN401 - a tqdm, or None
        """Return the bar itself, None if it is gone."""
        return self._bar()

    def look(self) -> None:
        """Take its numbers; the last ones stand when it is closed or gone."""
        if self.is_over():
            return
        n, total = float(self._state.get("n", 0.0)), self._state.get("total")
        if n < self._seen:
            self._before_reset += self._seen - self._first
            self._first, self._was_reset = 0.0, True
        self._seen = n
        self._total = None if total is None else float(total) - self._first
        if self._bar() is None or self._state.get("disable"):
            self._over_s = time.time()
            self._state = {}

    def is_over(self) -> bool:
        """Return whether the bar is closed or gone."""
        return self._over_s is not None

    def made(self) -> float:
        """Return how far it moved during the run."""
        return self._before_reset + self._seen - self._first

    def total(self) -> float | None:
        """Return how far it has to move in all; None if it does not say, or begins again."""
        return None if self._was_reset else self._total

    def seconds(self) -> float:
        """Return how long it has been shown."""
        return (self._over_s or time.time()) - self.since_s


def _instances() -> list[Any]:
    """Return the bars that are shown now; none while the set changes under our eyes."""
    base = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    for _ in range(3):
        try:
            return [bar for bar in getattr(base, "_instances", ()) if hasattr(bar, "n")]
        except RuntimeError:  # another thread made or closed a bar meanwhile
            continue
    return []
