"""What a process tells of its work: one small file, written whole, in a folder of the run."""

from __future__ import annotations

import json
import math
import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
SUFFIX = ".count"

MOST_BYTES = 8192
"""A file that is larger was not written here."""

_LONGEST = 200


class Report(NamedTuple):
    """What a process counted, and which it is.

    Attributes
    ----------
    pid : int
    rank, world : int or None
    launch : str
        See `ranks.rank.ProcessRank`.
    done, total : float, float or None
        In ``unit``.
    unit, source, what : str
    any_unit : bool
        See `progress.choice.Count`.
    from_s, to_s : float
        From when to when it counted, by `time.monotonic`.
    ended : bool
        Whether it will tell no more.
    """

    pid: int
    rank: int | None
    world: int | None
    launch: str
    done: float
    total: float | None
    unit: str
    source: str
    what: str
    any_unit: bool
    from_s: float
    to_s: float
    ended: bool

    @property
    def kind(self) -> tuple[str, str, str]:
        """What is counted, and by whom."""
        return self.unit, self.source, self.what


def write(report: Report, file: Path) -> None:
    """Write a report, so that whoever reads sees all of it or the one before.

    Raises
    ------
    OSError
        If the folder is gone or full.
    """
    cut = {name: text[:_LONGEST] for name, text in report._asdict().items() if type(text) is str}
    record = {"v": VERSION, **report._asdict(), **cut}
    fresh = file.with_suffix(".part")
    fresh.write_text(json.dumps(record), encoding="utf-8")
    os.replace(fresh, file)  # noqa: PTH105 - as quick as it gets, twice a second


def read(file: str) -> Report | None:
    """Return the report in a file, None if there is none in it."""
    try:
        # Not to wait for what only looks like a file, nor to go where a link leads.
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(file, os.O_RDONLY | flags)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            text = os.read(handle, MOST_BYTES)
        finally:
            os.close(handle)
        return _checked(json.loads(text))
    except (OSError, ValueError, RecursionError):
        return None


def _checked(record: Any) -> Report | None:  # noqa: ANN401 - whatever stands in the file
    if not isinstance(record, dict) or record.get("v") != VERSION:
        return None
    values: dict[str, Any] = {name: record.get(name) for name in Report._fields}
    fits = all(_KINDS[name](value) for name, value in values.items())
    return Report(**values) if fits else None


def _is_amount(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value >= 0
    )


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 31


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


_KINDS = {
    "pid": lambda value: _is_whole(value) and value > 0,
    "rank": lambda value: value is None or _is_whole(value),
    "world": lambda value: value is None or _is_whole(value),
    "launch": _is_text,
    "done": _is_amount,
    "total": lambda value: value is None or _is_amount(value),
    "unit": _is_text,
    "source": _is_text,
    "what": _is_text,
    "any_unit": _is_switch,
    "from_s": _is_amount,
    "to_s": _is_amount,
    "ended": _is_switch,
}
