"""More runs than are held at once: they are looked at, written, and let go."""

from __future__ import annotations

import pytest
from reported import an_hour

import ocarbon_magic as oc
from ocarbon_magic.collection import Runs
from ocarbon_magic.run import Run, Series

COUNT = 800
MOST_HELD = 300
RECORD = an_hour(series=Series()).to_dict()


class Shelf:
    """Makes runs when they are looked at; knows how many of them there were at once."""

    notes = ()

    def __init__(self):
        self.most = self.alive = 0
        shelf = self

        class Counted(Run):
            def __del__(self):
                shelf.alive -= 1

        self.kind = Counted

    def runs(self, numbers):
        made = [self.kind.from_dict({**RECORD, "id": f"{number:036x}"}) for number in numbers]
        self.alive += len(made)
        self.most = max(self.most, self.alive)
        return made


@pytest.fixture
def shelf():
    return Shelf()


@pytest.mark.parametrize(
    "name", ["a.csv", "a.json", "a.jsonl", "a.parquet", "a.prom", "emissions.csv"]
)
def test_an_export_lets_go_of_what_is_written(tmp_path, shelf, name):
    export = oc.export(tmp_path / name, Runs.on(shelf, range(COUNT)))
    assert export.runs == COUNT
    assert 0 < shelf.most < MOST_HELD


@pytest.mark.parametrize("form", ["markdown", "latex", "text", "model-card"])
def test_a_report_lets_go_of_what_is_counted(shelf, form):
    report = oc.report(Runs.on(shelf, range(COUNT)), format=form)
    assert report.runs == COUNT
    # Each run emits 50 g + 4 g.
    assert report.emissions_g == pytest.approx(54.0 * COUNT)
    assert 0 < shelf.most < MOST_HELD
