"""Energy of the processor, estimated from CPU time where no counter can be read."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.hardware import find_processor, local_processor
from ocarbon_magic.meters.base import Device, Notes, Reading
from ocarbon_magic.meters.cgroup import usable_cpus
from ocarbon_magic.meters.processes import ProcessTree, processes_of_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.hardware import LocalProcessor, Processor
    from ocarbon_magic.meters.processes import ProcessTable

LOOK_S = 2.0
"""Least seconds between two looks for new child processes; power is the mean between them."""

LOOK_SHARE = 2e-4
"""Most of the time, as a share, that looking for child processes may take."""

POWER_SPAN_S = 0.1
"""Shortest span to take a power over; the clock ticks of 10 ms would show in a shorter one."""

MODEL_PCT = 50.0
"""Uncertainty of charging CPU time at its share of the TDP, the processor being known.

A package at full load draws some 70 to 100 % of its TDP, while one busy CPU of an idle
package draws more than its share, and idle power is charged to nobody.
"""

CORE_W, CORE_SPREAD_PCT = 8.3, 75.0
"""Watts per core of a processor whose cores nobody tells: the median of the table, and half
the width of its middle 80 %."""


class _Point(NamedTuple):
    """CPU seconds counted at a time of the clock."""

    at_s: float
    cpu_s: float


class CpuEstimateMeter:
    """CPU time of this process and its descendants, at the processor's watts per CPU.

    Watts per logical CPU are the TDP of a package over its logical CPUs. On bare metal the
    system tells how many those are. A virtual machine shows only its own, so there they
    are the cores of the model (else of its family, else of a typical processor) with two
    threads each, on Arm one.

    Parameters
    ----------
    clock : callable
        Seconds of a monotonic clock.
    processes : ProcessTable, optional
        Where CPU times come from.
    local : LocalProcessor, optional
        The processor; by default this machine's.
    cpus : float, optional
        How many CPUs may be used at once; no reading claims more.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        processes: ProcessTable | None = None,
        local: LocalProcessor | None = None,
        cpus: float | None = None,
    ) -> None:
        self._clock = clock
        self._tree = ProcessTree(processes or processes_of_run())
        self._cpus = usable_cpus() if cpus is None else cpus
        local = local or local_processor()
        processor = find_processor(local.reported_name)
        self._package_cpus, self._uncertainty_pct = rate(processor, local)
        self._cpu_w = processor.tdp_w / self._package_cpus
        self._device = Device(
            kind="cpu",
            name=processor.name,
            uuid=None,
            method="cpu-estimate",
            measured=False,
            tdp_w=processor.tdp_w if processor.match == "exact" else None,
        )
        self.notes = Notes()
        if processor.match == "default":
            self.notes.add(
                f"The processor ({processor.name}) does not tell its model, so its energy is "
                f"estimated at {self._cpu_w:.1f} W per busy CPU, as of a typical one."
            )
        self._start = self._last = self._look = _Point(0.0, 0.0)
        self._next_look_s = 0.0
        self._power_w: float | None = None
        self._max_power_w: float | None = None

    def describe(self) -> list[Device]:
        """Return the processor."""
        return [self._device]

    def due_s(self) -> None:
        """Leave the pace to the recorder: CPU times are counters and lose nothing."""

    def start(self) -> None:
        """Find the processes and count their CPU time from here."""
        self._look_for_processes()
        start_s = self._clock()
        self._start = _Point(start_s, self._tree.cpu_s())
        self._last = self._look = _Point(start_s, 0.0)

    def read(self) -> list[Reading]:
        """Return the estimate since `start`."""
        now = self._clock()
        return self._count(now, now, look=now >= self._next_look_s)

    def stop(self, end_s: float) -> list[Reading]:
        """Return the estimate up to ``end_s``, on the line from the last reading to now."""
        return self._count(self._clock(), end_s, look=True)

    def _count(self, now_s: float, end_s: float, *, look: bool) -> list[Reading]:
        tree_cpu_s = self._look_for_processes() if look else self._tree.cpu_s()
        cpu_s = tree_cpu_s - self._start.cpu_s
        last = self._last
        if last.at_s < now_s and end_s < now_s:
            share = max(end_s - last.at_s, 0.0) / (now_s - last.at_s)
            now_s, cpu_s = max(end_s, last.at_s), last.cpu_s + share * (cpu_s - last.cpu_s)
        cpu_s = min(cpu_s, self._cpus * (now_s - self._start.at_s))
        self._last = _Point(now_s, max(cpu_s, last.cpu_s))
        self._set_power(look=look)
        reading = Reading(
            device=self._device,
            energy_j=self._last.cpu_s * self._cpu_w,
            power_w=self._power_w,
            max_power_w=self._max_power_w,
            uncertainty_pct=self._uncertainty_pct,
            busy_s=self._last.cpu_s / self._package_cpus,
        )
        return [reading]

    def _look_for_processes(self) -> float:
        began_s = time.perf_counter()
        cpu_s = self._tree.cpu_s(look=True)
        cost_s = time.perf_counter() - began_s
        self._next_look_s = self._clock() + max(LOOK_S, cost_s / LOOK_SHARE)
        return cpu_s

    def _set_power(self, *, look: bool) -> None:
        """Set the mean power since the last look.

        A process first seen now ran at some time since then: over any shorter span its
        CPU time would show as a burst that never was.
        """
        span_s = self._last.at_s - self._look.at_s
        if (look and span_s >= POWER_SPAN_S) or (span_s > 0 and self._power_w is None):
            busy_cpus = min((self._last.cpu_s - self._look.cpu_s) / span_s, self._cpus)
            self._power_w = busy_cpus * self._cpu_w
            self._max_power_w = max(self._power_w, self._max_power_w or 0.0)
        if look:
            self._look = self._last


def rate(processor: Processor, local: LocalProcessor) -> tuple[float, float]:
    """Return the logical CPUs of a package and the uncertainty of their watts, per cent.

    The uncertainty is `MODEL_PCT` and, in quadrature, half the range in which the TDP of
    a processor not known by its name may lie.
    """
    spread_pct = 50 * (processor.tdp_high_w - processor.tdp_low_w) / processor.tdp_w
    if local.package_cpus is not None:
        cpus = float(local.package_cpus)
    elif processor.cores is not None:
        cpus = float(processor.cores * local.threads_per_core)
    else:
        cpus = processor.tdp_w / CORE_W * local.threads_per_core
        spread_pct = CORE_SPREAD_PCT
    return cpus, math.hypot(MODEL_PCT, spread_pct)
