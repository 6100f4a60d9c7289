"""What is said where runs cannot be compared as asked."""

from __future__ import annotations


class ComparisonError(ValueError):
    """The runs cannot be compared as asked; the message is one sentence for the user."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]
