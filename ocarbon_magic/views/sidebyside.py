"""Runs beside each other in a table: as columns with their differences, or as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic import units
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.views import words
from ocarbon_magic.views.columns import COLUMNS
from ocarbon_magic.views.columns import columns as width_of
from ocarbon_magic.views.table import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ocarbon_magic.planning.comparison.difference import Difference
    from ocarbon_magic.planning.comparison.figures import Figures
    from ocarbon_magic.planning.comparison.result import Comparison
    from ocarbon_magic.planning.spread import Spread
    from ocarbon_magic.planning.whatif.cost import Cost
    from ocarbon_magic.run import DeviceReading, Run

    Write = Callable[[Figures, Run], str]

MOST_ROWS = 25

_TWO = 2
_WITHIN = "\N{ALMOST EQUAL TO}"
_NAME, _SHORT_NAME, _LABEL, _CELL = 40, 24, 24, 60
_MOST_BASES = 3

_NARROWEST, _GAP = 8, 2
"""To how many columns of type a table folds a column of its own, and what it leaves between."""

_FIRST_OUT = ("devices", "zone", "power", "cost", "took", "energy")
_TOLD_BELOW = {"devices", "zone"}
"""Columns that give way where there is little room; some are told below the table anyway."""
_UNKNOWN = str(units.UNKNOWN)

_STANDING = {
    "front": "on it",
    "within": "within the uncertainty",
    "dominated": "off it",
    "unsure": "off it, uncertainty not known",
    None: _UNKNOWN,
}
_STANDING_BRIEFLY = {**_STANDING, "within": "near it", "unsure": "off it (?)"}

_FRONT = (
    "Pareto front of {metric} ({better} is better) against emissions. On it: no other run emitted "
    "less with as good a value. Off it: another surely did; {near}: another did, by less than is "
    "unsure of the two."
)


class Body(NamedTuple):
    """The part of a table below its title."""

    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str]


class Line(NamedTuple):
    """One quantity: what it is called, how it is written, and where its difference is found."""

    label: str
    write: Write
    change: str | None = None

    def is_known(self, pairs: Sequence[tuple[Figures, Run]]) -> bool:
        """Return whether it is known of some run."""
        return any(self.write(*pair) != _UNKNOWN for pair in pairs)


def columns(comparison: Comparison) -> Body:
    """Return a column for each run, and of two their difference beside them."""
    names = [short(words.clean(figures.name), _NAME) for figures in comparison.figures]
    pairs = list(zip(comparison.figures, comparison.runs, strict=True))
    beside = len(pairs) == _TWO
    rows = []
    for line in _lines(comparison):
        if not line.is_known(pairs):
            continue
        values = [line.write(figures, run) for figures, run in pairs]
        found = [comparison.changes[i].get(line.change or "") for i in range(len(pairs))]
        if beside:
            rows.append((line.label, *values, _told(found[1])))
        else:
            cells = (f"{v}{_briefly(change)}" for v, change in zip(values, found, strict=True))
            rows.append((line.label, *cells))
    head = ("", *names, "difference") if beside else ("", *names)
    marked = not beside and any(_WITHIN in cell for row in rows for cell in row)
    legend = [f"In brackets: against the first run; {_WITHIN} is within the uncertainty."]
    return Body(head, rows, [*(legend if marked else []), *_below(comparison, _STANDING)])


def rows(comparison: Comparison) -> Body:
    """Return a row for each run, and below them what they have in common."""
    pairs = list(zip(comparison.figures, comparison.runs, strict=True))
    shown = pairs[:MOST_ROWS]
    lines = [line for line in _quantities(comparison) if line.is_known(shown)]
    names = [short(words.clean(figures.name), _SHORT_NAME) for figures, _ in shown]
    told = {"name": names, **{x.label: [x.write(f, run) for f, run in shown] for x in lines}}
    left_out = _made_to_fit(told)
    rest = len(pairs) - len(shown)
    more = [f"{rest:,} more runs are in the figures of the comparison."] if rest else []
    if left_out:
        more.append(f"Left out for want of room: {', '.join(left_out)}; the figures have them.")
    notes = [*more, *map(_in_words(shown), _circumstances())]
    body = [*zip(*told.values(), strict=True)]
    return Body(tuple(told), body, [*notes, *_below(comparison, _STANDING_BRIEFLY)])


def _made_to_fit(told: dict[str, list[str]]) -> list[str]:
    """Take the least of the columns out until the others fit a line; return what was taken."""

    def least_width() -> int:
        widest = (max(map(width_of, (label, *cells))) for label, cells in told.items())
        return sum(min(width, _NARROWEST) + _GAP for width in widest)

    taken = []
    for label in filter(told.__contains__, _FIRST_OUT):
        if least_width() <= COLUMNS:
            break
        del told[label]
        taken.append(label)
    return [label for label in taken if label not in _TOLD_BELOW]


def _in_words(shown: Sequence[tuple[Figures, Run]]) -> Callable[[Line], str]:
    """Return what tells a circumstance of all runs, with their names where they differ."""

    def tell(line: Line) -> str:
        told: dict[str, list[str]] = {}
        for figures, run in shown:
            told.setdefault(line.write(figures, run), []).append(words.clean(figures.name, 20))
        label = line.label[0].upper() + line.label[1:]
        if len(told) == 1:
            return f"{label}: {next(iter(told))}."
        parts = (f"{said} ({', '.join(names)})" for said, names in told.items())
        return f"{label}: {'; '.join(parts)}."

    return tell


def _quantities(comparison: Comparison) -> Iterator[Line]:
    """Yield what stands in a row: the figures that are compared first."""
    yield Line("CO2e", lambda f, _: _mass(f.emissions_g))
    yield Line("energy", lambda f, _: str(units.energy(_value(f.energy_kwh))))
    yield Line("took", lambda f, _: units.duration(f.duration_s))
    yield Line("power", lambda f, _: str(units.power(f.mean_power_w)))
    yield Line("cost", lambda f, _: _cost(f.cost))
    if comparison.per is not None:
        per = words.clean(comparison.per.partition(" of ")[0].rpartition(" ")[2], _LABEL)
        yield Line(f"CO2e per {per}", lambda f, _: _mass(f.emissions_g_per))
    if comparison.functional_unit is not None:
        label = f"SCI per {words.clean(comparison.functional_unit, _LABEL)}"
        yield Line(label, lambda f, _: _mass(f.sci_g))
    if comparison.metric is not None:
        expression = words.clean(comparison.metric.expression, _LABEL)
        yield Line(expression, lambda f, _: _number(f.metric))
        yield Line("front", lambda f, _: _STANDING_BRIEFLY[f.standing])
    if len({run.zone.code for run in comparison.runs}) > 1:
        yield Line("zone", lambda _, r: words.clean(r.zone.code, _LABEL))
    if len({words.devices(run.devices) for run in comparison.runs}) > 1:
        yield Line("devices", lambda _, r: words.devices(r.devices) or "no device")


def _lines(comparison: Comparison) -> Iterator[Line]:
    """Yield what stands in a column, in the order of the sidebar."""
    yield Line("emissions, CO2e", lambda f, _: _mass(f.emissions_g), "emissions_g")
    yield Line("  operational", lambda f, _: _mass(f.operational_g), "operational_g")
    yield Line("  embodied", lambda f, _: _mass(f.embodied_g), "embodied_g")
    yield Line("energy", lambda f, _: str(units.energy(_value(f.energy_kwh))), "energy_kwh")
    yield Line("duration", lambda f, _: units.duration(f.duration_s), "duration_s")
    yield Line("mean power", lambda f, _: str(units.power(f.mean_power_w)), "mean_power_w")
    yield Line("cost, indicative", lambda f, _: _cost(f.cost))
    yield Line("work done", lambda _, r: words.work(r) or _UNKNOWN, "work_done")
    yield Line("throughput", lambda _, r: str(words.pace(r)), "rate_per_s")
    if comparison.per is None:
        yield Line("CO2e per unit of work", _per_unit, "emissions_g_per_unit")
    yield from _asked(comparison)
    yield Line("metric", lambda _, r: _metric(r), "metric")
    yield Line("Pareto front", lambda f, _: _STANDING[f.standing])
    yield from _circumstances()
    yield Line("status", lambda _, r: words.status(r)[1])


def _asked(comparison: Comparison) -> Iterator[Line]:
    if comparison.per is not None:
        label = f"CO2e per {words.clean(comparison.per, _CELL)}"
        yield Line(label, lambda f, _: _mass(f.emissions_g_per), "emissions_g_per")
    if comparison.functional_unit is not None:
        unit = words.clean(comparison.functional_unit, _CELL)
        yield Line("SCI", lambda f, _: _score(f.sci_g, unit), "sci_g")


def _circumstances() -> Iterator[Line]:
    yield Line("zone and intensity", lambda _, r: _place(r))
    yield Line("PUE", lambda _, r: f"{r.pue:.3g}")
    yield Line("devices", lambda _, r: words.devices(r.devices) or "no device")
    yield Line("method", lambda _, r: _methods(r))


def _value(spread: Spread | None) -> float | None:
    return None if spread is None else spread.value


def _mass(spread: Spread | None) -> str:
    return str(units.plain_mass(_value(spread)))


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.4g}"


def _per_unit(figures: Figures, run: Run) -> str:
    mass = _mass(figures.emissions_g_per_unit)
    return mass if mass == _UNKNOWN else f"{mass} per {words.clean(run.work.unit or 'unit', 20)}"


def _metric(run: Run) -> str:
    known = words.metric(run)
    return _UNKNOWN if known is None else " = ".join(known)


def _score(sci_g: Spread | None, unit: str) -> str:
    return _UNKNOWN if sci_g is None else f"{units.mass(sci_g.value)} per {unit}"


def _place(run: Run) -> str:
    if intensity_is_by_hand(run):
        return words.intensity(run)
    code, name = words.clean(run.zone.code, 24), words.clean(run.zone.name, 40)
    place = f"{code} ({name})" if name and name != code else code
    return f"{place}: {words.intensity(run)}"


def _methods(run: Run) -> str:
    return "; ".join(dict.fromkeys(map(_method, run.devices))) or _UNKNOWN


def _method(device: DeviceReading) -> str:
    surely = "measured" if device.measured else "estimate"
    return f"{'not read' if device.energy_j is None else surely}, {words.method(device)}"


def _cost(cost: Cost | None) -> str:
    return _UNKNOWN if cost is None else str(units.money(cost.amount.value, cost.currency))


def _told(change: Difference | None) -> str:
    """Return a difference in full, as it stands in a column of its own."""
    if change is None:
        return ""
    amount = "0 %" if change.is_none else words.signed(change.pct)
    certainty = {True: ", within the uncertainty", False: ", beyond the uncertainty", None: ""}
    return amount + certainty[change.is_within]


def _briefly(change: Difference | None) -> str:
    """Return a difference as it stands behind a value."""
    if change is None:
        return ""
    amount = "0 %" if change.is_none else words.signed(change.pct)
    told = f" ({_WITHIN} {amount})" if change.is_within else f" ({amount})"
    return " " + told[1:].replace(" ", "\N{NO-BREAK SPACE}")


def _below(comparison: Comparison, standing: Mapping[str | None, str]) -> Iterator[str]:
    """Yield what the prices and the front are, where the table has them."""
    bases = dict.fromkeys(f.cost.basis for f in comparison.figures if f.cost is not None)
    for basis in list(bases)[:_MOST_BASES]:
        yield f"Cost, indicative: {words.clean(basis, 300)}"
    metric = comparison.metric
    if metric is not None and any(f.standing is not None for f in comparison.figures):
        name = words.clean(metric.expression, _LABEL)
        yield _FRONT.format(metric=name, better=metric.better, near=standing["within"])
