"""ENTSO-E's document of actual generation per type (A75), read without trust.

Generation is told by type, each in spans of its own length. A point that is missing repeats the
one before where the curve's type is A03, and is not known otherwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from ocarbon_magic.carbon.live.points import MOST_POINTS, LiveError, moment_s

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOT_S = 900.0
MOST_SERIES = 400
MOST_MW = 1e6
"""All power stations of the earth have 9 million; no area has a million."""

_STEPS_S = {"PT15M": 900.0, "PT30M": 1800.0, "PT60M": 3600.0, "PT1H": 3600.0}
_REPEATS = "A03"
_NO_DATA = "Acknowledgement_MarketDocument"
_DOCUMENT = "GL_MarketDocument"


class NothingToldError(LiveError):
    """The platform has nothing for the span asked for."""


class _Form(Exception):  # noqa: N818 - becomes a `LiveError` of the source
    """The document is not of the form that is known."""


class Span(NamedTuple):
    """One type's power over some slots: megawatts from ``start_s`` to ``end_s``."""

    kind: str
    start_s: float
    end_s: float
    mw: float


def generation(title: str, body: bytes) -> dict[float, dict[str, float]]:
    """Return what was generated: by slot of `SLOT_S` seconds, by type, in megawatts.

    Parameters
    ----------
    title : str
        Who answered, for messages.
    body : bytes
        The document.

    Raises
    ------
    NothingToldError
        If the platform says that it has nothing.
    LiveError
        If the document is another one, damaged, or declares entities.
    """
    slots: dict[float, dict[str, float]] = {}
    try:
        for span in _spans(_root(title, body)):
            slot = span.start_s
            while slot < span.end_s:
                slots.setdefault(slot, {})[span.kind] = (
                    slots.get(slot, {}).get(span.kind, 0.0) + span.mw
                )
                slot += SLOT_S
    except (_Form, ET.ParseError, ValueError):
        failed = True
    else:
        failed = len(slots) > MOST_POINTS
    if failed:
        raise LiveError(f"{title} answers in a form that is not known.")
    return slots


def _root(title: str, body: bytes) -> ET.Element:
    text = body.decode("utf-8-sig")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _Form
    root = ET.fromstring(text)  # noqa: S314 - entities need the DTD that was looked for above
    name = _bare(root)
    if name == _NO_DATA:
        raise NothingToldError(f"{title} has no data for this time.")
    if name != _DOCUMENT:
        raise _Form
    return root


def _spans(root: ET.Element) -> Iterator[Span]:
    series = [each for each in root if _bare(each) == "TimeSeries"]
    if len(series) > MOST_SERIES:
        raise _Form
    for each in series:
        inside = {_bare(part): part for part in each}
        if "inBiddingZone_Domain.mRID" not in inside:
            continue  # what stations draw, and what is pumped up
        kind = _text(inside.get("MktPSRType"), "psrType")
        if _said(inside.get("quantity_Measure_Unit.name")) != "MAW":
            raise _Form
        repeats = _said(inside.get("curveType")) == _REPEATS
        for period in (part for part in each if _bare(part) == "Period"):
            yield from _of_period(kind, period, repeats=repeats)


def _of_period(kind: str, period: ET.Element, *, repeats: bool) -> Iterator[Span]:
    interval = next((part for part in period if _bare(part) == "timeInterval"), None)
    start_s, end_s = (moment_s(_text(interval, name)) for name in ("start", "end"))
    step_s = _STEPS_S.get(_text(period, "resolution"))
    if start_s is None or end_s is None or step_s is None or start_s % SLOT_S:
        raise _Form
    count = round((end_s - start_s) / step_s)
    if not 0 < count <= MOST_POINTS:
        raise _Form
    told = dict(_point(part) for part in period if _bare(part) == "Point")
    if any(not 1 <= position <= count for position in told):
        raise _Form
    last: float | None = None
    for position in range(1, count + 1):
        last = told.get(position, last if repeats else None)
        if last is not None:
            at_s = start_s + (position - 1) * step_s
            yield Span(kind, at_s, at_s + step_s, last)


def _point(element: ET.Element) -> tuple[int, float]:
    position, mw = _text(element, "position"), float(_text(element, "quantity"))
    if not (position.isascii() and position.isdigit() and len(position) <= len(str(MOST_POINTS))):
        raise _Form
    if not math.isfinite(mw) or abs(mw) > MOST_MW:
        raise _Form
    return int(position), max(mw, 0.0)


def _bare(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element | None, name: str) -> str:
    parts = element if element is not None else ()
    return _said(next((part for part in parts if _bare(part) == name), None))


def _said(element: ET.Element | None) -> str:
    return "" if element is None or element.text is None else element.text.strip()
