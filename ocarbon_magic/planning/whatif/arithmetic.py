"""The formulas of the what-if: numbers in, numbers out.

operational = energy * PUE * intensity, embodied = device-seconds / lifetime * product carbon.
A run's own grams are scaled by what a choice changes, so that a choice of nothing changes
nothing, whatever the record was rounded to. ``labextension/src/whatif/arithmetic.ts`` has the
same formulas for place, device, hour and PUE; a test holds both to the same figures.
"""

from __future__ import annotations

from math import ceil, pow, sqrt  # noqa: A004 - of floats alone, where ** may be anything
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.conversions import S_PER_H, S_PER_YEAR
from ocarbon_magic.planning.spread import Range

if TYPE_CHECKING:
    from collections.abc import Sequence

H_PER_DAY = 24

PACE_SPREAD = 1.8
"""By how much the pace may fall outside of what peaks and bandwidth promise.

Of 25 pairs of published runs of one family on two cards with matrix units
(``published_runs.csv``), 80 % lie within 1.8 times of it. Those pairs are two trainings each,
so this is wide for one and the same; how much so nobody published.
"""

POWER_SPREAD = 1.3
"""A board draws the same share of its limit for the same work, within 1.3 times.

80 % of a normal spread of 20 %, as `planning.calibrated_power` has it from run to run.
"""

SCALING = (0.8, 0.5, 1.0)
"""How the pace grows with the number of cards, as a power of it: likely, poor, ideal.

From 8 to 64 H100, MLPerf's ResNet-50 (``published_runs.csv``) took 1.78 and 2.71 device-hours,
which is a power of 0.80, and its Llama 2 LoRA 28.1 and 5.3 minutes, 0.80 too. From 64 to 512
cards that LoRA went on to 1.95 minutes, 0.48: the poor end.
"""

WAITING = 0.4
"""What a card draws while it waits for the others, as a share of what it draws at work.

The servers of the 64 H100 above drew 82 % as much per card as that of the 8: cards that work
for 66 % of the time, and a fifth of the power that is not the cards', leave 0.4.
"""

CARDS_PER_SERVER = 8

CAPPED = (0.3, 1.0, 0.1)
"""How time grows as a card's power is capped, as a power of how much less it draws.

V100 boards of 250 W held to 150 W trained language models with 13.7 % less energy in 6.8 %
more time (McDonald et al. 2022, arXiv:2205.09646), which is a power of 0.31. Work bound by
memory loses less; at 1.0 a cap saves nothing at all. Likely, worst, best.
"""

LEAST_CAP = 0.5
"""Below this share of what a card drew, nothing published says what a training does."""


class Speeds(NamedTuple):
    """What of a card says how fast it is, and at which power.

    ``matrix_tflops`` is the dense half-precision peak, None for a card without matrix units.
    """

    tdp_w: float
    fp32_tflops: float
    matrix_tflops: float | None
    bandwidth_gb_per_s: float

    @property
    def peak_tflops(self) -> float:
        """The highest peak that a training can use."""
        return self.fp32_tflops if self.matrix_tflops is None else self.matrix_tflops


def time_ratio(own: Speeds, other: Speeds) -> Range:
    """Return how many times as long the same work takes on another card.

    Bound by arithmetic, as the peaks are, or by memory, as the bandwidths are; the geometric
    mean of both. Where one card alone has matrix units the value goes by FP32, and the
    interval reaches to what they can gain.
    """
    memory = own.bandwidth_gb_per_s / other.bandwidth_gb_per_s
    best = own.peak_tflops / other.peak_tflops
    alike = (own.matrix_tflops is None) == (other.matrix_tflops is None)
    compute = best if alike else own.fp32_tflops / other.fp32_tflops
    return Range(
        sqrt(compute * memory),
        min(compute, memory, best) / PACE_SPREAD,
        max(compute, memory, best) * PACE_SPREAD,
    )


