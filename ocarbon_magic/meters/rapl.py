"""Energy of processors and memory, from their own counters (RAPL).

Intel and AMD processors count the energy of each package (socket) in steps of about a
millisecond; servers count that of the memory beside it. Since 2020 only root may read the
counters on most systems, because their fine grain can betray the secrets of other programs:
on a machine shared with people you do not trust, leave it so.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ocarbon_magic.hardware import find_processor, local_processor
from ocarbon_magic.meters.base import Device, MeterUnavailableError, Notes, Reading
from ocarbon_magic.meters.powercap import find_domains
from ocarbon_magic.meters.uncertainty import GAIN_PCT

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.hardware import LocalProcessor
    from ocarbon_magic.meters.powercap import Domain

READ_REMEDY = (
    "Run `sudo chmod -R a+r /sys/class/powercap/intel-rapl`; to keep it over boots, put "
    '`SUBSYSTEM=="powercap", RUN+="/bin/chmod -R a+r /sys%p"` into '
    "/etc/udev/rules.d/60-rapl.rules."
)

DRIVER_REMEDY = (
    "On the machine itself run `sudo modprobe intel_rapl_msr`; a container sees the counters "
    "only if its host shows it /sys/class/powercap."
)

HIGHEST_W = 1200.0
"""No domain draws more for long: twice the highest TDP of the table, and some."""

STEP_S = 1e-3
"""Time between two steps of a counter: what an end of the window may be off by."""

STUCK_S = 1.0
"""A counter that has not moved for this long is not counting: no processor draws nothing."""

POWER_SPAN_S = 0.1
"""Shortest span to take a power over; steps would show in a shorter one."""


class _Counter:
    """A domain's counter and the energy it has counted since it was first read."""

    def __init__(self, domain: Domain, now_s: float) -> None:
        self.domain = domain
        self.silent = False
        self._last_s = now_s
        self._last_j = domain.read_j()

    def gained_j(self, now_s: float, notes: Notes) -> float:
        """Return the joules since the last reading; none while the counter is silent.

        A silent counter goes on counting: the next reading brings what was missed.
        """
        try:
            counter_j = self.domain.read_j()
        except (OSError, ValueError):
            self.silent = True
            return 0.0
        self.silent = False
        span_s, gained_j = now_s - self._last_s, counter_j - self._last_j
        self._last_s, self._last_j = now_s, counter_j
        range_j = self.domain.range_j
        if range_j is not None and span_s > range_j / HIGHEST_W:
            notes.add(
                f"RAPL {self.domain.name} was not read for {span_s:.0f} s and may have run "
                "over unseen: its energy is a lower bound."
            )
        if gained_j >= 0:
            return gained_j
        plausible_j = HIGHEST_W * (span_s + STEP_S)
        if range_j is not None and gained_j + range_j <= plausible_j:
            return gained_j + range_j
        notes.add(
            f"RAPL {self.domain.name} started again at 0 (the machine slept?): its energy is "
            "a lower bound."
        )
        return counter_j if counter_j <= plausible_j else 0.0


class _Total:
    """One device: the counters of a package, or of its memory, added up."""

    def __init__(self, device: Device, domains: list[Domain]) -> None:
        self.device = device
        self.domains = domains

    def start(self, now_s: float) -> None:
        self.counters = [_Counter(domain, now_s) for domain in self.domains]
        self._start_s = self._last_s = self._marked_s = now_s
        self._energy_j = self._marked_j = 0.0
        self._power_w: float | None = None
        self._max_power_w: float | None = None

    def advance(self, now_s: float, end_s: float, notes: Notes) -> None:
        """Add what was counted up to ``end_s``, on the line from the last reading to now."""
        gained_j = sum(counter.gained_j(now_s, notes) for counter in self.counters)
        if self._last_s < now_s and end_s < now_s:
            gained_j *= max(end_s - self._last_s, 0.0) / (now_s - self._last_s)
            now_s = max(end_s, self._last_s)
        self._energy_j += gained_j
        self._last_s = now_s
        self._set_power()

    def reading(self, notes: Notes) -> Reading:
        if self._energy_j == 0 and self._last_s - self._start_s >= STUCK_S:
            notes.add(f"The energy counter of {self.device.name} does not move.")
            return Reading(self.device, energy_j=None)
        uncertainty_pct = GAIN_PCT[self.device.kind]
        if self._energy_j > 0 and self._max_power_w is not None:
            uncertainty_pct += 100 * STEP_S * self._max_power_w / self._energy_j
        return Reading(
            device=self.device,
            energy_j=self._energy_j,
            power_w=self._power_w,
            max_power_w=self._max_power_w,
            uncertainty_pct=uncertainty_pct,
        )

    def _set_power(self) -> None:
        span_s = self._last_s - self._marked_s
        if any(counter.silent for counter in self.counters):
            self._power_w = None
        elif span_s >= POWER_SPAN_S or (span_s > 0 and self._max_power_w is None):
            self._power_w = (self._energy_j - self._marked_j) / span_s
            self._max_power_w = max(self._power_w, self._max_power_w or 0.0)
            self._marked_s, self._marked_j = self._last_s, self._energy_j


