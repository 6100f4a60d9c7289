"""Tells of one run, from its beginning to its end: on the page, in a file, to a collector."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ocarbon_magic.files import NotWrittenError
from ocarbon_magic.telemetry.board import board
from ocarbon_magic.telemetry.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import Run
    from ocarbon_magic.telemetry.otlp.outlet import Sending


class Telemetry:
    """Tells of one run.

    `begin` and `end` are called in the thread of the measured code, `update` in the sampling
    thread. Nothing here waits for a network or a disk.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._run: Run | None = None
        self._warn: Callable[[str], None] = lambda _: None
        self._sending: Sending | None = None
        self._has_told = False
        self._turn = threading.Lock()
        self._is_over = False

    def begin(self, run: Run, warn: Callable[[str], None]) -> None:
        """Tell of ``run`` from now on; ``warn`` takes a line for the reader of its record."""
        self._run, self._warn = run, warn
        figures = Figures.of(run)
        board.begin(figures)
        for step in (self._open_page, self._begin_file, self._begin_to_send):
            try:
                step(figures)
            except Exception as error:  # noqa: BLE001 - the others are told all the same
                warn(f"The live figures are not told: {type(error).__name__}: {error}")

    def update(self, power_w: Sequence[float | None]) -> None:
        """Tell the run as it is now, given the power of each of its devices; never raises."""
        figures = None if self._run is None else Figures.of(self._run, power_w)
        if figures is None or figures.is_over:  # not yet as it will have been: `end` tells that
            return
        self._put(figures)
        if self._sending is not None:
            self._tell(self._sending.trouble)

    def end(self) -> None:
        """Tell how the run ended, and warn its reader if a collector has not been told."""
        if self._run is None:
            return
        self._put(Figures.of(self._run))
        if self._sending is not None:
            from ocarbon_magic.telemetry.otlp.outlet import outlet  # noqa: PLC0415 - as below

            self._tell(self._sending.present_trouble)
            outlet.end(self._sending)
        if self._settings.metrics_file is not None:
            from ocarbon_magic.telemetry.textfile import files  # noqa: PLC0415 - as below

            files.hurry()

    def _put(self, figures: Figures) -> None:
        with self._turn:
            if self._is_over:  # a late tick
                return
            self._is_over = figures.is_over
            board.update(figures)
            if self._sending is not None:
                self._sending.figures = figures

    def _tell(self, trouble: str | None) -> None:
        """Warn of the first trouble with a collector; what may follow says no more."""
        if trouble is not None and not self._has_told:
            self._has_told = True
            self._warn(trouble)

    def _open_page(self, _: Figures) -> None:
        if self._settings.metrics_port is not None:
            from ocarbon_magic.telemetry.server import serve  # noqa: PLC0415 - where asked for

            serve(self._settings.metrics_port, self._warn)

    def _begin_file(self, figures: Figures) -> None:
        if self._settings.metrics_file is not None:
            from ocarbon_magic.telemetry.textfile import (  # noqa: PLC0415 - where asked for
                RunFile,
                files,
                trouble,
            )

            file = RunFile(self._settings.metrics_file, figures, self._warn)
            try:
                file.begin()
            except NotWrittenError as error:
                self._warn(trouble(error, file.path))
            else:
                files.begin(file)

    def _begin_to_send(self, figures: Figures) -> None:
        if not self._settings.otel:
            return
        from ocarbon_magic.telemetry.otlp.outlet import (  # noqa: PLC0415 - where asked for
            Sending,
            obstacle,
            outlet,
        )

        why_not = obstacle()
        if why_not is not None:
            self._warn(why_not)
            return
        self._sending = Sending(figures)
        outlet.begin(self._sending)
