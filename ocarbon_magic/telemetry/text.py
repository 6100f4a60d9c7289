"""The figures of runs as a text, in one of the two formats that Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.openmetrics import EOF_LINE
from ocarbon_magic.telemetry.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.telemetry.figures import Figures

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CLASSIC = "text/plain; version=0.0.4; charset=utf-8"


def text_of(runs: Sequence[Figures], *, classic: bool) -> str:
    """Return the figures in Prometheus' ``classic`` format, or as OpenMetrics.

    A family of which no run has a sample is left out.
    """
    parts: list[str] = []
    for live in FAMILIES:
        lines = [line for figures in runs for line in live.family.lines(figures)]
        if lines:
            parts += [live.family.head(classic=classic), *lines]
    if not classic:
        parts.append(EOF_LINE)
    return "".join(parts)


def classic_is_wanted(accept: str) -> bool:
    """Return whether who sends ``accept``, as in HTTP, would rather have the classic format.

    That is what those get who say nothing of either.
    """
    return _weight(accept, "application/openmetrics-text") <= _weight(accept, "text/plain")


def _weight(accept: str, kind: str) -> float:
    """Return the greatest ``q`` with which a media type is named, 0 where it is not."""
    weights = [0.0]
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        if name == kind:
            said = [p.removeprefix("q=") for p in parameters if p.startswith("q=")]
            weights.append(_number(said[0]) if said else 1.0)
    return max(weights)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
