"""What counting PyTorch's optimizer steps costs a step, and what sampling its FLOP costs one."""

from __future__ import annotations

import statistics
import time
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


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    on, off = (statistics.median(values) for values in counting_s())
    print(f"Optimizer steps of PyTorch {torch.__version__}, medians of {ROUNDS} x {STEPS} steps")
    print(f"  a step of SGD, hook off       {1e6 * off:8.2f} us")
    print(f"  a step of SGD, hook on        {1e6 * on:8.2f} us")
    print(f"  the hook                      {1e6 * (on - off):8.2f} us   bar 2")
    for name, make in (("CNN", cnn), ("transformer", transformer)):
        sampled, other = sampling_s(make)
        said = f"{1e3 * sampled:8.2f} ms, others {1e3 * other:.2f} ms ({sampled / other - 1:+.0%})"
        print(f"  a sampled step, {name:12}  {said}")


if __name__ == "__main__":
    main()
