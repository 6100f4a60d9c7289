"""What `%carbon` answers, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.folding import folded
from ocarbon_magic.meters.base import Reading
from ocarbon_magic.views import words
from ocarbon_magic.views.table import Table, short
from ocarbon_magic.views.words import HOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.meters.base import Device
    from ocarbon_magic.meters.discover import Source
    from ocarbon_magic.options import Option
    from ocarbon_magic.site import Site


_MB = 1e6

Row = tuple[str, str, str, str]
"""Whether it is well, what it is, how it stands, and how that is known."""


def journal_kept(runs: int, size_bytes: int, where: str) -> Row:
    """Return the line for a journal that is written."""
    size = f"{size_bytes / 1e3:.0f} kB" if size_bytes < _MB else f"{size_bytes / _MB:.1f} MB"
    return "\u2713", "Journal", f"{words.runs(runs)}, {size}", where


def journal_missing(why: str) -> Row:
    """Return the line where nothing is kept of runs."""
    return "\u2013", "Journal", why, ""


def nothing_measured() -> Table:
    """Return what to type when no run has finished yet."""
    return Table(
        "Nothing has been measured in this kernel yet.",
        notes=["Put %%carbon on the first line of the cell that trains, and run it."],
    )


def questions(asked: Iterable[tuple[str, str]]) -> Table:
    """Return what can be asked: each line as typed, and what it answers."""
    return Table(
        "What %carbon answers",
        rows=[*asked],
        notes=[
            "%carbon help runs shows the options of runs, and so on.",
            "%%carbon? shows the options of a measured cell.",
        ],
    )


def options_of(line: str, purpose: str, options: Iterable[Option]) -> Table:
    """Return the options that may stand on ``line``, which asks for ``purpose``."""
    rows = [(f"{option.flag} {option.metavar or ''}".rstrip(), _use(option)) for option in options]
    title = f"{line}: {purpose}" if purpose else line
    return Table(title, rows=rows or [("no options", "")])


def _use(option: Option) -> str:
    """Return what an option is for, and its values where there are few and they go unsaid."""
    if not option.choices or option.choices[0] in option.help:
        return option.help
    return f"{option.help}: {', '.join(option.choices)}"


def grid_of(site: Site, warnings: Iterable[str]) -> Table:
    """Return what a kilowatt-hour means at ``site``."""
    figure = site.intensity
    chosen = [] if site.zone.how == "given" else [("chosen", HOW[site.zone.how])]
    rows = [
        *chosen,
        ("intensity", f"{figure.gco2e_per_kwh:.3g} gCO2e per kWh"),
        ("scope", figure.scope or "not said"),
        ("year", str(figure.year or "not said")),
        ("PUE", f"{site.pue:.3g}"),
        ("source", short(figure.source, 200)),
    ]
    return Table(f"{site.zone.code}  {site.zone.name}", rows=rows, notes=[*site.notes, *warnings])


def diagnosis(sources: Iterable[Source], site: Site, journal: Row) -> Table:
    """Return what can be measured here, what cannot and the remedy, where "here" is, and more.

    Parameters
    ----------
    sources : iterable of Source
    site : Site
    journal : tuple of str
        The line that tells where runs are kept.
    """
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for source in sources:
        for device in (row.device for row in folded([Reading(d, None) for d in source.devices])):
            how = "measured" if device.measured else "estimated"
            rows.append(("\u2713", source.what, _named(device), f"{how}, {device.method}"))
        if source.why is not None:
            rows.append(("\u2013", source.what, source.why, ""))
            if source.remedy is not None:
                notes.append(f"{source.what}: {source.remedy}")
    known = site.zone.how in ("given", "configured")
    place = f"{site.zone.name}, {site.intensity.gco2e_per_kwh:.3g} gCO2e per kWh"
    rows.append(("\u2713" if known else "\u2013", "Grid zone", place, HOW[site.zone.how]))
    if not known:
        notes.append("Grid zone: name it with --zone, OCARBON_ZONE or c.CarbonMagics.zone.")
    rows.append(journal)
    return Table(
        "What can be measured on this machine",
        head=("", "source", "device, or why not", "how"),
        rows=rows,
        notes=notes,
    )


def _named(device: Device) -> str:
    """Return a device with its host, where that is another machine, and how many it is."""
    counted = device.name if device.count == 1 else f"{device.count:,} \u00d7 {device.name}"
    return counted if device.host is None else f"{counted} on {device.host}"
