"""Runs whose savings can be worked out by hand, for the tests of advice.

A run of 1 kWh at 100 g/kWh: 100 g operational and 10 g embodied, 110 g in all. Its GPUs took
0.8 kWh, its processor 0.2 kWh. The intensity is by hand, so that no place and no hour is advised.
"""

from __future__ import annotations

import sample_runs

from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.run import Intensity, Metric, Series, Work

J_PER_KWH = 3.6e6
BY_HAND = Intensity(100.0, None, None, "given")
DURATION_S = 1000.0


def gpu(number=0, kwh=0.8, **changes):
    drawn = {"energy_j": kwh * J_PER_KWH, "uncertainty_pct": 0.0, "mean_power_w": 300.0}
    return sample_runs.gpu(number, **{**drawn, **changes})


def cpu(kwh=0.2, **changes):
    return sample_runs.cpu(**{"energy_j": kwh * J_PER_KWH, "uncertainty_pct": 0.0, **changes})


def stepping(rises, end_s, *, power_w=100.0, every_s=1.0):
    """A series of constant power (or a function of time) with a step done at each of ``rises``."""
    times = [every_s * i for i in range(round(end_s / every_s) + 1)]
    power = [power_w(t) if callable(power_w) else power_w for t in times]
    work = [float(sum(rise <= t for rise in rises)) for t in times]
    return Series(times, power, work, [0.0] * len(times))


STEADY = stepping(range(5, 1001, 5), 1000.0, every_s=5.0)


def run(*devices, **changes):
    made = {
        "name": "train",
        "intensity": BY_HAND,
        "embodied_g": 10.0,
        "duration_s": DURATION_S,
        "series": STEADY,
        "devices": list(devices) or [gpu(), cpu()],
    }
    return sample_runs.sample(**{**made, **changes})


def with_metric(value, done=2000.0, *, expression="val_accuracy", number=0, **changes):
    made = {
        "id": f"{number:08x}-6f0a-4a57-9d57-0f0b3c1d2e4f",
        "metric": Metric(expression, value),
        "work": Work(done, done, "step", 2.0, "tqdm"),
    }
    return run(**{**made, **changes})


def measures(made, *others, called=""):
    """The measures whose title begins so."""
    return [m for m in advise(made, others).measures if m.title.startswith(called)]


def the_measure(made, *others, called):
    (found,) = measures(made, *others, called=called)
    return found


def looked_at(made, *others, began):
    """What was said of a figure that nothing followed from."""
    (said,) = [s for s in advise(made, others).looked_at if s.startswith(began)]
    return said
