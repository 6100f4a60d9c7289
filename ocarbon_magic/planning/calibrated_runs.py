"""The published runs that the calibrated estimate is fitted on: ``data/published_runs.csv``.

A row is one training with its FLOP and device-hours, or its mean power, or both, as its
authors reported them. Rows named "alpha of ..." sum up several runs on one kind of device
as OpenCarbonEval (arXiv:2405.12843) did: ``device_hours`` is the mean of its law's hours at
the low and at the high alpha, ``runs`` how many runs they were fitted on, without those
above the peak of their device.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ocarbon_magic.conversions import FLOP_PER_TFLOP, S_PER_H
from ocarbon_magic.hardware import Accelerator, find_accelerator
from ocarbon_magic.tables import Row, number, rows

SUMMARY = "OpenCarbonEval"
"""The family of rows that sum up others' runs: evidence for a fit, not runs of their own."""


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """One published run; a figure not reported is None.

    Attributes
    ----------
    model, source
        What was trained, and who says so.
    family : str
        Who trained it: runs of one family share its habits and are left out together.
    accelerator : Accelerator
    flop : float or None
        Work of the whole training.
    device_hours : float or None
        Hours summed over the devices, restarts and evaluations included.
    runs : int
        How many runs the row stands for.
    precision : str or None
        A precision other than the one that `peak_tflops` takes by default.
    mean_power_w : float or None
        Mean power per device in W.
    whole_server : bool
        Whether that power is the server's, divided by its devices, and not the board's.
    """

    model: str
    family: str
    accelerator: Accelerator
    flop: float | None
    device_hours: float | None
    runs: int
    precision: str | None
    mean_power_w: float | None
    whole_server: bool
    source: str

    @property
    def tflops_per_device(self) -> float | None:
        """Sustained TFLOP/s per device over the whole training."""
        if self.flop is None or self.device_hours is None:
            return None
        return self.flop / FLOP_PER_TFLOP / (self.device_hours * S_PER_H)


@cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Return every run of the table, in its order."""
    return tuple(_run(row) for row in rows("published_runs"))


def _run(row: Row) -> PublishedRun:
    accelerator = find_accelerator(row["device"])
    if accelerator is None:
        raise ValueError(f"published_runs.csv names {row['device']}, accelerators.csv does not.")
    return PublishedRun(
        model=row["model"],
        family=row["family"],
        accelerator=accelerator,
        flop=number(row["flop"]),
        device_hours=number(row["device_hours"]),
        runs=int(row["runs"]),
        precision=row["precision"] or None,
        mean_power_w=number(row["mean_power_w"]),
        whole_server=row["power_scope"] == "server",
        source=row["source"],
    )
