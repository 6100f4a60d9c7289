"""One device of another machine: what its counters say together, now and until they say more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.meters.base import Reading
from ocarbon_magic.meters.uncertainty import uncertainty_pct
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.meters.base import Device
    from ocarbon_magic.meters.prometheus.scraped import Scraped

FEW_SCRAPES = 2
STILL_SCRAPES = 3
"""Scrapes in which a counter that counts has moved, for no device draws nothing."""


class Line(NamedTuple):
    """What is known at server time ``at_s``, and how it goes on while no new sample comes.

    Each energy in joules grows by its power in watts: the energy so far, how much less of it
    may be, and its bound.
    """

    at_s: float
    energy_j: float
    energy_w: float
    unsure_j: float
    unsure_w: float
    error_j: float
    error_w: float
    power_w: float | None
    max_power_w: float | None


class Measured:
    """A device, and the counters that it is the sum of."""

    def __init__(self, device: Device, counters: list[Scraped]) -> None:
        self.device = device
        self._counters = counters
        self._line: Line | None = None
        self._most_j = 0.0

    def settle(self, asked_s: float) -> None:
        """Reckon what all samples up to server time ``asked_s`` say, so that reading is quick."""
        self._line = self._reckoned(asked_s, asked_s)

    def reading(self, server_s: float, asked_s: float, *, last: bool) -> Reading:
        """Return what was drawn up to ``server_s``, by samples that were asked for at ``asked_s``.

        Unless it is the last, as little as a later sample may make of it.
        """
        line = self._line
        if line is None or line.at_s != asked_s:
            line = self._reckoned(server_s, asked_s)
        if line is None or (last and self._stands_still(line)):
            return Reading(self.device, energy_j=None)
        span_s = server_s - line.at_s
        energy_j = line.energy_j + line.energy_w * span_s
        if not last:
            energy_j -= line.unsure_j + line.unsure_w * span_s
        energy_j = self._most_j = max(energy_j, self._most_j)
        device, error_j = self.device, line.error_j + line.error_w * span_s
        return Reading(
            device,
            energy_j=energy_j,
            power_w=line.power_w,
            max_power_w=line.max_power_w,
            uncertainty_pct=(
                uncertainty_pct(device.kind, energy_j, error_j) if device.measured else None
            ),
        )

    def cases(self, asked_s: float) -> Iterator[str]:
        """Yield what is to be said of the figures, as of the end of the run."""
        if self._line is not None and self._stands_still(self._line):
            yield "the counter does not move."
        for counter in self._counters:
            yield from _cases(counter, asked_s)

    def _reckoned(self, server_s: float, asked_s: float) -> Line | None:
        known = []
        for counter in self._counters:
            estimate = counter.until(server_s, asked_s)
            if estimate is not None:
                known.append((counter.curve, estimate))
        if not known:
            return None
        going = [curve for curve, _ in known if curve.missed_since(asked_s) is None]
        all_go = len(going) == len(self._counters)
        return Line(
            server_s,
            energy_j=sum(estimate.energy_j for _, estimate in known),
            energy_w=sum(curve.tail_w or 0.0 for curve in going),
            unsure_j=sum(curve.unsure_j(server_s) for curve in going),
            unsure_w=sum(curve.unsure_w for curve in going),
            error_j=sum(estimate.error_j for _, estimate in known),
            error_w=sum(curve.doubt_w for curve in going),
            power_w=known_sum(curve.power_w for curve in going) if all_go else None,
            max_power_w=known_sum(curve.max_power_w for curve, _ in known),
        )

    def _stands_still(self, line: Line) -> bool:
        return line.energy_j == 0.0 and all(
            counter.curve.points_in_run >= STILL_SCRAPES for counter in self._counters
        )


def _cases(counter: Scraped, asked_s: float) -> Iterator[str]:
    curve = counter.curve
    missed = curve.missed_since(asked_s) is not None
    if not curve.points_in_run and (missed or curve.power_w is None):
        yield "no sample came in the run, so the energy is not in the total."
        return
    if missed:
        yield "samples stopped coming before the run ended, so the energy is a lower bound."
    elif curve.points_in_run < FEW_SCRAPES:
        yield (
            f"the run is shorter than two scrapes, {curve.step_s:.3g} s apart; its energy is "
            "reckoned from the power about it."
        )
    if curve.started_late_s > curve.reach_s:
        yield "samples began after the run did, so the energy is a lower bound."
    if counter.estimated_s > 0.0:
        yield (
            "the counter started again, as when a driver or an exporter restarts; the energy "
            "of that scrape is an estimate."
        )
