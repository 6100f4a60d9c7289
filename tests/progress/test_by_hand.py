"""`oc.track` and `oc.update`: work counted by hand."""

from __future__ import annotations

import pytest
from measured_cells import Notebook

import ocarbon_magic as oc
from ocarbon_magic.progress.observer import WorkObserver


@pytest.fixture
def observer():
    watching = WorkObserver(None, None)
    watching.start()
    yield watching
    watching.stop()


def said(observer):
    count = observer.read().count
    return count and (count.done, count.total, count.unit, count.source)


def test_without_a_measured_run_nothing_happens():
    data = [1, 2, 3]
    assert list(oc.track(data)) == data
    assert type(iter(oc.track(data))) is type(iter(data))
    oc.update(5)


@pytest.mark.parametrize(
    ("make", "total"),
    [
        (lambda: [1, 2, 3, 4], 4),
        (lambda: range(4), 4),
        (lambda: "abcd", 4),
        (lambda: (c for c in "abcd"), None),
        (lambda: enumerate("abcd"), 4),
    ],
)
def test_tracking_counts_what_is_iterated(observer, make, total):
    items = [item for item in oc.track(make())]  # noqa: C416 - a loop of its own
    assert items == list(make())
    assert said(observer) == (4, total, "step", "oc.track")


def test_it_knows_how_far_it_is_in_the_middle(observer):
    seen = [said(observer) for _ in oc.track(range(4))]
    assert [done for done, *_ in seen] == [0, 1, 2, 3]


def test_units_and_totals_are_those_that_are_said(observer):
    for _ in oc.track((c for c in "abc"), total=10, unit="sample", units_per_item=32):
        pass
    assert said(observer) == (96, 320, "sample", "oc.track")


def test_nested_tracks_are_one_progress(observer):
    for _ in oc.track(range(3)):
        for _ in oc.track([1, 2]):
            pass
    assert said(observer)[:2] == (6, 6)


def test_a_break_leaves_the_step_it_ended_uncounted(observer):
    for i in oc.track(range(10)):
        if i == 4:
            break
    assert said(observer)[:2] == (4, 10)


def test_it_has_the_length_of_what_it_tracks():
    assert len(oc.track([1, 2])) == 2
    with pytest.raises(TypeError):
        len(oc.track(c for c in "ab"))


def test_update_adds_up(observer):
    for _ in range(4):
        oc.update(2.5)
    assert said(observer) == (10, None, "step", "oc.update")


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_update_refuses_what_is_no_amount_of_work(amount):
    with pytest.raises(ValueError, match="0 or more"):
        oc.update(amount)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"total": 0}, ValueError),
        ({"units_per_item": -1}, ValueError),
        ({"iterable": 5}, TypeError),
    ],
)
def test_track_refuses_in_one_sentence(options, error):
    with pytest.raises(error, match="track"):
        oc.track(**{"iterable": [1], **options})


def test_each_of_two_runs_at_once_counts_for_itself(observer):
    for _ in oc.track(range(2)):
        inner = WorkObserver(None, None)
        inner.start()
        for _ in oc.track(range(5)):
            oc.update()
        inner.stop()
        assert said(inner)[0] == 5
    assert observer.read().count.source == "oc.track", "it knows its total, update does not"


CELLS = {
    "track in a cell": (
        "for i in oc.track(range(6), unit='token', units_per_item=10): pass",
        60,
        60,
    ),
    "track around enumerate": ("for i, x in oc.track(enumerate('abc')): pass", 3, 3),
    "track within the cell's epochs": (
        "for e in range(3):\n    for b in oc.track([1, 2], unit='sample', units_per_item=8): pass",
        48,
        48,
    ),
    "track and a bigger loop beside it": (
        "for i in range(500): pass\nfor i in oc.track(range(6)): pass",
        6,
        6,
    ),
    "track in a function": ("def f():\n    for i in oc.track(range(6)): pass\nf()", 6, 6),
    "track that is enumerated": ("for i, x in enumerate(oc.track('abcd')): pass", 4, 4),
    "update in a loop": ("for i in range(5): oc.update(10)", 5, 5),
}


@pytest.mark.parametrize(("cell", "done", "total"), CELLS.values(), ids=CELLS)
def test_by_hand_wins_over_the_cells_loops(cell, done, total):
    notebook = Notebook()
    notebook.names["oc"] = oc
    count = notebook.count(cell)
    assert (count.done, count.total) == (done, total)


def test_a_planned_total_is_in_the_unit_of_the_updates():
    notebook = Notebook()
    notebook.names["oc"] = oc
    count = notebook.count("for i in range(5): oc.update(10)", total=1000, unit="token")
    assert (count.done, count.total, count.unit, count.source) == (50, 1000, "token", "oc.update")
