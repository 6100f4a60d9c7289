"""Runs measured by what a real Prometheus server scraped, against loads of known energy."""

import time

import pytest
from exporter_pages import GPU_A, GPU_B, GPU_C, Gpu, Load, dcgm, kepler, old_kepler, scaphandre
from prometheus_server import Page

import ocarbon_magic as oc
from ocarbon_magic.meters.discover import discover
from ocarbon_magic.meters.prometheus import meter as meter_module
from ocarbon_magic.meters.prometheus import poller as poller_module

WORK_S = 6
PACKAGE = ("package", "core", "dram", "uncore")


class Cluster:
    """Five nodes with an exporter each, and the loads of what is to be measured of them."""

    def __init__(self):
        idle = {
            "counter": Load(60.0),
            "mig": Load(80.0),
            "sensor": Load(50.0),
            "package": Load(90.0),
            "dram": Load(10.0),
            "old package": Load(70.0),
            "old dram": Load(8.0),
            "socket 0": Load(120.0, counted_j=262143.0),  # about to run over
            "socket 1": Load(110.0),
            "socket dram": Load(12.0),
            "coarse": Load(100.0),
        }
        self.loads = idle
        one = [
            Gpu(0, GPU_A, idle["counter"], more={"pod": "train-0"}),
            Gpu(1, GPU_B, idle["mig"], instances=(3, 5, 6)),
            Gpu(2, GPU_C, idle["sensor"], counter=False),
        ]
        memory = [idle["socket dram"], Load(0.0)]
        sockets = [idle["socket 0"], idle["socket 1"]]
        self.pages = {
            "gpu-07": Page(lambda: dcgm("gpu-07", one)),
            "cpu-01": Page(
                lambda: kepler(
                    "cpu-01",
                    {z: idle["dram" if z == "dram" else "package"] for z in PACKAGE},
                )
            ),
            "cpu-02": Page(
                lambda: old_kepler(
                    "cpu-02",
                    {
                        "package": idle["old package"],
                        "core": idle["old package"],
                        "dram": idle["old dram"],
                    },
                    packages=2,
                )
            ),
            "cpu-03": Page(lambda: scaphandre(sockets, memory)),
            "gpu-08": Page(lambda: dcgm("gpu-08", [Gpu(0, "GPU-coarse", idle["coarse"])])),
        }

    def jobs(self):
        of = {name: [page.address] for name, page in self.pages.items()}
        return [
            ("dcgm", "1s", {}, of["gpu-07"]),
            ("dcgm-again", "1s", {}, of["gpu-07"]),
            ("kepler", "1s", {}, [*of["cpu-01"], *of["cpu-02"]]),
            ("scaphandre", "1s", {"node": "cpu-03"}, of["cpu-03"]),
            ("coarse", "4s", {}, of["gpu-08"]),
        ]

    def work(self):
        """Set all to work, by three times what they drew."""
        for load in self.loads.values():
            load.set(3 * load.power_w)

    def rest(self):
        for load in self.loads.values():
            load.set(load.power_w / 3)


@pytest.fixture(scope="module")
def cluster():
    made = Cluster()
    yield made
    for page in made.pages.values():
        page.close()


@pytest.fixture(scope="module")
def server(prometheus, cluster):
    started = prometheus(cluster.jobs())
    cluster.pages["gpu-08"].await_scrapes(2)
    return started


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Wait for the last answer however busy this machine is."""
    monkeypatch.setattr(meter_module, "LAST_WAIT_S", 20.0)
    monkeypatch.setattr(poller_module, "LAST_DEADLINE_S", 20.0)


def test_each_device_of_a_cluster_is_measured_within_its_stated_bound(cluster, server):
    found = discover(f"prometheus:{server.url}?node=*", patience_s=20.0)
    (meter,) = found.meters
    meter.start()
    start_s = time.time()
    cluster.work()
    cluster.pages["gpu-07"].await_scrapes(2 * WORK_S)
    end_s, ended_s = time.time(), time.monotonic()
    readings = meter.stop(ended_s)
    cluster.rest()
    expected = {
        ("gpu-07", GPU_A): ["counter"],
        ("gpu-07", GPU_B): ["mig"],
        ("gpu-07", GPU_C): ["sensor"],
        ("gpu-08", "GPU-coarse"): ["coarse"],
        ("cpu-01", "Processor"): ["package"],
        ("cpu-01", "DRAM"): ["dram"],
        ("cpu-02", "Processor"): ["old package"],
        ("cpu-02", "DRAM"): ["old dram"],
        ("cpu-03", "Processor"): ["socket 0", "socket 1"],
        ("cpu-03", "DRAM"): ["socket dram"],
    }
    got = {(r.device.host, r.device.uuid or r.device.name): r for r in readings}
    assert got.keys() == expected.keys()
    for key, names in expected.items():
        reading = got[key]
        truth_j = sum(cluster.loads[name].between(start_s, end_s) for name in names)
        error_pct = 100 * (reading.energy_j / truth_j - 1)
        assert abs(error_pct) <= reading.uncertainty_pct
        if key[0] != "gpu-08":  # of its run of a scrape or two
            assert abs(error_pct) < (20 if key[1] == GPU_C else 3)


def test_a_cell_measured_by_an_endpoint_is_a_run_as_any_other(cluster, server):
    with oc.measure(devices=f"prometheus:{server.url}?node=gpu-07&gpu=0,1", quiet=True) as run:
        cluster.work()
        cluster.pages["gpu-07"].await_scrapes(6)
        cluster.rest()
    assert run.warnings == [] or all("lower bound" not in line for line in run.warnings)
    assert [(d.host, d.uuid) for d in run.devices] == [("gpu-07", GPU_A), ("gpu-07", GPU_B)]
    first = run.devices[0]
    assert first.method == "dcgm-energy-counter"
    assert first.measured
    assert first.energy_j > 100.0 * run.duration_s
    assert run.emissions_g > 0


def test_a_server_that_hangs_in_mid_run_costs_no_energy(cluster, server):
    found = discover(f"prometheus:{server.url}?node=gpu-07&gpu=0", patience_s=20.0)
    (meter,) = found.meters
    meter.start()
    start_s = time.time()
    server.pause()
    readings = meter.read()
    server.resume()
    cluster.pages["gpu-07"].await_scrapes(8)
    end_s, ended_s = time.time(), time.monotonic()
    (reading,) = meter.stop(ended_s)
    assert len(readings) == 1
    truth_j = cluster.loads["counter"].between(start_s, end_s)
    assert reading.energy_j == pytest.approx(truth_j, rel=0.05)


def test_an_exporter_that_goes_down_leaves_a_lower_bound(cluster, server):
    page, load = cluster.pages["gpu-08"], cluster.loads["coarse"]
    (meter,) = discover(f"prometheus:{server.url}?node=gpu-08", patience_s=20.0).meters
    meter.start()
    start_s = time.time()
    page.await_scrapes(1)
    up_s = time.time()
    page.down = True
    # the end as it would be a minute later, without waiting for it
    (reading,) = meter.stop(time.monotonic() + 60.0)
    assert reading.energy_j <= load.between(start_s, up_s) * 1.01
    assert any("lower bound" in line for line in meter.notes.lines)
