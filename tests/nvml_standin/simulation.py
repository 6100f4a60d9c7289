"""Runs a meter through a scenario on the stand-in's fake clock, as the recorder would."""

import random
from dataclasses import dataclass

from nvml_standin import gpu
from ocarbon_magic.meters.nvml import NvmlMeter

START_S = 1000.0

CONST = "power const 250\n  power sine 0.2 0.33"
SQUARE = "power square 50 400 0.7 {start}"
RAMP = "power ramp 50 400 20 1.0"  # while the meter runs, which begins 1 s after the scenario
CURVES = {"const": CONST, "square": SQUARE, "ramp": RAMP}

LATENCY = {
    "nvmlDeviceGetTotalEnergyConsumption": 5e-4,
    "nvmlDeviceGetPowerUsage": 5e-6,
    "nvmlDeviceGetFieldValues": 5e-6,
    "nvmlDeviceGetSamples": 5e-5,
}


def scene(curve, kind, chance, *, gpus=1, extra="", latency=None):
    """Return a scenario of GPUs whose curves, sensors and counters begin at random phases."""
    lines = [f"clock fake {START_S}"]
    lines += [f"latency {call} {s}" for call, s in {**LATENCY, **(latency or {})}.items()]
    for number in range(gpus):
        power = curve.format(start=chance.random())
        phases = {"sensor": 0.1 * chance.random(), "counter": 0.1 * chance.random()}
        lines.append(gpu(number, kind=kind, lines=f"  {power}\n{extra}", **phases))
    return "\n".join(lines)


@dataclass
class Outcome:
    """One run: what the meter said at its end, and what was drawn."""

    meter: NvmlMeter
    start_s: float
    end_s: float
    live: list  # the readings before the end, one list a wake
    last: list  # the readings at the end
    truth_j: list
    counter_reads: int

    def errors_pct(self):
        return [
            100 * (reading.energy_j / truth - 1)
            for reading, truth in zip(self.last, self.truth_j, strict=True)
        ]

    @property
    def error_pct(self):
        (error,) = self.errors_pct()
        return error


def run(standin, scenario, duration_s=20.0, *, chance=None, delay=None, during=None, **options):
    """Measure a scenario for some seconds of its fake clock.

    ``delay`` maps a wanted waking time to the real one; ``during`` is called at each wake
    with the seconds since the start.
    """
    chance = chance or random.Random(1)
    standin.configure(scenario)
    clocks = {"clock": standin.now, "wall": standin.wall, "sleep": standin.sleep}
    meter = NvmlMeter("all", environ={}, **clocks, **options)
    standin.set_clock(max(START_S + 1.0, standin.now()))
    meter.start()
    start_s = standin.now()
    end_s, tick_s, live = start_s + duration_s, start_s + 0.5, []
    while True:
        due_s = meter.due_s()
        wake_s = max(tick_s if due_s is None else min(tick_s, due_s), standin.now())
        wake_s += 4e-4 * chance.random()
        wake_s = delay(wake_s) if delay is not None else wake_s
        if wake_s >= end_s:
            break
        standin.set_clock(wake_s)
        if during is not None:
            during(wake_s - start_s)
        live.append(meter.read())
        if wake_s >= tick_s:
            tick_s = max(tick_s + 0.5, standin.now())
    standin.set_clock(max(end_s, standin.now()) + 3e-4)
    last = meter.stop(end_s)
    return Outcome(
        meter,
        start_s,
        end_s,
        live,
        list(last),
        [standin.energy_j(i, start_s, end_s) for i in range(len(last))],
        standin.counter_reads(),
    )
