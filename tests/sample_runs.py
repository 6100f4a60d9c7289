"""Runs as the recorder leaves them, for the tests of what is seen and stored."""

from __future__ import annotations

import math
import random
from itertools import accumulate

from ocarbon_magic.accounts import Accounts
from ocarbon_magic.carbon.embodied import Terms, Used, charges
from ocarbon_magic.config import Settings
from ocarbon_magic.folding import folded
from ocarbon_magic.hosts import HostReading
from ocarbon_magic.meters.base import Device, Reading
from ocarbon_magic.run import (
    Cell,
    DeviceReading,
    Intensity,
    IntensitySeries,
    Law,
    Metric,
    Projection,
    Run,
    RunProjection,
    Series,
    Throughput,
    Work,
    Zone,
)
from ocarbon_magic.site import site_of

STATUSES = ("running", "finished", "failed", "interrupted", "lost")
DURATION_S = 134.2


def gpu(number=0, **changes):
    reading = {
        "kind": "gpu",
        "name": "NVIDIA H100 80GB HBM3",
        "uuid": f"GPU-{number}1f0c2a4-77f2-4a4e-9c0b-1d2e3f4a5b6c",
        "energy_j": 38_520.0 + 411 * number,
        "mean_power_w": 287.1 + 3 * number,
        "max_power_w": 341.6,
        "method": "nvml-energy-counter",
        "measured": True,
        "uncertainty_pct": 5.1,
    }
    return DeviceReading(**{**reading, **changes})


def cpu(**changes):
    reading = {
        "kind": "cpu",
        "name": "Intel Xeon Platinum 8480+",
        "uuid": None,
        "energy_j": 9_394.0,
        "mean_power_w": 70.0,
        "max_power_w": 102.0,
        "method": "cpu-estimate",
        "measured": False,
        "uncertainty_pct": 50.0,
    }
    return DeviceReading(**{**reading, **changes})


def series(points=240, power_w=287.0, emissions_g=1.84, duration_s=DURATION_S, seed=1):
    """A training run's look: start-up, a plateau with noise, and the dip of an evaluation."""
    dice = random.Random(seed)
    t_s = [round(duration_s * i / (points - 1), 3) for i in range(points)]
    shares = [i / (points - 1) for i in range(points)]
    plateau = [0.3 + 0.7 * min(1.0, share / 0.06) for share in shares]
    dips = [0.45 if math.fmod(share, 0.34) > 0.31 else 1.0 for share in shares]
    dented = [p * d for p, d in zip(plateau, dips, strict=True)]
    power = [float(f"{power_w * share * dice.uniform(0.92, 1.08):.5g}") for share in dented]
    emitted = [float(f"{emissions_g * so_far / sum(dented):.5g}") for so_far in accumulate(dented)]
    return Series(
        t_s=t_s,
        power_w=power,
        work=[float(f"{2000 * s:.5g}") for s in shares],
        emissions_g=emitted,
    )


def around(value, spread=0.15, level=0.8):
    return Projection(value, value * (1 - spread), value * (1 + spread), level)


def projection(at_fraction=0.05, error_pct=None):
    return RunProjection(
        duration_s=around(2480.0),
        energy_kwh=around(0.198),
        emissions_g=around(34.2),
        at_fraction=at_fraction,
        method="pace",
        duration_error_pct=error_pct,
        energy_error_pct=error_pct,
        emissions_error_pct=error_pct,
    )


