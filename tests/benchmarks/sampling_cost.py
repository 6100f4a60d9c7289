"""What the sampling thread costs with 8 GPUs at the default interval, and a long run's memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nvml_standin import build_standin, environment, gpu

SECONDS = 20
MEASURE = f"""
import resource, sys, threading, time
from ocarbon_magic.config import resolve
from ocarbon_magic.recorder import Recorder

def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime

wait = threading.Event()
start = cpu_s()
wait.wait({SECONDS})
idle = cpu_s() - start

settings, _ = resolve({{"zone": "FRA"}}, {{}}, {{}})
recorder = Recorder(settings, "cost")
recorder.start()
wait.wait(2)  # the first look for the counters' steps is over
start = cpu_s()
wait.wait({SECONDS})
busy = cpu_s() - start
run = recorder.stop("finished")
gpus = [d for d in run.devices if d.kind == "gpu"]
print(len(gpus), idle, busy)
"""
MONTH = """
import resource
from ocarbon_magic.series import EnergySeries

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
series = EnergySeries()
for tick in range(30 * 24 * 3600 * 2):
    series.add(tick * 0.5, tick * 50.0)
print(len(series.t_s), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text("".join(gpu(i, lines="  power const 300\n") for i in range(8)))
        said = run(MEASURE, environment(library, scenario)).split()
    gpus, idle, busy = int(said[0]), float(said[1]), float(said[2])
    share = 100 * (busy - idle) / SECONDS
    print(f"Sampling {gpus} GPUs and the processor every 0.5 s, {SECONDS} s, no panel")
    print(
        f"  share of one core          {share:.3f} %   bar 0.1 %   (the idle process {idle:.3f} s)"
    )
    points, growth_mb = run(MONTH).split()
    print(f"  memory of a month's ticks  {float(growth_mb):.1f} MB   bar 32 MB   ({points} points)")


def run(code: str, env: dict[str, str] | None = None) -> str:
    """Return what a fresh Python prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
