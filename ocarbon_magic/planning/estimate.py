"""`ocarbon_magic.estimate`: what a training will take, before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ocarbon_magic.carbon.footprint import operational_g
from ocarbon_magic.conversions import S_PER_H
from ocarbon_magic.planning.arithmetic import added, scaled, spoken
from ocarbon_magic.planning.devices import find_device, unknown_device
from ocarbon_magic.planning.plan import Method, Plan, plan_of
from ocarbon_magic.planning.result import Course, Estimate
from ocarbon_magic.planning.supply import Defaults, Supply, supply_of, supply_of_run
from ocarbon_magic.planning.work import missing_work, planned_flop
from ocarbon_magic.run import Run

if TYPE_CHECKING:
    from ocarbon_magic.hardware import Accelerator

_CLEANEST_G_PER_KWH = 1.0
"""No yearly average of the tables is below it."""

_SHORT_S = 60.0
"""Trainings of less device time than this are mostly what no estimate counts."""


def estimate(  # noqa: PLR0913 - what can be known of a training beforehand, each by its name
    *,
    flop: float | str | None = None,
    params: float | str | None = None,
    tokens: float | str | None = None,
    samples: float | str | None = None,
    flop_per_sample: float | str | None = None,
    work: float | str | None = None,
    device: str | None = None,
    device_count: int | None = None,
    zone: str | None = None,
    intensity_g_per_kwh: float | None = None,
    tdp_w: float | None = None,
    power_w: float | None = None,
    pue: float | None = None,
    log10_alpha: float | tuple[float, float] | None = None,
    tflops_per_device: float | None = None,
    precision: str | None = None,
    method: str | None = None,
    embodied: bool = True,
    run: Run | None = None,
    defaults: Defaults | None = None,
) -> Estimate:
    """Estimate the time, the energy and the emissions of a training before it runs.

    Say the work in one way: ``flop``; or ``params`` and ``tokens`` (6 x params x tokens); or
    ``samples`` and ``flop_per_sample``; or, after a measured run, ``work`` in its unit.

    Parameters
    ----------
    flop : float
        Floating point operations of the whole training, single ones. This and the other
        amounts may be text with a suffix: ``"7B"``.
    params, tokens : float
        Parameters of a transformer, and tokens that it will see.
    samples, flop_per_sample : float
        Samples that it will see in all epochs, and operations for each, forward and backward.
    work : float
        Planned work of the whole training in the unit of the measured run: its steps.
    device : str
        The accelerator, as people call it: ``"A100"``, ``"RTX 4090"``, ``"TPU v4"``.
    device_count : int
        How many (default: 1, or as many as the run had).
    zone : str
        Grid zone, as for ``%%carbon`` (default: the run's, the configured, this place's).
    intensity_g_per_kwh : float
        Carbon intensity in gCO2e per kWh; wins over the zone.
    tdp_w, power_w : float
        Watts of one device, its limit or its mean; either is taken as what it draws, in place
        of what the method would take. ``power_w`` wins.
    pue : float
        Energy of the site over that of its computers (default: the run's; the cloud region's;
        else 1). The method ``"opencarboneval"`` has none unless it is given here.
    log10_alpha : float or tuple of float
        Low and high decimal logarithm of OpenCarbonEval's alpha, or one for both.
    tflops_per_device : float
        Sustained TFLOP/s of one device, where it is known; the method is ``"given"`` then.
    precision : str
        For ``"calibrated"``: fp32, tf32, fp16, bf16 or fp8 (default: what the device is
        usually trained in).
    method : str
        ``"calibrated"``: learnt from published runs. ``"opencarboneval"``: the paper to the
        digit. ``"measured"``: at the pace and power of a run recorded here. Default:
        ``"measured"`` if ``run`` or ``work`` is given, ``"opencarboneval"`` if
        ``log10_alpha`` is, else ``"calibrated"``.
    embodied : bool
        Whether to add the share of making the devices.
    run : Run
        The measured run (default: the last one of this process).
    defaults : Defaults
        What stands where nothing is said. `ocarbon_magic.estimate` fills it in.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If the work is said twice or not at all, a figure can only be in a wrong unit, the
        device or the zone is unknown, or the method lacks something.

    Examples
    --------
    >>> import ocarbon_magic as oc
    >>> plan = oc.estimate(params=7e9, tokens=2e12, device="A100", device_count=64, zone="FRA")
    >>> plan.emissions_g.low < plan.emissions_g.value < plan.emissions_g.high
    True
    """
    plan = plan_of(
        {
            "flop": flop,
            "params": params,
            "tokens": tokens,
            "samples": samples,
            "flop_per_sample": flop_per_sample,
            "work": work,
            "device": device,
            "device_count": device_count,
            "zone": zone,
            "intensity_g_per_kwh": intensity_g_per_kwh,
            "tdp_w": tdp_w,
            "power_w": power_w,
            "pue": pue,
            "log10_alpha": log10_alpha,
            "tflops_per_device": tflops_per_device,
            "precision": precision,
            "method": method,
        }
    )
    if run is not None and not isinstance(run, Run):
        raise ValueError(
            f"run must be a measured Run, such as ocarbon_magic.last_run(), not {run!r}."
        )
    known = defaults or Defaults()
    if _method_of(plan, run) == "measured":
        return _measured(plan, run or known.run, embodied=embodied)
    return _planned(plan, known, embodied=embodied)


def _method_of(plan: Plan, run: Run | None) -> Method:
    """Return the method that a plan asks for, said or not.

    Raises
    ------
    ValueError
        If it says something that its method does not use.
    """
    said = cast("Method | None", plan.method)
    if plan.tflops_per_device is not None:
        implied: Method = "given"
    elif plan.log10_alpha is not None:
        implied = "opencarboneval"
    elif run is not None or plan.work is not None:
        implied = "measured"
    else:
        implied = "calibrated"
    method = said or implied
    if method == "measured" and implied == "given":
        method = "given"
    for name, figure, user in (
        ("tflops_per_device", plan.tflops_per_device, "given"),
        ("log10_alpha", plan.log10_alpha, "opencarboneval"),
        ("precision", plan.precision, "calibrated"),
        ("work", plan.work, "measured"),
        ("run", run, "measured"),
    ):
        if figure is not None and method != user:
            raise ValueError(f"{name} has no use in the method {method!r}: leave one of them out.")
    return method


def _measured(plan: Plan, run: Run | None, *, embodied: bool) -> Estimate:
    from ocarbon_magic.planning import measured  # noqa: PLC0415 - one method is used at a time

    if run is None:
        raise ValueError(
            "nothing has been measured yet: run some steps of the training under %%carbon, or "
            "name a device and take the method 'calibrated'."
        )
    count = plan.device_count or measured.run_device(run)[1]
    work = measured.measured_work(plan, run, planned_flop(plan))
    course = measured.course(plan, run, work, count)
    supply = supply_of_run(plan, run)
    return _assembled(
        course, supply, "measured", count, work.flop, (work.amount, work.unit), embodied=embodied
    )


def _planned(plan: Plan, defaults: Defaults, *, embodied: bool) -> Estimate:
    method = _method_of(plan, None)
    flop = planned_flop(plan)
    if flop is None:
        raise missing_work(plan)
    if plan.device is None:
        raise ValueError("name the device, such as A100, RTX 4090 or TPU v4.")
    part = find_device(plan.device)
    if part is None and not _by_hand(plan, method):
        raise unknown_device(plan.device)
    count = plan.device_count or 1
    supply = supply_of(plan, defaults)
    if method == "opencarboneval":
        from ocarbon_magic.planning import opencarboneval  # noqa: PLC0415 - numpy

        course = opencarboneval.course(flop, plan, plan.device, part)
        supply = Supply(supply.zone, supply.intensity, plan.pue or 1.0, supply.notes)
    elif method == "given":
        from ocarbon_magic.planning import given  # noqa: PLC0415 - one method is used at a time

        course = given.course(flop, plan, plan.device, part)
    else:
        from ocarbon_magic.planning import calibrated  # noqa: PLC0415 - numpy

        course = calibrated.course(flop, plan, cast("Accelerator", part), count)
    return _assembled(course, supply, method, count, flop, None, embodied=embodied)


def _by_hand(plan: Plan, method: Method) -> bool:
    """Return whether a plan says all that a device would be looked up for."""
    pace = plan.log10_alpha if method == "opencarboneval" else plan.tflops_per_device
    return plan.device_power_w is not None and pace is not None


def _assembled(  # noqa: PLR0913, PLR0917 - all that an estimate is made from
    course: Course,
    supply: Supply,
    method: Method,
    count: int,
    flop: float | None,
    work: tuple[float, str] | None,
    *,
    embodied: bool,
) -> Estimate:
    """Return the estimate: the course of the training, in grams."""
    g_per_kwh = operational_g(1.0, supply.pue, supply.intensity.gco2e_per_kwh) or 0.0
    operational = scaled(course.energy_kwh, g_per_kwh)
    rate = course.embodied_g_per_device_hour if embodied else None
    making = None if rate is None else scaled(course.device_hours, rate)
    amount, unit = work or (None, None)
    return Estimate(
        device_hours=course.device_hours,
        hours=scaled(course.device_hours, 1.0 / count),
        energy_kwh=course.energy_kwh,
        operational_g=operational,
        embodied_g=making,
        emissions_g=operational if making is None else added(operational, making),
        method=method,
        flop=flop,
        work=amount,
        unit=unit,
        device=course.device,
        device_count=count,
        tflops_per_device=course.tflops_per_device,
        power_w=course.power_w,
        zone=supply.zone,
        intensity=supply.intensity,
        pue=supply.pue,
        interval=course.interval,
        notes=(*course.notes, *supply.notes),
        warnings=(*course.warnings, *_too_short(course), *_too_clean(supply)),
    )


def _too_clean(supply: Supply) -> tuple[str, ...]:
    g_per_kwh = supply.intensity.gco2e_per_kwh
    if not 0.0 < g_per_kwh < _CLEANEST_G_PER_KWH:
        return ()
    return (
        f"{spoken(g_per_kwh)} gCO2e per kWh is less than any grid has: check that it is not in kg.",
    )


def _too_short(course: Course) -> tuple[str, ...]:
    device_s = course.device_hours.value * S_PER_H
    if device_s >= _SHORT_S:
        return ()
    told = (
        f"{device_s:.2g} s of device time: start-up, data loading and evaluation, which are not "
        "in it, may well take longer; if so little cannot be meant, check the units of the work."
    )
    return (told,)