def sample(**changes):
    """A finished run on one GPU, with ``changes``; energies and grams agree."""
    devices = changes.pop("devices", [gpu()])
    known = [d.energy_j for d in devices if d.energy_j is not None]
    energy_kwh = sum(known) / 3.6e6 if known else None
    intensity = changes.pop("intensity", Intensity(53.06, 2024, "lifecycle", "Ember"))
    operational_g = None if energy_kwh is None else energy_kwh * intensity.gco2e_per_kwh
    embodied_g = None if energy_kwh is None else changes.pop("embodied_g", 0.041 * len(devices))
    emissions_g = None if energy_kwh is None else operational_g + (embodied_g or 0.0)
    run = {
        "id": "2f1f9c1e-6f0a-4a57-9d57-0f0b3c1d2e4f",
        "name": "train_resnet",
        "status": "finished",
        "started_at": "2026-03-01T14:02:11Z",
        "ended_at": "2026-03-01T14:04:25Z",
        "duration_s": DURATION_S,
        "devices": devices,
        "energy_kwh": energy_kwh,
        "pue": 1.0,
        "zone": Zone("FRA", "France", "given"),
        "intensity": intensity,
        "operational_g": operational_g,
        "embodied_g": embodied_g,
        "emissions_g": emissions_g,
        "series": Series()
        if energy_kwh is None
        else series(power_w=energy_kwh * 3.6e6 / DURATION_S, emissions_g=emissions_g),
        "host": {"os": "Linux", "python": "3.11.9", "cpu_count": 2},
        "versions": {"ocarbon_magic": "0.1.0"},
    }
    return Run(**{**run, **changes})


def of_status(status, **changes):
    """A run of each status, with what the recorder knows then."""
    if status == "running":
        return sample(status=status, ended_at=None, **changes)
    if status == "finished":
        return sample(**changes)
    half_done = Work(100.0, 2000.0, "step", 14.9, "tqdm")
    return sample(status=status, work=half_done, projection=projection(), **changes)


def just_begun():
    """The provisional record of a cell that has begun: nothing read yet."""
    return sample(status="running", ended_at=None, duration_s=0.0, devices=[])


def charges_of(devices, duration_s=DURATION_S, **terms):
    """What a run is charged for the making of ``devices``, each used for all of it."""
    used = [Used(d.kind, d.name, duration_s * d.count, d.count) for d in devices]
    return charges(used, Terms(**terms))


def fullest(gpus=8):
    """Every key filled, as long as records get."""
    at = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5)
    devices = [*(gpu(i, busy_share=0.9312, power_limit_w=700.0) for i in range(gpus)), cpu()]
    charged = charges_of(devices)
    return sample(
        devices=devices,
        embodied=charged,
        embodied_g=sum(charge.embodied_g for charge in charged),
        within="7d0d9e42-35e6-4a0c-8f57-6f1f5a0c9b11",
        work=Work(1000.0, 2000.0, "step", 14.903, "tqdm"),
        throughput=Throughput(
            log10_alpha=33.21,
            scale=0.185,
            onset_s=3.1,
            tflops_per_device=98.31,
            utilisation=0.3121,
            law=Law(-1.17, 6.2, 190.3, "OpenCarbonEval's law takes slow first steps for a rise."),
        ),
        projection=projection(0.5),
        projections=[projection(share, error_pct=-2.125 + 10 * share) for share in at],
        metric=Metric("val_accuracy", 0.91312),
        pue=1.1,
        cell=Cell("5f2b0c0e-8a41-4d4c-9d0d-5a3f7b1f2c11", 3_632_233_996),
        warnings=[
            "CPU power is an estimate: reading RAPL needs permission; `%carbon doctor` tells how.",
            "The zone is a guess from the time zone Europe/Paris; set it with --zone.",
        ],
    )


def live(share=0.5, *, total_s=8040.0, spread=0.15, gpus=1, points=240, **changes):
    """The record of a run at ``share`` of its work, as it is streamed while the run goes on."""
    so_far_s = share * total_s
    devices = [gpu(i, energy_j=287.0 * so_far_s, mean_power_w=287.0 + i) for i in range(gpus)]
    total_g = 287.0 * gpus * total_s / 3.6e6 * 53.06
    projected = RunProjection(
        around(total_s, spread),
        around(total_g / 53.06, spread),
        around(total_g, spread),
        share,
        "pace",
    )
    run = {
        "status": "running",
        "ended_at": None,
        "duration_s": so_far_s,
        "devices": devices,
        "work": Work(2000 * share, 2000.0, "step", 2000 / total_s, "tqdm"),
        "projection": projected,
        "series": paced(series(points, 287.0 * gpus, total_g * share, so_far_s), 2000 * share),
        "throughput": Throughput(33.21, 2000 / total_s / 84, 0.01 * so_far_s),
    }
    record = sample(**{**run, **changes}).to_dict()
    for reading in record["devices"]:
        reading["power_w"] = 1.04 * reading["mean_power_w"]
    return record


