"""Real runs in real processes, told while they go on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from otlp_collector import Collector, metrics, points, statuses
from told import PARSERS, free_port, get, samples

OUR_NAMES = ("OCARBON_METRICS_PORT", "OCARBON_METRICS_FILE", "OCARBON_OTEL")
TRACE = "t_s,power_w\n0,100\n3600,100\n"
BEGIN = """
import os, sys, threading, time
import ocarbon_magic as oc

def go_on():
    print("going", flush=True)
    sys.stdin.readline()

OPTIONS = {{
    "zone": "FRA", "no_journal": True, "quiet": True, "interval": 0.05, "devices": {devices!r}
}}
"""


class Script:
    """A script that is led line by line: it waits where it says ``go_on()``."""

    def __init__(self, folder, code, **env):
        trace = folder / "trace.csv"
        trace.write_text(TRACE)
        clean = {
            name: value
            for name, value in os.environ.items()
            if name not in OUR_NAMES and not name.startswith("OTEL_")
        }
        code = BEGIN.format(devices=f"trace:{trace}") + code
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            env=clean | env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def await_going(self):
        line = self.process.stdout.readline()
        assert line == "going\n", line + self.process.stderr.read()

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        """Return what was printed until the script ended well and said nothing wrong."""
        out, err = self.process.communicate("\n", timeout=60)
        assert (self.process.returncode, err) == (0, "")
        return out


@pytest.fixture
def script(tmp_path):
    begun = []

    def begin(code, **env):
        begun.append(Script(tmp_path, code, **env))
        return begun[-1]

    yield begin
    for one in begun:
        one.process.kill()
        one.process.communicate()


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.close()


def page_at(port):
    return samples(PARSERS["classic"](get(port)[2]))


def until_known(port, name):
    """Return the page once the run has been sampled: it is within some ticks of its beginning."""
    while name not in (found := page_at(port)):
        pass
    return found


def test_a_run_is_on_the_page_while_it_goes_on_and_after_it(script):
    port = free_port()
    led = script(f"with oc.measure('one', metrics_port={port}, **OPTIONS):\n    go_on()\ngo_on()\n")
    led.await_going()
    found = until_known(port, "ocarbon_run_power_watts")
    ((labels, watts),) = found["ocarbon_run_power_watts"]
    assert (labels["name"], watts) == ("one", 100.0)
    assert found["ocarbon_run_status"][0][0]["status"] == "running"
    led.go_on()
    led.await_going()
    found = page_at(port)
    assert found["ocarbon_run_status"][0][0]["status"] == "finished"
    assert "ocarbon_run_power_watts" not in found
    seconds = found["ocarbon_run_duration_seconds"][0][1]
    joules = found["ocarbon_run_energy_joules_total"][0][1]
    assert joules == pytest.approx(100.0 * seconds, abs=3.0)  # 100 W, to 30 ms
    assert led.end() == ""


def test_once_there_is_a_page_all_later_runs_are_on_it(script):
    port = free_port()
    led = script(
        f"with oc.measure('one', metrics_port={port}, **OPTIONS):\n    pass\n"
        "with oc.measure('two', **OPTIONS):\n    go_on()\n"
    )
    led.await_going()
    names = {labels["name"]: labels["status"] for labels, _ in page_at(port)["ocarbon_run_status"]}
    assert names == {"one": "finished", "two": "running"}
    led.end()


def test_two_runs_at_once_are_both_told(script):
    port = free_port()
    led = script(
        f"with oc.measure('outer', metrics_port={port}, **OPTIONS) as outer:\n"
        "    with oc.measure('inner', **OPTIONS):\n        go_on()\n"
    )
    led.await_going()
    told = {labels["name"]: labels for labels, _ in page_at(port)["ocarbon_run_status"]}
    assert told.keys() == {"outer", "inner"}
    assert told["inner"]["within"] == told["outer"]["run"]
    led.end()


def test_the_environment_turns_it_on_for_every_process(script):
    port = str(free_port())
    code = (
        "with oc.measure('same', **OPTIONS) as run:\n    go_on()\n"
        "print([line for line in run.warnings if 'Port' in line])\n"
    )
    first = script(code, OCARBON_METRICS_PORT=port)
    first.await_going()
    second = script(code, OCARBON_METRICS_PORT=port)
    second.await_going()
    ids = {page_at(int(port) + more)["ocarbon_run_status"][0][0]["run"] for more in (0, 1)}
    assert len(ids) == 2
    assert first.end() == "[]\n"
    assert f"Port {port} is taken, perhaps by another kernel" in second.end()


def test_a_mistake_in_the_environment_stops_no_training_and_a_typed_one_does(script):
    code = "with oc.measure('one', **OPTIONS) as run:\n    pass\nprint(*run.warnings, sep='\\n')\n"
    said = script(code, OCARBON_METRICS_PORT="70000").end()
    assert said.startswith("OCARBON_METRICS_PORT must be a port from 0 to 65535, as 9464, ")
    typed = (
        "try:\n    with oc.measure('one', metrics_port='x', **OPTIONS):\n        pass\n"
        "except ValueError as error:\n    print(error)\n"
    )
    assert script(typed).end().startswith("--metrics-port must be a port from 0 to 65535")


def test_a_run_has_a_file_until_its_process_ends(script, tmp_path):
    folder = tmp_path / "textfiles"
    folder.mkdir()
    led = script(
        f"import glob\nwith oc.measure('one', metrics_file={str(folder)!r}, **OPTIONS):\n"
        f"    while not glob.glob({str(folder / '*.prom')!r}):\n        time.sleep(0.01)\n"
        "    go_on()\n"
    )
    led.await_going()
    (path,) = folder.iterdir()
    found = samples(PARSERS["classic"](path.read_text()))
    assert found["ocarbon_run_status"][0][0]["name"] == "one"
    led.end()
    assert list(folder.iterdir()) == []


def test_the_last_figures_of_a_script_reach_the_collector(script, collector):
    script(
        "with oc.measure('short', otel=True, **OPTIONS):\n    pass\n",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
    ).end()
    assert ("short", "finished") in statuses(collector.requests)
    ((_, seconds),) = points(metrics(collector.last)["ocarbon.run.duration"])
    ((_, joules),) = points(metrics(collector.last)["ocarbon.run.energy"])
    assert joules == pytest.approx(100.0 * seconds, abs=3.0)


def test_a_dead_collector_is_one_line_on_the_run_and_nothing_else(script):
    port = free_port()
    said = script(
        "with oc.measure('one', otel=True, **OPTIONS) as run:\n"
        "    from ocarbon_magic.telemetry.otlp.outlet import outlet\n"
        "    while outlet._sendings[0].present_trouble is None:\n        time.sleep(0.01)\n"
        "print([line for line in run.warnings if 'Telemetry' in line])\n",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}",
    ).end()
    assert said == (
        f"['OpenTelemetry: no collector answers at 127.0.0.1:{port}; OTEL_EXPORTER_OTLP_ENDPOINT "
        "names another.']\n"
    )


def test_a_collector_that_does_not_answer_holds_up_neither_the_cell_nor_for_long_the_process(
    script, collector
):
    collector.go_on.clear()
    led = script(
        "with oc.measure('one', otel=True, **OPTIONS):\n    pass\ngo_on()\n",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
    )
    led.await_going()
    collector.await_until(lambda requests: len(requests) >= 1)
    led.end()


def test_a_user_who_logs_and_has_a_provider_of_their_own_keeps_both(script, collector):
    said = script(
        "import logging\n"
        "from opentelemetry import metrics\n"
        "from opentelemetry.sdk.metrics import MeterProvider\n"
        "from opentelemetry.sdk.metrics.export import InMemoryMetricReader\n"
        "logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format='%(message)s')\n"
        "reader = InMemoryMetricReader()\n"
        "metrics.set_meter_provider(MeterProvider([reader]))\n"
        "metrics.get_meter('mine').create_counter('mine').add(1)\n"
        "with oc.measure('one', otel=True, **OPTIONS) as run:\n    pass\n"
        "logging.getLogger('opentelemetry.sdk').warning('mine')\n"
        "names = [m.name for r in reader.get_metrics_data().resource_metrics"
        " for s in r.scope_metrics for m in s.metrics]\n"
        "print(names)\n",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
    ).end()
    assert said == "mine\n['mine']\n"
    assert ("one", "finished") in statuses(collector.requests)


def test_a_missing_sdk_is_one_line_and_the_run_goes_on(script, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import importlib.util as util, importlib.machinery as machinery\n"
        "find = machinery.PathFinder.find_spec\n"
        "def without(name, *more):\n"
        "    return None if name.startswith('opentelemetry') else find(name, *more)\n"
        "machinery.PathFinder.find_spec = staticmethod(without)\n"
    )
    said = script(
        "with oc.measure('one', otel=True, **OPTIONS) as run:\n    pass\n"
        "print(run.status, [line for line in run.warnings if 'Telemetry' in line])\n",
        PYTHONPATH=str(site),
    ).end()
    assert said == (
        'finished ["OpenTelemetry is not installed, so --otel sends nothing: '
        "pip install 'ocarbon_magic[telemetry]'.\"]\n"
    )


def test_who_asked_for_nothing_loads_nothing_and_starts_no_thread(script):
    said = script(
        "import json\n"
        "with oc.measure('one', **OPTIONS) as run:\n"
        "    threads = [t.name for t in threading.enumerate()]\n"
        "print(json.dumps([threads, [m for m in sys.modules if 'telemetry' in m.split('.')[-2:]"
        " or 'ocarbon_magic.telemetry' in m]]))\n"
    ).end()
    threads, modules = json.loads(said)
    assert not {"ocarbon-metrics", "ocarbon-metrics-files", "ocarbon-otel"} & set(threads)
    assert set(modules) == {"ocarbon_magic.telemetry", "ocarbon_magic.telemetry.switch"}


def test_a_panel_that_fails_leaves_the_figures_alone(script):
    port = free_port()
    led = script(
        "from ocarbon_magic import block as module\n"
        "class Broken(module.display_for(None, quiet=True, live=True).__class__):\n"
        "    is_live = True\n"
        "    def update(self, snapshot):\n        raise OSError('gone')\n"
        "module.display_for = lambda *_, **__: Broken()\n"
        f"with oc.measure('one', metrics_port={port}, **OPTIONS) as run:\n"
        "    while run.duration_s < 1.2:\n        time.sleep(0.01)\n"
        "    go_on()\n"
        "print(*run.warnings, sep='\\n')\n"
    )
    led.await_going()
    assert page_at(port)["ocarbon_run_duration_seconds"][0][1] > 0.9
    assert led.end().count("The panel stands still: OSError: gone") == 1


def test_no_path_of_this_machine_is_told(script, tmp_path):
    port = free_port()
    led = script(f"with oc.measure('one', metrics_port={port}, **OPTIONS):\n    go_on()\n")
    led.await_going()
    until_known(port, "ocarbon_run_power_watts")
    text = get(port)[2]
    assert not re.search(r'"[^"]*(/|\\\\)[^"]*(/|\\\\)', text)
    assert tmp_path.name not in text
    led.end()
