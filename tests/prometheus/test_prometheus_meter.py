"""The meter, asking a server that answers as a test would have it."""

import threading
import time
from contextlib import contextmanager

import pytest
from exporter_pages import GPU_A, GPU_B
from fake_prometheus import Fake, gpu, steady, success

from ocarbon_magic.meters.base import Device
from ocarbon_magic.meters.discover import PROMETHEUS, discover
from ocarbon_magic.meters.prometheus import meter as meter_module
from ocarbon_magic.meters.prometheus import poller as poller_module
from ocarbon_magic.meters.prometheus.endpoint import endpoint_of
from ocarbon_magic.meters.prometheus.meter import PrometheusMeter

EPOCH_S = 1.7e9
"""The server's time when our clock is at 0: the two need not know of each other."""

LONG_S = 30.0


@pytest.fixture(autouse=True)
def _in_its_own_time(monkeypatch):
    """Wait for the last answer however busy this machine is, and ask again at once."""
    monkeypatch.setattr(meter_module, "LAST_WAIT_S", LONG_S)
    monkeypatch.setattr(poller_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(meter_module, "SHORTEST_S", 0.0)
    monkeypatch.setattr(meter_module, "SHARE", float("inf"))


@pytest.fixture
def server(fake, clock):
    fake.now = lambda: EPOCH_S + clock.now
    return fake


def at(clock_s):
    return EPOCH_S + clock_s


def meter_of(server, clock, said="", *, patience_s=LONG_S, **more):
    endpoint = endpoint_of(f"{server.url}?{said}")
    return PrometheusMeter(endpoint, clock=clock, environ={}, patience_s=patience_s, **more)


def ended(meter):
    """Wait until its thread has ended."""
    meter._poller._thread.join(LONG_S)
    assert not meter._poller._thread.is_alive()


def polled(meter):
    """Wait until it knows the samples so far."""
    until_s = time.monotonic() + LONG_S
    while meter._poller.state.polls == 0:
        assert time.monotonic() < until_s
        time.sleep(0.005)


@contextmanager
def held(server, matching):
    """Hold back the answers to questions with ``matching`` in them."""
    free = threading.Event()

    def answer(question):
        if matching in question["query"]:
            free.wait(LONG_S)

    server.answer = answer
    try:
        yield free
    finally:
        free.set()


def test_the_energy_of_a_run_is_that_between_its_ends_by_the_servers_clock(server, clock):
    server.series = [
        gpu("gpu-07", 0, uuid=GPU_A, samples=steady(300.0, at(400), at(1600))),
        gpu("gpu-07", 1, uuid=GPU_B, samples=steady(100.0, at(400), at(1600))),
    ]
    meter = meter_of(server, clock)
    assert [(d.host, d.uuid, d.method) for d in meter.describe()] == [
        ("gpu-07", GPU_A, "dcgm-energy-counter"),
        ("gpu-07", GPU_B, "dcgm-energy-counter"),
    ]
    meter.start()
    assert meter.due_s() is None
    clock.now += 500
    first, second = meter.stop(clock.now)
    assert first.energy_j == pytest.approx(500 * 300.0)
    assert second.energy_j == pytest.approx(500 * 100.0)
    assert first.power_w == first.max_power_w == pytest.approx(300.0)
    assert 5.0 < first.uncertainty_pct < 8.0
    assert meter.notes.lines == []
    ended(meter)


def test_what_is_read_while_the_run_goes_on_grows_with_the_time(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(1600)))]
    meter = meter_of(server, clock)
    meter.start()
    polled(meter)
    clock.now += 20
    (reading,) = meter.read()
    assert reading.energy_j == pytest.approx(20 * 300.0)
    assert reading.power_w == pytest.approx(300.0)
    meter.stop(clock.now)


