"""The measured estimate: a probe of the training itself, scaled to the whole of it.

Run some steps under ``%%carbon``; their pace and power, without the start-up, are taken to
hold for all of the planned work. Device, grid and PUE are the run's where a plan does not
name others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic.conversions import FLOP_PER_TFLOP, S_PER_H, W_PER_KW
from ocarbon_magic.counting import by_name
from ocarbon_magic.planning.arithmetic import (
    exactly,
    inverted,
    scaled,
    spoken,
)
from ocarbon_magic.planning.devices import find_device
from ocarbon_magic.planning.probe import LEVEL, Probe, probe_of
from ocarbon_magic.planning.result import Course
from ocarbon_magic.progress.units import plural, singular
from ocarbon_magic.run import Projection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.planning.plan import Plan
    from ocarbon_magic.run import Run

_INTERVAL = (
    f"{LEVEL * 100:.0f} %: as far as recorded trainings fell from what their first part said; a "
    "change of the training is not in it"
)

_SAMPLES = ("sample", "example", "image", "row", "record", "sequence", "item", "document")


@dataclass(frozen=True, slots=True)
class MeasuredWork:
    """The planned work in the unit of the run, and in FLOP where the run tells them."""

    amount: float
    unit: str
    flop: float | None


def run_device(run: Run) -> tuple[str, int]:
    """Return the device that a run computed on, and how many: its GPUs, else its processor."""
    gpus = by_name(device for device in run.devices if device.kind == "gpu")
    if len(gpus) > 1:
        raise ValueError(
            f"the run used GPUs of {len(gpus)} kinds, so its pace is not that of one: "
            "measure it on one kind, with --devices."
        )
    names = gpus or by_name(device for device in run.devices if device.kind == "cpu")
    return next(iter(names), "this machine"), max(gpus.total(), 1)


def measured_work(plan: Plan, run: Run, flop: float | None) -> MeasuredWork:
    """Return the planned work in the run's unit.

    Raises
    ------
    ValueError
        If the plan's unit is not the run's, or nothing says how much is planned.
    """
    unit = run.work.unit or "step"
    units, flop_per_unit = plural(unit), _flop_per_unit(run)
    amount = _said_amount(plan, unit)
    if amount is None and flop is not None and flop_per_unit is not None:
        return MeasuredWork(flop / flop_per_unit, unit, flop)
    if amount is None and _says_work(plan):
        raise ValueError(
            f"the run {run.name!r} counted in {units} and knows no FLOP: give work, the {units} "
            "of the whole training, or measure again with --unit or --flop-per-unit."
        )
    amount = amount or run.work.total
    if amount is None:
        raise ValueError(f"say how much is planned: work, the {units} of the whole training.")
    return MeasuredWork(amount, unit, None if flop_per_unit is None else amount * flop_per_unit)


def course(plan: Plan, run: Run, work: MeasuredWork, count: int) -> Course:
    """Return how the training goes at the pace and power of ``run`` on ``count`` devices.

    Raises
    ------
    ValueError
        If the plan names another device than the run's, or the run measured no power.
    """
    name, measured_count = run_device(run)
    _check_device(plan.device, name)
    probe = probe_of(run, work.amount)
    more = count / measured_count
    shared = Probe(probe.startup_s, scaled(probe.s_per_unit, 1 / more), None, probe.steady)
    duration_s = shared.duration_s(work.amount)
    given_w = plan.device_power_w
    by_flop = _says_work(plan) and _said_amount(plan, work.unit) is None
    power_w = _power(run, probe, measured_count) if given_w is None else exactly(given_w)
    device_hours = scaled(duration_s, count / S_PER_H)
    return Course(
        device=name,
        device_hours=device_hours,
        energy_kwh=_energy(device_hours, power_w),
        power_w=power_w,
        tflops_per_device=_tflops(work, device_hours),
        embodied_g_per_device_hour=_embodied_rate(run, measured_count),
        interval=_INTERVAL,
        notes=tuple(_notes(run, probe, work, measured_count, given_w)),
        warnings=tuple(_warnings(run, probe, work, more, by_flop=by_flop)),
    )


def _said_amount(plan: Plan, unit: str) -> float | None:
    """Return the work that a plan says in the run's unit, None where it says none."""
    if plan.work is not None:
        return plan.work
    word = singular(unit)
    if plan.tokens is not None and word == "token":
        return plan.tokens
    return plan.samples if word in _SAMPLES else None


