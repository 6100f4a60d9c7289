"""A journal that a stranger has written or prepared is read as data, within bounds."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pytest
from hostile import TEXTS, record
from hostile import run as hostile_run
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.folder import home, own_file
from ocarbon_magic.journal.process import this_process
from ocarbon_magic.journal.queries import MOST_IN_RECORD
from ocarbon_magic.journal.rows import Sheet, put_sheet

THEIRS = "runs-mallory.db"
FORMULA = sample(id="7d0d9e42-35e6-4a0c-8f57-6f1f5a0c9b11", name="theirs")
LOOPING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def written(path, *runs):
    """Write runs to a journal, as its owner does."""
    origin = Origin("mallory", "left", "vision", "/home/mallory/a.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(open_to_write(path)) as connection:
        for run in runs:
            sheet = Sheet(run.to_dict(), origin, this_process(), 0.0, 1)
            put_sheet(connection, sheet)


def theirs(*runs):
    """Write the journal of somebody else, beside ours."""
    written(home() / THEIRS, *(runs or (FORMULA,)))
    return home() / THEIRS


def changed(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(
                statement
            )
        connection.commit()


def looked_at():
    runs = oc.runs()
    for view in (runs, runs.totals("device"), runs.totals("user"), *runs):
        view._repr_mimebundle_()
    return runs


@pytest.mark.parametrize("name", TEXTS)
def test_runs_of_strange_names_are_listed(name):
    theirs(hostile_run(TEXTS[name], everywhere=True))
    (found,) = looked_at()
    assert found.to_dict()["status"] == json.loads(json.dumps(found.status))


def said_of(text):
    """Return what is shown of a run whose record is ``text``."""
    path = theirs()
    changed(path, ("UPDATE records SET record = ?", (text,)))
    (found,) = looked_at()
    assert found.name == "theirs"
    return found.warnings


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"schema": "ocarbon.run/1", "host": ' + "[" * 900 + "]" * 900 + "}",
        '{"schema": "ocarbon.run/1", "id": ' + "9" * 5000 + "}",
        "NaN",
        "null",
        '"' + "a" * MOST_IN_RECORD + '"',
        b"\xff\xfe",
        7,
    ],
    ids=["deep", "deep inside", "long number", "no number", "null", "large", "bytes", "number"],
)
def test_a_record_that_is_none_leaves_the_row(text):
    assert said_of(text) == [
        "The record of this run cannot be read; these are the columns of its row."
    ]


def test_a_record_of_another_run_is_not_taken():
    assert said_of(json.dumps(record("other"))) != []


def test_a_row_that_is_too_large_is_one_line():
    path = theirs()
    changed(path, "UPDATE runs SET name = hex(zeroblob(40000000))")
    assert looked_at().notes == (f"{THEIRS} cannot be read: string or blob too big.",)


PROGRAMS = {
    "a view": ("ALTER TABLE runs RENAME TO kept", f"CREATE VIEW runs AS {LOOPING}"),
    "a view of records": ("DROP TABLE records", f"CREATE VIEW records AS {LOOPING}"),
    "a trigger": (
        f"CREATE TRIGGER t BEFORE INSERT ON runs BEGIN DELETE FROM records WHERE ({LOOPING}); END",
    ),
    "a virtual table": ("CREATE VIRTUAL TABLE found USING fts5(text)",),
}


@pytest.mark.parametrize("statements", PROGRAMS.values(), ids=PROGRAMS)
def test_a_file_with_programs_of_its_own_is_not_read(statements):
    path = theirs()
    changed(path, *statements)
    assert looked_at().notes == (f"{THEIRS} cannot be read: it holds programs of its own.",)


@pytest.mark.parametrize("statements", PROGRAMS.values(), ids=PROGRAMS)
def test_ones_own_file_with_programs_is_set_aside_and_a_new_one_begun(statements):
    path = own_file(home())
    written(path, FORMULA)
    changed(path, *statements)
    assert "kept as damaged-" in looked_at().notes[0]
    with oc.measure("after", devices="none", quiet=True):
        pass
    assert "after" in [run.name for run in looked_at()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_what_only_looks_like_a_journal_is_waited_for_by_nobody():
    theirs()
    os.mkfifo(home() / "runs-pipe.db")
    (home() / "runs-folder.db").mkdir()
    (home() / "runs-nowhere.db").symlink_to(home() / "nothing")
    (home() / "runs-device.db").symlink_to("/dev/zero")
    assert [run.name for run in looked_at()] == ["theirs"]


def test_a_waiting_file_that_is_nested_deep_is_set_apart():
    path = own_file(home())
    written(path, FORMULA)
    folder = path.with_name(f"{path.stem}.pending")
    folder.mkdir()
    (folder / "deep.json").write_text("[" * 100_000)
    assert [run.name for run in looked_at()] == ["theirs"]
    assert [file.name for file in folder.iterdir()] == ["deep.unreadable"]
