"""Folders that measuring processes left behind, because they were killed."""

from __future__ import annotations

import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path

from ocarbon_magic.conversions import S_PER_DAY

PREFIX = "ocarbon-ranks-"

KEPT_S = S_PER_DAY
"""A folder in which nothing was written for so long is of no run that goes on: a process that
is not seen here may be of another container."""


def prefix() -> str:
    """Return how a folder of this process is called at its beginning."""
    return f"{PREFIX}{os.getpid()}-"


_swept: set[Path] = set()


def sweep_once(place: Path) -> None:
    """Sweep a place, the first time that this process asks for it."""
    if place not in _swept:
        _swept.add(place)
        sweep(place)


def sweep(place: Path) -> None:
    """Remove what killed processes of this user left in ``place`` a day ago or earlier."""
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_forsaken(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def _is_forsaken(entry: os.DirEntry[str]) -> bool:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    pid = entry.name.removeprefix(PREFIX).partition("-")[0]
    return (
        stat.S_ISDIR(found.st_mode)
        and (not hasattr(os, "getuid") or found.st_uid == os.getuid())
        and time.time() - found.st_mtime > KEPT_S
        and not (pid.isdecimal() and Path(f"/proc/{pid}").exists())
    )