def test_devices_of_several_nodes_bear_the_names_that_the_user_gave(server, clock):
    server.series = [
        gpu(f"{node}.example.org", 0, uuid=f"GPU-{node}", samples=steady(50.0, at(400), at(1100)))
        for node in ("gpu-07", "gpu-08", "gpu-09")
    ]
    meter = meter_of(server, clock, "node=gpu-08,gpu-07")
    meter.start()
    clock.now += 60
    readings = meter.stop(clock.now)
    assert {r.device.host: round(r.energy_j) for r in readings} == {"gpu-07": 3000, "gpu-08": 3000}
    asked = [query for query in server.questions if query.endswith("s]")]
    assert all("gpu\\\\-07" in query and "09" not in query for query in asked)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "knows 3 nodes; name those of this run with node=, or node=* for all: n0, n1, n2."),
        ("node=n1,n7", "has no energy of the node n7 just now; it knows n0, n2."),
        ("node=n1&gpu=4", "there is no GPU 4 on these nodes; there is 0."),
        ("label=rack", "keeps no energy or power of DCGM, Kepler or Scaphandre with a label rack"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(server, clock, said, why):
    server.series = [gpu(f"n{n}", 0) for n in range(3)]
    with pytest.raises(ValueError, match="--devices prometheus: ") as refused:
        meter_of(server, clock, said)
    assert why in str(refused.value)


def test_of_very_many_nodes_some_are_listed(server, clock):
    server.series = [gpu(f"n{n:04}", 0) for n in range(1000)]
    with pytest.raises(ValueError, match="knows 1000 nodes") as refused:
        meter_of(server, clock)
    assert "n0011 and 988 more" in str(refused.value)


def test_an_endpoint_without_energy_is_refused(server, clock):
    with pytest.raises(ValueError, match="keeps no energy or power of DCGM, Kepler or Scaphandre"):
        meter_of(server, clock)


HOSTILE = [
    b"",
    b"<html>login</html>",
    b"[" * 100_000,
    b"null",
    b'{"status": "error", "error": "no"}',
    b'{"status": "success"}',
    b'{"status": "success", "data": []}',
    b'{"status": "success", "data": {"resultType": "scalar", "result": null}}',
    b'{"status": "success", "data": {"resultType": "scalar", "result": [1, "x"]}}',
    b'{"status": "success", "data": {"resultType": "scalar", "result": [1e999, "1"]}}',
    b'{"status": "success", "data": {"resultType": "scalar", "result": [1, 2, 3]}}',
]
STRANGE = [
    success("scalar", [1, "1"]),
    success("vector", {"a": 1}),
    success("vector", [1]),
    success("vector", [{"metric": []}]),
    success("vector", [{"metric": {"a": 1}, "value": [1, "1"]}]),
    success("vector", [{"metric": {}}]),
    success("matrix", [{"metric": {}, "values": 7}]),
    success("matrix", [{"metric": {}, "values": [["x", "1"]]}]),
    success("matrix", [{"metric": {}, "values": [[10**400, "1"]]}]),
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:70].decode())
def test_who_does_not_answer_as_prometheus_does_is_refused(server, clock, body):
    server.answer = lambda _: (200, body)
    with pytest.raises(ValueError, match=r"^--devices prometheus: 127.0.0.1:\d+ .*\.$"):
        meter_of(server, clock)


@pytest.mark.parametrize("answer", STRANGE, ids=str)
def test_an_answer_of_another_shape_is_refused(server, clock, answer):
    server.answer = lambda q: None if q["query"] == "time()" else (200, answer)
    with pytest.raises(ValueError, match="does not answer as Prometheus does"):
        meter_of(server, clock)


@pytest.mark.parametrize("answer", STRANGE, ids=str)
def test_an_answer_of_another_shape_in_mid_run_is_told(server, clock, answer):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(1100)))]
    meter = meter_of(server, clock)
    server.answer = lambda q: (200, answer) if q["query"].endswith("s]") else None
    meter.start()
    clock.now += 60
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j is None
    assert any("does not answer as Prometheus does" in line for line in meter.notes.lines)
    ended(meter)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
