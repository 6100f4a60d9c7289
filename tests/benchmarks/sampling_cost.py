"""What the sampling thread costs with 8 GPUs at the default interval, and a long run's memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nvml_standin import build_standin, environment, gpu

SECONDS = 20
SETTLED_S = 35
MEASURE = f"""
import resource, threading
from ocarbon_magic.config import resolve
from ocarbon_magic.recorder import Recorder

wait = threading.Event().wait

def share():
    before = resource.getrusage(resource.RUSAGE_SELF)
    wait({SECONDS})
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return 100 * spent / {SECONDS}

def wake():
    while not stop.wait(0.5):
        pass

stop = threading.Event()
bare = threading.Thread(target=wake)
bare.start()
floor = share()
stop.set()
bare.join()

settings, _ = resolve({{"zone": "FRA"}}, {{}}, {{}})
recorder = Recorder(settings, "cost")
recorder.start()
early = share()
wait({SETTLED_S} - {SECONDS})
settled = share()
run = recorder.stop("finished")
print(sum(d.kind == "gpu" for d in run.devices), floor, early, settled)
"""
MONTH = """
import resource
from ocarbon_magic.series import RunSeries

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
series = RunSeries()
for tick in range(30 * 24 * 3600 * 2):
    series.add(tick * 0.5, tick * 50.0, {"step": tick})
print(len(series.t_s), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text(
            "".join(gpu(i, lines="  power const 300\n  busy const 90\n") for i in range(8))
        )
        gpus, floor, early, settled = run(MEASURE, environment(library, scenario)).split()
    print(f"Sampling {gpus} GPUs and the processor every 0.5 s, no panel, in % of one core")
    print(f"  settled, after {SETTLED_S} s           {float(settled):.3f}   bar 0.1")
    print(f"  first {SECONDS} s                    {float(early):.3f}")
    print(f"  a thread that only wakes up   {float(floor):.3f}")
    points, growth_mb = run(MONTH).split()
    print(f"  memory of a month's ticks     {float(growth_mb):.1f} MB, {points} points   bar 32 MB")


def run(code: str, env: dict[str, str] | None = None) -> str:
    """Return what a fresh Python prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
