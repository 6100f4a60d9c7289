"""Snapshots of a run: small, complete after a while, and in keeping with the record."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import sample_runs
from hypothesis import given, settings
from hypothesis import strategies as st

from ocarbon_magic.jsontypes import plain
from ocarbon_magic.meters.base import Device, Reading
from ocarbon_magic.progress.choice import Count
from ocarbon_magic.series import RunSeries
from ocarbon_magic.snapshot import BYTES_PER_S, ENVELOPE_BYTES, Snapshots
from ocarbon_magic.timeline import Timeline

G_PER_KWH = 53.06


def emitted_g(_, energy_j):
    return energy_j * G_PER_KWH / 3.6e6


COUNTER = "loop"


def reading(device):
    known = Device(device.kind, device.name, device.uuid, device.method, device.measured)
    return Reading(known, device.energy_j, device.mean_power_w, device.max_power_w, 5.0)


def counted(done):
    return Count((COUNTER,), done, 2000, "step", "tqdm", 1.0, 14.9, "The bar")


def snapshots_of(run, series):
    return Snapshots(run, series, Timeline(run, series, emitted_g))


class Going:
    """A run of one step a second, told of every half second."""

    def __init__(self, run):
        run.series = None
        self.run = run
        self.series = RunSeries()
        self.snapshots = snapshots_of(run, self.series)
        self.readings = [reading(device) for device in run.devices]
        self.power_w = sum(device.mean_power_w for device in run.devices)

    def tick(self, t_s):
        """Go on to a time; return the snapshot that is due then, or None."""
        self.run.duration_s = t_s
        self.run.work.done = t_s
        self.series.add(t_s, self.power_w * t_s, {COUNTER: t_s})
        if not self.snapshots.is_due(t_s):
            return None
        return self.snapshots.take(self.readings, counted(t_s))

    def ticks(self, until_s, interval_s=0.5):
        """Go on to a time in ticks; return the snapshots with their times."""
        times = [interval_s * i for i in range(int(until_s / interval_s) + 1)]
        made = [(t_s, self.tick(t_s)) for t_s in times]
        return [(t_s, snapshot) for t_s, snapshot in made if snapshot is not None]


def running(gpus):
    return sample_runs.fullest(gpus)


@pytest.mark.parametrize("gpus", [1, 8, 64])
def test_snapshots_stay_within_what_may_go_to_the_browser(gpus):
    made = Going(running(gpus)).ticks(60)
    size = sum(len(json.dumps(snapshot)) + ENVELOPE_BYTES for _, snapshot in made)
    assert size / 60 <= BYTES_PER_S * 1.05  # what is on its way when the minute ends


@pytest.mark.parametrize(("gpus", "at_least_per_s"), [(1, 1.5), (8, 1.0)])
def test_a_panel_of_few_gpus_moves_at_least_once_a_second(gpus, at_least_per_s):
    assert len(Going(running(gpus)).ticks(60)) >= at_least_per_s * 60


def test_a_short_interval_does_not_hurry_the_panel():
    times = [t_s for t_s, _ in Going(running(1)).ticks(10, interval_s=0.05)]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.4


def test_whoever_begins_to_listen_late_has_all_of_the_run_after_some_seconds():
    going = Going(running(8))
    going.ticks(100)
    heard = [going.tick(100 + 0.5 * i) for i in range(1, 240)]
    heard = [snapshot for snapshot in heard if snapshot is not None]
    points = {point[0] for snapshot in heard for point in snapshot["points"]}
    assert {0.5 * i for i in range(400)} <= points
    devices = {key for snapshot in heard for key in snapshot.get("devices", {})}
    assert devices == {str(i) for i in range(9)}
    for part in ("work", "projection", "throughput", "warnings"):
        assert any(part in snapshot for snapshot in heard)


def test_points_are_those_of_the_record():
    going = Going(running(1))
    (_, *_, (_, last)) = going.ticks(20)
    *_, (t_s, power_w, work, emitted_g) = last["points"]
    assert (t_s, work) == (20.0, 20.0)
    assert power_w == pytest.approx(going.power_w, rel=1e-4)
    embodied_g = going.run.embodied_g
    operational_g = going.power_w * t_s / 3.6e6 * G_PER_KWH
    assert emitted_g == pytest.approx(operational_g + embodied_g, rel=1e-4)


def test_what_is_new_is_told_at_once_and_only_once():
    going = Going(running(8))
    going.ticks(120)
    going.run.warnings = [*going.run.warnings, "Something new."]
    made = [going.tick(120 + 0.5 * i) for i in range(1, 8)]
    told = [snapshot for snapshot in made if snapshot is not None]
    assert told[0]["warnings"][-1] == "Something new."
    assert "warnings" not in told[1]


def test_what_is_not_known_is_null_and_a_snapshot_is_json():
    run = sample_runs.just_begun()
    run.energy_kwh = run.operational_g = run.embodied_g = run.emissions_g = None
    series = RunSeries()
    series.add(0.0, None)
    series.add(0.5, None)
    snapshot = snapshots_of(run, series).take([], None)
    assert snapshot["energy_kwh"] is None
    assert snapshot["done"] is None
    assert snapshot["points"] == [[0.0, None, None, None], [0.5, None, None, None]]
    assert json.loads(json.dumps(snapshot, allow_nan=False)) == snapshot


@settings(deadline=None)
@given(st.integers(2, 2000))
def test_every_point_comes_round_however_many_there_are(ticks):
    run = sample_runs.sample()
    going = Going(run)
    for i in range(ticks):
        going.series.add(0.5 * i, 0.0, {COUNTER: i})
    heard = {
        point[0] for _ in range(480 // 6 + 2) for point in going.snapshots.take([], None)["points"]
    }
    assert heard == set(plain(going.series.t_s))


def test_the_basis_of_the_embodied_part_is_told_once_though_its_grams_grow():
    going = Going(running(8))
    first = going.tick(0.0)
    cards, processor = first["embodied"]
    assert (cards["count"], cards["product"]) == (8, "NVIDIA H100 SXM5 80GB")
    assert "embodied_g" not in processor.keys() | cards.keys()
    going.run.embodied = sample_runs.charges_of(going.run.devices, 2 * going.run.duration_s + 1)
    assert "embodied" not in going.tick(2.0)


def with_hosts(hosts=16):
    run = sample_runs.fullest(8)
    run.hosts = [sample_runs.host(n + 1) for n in range(hosts)]
    return Going(run)


def test_hosts_are_told_at_first_and_then_in_turn_however_their_figures_creep():
    going = with_hosts()
    assert len(going.tick(0.0)["hosts"]) == 16
    told = []
    for i in range(1, 200):
        for host in going.run.hosts:
            host.energy_j += 1.0
            host.work_done += 1.0
        told.append(going.tick(0.5 * i))
    made = [snapshot for snapshot in told if snapshot is not None]
    with_them = [snapshot for snapshot in made if "hosts" in snapshot]
    # A part in turn, of 7 and 9 devices.
    assert 1 <= len(with_them) <= len(made) / 16 + 1
    assert with_them[-1]["hosts"][0].keys() == plain(sample_runs.host(1)).keys()


def test_a_lost_worker_is_told_at_once():
    going = with_hosts(3)
    for t_s in range(0, 60, 2):
        going.tick(float(t_s))
    going.run.hosts[1].lost = 1
    assert going.tick(62.0)["hosts"][1]["lost"] == 1


def test_hosts_stay_within_what_may_go_to_the_browser():
    made = with_hosts().ticks(60)
    size = sum(len(json.dumps(snapshot)) + ENVELOPE_BYTES for _, snapshot in made)
    assert size / 60 <= BYTES_PER_S * 1.05


def test_a_run_of_one_machine_tells_nothing_of_hosts():
    assert all("hosts" not in snapshot for _, snapshot in Going(running(1)).ticks(20))


def test_devices_that_were_put_together_are_told_at_once():
    going = Going(running(8))
    going.tick(0.0)
    going.run.devices = [sample_runs.gpu(uuid=None, count=64, host="host 1")]
    (about,) = going.tick(10.0)["devices"].values()
    assert (about["count"], about["host"]) == (64, "host 1")
