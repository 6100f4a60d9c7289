"""How much slower a training loop of small steps runs while 8 GPUs are sampled beside it.

Small steps in Python are the worst case: the sampling thread takes the interpreter from them.
"""

from __future__ import annotations

import json
import math
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.script import output_of
from nvml_standin import build_standin, environment, gpu

PAIRS = 60
TRAIN = f"""
import contextlib, json, time
import numpy as np
import ocarbon_magic as oc

draw = np.random.default_rng(0)
inputs, truth = draw.random((64, 32)), draw.random(32)
targets = inputs @ truth

def train_s(steps):
    weights = np.zeros(32)
    began_s = time.perf_counter()
    for _ in range(steps):
        weights -= 1e-3 * (inputs.T @ (inputs @ weights - targets))
    return time.perf_counter() - began_s

steps = round(20_000 / train_s(20_000))  # for a second: two ticks of the sampling thread

def alone_s():
    return train_s(steps)

def measured_s():
    with oc.measure("slowed", zone="FRA", no_journal=True, quiet=True):
        return train_s(steps)

measured_s()
pairs = []
for pair in range({PAIRS}):
    if pair % 2:
        alone, measured = alone_s(), measured_s()
    else:
        measured, alone = measured_s(), alone_s()
    pairs.append((alone, measured))
print(json.dumps(pairs))
"""


def measure() -> dict[str, Any]:
    """Return how much slower the loop was, of pairs whose order changes."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text("".join(gpu(i, lines="  power const 300\n") for i in range(8)))
        env = environment(library, scenario) | {"OPENBLAS_NUM_THREADS": "1"}
        pairs = json.loads(output_of("-c", TRAIN, env=env))
    slowed_pct = [100 * (measured_s / alone_s - 1) for alone_s, measured_s in pairs]
    low, middle, high = statistics.quantiles(slowed_pct, n=4)
    return {
        "pairs": len(slowed_pct),
        "slowed_pct": middle,
        "quartiles_pct": [low, high],
        "standard_error_pct": standard_error(low, high, len(slowed_pct)),
    }


def standard_error(low: float, high: float, count: int) -> float:
    """Return that of a median, by the quartiles: 1.25 standard deviations over the root."""
    return 1.2533 * (high - low) / 1.349 / math.sqrt(count)


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figure."""
    low, high = measured["quartiles_pct"]
    yield (
        f"A training loop while 8 GPUs are sampled: {measured['slowed_pct']:+.2f} % slower, "
        f"median of {measured['pairs']} pairs (quartiles {low:+.2f} and {high:+.2f}, "
        f"standard error {measured['standard_error_pct']:.2f})"
    )
