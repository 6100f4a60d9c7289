"""The country of the system's time zone, found offline.

It says where a machine is set to be, which is a guess of where it draws its power: better
than a fixed country, worse than being told.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ocarbon_magic.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_DATABASE = "zoneinfo/"  # what precedes the zone's name in a path, on Linux and macOS alike


def country(environ: Mapping[str, str], root: Path) -> str | None:
    """Return the ISO 3166-1 alpha-3 code of the first time zone set that has a country.

    UTC, fixed offsets and unknown zones have none.

    Parameters
    ----------
    environ : mapping
        The environment, of which ``TZ`` is read.
    root : Path
        The directory that holds ``etc/localtime`` and ``etc/timezone``.
    """
    zones = table("timezone_country")
    for setting in _settings(environ, root):
        if row := zones.get(_zone_name(setting)):
            return row["iso3"]
    return None


def _settings(environ: Mapping[str, str], root: Path) -> Iterator[str]:
    yield environ.get("TZ", "")
    with suppress(OSError):  # absent, or a copy of the zone's file
        # One step only: the database's own links lead to other countries
        # (Europe/Amsterdam to Europe/Brussels).
        yield str((root / "etc/localtime").readlink())
    with suppress(OSError):
        yield (root / "etc/timezone").read_text(encoding="utf-8", errors="replace")


def _zone_name(setting: str) -> str:
    """Return the zone that a setting names: ``:Europe/Paris``, a path, or the bare name."""
    name = setting.strip().removeprefix(":").rpartition(_DATABASE)[2]
    return name.removeprefix("posix/").removeprefix("right/")
