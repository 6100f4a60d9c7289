"""Moments as records write them: RFC 3339, in UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Return the present moment."""
    return utc_text(datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """Return a moment as records write it; one without a time zone is local."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(stamp: str | None) -> datetime | None:
    """Return the moment that a time stamp of a record tells, in UTC; None where it tells none."""
    try:
        return None if stamp is None else datetime.fromisoformat(stamp).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def in_utc(moment: str) -> str:
    """Return a time stamp in UTC, as stamps are compared; one that cannot be read, as it is."""
    if moment.endswith("Z"):
        return moment
    try:
        return utc_text(datetime.fromisoformat(moment))
    except (ValueError, OverflowError):
        return moment
