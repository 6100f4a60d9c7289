"""Where a run is shown: in a notebook's output, on a terminal, or nowhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from ocarbon_magic.run import MIME_TYPE

if TYPE_CHECKING:
    from ocarbon_magic.run import Run


class Display(Protocol):
    """Shows a run at its beginning and at its end."""

    def begin(self, run: Run) -> None:
        """Show that ``run`` is being measured."""

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
    if quiet:
        return Silence()
    if hasattr(shell, "kernel"):
        return NotebookDisplay(shell.display_pub, live=live)
    return TerminalDisplay()


class Silence:
    """Shows nothing."""

    def begin(self, run: Run) -> None:
        """Show nothing."""

    def end(self, run: Run) -> None:
        """Show nothing."""


class TerminalDisplay:
    """Writes the summary as text when the run has ended.

    To standard error, as other tools that watch a command do, so that a pipe carries the
    program's own output alone.
    """

    def begin(self, run: Run) -> None:
        """Show nothing: what is written on a terminal cannot be replaced."""

    def end(self, run: Run) -> None:
        """Write the summary."""
        from ocarbon_magic.views.summary import text  # noqa: PLC0415 - when first needed

        sys.stderr.write(text(run) + "\n")
        sys.stderr.flush()


class NotebookDisplay:
    """One output of the cell: provisional at the beginning, replaced at the end.

    The final bundle holds no widget, so that the saved notebook shows the run without a
    kernel (a reopened widget shows an error instead of its fallback).
    """

    def __init__(self, publisher: Any, *, live: bool) -> None:  # noqa: ANN401 - IPython's DisplayPublisher
        self._publisher = publisher
        self._live = live
        self._shown = False

    def begin(self, run: Run) -> None:
        """Show the provisional bundle, and watch for the cell clearing its output."""
        if not self._live:
            return
        self._publish(run, update=False)
        self._shown = True
        register = getattr(self._publisher, "register_hook", None)
        if register is not None:
            register(self._watch)

    def end(self, run: Run) -> None:
        """Replace the provisional bundle, or show the final one where there is none."""
        unregister = getattr(self._publisher, "unregister_hook", None)
        if unregister is not None and self._live:
            unregister(self._watch)
        self._publish(run, update=self._shown)

    def _watch(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["header"]["msg_type"] == "clear_output":
            self._shown = False
        return message

    def _publish(self, run: Run, *, update: bool) -> None:
        self._publisher.publish(
            data=_bundle(run), transient={"display_id": f"ocarbon-{run.id}"}, update=update
        )


def _bundle(run: Run) -> dict[str, Any]:
    """Return all forms of ``run``; at least the record, so that no output is left provisional."""
    try:
        from ocarbon_magic.views.summary import bundle  # noqa: PLC0415 - when first needed

        return bundle(run)
    except Exception as error:  # noqa: BLE001 - the record matters more than its looks
        run.warnings.append(f"The summary failed: {type(error).__name__}: {error}")
        return {"text/plain": f"{run.name}: {run.status}", MIME_TYPE: run.to_dict()}
