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
from ocarbon_magic.views import chart, embodied, origin, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.run import DeviceReading, Run, RunProjection

    RGB = tuple[int, int, int]

# Both keep 3:1 against white and against #2b2b2b; tiles and chart of one quantity share one.
_EMITTED: RGB = (207, 92, 54)
_POWER: RGB = (59, 130, 196)
_NEUTRAL: RGB = (128, 128, 128)

_HAIRLINE = "1px solid #80808059"
_CALM = "#80808026"
_TROUBLE = "#cf5c3633"
_MUTED = "opacity:0.8"
_ROW = "display:flex;flex-wrap:wrap"
_FRAME = (
    f"max-width:760px;box-sizing:border-box;margin:4px 0;padding:12px 16px;border:{_HAIRLINE};"
    "border-radius:6px;font-size:13px;line-height:1.45;text-align:left;"
    "font-variant-numeric:tabular-nums;overflow-wrap:break-word"
)


def html(run: Run) -> str:
    """Return the run as one self-contained ``div``."""
    awaited = words.awaited(run)
    if awaited is not None:
        note = _tag("div", f"{_MUTED};margin-top:8px", _text(awaited))
        return _tag("div", _FRAME, _header(run), note, *map(_warning, run.warnings))
    return _tag(
        "div",
        _FRAME,
        _header(run),
        _tiles(run),
        _charts(run),
        _budget(run),
        _hint(run),
        *(_warning(warning) for warning in run.warnings),
        _devices(run),
        _origin(run),
    )


def _tag(name: str, style: str, *content: str) -> str:
    return f'<{name} style="{style}">{"".join(content)}</{name}>'


def _text(text: str) -> str:
    safe = escape(text, quote=False).replace(" %", "\N{NO-BREAK SPACE}%")
    return safe.replace("CO2e", 'CO<sub style="line-height:0">2</sub>e')


def _whole(amount: units.Amount) -> str:
    """Return an amount that no narrow column breaks between number and unit."""
    return _text(str(amount).replace(" ", "\N{NO-BREAK SPACE}"))


def _css(rgb: RGB) -> str:
    return f"#{bytes(rgb).hex()}"


def _header(run: Run) -> str:
    shape, state = words.status(run)
    tint = _TROUBLE if run.status in ("failed", "interrupted", "lost") else _CALM
    name = _tag("b", "font-size:15px;min-width:0", _text(words.name(run)))
    pill_style = f"background:{tint};border-radius:10px;padding:1px 9px"
    pill = _tag("span", pill_style, f"{shape} {_text(state)}")
    grid = _tag("span", f"{_MUTED};margin-left:auto;font-size:12px", _text(_grid(run)))
    return _tag("div", f"{_ROW};align-items:baseline;gap:4px 12px", name, " ", pill, " ", grid)


def _grid(run: Run) -> str:
    if words.intensity_is_by_hand(run):
        return words.intensity(run)
    guess = " (guess)" if words.zone_is_a_guess(run) else ""
    return f"{words.clean(run.zone.code, 24)}{guess} · {words.intensity(run)}"


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
    energy, power = units.energy(run.energy_kwh), units.power(words.mean_power_w(run))
    tiles.append(_tile(f"Energy{so_far}", energy, [words.energy_certainty(run)], _POWER))
    tiles.append(_tile("Mean power", power, [_power_note(run)], _POWER))
    if run.work.rate_per_s is not None:
        notes = [words.work(run) or "", words.flop_rate(run) or ""]
        tiles.append(_tile("Throughput", words.pace(run), notes, _NEUTRAL))
    metric = words.metric(run)
    if metric is not None:
        tiles.append(_tile("Metric", units.Amount(metric[1], ""), [metric[0]], _NEUTRAL))
    return _tag("div", f"{_ROW};gap:12px;margin-top:12px;font-size:12px", *tiles)


def _tile(
    label: str, amount: units.Amount, notes: Sequence[str], rgb: RGB, *, wide: bool = False
) -> str:
    number = "\N{EN DASH}" if amount == units.UNKNOWN else amount.number
    basis = 130 if wide else 92
    return _tag(
        "div",
        f"flex:1 1 {basis}px;min-width:0;padding-left:10px;border-left:2px solid {_css(rgb)}",
        _tag("div", _MUTED, label),
        _tag("b", "font-size:21px;line-height:1.3", _text(number)),
        " ",
        _text(amount.unit),
        *(_tag("div", _MUTED, _text(note)) for note in notes if note),
    )


