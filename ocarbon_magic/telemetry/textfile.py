"""Files for the textfile collector of Prometheus' node_exporter: one for each run.

They suit a machine with many kernels, for none of them needs a port. A file is written whole or
not at all, says how the run ended, and is taken away some minutes later or when the process
ends. What a process that was killed has left behind, the next run in that folder takes away.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.files import not_a_stranger, written
from ocarbon_magic.openmetrics import ours
from ocarbon_magic.telemetry.board import board
from ocarbon_magic.telemetry.text import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.telemetry.figures import Figures

EVERY_S = 5.0
"""How often a file is written: more often than any scraper comes by."""

LEFT_BEHIND_S = 900.0
"""A file that was not written for so long is of no run that goes on."""

READABLE = 0o644
"""By the exporter, too, which is another user's."""

SUFFIX = ".prom"


class RunFile:
    """The file of one run.

    Parameters
    ----------
    path : str
        A folder, or a file that ends with ``.prom``.
    figures : Figures
        Of the run as it begins.
    warn : callable
        Takes a line for the reader of the run's record.
    """

    def __init__(self, path: str, figures: Figures, warn: Callable[[str], None]) -> None:
        there = Path(path).expanduser()
        self._identity = figures.run.id
        self.path = there if there.suffix == SUFFIX else there / f"ocarbon_{self._identity}{SUFFIX}"
        self._is_named = there.suffix == SUFFIX
        self._warn = warn
        self._written: Figures | None = None
        self._is_gone = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Refuse to take a stranger's place, and take away what was left behind.

        Raises
        ------
        NotWrittenError
            If the file is not one of ours.
        """
        if self._is_named:
            not_a_stranger(self.path, ours, "a file of metrics of ours", "remove it")
        else:
            _take_away_old(self.path.parent)

    def write(self) -> bool:
        """Write the run as it is now; return whether it is told of any longer."""
        figures = board.of(self._identity)
        if figures is None:
            self.remove()
            return False
        with self._lock:
            if not self._is_gone and figures is not self._written:
                self._write(figures)
        return True

    def remove(self) -> None:
        """Take the file away for good."""
        with self._lock:
            self._is_gone = True
            if self._written is not None:
                with suppress(OSError):
                    self.path.unlink()

    def _write(self, figures: Figures) -> None:
        try:
            with written(self.path) as file:
                file.write(text_of([figures], classic=True).encode())
            if self._written is None:
                self.path.chmod(READABLE)
            self._written = figures
        except OSError as error:
            self._warn(trouble(error, self.path))


def trouble(error: OSError, file: Path) -> str:
    """Return what is wrong with ``file``, without its folder: a record says no path."""
    said = str(error)
    for folder in (os.path.realpath(file.parent), str(file.parent)):
        said = said.replace(folder + os.sep, "").replace(folder, "that was named")
    return f"--metrics-file: {said}"


class Files:
    """Writes the files of the runs of this process, in a thread of its own."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._files: list[RunFile] = []
        self._works = False
        self._hurry = False

    def begin(self, file: RunFile) -> None:
        """Write a run's file from now on."""
        with self._turn:
            self._files.append(file)
            if not self._works:
                self._works = True
                threading.Thread(
                    target=self._work, name="ocarbon-metrics-files", daemon=True
                ).start()
        self.hurry()

    def hurry(self) -> None:
        """Write at once what there is."""
        with self._turn:
            self._hurry = True
            self._turn.notify()

    def remove(self) -> None:
        """Take all files away, for the process ends."""
        with self._turn:
            files, self._files = self._files, []
        for file in files:
            file.remove()

    def forget(self) -> None:
        """Leave all files to the process that this is a fork of."""
        self.__dict__.update(Files().__dict__)

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._hurry, EVERY_S)
                self._hurry = False
                files = [*self._files]
            done = [file for file in files if not file.write()]
            with self._turn:
                self._files = [file for file in self._files if file not in done]
                if not self._files:
                    self._works = False
                    return


def _take_away_old(folder: Path) -> None:
    old_s = time.time() - LEFT_BEHIND_S
    for path in folder.glob(f"ocarbon_*-*-*-*-*{SUFFIX}"):
        with suppress(OSError):
            if path.stat().st_mtime < old_s:
                path.unlink()


files = Files()
atexit.register(files.remove)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=files.forget)
