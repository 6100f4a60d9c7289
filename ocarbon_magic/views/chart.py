"""A small chart of one quantity over time: a PNG without any text in it.

The words and the numbers stand beside it in HTML, where they take the page's font and
colour. The picture is one colour that holds on light and on dark pages, in a few levels of
opacity. It is drawn here, column by column, because importing an imaging library takes ten
times longer than the drawing, just when the user waits for the cell to end.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH_PX, HEIGHT_PX = 480, 96
"""Device pixels: more than it is shown at, for screens of double density."""

_HEADROOM_PX = 2.0
_LEVELS = 6
"""Opacities in the picture; more are not seen to be smoother, and take room in the notebook."""

_STEP = 255 // (_LEVELS - 1)
_LINE, _FILL = 255, _STEP

_DASH_PX, _DASH_INK_PX = 16, 10
_DOT_PX, _DOT_INK_PX = 8, 3

_MOST_WIDE, _MOST_HIGH = 1.6, 3.0
_MOST, _FAR = 1e30, 1e6
"""What no run takes, draws or emits, and a share of the scale that is far off it."""
"""How far an interval may reach beyond its value, and a limit beyond the curve."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What the edges of a chart stand for: 0 to ``end_s`` across, 0 to ``top`` up."""

    end_s: float
    top: float


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the curve will come to at ``end_s``: a value, between the ends of its interval."""

    end_s: float
    low: float
    value: float
    high: float


def scale_of(
    t_s: Sequence[float],
    values: Sequence[float | None],
    ahead: Ahead | None = None,
    limit: float | None = None,
) -> Scale | None:
    """Return the scale of a chart, or None where fewer than two points are known.

    What lies ahead is on it, and a limit that does not press the curve to the floor.
    """
    known = [value for value in values if _known(value)]
    if len(known) < 2 or len(t_s) != len(values) or not max(t_s) > 0:  # noqa: PLR2004 - a line has two ends
        return None
    if not all(0 <= t <= _MOST for t in t_s):
        return None
    end_s, top = max(t_s), max(known)
    if ahead is not None and max(ahead.end_s, ahead.high) <= _MOST:
        end_s, top = max(end_s, ahead.end_s), max(top, min(ahead.high, _MOST_WIDE * ahead.value))
    if limit is not None and limit <= _MOST_HIGH * top:
        top = max(top, limit)
    return Scale(end_s, top)


def data_uri(  # noqa: PLR0913 - what is drawn, where and in which colour
    t_s: Sequence[float],
    values: Sequence[float | None],
    scale: Scale,
    rgb: tuple[int, int, int],
    *,
    ahead: Ahead | None = None,
    limit: float | None = None,
) -> str:
    """Return the chart as a data URI; where a value is None the line has a gap.

    What lies ahead is a line of dashes in a band, and a limit on the scale one of dots.
    """
    columns = _along(_trace(t_s, values, scale))
    now_s, now = [(t, v) for t, v in zip(t_s, values, strict=True) if _known(v)][-1]
    if ahead is not None and now_s < ahead.end_s <= scale.end_s:
        columns = _over(columns, _ahead(now_s, now, ahead, scale))
    if limit is not None and 0 < limit <= scale.top:
        columns = _over(columns, _dotted(_height(limit, scale)))
    encoded = base64.b64encode(_png(columns, rgb)).decode("ascii")
    return f"data:image/png;base64,{encoded}"


def _along(line: Sequence[float | None]) -> bytes:
    """Return columns with ink along a line, and a tint below it."""
    # Where a round nib of 3 pixels reaches, drawn along the line; infinite where no line is.
    above = [min(a - 1.1, b - 1.5, c - 1.1) for a, b, c in _threes(line, math.inf)]
    below = [max(a + 1.1, b + 1.5, c + 1.1) for a, b, c in _threes(line, -math.inf)]
    spans = zip(pairwise(above), pairwise(below), strict=True)
    return b"".join(_column(upper, lower) for upper, lower in spans)


def _ahead(now_s: float, now: float, ahead: Ahead, scale: Scale) -> bytes:
    """Return columns with the band from the last point to the end, and the dashes in it."""
    low, value, high = (
        _trace([now_s, ahead.end_s], [now, end], scale)[:-1]
        for end in (ahead.low, ahead.value, min(ahead.high, scale.top))
    )
    blank = bytes(HEIGHT_PX)
    band = (
        blank if top is None or floor is None else _rows(top, floor, _FILL)
        for top, floor in zip(high, low, strict=True)
    )
    strokes = (
        blank if y is None or x % _DASH_PX >= _DASH_INK_PX else _rows(y - 1.5, y + 1.5, _LINE)
        for x, y in enumerate(value)
    )
    return _over(b"".join(band), b"".join(strokes))


def _dotted(height: float) -> bytes:
    """Return columns with a level line of dots."""
    ink, blank = _rows(height - 1.0, height + 1.0, _LINE), bytes(HEIGHT_PX)
    return b"".join(ink if x % _DOT_PX < _DOT_INK_PX else blank for x in range(WIDTH_PX))


def _rows(top: float, floor: float, ink: int) -> bytes:
    """Return a column with ink from one height to another; both ends cover a part of a row."""
    top, floor = (min(max(y, 0.0), HEIGHT_PX - 1.0) for y in (top, max(top, floor)))
    first, last = int(top), int(floor)
    if first == last:
        return bytes(first) + bytes([int(ink * (floor - top))]) + bytes(HEIGHT_PX - first - 1)
    ends = bytes([int(ink * (first + 1 - top))]), bytes([int(ink * (floor - last))])
    whole = bytes([ink]) * (last - first - 1)
    return bytes(first) + ends[0] + whole + ends[1] + bytes(HEIGHT_PX - last - 1)


def _over(below: bytes, above: bytes) -> bytes:
    """Return columns that have the ink of both, in one operation on long integers."""
    both = int.from_bytes(below, "big") | int.from_bytes(above, "big")
    return both.to_bytes(len(below), "big")


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and abs(value) <= _MOST


def _trace(
    t_s: Sequence[float], values: Sequence[float | None], scale: Scale
) -> list[float | None]:
    """Return the line's height, in pixels from the top, at each edge between columns."""
    points = [
        (WIDTH_PX * t / scale.end_s, _height(value, scale) if _known(value) else None)
        for t, value in zip(t_s, values, strict=True)
    ]
    line: list[float | None] = [None] * (WIDTH_PX + 1)
    for (x0, y0), (x1, y1) in pairwise(points):
        if y0 is not None and y1 is not None:
            for x in range(math.ceil(x0), math.ceil(x1)):
                line[x] = y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    for at, y in points:
        # The points themselves last, so that no peak is cut and none stands alone unseen.
        if y is not None:
            line[round(at)] = y
    return line


