"""A real Prometheus server scrapes runs of real kernels."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from prometheus_server import binary
from told import free_port, going, longest, on_hosts

from ocarbon_magic.telemetry.text import text_of

WAIT_S = 60
WATTS = 100.0
CELL = """%%carbon --name {name} --zone FRA --no-panel --interval 0.1 --devices trace:{trace}
from pathlib import Path
from time import sleep
while not Path({stop!r}).exists():
    sleep(0.05)
"""


class Cell:
    """A kernel with a measured cell that runs until it is told to end."""

    def __init__(self, folder, name, port):
        trace = folder / "trace.csv"
        trace.write_text(f"t_s,power_w\n0,{WATTS}\n3600,{WATTS}\n")
        self._stop = folder / f"stop {name}"
        env = os.environ | {"OCARBON_METRICS_PORT": str(port)}
        self._manager, self._client = start_new_kernel(kernel_name="python3", env=env)
        self._client.execute_interactive("%load_ext ocarbon_magic", timeout=WAIT_S)
        self._request = self._client.execute(
            CELL.format(name=name, trace=trace, stop=str(self._stop))
        )

    def end(self):
        """Let the cell end, and return how it did."""
        self._stop.touch()
        while True:
            reply = self._client.get_shell_msg(timeout=WAIT_S)
            if reply["parent_header"]["msg_id"] == self._request:
                return reply["content"]["status"]

    def close(self):
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def cell(tmp_path):
    begun = []

    def begin(name, port):
        begun.append(Cell(tmp_path, name, port))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def answered(server, expression, holds=bool):
    """Ask until the answer is as told."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        found = server.query(expression)
        if found and holds(found):
            return found
        time.sleep(0.1)
    pytest.fail(f"{expression} gave {server.query(expression)}")


def values(found):
    return {one["metric"]["name"]: float(one["value"][1]) for one in found}


def test_prometheus_reads_the_power_of_two_kernels_and_its_rate_of_energy_agrees(cell, prometheus):
    port = free_port()
    one, other = cell("one", port), cell("other", port)
    addresses = [f"127.0.0.1:{port + more}" for more in range(3)]  # the second took the next
    server = prometheus([("ocarbon", "1s", {"lab": "ours"}, addresses)])

    watts = answered(server, "ocarbon_run_power_watts", lambda found: len(found) == 2)
    assert values(watts) == {"one": WATTS, "other": WATTS}
    assert {found["metric"]["zone"] for found in watts} == {"FRA"}

    rate = "rate(ocarbon_run_energy_joules_total[5s])"
    settled = f"{rate} and count_over_time(ocarbon_run_energy_joules_total[5s]) >= 5"
    rates = values(answered(server, settled, lambda found: len(found) == 2))
    assert rates == {"one": pytest.approx(WATTS, rel=0.2), "other": pytest.approx(WATTS, rel=0.2)}
    by_device = values(
        server.query("sum by (name) (rate(ocarbon_run_device_energy_joules_total[5s]))")
    )
    assert by_device == pytest.approx(rates, rel=0.05)

    with urllib.request.urlopen(f"{server.url}/api/v1/metadata?limit=100") as answer:
        about = json.load(answer)["data"]
    assert about["ocarbon_run_energy_joules"][0]["type"] == "counter"  # OpenMetrics was spoken
    assert about["ocarbon_run_power_watts"][0]["type"] == "gauge"

    assert (one.end(), other.end()) == ("ok", "ok")
    ended = 'ocarbon_run_status{status="finished"}'
    assert len(answered(server, ended, lambda found: len(found) == 2)) == 2
    seconds = values(server.query("ocarbon_run_duration_seconds"))
    joules = values(server.query("ocarbon_run_energy_joules_total"))
    for name, told in joules.items():
        assert told == pytest.approx(WATTS * seconds[name], rel=0.02)


def test_the_tool_of_prometheus_finds_nothing_to_better_in_the_text():
    tool = Path(binary()).with_name("promtool")
    text = text_of([going(), on_hosts(), longest()], classic=True)
    checked = subprocess.run(
        [tool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
