"""`%carbon whatif`: what the work of a run would have emitted elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ocarbon_magic.options import Option, any_text, no_more, number, read_words
from ocarbon_magic.planning.whatif.several import ALL
from ocarbon_magic.questions.whatif import whatif
from ocarbon_magic.subcommands.named import LAST, run_called

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ocarbon_magic.planning.whatif.outcome import Outcome
    from ocarbon_magic.planning.whatif.ranking import Ranking


def _texts(what: str) -> Callable[[Any], tuple[str, ...]]:
    """Return a check for words with commas between them."""
    one = any_text(what)

    def check(value: object) -> tuple[str, ...]:
        return tuple(one(part) for part in str(value).split(","))

    return check


def _numbers(
    what: str, *, least: float, above: bool = False, whole: bool = False, most: float = math.inf
) -> Callable[[Any], tuple[float, ...]]:
    """Return a check for numbers with commas between them."""
    one = number(what, least=least, above=above)

    def check(value: object) -> tuple[float, ...]:
        numbers = tuple(one(part) for part in str(value).split(","))
        if any(found > most or (whole and found != int(found)) for found in numbers):
            raise ValueError(what)
        return tuple(map(int, numbers)) if whole else numbers

    return check


def _hours(value: object) -> str | tuple[float, ...]:
    if str(value).strip().lower() == ALL:
        return ALL
    return _numbers("hours from 0 to 23, or all", least=0, most=23, whole=True)(value)


def _percent(value: object) -> float:
    percent = str(value).strip().removesuffix("%").strip()
    return number("a percentage of 0 or more, such as 10%", least=0)(percent)


OPTIONS: dict[str, Option] = {
    "zone": Option(
        "zone",
        _texts("a name"),
        "ZONE,...",
        "places: SE,FR; all; or all regions of aws, gcp or azure",
    ),
    "device": Option(
        "device", _texts("a name"), "NAME,...", "graphics processors: T4,A100, or all"
    ),
    "count": Option(
        "count",
        _numbers("whole numbers of at least 1, such as 1,2,4", least=1, whole=True, most=1e6),
        "N,...",
        "how many GPUs",
    ),
    "hour": Option(
        "hour", _hours, "H,...", "hours of start by the clocks there, or all", choices=(ALL,)
    ),
    "pue": Option(
        "pue", _numbers("a number of at least 1", least=1), "X,...", "power usage effectiveness"
    ),
    "power_cap_w": Option(
        "power_cap",
        _numbers("a number of watts above 0", least=0, above=True),
        "W,...",
        "power limit of each GPU in watts",
    ),
    "within_time_pct": Option("within", _percent, "P%", "how much longer it may take, in per cent"),
    "budget_g": Option(
        "budget",
        number("a number of gCO2e above 0", least=0, above=True),
        "G",
        "what it may emit, in gCO2e",
    ),
    "max_cost_usd": Option(
        "max_cost",
        number("a number of USD above 0", least=0, above=True),
        "USD",
        "what it may cost, in USD",
    ),
}
"""What a line may say, by the keyword of `ocarbon_magic.whatif`."""


def words() -> list[str]:
    """Return what the tab key offers beside the options."""
    return [LAST]


def answer(typed: Sequence[str]) -> Outcome | Ranking:
    """Return the outcome of one choice, or several beside each other, the best first.

    Raises
    ------
    ValueError
        If the words of the line say no choice, or one that says nothing of the run.
    """
    said, left = read_words(typed, OPTIONS)
    name, *more = left or [LAST]
    no_more(more, OPTIONS)
    if "=" in name:
        no_more([name], OPTIONS)
    return whatif(run_called(name, "the run"), **said)
