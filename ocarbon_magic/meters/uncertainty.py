"""How far a measured energy may be off: by its sensor, and by what its readings leave open."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.run import DeviceKind

GAIN_PCT: dict[DeviceKind, float] = {"gpu": 5.0, "cpu": 10.0, "dram": 20.0}
"""Error of sensors and counters, in proportion to what they show, in per cent.

The power sensor of a GPU has one for each board (Yang, Adámek, Armour 2024). Against
instruments, Intel's package counters since Haswell are right within some per cent (Khan et al.,
"RAPL in Action", 2018) and AMD's are a model that does not see all (Schoene et al., "Energy
Efficiency Aspects of the AMD Zen 2 Architecture", 2021); memory is off by an amount that differs
by machine (Desrochers et al., "A Validation of DRAM RAPL Power Measurements", 2016).
"""


def uncertainty_pct(kind: DeviceKind, energy_j: float | None, error_j: float) -> float | None:
    """Return the half-width of an energy's uncertainty in per cent; None without an energy.

    It is the root of the sum of the squares of the sensor's error and of the bound ``error_j``,
    for the two have nothing to do with each other.
    """
    return math.hypot(GAIN_PCT[kind], 100.0 * error_j / energy_j) if energy_j else None
