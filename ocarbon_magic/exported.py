"""An export: what was written where, and what its reader must know."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ocarbon_magic.shown import Shown


@dataclass(frozen=True, slots=True)
class Export(Shown):
    """What was exported.

    Attributes
    ----------
    format : str
        codecarbon, csv, json, jsonl, openmetrics or parquet.
    path : str or None
        The file; None where the text was asked for.
    runs : int
        How many runs were written.
    left_out : int
        How many were not, since they stood in the file already or were still going on.
    notes : tuple of str
        What a reader of the figures must know.
    text : str or None
        The export itself, where no file was named; else None.
    """

    format: str
    path: str | None
    runs: int
    left_out: int
    notes: tuple[str, ...]
    text: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON types."""
        return asdict(self) | {"notes": list(self.notes)}
