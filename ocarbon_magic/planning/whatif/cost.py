"""What a run costs in money, as an indication: hired cards, or the electricity alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from ocarbon_magic.conversions import S_PER_H
from ocarbon_magic.derived import intensity_is_by_hand
from ocarbon_magic.planning.spread import Spread, spread_of
from ocarbon_magic.planning.whatif.basis import basis_of
from ocarbon_magic.planning.whatif.cards import own_cards
from ocarbon_magic.planning.whatif.choice import WhatIfError
from ocarbon_magic.planning.whatif.places import PROVIDERS, provider_of
from ocarbon_magic.tables import Row, rows, table

if TYPE_CHECKING:
    from ocarbon_magic.run import Run

CostKind = Literal["cloud", "electricity"]

_HIRED_FROM = {
    **PROVIDERS,
    "lambda": "Lambda",
    "nebius": "Nebius",
    "runpod": "RunPod",
    "verda": "Verda",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Money, indicative and dated; currencies are never converted.

    Attributes
    ----------
    amount : Spread
        In ``currency``; its interval is that of the time or of the energy.
    currency : str
        ``USD`` or ``EUR``.
    kind : str
        ``cloud``, cards hired by the hour, without tax, or ``electricity``, that of the devices
        and of the site's overhead at a household's price.
    basis : str
        The price, whose it is and when it held, as one sentence.
    """

    amount: Spread
    currency: str
    kind: CostKind
    basis: str

    def compares_with(self, other: Cost) -> bool:
        """Return whether both are money of one kind and currency."""
        return (self.kind, self.currency) == (other.kind, other.currency)


def hired(card: str, count: int, duration_s: Spread, zone: str) -> Cost | None:
    """Return what cards cost to hire on demand; None where no price is known.

    Parameters
    ----------
    card : str
        Its name in the table of accelerators.
    count : int
    duration_s : Spread
    zone : str
        In a provider's region its own cheapest price, else the cheapest of all providers.
    """
    provider = provider_of(zone)
    offers = [
        row for row in _offers().get(card, ()) if provider is None or row["provider"] == provider
    ]
    if not offers:
        return None
    cheapest = min(offers, key=lambda row: float(row["usd_per_gpu_hour"]))
    usd_per_hour = float(cheapest["usd_per_gpu_hour"]) * count
    return Cost(
        duration_s.times(usd_per_hour / S_PER_H), "USD", "cloud", _price_of_hire(card, cheapest)
    )


def electricity(energy_kwh: Spread, pue: float, zone: str) -> Cost | None:
    """Return what the electricity costs a household; None in clouds, and where not known."""
    row = table("electricity_price").get(zone)
    if row is None:
        return None
    basis = (
        f"Electricity in {row['name']}: {float(row['price_per_kwh']):.3g} {row['currency']} a kWh "
        f"for households ({row['period']}; {row['source']})."
    )
    amount = energy_kwh.times(pue * float(row["price_per_kwh"]))
    return Cost(amount, row["currency"], "electricity", basis)


def cost_of_run(run: Run) -> Cost | None:
    """Return what the run costs, or what its electricity does; None where no price is known.

    Of a run under way it is the whole, as projected. The price is that of cards like its own
    for hire, else of the electricity at its place.
    """
    try:
        basis = basis_of(run)
    except WhatIfError:
        return None
    zone, ranges = str(run.zone.code), [basis.duration_range, basis.energy_range]
    of_time, of_energy = ([] if each is None else [each] for each in ranges)
    if basis.duration_s is not None:
        hire = hire_of_run(run, spread_of(basis.duration_s, of_time), zone)
        if hire is not None:
            return hire
    if not place_is_told(run):
        return None
    return electricity(spread_of(basis.energy_kwh, of_energy), basis.supply.pue, zone)


def priced_cards() -> frozenset[str]:
    """Return the names of the cards whose price on demand is known."""
    return frozenset(_offers())


def hire_of_run(run: Run, duration_s: Spread, zone: str) -> Cost | None:
    """Return what the run's own cards cost to hire for a time; see `hired`."""
    try:
        own = own_cards(run)
    except WhatIfError:
        return None
    return hired(own.card.name, own.count, duration_s, zone)


def place_is_told(run: Run) -> bool:
    """Return whether somebody said where the run was, or its intensity rests on the place."""
    return run.zone.how in ("given", "configured") or not intensity_is_by_hand(run)


@cache
def _offers() -> dict[str, list[Row]]:
    offers: dict[str, list[Row]] = {}
    for row in rows("cloud_price"):
        offers.setdefault(row["accelerator"], []).append(row)
    return offers


def _price_of_hire(card: str, row: Row) -> str:
    where = "" if row["region"] == "all" else f", {row['region']}"
    rough = ", an estimate" if row["quality_flag"] == "estimate" else ""
    return (
        f"{card} for hire: {float(row['usd_per_gpu_hour']):.3g} USD an hour on demand at "
        f"{_HIRED_FROM[row['provider']]} ({row['instance']}{where}; {row['as_of']}{rough}; "
        f"{row['source']})."
    )
