"""What a report says of the making of the hardware."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.views.report import phrases
from ocarbon_magic.views.report.sources import OPENCARBONEVAL, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.views.report.facts import Facts, Product
    from ocarbon_magic.views.report.spelling import Spelling

_MOST_NAMED = 4


def making(told: Facts, spell: Spelling) -> Iterator[str]:
    """Yield the sentences on embodied emissions: how much, of what, over which lifetime."""
    if not told.sums:
        return
    if told.without_embodied == sum(total.runs for total in told.sums.values()):
        yield "Emissions of the manufacture of the hardware are not included."
        return
    embodied = units.mass(sum(total.embodied_g for total in told.sums.values()))
    # One figure even where the scopes differ: no intensity of a grid is in it.
    yield (
        "Manufacturing the hardware, charged by the share of its lifetime that was "
        f"used{spell.cite(OPENCARBONEVAL)}, adds {spell.amount(embodied)} of embodied "
        f"emissions{_products(told, spell)}."
    )
    if told.without_embodied:
        runs = phrases.counted(told.without_embodied, "run is", "runs are")
        yield f"Of these, {runs} without embodied emissions."


def _products(told: Facts, spell: Spelling) -> str:
    products = [product for product, _ in told.products.most_common()]
    if not products:
        return ""
    named = [_product(product, spell) for product in products[:_MOST_NAMED]]
    if len(products) > _MOST_NAMED:
        named.append(phrases.counted(len(products) - _MOST_NAMED, "other product"))
    return f", at {phrases.joined(named)}"


def _product(product: Product, spell: Spelling) -> str:
    kg = spell.amount(units.given(units.mass(product.kgco2e * 1000)))
    years = f"{product.lifetime_years:.3g} year{'' if product.lifetime_years == 1 else 's'}"
    source = source_of(product.source)
    if source is None:
        return f"{kg} per GPU, given by hand, over {years}"
    name = spell.text(_aside(product.name))
    about = (_range(product, spell), spell.text(_aside(product.boundary), 160))
    said = ", ".join(part for part in about if part)
    return f"{kg} per {name}{spell.cite(source)} over {years}{f' ({said})' if said else ''}"


def _aside(text: str) -> str:
    """Return text that stands in parentheses itself: without those in it."""
    return re.sub(r"\s*\([^)]*\)", "", text).replace(";", ",")


def _range(product: Product, spell: Spelling) -> str:
    if product.low_kgco2e is None or product.high_kgco2e is None:
        return ""
    low, high = (
        units.given(units.mass(kg * 1000)) for kg in (product.low_kgco2e, product.high_kgco2e)
    )
    return f"published range {spell.amount(low)} to {spell.amount(high)}"
