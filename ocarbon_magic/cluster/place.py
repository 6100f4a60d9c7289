"""Where a process is: on which host, and below which processes."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import NamedTuple

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MOST_ANCESTORS = 64


class Place(NamedTuple):
    """Where a process is.

    Attributes
    ----------
    host : str
        The same for all processes of a machine since it was booted, in whatever container; the
        machine's name where the system tells nothing better.
    namespace : str
        The same for processes that mean the same process by a number.
    pids : tuple of int
        The process and its ancestors, from itself up.
    """

    host: str
    namespace: str
    pids: tuple[int, ...]

    def is_below(self, other: Place) -> bool:
        """Return whether this process was started by ``other``, or by one that it started."""
        return self[:2] == other[:2] and other.pids[0] in self.pids


def own_place() -> Place:
    """Return where this process is."""
    try:
        host = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        host = platform.node()
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = platform.node()
    return Place(host, namespace, tuple(_lineage()))


def _lineage() -> list[int]:
    pids = [os.getpid(), os.getppid()]
    while pids[-1] > 1 and len(pids) < _MOST_ANCESTORS:
        parent = _parent_of(pids[-1])
        if parent is None:
            break
        pids.append(parent)
    return pids


def _parent_of(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _parent_by_psutil(pid)
    # The name, in brackets, may hold anything; the state and the parent follow it.
    return int(stat.rpartition(")")[2].split()[1])


def _parent_by_psutil(pid: int) -> int | None:
    import psutil  # noqa: PLC0415 - only where the system has no /proc

    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:
        return None
