"""Whether the tables in ``ocarbon_magic/data`` keep their rules, and what a refresh has changed.

    python tests/validation/tables.py [--data FOLDER] [--against COMMIT-OR-FOLDER] [--year YEAR]

prints one line for each fault (table, row, column, value, what is wrong and what is expected) and
ends with exit code 1 if there is one. Then it prints what is worth a look beside the tables of a
commit, by default the last one: rows that came or went, and figures that changed by more than 30 %.
"""

# ruff: noqa: T201 - it prints

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from validation.datatables.changes import changes
from validation.datatables.reading import DATA, in_commit, in_folder
from validation.datatables.rules import findings


def present(against, now):
    """Print what differs from the tables of a commit or folder."""
    try:
        folder = Path(against)
        before = in_folder(folder).tables if folder.is_dir() else in_commit(against)
    except (OSError, ValueError) as error:  # no git, no checkout, no such commit
        print(f"Not compared with {against}: {error}")
        return
    found = [str(change) for change in changes(before, now)]
    print(f"{len(found)} changes beside {against} to look at{':' if found else '.'}")
    print(*(f"  {line}" for line in found), sep="\n", end="\n" if found else "")


def main(arguments=None):
    """Return the exit code: 1 if a rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the tables")
    parser.add_argument("--against", default="HEAD", help="a commit or a folder to compare with")
    parser.add_argument(
        "--year", type=int, default=datetime.now(UTC).year, help="in whose eyes figures are old"
    )
    options = parser.parse_args(arguments)
    tables = in_folder(options.data)
    found = findings(tables, options.year)
    print(*found, sep="\n", end="\n" if found else "")
    rows = sum(len(table.rows) for table in tables.tables.values())
    kb = sum(table.size_bytes for table in tables.tables.values()) / 1000
    print(f"{len(tables.tables)} tables, {rows} rows, {kb:.0f} kB: {len(found)} faults.")
    present(options.against, tables.tables)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
