"""Graphics processors that the run's own can be set beside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ocarbon_magic.carbon import embodied
from ocarbon_magic.conversions import S_PER_YEAR
from ocarbon_magic.counting import count_of, devices_in
from ocarbon_magic.hardware import Accelerator, accelerators, find_accelerator
from ocarbon_magic.lines import one_line
from ocarbon_magic.planning.calibrated_pace import default_precision
from ocarbon_magic.planning.devices import find_device, unknown_device
from ocarbon_magic.planning.whatif.arithmetic import Speeds
from ocarbon_magic.planning.whatif.basis import quantity
from ocarbon_magic.planning.whatif.choice import WhatIfError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import DeviceReading, Run

_CLASSES = {"datacenter", "workstation", "consumer"}
_WITH_PROCESSOR = re.compile("GH200|MI300A")
"""Their power limit is that of a processor too."""

_WITHOUT_MATRIX_UNITS = {"Kepler", "Maxwell", "Pascal"}
_LONGEST = 60
_MIG = "split into MIG instances"
"""What the meter warns of where a part of a GPU was used."""

_MAKER = re.compile(r"^(?:NVIDIA|AMD|Intel) (?:GeForce |Instinct |Tesla )?")


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics processor whose pace and power can be set beside another's.

    Attributes
    ----------
    name : str
    speeds : Speeds
    memory_gb : float or None
    product, kg_per_year : str and float
        The product whose embodied figure is charged, and that figure over its lifetime.
    """

    name: str
    speeds: Speeds
    memory_gb: float | None
    product: str
    kg_per_year: float

    @property
    def short_name(self) -> str:
        """The name without its maker: ``A100 SXM4 40GB``."""
        return _MAKER.sub("", self.name)


@dataclass(frozen=True, slots=True)
class OwnCards:
    """The run's own graphics processors: all of one kind.

    Attributes
    ----------
    card : Card
    count : int
    share : float
        Their share of the energy, 0 to 1.
    busy : float
        Share of the time in which they worked; 1 where it is not known.
    kg_per_year : float
        The embodied figure that one of them is charged, over its lifetime.
    power_w : float or None
        Mean power of one of them.
    """

    card: Card
    count: int
    share: float
    busy: float
    kg_per_year: float
    power_w: float | None


@cache
def cards() -> tuple[Card, ...]:
    """Return all cards in the order of the table: of each maker and class the oldest first."""
    return tuple(card for card in map(_card, accelerators()) if card is not None)


@cache
def _card(accelerator: Accelerator) -> Card | None:
    """Return the card, None where its peak, bandwidth or power limit is not known."""
    tdp_w, fp32_tflops = accelerator.tdp_w, accelerator.fp32_tflops
    bandwidth = accelerator.memory_bandwidth_gb_per_s
    if not (tdp_w and fp32_tflops and bandwidth) or accelerator.device_class not in _CLASSES:
        return None
    half = accelerator.fp16_tflops
    if _WITH_PROCESSOR.search(accelerator.name) or (
        not half and accelerator.arch not in _WITHOUT_MATRIX_UNITS
    ):
        return None
    matrix = half if half and default_precision(accelerator) == "fp16" else None
    charge = embodied.of_device("gpu", accelerator.name, S_PER_YEAR)
    if charge is None:
        return None
    return Card(
        accelerator.name,
        Speeds(tdp_w, fp32_tflops, matrix, bandwidth),
        accelerator.memory_gb,
        charge.product,
        charge.embodied_g / 1000.0,
    )


def find_card(name: str) -> Card:
    """Return the card that a person or a driver calls so.

    Raises
    ------
    WhatIfError
        If there is none, or too little is known of it.
    """
    accelerator = find_device(name)
    if accelerator is None:
        raise WhatIfError(str(unknown_device(name)))
    card = _card(accelerator)
    if card is None:
        raise WhatIfError(_unknown_figures(accelerator.name))
    return card


def _unknown_figures(name: str) -> str:
    return (
        f"the peak, the memory bandwidth or the power limit of {name} as a graphics processor of "
        "its own is not known."
    )


def own_cards(run: Run) -> OwnCards:
    """Return the run's graphics processors.

    Raises
    ------
    WhatIfError
        If what they did says nothing of others.
    """
    own = [device for device in run.devices if device.kind == "gpu"]
    if not own:
        raise WhatIfError(
            "the run used no GPU, and the pace of a processor says nothing of another's."
        )
    name, *others = (str(device.name) for device in own)
    found = find_accelerator(name)
    if any(find_accelerator(other) != found or (not found and other != name) for other in others):
        raise WhatIfError(
            "the run used GPUs of several kinds, and which did how much of the work is not known."
        )
    if any(_MIG in str(line) for line in run.warnings):
        raise WhatIfError(
            "the run used a part of a GPU (MIG), and the pace of a part says nothing of a whole."
        )
    card = None if found is None else _card(found)
    if card is None:
        raise WhatIfError(_unknown_figures(one_line(name)[:_LONGEST]))
    return _with_energy(card, own, run)


def _with_energy(card: Card, own: Sequence[DeviceReading], run: Run) -> OwnCards:
    energies_j = [quantity(device.energy_j) for device in own]
    known_j = [each for each in energies_j if each is not None]
    rest_j = sum(quantity(d.energy_j) or 0.0 for d in run.devices if d.kind != "gpu")
    cards_j = sum(known_j)
    if len(known_j) < len(own) or cards_j + rest_j <= 0:
        raise WhatIfError("the energy of a GPU of the run is not known.")
    duration_s, count = quantity(run.duration_s), devices_in(own)
    return OwnCards(
        card=card,
        count=count,
        share=cards_j / (cards_j + rest_j),
        busy=_busy(own),
        kg_per_year=_charged(run, card, own[0]),
        power_w=cards_j / count / duration_s if duration_s else None,
    )


def _busy(own: Sequence[DeviceReading]) -> float:
    """Return the mean share of the time in which they worked, if all tell it; else all of it."""
    shares = [(quantity(device.busy_share), count_of(device)) for device in own]
    known = [(share, count) for share, count in shares if share is not None and share <= 1]
    if len(known) < len(own):
        return 1.0
    return sum(share * count for share, count in known) / devices_in(own)


def _charged(run: Run, card: Card, own: DeviceReading) -> float:
    """Return what a year of one of them was charged, else what its product is."""
    charge = next((each for each in run.embodied if each.device == own.name), None)
    if charge is None:
        return card.kg_per_year
    kg, years = quantity(charge.product_kgco2e), quantity(charge.lifetime_years)
    return card.kg_per_year if kg is None or not years else kg / years
