"""How much memory this process has used at most."""

from __future__ import annotations

from pathlib import Path


def peak_mib() -> float:
    """Return the peak of resident memory since this program began.

    That of `resource.getrusage` goes further back: it holds what the process that started this
    one used.
    """
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM.")
