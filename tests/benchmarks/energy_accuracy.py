"""Energy against known power curves, in real time, through a stand-in for NVIDIA's library.

Three curves are drawn at once by GPUs whose sensors and counters have random phases, and are
measured by the meter beside two plain ways: the counter read at both ends, and power once a
second. The truth is the integral of the curve between the same two moments.
"""

from __future__ import annotations

import importlib
import math
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from nvml_standin import HOPPER, PASCAL, Standin, build_standin, gpu

from ocarbon_magic.meters.nvml import NvmlMeter

ROUNDS = 3
DURATION_S = 20.0
TICK_S = 0.5
CURVES = {
    "constant 250 W": "power const 250\n  power sine 0.2 0.33",
    "square 50/400 W, 0.7 s": "power square 50 400 0.7 {start}",
    "ramp 50 to 400 W": "power ramp 50 400 20 {now}",
}
KINDS = {
    "counter": HOPPER,
    "sample buffer": PASCAL,
    "power alone": "  usage now\n",
}
"""What a GPU offers: steps of 100 ms; 10 of each 20 ms; the power of the instant."""
WAYS = ("meter", "counter_at_ends", "power_at_1_hz")
PHASES = 16 // (len(CURVES) * len(KINDS)) + 1
GPUS = [
    (curve, kind)
    for curve in CURVES
    for kind in KINDS
    for _ in range(PHASES if kind != "power alone" else 1)
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


class Round(NamedTuple):
    """What one round has shown: for each GPU the errors in % of each of `WAYS`."""

    errors_pct: list[tuple[float | None, ...]]
    core_pct: float
    calls: dict[str, int]


def one_round(standin: Standin, chance: random.Random) -> Round:
    """Measure all GPUs once, with the meter and by the plain ways."""
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
    errors_pct = [
        tuple(
            None if energy_j is None else 100 * (energy_j / truth_j - 1)
            for energy_j in (reading.energy_j, reader.by_counter_j(), reader.by_power_j())
        )
        for number, (reading, reader) in enumerate(zip(readings, plain, strict=True))
        if (truth_j := standin.energy_j(number, start_s, end_s))
    ]
    return Round(errors_pct, 100 * worked_s / DURATION_S, calls.counts)


def measure() -> dict[str, Any]:
    """Return the range of the errors of each way, by what a GPU offers and by its curve."""
    chance = random.Random()
    with tempfile.TemporaryDirectory() as folder:
        standin = Standin(build_standin(folder))
        rounds = [one_round(standin, chance) for _ in range(ROUNDS)]
    return {
        "duration_s": DURATION_S,
        "rounds": ROUNDS,
        "gpus": len(GPUS),
        "core_pct": statistics.median(one.core_pct for one in rounds),
        "calls": rounds[-1].calls,
        "errors": {
            kind: {curve: _errors(rounds, curve, kind) for curve in CURVES} for kind in KINDS
        },
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each kind of GPU and curve."""
    yield (
        f"Error of the energy over {measured['duration_s']:.0f} s in {measured['rounds']} rounds, "
        "in % (least ... greatest)"
    )
    yield f"  {' '.join(f'{call}: {n},' for call, n in measured['calls'].items())}"
    yield f"  {measured['core_pct']:.3f} % of a core for {measured['gpus']} GPUs"
    yield f"  {'':40}{'meter':>18}{'counter at ends':>18}{'power at 1 Hz':>18}"
    for kind, curves in measured["errors"].items():
        for curve, ways in curves.items():
            columns = "".join(f"{_span(ways[way]):>18}" for way in WAYS)
            yield f"  {kind:16}{curve:24}{columns}"


def _errors(rounds: list[Round], curve: str, kind: str) -> dict[str, dict[str, float] | None]:
    found = [
        errors
        for one in rounds
        for which, errors in zip(GPUS, one.errors_pct, strict=True)
        if which == (curve, kind)
    ]
    return {way: _range([errors[i] for errors in found]) for i, way in enumerate(WAYS)}


def _range(errors_pct: list[float | None]) -> dict[str, float] | None:
    known = [error for error in errors_pct if error is not None]
    if not known:
        return None
    return {
        "least_pct": min(known),
        "greatest_pct": max(known),
        "largest_pct": max(map(abs, known)),
    }


def _span(of: dict[str, float] | None) -> str:
    return f"{of['least_pct']:+.2f} ... {of['greatest_pct']:+.2f}" if of else "-"
