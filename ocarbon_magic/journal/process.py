"""Which process writes a run, and whether it is still there."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from ocarbon_magic.journal.folder import host

GONE_AFTER_S = 120.0
"""Silence of a process that cannot be looked at, after which its run is lost."""

_SEPARATOR = "/"
_STATE, _STARTED = 0, 19
"""Fields of ``/proc/PID/stat`` behind the name: what it does, and when it began in ticks."""


def this_process() -> str:
    """Return a name of this process that no other has or will have."""
    pid = os.getpid()
    return _SEPARATOR.join((_machine(), str(pid), _mark(pid) or ""))


def is_gone(process: str | None, heartbeat_s: float | None) -> bool:
    """Return whether the process that writes a run has ended.

    A process of this machine is looked up. Of one elsewhere, in another container or from
    before a restart, only its last sign of life is known.

    Parameters
    ----------
    process : str or None
        As `this_process` named it.
    heartbeat_s : float or None
        When it last wrote, in seconds of its clock.
    """
    machine, pid, mark = (*(process or "").rsplit(_SEPARATOR, 2), "", "")[:3]
    if machine == _machine() and pid.isdigit():
        return _mark(int(pid)) != mark
    return heartbeat_s is None or time.time() - heartbeat_s > GONE_AFTER_S


@cache
def _machine() -> str:
    """Return what processes share that see each other: the machine, since its last start."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return host()


def _mark(pid: int) -> str | None:
    """Return what tells a process from another one with its number; None where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _started(pid)
    except OSError:
        return _started(pid)
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in "ZX" else fields[_STARTED]


def _started(pid: int) -> str | None:
    """Return when a process began, where there is no ``/proc``."""
    import psutil  # noqa: PLC0415 - when first needed

    try:
        return f"{psutil.Process(pid).create_time():.0f}"
    except psutil.Error:
        return None