def test_an_endpoint_that_will_not_answer_is_refused(server, clock, status):
    server.answer = lambda _: (status, {"status": "error"})
    with pytest.raises(ValueError, match=f"answered {status}") as refused:
        meter_of(server, clock)
    assert ("OCARBON_PROMETHEUS_TOKEN" in str(refused.value)) == (status in {401, 403})


def test_a_redirect_to_another_host_is_refused(server, clock):
    server.answer = lambda _: (302, b"", {"Location": "http://127.0.0.2:1/api"})
    with pytest.raises(ValueError, match="to another host"):
        meter_of(server, clock)


def test_nobody_at_the_address_is_refused(clock):
    gone = Fake()
    gone.close()
    with pytest.raises(ValueError, match="refuses connections"):
        meter_of(gone, clock)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_endpoint_that_is_busy_at_first_is_asked_again_and_nothing_is_lost(
    server, clock, status
):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(2000)))]
    server.answer = lambda _: (status, b"", {"Retry-After": "0"})
    meter = meter_of(server, clock)
    assert meter.describe() == []
    meter.start()
    (reading,) = meter.read()
    assert reading.energy_j is None
    assert reading.busy_s == 0.0
    server.await_questions("time()", 3)
    server.answer = None
    server.await_questions("[")
    clock.now += 600
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(600 * 300.0)
    assert meter.notes.lines == []


def test_an_endpoint_that_hangs_at_first_holds_nothing_up_and_nothing_is_lost(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(2000)))]
    with held(server, "count by") as free:
        meter = meter_of(server, clock, patience_s=0.01)
        meter.start()
        assert meter.read()[0].energy_j is None
        clock.now += 100
        free.set()
        server.await_questions("[")
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(100 * 300.0)


def test_an_endpoint_that_hangs_at_the_end_is_not_waited_for(server, clock, monkeypatch):
    monkeypatch.setattr(meter_module, "LAST_WAIT_S", 0.01)
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(2000)))]
    meter = meter_of(server, clock)
    meter.start()
    polled(meter)
    with held(server, "[") as free:
        clock.now += 10
        (reading,) = meter.stop(clock.now)
        assert not free.is_set()
    assert reading.energy_j == pytest.approx(10 * 300.0)
    ended(meter)


def test_where_answers_are_large_the_end_asks_no_more(server, clock, monkeypatch):
    monkeypatch.setattr(poller_module, "WORTHWHILE_S", 0.0)
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(2000)))]
    meter = meter_of(server, clock)
    meter.start()
    polled(meter)
    clock.now += 20
    (reading,) = meter.stop(clock.now)
    assert len([query for query in server.questions if "[" in query]) == 1
    assert reading.energy_j == pytest.approx(20 * 300.0)
    # 20 s in which the board may have drawn all of 1.1 * 400 W or nothing, against 300 W, and
    # a last reading that may have been 15 s old: 35 s * 300 W of 20 s * 300 W
    assert reading.uncertainty_pct == pytest.approx((175**2 + 5**2) ** 0.5)


def test_an_endpoint_that_never_answers_costs_the_energy_and_is_told(server, clock):
    server.answer = lambda _: (503, b"")
    meter = meter_of(server, clock, "node=gpu-07")
    meter.start()
    clock.now += 60
    (reading,) = meter.stop(clock.now)
    assert (reading.energy_j, reading.busy_s) == (None, 0.0)
    assert reading.device.name == f"gpu-07 at {server.url.removeprefix('http://')}"
    assert len(meter.notes.lines) == 1
    assert "answered 503 (Service Unavailable)" in meter.notes.lines[0]
    ended(meter)


