"""A run as static HTML: what shows where our own view does not run.

Notebook front ends sanitise HTML, so all style is inline, there are no ids, classes,
scripts or SVG, and it reads in order when even the styles are stripped. Text takes the
page's colour and font; lines and areas are half-transparent grey, for light and dark pages.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.counting import devices_in
from ocarbon_magic.derived import intensity_is_by_hand, mean_power_w
from ocarbon_magic.views import budget, chart, embodied, hosts, origin, tables, words
from ocarbon_magic.views.markup import HAIRLINE, MUTED, NO_FORMULAS, details, tag, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.run import Run, RunProjection

    RGB = tuple[int, int, int]

# Both keep 3:1 against white and against #2b2b2b; tiles and chart of one quantity share one.
_EMITTED: RGB = (207, 92, 54)
_POWER: RGB = (59, 130, 196)
_NEUTRAL: RGB = (128, 128, 128)

_CALM = "#80808026"
_TROUBLE = "#cf5c3633"
_ROW = "display:flex;flex-wrap:wrap"
_FRAME = (
    f"max-width:760px;box-sizing:border-box;margin:4px 0;padding:12px 16px;border:{HAIRLINE};"
    "border-radius:6px;font-size:13px;line-height:1.45;text-align:left;"
    "font-variant-numeric:tabular-nums;overflow-wrap:break-word"
)


def html(run: Run) -> str:
    """Return the run as one self-contained ``div``."""
    awaited = words.awaited(run)
    if awaited is not None:
        warned = map(_warning, run.warnings)
        note = tag("div", f"{MUTED};margin-top:8px", text(awaited))
        return tag("div", _FRAME, _header(run), note, *warned, about=NO_FORMULAS)
    return tag(
        "div",
        _FRAME,
        _header(run),
        _tiles(run),
        _charts(run),
        _budget(run),
        _hint(run),
        *(_warning(warning) for warning in run.warnings),
        tables.devices(run),
        tables.hosts(run),
        _origin(run),
        about=NO_FORMULAS,
    )


def _css(rgb: RGB) -> str:
    return f"#{bytes(rgb).hex()}"


def _header(run: Run) -> str:
    shape, state = words.status(run)
    tint = _TROUBLE if run.status in ("failed", "interrupted", "lost") else _CALM
    name = tag("b", "font-size:15px;min-width:0", text(words.name(run)))
    pill_style = f"background:{tint};border-radius:10px;padding:1px 9px"
    pill = tag("span", pill_style, f"{shape} {text(state)}")
    grid = tag("span", f"{MUTED};margin-left:auto;font-size:12px", text(_grid(run)))
    return tag("div", f"{_ROW};align-items:baseline;gap:4px 12px", name, " ", pill, " ", grid)


def _grid(run: Run) -> str:
    guess = " (guess)" if words.zone_is_a_guess(run) else ""
    place = "" if intensity_is_by_hand(run) else f"{words.clean(run.zone.code, 24)}{guess}"
    return " · ".join(filter(None, (hosts.on_hosts(run), place, words.intensity(run))))


def _tiles(run: Run) -> str:
    so_far = " so far" if run.status == "running" else ""
    tiles = [
        _tile(f"Emitted{so_far}", units.mass(run.emissions_g), _split(run), _EMITTED, wide=True)
    ]
    projection = words.open_projection(run)
    if projection is not None:
        total = units.mass(projection.emissions_g.value)
        end = units.duration(projection.duration_s.value)
        notes = [words.spread(projection), f"in {end}", words.seen_at(projection)]
        tiles.append(_tile("Projected at the end", total, notes, _EMITTED, wide=True))
    energy, power = units.energy(run.energy_kwh), units.power(mean_power_w(run))
    tiles.append(_tile(f"Energy{so_far}", energy, [words.energy_certainty(run)], _POWER))
    tiles.append(_tile("Mean power", power, [_power_note(run)], _POWER))
    if run.work.rate_per_s is not None:
        notes = [words.work(run) or "", words.flop_rate(run) or ""]
        tiles.append(_tile("Throughput", words.pace(run), notes, _NEUTRAL))
    metric = words.metric(run)
    if metric is not None:
        tiles.append(_tile("Metric", units.Amount(metric[1], ""), [metric[0]], _NEUTRAL))
    return tag("div", f"{_ROW};gap:12px;margin-top:12px;font-size:12px", *tiles)


def _tile(
    label: str, amount: units.Amount, notes: Sequence[str], rgb: RGB, *, wide: bool = False
) -> str:
    number = "\N{EN DASH}" if amount == units.UNKNOWN else amount.number
    basis = 130 if wide else 92
    return tag(
        "div",
        f"flex:1 1 {basis}px;min-width:0;padding-left:10px;border-left:2px solid {_css(rgb)}",
        tag("div", MUTED, label),
        tag("b", "font-size:21px;line-height:1.3", text(number)),
        " ",
        text(amount.unit),
        *(tag("div", MUTED, text(note)) for note in notes if note),
    )


def _split(run: Run) -> list[str]:
    if run.operational_g is None and run.embodied_g is None:
        return []
    if embodied.is_left_out(run):
        return [f"{units.mass(run.operational_g)} operational", "embodied not included"]
    parts = (("operational", run.operational_g), ("embodied", run.embodied_g))
    return [f"{units.mass(grams)} {label}" for label, grams in parts]


def _power_note(run: Run) -> str:
    count = devices_in(run.devices)
    if count != 1:
        return f"{count:,} devices" if count else ""
    highest = run.devices[0].max_power_w
    return "" if highest is None else f"max {units.power(highest)}"


def _charts(run: Run) -> str:
    power = _chart("Power", run.series.t_s, run.series.power_w, units.power, _POWER)
    emitted = _emitted(run)
    style = f"{_ROW};gap:12px 20px;margin-top:14px;font-size:12px"
    return tag("div", style, power, emitted) if power or emitted else ""


def _emitted(run: Run) -> str:
    """Return the chart of the emissions, with what they come to and what they may come to."""
    projection, limit = words.open_projection(run), budget.summary(run)
    said = "" if projection is None else f" Projected: {words.projected(projection)}."
    said += "" if limit is None else f" Budget: {limit}."
    return _chart(
        "Emitted",
        run.series.t_s,
        run.series.emissions_g,
        units.mass,
        _EMITTED,
        ahead=None if projection is None else _way(projection),
        limit=budget.limit_g(run),
        said=said,
    )


def _way(projection: RunProjection) -> chart.Ahead | None:
    """Return what the chart shows of a projection, None where its numbers cannot be."""
    made = projection.emissions_g
    ends = (projection.duration_s.value, made.low, made.value, made.high)
    known = all(end is not None and math.isfinite(end) for end in ends)
    return chart.Ahead(*ends) if known and 0 <= made.low <= made.value <= made.high else None


def _chart(  # noqa: PLR0913 - a chart is many things
    label: str,
    t_s: Sequence[float],
    values: Sequence[float | None],
    amount: Callable[[float | None], units.Amount],
    rgb: RGB,
    *,
    ahead: chart.Ahead | None = None,
    limit: float | None = None,
    said: str = "",
) -> str:
    scale = chart.scale_of(t_s, values, ahead, limit)
    if scale is None:
        return ""
    top, end = str(amount(scale.top)), units.duration(scale.end_s)
    ends = f"{MUTED};display:flex;justify-content:space-between;gap:8px"
    source = chart.data_uri(t_s, values, scale, rgb, ahead=ahead, limit=limit)
    alt = escape(_alt(label, values, amount, units.duration(max(t_s))) + said)
    style = f"display:block;width:100%;height:56px;margin:0;border-bottom:{HAIRLINE}"
    keys = (
        "" if ahead is None else "dashes: projected",
        "" if limit is None or limit > scale.top else "dots: budget",
    )
    key = ", ".join(filter(None, keys))
    image = f'<img src="{source}" alt="{alt}" style="{style}">'
    return tag(
        "div",
        "flex:1 1 280px;min-width:0",
        tag("div", ends, f"<span>{label}</span> <span>0 to {text(top)}</span>"),
        image,
        tag("div", ends, f"<span>0</span> <span>{key}</span> <span>{end}</span>"),
    )


def _alt(
    label: str,
    values: Sequence[float | None],
    amount: Callable[[float | None], units.Amount],
    took: str,
) -> str:
    known = [value for value in values if value is not None]
    first, last, top = (str(amount(value)) for value in (known[0], known[-1], max(known)))
    most = "" if top == last else f", {top} at most"
    gaps = ", with gaps" if len(known) < len(values) else ""
    return f"{label} over {took}: {first} at first, {last} at the end{most}{gaps}."


def _warning(warning: str) -> str:
    sign = "\N{WARNING SIGN}\N{VARIATION SELECTOR-15}"
    return _note(f"{sign} Warning:", words.clean(warning, 1000))


def _budget(run: Run) -> str:
    limit = budget.summary(run)
    return "" if limit is None else _note("Budget:", limit)


def _hint(run: Run) -> str:
    hint = words.hint(run)
    return "" if hint is None else _note("Progress:", hint)


def _note(label: str, said: str) -> str:
    return tag(
        "div",
        f"margin-top:8px;padding:3px 10px;border-radius:4px;background:{_CALM}",
        f"<b>{label}</b> ",
        text(said),
    )


def _origin(run: Run) -> str:
    # A hanging indent, so that labels stand in a column of their own.
    rows = "".join(
        tag(
            "div",
            "margin:3px 0 0 76px;text-indent:-76px",
            tag("b", "display:inline-block;width:76px;text-indent:0", label, " "),
            text(fact),
        )
        for label, fact in origin.facts(run)
    )
    return details("Where these numbers come from", tag("div", "font-size:12px", rows))
