"""What the reader of an outcome must know, one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.planning.whatif.arithmetic import CAPPED, SCALING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.planning.spread import Range
    from ocarbon_magic.planning.whatif.cards import Card
    from ocarbon_magic.planning.whatif.change import Change
    from ocarbon_magic.planning.whatif.places import Elsewhere, Where
    from ocarbon_magic.planning.whatif.start import Start
    from ocarbon_magic.run import Run


def times(ratio: float) -> str:
    """Return a ratio to two significant digits."""
    return f"{float(f'{ratio:.2g}'):,.12g}"


def of_place(run: Run, place: Elsewhere, pue: float | None) -> Iterator[str]:
    """Yield what the figure of another place is, and what to know of it."""
    figure = place.figure
    yield (
        f"{place.name}: {units.intensity(figure.gco2e_per_kwh)} ({figure.year}, {figure.scope}; "
        f"{figure.source})."
    )
    yield from place.notes
    if run.intensity.scope != figure.scope:
        own = "was given by hand and has" if intensity_is_by_hand(run) else "has"
        yield (f"The run's intensity {own} no known scope; that of {place.name} is {figure.scope}.")
    if run.intensity.series is not None:
        yield (
            f"The run's intensity is that of its own hours; that of {place.name} is the mean of "
            f"{figure.year}."
        )
    if place.pue is not None and pue is None:
        told = place.pue.year is None or str(place.pue.year) in place.pue.basis
        year = "" if told else f", {place.pue.year}"
        yield f"PUE {place.pue.value:.3g}: {place.pue.basis}{year}."


def of_change(change: Change) -> Iterator[str]:
    """Yield what other cards, another number of them and a cap rest on."""
    if change.is_other_card:
        yield from _of_card(change)
    elif change.own.busy < 1 and (change.count != change.own.count or change.cap < 1):
        yield _of_busy(change.own.busy)
    if change.count != change.own.count:
        yield from _of_count(change)
    if change.cap_w is not None:
        yield _of_cap(change)


def of_start(place: Where, start: Start) -> Iterator[str]:
    """Yield what hours a start goes by."""
    yield (
        f"From {clock(start.hour)} in {place.name} the grid is at "
        f"{units.percent(100 * start.factor)} of its mean over a day in {start.day.month}, by the "
        f"hours of {start.day.year} ({start.day.grid}): a past year, not a forecast."
    )
    yield "The run itself counts at the mean of a day."


def without_start(reason: str) -> str:
    """Return why the hour has no part in an outcome."""
    return f"The start has no part in this: {reason}"


def clock(hour: int) -> str:
    """Return "03:00"."""
    return f"{hour:02}:00"


def _of_card(change: Change) -> Iterator[str]:
    own, card, busy = change.own.card, change.card, change.own.busy
    if busy < 1:
        yield _of_busy(busy)
    yield (
        f"{card.name}: {_reach(change.one_takes)} times the time at {times(change.power)} times "
        "the power, an estimate from peaks, memory bandwidth and power limits"
        f"{', if the GPU sets the pace' if busy == 1 else ', while it works'}."
    )
    if (own.speeds.matrix_tflops is None) != (card.speeds.matrix_tflops is None):
        yield "The peaks are those in FP32, as only one of the two has matrix units."
    if _is_smaller(card, own):
        yield (
            f"It has {card.memory_gb:g} GB of memory, not {own.memory_gb:g}: the work may not fit."
        )
    yield f"Embodied: the figure of {card.product}."


def _is_smaller(card: Card, own: Card) -> bool:
    return None not in (card.memory_gb, own.memory_gb) and (
        (card.memory_gb or 0.0) < (own.memory_gb or 0.0)
    )


def _of_busy(busy: float) -> str:
    return f"The GPU worked for {units.percent(100 * busy)} of the time: the rest stays."


def _of_count(change: Change) -> Iterator[str]:
    ratio = change.count / change.own.count
    likely, poor, ideal = (pow(ratio, power) for power in SCALING)
    low, high = sorted((poor, ideal))
    yield (
        f"{change.count:,} GPUs in place of {change.own.count:,}: {times(likely)} times the pace "
        f"({times(low)} \N{EN DASH} {times(high)}), as MLPerf trainings on 8 to 512 H100 went; "
        "eight to a server, and the batch as large as they need."
    )


def _of_cap(change: Change) -> str:
    cap_w = change.cap_w or 0.0
    drawn_w = (change.own.power_w or 0.0) * change.power
    if change.cap >= 1:
        return (
            f"A cap of {units.given(units.power(cap_w))} changes nothing: a GPU drew "
            f"{units.power(drawn_w)} on average."
        )
    likely, worst, best = (change.cap**-power for power in CAPPED)
    reach = f"{times(likely)} ({times(best)} \N{EN DASH} {times(worst)})"
    return (
        f"Under {units.given(units.power(cap_w))} a GPU takes {reach} times the time of that at "
        f"{units.power(drawn_w)}: an estimate from V100 under a cap (arXiv:2205.09646)."
    )


def _reach(ratio: Range) -> str:
    return f"{times(ratio.value)} ({times(ratio.low)} \N{EN DASH} {times(ratio.high)})"
