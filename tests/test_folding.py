"""Many devices as few rows: nothing is lost, and nothing unlike is put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.folding import MOST_ROWS, folded
from ocarbon_magic.meters.base import Device, Reading

METHODS = ["nvml-energy-counter", "nvml-power", "rapl", "cpu-estimate"]
NAMES = [f"card {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

devices = st.builds(
    Device,
    kind=st.sampled_from(["gpu", "cpu"]),
    name=st.sampled_from(NAMES),
    uuid=st.uuids().map(str),
    method=st.sampled_from(METHODS),
    measured=st.just(True),
    tdp_w=st.sampled_from([None, 300.0]),
    host=st.sampled_from([None, *(f"host {i}" for i in range(6))]),
)
amounts = st.none() | st.floats(0.0, 1e6)
readings = st.builds(
    Reading, devices, amounts, amounts, amounts, st.none() | st.floats(0.0, 90.0), amounts
)


def gpu(index, host=None, name="NVIDIA A100", **more):
    return Device("gpu", name, f"GPU-{index}", "nvml-energy-counter", True, 400.0, host, **more)


def known_sum(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def test_few_devices_stay_as_they_are():
    rows = [Reading(gpu(i), 10.0) for i in range(MOST_ROWS)]
    assert folded(rows) is rows


def test_the_cards_of_one_host_become_one_row():
    rows = [
        Reading(gpu(f"{host}{i}", f"host {host}"), 10.0, 200.0, 300.0, 5.0, None, 0.5)
        for host in (1, 2, 3)
        for i in range(8)
    ]
    first, *others = folded(rows)
    assert len(others) == 2
    assert (first.device.host, first.device.count, first.device.uuid) == ("host 1", 8, None)
    assert (first.device.name, first.device.tdp_w) == ("NVIDIA A100", 400.0)
    assert first[1:] == (80.0, 1600.0, 2400.0, 5.0, None, 0.5)


def test_the_cards_of_many_hosts_become_one_row_of_all():
    rows = [Reading(gpu(f"{host} {i}", f"host {host}"), 1.0) for host in range(100) for i in (0, 1)]
    (row,) = folded(rows)
    assert (row.device.host, row.device.count, row.energy_j) == (None, 200, 200.0)


def test_of_many_names_the_ones_that_draw_most_keep_theirs():
    rows = [Reading(gpu(i, name=NAMES[i]), float(i)) for i in range(20)]
    made = {row.device.name: row for row in folded(rows)}
    assert set(made) == {*NAMES[12:20], "other GPUs"}
    assert made["other GPUs"].device.count == 12
    assert made["other GPUs"].energy_j == sum(range(12))


def test_one_that_could_not_be_read_leaves_the_rest_known():
    rows = [Reading(gpu(i), None if i == 3 else 10.0, busy_s=5.0) for i in range(20)]
    (row,) = folded(rows)
    assert (row.energy_j, row.power_w, row.busy_s) == (190.0, None, 100.0)


@given(st.lists(readings, max_size=120))
def test_nothing_is_lost_and_nothing_unlike_is_put_together(rows):
    made = folded(rows)
    assert len(made) <= MOST_ROWS
    assert sum(row.device.count for row in made) == len(rows)
    for field in ("energy_j", "power_w", "max_power_w"):
        total = known_sum(getattr(row, field) for row in rows)
        assert known_sum(getattr(row, field) for row in made) == pytest.approx(total)
    for way in {(row.device.kind, row.device.method) for row in rows}:
        own = [r.energy_j for r in rows if (r.device.kind, r.device.method) == way]
        kept = [r.energy_j for r in made if (r.device.kind, r.device.method) == way]
        assert known_sum(kept) == pytest.approx(known_sum(own))
    uncertainties = [row.uncertainty_pct for row in rows if row.uncertainty_pct is not None]
    for row in made:
        if row.uncertainty_pct is not None:
            slack = 1e-9
            assert min(uncertainties) - slack <= row.uncertainty_pct <= max(uncertainties) + slack