def _height(value: float, scale: Scale) -> float:
    """Return how far from the top a value is, in pixels."""
    floor = HEIGHT_PX - _HEADROOM_PX
    share = value / (scale.top or 1.0)
    return floor - (floor - _HEADROOM_PX) * min(max(share, -_FAR), _FAR)


def _threes(line: Sequence[float | None], nothing: float) -> Iterator[tuple[float, float, float]]:
    padded = [nothing, *(nothing if y is None else y for y in line), nothing]
    return zip(padded, padded[1:], padded[2:], strict=False)


def _column(upper: tuple[float, float], lower: tuple[float, float]) -> bytes:
    """Return the opacity down one column, given the ink's boundaries at its two edges.

    A boundary that crosses the column from one height to another covers each row in
    between by the share of the column that it has passed: exact antialiasing.
    """
    if not all(map(math.isfinite, upper)):
        return bytes(HEIGHT_PX)
    top, top_run = _ramp(*upper)
    floor, floor_run = _ramp(*lower)
    first = max(math.floor(top - 0.5), 0)
    last = min(math.ceil(floor + floor_run - 0.5), HEIGHT_PX)
    inked = bytes(
        int(
            _LINE * min(max((y - top) / top_run, 0.0), 1.0)
            - (_LINE - _FILL) * min(max((y - floor) / floor_run, 0.0), 1.0)
        )
        for y in (row + 0.5 for row in range(first, last))
    )
    return bytes(first) + inked + bytes([_FILL]) * (HEIGHT_PX - first - len(inked))


def _ramp(left: float, right: float) -> tuple[float, float]:
    """Return where a boundary begins to cover a column, and over how many rows, at least one."""
    run = max(abs(right - left), 1.0)
    return (left + right - run) / 2, run


def _png(columns: bytes, rgb: tuple[int, int, int]) -> bytes:
    """Return opacities, column after column, as a PNG of 4 bits: its palette is the opacity."""
    levels = columns.translate(bytes(round(level / _STEP) for level in range(256)))
    rows = (levels[y::HEIGHT_PX] for y in range(HEIGHT_PX))
    packed = b"".join(b"\0" + _pairs(row[::2], row[1::2]) for row in rows)
    opacity = bytes(index * _STEP for index in range(_LEVELS))
    header = struct.pack(">IIBBBBB", WIDTH_PX, HEIGHT_PX, 4, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", bytes(rgb) * _LEVELS),
        (b"tRNS", opacity),
        (b"IDAT", zlib.compress(packed)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _pairs(left: bytes, right: bytes) -> bytes:
    """Return two rows of half-bytes interleaved, in one operation on long integers."""
    both = int.from_bytes(left, "big") << 4 | int.from_bytes(right, "big")
    return both.to_bytes(len(left), "big")
