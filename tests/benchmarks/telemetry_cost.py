"""What telling a run with 8 GPUs costs: a page that is scraped, a file, a collector."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nvml_standin import build_standin, environment, gpu

SECONDS = 40
SETTLED_S = 15
SCRAPED_EVERY_S = 15
MEASURE = f"""
import json, resource, sys, threading
import ocarbon_magic as oc

wait = threading.Event().wait

def share(**options):
    with oc.measure("cost", zone="FRA", no_journal=True, quiet=True, **options) as run:
        wait({SETTLED_S})
        before = resource.getrusage(resource.RUSAGE_SELF)
        if options:
            print("scrape", flush=True)
        wait({SECONDS})
        after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return 100 * spent / {SECONDS}

off = share()
on = [share(**one) for one in json.loads(sys.argv[1])]
print(json.dumps([off, *on]), flush=True)
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


def main() -> None:
    """Measure and print."""
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
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}"
        }
        off, file, otel, page = _shares(env, folder, port)
    print("Telling a run of 8 GPUs, no panel, in % of one core beyond measuring it")
    print(f"  measuring alone                     {off:.3f}")
    print(f"  + a file, every 5 s                 {file - off:+.3f}   bar 0.1")
    print(f"  + OpenTelemetry, every 60 s         {otel - off:+.3f}   bar 0.1")
    print(f"  + a page, scraped every {SCRAPED_EVERY_S} s        {page - off:+.3f}   bar 0.1")


def _shares(env: dict[str, str], folder: str, port: int) -> list[float]:
    ways = [{"metrics_file": folder}, {"otel": True}, {"metrics_port": port}]
    measured = subprocess.Popen(
        [sys.executable, "-c", MEASURE, json.dumps(ways)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert measured.stdout is not None
    for _ in ways:
        measured.stdout.readline()
    scraper = subprocess.Popen([sys.executable, "-c", SCRAPE, f"http://127.0.0.1:{port}/metrics"])
    shares: list[float] = json.loads(measured.stdout.read())
    scraper.kill()
    scraper.wait()
    measured.wait()
    return shares


if __name__ == "__main__":
    main()
