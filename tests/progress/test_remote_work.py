"""Work that other processes count, as work of the run."""

from __future__ import annotations

from ocarbon_magic.progress.observer import WorkObserver
from ocarbon_magic.progress.remote import Part


def part(key, done, total=100.0, unit="step", source="tqdm"):
    return Part(("engine", key), done, total, unit, source, "the bar")


def counted(parts, total=None, unit=None):
    observer = WorkObserver(total, unit)
    observer.add_remote(lambda: parts)
    progress = observer.read()
    observer.stop()
    return progress


def test_what_several_processes_do_adds_up():
    parts = [part(0, 10.0), part(1, 30.0)]
    progress = counted(parts)
    count = progress.count
    assert (count.done, count.total, count.unit, count.source) == (40.0, 200.0, "step", "tqdm")
    assert {key: progress.steps[key] for key in count.keys} == {
        ("engine", 0): 10.0,
        ("engine", 1): 30.0,
    }


def test_without_the_total_of_one_there_is_none_of_all():
    count = counted([part(0, 10.0), part(1, 30.0, total=None)]).count
    assert (count.done, count.total) == (40.0, None)


def test_the_users_total_is_that_of_all_together():
    assert counted([part(0, 10.0), part(1, 30.0)], total=1000.0).count.total == 1000.0


def test_units_are_not_mixed():
    parts = [part(0, 10.0), part(1, 30.0), part(2, 500.0, unit="token")]
    assert counted(parts).count.done == 40.0
    assert counted(parts, unit="token").count.done == 500.0


def test_nobody_who_counts_is_no_work():
    assert counted([]).count is None


def test_the_pace_is_that_of_the_time_since_the_first_was_seen():
    observer = WorkObserver(None, None)
    parts = [part(0, 10.0)]
    observer.add_remote(lambda: parts)
    observer.read()
    parts[0] = part(0, 20.0)
    assert observer.read().count.rate_per_s > 0
    observer.stop()
