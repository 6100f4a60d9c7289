"""Rules on what the tables owe others: credit, licences that permit them, a small size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validation.datatables.reading import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validation.datatables.reading import Tables

MOST_BYTES = 600_000
"""All tables together, so that the wheel stays small."""

OURS = {"", "convention"}
"""Sources that nobody else is to be credited for."""

GROUNDS = re.compile(
    r"CC-BY-4\.0|Apache-2\.0|MIT licence|Open Government Licence|[Pp]ublic domain"
    r"|[Ss]ingle facts|[Pp]ublic specifications|made here"
)
"""On what ground a table may be shipped: a permissive licence, or that facts are free."""

TEXTS = (
    "CC-BY-4.0 is the Creative Commons Attribution 4.0 International licence",
    "licensed under the Open Government Licence - Canada",
    "Permission is hereby granted, free of charge",
    "Copyright (c) 2023 Code Carbon NGO",
)
"""What the licences themselves ask to be said."""


def credited(tables: Tables, _year: int) -> Iterator[Finding]:
    """Each table has its part of NOTICE, with the name of each source and a ground to ship it."""
    parts = _parts(tables.notice, tables.tables)
    for name, table in tables.tables.items():
        part = parts.get(name, "")
        if not part:
            yield Finding(name, "", "", "", "is not in NOTICE; expected its sources and licences")
            continue
        if not GROUNDS.search(part):
            wrong = "names no permissive licence in NOTICE; expected one, or that these are facts"
            yield Finding(name, "", "", part[:40], wrong)
        sources = dict.fromkeys(row.get("source", "") for row in table.rows)
        for source in sources:
            if source not in OURS and _named(source) not in part:
                wrong = f"is not credited; expected {_named(source)} in its part of NOTICE"
                yield Finding(name, "", "source", source, wrong)


def licence_texts(tables: Tables, _year: int) -> Iterator[Finding]:
    """What the licences ask to be said is said."""
    for wanted in TEXTS:
        if wanted not in tables.notice:
            yield Finding("", "", "", wanted, "is not in NOTICE; its licence asks for it")


def size(tables: Tables, _year: int) -> Iterator[Finding]:
    """All tables together are small enough for the wheel."""
    total = sum(table.size_bytes for table in tables.tables.values())
    if total > MOST_BYTES:
        wrong = f"are too many bytes in all tables together; expected at most {MOST_BYTES}"
        yield Finding("", "", "", str(total), wrong)


def _named(source: str) -> str:
    """Return by what a source is to be found in NOTICE: its name, without what follows."""
    return re.split(r"[,;(:]| / ", source)[0].strip()


def _parts(notice: str, names) -> dict[str, str]:
    """Return the part of NOTICE on each table."""
    listed = "|".join(map(re.escape, names))
    _, *found = re.split(rf"\b({listed})\.csv\b", notice)
    return dict(zip(found[::2], found[1::2], strict=True))
