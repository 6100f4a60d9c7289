"""Published trainings, each estimated as if it were not known how it ended."""

# ruff: noqa: INP001 - a folder of notebooks is no package

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from ocarbon_magic.planning.calibrated_pace import PaceModel
from ocarbon_magic.planning.calibrated_runs import SUMMARY, PublishedRun, published_runs
from ocarbon_magic.throughput import DynamicThroughput

if TYPE_CHECKING:
    from ocarbon_magic.run import Projection

FLOP_PER_TFLOP_HOUR = 1e12 * 3600


@dataclass(frozen=True)
class Held:
    """One training: the device-hours that were reported, and those that are estimated.

    Attributes
    ----------
    name : str
        Of the model and the device.
    reported_h : float
    ours_h, low_h, high_h : float
        By the calibrated method, with its interval of 80 %.
    papers_h : float or None
        By OpenCarbonEval; None where it knows no constants of the device.
    """

    name: str
    reported_h: float
    ours_h: float
    low_h: float
    high_h: float
    papers_h: float | None

    @property
    def is_inside(self) -> bool:
        """Whether our interval holds what was reported."""
        return self.low_h <= self.reported_h <= self.high_h


def held_against_reports() -> list[Held]:
    """Return every published training with an estimate that saw no run of its organisation."""
    evidence = published_runs()
    return [
        _held(run, [other for other in evidence if other.family != run.family])
        for run in evidence
        if run.tflops_per_device and run.family != SUMMARY
    ]


def _held(run: PublishedRun, evidence: list[PublishedRun]) -> Held:
    pace: Projection = PaceModel.fit(evidence).predict(run.flop, run.accelerator)
    tflop_hours = run.flop / FLOP_PER_TFLOP_HOUR
    return Held(
        name=f"{run.model.partition(' (')[0]}, {run.accelerator.name}",
        reported_h=run.device_hours,
        ours_h=tflop_hours / pace.value,
        low_h=tflop_hours / pace.high,
        high_h=tflop_hours / pace.low,
        papers_h=_by_the_paper(run),
    )


def _by_the_paper(run: PublishedRun) -> float | None:
    """Return the mean of the device-hours at the two ends of the device's constant."""
    alphas = run.accelerator.log10_alpha or run.accelerator.log10_alpha_family
    if alphas is None:
        return None
    laws = [DynamicThroughput.from_log10_alpha(alpha) for alpha in alphas]
    return mean(law.time_for(run.flop / 1e12) / 3600 for law in laws)
