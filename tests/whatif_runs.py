"""Runs in round figures, for the tests of the what-if in Python and in the page."""

from __future__ import annotations

import sample_runs

from ocarbon_magic.run import Intensity, Projection, RunProjection, Work

LIFECYCLE = Intensity(100.0, 2024, "lifecycle", "Ember")
DIRECT = Intensity(100.0, 2024, "direct", "EPA")
BY_HAND = Intensity(100.0, None, None, "given")
H100 = sample_runs.gpu(energy_j=5.4e6)
CPU = sample_runs.cpu(energy_j=1.8e6)


def run(**changes):
    """A run of 2 kWh at 100 g/kWh and PUE 1.5, which are 300 g, with 10 g embodied."""
    devices = changes.pop("devices", [sample_runs.gpu(energy_j=7.2e6)])
    figures = {"energy_kwh": 2.0, "pue": 1.5, "intensity": LIFECYCLE, "duration_s": 3600.0}
    grams = {"operational_g": 300.0, "embodied_g": 10.0, "emissions_g": 310.0}
    return sample_runs.sample(devices=devices, **{**figures, **grams, **changes})


def under_way(**changes):
    """A quarter of such a run's work done, and the rest projected: 4 times of all, +- 10 %."""
    projected = RunProjection(
        duration_s=Projection(14_400.0, 12_960.0, 15_840.0, 0.8),
        energy_kwh=Projection(8.0, 7.2, 8.8, 0.8),
        emissions_g=Projection(1240.0, 1116.0, 1364.0, 0.8),
        at_fraction=0.25,
        method="pace",
    )
    work = Work(25.0, 100.0, "step", 0.5, "tqdm")
    return run(status="running", work=work, projection=projected, **changes)
