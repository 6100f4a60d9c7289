"""Bars of tqdm that nothing else counts: read from outside, at any moment."""

from __future__ import annotations

import io
import sys
import threading

import pytest
from measured_cells import Notebook
from tqdm import tqdm, trange
from tqdm.asyncio import tqdm as tqdm_asyncio
from tqdm.auto import tqdm as tqdm_auto
from tqdm.contrib import tenumerate
from tqdm.notebook import tqdm as tqdm_notebook
from tqdm.rich import tqdm as tqdm_rich

from ocarbon_magic.progress.tqdm import Bars

FLAVOURS = {
    "std": tqdm,
    "auto": tqdm_auto,
    "asyncio": tqdm_asyncio,
    "notebook": tqdm_notebook,
    "rich": tqdm_rich,
}


def bar(*arguments, kind=tqdm, **options):
    return kind(*arguments, file=io.StringIO(), mininterval=0, miniters=1, **options)


@pytest.fixture
def bars():
    return Bars(lambda _bar, _made_s: False)


def read(bars):
    return [(count.done, count.total) for count in bars.read()]


@pytest.mark.parametrize("kind", FLAVOURS.values(), ids=FLAVOURS)
@pytest.mark.filterwarnings("ignore")
def test_a_bar_says_how_far_it_is(bars, kind):
    shown = bar(total=10, kind=kind)
    shown.update(4)
    assert read(bars) == [(4, 10)]
    shown.update(6)
    shown.close()
    assert read(bars) == [(10, 10)]


def test_its_last_number_is_not_missed_when_it_goes(bars):
    for i in bar(range(5)):
        if i == 2:
            assert read(bars) == [(2, 5)]
    assert read(bars) == [(5, 5)]


def test_a_bar_that_was_there_before_counts_from_where_it_stood():
    shown = bar(total=10)
    shown.update(4)
    bars = Bars(lambda _bar, _made_s: False)
    shown.update(3)
    assert read(bars) == [(3, 6)]
    shown.close()


def test_a_disabled_bar_is_not_there(bars):
    shown = bar(total=10, disable=True)
    shown.update(4)
    assert read(bars) == []


def test_a_bar_of_bytes_is_a_download_and_no_work(bars):
    shown = bar(total=10, unit="B", unit_scale=True)
    shown.update(4)
    assert read(bars) == []
    shown.close()


def test_a_bar_without_a_total_has_none(bars):
    shown = bar()
    shown.update(4)
    assert read(bars) == [(4, None)]
    shown.close()


def test_a_bar_that_is_reset_loses_nothing(bars):
    shown = bar(total=10)
    shown.update(10)
    assert read(bars) == [(10, 10)]
    shown.reset()
    assert read(bars) == [(10, None)]
    shown.update(4)
    assert read(bars) == [(14, None)]
    shown.close()


def test_a_bar_closed_early_keeps_its_plan(bars):
    shown = bar(total=10)
    assert read(bars) == []
    shown.update(3)
    shown.close()
    assert read(bars) == [(3, 10)]


def test_nested_bars_are_one_progress(bars):
    outer = bar(total=4, desc="Epoch")
    outer.update(1)
    inner = bar(total=10, desc="Batch")
    inner.update(5)
    assert read(bars)[0] == (1.5, 4)
    inner.update(5)
    inner.close()
    outer.update(1)
    assert read(bars)[0] == (2, 4)
    outer.close()


def test_bars_one_after_another_have_no_known_end(bars):
    for epoch in range(3):
        shown = bar(total=10, desc=f"Epoch {epoch}")
        shown.update(10)
        read(bars)
        shown.close()
    assert read(bars) == [(30, None)]


def test_a_bar_in_a_counted_loop_is_a_part_of_it():
    bars = Bars(lambda _bar, _made_s: True)
    shown = bar(total=10)
    shown.update(5)
    assert read(bars) == []
    shown.close()


def test_the_set_of_bars_may_change_while_it_is_read(bars):
    ready, stop = threading.Event(), threading.Event()

    def churn():
        while not stop.is_set():
            bar(total=3).close()
            ready.set()

    thread = threading.Thread(target=churn)
    thread.start()
    ready.wait(30)
    try:
        for _ in range(300):
            bars.read()
    finally:
        stop.set()
        thread.join()


IN_CELLS = {
    "around a list": ("for x in bar([1, 2, 3]): pass", 3, 3),
    "disabled": ("for x in bar([1, 2, 3], disable=True): pass", 3, 3),
    "around a generator": ("for x in bar(c for c in 'abc'): pass", 3, None),
    "around a generator, with a total": ("for x in bar((c for c in 'abc'), total=3): pass", 3, 3),
    "inside enumerate": ("for i, x in enumerate(bar('abcd')): pass", 4, 4),
    "around enumerate": ("for i, x in bar(enumerate('abcd'), total=4): pass", 4, 4),
    "tenumerate": ("for i, x in tenumerate('abcd', file=sink): pass", 4, 4),
    "trange": ("for i in trange(5, file=sink): pass", 5, 5),
    "inner": ("for e in range(3):\n    for b in bar(range(4)): pass", 12, 12),
    "inner, left early": (
        "for e in range(3):\n    for b in bar(range(9)):\n        x = b\n        if b == 3: break",
        12,
        12,
    ),
    "outer": ("for e in bar(range(3)):\n    for b in range(4): pass", 12, 12),
    "both": ("for e in bar(range(3)):\n    for b in bar(range(4)): pass", 12, 12),
    "by hand around loops": (
        "shown = bar(total=12)\nfor e in range(3):\n    for b in range(4): shown.update()",
        12,
        12,
    ),
    "by hand in a loop without an end": (
        "shown = bar(total=12)\nwhile True:\n    shown.update(3)\n    if shown.n >= 12: break",
        12,
        12,
    ),
    "hidden in a library, gone between two looks": ("train()", None, None),
    "hidden in a library, each epoch": ("for e in range(3): train()", 3, 3),
}


@pytest.mark.parametrize(("cell", "done", "total"), IN_CELLS.values(), ids=IN_CELLS)
def test_bars_and_loops_of_a_cell_together(cell, done, total):
    def train():
        for _ in bar(range(20)):
            pass

    notebook = Notebook()
    notebook.names.update(
        bar=bar, trange=trange, tenumerate=tenumerate, sink=io.StringIO(), train=train
    )
    count = notebook.count(cell)
    assert (count and count.done, count and count.total) == (done, total)


def test_without_tqdm_there_are_no_bars(monkeypatch, bars):
    monkeypatch.delitem(sys.modules, "tqdm.std")
    assert bars.read() == []
