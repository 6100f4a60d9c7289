"""What a meter is: joules since start, for each device it watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.run import DeviceKind, Method


class MeterUnavailableError(Exception):
    """A meter cannot work here; the message is one sentence, ``remedy`` says what to do."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Device:
    """A device a meter watches, and how it comes by the joules.

    Attributes
    ----------
    kind, name, uuid
        What the device is; ``uuid`` is None where it has none.
    method, measured
        How the energy is obtained; ``measured`` is False for an estimate.
    tdp_w : float or None
        The device's power limit in watts where it is known.
    host : str or None
        Which host the device is in; None for this machine.
    count : int
        How many devices of this name and host it stands for; one, unless they are measured
        together.
    """

    kind: DeviceKind
    name: str
    uuid: str | None
    method: Method
    measured: bool
    tdp_w: float | None = None
    host: str | None = None
    count: int = 1


class Reading(NamedTuple):
    """What one device drew since the meter's start, as known now.

    Attributes
    ----------
    energy_j : float or None
        Joules since start, never decreasing; None when nothing could be read.
    power_w, max_power_w : float or None
        The latest power, and the highest since start, in watts.
    uncertainty_pct : float or None
        Half-width of the stated uncertainty, per cent of ``energy_j``.
    busy_s : float or None
        Device-seconds to charge to the run for embodied carbon; None for the
        whole device, or all of them, over the whole run.
    busy_share : float or None
        Share of the time since start that the device was at work, from 0 to 1; None where
        nothing tells.
    """

    device: Device
    energy_j: float | None
    power_w: float | None = None
    max_power_w: float | None = None
    uncertainty_pct: float | None = None
    busy_s: float | None = None
    busy_share: float | None = None


@dataclass(slots=True)
class Notes:
    """What the user should know of a meter: one line each, each line once, in order."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Keep ``line`` unless it is there already."""
        if line not in self.lines:
            self.lines.append(line)


class Meter(Protocol):
    """Measures some devices from `start` to `stop`.

    The recorder calls every method from one sampling thread, so a meter needs no lock.
    Times are seconds of the clock the meter was made with (`time.monotonic` unless told).
    After a successful `start`, no method raises: what fails becomes a line in ``notes``
    and, where it costs energy, a reading that says so.
    """

    notes: Notes

    def describe(self) -> Sequence[Device]:
        """Return the devices, in the order of the readings; valid before `start`."""

    def start(self) -> None:
        """Take the first reading; energy counts from here."""

    def due_s(self) -> float | None:
        """Return the clock time at which the meter wants its next `read`, or None.

        None leaves the pace to the recorder's sampling interval.
        """

    def read(self) -> Sequence[Reading]:
        """Return what the devices drew since `start`."""

    def stop(self, end_s: float) -> Sequence[Reading]:
        """Take the last reading, for the energy up to clock time ``end_s`` (just past)."""
