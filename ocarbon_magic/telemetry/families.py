"""The metrics of a run that goes on, as Prometheus and as OpenTelemetry call them.

A name of OpenTelemetry becomes that of Prometheus by the rules that collectors follow, so that a
dashboard reads the same names whichever way the figures came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import openmetrics
from ocarbon_magic.counting import count_of
from ocarbon_magic.hostrows import MOST_HOSTS
from ocarbon_magic.openmetrics import Family, device_energies, device_labels
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ocarbon_magic.openmetrics import Kind, Labels
    from ocarbon_magic.run import Projection, Run, RunProjection
    from ocarbon_magic.telemetry.figures import Figures

    Labelled = Iterator[tuple[Labels, float | None]]

WORDS = {"J": "joules", "W": "watts", "g": "grams", "s": "seconds"}
"""How Prometheus spells the units of OpenTelemetry."""


@dataclass(frozen=True, slots=True)
class LiveFamily:
    """A family, with its name and its unit in OpenTelemetry."""

    otel_name: str
    otel_unit: str
    family: Family[Figures]


def _live(family: Family[Run], otel_name: str, unit: str) -> LiveFamily:
    """Return a family of the export, as it is of a run that goes on."""

    def of(figures: Figures) -> Labelled:
        return _named(figures.run, family.of(figures.run))

    return LiveFamily(
        otel_name, unit, Family(family.name, family.unit, family.text, of, family.kind)
    )


def _own(
    otel_name: str,
    unit: str,
    text: str,
    of: Callable[[Figures], Labelled],
    kind: Kind = "gauge",
) -> LiveFamily:
    words = WORDS.get(unit, "")
    name = otel_name.replace(".", "_") + (f"_{words}" if words else "")

    def named(figures: Figures) -> Labelled:
        return _named(figures.run, of(figures))

    return LiveFamily(otel_name, unit, Family(name, words, text, named, kind))


def _named(run: Run, samples: Labelled) -> Labelled:
    """Yield samples with what a dashboard shows of a run, and selects by."""
    for labels, value in samples:
        yield {"run": run.id, "name": run.name, "zone": run.zone.code} | labels, value


def _energy(figures: Figures) -> Labelled:
    yield {}, known_sum(device.energy_j for device in figures.run.devices)


def _power(figures: Figures) -> Labelled:
    yield {}, known_sum(figures.power_w)


def _device_powers(figures: Figures) -> Labelled:
    for index, power_w in enumerate(figures.power_w[: len(figures.run.devices)]):
        yield device_labels(figures.run, index), power_w


def _projected(of: Callable[[RunProjection], Projection]) -> Callable[[Figures], Labelled]:
    def samples(figures: Figures) -> Labelled:
        if figures.run.projection is not None:
            projected = of(figures.run.projection)
            level = f"{projected.level:g}"
            yield {"bound": "low", "level": level}, projected.low
            yield {"bound": "value", "level": level}, projected.value
            yield {"bound": "high", "level": level}, projected.high

    return samples


def _work(of: Callable[[Run], float | None]) -> Callable[[Figures], Labelled]:
    def samples(figures: Figures) -> Labelled:
        work = figures.run.work
        yield {"unit": work.unit or "", "source": work.source or ""}, of(figures.run)

    return samples


def _intensity(figures: Figures) -> Labelled:
    intensity = figures.run.intensity
    yield {"intensity_scope": intensity.scope or ""}, intensity.gco2e_per_kwh


def _hosts(
    of: Callable[[int, Run], float | None],
) -> Callable[[Figures], Labelled]:
    def samples(figures: Figures) -> Labelled:
        run = figures.run
        drew = sorted(
            range(len(run.hosts)), key=lambda i: run.hosts[i].energy_j or 0.0, reverse=True
        )
        for index in sorted(drew[:MOST_HOSTS]):
            host = run.hosts[index]
            labels = {"host": host.name, "members": host.members, "count": str(count_of(host))}
            yield labels, of(index, run)

    return samples


FAMILIES = (
    _live(openmetrics.STATUS, "ocarbon.run.status", ""),
    _live(openmetrics.DURATION, "ocarbon.run.duration", "s"),
    _own(
        "ocarbon.run.energy",
        "J",
        "Energy of all devices since the run began, before PUE.",
        _energy,
        "counter",
    ),
    _own("ocarbon.run.power", "W", "Power of all devices now, before PUE.", _power),
    _own(
        "ocarbon.run.device.energy",
        "J",
        openmetrics.DEVICE_ENERGY.text,
        lambda figures: device_energies(figures.run),
        "counter",
    ),
    _own(
        "ocarbon.run.device.power",
        "W",
        "Power now of a device, or of count devices, before PUE.",
        _device_powers,
    ),
    _live(openmetrics.UNCERTAINTY, "ocarbon.run.energy_uncertainty", "1"),
    _live(openmetrics.PUE, "ocarbon.run.pue", "1"),
    _live(openmetrics.EMISSIONS, "ocarbon.run.emissions", "g"),
    _own(
        "ocarbon.run.projected_emissions",
        "g",
        "CO2e projected for the whole run, with the bounds of its interval.",
        _projected(lambda projection: projection.emissions_g),
    ),
    _own(
        "ocarbon.run.projected_duration",
        "s",
        "Duration projected for the whole run, with the bounds of its interval.",
        _projected(lambda projection: projection.duration_s),
    ),
    _own(
        "ocarbon.run.budget",
        "g",
        "CO2e that the run may emit at most.",
        lambda figures: iter([({}, figures.run.budget_g)]),
    ),
    _own(
        "ocarbon.run.work_done",
        "{unit}",
        "Work that is done, in the unit that the label says.",
        _work(lambda run: run.work.done),
    ),
    _own(
        "ocarbon.run.work_planned",
        "{unit}",
        "Work of the whole run, in the unit that the label says.",
        _work(lambda run: run.work.total),
    ),
    _own(
        "ocarbon.run.throughput_per_second",
        "{unit}",
        "Work per second now, in the unit that the label says.",
        _work(lambda run: run.work.rate_per_s),
    ),
    _own(
        "ocarbon.run.intensity_grams_per_kwh",
        "{gCO2e_per_kWh}",
        "Carbon intensity of the electricity; over the run so far where it changes.",
        _intensity,
    ),
    _own(
        "ocarbon.run.host.energy",
        "J",
        "Energy of all devices of a host, or of count hosts, before PUE.",
        _hosts(lambda index, run: run.hosts[index].energy_j),
        "counter",
    ),
    _own(
        "ocarbon.run.host.mean_power",
        "W",
        "Mean power since the run began of all devices of a host, or of count hosts.",
        _hosts(lambda index, run: run.hosts[index].mean_power_w),
    ),
    _own(
        "ocarbon.run.host.work_done",
        "{unit}",
        "Work that a host's workers have done, in the run's unit.",
        _hosts(lambda index, run: run.hosts[index].work_done),
    ),
    _own(
        "ocarbon.run.host.workers",
        "{worker}",
        "Workers of a host, or of count hosts, that took part.",
        _hosts(lambda index, run: float(run.hosts[index].workers)),
    ),
    _own(
        "ocarbon.run.host.lost_workers",
        "{worker}",
        "Workers of a host, or of count hosts, that were gone before the end.",
        _hosts(lambda index, run: float(run.hosts[index].lost)),
    ),
)
