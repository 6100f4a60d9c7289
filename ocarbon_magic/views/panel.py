"""The panel as a Jupyter widget, for front ends that our own extension does not reach.

It holds what its front end needs to draw a run with no word from the kernel: the record as it
was at the beginning, or is at the end, and the last snapshot.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import anywidget
from traitlets import Dict

from ocarbon_magic.lines import one_line

_BUILT = files("ocarbon_magic") / "static" / "panel"
_LONGEST = 120


class Panel(anywidget.AnyWidget):
    """Draws one run.

    Attributes
    ----------
    record : dict
        The run's record; drawn as it is once its status is no longer ``running``.
    snapshot : dict
        What has changed since (`ocarbon_magic.snapshot`).
    """

    _esm = (_BUILT / "panel.js").read_text(encoding="utf-8")
    _css = (_BUILT / "panel.css").read_text(encoding="utf-8")
    record = Dict().tag(sync=True)
    snapshot = Dict().tag(sync=True)

    def __repr__(self) -> str:
        return f"Panel of {one_line(str(self.record.get('name', 'a run')))[:_LONGEST]}"

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the data and the metadata of an output that shows this widget."""
        return self._repr_mimebundle_() or ({}, {})
