"""Watches the work of one run: opens every way of counting, and says which one counts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.progress.base import OPTIMIZER, Precedence, unnoticed
from ocarbon_magic.progress.choice import Count, best, counts_of
from ocarbon_magic.progress.frameworks.hooks import Frameworks
from ocarbon_magic.progress.launched import LaunchedWork, Standing
from ocarbon_magic.progress.nest import Nest
from ocarbon_magic.progress.remote import RemoteWork
from ocarbon_magic.progress.tqdm import Bars
from ocarbon_magic.progress.tracker import BY_HAND, Tally, forget, listen
from ocarbon_magic.progress.units import in_unit, plural

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from ocarbon_magic.progress.base import Notice
    from ocarbon_magic.progress.launched import Launched
    from ocarbon_magic.progress.loops.cells import CellLoops
    from ocarbon_magic.progress.remote import Part

TASKS = "tasks"
"""The unit of ipyparallel's own bar: where the engines tell their work, it is the same again."""

_NONE_LAUNCHED: dict[Standing, list[Count]] = {standing: [] for standing in Standing}

MOST_OVER = 1.01
"""How much more than planned may be done, as by the last batch, before the plan was wrong."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What was counted, now.

    Attributes
    ----------
    steps : mapping
        The steps of every counter so far, by its key.
    count : Count or None
        The count that is the work of the run; None if nothing counts.
    """

    steps: dict[Hashable, float]
    count: Count | None


