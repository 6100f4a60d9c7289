"""What a collector of OpenTelemetry is sent."""

from __future__ import annotations

import logging
import time

import pytest
from otlp_collector import Collector, attributes, metrics, points, statuses
from told import going, longest, on_hosts

from ocarbon_magic.telemetry.families import FAMILIES, WORDS
from ocarbon_magic.telemetry.figures import Figures
from ocarbon_magic.telemetry.otlp.outlet import Outlet, Sending, obstacle
from ocarbon_magic.telemetry.otlp.pipeline import Pipeline

CUMULATIVE = 2
VARIABLES = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_METRIC_EXPORT_INTERVAL",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
)


@pytest.fixture(autouse=True)
def collector(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    made = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
    yield made
    made.close()


@pytest.fixture
def send():
    """Send figures through a pipeline of their own; returns what went wrong."""
    made = []

    def send(*told):
        now = list(told)
        pipeline = Pipeline(lambda: now.pop(0))
        made.append(pipeline)
        return [pipeline.send() for _ in told][-1]

    yield send
    for pipeline in made:
        pipeline.close()


# What is sent


def test_a_run_is_told_by_name_unit_and_kind(collector, send):
    assert send(going()) is None
    told = metrics(collector.last)
    energy = told["ocarbon.run.energy"]
    assert energy.unit == "J"
    assert energy.sum.is_monotonic
    assert energy.sum.aggregation_temporality == CUMULATIVE
    common = {"ocarbon.run.id": "run-1", "ocarbon.run.name": "train_resnet", "ocarbon.zone": "FRA"}
    assert points(energy) == [(common, 4000.0)]
    assert told["ocarbon.run.power"].unit == "W"
    assert told["ocarbon.run.power"].HasField("gauge")
    assert points(told["ocarbon.run.power"]) == [(common, 370.0)]
    devices = points(told["ocarbon.run.device.energy"])
    assert [(said["hw.id"], said["hw.type"], joules) for said, joules in devices] == [
        ("0", "gpu", 3600.0),
        ("1", "cpu", 400.0),
    ]
    assert devices[0][0]["hw.name"] == "NVIDIA H100 80GB HBM3"
    projected = {
        said["ocarbon.bound"]: grams
        for said, grams in points(told["ocarbon.run.projected_emissions"])
    }
    assert projected["value"] == 34.2
    assert projected["low"] < 34.2 < projected["high"]


def test_all_that_is_known_is_told_and_each_only_once(collector, send):
    send(on_hosts(), longest())
    names = [
        metric.name
        for resource in collector.last.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    ]
    assert len(names) == len(set(names))
    told = set(metrics(collector.requests[0][2])) | set(names)
    assert told == {live.otel_name for live in FAMILIES}
    assert {
        metric.name for metric in metrics(collector.last).values() if metric.HasField("sum")
    } == {live.otel_name for live in FAMILIES if live.family.kind == "counter"} - {
        "ocarbon.run.host.energy"
    }


def test_a_collector_that_serves_prometheus_gives_the_names_of_the_page():
    """Dots become underscores, the unit follows in words, and ``1`` of a gauge is a ratio."""
    for live in FAMILIES:
        name = live.otel_name.replace(".", "_")
        words = WORDS | {"1": "ratio"}
        unit = live.otel_unit if live.otel_unit.strip("{") == live.otel_unit else ""
        name = f"{name}_{words[unit]}" if unit else name
        assert live.family.name == name


def test_memory_is_called_as_the_conventions_call_it(collector, send):
    figures = going()
    figures.run.devices[1].kind = "dram"
    send(figures)
    kinds = [
        said["hw.type"] for said, _ in points(metrics(collector.last)["ocarbon.run.device.energy"])
    ]
    assert kinds == ["gpu", "memory"]


def test_what_is_no_longer_so_is_not_told(collector, send):
    send(going(), Figures.of(going(status="finished").run))
    told = metrics(collector.last)
    assert "ocarbon.run.power" not in told
    ((said, _),) = points(told["ocarbon.run.status"])
    assert said["ocarbon.status"] == "finished"


@pytest.mark.parametrize("name", ['he said "hi"', "two\nlines", "back\\slash", "🌱", "\ud800"])
def test_any_name_arrives(collector, send, name):
    assert send(going(name=name)) is None
    ((said, _),) = points(metrics(collector.last)["ocarbon.run.energy"])
    assert said["ocarbon.run.name"] == "".join(c if c.isprintable() else " " for c in name)


# Where to, as the environment says


def test_the_resource_is_as_the_environment_says(collector, send, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "training")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=vision,deployment.environment=lab")
    send(going())
    said = attributes(collector.last.resource_metrics[0].resource.attributes)
    assert said["service.name"] == "training"
    assert said["team"] == "vision"
    assert said["deployment.environment"] == "lab"


def test_without_a_name_the_service_has_ours_and_nobody_is_named(collector, send):
    send(going())
    (resource,) = collector.last.resource_metrics
    said = attributes(resource.resource.attributes)
    assert said["service.name"] == "ocarbon_magic"
    assert not any(name.startswith(("host.", "process.")) for name in said)
    assert resource.scope_metrics[0].scope.name == "ocarbon_magic"


def test_headers_and_compression_are_as_the_environment_says(collector, send, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=s3cret")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    send(going())
    path, headers, _ = collector.requests[-1]
    assert path == "/v1/metrics"
    assert headers["x-api-key"] == "s3cret"
    assert headers["Content-Encoding"] == "gzip"


def test_an_endpoint_for_metrics_is_taken_as_it_is(collector, send, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"{collector.url}/own/path")
    assert send(going()) is None
    assert collector.requests[-1][0] == "/own/path"


def test_differences_are_sent_to_who_prefers_them(collector, send, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta")
    later = going()
    later.run.devices[0].energy_j = 3700.0
    send(going(), later)
    first, last = (points(metrics(r)["ocarbon.run.energy"])[0][1] for _, _, r in collector.requests)
    assert (first, last) == (4000.0, 100.0)


def test_the_global_provider_is_left_alone(send):
    from opentelemetry import metrics as api  # noqa: PLC0415 - what a user's program would see

    before = api.get_meter_provider()
    send(going())
    assert api.get_meter_provider() is before


# What goes wrong


def test_a_dead_collector_is_named_without_its_secrets(collector, send, monkeypatch):
    dead = f"http://somebody:s3cret@127.0.0.1:{collector.port}/?key=s3cret"
    collector.close()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", dead)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    assert send(going()) == (
        f"no collector answers at 127.0.0.1:{collector.port}; OTEL_EXPORTER_OTLP_ENDPOINT names "
        "another."
    )


@pytest.mark.parametrize(
    ("status", "rest"),
    [
        (400, "."),
        (401, ": look at OTEL_EXPORTER_OTLP_HEADERS."),
        (403, ": look at OTEL_EXPORTER_OTLP_HEADERS."),
        (404, ": look at OTEL_EXPORTER_OTLP_ENDPOINT."),
        (429, ": it is asked to take less."),
        (503, ": it is not ready."),
        (799, "."),
    ],
)
def test_a_collector_that_refuses_is_told_with_its_reason(
    collector, send, monkeypatch, status, rest
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    collector.status = status
    assert send(going()) == (
        f"the collector at 127.0.0.1:{collector.port} did not take the figures (HTTP {status})"
        + rest
    )


def test_what_a_collector_takes_again_is_no_trouble_any_longer(collector, send):
    figures = going()
    pipeline = Pipeline(lambda: figures)
    collector.status = 400
    assert pipeline.send() is not None
    collector.status = 200
    assert pipeline.send() is None
    pipeline.close()


def test_a_key_is_not_carried_to_where_a_collector_points(collector, send, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=s3cret")
    other = Collector()
    collector.status, collector.location = 307, f"{other.url}/v1/metrics"
    assert "HTTP 307" in send(going())
    assert other.requests == []
    other.close()


def test_a_slow_collector_is_left_after_the_time_that_the_environment_says(
    collector, send, monkeypatch
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    collector.go_on.clear()
    assert send(going()) == f"the collector at 127.0.0.1:{collector.port} did not answer in time."


@pytest.mark.parametrize("endpoint", ["localhost:4318", "ftp://127.0.0.1", "http://", "http://["])
def test_an_endpoint_that_is_none_is_told(send, monkeypatch, endpoint):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    sending = Sending(going())
    sending.send()
    assert sending.trouble.startswith("OpenTelemetry: ")
    assert "OTEL_EXPORTER_OTLP_" in sending.trouble


def test_nothing_of_it_is_logged(collector, send, monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    sending = Sending(going())
    outlet = Outlet()
    collector.status = 429
    with caplog.at_level(logging.DEBUG):
        sending.due_s = time.monotonic()
        outlet.begin(sending)
        collector.await_until(lambda requests: len(requests) >= 1)
        sending.figures = going(status="failed")
        outlet.end(sending)
        outlet.settle()
        collector.await_until(lambda requests: ("train_resnet", "failed") in statuses(requests))
        logging.getLogger("opentelemetry.users.own").warning("the user's own")
    assert [record.getMessage() for record in caplog.records] == ["the user's own"]


# From a thread


def test_a_run_is_sent_again_and_again_and_once_more_at_its_end(collector, monkeypatch):
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "500")
    sending, outlet = Sending(going()), Outlet()
    outlet.begin(sending)
    collector.await_until(lambda requests: len(requests) >= 2)
    sending.figures = going(status="finished")
    outlet.end(sending)
    collector.await_until(lambda requests: ("train_resnet", "finished") in statuses(requests))
    outlet.settle()
    assert sending.trouble is None
    assert outlet._sendings == []


def test_two_runs_at_once_are_both_sent(collector):
    outlet = Outlet()
    sendings = [Sending(going(name, name=name)) for name in ("one", "two")]
    for sending in sendings:
        outlet.begin(sending)
    for sending in sendings:
        sending.figures = going(
            sending.figures.run.id, name=sending.figures.run.id, status="finished"
        )
        outlet.end(sending)
    collector.await_until(
        lambda requests: {("one", "finished"), ("two", "finished")} <= statuses(requests)
    )
    ids = [
        {said["ocarbon.run.id"] for said, _ in points(metrics(request)["ocarbon.run.energy"])}
        for _, _, request in collector.requests
    ]
    assert all(len(of_one) == 1 for of_one in ids)


def test_the_end_of_a_run_does_not_wait_and_that_of_the_process_shortly(collector, monkeypatch):
    monkeypatch.setattr("ocarbon_magic.telemetry.otlp.outlet.EXIT_PATIENCE_S", 0.2)
    collector.go_on.clear()
    outlet, sending = Outlet(), Sending(going(status="finished"))
    outlet.begin(sending)
    outlet.end(sending)
    collector.await_until(lambda requests: len(requests) == 1)
    outlet.settle()  # comes back although the collector does not answer
    assert outlet._sendings == [sending]
    collector.go_on.set()


@pytest.mark.parametrize(
    ("said", "interval_s"),
    [
        ("", 60.0),
        ("5000", 5.0),
        ("1", 0.5),
        ("nan", 60.0),
        ("inf", 60.0),
        ("-1", 60.0),
        ("x", 60.0),
    ],
)
def test_the_interval_is_as_the_environment_says(monkeypatch, said, interval_s):
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", said)
    assert Sending(going())._interval_s == interval_s


# What stands in the way from the beginning


def test_nothing_stands_in_the_way_here():
    assert obstacle() is None


def test_a_missing_sdk_is_one_sentence_that_names_the_extra(monkeypatch):
    monkeypatch.setattr("ocarbon_magic.telemetry.otlp.outlet.find_spec", lambda _: None)
    assert obstacle() == (
        "OpenTelemetry is not installed, so --otel sends nothing: "
        "pip install 'ocarbon_magic[telemetry]'."
    )


def test_another_protocol_is_refused_with_the_one_that_is_spoken(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert obstacle() == (
        "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and --otel speaks http/protobuf alone: it sends "
        "nothing. Most collectors listen for that at port 4318."
    )
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf")
    assert obstacle() is None


def test_who_has_turned_the_sdk_off_is_told(monkeypatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "True")
    assert obstacle() == "OTEL_SDK_DISABLED is set, so --otel sends nothing."
