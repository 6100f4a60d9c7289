"""When to start, as text and as HTML. Importing this module tells `Starts` how to show itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocarbon_magic import units
from ocarbon_magic.planning.starts import Starts
from ocarbon_magic.views.table import Table
from ocarbon_magic.views.words import MINUS, clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ocarbon_magic.planning.starts import Start

LEAST_PCT = 1.0
"""Less is not worth waiting for."""


def table_of(found: Starts) -> Table:
    """Return the starts beside each other, then what they rest on."""
    rows = [_row(found, found.now, "now")]
    rows += [
        _row(found, start, _clock(start.at) + (", best" if start == found.best else ""))
        for start in found.within
        if start != found.now
    ]
    known = found.now.operational_g is not None
    head = ("start", "in", "intensity", *(("emissions",) if known else ()), "against now")
    return Table(_title(found), head=head, rows=rows, notes=list(_notes(found)))


def _title(found: Starts) -> str:
    job = f"a job of {_span(found.job.duration_s)} in {clean(found.zone.name, 40)}"
    best = found.best
    if best.saved_pct < LEAST_PCT:
        return f"Start now: no later start of {job} is forecast to emit less."
    grams = "" if best.saved_g is None else f" ({units.mass(best.saved_g)})"
    return (
        f"Start {_clock(best.at)}, in {_span(best.waits_s)}: {job} then emits "
        f"{units.percent(best.saved_pct)}{grams} less than now."
    )


def _row(found: Starts, start: Start, label: str) -> tuple[str, ...]:
    waits = _span(start.waits_s) if start.waits_s else ""
    grams = start.operational_g
    emitted = () if found.now.operational_g is None else (str(units.mass(grams)),)
    change = "" if start == found.now else _change(start.saved_pct)
    return (label, waits, str(units.intensity(start.g_per_kwh)), *emitted, change)


def _change(saved_pct: float) -> str:
    if round(saved_pct, 1) == 0.0:
        return "the same"
    sign = MINUS if saved_pct > 0.0 else "+"
    return f"{sign}{units.percent(abs(saved_pct))}"


def _notes(found: Starts) -> Iterator[str]:
    kind = "marginal rate, " if found.marginal else ""
    yield (
        f"Forecast of {clean(found.source, 80)} ({kind}{found.scope}) until {_clock(found.until)}; "
        "a forecast errs more the further it looks."
    )
    if found.marginal:
        yield (
            "A marginal rate says what one more kWh causes: it may choose the hour, and is not "
            "what a run is charged with."
        )
    energy = "" if found.job.energy_kwh is None else f", {units.energy(found.job.energy_kwh)}"
    yield (
        f"The job: {clean(found.job.basis, 80)}{energy}, PUE {found.job.pue:.3g}; operational "
        f"emissions alone, by this machine's clock ({_offset(found.best.at)})."
    )


def _span(size_s: float) -> str:
    """Return a time to the minute, by its two largest units: "18 h 20 min"."""
    days, left = divmod(max(round(size_s / 60.0), 1), 1440)
    sizes = {"d": days, "h": left // 60, "min": left % 60}
    return " ".join([f"{size} {unit}" for unit, size in sizes.items() if size][:2])


def _clock(moment: str) -> str:
    """Return a moment by this machine's clock, with its day."""
    return datetime.fromisoformat(moment).astimezone().strftime("%a %H:%M")


def _offset(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime("UTC%z")


def _show(found: Starts, include: Collection[str] | None) -> dict[str, Any]:
    return table_of(found).bundle(include)


Starts.render_with(_show)
