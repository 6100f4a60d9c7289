"""The memory that a recorder with 8 GPUs takes while a month passes on a clock that is told to.

A tick every two minutes of it stands for the 240 of a real run: what a recorder keeps is thinned by
their number, whatever their distance.
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.memory import peak_mib
from recorded import Clock, Constant

import ocarbon_magic as oc
from ocarbon_magic import recorder as recorder_module
from ocarbon_magic.config import resolve
from ocarbon_magic.meters.discover import Discovery
from ocarbon_magic.outlook import prepare
from ocarbon_magic.recorder import Recorder

GPUS = 8
TICK_S = 120.0
TICKS = round(30 * 24 * 3600 / TICK_S)
WARM_UP = 100
A_LONG_TIME_S = 1e9


def main() -> None:
    """Print the points of the record, and the mebibytes that the month has added."""
    prepare()
    clock = Clock()
    meters = [Constant(clock, 300.0, name=f"GPU {number}") for number in range(GPUS)]
    settings, _ = resolve({"zone": "FRA", "intensity": 50.0}, {}, {})
    with patch.object(recorder_module, "discover", lambda *_, **__: Discovery(meters, [])):
        recorder = Recorder(settings, "a month", publish=lambda _: None, clock=clock)
        recorder._sampler._interval_s = A_LONG_TIME_S  # ticks come from here alone
        recorder.start()
    before_mib = 0.0
    for step in oc.track(range(TICKS)):
        if step == WARM_UP:
            before_mib = peak_mib()
        clock.now += TICK_S
        recorder._tick(clock(), [reading for meter in meters for reading in meter.read()])
    grown_mib = peak_mib() - before_mib
    run = recorder.stop("finished")
    print(len(run.series.t_s), grown_mib)


if __name__ == "__main__":
    main()
