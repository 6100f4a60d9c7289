"""The sentences of a report, in the order in which a paper has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views import words
from ocarbon_magic.views.report import phrases
from ocarbon_magic.views.report.facts import BY_HAND, DIRECT, LIFECYCLE
from ocarbon_magic.views.report.making import making
from ocarbon_magic.views.report.sources import source_of, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.views.report.facts import Facts, Grid, Sum
    from ocarbon_magic.views.report.spelling import Spelling

_MOST_NAMED = 4
"""Of devices or grids; the others are counted."""

_ENDED = {
    "finished": "took",
    "failed": "failed after",
    "interrupted": "was stopped after",
    "lost": "was lost after",
    "running": "is still going on, after",
}
_OF_MANY = {
    "failed": "failed",
    "interrupted": "stopped early",
    "lost": "lost",
    "running": "still going on",
}
_COUNTERS: dict[str, str] = {
    "nvml-energy-counter": "the energy counters of the GPUs (NVML)",
    "nvml-power": "the power sensors of the GPUs over time (NVML)",
    "rapl": "the energy counters of the processors (RAPL)",
    "trace": "a recording that was replayed",
    "dcgm-energy-counter": "the energy counters of the GPUs (DCGM)",
    "dcgm-power": "the power sensors of the GPUs over time (DCGM)",
    "kepler": "the energy that Kepler told",
    "scaphandre": "the power that Scaphandre told, over time",
}
_SCOPES = {
    LIFECYCLE: "lifecycle intensities",
    DIRECT: "direct intensities (combustion only)",
    BY_HAND: "intensities given by hand",
}
_NOT_IN_IT = {
    frozenset({"gpu"}): "Only the boards of the GPUs were measured: the rest of the server, "
    "typically 18 to 29{pct} of its energy, is not included, nor are networking, storage and "
    "inference.",
    frozenset({"cpu"}): "Only the processors are counted: memory, disks, fans and power supplies "
    "are not included, nor are networking, storage and inference.",
}
_NOT_IN_MIXED = (
    "Only the devices named are counted: disks, fans and power supplies are not included, nor "
    "are networking, storage and inference."
)


def sentences(told: Facts, spell: Spelling) -> list[str]:
    """Return the paragraph, a sentence each; what is cited is kept in ``spell``."""
    return [
        *_what_ran(told, spell),
        *_energy(told, spell),
        *_operational(told, spell),
        *making(told, spell),
        *_total(told, spell),
        *_beside(told, spell),
        *_limits(told, spell),
    ]


def _what_ran(told: Facts, spell: Spelling) -> Iterator[str]:
    took, days = phrases.lasting(told.duration_s), phrases.on(told.begun, told.ended)
    hardware = _hardware(told, spell)
    if told.only is not None:
        named = spell.name(told.only.name or "unnamed run")
        ended = _ENDED.get(told.only.status, "took")
        yield f"The run {named} {ended} {took}{days}{_where(told, spell)}{hardware}."
        return
    gpu = f" ({units.count(round(told.gpu_s / 3600, 2))} GPU-hours)" if told.gpu_s else ""
    yield f"The {told.count:,} runs{_including(told)} took {took} together{gpu}{days}{hardware}."


def _where(told: Facts, spell: Spelling) -> str:
    """Return where one run was, where the sentence on the grid does not say it."""
    ((name, code, how),) = told.places
    by_hand = BY_HAND in told.sums
    return f" in {spell.text(name or code)}" if by_hand and how in ("given", "configured") else ""


def _including(told: Facts) -> str:
    """Return how many of several runs did not end as planned; they count all the same."""
    parts = [
        f"{told.statuses[status]:,} that {'was' if told.statuses[status] == 1 else 'were'} {word}"
        if word != "failed"
        else f"{told.statuses[status]:,} that failed"
        for status, word in _OF_MANY.items()
        if told.statuses[status]
    ]
    if not parts:
        return ""
    first, rest = parts[0].split(" ", 1)
    runs = "run" if first == "1" else "runs"
    return f", including {phrases.joined([f'{first} {runs} {rest}', *parts[1:]])},"


def _hardware(told: Facts, spell: Spelling) -> str:
    most = sorted(told.at_once.items(), key=lambda item: ("gpu", "cpu", "dram").index(item[0][0]))
    one = "" if told.only is None else "one "
    shown = [
        f"{number:,}{spell.times}{spell.text(name)}" if number > 1 else one + spell.text(name)
        for (kind, name), number in most
        if kind != "dram"
    ]
    if not shown:
        return ""
    if len(shown) > _MOST_NAMED:
        more = phrases.counted(len(shown) - _MOST_NAMED, "other device")
        shown = [*shown[:_MOST_NAMED], more]
    several = told.only is None and max(told.at_once.values()) > 1
    up_to = "up to " if several else ""
    hosts = f" on {up_to}{told.hosts:,} hosts" if told.hosts > 1 else ""
    return f", on {up_to}{phrases.joined(shown)}{hosts}"


def _energy(told: Facts, spell: Spelling) -> Iterator[str]:
    it, one = ("It", "it") if told.only is not None else ("They", "them")
    if told.energy_kwh is None:
        yield f"No energy was measured in {one}, so that nothing can be said of emissions."
        return
    power = ""
    if told.only is not None and told.duration_s > 0:
        watts = units.power(told.energy_kwh * 3.6e6 / told.duration_s)
        power = f" ({spell.amount(watts)} on average)"
    amount = spell.amount(units.energy(told.energy_kwh))
    yield f"{it} drew {amount} of electricity{power}, {_how(told)}{_bound(told, spell)}."
    if told.unread:
        had = "run is" if told.unread == 1 else "runs is"
        yield f"The energy of {told.unread:,} {had} not known, and not in the sums."


def _how(told: Facts) -> str:
    """Return how the energy was obtained: what was read, what was estimated."""
    read = dict.fromkeys(_COUNTERS[method] for _, method in told.ways if method in _COUNTERS)
    estimated = any(method not in _COUNTERS for _, method in told.ways)
    if not read:
        return "estimated from the time the processors were used"
    said = f"read from {phrases.joined(list(read))}"
    return f"{said} and, where there are none, estimated from CPU time" if estimated else said


def _bound(told: Facts, spell: Spelling) -> str:
    if told.bound_kwh is None or not told.energy_kwh:
        return ""
    share = spell.percent(units.percent(100 * told.bound_kwh / told.energy_kwh))
    return f", with an uncertainty of {spell.plus_minus}{share}"


def _operational(told: Facts, spell: Spelling) -> Iterator[str]:
    if not told.sums:
        return
    grids = [grid for grid, _ in told.grids.most_common()]
    if len(grids) == 1:
        yield (
            f"With {_pue(told)} and {_grid(grids[0], spell)}, the operational emissions are "
            f"{_each(told, spell, 'operational_g')}."
        )
    else:
        named = [_listed(grid, spell) for grid in grids[:_MOST_NAMED]]
        if len(grids) > _MOST_NAMED:
            named.append(phrases.counted(len(grids) - _MOST_NAMED, "other figure"))
        yield f"The carbon intensity of electricity was {phrases.joined(named)}."
        yield (
            f"With {_pue(told)}, the operational emissions are "
            f"{_each(told, spell, 'operational_g')}."
        )
    guessed = [grid for grid in grids if grid.how in ("timezone", "default")]
    if guessed:
        yield _guess(guessed, several=len(grids) > 1)


def _pue(told: Facts) -> str:
    low, high = min(told.pues), max(told.pues)
    if high == 1:
        return "nothing added for cooling and power supply (PUE 1)"
    if low == high:
        return f"a power usage effectiveness (PUE) of {low:.3g}"
    return f"a power usage effectiveness (PUE) of {low:.3g} to {high:.3g}"


def _grid(grid: Grid, spell: Spelling) -> str:
    figure = spell.amount(units.intensity(grid.gco2e_per_kwh))
    if grid.scope == BY_HAND:
        return f"a carbon intensity of {figure}, given by hand"
    return (
        f"the location-based average carbon intensity of the grid of {_place(grid, spell)}, "
        f"{figure} ({_vintage(grid, spell)}){spell.cite(source_of(grid.source))}"
    )


def _listed(grid: Grid, spell: Spelling) -> str:
    figure = spell.amount(units.intensity(grid.gco2e_per_kwh))
    if grid.scope == BY_HAND:
        return f"{figure} given by hand"
    cited = spell.cite(source_of(grid.source))
    return f"{figure} in {_place(grid, spell)} ({_vintage(grid, spell)}){cited}"


def _place(grid: Grid, spell: Spelling) -> str:
    return spell.text(grid.name or grid.code)


def _vintage(grid: Grid, spell: Spelling) -> str:
    """Return the year and the scope; of an intensity told as the run went on, who told it."""
    publisher = words.publisher(grid.source)
    first = grid.year if publisher is None else f"mean of the run, {spell.text(publisher)}, live"
    return ", ".join(str(part) for part in (first, grid.scope) if part is not None)


def _guess(guessed: list[Grid], *, several: bool) -> str:
    where = "Where a run took place" if several else "The place"
    if all(grid.how == "default" for grid in guessed):
        return f"{where} is not known: the average of the world stands for it."
    return f"{where} was guessed from the time zone{' in part' if several else ''}."


def _each(told: Facts, spell: Spelling, part: str) -> str:
    """Return a sum for each scope, which are not added up."""
    sums = [
        (spell.amount(units.mass(getattr(total, part))), _scope(scope, spell))
        for scope, total in sorted(told.sums.items())
    ]
    if len(sums) == 1:
        return sums[0][0]
    return phrases.joined([f"{amount} with {scope}" for amount, scope in sums])


def _scope(scope: str, spell: Spelling) -> str:
    return _SCOPES.get(scope) or f"intensities of the scope {spell.text(scope, 40)}"


def _total(told: Facts, spell: Spelling) -> Iterator[str]:
    if not told.sums:
        return
    if len(told.sums) == 1:
        ((_, total),) = told.sums.items()
        it = "the run" if told.only is not None else "the runs"
        amount = spell.amount(units.mass(total.emissions_g))
        yield f"In total, {it} emitted {amount}{_spread(total, spell)}."
        return
    parts = [
        f"{phrases.counted(total.runs, 'run')} with {_scope(scope, spell)} emitted "
        f"{spell.amount(units.mass(total.emissions_g))}{_spread(total, spell)}"
        for scope, total in sorted(told.sums.items())
    ]
    yield f"In total, {phrases.joined(parts)}; these figures do not compare and are not added up."


def _spread(total: Sum, spell: Spelling) -> str:
    if total.bound_g is None or not total.emissions_g:
        return ""
    share = spell.percent(units.percent(100 * total.bound_g / total.emissions_g))
    return f" ({spell.plus_minus}{share} from the energy alone)"


def _beside(told: Facts, spell: Spelling) -> Iterator[str]:
    if told.only is None:
        every = len(told.largest) == told.count
        yield f"{spell.table} lists {'the runs' if every else 'those that emitted most'}."
    if told.parts:
        runs = phrases.counted(told.parts, "more run was", "more runs were")
        them = "it" if told.parts == 1 else "them"
        yield f"{runs} measured within these, whose figures include {them}."
    if told.overlapping:
        runs = phrases.counted(told.overlapping, "run overlaps", "runs overlap")
        yield (
            f"Of these, {runs} in time with another on the same device, so that some energy is "
            "in the sums twice."
        )


def _limits(told: Facts, spell: Spelling) -> Iterator[str]:
    yield _measured_with(told, spell)
    if told.ways:
        sentence = _NOT_IN_IT.get(told.kinds, _NOT_IN_MIXED)
        yield sentence.format(pct=spell.percent(" %"))


def _measured_with(told: Facts, spell: Spelling) -> str:
    known = sorted(filter(None, told.versions))
    shown = phrases.joined([spell.text(version) for version in known])
    name = f"{spell.escaped('ocarbon_magic')} {shown}".rstrip()
    return (
        f"Energy and emissions were recorded with {name}{spell.cite(tool(phrases.joined(known)))}."
    )
