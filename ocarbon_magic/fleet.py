"""Others who take part in a run: hosts and processes that measure and count for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.meters.base import Meter
    from ocarbon_magic.progress.remote import Part
    from ocarbon_magic.run import Run


class Fleet(Protocol):
    """The hosts and the processes of one run besides its own.

    `begin` and `end` are called in the thread of the measured code, all else in the sampling
    thread. Nothing here raises after `begin`, and nothing waits for another machine longer
    than it is told.
    """

    def begin(self, run: Run, warn: Callable[[str], None]) -> None:
        """Take part in ``run``, whose measuring is about to start; ``warn`` takes a line."""

    def meters(self) -> Sequence[Meter]:
        """Return the meters that read the others' devices, to be started with the run's own."""

    def parts(self) -> Sequence[Part]:
        """Return the work of each so far."""

    def hosts(self, duration_s: float) -> list[HostReading]:
        """Return what each host did in ``duration_s`` seconds of the run; empty for one."""

    def end(self) -> None:
        """Let the others take their last readings, for the measured code has ended."""