def test_an_outage_of_hours_is_caught_up_with_page_by_page(server, clock):
    # 100 W until the exporter starts again at 5000 s, which its counter shows
    before = steady(100.0, at(400), at(4990), 30.0)
    after = [(t, v - 5e8) for t, v in steady(100.0, at(5000), at(9000), 30.0)]
    server.series = [gpu("gpu-07", 0, samples=[*before, *after])]
    meter = meter_of(server, clock)
    server.answer = lambda q: (503, b"") if "[" in q["query"] else None
    meter.start()
    server.await_questions("[")
    clock.now += 6000
    server.answer = None
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(6000 * 100.0, rel=0.002)
    assert any("the counter started again" in line for line in meter.notes.lines)
    asked = [q for q in server.asked if "[930s]" in q["query"] and "time" in q]
    assert [float(q["time"]) for q in asked] == [at(700 + 900 * n) for n in range(1, 7)]


def test_after_an_outage_longer_than_all_pages_the_counters_bridge_it(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(100.0, at(400), at(40_000), 30.0))]
    meter = meter_of(server, clock)
    server.answer = lambda q: (503, b"") if "[" in q["query"] else None
    meter.start()
    server.await_questions("[")
    clock.now += 36_000
    server.answer = None
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(36_000 * 100.0, rel=0.001)
    # the last question of the run asks for the newest page, not for ten hours of them
    assert len([q for q in server.questions if "[930s]" in q]) <= 2


def test_pages_that_are_too_large_for_the_server_are_made_smaller(server, clock, monkeypatch):
    monkeypatch.setattr(poller_module, "SHORTEST_POLL_S", 0.01)
    server.series = [gpu("gpu-07", 0, samples=steady(100.0, at(400), at(4000)))]

    def answer(question):
        span = question["query"].rpartition("[")[2].removesuffix("s]")
        return (422, b"") if span.isdigit() and int(span) > 300 else None

    server.answer = answer
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 600
    server.await_questions("[255s]", 4)
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(600 * 100.0)


def test_a_node_that_goes_down_in_mid_run_leaves_a_lower_bound(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(1300)))]
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 900
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(300 * 300.0)
    assert reading.power_w is None
    assert meter.notes.lines == [
        "NVIDIA A100-SXM4-80GB on gpu-07: samples stopped coming before the run ended, so the "
        "energy is a lower bound."
    ]


def test_a_run_shorter_than_two_scrapes_says_so(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(1600)))]
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 8
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(8 * 300.0)
    assert reading.uncertainty_pct > 50.0
    assert meter.notes.lines == [
        "NVIDIA A100-SXM4-80GB on gpu-07: the run is shorter than two scrapes, 15 s apart; its "
        "energy is reckoned from the power about it."
    ]


def test_a_counter_that_does_not_move_gives_no_energy(server, clock):
    flat = [(at(400 + 15 * n), 7e9) for n in range(80)]
    labels = {"__name__": "kepler_node_cpu_joules_total", "zone": "psys", "node_name": "n1"}
    server.series = [(labels, flat)]
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 300
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j is None
    assert meter.notes.lines == ["Platform (RAPL psys) on n1: the counter does not move."]


def test_instances_second_jobs_and_changing_jobs_of_a_gpu_are_counted_once(server, clock):
    def part(begin_s, end_s, **labels):
        samples = [(t, v) for t, v in steady(300.0, at(400), at(1600)) if begin_s <= t < end_s]
        return gpu("gpu-07", 0, uuid=GPU_A, samples=samples, **labels)

    server.series = [
        *(part(at(400), at(1200), GPU_I_ID=i, pod="train-1") for i in "356"),
        part(at(1200), at(1600), GPU_I_ID="3", pod="train-2"),
        part(at(400), at(1600), job="second"),
    ]
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 500
    (reading,) = meter.stop(clock.now)
    assert reading.energy_j == pytest.approx(500 * 300.0)
    assert meter.notes.lines == []


def test_gpus_that_this_machine_measures_itself_are_left_out(server, clock):
    server.series = [
        gpu("here", index, uuid=uuid, samples=steady(100.0, at(400), at(1600)))
        for index, uuid in enumerate((GPU_A, GPU_B))
    ]
    own = Device("gpu", "NVIDIA A100", GPU_A, "nvml-energy-counter", measured=True)
    meter = meter_of(server, clock, without=[own])
    assert [device.uuid for device in meter.describe()] == [GPU_B]
    meter.start()
    clock.now += 60
    meter.stop(clock.now)
    assert any("not taken from" in line for line in meter.notes.lines)


