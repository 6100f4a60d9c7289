"""Where processes tell what they count: one folder for all runs that this process measures."""

from __future__ import annotations

import json
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.ranks.environment import OFF, RANKS, STARTUP, Lent, folders
from ocarbon_magic.ranks.folder import Folder
from ocarbon_magic.ranks.leftovers import prefix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.ranks.report import Report

RUNS = "runs.json"
"""The runs that are measured now, outermost first, for runs measured in processes they start."""


class Station:
    """The folder, and the environment that names it.

    Attributes
    ----------
    pid : int
        The process that measures; a fork of it has nothing to do with all this.
    path : Path
        The folder.

    Raises
    ------
    OSError
        If no folder can be made.
    """

    def __init__(self) -> None:
        import tempfile  # noqa: PLC0415 - scripts may not have it loaded

        self.pid = os.getpid()
        self.path = Path(tempfile.mkdtemp(prefix=prefix()))  # nobody else may enter it
        self._folder = Folder(self.path)
        self._runs: dict[str, dict[str, str | None]] = {}
        self._turn = threading.Lock()
        self._lent = Lent(self.path, os.environ)

    def open(self) -> None:
        """Let processes that are started from now on find the folder."""
        self._lent.lend()

    def add(self, run_id: str, devices: str) -> None:
        """Let processes know of a run, and the devices it was asked to measure."""
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._runs[run_id] = {"id": run_id, "devices": devices, "visible": visible}
        self._publish()

    def remove(self, run_id: str) -> bool:
        """Let them know that a run has ended; return whether it was the last one."""
        self._runs.pop(run_id, None)
        if self._runs:
            self._publish()
        return not self._runs

    def read(self) -> dict[str, Report]:
        """Return what each process told last, by the name of its file."""
        with self._turn:
            return dict(self._folder.read())

    def close(self) -> None:
        """Put the environment back, and leave no folder, though others may just write into it."""
        self._lent.restore()
        gone = self.path.with_name(self.path.name + "-gone")
        with suppress(OSError):
            self.path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _publish(self) -> None:
        fresh = self.path / "runs.part"
        with suppress(OSError):
            fresh.write_text(json.dumps(list(self._runs.values())), encoding="utf-8")
            fresh.replace(self.path / RUNS)


_lock = threading.Lock()
_open: list[Station] = []


def join(run_id: str, devices: str) -> Station | None:
    """Return the station of this process for a run that begins; None if there shall be none.

    Raises
    ------
    OSError
        If no folder can be made.
    """
    with _lock:
        if os.environ.get(RANKS) == OFF or os.pathsep in STARTUP:
            return None
        _forget_if_forked()
        if not _open:
            _open.append(Station())
            _open[0].open()
        _open[0].add(run_id, devices)
        return _open[0]


def leave(run_id: str) -> None:
    """Let the station know that a run has ended; after the last one, it closes."""
    with _lock:
        _forget_if_forked()
        if _open and _open[0].remove(run_id):
            _open[0].close()
            _open.clear()


def folders_around(environ: Mapping[str, str]) -> list[Path]:
    """Return the folders of the processes around that measure, the nearest first."""
    with _lock:
        _forget_if_forked()
        own = [station.path for station in _open]
    return [folder for folder in folders(environ) if folder not in own]


def _forget_if_forked() -> None:
    """Leave the station to the process that made it."""
    _open[:] = [station for station in _open if station.pid == os.getpid()]
