"""What a record says, in words that text and HTML share."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.certainty import energy_uncertainty_pct
from ocarbon_magic.counting import count_of, devices_in
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.moments import moment_of
from ocarbon_magic.progress.units import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.run import DeviceReading, Run, RunProjection

# A shape and a word for each state, so that no colour has to be seen.
_STATUS = {
    "running": ("●", "measuring"),
    "finished": ("✓", "finished"),
    "failed": ("✕", "failed"),
    "interrupted": ("■", "interrupted"),
    "lost": ("○", "lost"),
}

_METHOD = {
    "nvml-energy-counter": "NVML energy counter",
    "nvml-power": "NVML power over time",
    "rapl": "RAPL energy counter",
    "cpu-estimate": "Model of the CPU's load",
    "trace": "Replayed recording",
    "dcgm-energy-counter": "DCGM energy counter",
    "dcgm-power": "DCGM power over time",
    "kepler": "Kepler",
    "scaphandre": "Scaphandre",
}

_COUNTERS = {
    "cell loop": "the cell's own loops",
    "torch optimizer": "the steps of PyTorch's optimizer",
    "keras": "Keras",
    "transformers": "the Transformers Trainer",
    "lightning": "Lightning",
    "fastai": "fastai",
}

HOW = {
    "given": "as given",
    "configured": "as configured",
    "timezone": "a guess from the time zone",
    "default": "assumed, as the place is not known",
}

MINUS = "\N{MINUS SIGN}"

_LIVE = ", live"
"""What follows its publisher in the source of an intensity that was told while the run went on."""


def clean(text: object, limit: int = 120) -> str:
    """Return text on one line, without control characters, at most ``limit`` long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def name(run: Run) -> str:
    """Return the run's name, fit to be shown."""
    return clean(run.name) or "unnamed run"


def runs(count: int) -> str:
    """Return how many runs there are."""
    return f"{count:,} run{'' if count == 1 else 's'}"


def status(run: Run) -> tuple[str, str]:
    """Return a shape, and the state in words with its time."""
    shape, word = _STATUS.get(run.status, ("○", clean(run.status)))
    took = units.duration(run.duration_s)
    if run.status == "running":
        so_far = f", {took} so far" if run.duration_s > 0 else ""
        return shape, f"{word} since {moment(run.started_at)}{so_far}"
    return shape, f"{word} {'in' if run.status == 'finished' else 'after'} {took}"


def awaited(run: Run) -> str | None:
    """Return what stands in place of the figures while there are none yet, else None."""
    if run.status != "running" or run.energy_kwh is not None:
        return None
    return "Being measured; the figures appear here when the cell has ended."


def moment(rfc3339: str) -> str:
    """Return a time stamp to the minute, in UTC."""
    stamp = moment_of(rfc3339)
    return clean(rfc3339) if stamp is None else f"{stamp:%Y-%m-%d %H:%M} UTC"


def method(device: DeviceReading) -> str:
    """Return how a device's energy was obtained."""
    return _METHOD.get(device.method, clean(device.method))


def certainty(device: DeviceReading) -> str:
    """Return "±5 %", or "estimate ±50 %" for what was not measured."""
    bound = "" if device.uncertainty_pct is None else f"±{units.percent(device.uncertainty_pct)}"
    return bound if device.measured else f"estimate {bound}".rstrip()


def energy_certainty(run: Run) -> str:
    """Return how sure the energy is: its uncertainty, what is estimated, what is missing."""
    known = [device for device in run.devices if device.energy_j is not None]
    if not known:
        return "" if run.status == "running" else "not measured"
    uncertainty_pct = energy_uncertainty_pct(run)
    bound = "" if uncertainty_pct is None else f"±{units.percent(uncertainty_pct)}"
    estimates = sum(not device.measured for device in known)
    count = devices_in(run.devices)
    unread = count - devices_in(known)
    said = (
        f"estimate {bound}".rstrip() if estimates == len(known) else bound,
        "partly an estimate" if 0 < estimates < len(known) else "",
        f"{unread:,} of {count:,} devices not read" if unread else "",
    )
    return ", ".join(part for part in said if part)


def intensity(run: Run) -> str:
    """Return the carbon intensity with its year and scope.

    Of one that changed during the run it is the mean, with who told it in place of the year.
    """
    figure = run.intensity
    told_by = publisher(figure.source)
    mean = "" if told_by is None and figure.series is None else " mean"
    first = figure.year if told_by is None else f"{told_by}, live"
    known = [clean(part) for part in (first, figure.scope) if part is not None]
    basis = "by hand" if intensity_is_by_hand(run) else ", ".join(known)
    return f"{units.intensity(figure.gco2e_per_kwh)}{mean} ({basis})"


def publisher(source: str) -> str | None:
    """Return who told an intensity while the run went on, None where it is of a table."""
    named, live, _ = str(source).partition(_LIVE)
    return clean(named, 40) if live else None


def intensity_range(run: Run) -> str | None:
    """Return between what the intensity was in the run, None where it did not change."""
    told = [] if run.intensity.series is None else run.intensity.series.gco2e_per_kwh
    steps = [step for step in told if isinstance(step, int | float)]
    if not steps or min(steps) == max(steps):
        return None
    return f"between {min(steps):.3g} and {units.intensity(max(steps))} in the run"


def zone(run: Run) -> str:
    """Return the zone and how it was chosen."""
    code, full = clean(run.zone.code), clean(run.zone.name)
    place = f"{code} ({full})" if full and full != code else code
    return f"{place}, {HOW.get(run.zone.how, clean(run.zone.how))}"