def _split(run: Run) -> list[str]:
    if run.operational_g is None and run.embodied_g is None:
        return []
    if embodied.is_left_out(run):
        return [f"{units.mass(run.operational_g)} operational", "embodied not included"]
    parts = (("operational", run.operational_g), ("embodied", run.embodied_g))
    return [f"{units.mass(grams)} {label}" for label, grams in parts]


def _power_note(run: Run) -> str:
    if len(run.devices) != 1:
        return f"{len(run.devices)} devices" if run.devices else ""
    highest = run.devices[0].max_power_w
    return "" if highest is None else f"max {units.power(highest)}"


def _charts(run: Run) -> str:
    power = _chart("Power", run.series.t_s, run.series.power_w, units.power, _POWER)
    emitted = _emitted(run)
    style = f"{_ROW};gap:12px 20px;margin-top:14px;font-size:12px"
    return _tag("div", style, power, emitted) if power or emitted else ""


def _emitted(run: Run) -> str:
    """Return the chart of the emissions, with what they come to and what they may come to."""
    projection, budget = words.open_projection(run), words.budget(run)
    said = "" if projection is None else f" Projected: {words.projected(projection)}."
    said += "" if budget is None else f" Budget: {budget}."
    return _chart(
        "Emitted",
        run.series.t_s,
        run.series.emissions_g,
        units.mass,
        _EMITTED,
        ahead=None if projection is None else _way(projection),
        limit=words.budget_g(run),
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
    ends = f"{_MUTED};display:flex;justify-content:space-between;gap:8px"
    source = chart.data_uri(t_s, values, scale, rgb, ahead=ahead, limit=limit)
    alt = escape(_alt(label, values, amount, units.duration(max(t_s))) + said)
    style = f"display:block;width:100%;height:56px;margin:0;border-bottom:{_HAIRLINE}"
    keys = (
        "" if ahead is None else "dashes: projected",
        "" if limit is None or limit > scale.top else "dots: budget",
    )
    key = ", ".join(filter(None, keys))
    image = f'<img src="{source}" alt="{alt}" style="{style}">'
    return _tag(
        "div",
        "flex:1 1 280px;min-width:0",
        _tag("div", ends, f"<span>{label}</span> <span>0 to {_text(top)}</span>"),
        image,
        _tag("div", ends, f"<span>0</span> <span>{key}</span> <span>{end}</span>"),
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
    budget = words.budget(run)
    return "" if budget is None else _note("Budget:", budget)


def _hint(run: Run) -> str:
    hint = words.hint(run)
    return "" if hint is None else _note("Progress:", hint)


def _note(label: str, text: str) -> str:
    return _tag(
        "div",
        f"margin-top:8px;padding:3px 10px;border-radius:4px;background:{_CALM}",
        f"<b>{label}</b> ",
        _text(text),
    )


def _details(summary: str, content: str) -> str:
    return _tag("details", "margin-top:10px", _tag("summary", "cursor:pointer", summary), content)


def _devices(run: Run) -> str:
    if len(run.devices) < 2:  # noqa: PLR2004 - one device needs no table
        return ""
    head = "<td>Energy</td><td>Mean</td><td>Max</td>"
    rows = "".join(_row(device) for device in run.devices)
    table = (
        '<table cellpadding="4" style="width:100%;margin:4px 0 0;table-layout:auto;'
        'border-collapse:collapse;font-size:12px;text-align:right">'
        f"<tr><td></td>{head}</tr>{rows}</table>"
    )
    scrolled = _tag("div", "overflow-x:auto", table)
    return _details(f"{len(run.devices)} devices: {_text(words.devices(run.devices))}", scrolled)


def _row(device: DeviceReading) -> str:
    # Front ends right-align the cells of tables; elsewhere they take it from the table.
    said = ", ".join(p for p in (words.certainty(device), words.clean(device.uuid or "")[:12]) if p)
    numbers = (
        units.energy_of_joules(device.energy_j),
        units.power(device.mean_power_w),
        units.power(device.max_power_w),
    )
    return _tag(
        "tr",
        f"border-top:{_HAIRLINE}",
        '<td style="text-align:left;padding-left:0">',
        _text(words.clean(device.name, 60)),
        " ",
        _tag("span", _MUTED, _text(said)),
        "</td>",
        *(f"<td>{_whole(amount)}</td>" for amount in numbers),
    )


def _origin(run: Run) -> str:
    # A hanging indent, so that labels stand in a column of their own.
    rows = "".join(
        _tag(
            "div",
            "margin:3px 0 0 76px;text-indent:-76px",
            _tag("b", "display:inline-block;width:76px;text-indent:0", label, " "),
            _text(fact),
        )
        for label, fact in origin.facts(run)
    )
    return _details("Where these numbers come from", _tag("div", "font-size:12px", rows))
