"""How a run stands in the journal's tables: a row of columns, and its record."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ocarbon_magic.collection.entry import COLUMNS, Entry, Origin
from ocarbon_magic.run import Run

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

ROW = (*COLUMNS, "process", "heartbeat_s", "revision")
"""The columns of a row, apart from its number."""

TEXTS = ("id", "name", "status", "started_at", "scope", "zone", "devices")
"""Those that hold text in every sound row."""

_UPDATED = ", ".join(f"{name} = excluded.{name}" for name in ROW if name != "id")
_PUT = (
    f"INSERT INTO runs ({', '.join(ROW)}) VALUES ({', '.join('?' * len(ROW))}) "  # noqa: S608 - our names
    f"ON CONFLICT (id) DO UPDATE SET {_UPDATED} WHERE excluded.revision > runs.revision"
)
_PUT_RECORD = (
    "INSERT OR REPLACE INTO records (number, record) SELECT number, ? FROM runs WHERE id = ?"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A run as it stood at one moment.

    Attributes
    ----------
    record : dict
        `Run.to_dict`.
    origin : Origin
    process : str
        Who writes it.
    heartbeat_s : float
        When, in seconds of that machine's clock.
    revision : int
        Grows with every sheet of a run, whatever the clock does.
    """

    record: dict[str, Any]
    origin: Origin
    process: str
    heartbeat_s: float
    revision: int

    def to_json(self) -> str:
        """Return the sheet as text, from which `from_json` makes it again."""
        return json.dumps(asdict(self), ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Sheet:
        """Return the sheet that a text holds.

        Raises
        ------
        ValueError
            If it holds none.
        """
        try:
            said = json.loads(text)
            return cls(**{**said, "origin": Origin(**said["origin"])})
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError(f"this is not a run to be written: {error}") from None

    def row(self) -> dict[str, Any]:
        """Return the row.

        Raises
        ------
        ValueError
            If the record is none.
        """
        return {
            **row_of(self.record, self.origin),
            "process": self.process,
            "heartbeat_s": self.heartbeat_s,
            "revision": self.revision,
        }


def row_of(record: dict[str, Any], origin: Origin) -> dict[str, Any]:
    """Return what a record says by column.

    Raises
    ------
    ValueError
        If it is none.
    """
    run = Run.from_dict({**record, "series": {}})  # which no column needs
    return {name: _storable(getattr(Entry.of(run, origin), name)) for name in COLUMNS}


def put(connection: sqlite3.Connection, row: Mapping[str, Any], record: str | None) -> None:
    """Write a row and its record, unless what is there is newer."""
    written = connection.execute(_PUT, [row.get(name) for name in ROW])
    if written.rowcount and record is not None:
        connection.execute(_PUT_RECORD, (record, row["id"]))


def put_sheet(connection: sqlite3.Connection, sheet: Sheet) -> None:
    """Write a run as it stood, unless what is there is newer.

    Raises
    ------
    ValueError
        If its record is none.
    """
    put(connection, sheet.row(), json.dumps(sheet.record, ensure_ascii=True))


def _storable(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return text that can be written as UTF-8; a name may come from anywhere."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
