"""What telling a run with 8 GPUs costs: a page that is scraped, a file, a collector.

The time of the threads themselves, as Linux counts it: beside it the rest of a process wavers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from nvml_standin import build_standin, environment, gpu

SECONDS = 45
SETTLED_S = 5
SCRAPED_EVERY_S = 15
SENT_EVERY_S = 10
"""Six times as often as OpenTelemetry's default, so that several fall into the time."""
SENT_BY_DEFAULT_S = 60

MEASURE = f"""
import json, sys, threading, time
from pathlib import Path
import ocarbon_magic as oc
from ocarbon_magic.telemetry.reporting import Telemetry

wait = threading.Event().wait
taken_s = 0.0
update = Telemetry.update

def timed(self, power_w):
    global taken_s
    began_s = time.thread_time()
    update(self, power_w)
    taken_s += time.thread_time() - began_s

Telemetry.update = timed

def spent_s():
    found = {{}}
    for thread in threading.enumerate():
        if thread.name.startswith("ocarbon-"):
            stat = Path(f"/proc/self/task/{{thread.native_id}}/schedstat")
            found[thread.name] = int(stat.read_text().split()[0]) / 1e9
    return found | {{"taking": taken_s}}

def shares(**options):
    with oc.measure("cost", zone="FRA", no_journal=True, quiet=True, **options):
        wait({SETTLED_S})
        before = spent_s()
        print("going", flush=True)
        wait({SECONDS})
        after = spent_s()
    return {{name: 100 * (after[name] - before.get(name, 0)) / {SECONDS} for name in after}}

off = shares()
on = shares(**json.loads(sys.argv[1]))
print(json.dumps([off, on]), flush=True)
"""
SCRAPE = f"""
import sys, threading, urllib.request
while True:
    urllib.request.urlopen(sys.argv[1]).read()
    threading.Event().wait({SCRAPED_EVERY_S})
"""


class _Taking(BaseHTTPRequestHandler):
    """A collector that takes all, in this process."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measure() -> dict[str, Any]:
    """Return the shares of a core, nobody told and all told, one after the other."""
    collector = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Taking) as free:
        port = free.server_port
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text(
            "".join(gpu(i, lines="  power const 300\n  busy const 90\n") for i in range(8))
        )
        env = environment(library, scenario) | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
            "OTEL_METRIC_EXPORT_INTERVAL": f"{1000 * SENT_EVERY_S}",
        }
        off, on = _shares(env, folder, port)
    collector.shutdown()
    collector.server_close()
    sent = on["ocarbon-otel"]
    by_default = sent * SENT_EVERY_S / SENT_BY_DEFAULT_S
    telling = on["ocarbon-metrics-files"] + on["ocarbon-metrics"] + by_default
    return {
        "seconds": SECONDS,
        "sampler_told_nobody_core_pct": off["ocarbon-sampler"],
        "sampler_told_all_core_pct": on["ocarbon-sampler"],
        "taking_figures_core_pct": on["taking"],
        "file_every_5_s_core_pct": on["ocarbon-metrics-files"],
        "page_every_15_s_core_pct": on["ocarbon-metrics"],
        "collector_every_10_s_core_pct": sent,
        "collector_every_60_s_core_pct": by_default,
        "told_core_pct": telling + on["taking"],
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each thread of ours."""
    yield "Telling a run of 8 GPUs, no panel, in % of one core"
    for what, figure in (
        ("the sampling thread, nobody told", "sampler_told_nobody_core_pct"),
        ("the sampling thread, all three told", "sampler_told_all_core_pct"),
        ("  of which taking the figures", "taking_figures_core_pct"),
        ("a file, every 5 s", "file_every_5_s_core_pct"),
        ("a page, scraped every 15 s", "page_every_15_s_core_pct"),
        ("OpenTelemetry, every 10 s", "collector_every_10_s_core_pct"),
        ("OpenTelemetry, every 60 s, by that", "collector_every_60_s_core_pct"),
    ):
        yield f"  {what:36}{measured[figure]:.3f}"


def _shares(env: dict[str, str], folder: str, port: int) -> list[dict[str, float]]:
    """Return the share of each thread of ours, without and with all three ways of telling."""
    ways = {"metrics_file": folder, "otel": True, "metrics_port": port}
    measured = subprocess.Popen(
        [sys.executable, "-c", MEASURE, json.dumps(ways)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert measured.stdout is not None
    for _ in range(2):
        measured.stdout.readline()
    scraper = subprocess.Popen([sys.executable, "-c", SCRAPE, f"http://127.0.0.1:{port}/metrics"])
    shares: list[dict[str, float]] = json.loads(measured.stdout.read())
    scraper.kill()
    scraper.wait()
    measured.wait()
    return shares
