"""Damage that no statement stumbles over is found before a run is written into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from journals import filled, is_intact, journal, written

import ocarbon_magic as oc
from ocarbon_magic.journal import writer
from ocarbon_magic.journal.folder import home, own_file

RUNS = 40
INDEXES = ("runs_started_at", "runs_status", "runs_name")


def lose_index(path, name):
    """Have an index point to an empty one: what is asked by it is answered, with nothing."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE INDEX spare ON runs (started_at) WHERE 0")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = "
            "(SELECT rootpage FROM sqlite_master WHERE name = 'spare') WHERE name = ?",
            (name,),
        )
        connection.execute("DELETE FROM sqlite_master WHERE name = 'spare'")
        connection.commit()


@pytest.mark.parametrize("index", INDEXES)
def test_an_index_that_lost_its_entries_loses_no_run(index):
    path, runs = filled(RUNS)
    lose_index(path, index)
    assert not is_intact(path)
    with oc.measure("after", devices="none", quiet=True) as run:
        pass
    written()
    assert {known.id for known in oc.runs()} == {run.id, *(one.id for one in runs)}
    assert is_intact(own_file(home()))
    assert len([*home().glob("damaged-*.db")]) == 1


def test_a_sound_journal_is_left_where_it_is():
    path, _ = filled(RUNS)
    with oc.measure("after", devices="none", quiet=True):
        pass
    written()
    assert own_file(home()) == path == journal()
    assert len(oc.runs()) == RUNS + 1


def test_a_large_journal_is_not_looked_through(monkeypatch):
    path, _ = filled(RUNS)
    lose_index(path, "runs_name")
    monkeypatch.setattr(writer, "MOST_LOOKED_THROUGH_BYTES", path.stat().st_size - 1)
    with oc.measure("after", devices="none", quiet=True):
        pass
    written()
    assert own_file(home()) == path
