"""How many CPUs this process may use: the machine's, less what its control group takes away."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The path of each controller's group (cgroup v2 names none), and how groups are mounted.
_GROUP = re.compile(r"^\d+:([^:]*):(.*)$", re.MULTILINE)
_MOUNT = re.compile(r"^\S+ \S+ \S+ (\S+) (\S+) .* - cgroup(2?) \S+ (\S+)$", re.MULTILINE)


def usable_cpus(proc: Path = Path("/proc"), *, visible: int | None = None) -> float:
    """Return how many CPUs' worth of time this process and its children can get.

    Quotas and cpusets count, of cgroup v1 and v2, at every level up to the mount. The
    affinity of a thread does not: OpenMP pins the thread that loads it to one CPU and
    computes on all.

    Parameters
    ----------
    proc : Path
        Where procfs is; without one (macOS, Windows) nothing limits.
    visible : int, optional
        The machine's logical CPUs; by default as the system counts them.
    """
    limits = [float(visible or os.cpu_count() or 1)]
    for group in _groups(proc):
        limits.append(_quota(group))
        limits.append(_cpuset(group))
    return min(limits)


def _groups(proc: Path) -> Iterator[Path]:
    """Yield the folders of this process's control groups, from its own up to the mounts."""
    paths = {
        controller: path
        for controllers, path in _GROUP.findall(_text(proc / "self/cgroup"))
        for controller in controllers.split(",")
    }
    for root, point, version, options in _MOUNT.findall(_text(proc / "self/mountinfo")):
        shown = [""] if version else [c for c in ("cpu", "cpuset") if c in options.split(",")]
        for controller in shown:
            if controller in paths:
                yield from _levels(Path(_unescape(point)), _unescape(root), paths[controller])


def _levels(point: Path, root: str, path: str) -> Iterator[Path]:
    """Yield the group at ``path`` and those above it, in a mount that shows ``root`` down."""
    # A container without a group namespace is told a path that its mount does not show.
    below = path.removeprefix(root.rstrip("/")) if path.startswith(root) else ""
    group = point / below.strip("/")
    yield group
    while group != point:
        group = group.parent
        yield group


def _quota(group: Path) -> float:
    quota, _, period = _text(group / "cpu.max").strip().partition(" ")
    if not quota:
        quota = _text(group / "cpu.cfs_quota_us").strip()
        period = _text(group / "cpu.cfs_period_us").strip()
    if quota.isdigit() and period.isdigit() and int(quota) and int(period):
        return int(quota) / int(period)
    return math.inf


def _cpuset(group: Path) -> float:
    for name in ("cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"):
        spans = re.findall(r"(\d+)(?:-(\d+))?", _text(group / name))
        if spans:
            return float(sum(int(last or first) - int(first) + 1 for first, last in spans))
    return math.inf


def _unescape(field: str) -> str:
    r"""Return a mountinfo field with its octal escapes (``\040`` for a space) undone."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), field)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
