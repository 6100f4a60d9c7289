"""CPU time of this process and all that it started."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class CpuTime(NamedTuple):
    """CPU seconds of a process, and of the children it waited for (theirs included)."""

    own_s: float
    waited_s: float


class ProcessTable(Protocol):
    """What the system tells of this process and its descendants."""

    def this(self) -> CpuTime:
        """Return the CPU time of this process."""

    def descendants(self) -> Iterable[int]:
        """Return the ids of the live descendants, parents first."""

    def cpu_time(self, pid: int) -> CpuTime | None:
        """Return the CPU time of a process, or None when it is gone."""


class ProcessTree:
    """The CPU time of this process and its descendants, as one number that never falls.

    A child's time is seen live, then moves to the parent that waits for it. The time of
    a child that nobody of the tree waited for is kept as it was last seen. Looking for
    descendants is dear, so it is done only when asked; in between, those known are read,
    and what a new child used arrives when its parent waits for it or at the next look. A
    child that lost its parent is still read, but what it starts from then on is not seen.
    """

    def __init__(self, table: ProcessTable) -> None:
        self._table = table
        self._this = table.this()
        self._known: dict[int, CpuTime] = {}
        self._kept_s = 0.0
        # Gone, and not yet seen to be waited for: the wait may show one reading later.
        self._pending_s = 0.0

    def cpu_s(self, *, look: bool = False) -> float:
        """Return CPU seconds of the whole tree; ``look`` for new descendants first."""
        waited_s, gone_s = self._read_known()
        settled_s = min(waited_s, self._pending_s)
        self._kept_s += self._pending_s - settled_s
        self._pending_s = max(gone_s - (waited_s - settled_s), 0.0)
        if look:
            self._find_new()
        live_s = sum(map(sum, self._known.values()))
        return sum(self._this) + live_s + self._kept_s + self._pending_s

    def _read_known(self) -> tuple[float, float]:
        """Read all; return the time of children waited for since, and of processes gone."""
        before, self._this = self._this, self._table.this()
        waited_s = self._this.waited_s - before.waited_s
        gone_s = 0.0
        for pid, last in list(self._known.items()):
            now = self._table.cpu_time(pid)
            if now is None or sum(now) < sum(last):  # less time: the id went to another process
                gone_s += sum(self._known.pop(pid))
            else:
                waited_s += now.waited_s - last.waited_s
                self._known[pid] = now
        return waited_s, gone_s

    def _find_new(self) -> None:
        for pid in self._table.descendants():
            if pid not in self._known and (now := self._table.cpu_time(pid)) is not None:
                self._known[pid] = now


class SystemProcesses:
    """The processes of this system, through psutil."""

    def __init__(self) -> None:
        import psutil  # noqa: PLC0415 - costs much where the kernel has not loaded it yet

        self._psutil = psutil
        self._this = psutil.Process()
        self._handles: dict[int, psutil.Process] = {}
        self._waited_s = _waited_reader()

    def this(self) -> CpuTime:
        """Return the CPU time of this process, finer than the clock ticks of the others."""
        return CpuTime(time.process_time(), self._waited_s())

    def descendants(self) -> list[int]:
        """Return the ids of the live descendants, parents first."""
        return [] if _childless() else self._found()

    def _found(self) -> list[int]:
        found = _descendants_by_thread(self._this.pid)
        if found is None:
            found = [child.pid for child in self._this.children(recursive=True)]
        return found

    def cpu_time(self, pid: int) -> CpuTime | None:
        """Return the CPU time of a process, or None when it is gone or not ours to see."""
        try:
            handle = self._handles.get(pid) or self._psutil.Process(pid)
            times = handle.cpu_times()
        except self._psutil.Error:
            self._handles.pop(pid, None)
            return None
        self._handles[pid] = handle
        waited_s = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
        return CpuTime(times.user + times.system, waited_s)


class LaunchedProcesses(SystemProcesses):
    """The processes of the launch that this one leads on its machine.

    Its parent started all of them; with it, they are one tree.
    """

    def __init__(self) -> None:
        super().__init__()
        self._this = self._psutil.Process(os.getppid())
        self._last = CpuTime(0.0, 0.0)

    def this(self) -> CpuTime:
        """Return the CPU time of the launcher, as it was last seen."""
        self._last = self.cpu_time(self._this.pid) or self._last
        return self._last

    def descendants(self) -> list[int]:
        """Return the ids of the live descendants of the launcher, parents first."""
        return self._found()


def processes_of_run() -> ProcessTable:
    """Return the processes whose CPU time is that of a run in this one.

    The process of local rank 0 measures for all that its launcher started on this machine, as
    torchrun's names say.
    """
    local = os.environ.get("LOCAL_RANK"), os.environ.get("LOCAL_WORLD_SIZE", "1")
    is_first_of_several = local[0] == "0" and local[1].isdecimal() and int(local[1]) > 1
    if is_first_of_several and os.getppid() > 0:  # a container may show no parent
        return LaunchedProcesses()
    return SystemProcesses()


def _waited_reader() -> Callable[[], float]:
    """Return what tells the CPU seconds of the children this process waited for."""
    try:
        from resource import RUSAGE_CHILDREN, getrusage  # noqa: PLC0415 - not on Windows
    except ImportError:
        return lambda: 0.0

    def waited_s() -> float:
        usage = getrusage(RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    return waited_s


def _childless() -> bool:
    """Tell whether this process surely has no child: one call, where a look is hundreds."""
    if not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def _descendants_by_thread(pid: int) -> list[int] | None:
    """Return the descendants as Linux lists them by thread; None without such lists.

    It costs 10 us a thread of the tree, where psutil takes 10 us a process of the machine.
    """
    if not Path(f"/proc/{pid}/task/{pid}/children").exists():
        return None
    found = [pid]
    for parent in found:
        with suppress(OSError), os.scandir(f"/proc/{parent}/task") as threads:
            for thread in threads:
                found += _children(thread.path)
    return found[1:]


def _children(thread: str) -> list[int]:
    """Return the children of one thread; none if it has ended."""
    try:
        with open(f"{thread}/children", "rb") as children:  # noqa: PTH123 - at half the cost
            return [int(child) for child in children.read().split()]
    except OSError:
        return []
