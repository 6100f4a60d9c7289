"""What a source of live intensities is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ocarbon_magic.carbon.live.points import Point
    from ocarbon_magic.carbon.live.service import Service
    from ocarbon_magic.run import IntensityScope


class IntensitySource(Protocol):
    """The intensities of one zone from one publisher.

    `recent` and `ahead` wait for the network: they are called from a thread of our own. They
    raise `FetchError` or `LiveError`, with a sentence for the user.

    Attributes
    ----------
    service : Service
        The publisher.
    zone : str
        Its own name for the zone.
    scope : str
        ``lifecycle`` or ``direct``, of all that `recent` returns.
    step_s : float
        How often it has something new, in seconds.
    late_s : float
        How long after its time a value usually comes.
    basis : str
        What the figures are made of, for the record; empty where its name says it.
    ahead_is_marginal : bool
        Whether `ahead` tells of the plants that answer one more kWh. Such figures may choose an
        hour; they are never added up to what a run emitted.
    """

    service: Service
    zone: str
    scope: IntensityScope
    step_s: float
    late_s: float
    basis: str
    ahead_is_marginal: bool

    def recent(self, since_s: float, now_s: float) -> list[Point]:
        """Return averages of the grid from about ``since_s`` to ``now_s``, earliest first."""

    def ahead(self, now_s: float) -> list[Point]:
        """Return what is forecast from about ``now_s`` on; empty where there are no forecasts."""
