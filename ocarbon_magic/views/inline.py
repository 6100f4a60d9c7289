"""Where a run is shown: in a notebook's output, on a terminal, or nowhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


class Display(Protocol):
    """Shows a run at its beginning, while it goes on where ``is_live``, and at its end."""

    is_live: bool

    def begin(self, run: Run) -> None:
        """Show that ``run`` is being measured."""

    def update(self, snapshot: dict[str, Any]) -> None:
        """Show what has changed (`ocarbon_magic.snapshot`); called in the sampling thread."""

    def end(self, run: Run) -> None:
        """Show the finished ``run``."""


def display_for(shell: Any, *, quiet: bool, live: bool) -> Display:  # noqa: ANN401 - an InteractiveShell, or None
    """Return the display that fits ``shell``: a kernel's, a terminal's, or a script's (None).

    Parameters
    ----------
    shell : InteractiveShell or None
    quiet : bool
        Show nothing at all.
    live : bool
        Show the run from its beginning; else only its end.
    """
    if not hasattr(shell, "kernel"):
        return Silence() if quiet else TerminalDisplay()
    from ocarbon_magic.views.notebook import NotebookDisplay, QuietDisplay  # noqa: PLC0415 - in a kernel

    return QuietDisplay() if quiet else NotebookDisplay(shell, live=live)


class Silence:
    """Shows nothing."""

    is_live = False

    def begin(self, run: Run) -> None:
        """Show nothing."""

    def update(self, snapshot: dict[str, Any]) -> None:
        """Show nothing."""

    def end(self, run: Run) -> None:
        """Show nothing."""


class TerminalDisplay:
    """Writes the summary as text when the run has ended.

    To standard error, as other tools that watch a command do, so that a pipe carries the
    program's own output alone.
    """

    is_live = False

    def begin(self, run: Run) -> None:
        """Show nothing: what is written on a terminal cannot be replaced."""

    def update(self, snapshot: dict[str, Any]) -> None:
        """Show nothing, for the same reason."""

    def end(self, run: Run) -> None:
        """Write the summary."""
        from ocarbon_magic.views.summary import text  # noqa: PLC0415 - when first needed

        sys.stderr.write(text(run) + "\n")
        sys.stderr.flush()