class RaplMeter:
    """The machine's processors and memory by their counters, other programs included.

    Parameters
    ----------
    root : Path
        Where powercap shows its domains.
    clock : callable
        Seconds of a monotonic clock.
    local : LocalProcessor, optional
        The processor; by default this machine's.

    Raises
    ------
    MeterUnavailableError
        If there is no counter of a processor, or none may be read.
    """

    def __init__(
        self,
        root: Path = Path("/sys/class/powercap"),
        *,
        clock: Callable[[], float] = time.monotonic,
        local: LocalProcessor | None = None,
    ) -> None:
        self._clock = clock
        self.notes = Notes()
        local = local or local_processor()
        found = find_domains(root)
        if found.unreadable and not found.readable:
            raise MeterUnavailableError("Only root may read the processor's counters.", READ_REMEDY)
        if not found.readable:
            bare_metal = local.package_cpus is not None and root.parent.exists()
            raise MeterUnavailableError(
                "This machine shows no energy counters of its processor.",
                DRIVER_REMEDY if bare_metal else None,
            )
        if found.unreadable:
            missing = ", ".join(found.unreadable)
            self.notes.add(
                f"RAPL {missing} cannot be read, so its energy is missing. {READ_REMEDY}"
            )
        self.notes.add("RAPL counts whole processors: what other programs drew is in it.")
        self._totals = _by_device(found.readable, local)
        self._read_s = 0.0

    def describe(self) -> list[Device]:
        """Return the packages and their memory, in the order of the sockets."""
        return [total.device for total in self._totals]

    def start(self) -> None:
        """Take the first reading; energy counts from here."""
        self._read_s = self._clock()
        try:
            for total in self._totals:
                total.start(self._read_s)
        except (OSError, ValueError):
            message = "The energy counters of the processor stopped answering."
            raise MeterUnavailableError(message, READ_REMEDY) from None

    def due_s(self) -> float | None:
        """Return by when to read again so that no counter can run over twice unseen."""
        ranges = [d.range_j for t in self._totals for d in t.domains if d.range_j is not None]
        return self._read_s + 0.5 * min(ranges) / HIGHEST_W if ranges else None

    def read(self) -> list[Reading]:
        """Return what was counted since `start`."""
        self._read_s = self._clock()
        return self._advance(self._read_s)

    def stop(self, end_s: float) -> list[Reading]:
        """Return what was counted up to ``end_s``, on the line from the last reading to now."""
        self._read_s = self._clock()
        readings = self._advance(end_s)
        for total in self._totals:
            for counter in total.counters:
                if counter.silent:
                    self.notes.add(
                        f"RAPL {counter.domain.name} stopped answering during the run: its "
                        "energy is a lower bound."
                    )
        return readings

    def _advance(self, end_s: float) -> list[Reading]:
        for total in self._totals:
            total.advance(self._read_s, end_s, self.notes)
        return [total.reading(self.notes) for total in self._totals]


def _by_device(domains: list[Domain], local: LocalProcessor) -> list[_Total]:
    """Return one device per package, and one per package's memory, with their domains."""
    processor = find_processor(local.reported_name)
    sockets = sorted({domain.socket for domain in domains})
    totals = []
    for socket in sockets:
        suffix = f" (package {socket})" if len(sockets) > 1 else ""
        for kind, name, tdp_w in (
            ("cpu", processor.name, processor.tdp_w if processor.match == "exact" else None),
            ("dram", "DRAM", None),
        ):
            own = [d for d in domains if (d.kind, d.socket) == (kind, socket)]
            if own:
                device = Device(
                    own[0].kind, name + suffix, None, "rapl", measured=True, tdp_w=tdp_w
                )
                totals.append(_Total(device, own))
    return totals
