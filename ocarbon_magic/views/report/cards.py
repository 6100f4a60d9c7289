"""The metadata of a Hugging Face model card: ``co2_eq_emissions``, in YAML front matter."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.carbon.whereabouts import whereabouts
from ocarbon_magic.files import NotWrittenError
from ocarbon_magic.views import words
from ocarbon_magic.views.report import phrases
from ocarbon_magic.views.report.facts import BY_HAND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ocarbon_magic.views.report.facts import Facts, Grid

TRAININGS = ("pre-training", "fine-tuning")

_KEY = "co2_eq_emissions"
_OURS = re.compile(rf"""["']?{_KEY}["']?\s*:""")
_CARDS = (".md", ".markdown")
_LONGEST = 600
_FENCE = "---"
_MOST_NAMED = 4


def card(told: Facts, training_type: str | None) -> str:
    """Return the front matter; ``training_type`` is left out where nobody said it.

    Raises
    ------
    ValueError
        If there is no figure for the card, or no single one.
    """
    if not told.sums:
        raise ValueError("no energy was measured in these runs: a model card needs a figure.")
    if len(told.sums) > 1:
        kinds = phrases.joined(sorted(told.sums))
        raise ValueError(
            f"the emissions of these runs ({kinds}) do not add up to one figure: report those of "
            "one scope, as in oc.report(oc.runs(scope='lifecycle'), format='model-card')."
        )
    ((_, total),) = told.sums.items()
    fields = {
        "emissions": _decimal(total.emissions_g),
        "source": _quoted(_source(told)),
        "training_type": training_type or "",
        "geographical_location": _quoted(_location(told)),
        "hardware_used": _quoted(_hardware(told)),
    }
    lines = [f"  {name}: {value}" for name, value in fields.items() if value not in ("", '""')]
    return "\n".join([_FENCE, f"{_KEY}:", *lines, _FENCE]) + "\n"


def merged(front_matter: str, there: Path) -> str:
    """Return the model card in the file ``there`` with these emissions in place of its own.

    Raises
    ------
    NotWrittenError
        If what is there cannot be read, or is no model card.
    """
    before = _read(there)
    if not before:
        return front_matter
    lines = before.split("\n")
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == _FENCE), None)
    if lines[0].strip("\ufeff\r ") != _FENCE or end is None:
        if there.suffix.lower() not in _CARDS:
            raise NotWrittenError(
                f"{there} exists and is no model card: name a {_CARDS[0]} file, or a new one."
            )
        return f"{front_matter}\n{before}"
    line_end = "\r" if lines[0].endswith("\r") else ""
    ours = [line + line_end for line in front_matter.splitlines()[1:-1]]
    return "\n".join([lines[0], *_without_ours(lines[1:end]), *ours, *lines[end:]])


def _read(there: Path) -> str:
    try:
        return there.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise NotWrittenError(f"{there} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise NotWrittenError(f"{there} is not text: name a model card, or a new file.") from None


def _without_ours(lines: list[str]) -> Iterator[str]:
    """Yield the lines of front matter that do not belong to the emissions."""
    within = False
    for line in lines:
        within = bool(_OURS.match(line)) or (within and (not line.strip() or line[0] in " \t"))
        if not within:
            yield line


def _source(told: Facts) -> str:
    """Return in one line how the figure came about; all that a card has a place for."""
    known = phrases.joined(sorted(filter(None, told.versions)))
    how = ", ".join(sorted({method for _, method in told.ways}))
    bound = ""
    if told.bound_kwh is not None and told.energy_kwh:
        bound = f", \N{PLUS-MINUS SIGN}{units.percent(100 * told.bound_kwh / told.energy_kwh)}"
    pues = sorted({f"{pue:.3g}" for pue in told.pues})
    grids = [_grid(grid) for grid, _ in told.grids.most_common(_MOST_NAMED)]
    left = len(told.grids) - len(grids)
    grids += [phrases.counted(left, "other")] if left else []
    every = sum(total.runs for total in told.sums.values())
    embodied = "included" if told.without_embodied < every else "not included"
    runs = "" if told.only is not None else f"; sum of {words.runs(every)}"
    return (
        f"ocarbon_magic {known}: energy of {' and '.join(sorted(told.kinds))} ({how}{bound}), "
        f"PUE {' to '.join((pues[0], pues[-1]) if pues[1:] else pues)}, grid {'; '.join(grids)}; "
        f"embodied carbon of the devices {embodied}{runs}"
    )


def _grid(grid: Grid) -> str:
    figure = units.intensity(grid.gco2e_per_kwh)
    if grid.scope == BY_HAND:
        return f"{figure} by hand"
    mean = "" if words.publisher(grid.source) is None else " mean"
    about = ", ".join(
        words.clean(part) for part in (grid.year, grid.scope, grid.source) if part is not None
    )
    return f"{words.clean(grid.code)} {figure}{mean} ({about})"


def _location(told: Facts) -> str:
    """Return where the runs were, with the country; nothing where nobody knows."""
    places = [_place(*place) for place, _ in told.places.most_common()]
    known = [*dict.fromkeys(filter(None, places))]
    return "; ".join(known[:_MOST_NAMED]) + (" and others" if known[_MOST_NAMED:] else "")


def _place(name: str, code: str, how: str) -> str:
    if how == "default":
        return ""
    country, name = whereabouts(code).country, words.clean(name)
    full = f"{name}, {country}" if name and country not in ("", name) else name
    return f"{full} (a guess from the time zone)" if full and how == "timezone" else full


def _hardware(told: Facts) -> str:
    shown = [
        f"{number} x {name}" if number > 1 else name
        for (kind, name), number in told.at_once.items()
        if kind != "dram"
    ]
    others = " and others" if shown[_MOST_NAMED:] else ""
    hosts = f" on {told.hosts} hosts" if told.hosts > 1 else ""
    return ", ".join(shown[:_MOST_NAMED]) + others + hosts


def _decimal(value_g: float) -> str:
    """Return grams in plain decimals: readers take 1e-05 for 1."""
    digits = max(1, 5 - math.floor(math.log10(value_g))) if value_g > 0 else 1
    return f"{value_g:.{min(digits, 12)}f}"


def _quoted(text: str) -> str:
    """Return text as a YAML string in double quotes; it is on one line and printable."""
    escaped = words.clean(text, _LONGEST).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
