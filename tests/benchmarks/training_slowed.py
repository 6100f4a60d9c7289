"""How much slower a training loop of small steps runs while 8 GPUs are sampled beside it.

Small steps in Python are the worst case: the sampling thread takes the interpreter from them. A
run that has settled is told apart from one of a second, in which the meter still learns when the
counters step.

Two processes, and two minutes of one, differ by more than is sought here. So a settled run is
judged by what disturbs it: in each second, the mean time of short stretches of the loop over
their median, with measuring and without.
"""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.script import output_of
from nvml_standin import build_standin, environment, gpu

PAIRS = 60
ROUNDS = 3
SETTLED_S = 35
WATCHED_S = 20
STRETCH_S = 0.005
TRAIN = f"""
import contextlib, json, statistics, time
import numpy as np
import ocarbon_magic as oc

draw = np.random.default_rng(0)
inputs, truth = draw.random((64, 32)), draw.random(32)
targets = inputs @ truth
weights = np.zeros(32)

def train_s(steps):
    global weights
    began_s = time.perf_counter()
    for _ in range(steps):
        weights -= 1e-3 * (inputs.T @ (inputs @ weights - targets))
    return time.perf_counter() - began_s

def measuring():
    return oc.measure("slowed", zone="FRA", no_journal=True, quiet=True)

steps_per_s = 50_000 / train_s(50_000)
stretch, second = round({STRETCH_S} * steps_per_s), round(1 / {STRETCH_S})

def disturbed():
    for _ in range({WATCHED_S}):
        took_s = [train_s(stretch) for _ in range(second)]
        yield statistics.fmean(took_s) / statistics.median(took_s) - 1

alone, settled = [], []
for _ in range({ROUNDS}):
    alone += disturbed()
    with measuring():
        train_s(round({SETTLED_S} * steps_per_s))
        settled += disturbed()

def measured_s():
    with measuring():
        return train_s(round(steps_per_s))

pairs = []
for pair in range({PAIRS}):
    if pair % 2:
        bare_s, own_s = train_s(round(steps_per_s)), measured_s()
    else:
        own_s, bare_s = measured_s(), train_s(round(steps_per_s))
    pairs.append(own_s / bare_s - 1)
print(json.dumps([alone, settled, pairs]))
"""


def measure() -> dict[str, Any]:
    """Return how much slower the loop was, settled and in its first second."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text("".join(gpu(i, lines="  power const 300\n") for i in range(8)))
        env = environment(library, scenario) | {"OPENBLAS_NUM_THREADS": "1"}
        alone, settled, pairs = json.loads(output_of("-c", TRAIN, env=env))
    low, middle, high = statistics.quantiles(pairs, n=4)
    return {
        "settled_after_s": SETTLED_S,
        "settled": {
            "slowed_pct": 100 * (statistics.fmean(settled) - statistics.fmean(alone)),
            "standard_error_pct": 100 * math.hypot(error_of_mean(alone), error_of_mean(settled)),
            "disturbed_alone_pct": 100 * statistics.fmean(alone),
        },
        "run_of_a_second": {
            "pairs": len(pairs),
            "slowed_pct": 100 * middle,
            "quartiles_pct": [100 * low, 100 * high],
            "standard_error_pct": 100 * standard_error(low, high, len(pairs)),
        },
    }


def error_of_mean(values: Sequence[float]) -> float:
    """Return the standard error of a mean."""
    return statistics.stdev(values) / math.sqrt(len(values))


def standard_error(low: float, high: float, count: int) -> float:
    """Return that of a median, by the quartiles: 1.25 standard deviations over the root."""
    return 1.2533 * (high - low) / 1.349 / math.sqrt(count)


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    settled, first = measured["settled"], measured["run_of_a_second"]
    yield "A training loop while 8 GPUs are sampled"
    yield (
        f"  settled, after {measured['settled_after_s']} s: {settled['slowed_pct']:+.2f} % slower "
        f"(standard error {settled['standard_error_pct']:.2f}; other things slow it by "
        f"{settled['disturbed_alone_pct']:.2f})"
    )
    low, high = first["quartiles_pct"]
    yield (
        f"  a run of a second: {first['slowed_pct']:+.2f} % slower, median of {first['pairs']} "
        f"pairs (quartiles {low:+.2f} and {high:+.2f}, standard error "
        f"{first['standard_error_pct']:.2f})"
    )