def _says_work(plan: Plan) -> bool:
    said = (plan.flop, plan.params, plan.tokens, plan.samples, plan.flop_per_sample)
    return any(figure is not None for figure in said)


def _flop_per_unit(run: Run) -> float | None:
    tflops, rate = run.throughput.tflops_per_device, run.work.rate_per_s
    if not tflops or not rate:
        return None
    return tflops * FLOP_PER_TFLOP * run_device(run)[1] / rate


def _check_device(planned: str | None, measured: str) -> None:
    if planned is None or planned == measured:
        return
    known = find_device(planned)
    if known is None or known != find_device(measured):
        raise ValueError(
            f"the run was measured on {measured}, which says nothing of {planned}: leave the "
            "device out, or take the method 'calibrated'."
        )


def _power(run: Run, probe: Probe, count: int) -> Projection:
    """Return the mean power per device, with the bound that the meters state."""
    if probe.power_w is None:
        raise ValueError(
            f"the run {run.name!r} measured no energy: give power_w, the mean watts of a device."
        )
    known = [d for d in run.devices if d.energy_j is not None]
    energy_j = sum(d.energy_j or 0.0 for d in known)
    bound_j = sum((d.uncertainty_pct or 0.0) / 100.0 * (d.energy_j or 0.0) for d in known)
    share = min(bound_j / energy_j, 0.9) if energy_j > 0 else 0.0
    power_w = probe.power_w / count
    return Projection(power_w, power_w * (1.0 - share), power_w * (1.0 + share), LEVEL)


def _energy(device_hours: Projection, power_w: Projection) -> Projection:
    """Return the energy in kWh, the relative half-widths of time and power in quadrature."""
    value = device_hours.value * power_w.value / W_PER_KW
    below = math.hypot(1 - device_hours.low / device_hours.value, 1 - power_w.low / power_w.value)
    above = math.hypot(device_hours.high / device_hours.value - 1, power_w.high / power_w.value - 1)
    return Projection(value, value * max(1 - below, 0.0), value * (1 + above), LEVEL)


def _tflops(work: MeasuredWork, device_hours: Projection) -> Projection | None:
    if work.flop is None:
        return None
    return inverted(scaled(device_hours, S_PER_H), work.flop / FLOP_PER_TFLOP)


def _embodied_rate(run: Run, count: int) -> float | None:
    """Return the run's own embodied grams per device-hour, its processor's share included."""
    if run.embodied_g is None or run.duration_s <= 0:
        return None
    return run.embodied_g / (run.duration_s / S_PER_H) / count


def _notes(
    run: Run, probe: Probe, work: MeasuredWork, count: int, given_w: float | None
) -> Iterator[str]:
    rate, units = 1.0 / probe.s_per_unit.value, plural(work.unit)
    yield (
        f"Pace: {spoken(rate)} {units} per second on {count:,} device{'s' * (count > 1)} after "
        f"{spoken(probe.startup_s, 3)} s of start-up, from {spoken(run.work.done or 0.0, 6)} "
        f"{units} of the run {run.name!r}."
    )
    if given_w is not None:
        yield f"Power: {spoken(given_w)} W a device, as given."
    else:
        kinds = sorted({device.kind for device in run.devices})
        ways = {device.measured for device in run.devices}
        how = "partly estimated" if len(ways) > 1 else "measured" if True in ways else "estimated"
        yield f"Power: as the run drew it ({', '.join(kinds)}; {how})."


def _warnings(
    run: Run, probe: Probe, work: MeasuredWork, more: float, *, by_flop: bool
) -> Iterator[str]:
    if more != 1:
        times = f"{spoken(more, 3)} times"
        yield (
            f"The work is taken to go {times} as fast on {times} the devices; what they "
            "spend on each other was not measured."
        )
    if not probe.steady:
        yield "The run is too short to show how steady its pace is: measure more of it."
    done = run.work.done or 0.0
    if run.status not in ("finished", "interrupted"):
        yield f"The run {run.status}; what it had done by then is taken."
    if by_flop and run_device(run)[1] > 1:
        yield "The run's FLOP are taken to be shared by all its GPUs: give work if they were not."
    if work.amount < done:
        did = f"{spoken(done, 6)} {plural(work.unit)}"
        yield f"Less work is planned than the {did} that the run did."