def test_processors_that_this_machine_measures_itself_are_left_out(server, clock, monkeypatch):
    monkeypatch.setattr("platform.node", lambda: "here.example.org")
    zones = [
        (
            {"__name__": "kepler_node_cpu_joules_total", "zone": zone, "node_name": node},
            steady(50.0, at(400), at(1600), scale=1.0),
        )
        for zone in ("package", "dram")
        for node in ("here", "there")
    ]
    server.series = zones
    own = Device("cpu", "AMD EPYC", None, "rapl", measured=True)
    meter = meter_of(server, clock, "node=*", without=[own])
    assert [(d.host, d.kind) for d in meter.describe()] == [
        ("here", "dram"),
        ("there", "cpu"),
        ("there", "dram"),
    ]


def test_a_warning_of_the_server_is_told(server, clock):
    server.series = [gpu("gpu-07", 0, samples=steady(300.0, at(400), at(1600)))]

    def answer(question):
        return 200, server.usual(question) | {"warnings": ["store s3cret is away"]}

    server.answer = answer
    meter = meter_of(server, clock)
    meter.start()
    clock.now += 60
    meter.stop(clock.now)
    (line,) = meter.notes.lines
    assert line.endswith("warned that its answers may be incomplete.")


def test_long_questions_are_posted_with_the_tenant(server, clock):
    nodes = [f"a-node-with-a-very-long-name-{n:03}" for n in range(100)]
    server.series = [gpu(n, 0, samples=steady(10.0, at(400), at(1100))) for n in nodes]
    meter = meter_of(server, clock, f"node={','.join(nodes)}&tenant=team-a")
    meter.start()
    clock.now += 60
    readings = meter.stop(clock.now)
    assert sum(r.energy_j for r in readings) == pytest.approx(100 * 600.0)
    assert [r.device.host for r in readings] == nodes
    methods = {q["method"] for q in server.asked if q["query"].endswith("s]")}
    assert methods == {"POST"}
    assert {sent["x-scope-orgid"] for sent in server.sent} == {"team-a"}


def test_a_meter_that_is_not_started_leaves_no_thread(server, clock, monkeypatch):
    monkeypatch.setattr(poller_module, "UNSTARTED_S", 0.01)
    server.series = [gpu("gpu-07", 0)]
    ended(meter_of(server, clock))


def test_what_this_machine_measures_may_stand_before_an_endpoint(server, clock):
    server.series = [gpu("gpu-07", 0)]
    found = discover(f"cpu, prometheus:{server.url}", clock=clock, patience_s=LONG_S)
    methods = [meter.describe()[0].method for meter in found.meters]
    assert methods[0] == "dcgm-energy-counter"
    assert {"rapl", "cpu-estimate"} & set(methods[1:])
    alone = discover(f"prometheus:{server.url}", clock=clock, patience_s=LONG_S)
    assert len(alone.meters) == 1
    assert [row.what for row in alone.survey()] == [PROMETHEUS]


@pytest.mark.parametrize("before", ["none,", "cuda,", "all,0,", ",", "cpu,,"])
def test_a_mistake_before_an_endpoint_does_not_repeat_it(before):
    with pytest.raises(ValueError, match="--devices") as refused:
        discover(f"{before}prometheus:http://s3cret:9090")
    assert "s3cret" not in str(refused.value)


def test_a_survey_tells_of_an_endpoint_that_is_slow(server):
    with held(server, "time()"):
        found = discover(f"prometheus:{server.url}", patience_s=0.01)
        (row,) = found.survey()
    assert (row.what, row.devices) == (PROMETHEUS, ())
    assert "did not answer in time" in row.why
