"""Which runs are wanted: the filters of `oc.runs` and ``%carbon runs``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypedDict, Unpack, get_args

from ocarbon_magic.collection.entry import BY_HAND, TIMES
from ocarbon_magic.moments import utc_text
from ocarbon_magic.options import unknown_name
from ocarbon_magic.run import IntensityScope, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.collection.entry import Entry

STATUSES: tuple[str, ...] = get_args(Status)
SCOPES: tuple[str, ...] = (*get_args(IntensityScope), BY_HAND)

Moment = str | date
"""A day as ``2026-03-01``, a month as ``2026-03``, today, yesterday, or a date or datetime."""


def _is_called(value: str, pattern: str) -> bool:
    return value == pattern or fnmatchcase(value, pattern)


def _is_zone(value: str, pattern: str) -> bool:
    return _is_called(value.upper(), pattern.upper())


def _is_notebook(value: str, pattern: str) -> bool:
    path = value.replace("\\", "/")
    return _is_called(path, pattern) or _is_called(path.rsplit("/", 1)[-1], pattern)


def _has_device(value: str, pattern: str) -> bool:
    names = [line.rsplit(f" {TIMES} ", 1)[-1].upper() for line in value.split("\n")]
    part = pattern if any(sign in pattern for sign in "*?") else f"*{pattern}*"
    return any(_is_called(name, part.upper()) for name in names)


def _is(value: str, wanted: str) -> bool:
    return value == wanted


MATCHES: dict[str, Callable[[str, str], bool]] = {
    "name": _is_called,
    "user": _is_called,
    "project": _is_called,
    "notebook": _is_notebook,
    "zone": _is_zone,
    "devices": _has_device,
    "scope": _is,
    "metric": _is,
    "status": _is,
}
"""How the value of a column, which is never None, is held against what is wanted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What runs must be like; None wants nothing.

    Attributes
    ----------
    id : str or None
        How their ids begin.
    name, user, project, notebook, zone, devices, scope, metric, status : str or None
        See `MATCHES`.
    since, before : str or None
        They started then or later, and earlier than that: stamps of RFC 3339, or the
        beginning of one.
    """

    id: str | None = None
    name: str | None = None
    user: str | None = None
    project: str | None = None
    notebook: str | None = None
    zone: str | None = None
    devices: str | None = None
    scope: str | None = None
    metric: str | None = None
    status: str | None = None
    since: str | None = None
    before: str | None = None

    def of_columns(self) -> dict[str, str]:
        """Return what is wanted of columns, apart from id and time."""
        known = {column: getattr(self, column) for column in MATCHES}
        return {column: value for column, value in known.items() if value is not None}

    def accepts(self, entry: Entry) -> bool:
        """Return whether a run is wanted; what is not known of it is not."""
        if self.id is not None and not entry.id.startswith(self.id):
            return False
        if self.since is not None and entry.started_at < self.since:
            return False
        if self.before is not None and entry.started_at >= self.before:
            return False
        return all(
            (known := getattr(entry, column)) is not None and MATCHES[column](known, value)
            for column, value in self.of_columns().items()
        )

    @property
    def is_anything(self) -> bool:
        """Whether every run is wanted."""
        return all(getattr(self, field.name) is None for field in fields(self))


class Filters(TypedDict, total=False):
    """The filters of `ocarbon_magic.runs`, which has them explained."""

    name: str | None
    day: Moment | None
    since: Moment | None
    until: Moment | None
    notebook: str | None
    project: str | None
    zone: str | None
    device: str | None
    status: str | None
    scope: str | None
    metric: str | None
    user: str | None


def wanted(id: str | None = None, **said: Unpack[Filters]) -> Wanted:  # noqa: A002 - the record's own word
    """Return what is wanted, checked; see `ocarbon_magic.runs`.

    Raises
    ------
    TypeError
        If there is no such filter.
    ValueError
        If a moment cannot be read, or there is no such status or scope.
    """
    for name in said:
        if name not in Filters.__annotations__:
            raise TypeError(unknown_name("filter", name, Filters.__annotations__))
    day, since, until = said.get("day"), said.get("since"), said.get("until")
    if day is not None and (since is not None or until is not None):
        raise ValueError("day goes without since and until: keep the one or the others.")
    first, last = (day, day) if day is not None else (since, until)
    return Wanted(
        id=None if id is None else id.lower(),
        name=said.get("name"),
        user=said.get("user"),
        project=said.get("project"),
        notebook=said.get("notebook"),
        zone=said.get("zone"),
        devices=said.get("device"),
        scope=_one_of("scope", said.get("scope"), SCOPES),
        metric=said.get("metric"),
        status=_one_of("status", said.get("status"), STATUSES),
        since=None if first is None else _span(first)[0],
        before=None if last is None else _span(last)[1],
    )


def _one_of(what: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    word = str(value).strip().lower().replace(" ", "-")
    if word not in known:
        raise ValueError(f"{what} must be {', '.join(known[:-1])} or {known[-1]}, not {value!r}.")
    return word


def _span(moment: Moment) -> tuple[str, str]:
    """Return the first stamp of a moment and the first after it; days are those of UTC."""
    if isinstance(moment, datetime):
        stamp = utc_text(moment)
        return stamp, stamp
    if isinstance(moment, date):
        return _days(moment, moment + timedelta(days=1))
    text = str(moment).strip().lower()
    today = datetime.now(UTC).date()
    for word, back in (("today", 0), ("yesterday", 1)):
        if text == word:
            return _days(today - timedelta(days=back), today - timedelta(days=back - 1))
    try:
        if len(text) == len("2026-03"):
            first = date.fromisoformat(f"{text}-01")
            return _days(first, (first + timedelta(days=31)).replace(day=1))
        if len(text) <= len("2026-03-01"):
            return _span(date.fromisoformat(text))
        return _span(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        raise ValueError(
            f"a time is a day such as 2026-03-01, a month such as 2026-03, today or yesterday, "
            f"not {moment!r}."
        ) from None


def _days(first: date, after: date) -> tuple[str, str]:
    return first.isoformat(), after.isoformat()
