"""Figures of runs, as the page and the files tell them."""

from __future__ import annotations

import http.client
import socket

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic
from sample_runs import cpu, fullest, gpu, projection, sample

from ocarbon_magic.hosts import HostReading
from ocarbon_magic.run import Work
from ocarbon_magic.telemetry.figures import Figures

PARSERS = {"openmetrics": openmetrics, "classic": classic}


def going(identity="run-1", power_w=(300.0, 70.0), **changes):
    """A run that goes on, on a GPU and a processor, half of its work done."""
    known = {
        "status": "running",
        "ended_at": None,
        "devices": [gpu(energy_j=3600.0), cpu(energy_j=400.0)],
        "work": Work(1000.0, 2000.0, "step", 14.9, "tqdm"),
        "projection": projection(),
        "budget_g": 50.0,
    }
    run = sample(id=identity, **{**known, **changes})
    return Figures.of(run, power_w)


def on_hosts(count=3):
    """A run on as many hosts as are asked for, each with a GPU."""
    hosts = [
        HostReading(f"host {i}", f"engines {i}-{i}", 1, int(i == 0), 100.0 + i, 50.0 + i, 10.0 * i)
        for i in range(count)
    ]
    devices = [gpu(i, host=f"host {i}") for i in range(min(count, 16))]
    return going("on hosts", hosts=hosts, devices=devices, power_w=(50.0,) * len(devices))


def longest():
    """A run of which all is known that can be."""
    return Figures.of(fullest(15), (300.0,) * 16)


def samples(families):
    """Return the samples by name, each with its labels and its value."""
    found = {}
    for family in families:
        for one in family.samples:
            found.setdefault(one.name, []).append((one.labels, one.value))
    return found


def get(port, path="/metrics", host="127.0.0.1", **headers):
    """Return the status, the headers and the body of a page on this machine."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def free_port():
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]
