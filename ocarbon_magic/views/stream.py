"""The way of snapshots from the kernel to whoever draws the run.

Two kinds of front ends listen. JupyterLab and Notebook with our extension read all that the
kernel publishes, and find snapshots by what is in them. Others show a widget, where anywidget
is installed; its messages are such snapshots too, so one stream serves both. Nothing is
awaited from there, so a busy kernel is no obstacle.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from ocarbon_magic.run import COMM_TARGET

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Run
    from ocarbon_magic.views.panel import Panel

KEPT_PANELS = 4
"""A page that is loaded again asks for its widgets; the oldest ones are closed."""

_panels: deque[Panel] = deque()


class Stream(Protocol):
    """Takes a run's snapshots, and its record at the end."""

    def send(self, snapshot: dict[str, Any]) -> None:
        """Pass on what has changed."""

    def finish(self, record: dict[str, Any]) -> None:
        """Pass on the whole record, finished."""


class Messages:
    """Bare comm messages: nothing is opened, so front ends that do not know us see nothing."""

    def send(self, snapshot: dict[str, Any]) -> None:
        """Publish what has changed."""
        _way().send({"snapshot": snapshot})

    def finish(self, record: dict[str, Any]) -> None:
        """Publish the whole record."""
        _way().send({"record": record})


@cache
def _way() -> Any:  # noqa: ANN401 - comm's BaseComm
    """Return the one comm of this process: one that goes would say so, and nobody knows it."""
    from comm import create_comm  # noqa: PLC0415 - there is one where there is a kernel

    return create_comm(target_name=COMM_TARGET, primary=False)


class Widget:
    """A panel's own messages."""

    def __init__(self, run: Run) -> None:
        from ocarbon_magic.views.panel import Panel  # noqa: PLC0415 - imports ipywidgets

        self._panel = Panel(record=run.to_dict())
        _panels.append(self._panel)
        while len(_panels) > KEPT_PANELS:
            _panels.popleft().close()

    @property
    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data and metadata of an output that shows the panel."""
        return self._panel.bundle()

    def send(self, snapshot: dict[str, Any]) -> None:
        """Let the panel show what has changed."""
        self._panel.snapshot = snapshot

    def finish(self, record: dict[str, Any]) -> None:
        """Let the panel show the whole record."""
        self._panel.record = record


def widgets_are_seen(request: dict[str, Any]) -> bool:
    """Return whether the front end that made an execution request may show a widget.

    Front ends that people look at name the cell in the metadata of the request. What executes
    a notebook without one does not, and would keep the widget's code in the file.
    """
    return bool(request.get("metadata")) and find_spec("anywidget") is not None and is_built()


def is_built() -> bool:
    """Return whether the package was built with its front end."""
    return (files("ocarbon_magic") / "static" / "panel" / "panel.js").is_file()


def open_widget(
    run: Run, opened: Callable[[Widget], None], failed: Callable[[Exception], None]
) -> None:
    """Open a widget in a thread of its own, since importing ipywidgets takes a while."""

    def work() -> None:
        try:
            opened(Widget(run))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with what is installed
            failed(error)

    # In the context of the cell, so that the widget's messages are known to be the cell's.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name="ocarbon-panel", daemon=True).start()
