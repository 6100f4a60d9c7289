"""Runs for reports and exports: with embodied charges, of several places and fates."""

from __future__ import annotations

from sample_runs import STATUSES, cpu, gpu, of_status, sample

from ocarbon_magic.carbon.embodied import Terms, charges
from ocarbon_magic.run import Intensity, Zone

EMBER = "Ember; Our World in Data (CC-BY-4.0), retrieved 2026-04"
FRANCE = Intensity(50.0, 2024, "lifecycle", EMBER)
CALIFORNIA = Intensity(100.0, 2023, "direct", "EPA eGRID2023 rev2, sheet ST23 (STC2ERTA)")
BY_HAND = Intensity(200.0, None, None, "given")

AWKWARD = (
    r"50% of $x_1 & #2 {a} ~b^c \d",
    r"*bold* _it_ [link](http://example.org) <b>html</b> `code` |cell|",
    "\"quoted\" 'single' -- --- ,, ?` !` <<fr>>",
    "*starts a row",
    "[optional] after a row",
    "naïve Übung łódź šťáva çedilla Ångström œuvre øre ß",
    "訓練 обучение 🚀 تدريب",
    "é combining and a narrow space",
    "αβγδ µ ± × – — … “double” ‘single’ ² ³ ° →",  # noqa: RUF001 - they are meant
    "{unbalanced",
    "unbalanced}",
    "&amp; &#42; \\[x\\] \\(y\\)",
    "---",
    "key: value # comment",
    "@article{x, title={y}}",
    "a\nb\tc\rd\x00e\x07f",
    "half \ud800 of a pair",
    "",
)
"""Names that mean something to one format or another."""


def charged(run):
    """The run with the embodied carbon that its devices are charged, and the sum with it."""
    run.embodied = charges([(d.kind, d.name, run.duration_s) for d in run.devices], Terms())
    run.embodied_g = sum(charge.embodied_g for charge in run.embodied)
    run.emissions_g = run.operational_g + run.embodied_g
    return run


def an_hour(number=0, **changes):
    """A run of an hour on a GPU of 1 kW: 1 kWh, 50 g operational at 50 g/kWh."""
    made = {
        "id": f"2f1f9c1e-6f0a-4a57-9d57-{number:012x}",
        "name": "train_resnet",
        "devices": [gpu(uuid=f"GPU-{number}", energy_j=3.6e6, mean_power_w=1000.0)],
        "duration_s": 3600.0,
        "started_at": "2026-03-01T10:00:00Z",
        "ended_at": "2026-03-01T11:00:00Z",
        "intensity": FRANCE,
        "embodied_g": 4.0,
    }
    return sample(**{**made, **changes})


def of_each_status():
    """A run of each status, the newest first, on devices of their own."""
    return [
        charged(
            of_status(
                status,
                id=f"2f1f9c1e-6f0a-4a57-9d57-0f0b3c1d2e4{number}",
                intensity=FRANCE,
                devices=[gpu(uuid=f"GPU-{number}"), cpu()],
            )
        )
        for number, status in enumerate(STATUSES)
    ]


def in_california(number=50, **changes):
    zone = Zone("US-CA", "California", "given")
    return an_hour(number, zone=zone, intensity=CALIFORNIA, **changes)
