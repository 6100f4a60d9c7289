"""What the record of a run says of the making of its devices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class EmbodiedCharge:
    """What a run is charged for the making of its devices of one name.

    ``embodied_g`` is ``device_s`` over ``lifetime_years``, times ``product_kgco2e``; those of
    all charges add up to the run's.

    Attributes
    ----------
    device, count
        The name that the devices report, and how many of them there are.
    device_s : float
        Device-seconds charged: the run's on each GPU, of a processor the share it used.
    product : str
        The product whose figure one device is charged.
    product_kgco2e, low_kgco2e, high_kgco2e : float or None
        That figure, and the range that its source states; None where it states none.
    boundary : str
        What of the product's life, and of the machine around it, is in the figure.
    lifetime_years : float
    source : str
        Who published the figure; ``given`` for one by hand.
    embodied_g, low_g, high_g : float or None
        The charge in gCO2e, and its range.
    """

    device: str
    count: int
    device_s: float
    product: str
    product_kgco2e: float
    low_kgco2e: float | None
    high_kgco2e: float | None
    boundary: str
    lifetime_years: float
    source: str
    embodied_g: float
    low_g: float | None
    high_g: float | None
