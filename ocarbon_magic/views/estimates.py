"""An estimate as text and as HTML. Importing this module tells `Estimate` how to show itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic import units
from ocarbon_magic.planning.result import Estimate
from ocarbon_magic.progress.units import plural
from ocarbon_magic.views.table import Table
from ocarbon_magic.views.words import HOW, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ocarbon_magic.run import Projection

_WARNING = "\N{WARNING SIGN}\N{VARIATION SELECTOR-15} "


def table_of(estimate: Estimate) -> Table:
    """Return the quantities with their intervals, then what they were made from."""
    return Table(
        _title(estimate),
        head=("", "estimate", _interval_head(estimate)),
        rows=[row for row in _rows(estimate) if row is not None],
        notes=[*(_WARNING + clean(w, 400) for w in estimate.warnings), *_basis(estimate)],
    )


def _title(estimate: Estimate) -> str:
    return (
        f"{units.mass(estimate.emissions_g.value)} estimated for {_work(estimate)} on "
        f"{estimate.device_count:,} \N{MULTIPLICATION SIGN} {clean(estimate.device, 60)}"
    )


def _work(estimate: Estimate) -> str:
    if estimate.work is not None:
        return f"{units.count(estimate.work)} {plural(clean(estimate.unit or '', 20))}".rstrip()
    return f"{estimate.flop:.3g} FLOP"


def _interval_head(estimate: Estimate) -> str:
    level = estimate.emissions_g.level
    if level > 0:
        return f"{level * 100:.0f} % interval"
    return "range" if estimate.emissions_g.low < estimate.emissions_g.high else ""


def _rows(estimate: Estimate) -> Iterator[tuple[str, str, str] | None]:
    yield _row("emissions", estimate.emissions_g, units.mass)
    yield _row("  operational", estimate.operational_g, units.mass)
    yield _row("  embodied", estimate.embodied_g, units.mass)
    yield _row("energy", estimate.energy_kwh, units.energy)
    yield _row("device-hours", estimate.device_hours, units.count)
    if estimate.device_count > 1:
        yield _row("time", estimate.hours, _clock)
    else:
        yield _row("time on the device", estimate.hours, _clock)
    yield _row("throughput per device", estimate.tflops_per_device, units.flop_rate)
    yield _row("power per device", estimate.power_w, units.power)


def _row(
    label: str, quantity: Projection | None, amount: Callable[[float], units.Amount]
) -> tuple[str, str, str] | None:
    if quantity is None:
        return None
    ends = units.interval(amount(quantity.low), amount(quantity.high))
    shown = ends if quantity.low < quantity.high else ""
    return label, str(amount(quantity.value)), shown


def _clock(hours: float) -> units.Amount:
    return units.Amount(units.duration(hours * 3600.0), "")


def _basis(estimate: Estimate) -> Iterator[str]:
    yield f"Method: {estimate.method}. Interval: {estimate.interval}."
    yield from (clean(note, 400) for note in estimate.notes)
    figure = estimate.intensity
    known = [str(part) for part in (figure.year, figure.scope) if part is not None]
    how = ", ".join(known) if known else "by hand"
    zone = estimate.zone
    where = ""
    if zone is not None:
        how_chosen = HOW.get(zone.how, clean(zone.how))
        where = f"{clean(zone.code)} ({clean(zone.name)}), {how_chosen}: "
    source = "" if figure.source == "given" else f"; source: {clean(figure.source)}"
    yield f"Grid: {where}{units.intensity(figure.gco2e_per_kwh)} ({how}){source}."
    if estimate.pue == 1.0:
        yield "PUE 1: nothing is added to the energy for cooling and power supply."
    else:
        yield f"PUE {estimate.pue:.3g}: in the emissions, and not in the energy shown."
    if estimate.embodied_g is None:
        yield "Embodied carbon is not in the total."


def _show(estimate: Estimate, include: Collection[str] | None) -> dict[str, Any]:
    return table_of(estimate).bundle(include)


Estimate.render_with(_show)
