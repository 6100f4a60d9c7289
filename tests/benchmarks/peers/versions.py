"""The releases that are measured, by requirement; the one place to raise them.

Each is installed as its requirement resolves, with the dependencies of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
OURS = "ocarbon_magic"


@dataclass(frozen=True)
class Package:
    """What is installed into an environment of its own.

    Attributes
    ----------
    requirement : str
        As pip takes it.
    imports : str
        The statement that a user of it begins with.
    """

    requirement: str
    imports: str


PACKAGES = {
    OURS: Package(str(CHECKOUT), "import ocarbon_magic; ocarbon_magic.measure"),
    "codecarbon": Package("codecarbon==3.3.2", "from codecarbon import EmissionsTracker"),
    "carbontracker": Package(
        "carbontracker==2.4.7", "from carbontracker.tracker import CarbonTracker"
    ),
    "zeus": Package("zeus==0.16.0", "from zeus.monitor import ZeusMonitor"),
    "eco2ai": Package("eco2ai==0.3.12", "import eco2ai"),
    "nvitop": Package("nvitop==1.7.2", "from nvitop import Device"),
    "tqdm": Package("tqdm==4.70.1", "from tqdm import tqdm"),
}

METERS = (OURS, "codecarbon", "carbontracker", "zeus", "eco2ai")
"""Those that measure energy; nvitop shows processes, tqdm counts iterations."""
