"""Numbers, dates and lists as a sentence of a paper has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
_DAYS_IN_FULL = 100


def lasting(duration_s: float) -> str:
    """Return a duration in words: 12.3 s, 2 min 14 s, 3 h 12 min, 4 d 3 h."""
    if duration_s < _MINUTE_S - 0.05:
        return units.duration(duration_s)
    if duration_s < _HOUR_S - 0.5:
        return _two(duration_s, (_MINUTE_S, "min"), (1, "s"))
    if duration_s < _DAY_S - _MINUTE_S / 2:
        return _two(duration_s, (_HOUR_S, "h"), (_MINUTE_S, "min"))
    if duration_s < _DAYS_IN_FULL * _DAY_S:
        return _two(duration_s, (_DAY_S, "d"), (_HOUR_S, "h"))
    return f"{duration_s / _DAY_S:,.0f} d"


def _two(value_s: float, large: tuple[int, str], small: tuple[int, str]) -> str:
    """Return a duration in two units, without the smaller one where it is none of it."""
    whole, rest = divmod(round(value_s / small[0]), large[0] // small[0])
    return f"{whole} {large[1]}" + (f" {rest} {small[1]}" if rest else "")


def on(begun: datetime | None, ended: datetime | None) -> str:
    """Return the day, or the days, with the word before them; empty where they are not known."""
    if begun is None or ended is None:
        return ""
    if begun.date() == ended.date():
        return f" on {_day(ended)}"
    return f" from {_day(begun, ended)} to {_day(ended)}"


def _day(moment: datetime, of: datetime | None = None) -> str:
    """Return a day without the year, and the month, that ``of`` has as well."""
    same_year = of is not None and of.year == moment.year
    same_month = same_year and of is not None and of.month == moment.month
    month = "" if same_month else f" {_MONTHS[moment.month - 1]}"
    return f"{moment.day}{month}" + ("" if same_year else f" {moment.year}")


def joined(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence."""
    if len(parts) < 2:  # noqa: PLR2004 - one needs no word between
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
