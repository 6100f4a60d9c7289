"""A recorded power trace played again, for notebooks and tests without a GPU."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.meters.base import Device, Notes, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = ["t_s", "power_w"]


class TraceMeter:
    """Plays a CSV file of columns ``t_s,power_w`` and, for several devices, ``device``.

    Between two rows power is on the line through them; the energy is its exact integral at
    any time. The replay starts at the first time in the file. Before its first row a device
    draws that row's power, and after its last row that one's, with a note.

    ``measured`` is False: the file tells what was drawn once, not what this run draws.

    Lines that begin with ``#`` are comments.

    Parameters
    ----------
    path : str or Path
        The file.
    clock : callable
        Seconds of a monotonic clock.

    Raises
    ------
    ValueError
        If the file cannot be read as such a trace.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._path = Path(path)
        rows = _read(self._path)
        origin_s = min(t_s for points in rows.values() for t_s, _ in points)
        self._curves = {
            Device("gpu", name, None, "trace", measured=False): _Curve(points, origin_s)
            for name, points in rows.items()
        }
        self.notes = Notes()
        self._start_s = 0.0

    def describe(self) -> list[Device]:
        """Return the devices of the file, in its order."""
        return list(self._curves)

    def start(self) -> None:
        """Begin the replay."""
        self._start_s = self._clock()

    def due_s(self) -> None:
        """Leave the pace to the recorder: the integral is exact at any time."""

    def read(self) -> list[Reading]:
        """Return the energy of the trace since `start`."""
        return self.stop(self._clock())

    def stop(self, end_s: float) -> list[Reading]:
        """Return the energy of the trace up to ``end_s``."""
        at_s = max(end_s - self._start_s, 0.0)
        for device, curve in self._curves.items():
            if at_s > curve.end_s:
                self.notes.add(
                    f"The trace {self._path.name} ends at {curve.end_s:g} s: {device.name} is "
                    "taken to draw its last power from there."
                )
        return [
            Reading(
                device=device,
                energy_j=curve.energy_j(at_s),
                power_w=curve.power_w(at_s),
                max_power_w=curve.max_power_w(at_s),
            )
            for device, curve in self._curves.items()
        ]


class _Curve:
    """Power over time as a line through points, held level before and after them."""

    def __init__(self, points: list[tuple[float, float]], origin_s: float) -> None:
        first_w = points[0][1]
        self._t_s = [0.0] + [t_s - origin_s for t_s, _ in points]
        self._power_w = [first_w] + [power_w for _, power_w in points]
        steps = (
            (end - start) * (left + right) / 2
            for (start, end), (left, right) in zip(
                pairwise(self._t_s), pairwise(self._power_w), strict=True
            )
        )
        self._energy_j = list(accumulate(steps, initial=0.0))
        self._max_power_w = list(accumulate(self._power_w, max))
        self.end_s = self._t_s[-1]

    def power_w(self, at_s: float) -> float:
        after = bisect_right(self._t_s, at_s)
        if after == len(self._t_s):
            return self._power_w[-1]
        start, end = self._t_s[after - 1 : after + 1]
        left, right = self._power_w[after - 1 : after + 1]
        return left + (right - left) * (at_s - start) / (end - start)

    def energy_j(self, at_s: float) -> float:
        last = bisect_right(self._t_s, at_s) - 1
        mean_w = (self._power_w[last] + self.power_w(at_s)) / 2
        return self._energy_j[last] + mean_w * (at_s - self._t_s[last])

    def max_power_w(self, at_s: float) -> float:
        last = bisect_right(self._t_s, at_s) - 1
        return max(self._max_power_w[last], self.power_w(at_s))


def _read(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Return the points of each device."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ValueError(f"The trace {path} cannot be read ({reason}): name a CSV file.") from None
    points: dict[str, list[tuple[float, float]]] = {}
    columns = 0
    for line, text in enumerate(lines, start=1):
        cells = [cell.strip() for cell in text.split(",")]
        if not text.strip() or text.startswith("#"):
            continue
        if not columns:
            if cells not in (HEADER, [*HEADER, "device"]):
                raise _bad(path, line, "must be `t_s,power_w` or `t_s,power_w,device`")
            columns = len(cells)
            continue
        if len(cells) != columns:
            raise _bad(path, line, f"must have {columns} cells, as the header has")
        own = points.setdefault(cells[2] if columns > len(HEADER) else path.stem, [])
        own.append(_point(path, line, cells))
        if len(own) > 1 and own[-1][0] <= own[-2][0]:
            raise _bad(path, line, "must have a later time than the row before")
    if not points:
        raise _bad(path, len(lines) + 1, "must have seconds and watts, but the file ends before")
    return points


def _point(path: Path, line: int, cells: list[str]) -> tuple[float, float]:
    try:
        t_s, power_w = float(cells[0]), float(cells[1])
    except ValueError:
        t_s = power_w = math.nan
    if not (math.isfinite(t_s) and math.isfinite(power_w) and power_w >= 0):
        raise _bad(path, line, "must begin with two numbers, seconds and watts of 0 or more")
    return t_s, power_w


def _bad(path: Path, line: int, what: str) -> ValueError:
    return ValueError(f"The trace {path}: line {line} {what}.")
