"""A run in the output of its cell: live while it goes on, a record that stays at its end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from ocarbon_magic.run import MIME_TYPE
from ocarbon_magic.views.stream import Messages, Widget, open_widget, widgets_are_seen

if TYPE_CHECKING:
    from ocarbon_magic.run import Run
    from ocarbon_magic.views.stream import Stream

REFRESHED_EVERY_S = 15.0
"""How often the output itself is renewed where there is no widget: it is what a front end that
knows none of our streams shows, and what is saved if the kernel dies."""

SHOWN_AGAIN_AFTER_S = 2.0
"""How long a cell must have left its output alone, once it has cleared it with us in it."""

KEPT_DISPLAYS = 500
"""Outputs that can be shown again to a page that missed how their run ended."""

_displays: dict[str, tuple[Run, NotebookDisplay]] = {}


def displays() -> list[tuple[Run, NotebookDisplay]]:
    """Return the runs that this kernel has shown, oldest first, with their outputs."""
    return list(_displays.values())


class QuietDisplay:
    """Shows nothing in the notebook; our extension hears of the run at its end."""

    is_live = False

    def begin(self, run: Run) -> None:
        """Show nothing."""

    def update(self, snapshot: dict[str, Any]) -> None:
        """Show nothing."""

    def end(self, run: Run) -> None:
        """Pass on the record, which the notebook counts."""
        Messages().finish(run.to_dict())


class NotebookDisplay:
    """One output of the cell: provisional at the beginning, replaced at the end.

    The provisional bundle holds the record as it is then, which our extension draws and brings
    up to date from the stream, and a widget for other front ends. The final bundle holds no
    widget, so that the saved notebook shows the run without a kernel (a reopened widget shows
    an error instead of its fallback).

    Parameters
    ----------
    shell : InteractiveShell
        A kernel's.
    live : bool
        Show the run from its beginning; else only its end.
    """

    def __init__(self, shell: Any, *, live: bool) -> None:  # noqa: ANN401 - an InteractiveShell
        self._publisher = shell.display_pub
        self._shell = shell
        self.is_live = live
        self._lock = threading.RLock()  # the cell's thread, the sampler's and the widget's meet
        self._run: Run | None = None
        self._stream: Stream | None = None
        self.ended = False
        self._shown = False
        self._cleared_s = 0.0
        self._refresh_s = 0.0

    def begin(self, run: Run) -> None:
        """Show the provisional bundle, and watch for the cell clearing its output."""
        if not self.is_live:
            return
        self._remember(run)
        self._publish(run, update=False)
        self._shown = True
        self._refresh_s = time.monotonic() + REFRESHED_EVERY_S
        register = getattr(self._publisher, "register_hook", None)
        if register is not None:
            register(self._watch)
        self._stream = Messages()
        if widgets_are_seen(self._shell.get_parent()):
            open_widget(run, self._show_widget, self._go_without_widget)

    def update(self, snapshot: dict[str, Any]) -> None:
        """Stream what has changed; show the output again where the cell has cleared it."""
        with self._lock:
            if self.ended or self._run is None or self._stream is None:
                return
            self._stream.send(snapshot)
            now_s = time.monotonic()
            if not self._shown:
                if now_s >= self._cleared_s + SHOWN_AGAIN_AFTER_S:
                    self._publish(self._run, update=False)
                    self._shown = True
            elif now_s >= self._refresh_s and not isinstance(self._stream, Widget):
                self._publish(self._run, update=True)
                self._refresh_s = now_s + REFRESHED_EVERY_S

    def end(self, run: Run) -> None:
        """Replace the provisional bundle, or show the final one where there is none."""
        unregister = getattr(self._publisher, "unregister_hook", None)
        if unregister is not None and self.is_live:
            unregister(self._watch)
        self._remember(run)
        with self._lock:
            self.ended = True
            stream, self._stream = self._stream, None
            self._publish(run, update=self._shown)
            self._shown = True
        record = run.to_dict()
        if isinstance(stream, Widget):
            stream.finish(record)
        Messages().finish(record)

    def show_again(self) -> None:
        """Publish the output as it is, for a page that was not there when it was published."""
        with self._lock:
            if self._run is not None and self._shown:
                self._publish(self._run, update=True)

    def _remember(self, run: Run) -> None:
        self._run = run
        _displays[run.id] = run, self
        while len(_displays) > KEPT_DISPLAYS:
            del _displays[next(iter(_displays))]

    def _show_widget(self, widget: Widget) -> None:
        """Add a widget to the output, if the run goes on."""
        with self._lock:
            if self.ended or self._run is None:
                return
            self._stream = widget
            self._publish(self._run, update=True)

    def _go_without_widget(self, error: Exception) -> None:
        if self._run is not None:
            self._run.warnings.append(
                f"The panel could not be opened as a widget: {type(error).__name__}: {error}"
            )

    def _watch(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["header"]["msg_type"] == "clear_output":
            self._shown, self._cleared_s = False, time.monotonic()
        return message

    def _publish(self, run: Run, *, update: bool) -> None:
        data = _bundle(run)
        metadata: dict[str, Any] = {}
        if isinstance(self._stream, Widget):
            of_widget, metadata = self._stream.bundle
            data = {**of_widget, **data}
        self._publisher.publish(
            data=data,
            metadata=metadata,
            transient={"display_id": f"ocarbon-{run.id}"},
            update=update,
        )


def _bundle(run: Run) -> dict[str, Any]:
    """Return all forms of ``run``; at least the record, so that no output is left provisional."""
    try:
        from ocarbon_magic.views.summary import bundle  # noqa: PLC0415 - when first needed

        return bundle(run)
    except Exception as error:  # noqa: BLE001 - the record matters more than its looks
        run.warnings.append(f"The summary failed: {type(error).__name__}: {error}")
        return {"text/plain": f"{run.name}: {run.status}", MIME_TYPE: run.to_dict()}
