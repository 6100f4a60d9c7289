"""The parts of the benchmarks: what each tells, and the module that measures it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol, cast

Figures = dict[str, Any]
"""What a part has measured, as JSON holds it; units stand in the keys."""


class Measures(Protocol):
    """A module that measures a part."""

    def measure(self) -> Figures:
        """Return what is found now; what is compared is measured side by side."""

    def lines(self, measured: Figures) -> Iterator[str]:
        """Yield what a person reads of it."""


class Part(NamedTuple):
    """A part by what it tells; its module is imported only where it is measured or told."""

    tells: str
    module: str
    packages: tuple[str, ...] = ()
    """Those whose versions matter to the figures."""
    each_python: bool = False
    """Figures of several Python versions stand beside each other."""

    def load(self) -> Measures:
        """Import the module."""
        return cast("Measures", importlib.import_module(self.module))


PARTS = {
    "overhead": Part(
        "a measured cell beside the same cell without the magic, in real kernels",
        "benchmarks.cell_overhead",
        ("ipython", "ipykernel"),
    ),
    "loops": Part(
        "a counted iteration over the bare loop, beside tqdm's",
        "benchmarks.loop_cost",
        ("tqdm",),
        each_python=True,
    ),
    "torch": Part("PyTorch's optimizer steps, counted", "benchmarks.torch_steps", ("torch",)),
    "training": Part(
        "a training loop while 8 GPUs are sampled, beside the same loop alone",
        "benchmarks.training_slowed",
        ("numpy", "nvidia-ml-py"),
    ),
    "sampling": Part(
        "the sampling thread with 8 GPUs, and the memory of a month",
        "benchmarks.sampling_cost",
        ("numpy", "nvidia-ml-py"),
    ),
    "panel": Part(
        "bytes to the browser, and the kernel's time for them",
        "benchmarks.panel_cost",
        ("ipykernel", "anywidget", "nvidia-ml-py"),
    ),
    "notebook": Part(
        "a notebook of 300 cells in JupyterLab, with the labextension and without",
        "benchmarks.long_notebook",
        ("jupyterlab", "playwright"),
    ),
    "journal": Part(
        "100,000 runs listed and filtered, the end of a cell, a killed run",
        "benchmarks.journal_cost",
        ("pandas",),
    ),
    "telemetry": Part(
        "a run told to a page, a file and a collector",
        "benchmarks.telemetry_cost",
        ("opentelemetry-sdk", "nvidia-ml-py"),
    ),
    "scale": Part("1,000 hosts with 8 GPUs each for 30 days, replayed", "benchmarks.scale"),
    "accuracy": Part(
        "energy against known power curves, beside two plain ways",
        "benchmarks.energy_accuracy",
        ("nvidia-ml-py",),
    ),
    "weight": Part("what installing adds to JupyterLab", "benchmarks.install_weight"),
    "forecasts": Part(
        "the forecast end of recorded trainings, beside 15 rules",
        "validation.forecasts",
        ("numpy",),
    ),
    "estimates": Part(
        "published trainings, estimated before they run", "validation.estimates", ("numpy",)
    ),
    "peers": Part("other tools on the same curves, each in its own place", "benchmarks.peers"),
}
