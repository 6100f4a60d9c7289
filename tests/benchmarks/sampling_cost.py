"""What the sampling thread costs with 8 GPUs at the default interval, and a long run's memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.script import output_of
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
MONTH = Path(__file__).with_name("month.py")


def measure() -> dict[str, Any]:
    """Return shares of a core, and what a month adds to a recorder's memory."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text(
            "".join(gpu(i, lines="  power const 300\n  busy const 90\n") for i in range(8))
        )
        gpus, floor, early, settled = output_of(
            "-c", MEASURE, env=environment(library, scenario)
        ).split()
    points, growth_mib = output_of(str(MONTH)).split()
    return {
        "gpus": int(gpus),
        "settled_after_s": SETTLED_S,
        "settled_core_pct": float(settled),
        "first_s": SECONDS,
        "first_core_pct": float(early),
        "waking_core_pct": float(floor),
        "month_mib": float(growth_mib),
        "month_points": int(points),
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    yield (
        f"Sampling {measured['gpus']} GPUs and the processor every 0.5 s, no panel, "
        "in % of one core"
    )
    yield (
        f"  settled, after {measured['settled_after_s']} s           "
        f"{measured['settled_core_pct']:.3f}"
    )
    yield f"  first {measured['first_s']} s                    {measured['first_core_pct']:.3f}"
    yield f"  a thread that only wakes up   {measured['waking_core_pct']:.3f}"
    yield (
        f"  memory of a month             {measured['month_mib']:.1f} MiB, "
        f"{measured['month_points']} points"
    )
