"""OpenMetrics text: gauges a scraper, or a folder of text files, can pick up.

All of them are gauges without a time stamp, for runs that are over; so the same text is valid
in Prometheus' own format, too, which knows neither units nor time stamps in files.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic import openmetrics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import Run

_IN_MEMORY_BYTES = 1 << 20

_FAMILIES = (
    openmetrics.STATUS,
    openmetrics.DURATION,
    openmetrics.DEVICE_ENERGY,
    openmetrics.UNCERTAINTY,
    openmetrics.PUE,
    openmetrics.EMISSIONS,
)


ours = openmetrics.ours


def write(runs: Iterable[Run], file: BinaryIO) -> None:
    """Write the runs: a family's samples stand together, and are kept apart until the end."""
    with ExitStack() as stack:
        kept = [
            stack.enter_context(SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)) for _ in _FAMILIES
        ]
        for run in runs:
            for family, lines in zip(_FAMILIES, kept, strict=True):
                lines.writelines(line.encode() for line in family.lines(run))
        for family, lines in zip(_FAMILIES, kept, strict=True):
            file.write(family.head().encode())
            lines.seek(0)
            shutil.copyfileobj(lines, file)
        file.write(openmetrics.EOF_LINE.encode())
