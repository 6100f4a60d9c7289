"""What is told of a run at one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import Run


@dataclass(frozen=True, slots=True)
class Figures:
    """A run as it was, and the power of its devices then.

    Attributes
    ----------
    run : Run
        A copy: nobody brings it up to date.
    power_w : tuple of float or None
        Of each device, in watts; empty before the first reading and when the run is over.
    """

    run: Run
    power_w: tuple[float | None, ...] = ()

    @classmethod
    def of(cls, run: Run, power_w: Sequence[float | None] = ()) -> Figures:
        """Return ``run`` as it is now."""
        return cls(replace(run, intensity=replace(run.intensity)), tuple(power_w))

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.run.status != "running"