def zone_is_a_guess(run: Run) -> bool:
    """Return whether nobody said where the run was."""
    return run.zone.how in ("timezone", "default")


def work(run: Run) -> str | None:
    """Return the work done of the work planned, or None where nothing counted."""
    if run.work.done is None:
        return None
    of = "" if run.work.total is None else f" of {units.count(run.work.total)}"
    unit = plural(clean(run.work.unit or "", 20))
    return f"{units.count(run.work.done)}{of} {unit}".rstrip()


def counted_by(run: Run) -> str | None:
    """Return who counted the work, or None where nothing did."""
    source = run.work.source
    if source is None:
        return None
    who, within, where = source.partition(" in ")
    return _COUNTERS.get(who, clean(who, 40)) + within + clean(where, 40)


def flop_rate(run: Run) -> str | None:
    """Return the throughput in FLOP per second and device, None where it is not known."""
    tflops, share = run.throughput.tflops_per_device, run.throughput.utilisation
    if tflops is None:
        return None
    of_peak = "" if share is None else f", {units.percent(share * 100)} of the peak"
    return f"{units.flop_rate(tflops)} a device{of_peak}"


def hint(run: Run) -> str | None:
    """Return what to add so that progress can be told, None where nothing is missing."""
    return None if run.work.hint is None else clean(run.work.hint, 300)


def pace(run: Run) -> units.Amount:
    """Return the work per second, minute, hour or day."""
    return units.rate(run.work.rate_per_s, clean(run.work.unit or "", 20))


def open_projection(run: Run) -> RunProjection | None:
    """Return the projection while it is still of use: before the planned work is done."""
    done, total = run.work.done, run.work.total
    complete = done is not None and total is not None and done >= total
    return None if complete else run.projection


def spread(projection: RunProjection) -> str:
    """Return the interval of the projected emissions with its level."""
    of = projection.emissions_g
    level = f" ({of.level * 100:.0f} %)" if of.level else ""
    return units.interval(units.mass(of.low), units.mass(of.high)) + level


def projected(projection: RunProjection) -> str:
    """Return the projected emissions, their interval, when, and how early that was said."""
    total = units.mass(projection.emissions_g.value)
    end = units.duration(projection.duration_s.value)
    return f"{total}, {spread(projection)}, in {end}{seen_at(projection, ', ')}"


def seen_at(projection: RunProjection, before: str = "") -> str:
    """Return at which share of the work the projection was made, empty where it is not known."""
    share = projection.at_fraction
    known = share is not None and math.isfinite(share)
    return f"{before}at {units.percent(share * 100)} of the work" if known else ""


def track_record(run: Run) -> str | None:
    """Return how far off the projections were, None until that is known."""
    judged = [
        f"{signed(made.emissions_error_pct)} at {units.percent(made.at_fraction * 100)}"
        for made in run.projections
        if made.emissions_error_pct is not None and made.at_fraction is not None
    ]
    return f"projected emissions were off by {', '.join(judged)} of the work" if judged else None


def signed(pct: float) -> str:
    """Return a difference in per cent with its sign: "+2.1 %"."""
    return f"{MINUS if pct < 0 else '+'}{units.percent(abs(pct))}"


def model(run: Run) -> str | None:
    """Return the fitted throughput model as a formula, None where nothing was fitted."""
    fitted = run.throughput
    if fitted.scale is None:
        return None
    unit = clean(run.work.unit or "", 20)
    if fitted.log10_alpha is None:
        since = units.duration(fitted.onset_s) if fitted.onset_s else "the start"
        return f"constant, {units.rate(fitted.scale, unit)} from {since} on"
    after = f"(t {MINUS} {fitted.onset_s:.3g} s)" if fitted.onset_s else "t"
    power = f"{fitted.log10_alpha:.3g}".replace("-", MINUS)
    return f"f(t) = {fitted.scale:.3g} ln(1 + 10^{power} {after}) {unit}/s"


def law(run: Run) -> str | None:
    """Return what the paper's law says of the run, and where it is known to mislead."""
    paper = run.throughput.law
    if paper is None:
        return None
    if paper.log10_alpha is None:
        said = "constant pace"
    else:
        said = f"log10 \N{GREEK SMALL LETTER ALPHA} = {paper.log10_alpha:.3g}".replace("-", MINUS)
    if paper.duration_s is not None and open_projection(run) is not None:
        said += f", would end at {units.duration(paper.duration_s)}"
    return said if paper.misleads is None else f"{said}. {clean(paper.misleads, 300)}"


def metric(run: Run) -> tuple[str, str] | None:
    """Return the metric's expression and its value, to four digits."""
    if run.metric is None:
        return None
    return clean(run.metric.expression, 40), metric_value(run.metric.value)


def metric_value(value: float | str | None) -> str:
    """Return the value of a metric, to four digits."""
    if value is None:
        return "unknown"
    return f"{value:.4g}" if isinstance(value, float) else clean(value, 40)


def devices(readings: Iterable[DeviceReading]) -> str:
    """Return the devices by name, the same ones counted."""
    counted: Counter[str] = Counter()
    for row in readings:
        counted[clean(row.name, 60)] += count_of(row)
    return ", ".join(_times(number, label) for label, number in counted.items())


def device(row: DeviceReading) -> str:
    """Return the name of a row of devices, with how many they are if several."""
    return _times(count_of(row), clean(row.name, 60))


def _times(number: int, label: str) -> str:
    return f"{number:,} \N{MULTIPLICATION SIGN} {label}" if number > 1 else label
