"""Tells the measuring process, from a process that it started, how far the work is."""

from __future__ import annotations

import atexit
import math
import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ocarbon_magic.progress import tqdm
from ocarbon_magic.progress.base import OPTIMIZER
from ocarbon_magic.ranks.rank import ProcessRank, process_rank
from ocarbon_magic.ranks.report import SUFFIX, Report, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ocarbon_magic.progress.choice import Count
    from ocarbon_magic.progress.observer import WorkObserver

EVERY_S = 0.5
"""How often it is told; what is counted later is told at the end of the process."""

FIRST_S = 0.01
"""How often at first, then half as often each time: a script may be short."""

_NAME = "ocarbon-count"

_PARTS = frozenset({tqdm.SOURCE, "scikit-learn"})
"""Who counts, in a worker process, the parts of what its parent waits for."""


class Teller:
    """Tells what an observer counts, once it counts something, and at the end of the process.

    PyTorch's optimizers tell between two of their steps: another thread would be in the way of
    those of PyTorch, which deadlocks at the end of a training with gloo if one of them waits for
    the interpreter then. What else counts is looked at by a thread, until an optimizer steps.

    Parameters
    ----------
    observer : WorkObserver
    folders : sequence of Path
        Where it is told.
    is_worker : bool
        Whether this process was made by another to do a part of its work. What bars and
        scikit-learn count in it is a part of that; it tells none of it, unless it has a rank.
    """

    def __init__(self, observer: WorkObserver, folders: Sequence[Path], *, is_worker: bool) -> None:
        self._observer, self._is_worker = observer, is_worker
        self._pid = os.getpid()
        name = f"{self._pid}-{os.urandom(4).hex()}{SUFFIX}"
        self._files = [folder / name for folder in folders]
        self._rank = ProcessRank()
        self._told: Report | None = None
        self._since_s = time.monotonic()
        self._turn = threading.Lock()
        self._is_awake = self._is_stepping = False
        self._every_s = FIRST_S
        self._thread: threading.Thread | None = None

    def noticed(self, source: str) -> float:
        """Begin to tell, or go on, if ``source`` counts something to be told; see `Notice`."""
        if (source in _PARTS and self._is_worker) or not self._files:
            return math.inf
        with suppress(Exception):  # counting never breaks training
            if not self._is_awake:
                self._is_awake = True
                self._tell_at_end()
            if source == OPTIMIZER:
                self._is_stepping = True
                self._tell()
                return time.perf_counter() + self._pause_s()
            if self._thread is None and not self._is_stepping:
                self._thread = threading.Thread(target=self._work, name=_NAME, daemon=True)
                self._thread.start()
        return math.inf

    def _tell_at_end(self) -> None:
        atexit.register(self._tell, ended=True)
        # A child of multiprocessing ends without what is registered above.
        multiprocessing = sys.modules.get("multiprocessing.util")
        if multiprocessing is not None:
            multiprocessing.Finalize(None, self._tell, (True,), exitpriority=0)

    def _pause_s(self) -> float:
        self._every_s = min(2 * self._every_s, EVERY_S)
        return self._every_s

    def _work(self) -> None:
        while self._files and not self._is_stepping:
            self._tell()
            time.sleep(self._pause_s())

    def _tell(self, ended: bool = False) -> None:  # noqa: FBT001, FBT002 - as atexit calls it
        """Tell what is new; nobody listens any more where the folder is gone."""
        if os.getpid() != self._pid:
            return  # a fork, which inherited what is done at the end
        with suppress(Exception), self._turn:
            count = self._observer.read().count if self._leads() else None
            report = None if count is None else self._report(count, ended=ended)
            if report is None or report == self._told:
                return
            self._told = report
            for file in tuple(self._files):
                try:
                    write(report, file)
                except OSError:
                    if not file.parent.is_dir():
                        self._files.remove(file)

    def _leads(self) -> bool:
        here = process_rank(os.environ)
        if here.rank is not None:  # it is still that when the group has been left
            self._rank = here
        return self._rank.leads

    def _report(self, count: Count, *, ended: bool) -> Report | None:
        here, told = self._rank, self._told
        if count.done <= 0:
            return None
        if self._is_worker and here.rank is None and count.source in _PARTS:
            return None
        moved = told is None or count.done != told.done
        to_s = time.monotonic() if moved or told is None else told.to_s
        took_s = count.done / count.rate_per_s if count.rate_per_s else 0.0
        return Report(
            pid=self._pid,
            rank=here.rank,
            world=here.world,
            launch=here.launch,
            done=count.done,
            total=count.total,
            unit=count.unit,
            source=count.source,
            what=count.what,
            any_unit=count.any_unit,
            from_s=max(to_s - took_s, self._since_s) if moved or told is None else told.from_s,
            to_s=to_s,
            ended=ended,
        )
