"""What counting PyTorch's optimizer steps costs a step, and what sampling its FLOP costs one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import torch
import torch.optim.optimizer as optimizer_module
from torch import nn

from ocarbon_magic.progress.frameworks.torch import OptimizerSteps

ROUNDS = 201
STEPS = 1000
SAMPLED_ROUNDS = 15


def step_s(optimizer: torch.optim.Optimizer) -> float:
    """Return the seconds of one step."""
    start_s = time.perf_counter()
    for _ in range(STEPS):
        optimizer.step()
    return (time.perf_counter() - start_s) / STEPS


def counting_s() -> tuple[list[float], list[float]]:
    """Return the seconds of a step with the hook and without, in turn."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(2))], lr=0.1)
    step_s(optimizer)
    on, off = [], []
    for _ in range(ROUNDS):
        off.append(step_s(optimizer))
        steps = OptimizerSteps()
        steps.install(optimizer_module, None)
        for _ in range(50):  # past the sampled ones
            optimizer.step()
        on.append(step_s(optimizer))
        steps.remove()
    return on, off


def cnn() -> tuple[nn.Module, torch.Tensor]:
    """Return a small network for images and a batch."""
    layers = [nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(12544, 10)), torch.randn(32, 3, 32, 32)


def transformer() -> tuple[nn.Module, torch.Tensor]:
    """Return a small transformer and a batch."""
    layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True)
    return nn.TransformerEncoder(layer, 4), torch.randn(16, 64, 128)


def train_s(model: nn.Module, data: torch.Tensor, times: int) -> list[float]:
    """Return the seconds of each of some training steps, with everything around."""
    optimizer, took_s = torch.optim.AdamW(model.parameters()), []
    for _ in range(times):
        start_s = time.perf_counter()
        optimizer.zero_grad()
        model(data).square().mean().backward()
        optimizer.step()
        took_s.append(time.perf_counter() - start_s)
    return took_s


def sampling_s(make: Any) -> tuple[float, float]:
    """Return the seconds of a sampled step and of others."""
    sampled, others = [], []
    for _ in range(SAMPLED_ROUNDS):
        steps = OptimizerSteps()
        steps.install(optimizer_module, None)
        took_s = train_s(*make(), times=12)
        steps.remove()
        sampled += took_s[3:5]
        others += took_s[5:]
    return statistics.median(sampled), statistics.median(others)


def measure() -> dict[str, Any]:
    """Return the time of a step with the hook and without, and of a sampled step."""
    torch.set_num_threads(1)
    on, off = (statistics.median(values) for values in counting_s())
    models = {}
    for name, make in (("CNN", cnn), ("transformer", transformer)):
        sampled_s, other_s = sampling_s(make)
        models[name] = {
            "sampled_ms": 1e3 * sampled_s,
            "other_ms": 1e3 * other_s,
            "ratio": sampled_s / other_s,
        }
    return {
        "rounds": ROUNDS,
        "steps": STEPS,
        "hook_off_us": 1e6 * off,
        "hook_on_us": 1e6 * on,
        "hook_us": 1e6 * (on - off),
        "sampled_steps": models,
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    yield f"Optimizer steps, medians of {measured['rounds']} x {measured['steps']} steps"
    yield f"  a step of SGD, hook off       {measured['hook_off_us']:8.2f} us"
    yield f"  a step of SGD, hook on        {measured['hook_on_us']:8.2f} us"
    yield f"  the hook                      {measured['hook_us']:8.2f} us"
    for name, of in measured["sampled_steps"].items():
        yield (
            f"  a sampled step, {name:12}  {of['sampled_ms']:8.2f} ms, "
            f"others {of['other_ms']:.2f} ms ({of['ratio'] - 1:+.0%})"
        )
