"""Others who take part in a run: hosts and processes that measure and count for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.meters.base import Meter, Reading
    from ocarbon_magic.progress.remote import Part
    from ocarbon_magic.run import Run


class Fleet(Protocol):
    """The hosts and the processes of one run besides its own.

    `begin`, `call`, `end` and `close` are called in the thread of the measured code, all else in
    the sampling thread. Nothing waits for another machine longer than it is told.
    """

    @property
    def patience_s(self) -> float:
        """How long the last reading of its meters may wait for the others, in seconds."""

    def begin(self, run: Run, warn: Callable[[str], None]) -> None:
        """Take part in ``run``, whose measuring is about to start; ``warn`` takes a line."""

    def meters(self, own: Sequence[Meter]) -> Sequence[Meter]:
        """Return the meters of the others' devices, given those of the run's ``own``."""

    def call(self) -> None:
        """Let the others begin, for the measured code runs next."""

    def parts(self) -> Sequence[Part]:
        """Return the work of each so far."""

    def hosts(self, readings: Sequence[Reading], duration_s: float) -> list[HostReading]:
        """Return what each host did in ``duration_s`` seconds of the run; empty for one.

        ``readings`` are those of all meters, the run's own and the others'.
        """

    def end(self) -> None:
        """Let the others take their last readings, for the measured code has ended."""

    def close(self) -> None:
        """Tell what is left to tell, for the last readings are taken."""
