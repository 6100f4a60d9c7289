"""Runs measured at the same time in one process say so, and which of them a sum leaves out."""

from __future__ import annotations

import threading

import pytest
from sample_runs import cpu, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic import simultaneous
from ocarbon_magic.simultaneous import AROUND, BESIDE, INSIDE


@pytest.fixture
def begun():
    """Begin made runs; those left going are ended."""
    runs = []

    def begin(number, asked="all", **changes):
        run = sample(id=f"run-{number}", warnings=[], **changes)
        simultaneous.begin(run, asked, run.warnings.append)
        runs.append(run)
        return run

    yield begin
    for run in runs:
        simultaneous.end(run)


def test_a_run_inside_another_names_it_and_both_say_so():
    with (
        oc.measure("outside", devices="cpu", quiet=True) as outside,
        oc.measure("inside", devices="cpu", quiet=True) as inside,
    ):
        sum(range(10**5))
    assert inside.within == outside.id
    assert outside.within is None
    assert INSIDE in inside.warnings
    assert AROUND in outside.warnings
    assert inside.embodied_g <= outside.embodied_g


def test_runs_one_after_the_other_say_nothing():
    for _ in range(2):
        with oc.measure(devices="cpu", quiet=True) as run:
            sum(range(10**4))
        assert run.within is None
        assert not {INSIDE, AROUND, BESIDE} & set(run.warnings)


def test_runs_of_two_threads_that_overlap_say_so():
    began, may_end = threading.Event(), threading.Event()
    runs = []

    def other():
        with oc.measure("other", devices="cpu", quiet=True) as run:
            runs.append(run)
            began.set()
            may_end.wait(30)

    thread = threading.Thread(target=other)
    with oc.measure("first", devices="cpu", quiet=True) as first:
        thread.start()
        assert began.wait(30)
    may_end.set()
    thread.join()
    assert BESIDE in first.warnings
    assert BESIDE in runs[0].warnings
    assert (first.within, runs[0].within) == (None, None)


def test_of_three_nested_runs_the_inner_two_are_in_the_outermost(begun):
    outer, middle, inner = begun(1), begun(2), begun(3)
    for run in (inner, middle, outer):
        simultaneous.end(run)
    assert (outer.within, middle.within, inner.within) == (None, "run-1", "run-1")
    assert outer.warnings == [AROUND, AROUND]
    assert middle.warnings == [AROUND, INSIDE]
    assert inner.warnings == [INSIDE, INSIDE]


def test_a_run_inside_one_that_measures_other_devices_is_not_in_its_total(begun):
    outer, inner = begun(1, "0"), begun(2, "all", devices=[gpu(), cpu()])
    simultaneous.end(inner)
    assert inner.within is None
    assert inner.warnings == outer.warnings == [BESIDE]


def test_runs_on_different_devices_have_nothing_to_say(begun):
    one, other = begun(1, "0", devices=[gpu()]), begun(2, "cpu", devices=[cpu()])
    simultaneous.end(other)
    simultaneous.end(one)
    assert one.warnings == other.warnings == []


def test_a_run_that_measures_nothing_shares_nothing(begun):
    outer, inner = begun(1), begun(2, "none")
    simultaneous.end(inner)
    assert outer.warnings == inner.warnings == []