class WorkObserver:
    """Counts the work of one run, from `start` to `stop`.

    Parameters
    ----------
    total, unit
        What the user planned, and what the user calls a unit of work, where that was said.
    count_flop : bool
        Whether to count the FLOP of a sampled PyTorch step.
    notice : Notice, optional
        Told of all that begins to count, but bars and the cell's loops.
    """

    def __init__(
        self,
        total: float | None,
        unit: str | None,
        *,
        count_flop: bool = True,
        notice: Notice = unnoticed,
    ) -> None:
        self._total, self._unit = total, unit
        self._nest, self._tally = Nest(notice), Tally(notice)
        self._bars = Bars(self._nest.counts)
        self._frameworks = Frameworks(self._nest, count_flop=count_flop, notice=notice)
        self._loops: list[CellLoops] = []
        self._remote: list[RemoteWork] = []
        self._launched: LaunchedWork | None = None
        self._counts_loops = True

    def add_remote(self, read: Callable[[], Sequence[Part]]) -> None:
        """Let what other processes count be work of the run, as ``read`` tells it."""
        self._remote.append(RemoteWork(read))

    def add_launched(self, read: Callable[[], Sequence[Launched]]) -> None:
        """Let what processes count that the run's code starts be work, as ``read`` tells it."""
        self._launched = LaunchedWork(read, self._nest)

    def restart(self) -> None:
        """Count from nothing, in a process that was forked from the one that counted.

        That one tells what was counted before, and what the user planned; the loops of its
        cell are not those of this process.
        """
        self._total = self._unit = self._launched = None
        self._remote.clear()
        self._counts_loops = False
        self._nest.restart()
        self._tally.restart()
        self._frameworks.restart()
        self._bars = Bars(self._nest.counts)

    def start(self) -> None:
        """Begin to count."""
        listen(self._nest, self._tally)
        self._frameworks.start()

    def count_loops(self, tree: ast.Module, namespace: Mapping[str, Any], flags: int) -> None:
        """Let the loops of a cell count, by changing its ``tree`` in place."""
        from ocarbon_magic.progress.loops.cells import CellLoops  # noqa: PLC0415 - scripts need none

        loops = CellLoops(self._nest, namespace, flags)
        self._loops.append(loops)
        loops.count(tree)

    def stop(self) -> None:
        """Count no more, and leave everything as it was; what was counted can still be read.

        Called again after an interrupt, it does what is left to do.
        """
        for loops in self._loops:
            loops.close()
        forget(self._nest, self._tally)
        self._frameworks.stop()
        self._nest.close()

    def read(self) -> Progress:
        """Return what was counted so far; to be called from one thread at a time."""
        self._frameworks.look()
        now_s = time.perf_counter()
        self._nest.look(now_s)
        nodes = self._nest.nodes()
        by_hand = self._by_hand()
        flat = [*self._optimizer(), *self._bars.read()]
        steps: dict[Hashable, float] = {node: node.done() for node in nodes}
        steps |= {count.keys[0]: count.done for count in (*by_hand, *flat)}
        remote = [count for work in self._remote for count in work.counts(steps)]
        if remote:
            flat = [count for count in flat if count.unit != TASKS]
        by_precedence = {one: counts_of(nodes, one, self._unit, now_s) for one in Precedence}
        launched = self._read_launched(steps)
        ordered = [
            *by_hand,
            *by_precedence[Precedence.HAND],
            *launched[Standing.HAND],
            *remote,
            *by_precedence[Precedence.FRAMEWORK],
            *launched[Standing.FRAMEWORK],
            *flat,
            *launched[Standing.OPTIMIZER],
            *launched[Standing.BAR],
            *(by_precedence[Precedence.LOOP] if self._counts_loops else ()),
        ]
        moved = [count for count in ordered if count.done > 0]
        begun = [count for count in ordered if count.total or self._total]
        return Progress(steps, self._as_planned(moved or begun))

    def flop_pace(
        self, count: Count, flop_per_unit: float | None
    ) -> tuple[float, str | None, int | None] | None:
        """Return FLOP per second, their precision, and the devices that share them.

        From what the user says a unit takes, else from a sampled step of PyTorch's
        optimizer; None where neither is known. Precision and devices are those of the
        sampled step, None where there is none.
        """
        sampled = self._frameworks.step_flop
        precision = None if sampled is None else sampled.precision
        device_count = None if sampled is None else sampled.device_count
        if not count.rate_per_s:
            return None
        if flop_per_unit is not None:
            return flop_per_unit * count.rate_per_s, precision, device_count
        steps = self._frameworks.optimizer_steps()
        if sampled is None or steps is None or count.done <= 0:
            return None
        # The optimizer's steps over the time in which the count, whose clock is exact, ran.
        steps_per_s = steps.done() * count.rate_per_s / count.done
        return sampled.flop * steps_per_s, precision, device_count

    def notes(self) -> list[str]:
        """Return what could not be counted, one line each."""
        return self._frameworks.notes()

    def hint(self, count: Count | None) -> str | None:
        """Return what to add so that progress, or its end, can be told; None if it can."""
        if count is None:
            return self._frameworks.hint() or (
                "Nothing in this cell tells its progress: put oc.track(...) around the loop, or "
                "call oc.update() after each step."
            )
        if self._unit is not None and count.unit != self._unit:
            return (
                f"{count.what} is counted in {plural(count.unit)}, and not in {self._unit}: call "
                f"oc.update(n) after each step, with the {self._unit} in it."
            )
        if self._total is not None and count.done > MOST_OVER * self._total:
            return (
                f"{count.what} went on past the total of {self._total:,.12g}: give --total the "
                f"{plural(count.unit)} of the whole training, for a projection."
            )
        if count.total is None:
            return (
                f"{count.what} does not say how long it will be: add --total N, the "
                f"{count.unit} it will end at, for a projection."
            )
        return None

    def _read_launched(self, steps: dict[Hashable, float]) -> Mapping[Standing, list[Count]]:
        if self._launched is None:
            return _NONE_LAUNCHED
        return self._launched.counts(steps)

    def _as_planned(self, counts: list[Count]) -> Count | None:
        """Return the best count, in the user's unit and with the user's total.

        A total in a unit that nobody counts in is no total of what is counted.
        """
        fitting = counts
        if self._unit is not None:
            told = (in_unit(count, self._unit) for count in counts)
            fitting = [count for count in told if count is not None]
        if self._total is None or not fitting:
            return best(fitting or counts)
        return fitting[0]._replace(total=self._total)

    def _by_hand(self) -> list[Count]:
        tally = self._tally
        if tally.done <= 0:
            return []
        return [
            Count(
                keys=(BY_HAND,),
                done=tally.done,
                total=None,
                unit="step",
                source=BY_HAND,
                rate_per_s=tally.rate_per_s(),
                what=BY_HAND,
                any_unit=True,
            )
        ]

    def _optimizer(self) -> list[Count]:
        steps = self._frameworks.optimizer_steps()
        done = 0 if steps is None else steps.done()
        if steps is None or done <= 0:
            return []
        rate = steps.rate_per_s()
        return [Count((OPTIMIZER,), done, None, "step", OPTIMIZER, 1.0, rate, "The optimizer")]
