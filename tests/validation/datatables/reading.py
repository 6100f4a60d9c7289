"""Tables as they lie in a folder or in a commit, and what a rule finds in them."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
DATA = ROOT / "ocarbon_magic" / "data"
NOTICE = ROOT / "NOTICE"


class Finding(NamedTuple):
    """One fault of a table: where it stands, and what is wrong and expected there."""

    table: str
    row: str
    column: str
    value: str
    wrong: str

    def __str__(self):
        where = ", ".join(
            part
            for part in (
                f"{self.table}.csv" if self.table else "",
                f"row {self.row}" if self.row else "",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        return f"{where}: {self.value!r}: {self.wrong}"


class Table(NamedTuple):
    """One table: its name, its columns, its rows by column, and how many bytes it has."""

    name: str
    columns: list[str]
    rows: list[dict[str, str]]
    size_bytes: int
    ragged: list[int]
    """Lines, counted from 1, that have more or fewer cells than the header."""

    def numbers(self, column):
        return [float(row[column]) for row in self.rows if row[column]]


class Tables(NamedTuple):
    """All tables by name, and the text that credits their sources."""

    tables: dict[str, Table]
    notice: str

    def __getitem__(self, name):
        return self.tables[name]


def parse(name, text):
    """Return the table of a CSV text; a ragged line is kept as far as it goes."""
    header, *lines = csv.reader(text.splitlines(), strict=True)
    rows = [dict(zip(header, line, strict=False)) for line in lines]
    ragged = [at for at, line in enumerate(lines, start=2) if len(line) != len(header)]
    whole = [dict.fromkeys(header, "") | row for row in rows]
    return Table(name, header, whole, len(text.encode()), ragged)


def in_folder(folder=DATA, notice=NOTICE):
    """Return the tables of a folder."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}
    tables = {name: parse(name, text) for name, text in texts.items()}
    return Tables(tables, " ".join(notice.read_text(encoding="utf-8").split()))


def in_commit(commit, root=ROOT):
    """Return the tables of a commit of the checkout at ``root``, by name.

    Raises
    ------
    ValueError
        If this is no git checkout, or there is no such commit.
    """
    folder = DATA.relative_to(ROOT).as_posix()
    listed = _git(root, "ls-tree", "--name-only", commit, f"{folder}/").splitlines()
    paths = [path for path in map(Path, listed) if path.suffix == ".csv"]
    texts = {path.stem: _git(root, "show", f"{commit}:{path.as_posix()}") for path in paths}
    return {name: parse(name, text) for name, text in texts.items()}


def _git(root, *words):
    said = subprocess.run(
        ["git", "-C", root, *words], capture_output=True, encoding="utf-8", check=False
    )
    if said.returncode:
        raise ValueError(said.stderr.strip().splitlines()[-1])
    return said.stdout
