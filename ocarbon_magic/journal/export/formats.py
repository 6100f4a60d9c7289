"""The formats: what they are called, by which files they are known, what writes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.journal.export import (
    codecarbon,
    comma_separated,
    openmetrics,
    parquet,
    records,
)
from ocarbon_magic.options import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Format:
    """A format that runs are exported in.

    Attributes
    ----------
    what : str
        What a file of it is called in a sentence.
    write : callable
        Writes runs to an open file.
    ours : callable or None
        Tells of an open file whether it is an export of ours, which may be replaced; None
        where runs are added to what is there.
    """

    what: str
    write: Callable[[Iterable[Run], BinaryIO], None]
    ours: Callable[[BinaryIO], bool] | None
    text: bool = True


FORMATS = {
    "codecarbon": Format("CodeCarbon's emissions.csv", codecarbon.write, None),
    "csv": Format("CSV", comma_separated.write, comma_separated.ours),
    "json": Format("JSON", records.write_array, records.ours_as_array),
    "jsonl": Format("JSON lines", records.write_lines, records.ours_as_lines),
    "openmetrics": Format("OpenMetrics", openmetrics.write, openmetrics.ours),
    "parquet": Format("Parquet", parquet.write, parquet.ours, text=False),
}

_NAMES = {"emissions.csv": "codecarbon"}
_SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".om": "openmetrics",
    ".parquet": "parquet",
    ".prom": "openmetrics",
}


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's name tells.

    Raises
    ------
    OptionError
        If it tells none.
    """
    name = Path(path).name.lower()
    found = _NAMES.get(name) or _SUFFIXES.get(Path(name).suffix)
    if found is None:
        raise OptionError(
            f"the name {os.fspath(path)} tells no format: say one with --format "
            f"({', '.join(FORMATS)}), or end it in one of {', '.join(_SUFFIXES)}."
        )
    return found