def paced(drawn, work, seed=2):
    """``drawn`` with work that is done more slowly at first, and never quite evenly."""
    dice = random.Random(seed)
    slow = 0.04 * len(drawn.t_s)
    shares = [min(1.0, i / slow) * dice.uniform(0.9, 1.1) for i in range(len(drawn.t_s))]
    done = [work * so_far / sum(shares) for so_far in accumulate(shares)]
    return Series(drawn.t_s, drawn.power_w, done, drawn.emissions_g)


def host(number, lost=0, workers=4, **changes):
    """A host of a cluster, with what its engines did."""
    first = workers * (number - 1)
    reading = {
        "name": f"host {number}",
        "members": f"engines {first}-{first + workers - 1}",
        "workers": workers,
        "lost": lost,
        "energy_j": 4 * 38_520.0,
        "mean_power_w": 4 * 287.1,
        "work_done": 500.0 - 100 * lost,
    }
    return HostReading(**{**reading, **changes})


def cluster(hosts=3, **changes):
    """A run on ``hosts`` hosts of four GPUs each, one engine of the second lost."""
    devices = [
        *(gpu(4 * h + i, host=f"host {h + 1}") for h in range(hosts) for i in range(4)),
        *(cpu(host=f"host {h + 1}") for h in range(hosts)),
    ]
    charged = charges_of(devices)
    run = {
        "devices": devices,
        "hosts": [host(h + 1, lost=int(h == 1)) for h in range(hosts)],
        "embodied": charged,
        "embodied_g": sum(charge.embodied_g for charge in charged),
        "work": Work(1400.0, 2000.0, "step", 10.4, "tqdm"),
        "warnings": ["Engine 7 (host 2) was lost 34.0 s into the run."],
    }
    return sample(**{**run, **changes})


def together(readings, **changes):
    """The fullest run, whose devices are ``readings`` as the recorder puts them together."""
    run = fullest()
    run.devices, run.embodied = [], []
    for key, value in changes.items():
        setattr(run, key, value)
    site = site_of(Settings(zone="FRA", given=frozenset({"zone"})))
    Accounts(run, site, run.warnings.append).bring_up_to_date(folded(readings), DURATION_S)
    return run


def gpu_readings(hosts=1, gpus=8, name="NVIDIA H100 80GB HBM3"):
    """What meters say of ``gpus`` GPUs in each of ``hosts`` hosts, each of its own energy."""
    return [
        Reading(
            Device(
                "gpu",
                name,
                f"GPU-{h:04}{i:04}-77f2-4a4e-9c0b-1d2e3f4a5b6c",
                "nvml-energy-counter",
                measured=True,
                tdp_w=700.0,
                host=f"host {h + 1}" if hosts > 1 else None,
            ),
            energy_j=38_520.0 + h + i,
            power_w=287.1,
            max_power_w=341.6,
            uncertainty_pct=5.1,
            busy_share=0.9312,
        )
        for h in range(hosts)
        for i in range(gpus)
    ]


def many_gpus(gpus=64):
    """One machine of more GPUs than a record has rows for."""
    return together(gpu_readings(1, gpus))


def large_cluster(hosts=1000):
    """Hosts of eight GPUs, of which a record tells fifteen and the others together."""
    told = [host(n, lost=int(n == 3), workers=8) for n in range(1, min(hosts, 16))]
    left = hosts - len(told)
    drew = {"energy_j": left * 154_080.0, "mean_power_w": left * 1148.4, "work_done": left * 501.0}
    rest = host(0, name="other hosts", members="", workers=8 * left, count=left, **drew)
    return together(gpu_readings(hosts), hosts=[*told, rest])


def live_intensity(**changes):
    """A run whose intensity was told by a publisher, and changed twice."""
    steps = IntensitySeries([0.0, 45.0, 90.0], [38.2, 43.1, 51.4])
    figure = Intensity(43.77, 2026, "lifecycle", "Electricity Maps, live, FR", steps)
    return sample(intensity=figure, **changes)
