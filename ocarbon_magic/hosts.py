"""What the record of a run says of the hosts that took part in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class HostReading:
    """What one host of a cluster did in a run, or several hosts together.

    Attributes
    ----------
    name : str
        ``host 1`` where the record must not name the machine, else as the user named it.
    members : str
        The workers in it, as their scheduler numbers them: ``engines 0-3``; empty where no
        code of ours runs.
    workers, lost : int
        How many workers took part, and how many of them were gone before the run ended.
    energy_j, mean_power_w : float or None
        Of all devices of the host, in joules and watts.
    work_done : float or None
        The work of its workers, in the run's unit.
    count : int
        How many hosts the row is of; their figures are added up.
    """

    name: str
    members: str
    workers: int
    lost: int
    energy_j: float | None
    mean_power_w: float | None
    work_done: float | None
    count: int = 1
