"""The table of several runs, spelled: a row each, and a sum for each scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.views.report import phrases
from ocarbon_magic.views.report.facts import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.run import Run
    from ocarbon_magic.views.report.facts import Facts
    from ocarbon_magic.views.report.spelling import Spelling

_NAME_LENGTH = 24
_ZONE_LENGTH = 20
_ENDED = {"failed": "failed", "interrupted": "stopped", "lost": "lost", "running": "running"}
"""What stands beside the name of a run that did not end as planned."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table whose cells are spelled.

    Attributes
    ----------
    head : list of str
    body, sums : list of list of str
    caption : str
    words : int
        How many of the columns, from the first, hold words; the others hold numbers.
    """

    head: list[str]
    body: list[list[str]]
    sums: list[list[str]]
    caption: str
    words: int = 2


def rows_of(told: Facts, spell: Spelling) -> Rows | None:
    """Return a row for each run, the largest where there are too many; None for one run."""
    if told.only is not None or not told.count:
        return None
    head = ["Run", "Grid", "Time", "Energy", "Operational", "Embodied", "Total"]
    body = [_row(run, spell) for run in told.largest]
    return Rows(head, body, list(_sums(told, spell)), _caption(told, spell))


def _row(run: Run, spell: Spelling) -> list[str]:
    status = _ENDED.get(run.status, "")
    by_hand = intensity_is_by_hand(run)
    return [
        spell.text(run.name or "unnamed run", _NAME_LENGTH) + (f" ({status})" if status else ""),
        "by hand" if by_hand else spell.text(run.zone.code, _ZONE_LENGTH),
        phrases.lasting(run.duration_s),
        spell.amount(units.energy(run.energy_kwh)),
        *(_grams(g, spell) for g in (run.operational_g, run.embodied_g, run.emissions_g)),
    ]


def _sums(told: Facts, spell: Spelling) -> Iterator[list[str]]:
    apart = len(told.sums) > 1
    energy = "" if told.energy_kwh is None else spell.amount(units.energy(told.energy_kwh))
    every = phrases.counted(told.count, "run")
    if apart or not told.sums:
        yield [f"All {every}", "", phrases.lasting(told.duration_s), energy, "", "", ""]
    for scope, total in sorted(told.sums.items()):
        known = "by hand" if scope == BY_HAND else scope
        figures = (total.operational_g, total.embodied_g, total.emissions_g)
        grams = [_grams(g, spell) for g in figures]
        label = phrases.counted(total.runs, "run")
        times = ["", ""] if apart else [phrases.lasting(told.duration_s), energy]
        yield [label if apart else f"All {every}", known, *times, *grams]


def _grams(value_g: float | None, spell: Spelling) -> str:
    return "unknown" if value_g is None else spell.amount(units.plain_mass(value_g))


def _caption(told: Facts, spell: Spelling) -> str:
    shown = len(told.largest)
    some = "" if shown == told.count else f"; of {told.count:,} runs, the {shown} largest"
    apart = "; lifecycle, direct and by hand do not add up" if len(told.sums) > 1 else ""
    return f"Energy and emissions ({spell.of_gas}) of the runs; energy is before PUE{apart}{some}."
