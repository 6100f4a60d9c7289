"""Advice as text and as HTML. Importing this module tells `Advice` how to show itself."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from ocarbon_magic import units
from ocarbon_magic.planning.advice.measure import Advice
from ocarbon_magic.views.columns import COLUMNS, folded
from ocarbon_magic.views.markup import NO_FORMULAS
from ocarbon_magic.views.words import MINUS, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ocarbon_magic.planning.advice.measure import Measure
    from ocarbon_magic.planning.spread import Spread

_LONGEST = 500
_ALONE = "Each saving is that of its measure alone: they do not add up."
_MOST = "Where only the most is known, half of it counts for the order."
_NOTHING_FOLLOWS = "The figures that nothing followed from:"

_FRAME = "max-width:760px;line-height:1.45;overflow-wrap:break-word"
_LINE = "border-top:1px solid rgba(128,128,128,.3)"
_ROW = "display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1.2em"
_PART = "display:flex;gap:.8em"
_LABEL = "flex:0 0 4.2em;opacity:.8"
_SMALL = "margin-top:.6em;opacity:.8"


def text(advice: Advice) -> str:
    """Return the advice in lines of at most 80 columns."""
    lines = folded(_title(advice), COLUMNS)
    for number, measure in enumerate(advice.measures, 1):
        lines += folded(clean(measure.title, _LONGEST), COLUMNS, f"{number:>3}. ", "     ")
        for label, said in _parts(measure):
            lines += folded(said, COLUMNS, f"     {label:<7}  ", " " * 14)
    lines += [line for note in _notes(advice) for line in folded(note, COLUMNS, "  ")]
    if advice.looked_at:
        lines.append(f"  {_NOTHING_FOLLOWS}")
        for said in advice.looked_at:
            lines += folded(clean(said, _LONGEST), COLUMNS, "  - ", "    ")
    return "\n".join(lines)


def html(advice: Advice) -> str:
    """Return the advice as one ``div`` that a notebook's sanitiser leaves as it is."""
    measures = "".join(map(_item, advice.measures))
    notes = "".join(f'<div style="{_SMALL}">{escape(note)}</div>' for note in _notes(advice))
    title = escape(_title(advice))
    return (
        f'<div {NO_FORMULAS} style="{_FRAME}"><div style="font-weight:600">{title}</div>'
        f"{_list('ol', measures)}{notes}{_looked_at(advice)}</div>"
    )


def _title(advice: Advice) -> str:
    name = clean(advice.run_name) or "unnamed run"
    if advice.basis_g is None:
        return f"What could be saved in {name} is not known."
    will = "is projected to emit" if advice.basis == "projected" else "emitted"
    called = f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}"
    run = f"{called}, which {will} {units.mass(advice.basis_g)}"
    count = len(advice.measures)
    if not count:
        return f"Nothing to advise for the run {run}: no figure of it calls for a measure."
    measures = "measure" if count == 1 else "measures"
    return f"{count} {measures} for the run {run}{', the most first' if count > 1 else ''}"


def _parts(measure: Measure) -> Iterator[tuple[str, str]]:
    yield "saves", _saving(measure)
    yield "because", clean(measure.because, _LONGEST)
    yield "how", clean(measure.how, _LONGEST)
    yield "costs", clean(measure.costs, _LONGEST)


def _saving(measure: Measure) -> str:
    """Return what is saved, in grams and in per cent, with the interval of both."""
    grams, share = measure.saving_g, measure.saving_pct
    if _is_most(grams):
        return f"up to {units.mass(grams.high)} ({units.percent(share.high)})"
    value = f"{units.mass(grams.value)} ({units.percent(share.value)})"
    if grams.low is None or grams.high is None:
        return value
    ends = units.interval(_mass(grams.low), _mass(grams.high), _to(grams))
    of_all = _interval(share, units.percent)
    return f"{value}; {ends} ({of_all})"


def _is_most(grams: Spread) -> bool:
    """Return whether only the most is known that could be saved."""
    return grams.low == 0.0 and grams.value in (grams.high, (grams.high or 0.0) / 2)


def _mass(value_g: float) -> units.Amount:
    return units.mass(0.0 if abs(value_g) < 1e-9 else value_g)  # noqa: PLR2004 - rounding


def _to(spread: Spread) -> str:
    """Return what stands between the ends: a dash is no good behind a minus."""
    return "to" if (spread.low or 0.0) < 0.0 else "\N{EN DASH}"


def _interval(spread: Spread, said: Callable[[float], str]) -> str:
    low, high = (said(round(end, 1)) for end in spread.ends)
    return f"{low.removesuffix(' %')} {_to(spread)} {high}"


def _notes(advice: Advice) -> Iterator[str]:
    if len(advice.measures) > 1:
        yield _ALONE
    if any(_is_most(measure.saving_g) for measure in advice.measures):
        yield _MOST
    if any((measure.saving_g.low or 0.0) < 0.0 for measure in advice.measures):
        yield f"An interval that begins with {MINUS} reaches to more emissions, not fewer."


def _item(measure: Measure) -> str:
    (_, saving), *rest = _parts(measure)
    parts = "".join(
        f'<div style="{_PART}"><span style="{_LABEL}">{label}</span> '
        f'<span style="min-width:0">{_whole(said)}</span></div>'
        for label, said in rest
    )
    title = f'<b style="min-width:0">{escape(clean(measure.title, _LONGEST))}</b>'
    return (
        f'<li style="{_LINE};padding:.35em 0"><div style="{_ROW}">{title} '
        f"<span>saves {_whole(saving)}</span></div>{parts}</li>"
    )


def _whole(said: str) -> str:
    """Return text as HTML in which no number is parted from its unit."""
    return escape(re.sub(r"(?<=\d) (?=[^\W\d]|%)", "\N{NO-BREAK SPACE}", said))


def _looked_at(advice: Advice) -> str:
    if not advice.looked_at:
        return ""
    items = "".join(f"<li>{_whole(clean(said, _LONGEST))}</li>" for said in advice.looked_at)
    return f'<div style="{_SMALL}">{_NOTHING_FOLLOWS}{_list("ul", items)}</div>'


def _list(tag: str, items: str) -> str:
    style = "margin:.4em 0;padding-left:1.6em"
    return f'<{tag} style="{style}">{items}</{tag}>' if items else ""


def _show(advice: Advice, include: Collection[str] | None) -> dict[str, Any]:
    forms = {"text/plain": text, "text/html": html}
    return {mime: form(advice) for mime, form in forms.items() if not include or mime in include}


Advice.render_with(_show)
