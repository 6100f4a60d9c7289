"""Rows of hosts where no code of ours runs."""

import pytest

from ocarbon_magic.hostrows import MOST_HOSTS, hosts_of
from ocarbon_magic.meters.base import Device, Reading


def reading(host, energy_j, *, kind="gpu"):
    return Reading(Device(kind, "one", None, "kepler", measured=True, host=host), energy_j)


def test_each_host_has_a_row_with_all_that_its_devices_drew():
    readings = [
        reading("n1", 100.0),
        reading("n1", 50.0, kind="cpu"),
        reading("n2", 30.0),
        reading("n2", None, kind="cpu"),
        reading("n3", None),
    ]
    rows = hosts_of(readings, 10.0)
    assert [(r.name, r.energy_j, r.mean_power_w, r.count) for r in rows] == [
        ("n1", 150.0, 15.0, 1),
        ("n2", 30.0, 3.0, 1),
        ("n3", None, None, 1),
    ]
    assert [(r.members, r.workers, r.lost, r.work_done) for r in rows[:1]] == [("", 0, 0, None)]


def test_the_machine_of_the_run_has_a_row_only_beside_others():
    assert hosts_of([reading(None, 5.0)], 1.0) == []
    rows = hosts_of([reading(None, 5.0), reading("n1", 7.0)], 1.0)
    assert [row.name for row in rows] == ["kernel's host", "n1"]


def test_of_many_hosts_those_that_drew_most_have_rows_of_their_own():
    readings = [reading(f"n{n}", float(n)) for n in range(1000)]
    rows = hosts_of(readings, 1.0)
    assert len(rows) == MOST_HOSTS
    assert [row.name for row in rows[:2]] == ["n999", "n998"]
    rest = rows[-1]
    assert (rest.name, rest.count) == ("other hosts", 985)
    assert sum(row.energy_j for row in rows) == pytest.approx(999 * 1000 / 2)


def test_no_power_is_told_of_no_time():
    assert hosts_of([reading("n1", 0.0)], 0.0)[0].mean_power_w is None
