"""Energy against known power curves, in real time, through a stand-in for NVIDIA's library.

Three curves are drawn at once by GPUs whose sensors and counters have random phases, and are
measured by the meter beside two plain ways: the counter read at both ends, and power once a
second. The truth is the integral of the curve between the same two moments.
"""

from __future__ import annotations

import importlib
import math
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nvml_standin import HOPPER, PASCAL, Standin, build_standin, gpu

from ocarbon_magic.meters.nvml import NvmlMeter

ROUNDS = int(os.environ.get("ROUNDS", "1"))
DURATION_S = 20.0
TICK_S = 0.5
CURVES = {
    "const 250 W": "power const 250\n  power sine 0.2 0.33",
    "square 50/400 W, 0.7 s": "power square 50 400 0.7 {start}",
    "ramp 50 to 400 W": "power ramp 50 400 20 {now}",
}
KINDS = {
    "counter, 100 ms steps": HOPPER,
    "sample buffer, 10 of 20 ms": PASCAL,
    "power alone, instant": "  usage now\n",
}
PHASES = 16 // (len(CURVES) * len(KINDS)) + 1
GPUS = [
    (curve, kind)
    for curve in CURVES
    for kind in KINDS
    for _ in range(PHASES if kind != "power alone, instant" else 1)
]
NVML_CALLS = (
    "nvmlDeviceGetTotalEnergyConsumption",
    "nvmlDeviceGetFieldValues",
    "nvmlDeviceGetPowerUsage",
    "nvmlDeviceGetSamples",
)


class Plain:
    """The two plain ways to read one GPU."""

    def __init__(self, number: int) -> None:
        self._nvml = importlib.import_module("pynvml")
        self._handle = self._nvml.nvmlDeviceGetHandleByIndex(number)
        self._first_j = self._counter_j()
        self._samples = [(time.monotonic(), self._power_w())]

    def sample(self) -> None:
        """Read the power once."""
        self._samples.append((time.monotonic(), self._power_w()))

    def by_counter_j(self) -> float | None:
        """Return the counter's difference."""
        last_j = self._counter_j()
        return None if self._first_j is None or last_j is None else last_j - self._first_j

    def by_power_j(self) -> float:
        """Return the trapezoids under the power."""
        pairs = zip(self._samples, self._samples[1:], strict=False)
        return sum((w0 + w1) / 2 * (t1 - t0) for (t0, w0), (t1, w1) in pairs)

    def _counter_j(self) -> float | None:
        try:
            return self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle) / 1e3
        except self._nvml.NVMLError:
            return None

    def _power_w(self) -> float:
        return self._nvml.nvmlDeviceGetPowerUsage(self._handle) / 1e3


class Calls:
    """Counts the calls of a stretch of code, apart from those of others."""

    def __init__(self, standin: Standin) -> None:
        self._standin = standin
        self.counts = dict.fromkeys(NVML_CALLS, 0)

    def __enter__(self) -> None:
        self._before = {call: self._standin.calls(call) for call in NVML_CALLS}
        self._worked_s = time.thread_time()

    def __exit__(self, *_: object) -> None:
        for call, before in self._before.items():
            self.counts[call] += self._standin.calls(call) - before


def scenario(chance: random.Random) -> str:
    """Return the GPUs; the curves begin now, the rest at random phases."""
    lines = []
    for number, (curve, kind) in enumerate(GPUS):
        power = CURVES[curve].format(start=chance.random(), now=0.3)
        phases = {"sensor": 0.1 * chance.random(), "counter": 0.1 * chance.random()}
        lines.append(gpu(number, kind=KINDS[kind], lines=f"  {power}\n", **phases))
    return "".join(lines)


def measure(standin: Standin, chance: random.Random) -> list[tuple[float | None, ...]]:
    """Return for each GPU the errors in % of the meter and of the plain ways."""
    standin.configure(scenario(chance))
    calls = Calls(standin)
    with calls:
        meter = NvmlMeter("all", environ={})
    time.sleep(0.3)
    plain = [Plain(number) for number in range(len(GPUS))]
    with calls:
        meter.start()
    worked_s, start_s = time.thread_time(), time.monotonic()
    end_s = start_s + DURATION_S + 0.1 * chance.random()
    tick_s, second_s, plain_s = start_s + TICK_S, start_s + 1.0, 0.0
    while True:
        wake_s = min(tick_s, meter.due_s() or math.inf, second_s, end_s)
        time.sleep(max(wake_s - time.monotonic(), 0.0))
        now_s = time.monotonic()
        if now_s >= end_s:
            break
        if now_s >= second_s:
            second_s += 1.0
            before_s = time.thread_time()
            for reader in plain:
                reader.sample()
            plain_s += time.thread_time() - before_s
        with calls:
            meter.read()
        tick_s = tick_s if now_s < tick_s else tick_s + TICK_S
    worked_s = time.thread_time() - worked_s - plain_s
    end_s = time.monotonic()
    with calls:
        readings = meter.stop(end_s)
    for reader in plain:
        reader.sample()
    print(f"  {' '.join(f'{call}: {n},' for call, n in calls.counts.items())}")
    print(f"  {100 * worked_s / DURATION_S:.3f} % of a core for {len(GPUS)} GPUs")
    return [
        tuple(
            None if energy_j is None else 100 * (energy_j / truth_j - 1)
            for energy_j in (reading.energy_j, reader.by_counter_j(), reader.by_power_j())
        )
        for number, (reading, reader) in enumerate(zip(readings, plain, strict=True))
        if (truth_j := standin.energy_j(number, start_s, end_s))
    ]


def main() -> None:
    """Measure and print."""
    print(f"Error of the energy over {DURATION_S:.0f} s, in % (least ... greatest)")
    chance = random.Random()
    with tempfile.TemporaryDirectory() as folder:
        standin = Standin(build_standin(folder))
        rounds = [measure(standin, chance) for _ in range(ROUNDS)]
    print(f"  {'':52}{'meter':>18}{'counter at ends':>18}{'power at 1 Hz':>18}")
    for kind in KINDS:
        for curve in CURVES:
            found = [
                errors
                for measured in rounds
                for which, errors in zip(GPUS, measured, strict=True)
                if which == (curve, kind)
            ]
            columns = (span([errors[i] for errors in found]) for i in range(3))
            print(f"  {kind:28}{curve:24}{''.join(f'{column:>18}' for column in columns)}")


def span(errors: list[float | None]) -> str:
    """Return the range of some errors."""
    known = [error for error in errors if error is not None]
    return f"{min(known):+.2f} ... {max(known):+.2f}" if known else "-"


if __name__ == "__main__":
    main()
