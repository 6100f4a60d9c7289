"""A hundred thousand runs stay quick: what is asked is found by an index, and read in part."""

from __future__ import annotations

from contextlib import closing

import pytest
from journals import filled

import ocarbon_magic as oc
from ocarbon_magic.collection.wanted import wanted
from ocarbon_magic.journal import queries
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.run import Run

ASKED = {
    "id": "abcd",
    "name": "resnet",
    "day": "2026-01-01",
    "since": "2026-01-01",
    "until": "2026-01-01",
    "notebook": "train.ipynb",
    "project": "vision",
    "zone": "FRA",
    "device": "H100",
    "status": "failed",
    "scope": "direct",
    "metric": "loss",
    "user": "ada",
}


@pytest.fixture(scope="module")
def journal_of_many(homes):
    return filled(200, homes / "many" / "runs-ada.db")[0]


def plan(connection, said):
    statement, parameters = queries.select(connection, wanted(**said), [])
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]


@pytest.mark.parametrize("column", ASKED)
def test_every_filter_is_answered_by_an_index(journal_of_many, column):
    with closing(open_to_write(journal_of_many)) as connection:
        steps = plan(connection, {column: ASKED[column]})
    assert any(step.startswith("SEARCH runs USING") for step in steps), steps


def test_the_list_is_read_from_an_index_in_its_order(journal_of_many):
    with closing(open_to_write(journal_of_many)) as connection:
        steps = plan(connection, {})
    assert steps == ["SCAN runs USING COVERING INDEX runs_started_at"]


def test_only_the_runs_that_are_looked_at_are_decoded(journal_of_many, monkeypatch):
    monkeypatch.setenv("OCARBON_HOME", str(journal_of_many.parent))
    decoded = []
    build = Run.from_dict.__func__

    def counted(cls, record):
        decoded.append(record["id"])
        return build(cls, record)

    monkeypatch.setattr(Run, "from_dict", classmethod(counted))
    runs = oc.runs()
    assert len(runs) == 200
    str(runs)
    runs.totals("project")
    runs.to_pandas()
    chosen = runs.only(zone="FRA", since="2026-01-01")[:10]
    assert decoded == []
    assert chosen[3].id == decoded[0]
    assert chosen[3] is chosen[3]
    assert len(decoded) == 1