class Pace(NamedTuple):
    """How other cards do the same work; 1 where nothing changes.

    Attributes
    ----------
    busy : float
        Share of the time in which the cards worked; the rest does not change.
    pace : float
        How many times as long one card takes.
    power : float
        How many times the power one card draws.
    cards : float
        How many times as many of them.
    scaling : float
        Power of ``cards`` by which the pace grows.
    cap : float
        Share of its power that a cap leaves to a card.
    capped : float
        Power of ``1 / cap`` by which the time grows.
    """

    busy: float = 1.0
    pace: float = 1.0
    power: float = 1.0
    cards: float = 1.0
    scaling: float = SCALING[0]
    cap: float = 1.0
    capped: float = CAPPED[0]

    @property
    def time(self) -> float:
        """How many times as long the work takes."""
        return 1.0 - self.busy + self._working * pow(self.cards, -self.scaling)

    @property
    def cards_energy(self) -> float:
        """How many times the energy of all cards.

        One's work takes what it takes; cards beyond one that wait draw `WAITING` of that: all
        but one while one alone works, and of ``cards**(1 - scaling)`` card-seconds per
        second of work what is more than that work.
        """
        alone = (1.0 - self.busy) * (1.0 + WAITING * (self.cards - 1.0))
        together = self._working * (1.0 + WAITING * (pow(self.cards, 1.0 - self.scaling) - 1.0))
        return self.power * self.cap * (alone + together)

    @property
    def _working(self) -> float:
        return self.busy * self.pace * pow(self.cap, -self.capped)


def servers_ratio(own_count: int, count: int) -> float:
    """Return how many times as many servers as many cards stand in, eight in each at most."""
    return ceil(count / CARDS_PER_SERVER) / ceil(own_count / CARDS_PER_SERVER)


def energy_ratio(cards_share: float, cards: float, rest: float) -> float:
    """Return how many times the energy: that of the cards, and of all else in the servers."""
    return cards_share * cards + (1.0 - cards_share) * rest


def embodied_of_cards(count: int, duration_s: float, kg_per_year: float) -> float:
    """Return the embodied grams of cards: device-seconds / lifetime * product carbon."""
    return count * duration_s / S_PER_YEAR * kg_per_year * 1000.0


def embodied(
    embodied_g: float, cards_g: float, pace: Pace, *, product: float, servers: float
) -> float:
    """Return the embodied grams with other cards in place of the run's, which are not added.

    Parameters
    ----------
    embodied_g, cards_g : float
        Of the run, and of its cards, which are a part of it.
    pace : Pace
        How other cards do the work.
    product, servers : float
        How many times as much a year of the other card is, and as many servers.
    """
    of_cards_g = min(cards_g, embodied_g)
    rest_g = embodied_g - of_cards_g
    return pace.time * (of_cards_g * product * pace.cards + rest_g * servers)


class Supply(NamedTuple):
    """A kilowatt-hour of the computers: grams per kWh, and the overhead of the site."""

    g_per_kwh: float
    pue: float


def operational(
    operational_g: float, energy_kwh: float, energy: float, own: Supply, other: Supply
) -> float:
    """Return the operational grams of ``energy`` times the energy, supplied otherwise."""
    was_g = own.g_per_kwh * own.pue
    is_g = other.g_per_kwh * other.pue
    return operational_g * energy * (is_g / was_g) if was_g > 0 else energy_kwh * energy * is_g


def mean_over_run(shape: Sequence[float], start_h: float, duration_s: float) -> float:
    """Return the mean of a day's ``shape`` over a run.

    Parameters
    ----------
    shape : sequence of float
        24 values, from 0:00 UTC.
    start_h : float
        When the run starts, in hours UTC.
    duration_s : float
        Whole days count as the day's mean, the rest by the share of each hour it covers.
    """
    start = start_h % H_PER_DAY
    hours = duration_s / S_PER_H
    if hours <= 0:
        return shape[int(start) % H_PER_DAY]
    left = hours % H_PER_DAY
    total = (hours - left) / H_PER_DAY * sum(shape)
    hour = start
    while left > 0:
        step = min(left, int(hour) + 1 - hour)
        total += step * shape[int(hour) % H_PER_DAY]
        hour += step
        left -= step
    return total / hours
