"""NVIDIA GPUs through NVML: energy by the counter where there is one, else by power."""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING

from ocarbon_magic.meters.base import Device, MeterUnavailableError, Notes, Reading
from ocarbon_magic.meters.nvml.busy import BusyTime, BusyTimes
from ocarbon_magic.meters.nvml.by_counter import CounterEnergy
from ocarbon_magic.meters.nvml.by_power import PowerEnergy
from ocarbon_magic.meters.nvml.gpu import Gpu, list_gpus
from ocarbon_magic.meters.nvml.library import NvmlCallError, open_library
from ocarbon_magic.meters.nvml.sharing import sharing_note
from ocarbon_magic.meters.nvml.visible import Choice, selected, torch_uuids, visible
from ocarbon_magic.meters.signal.search import SPACING_S
from ocarbon_magic.meters.uncertainty import uncertainty_pct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ocarbon_magic.meters.signal.counter import Estimate

COUNTER_SHARE = 5e-4
"""All counters are read in between so rarely that it takes at most this share of a core."""

SHARING_S = 60.0
"""How often it is looked who else is on a GPU."""

WAIT_S = 0.02
"""How long the end may wait to learn whether a counter has just stepped."""


class Measured:
    """One GPU with the way it is measured, and the last that was said of it."""

    def __init__(self, gpu: Gpu, energy: CounterEnergy | PowerEnergy, device: Device) -> None:
        self.gpu = gpu
        self.energy = energy
        self.device = device
        self.busy = BusyTime(gpu)
        self.label = f"GPU {gpu.index}"
        self._reported_j: float | None = None
        self._estimate: Estimate | None = None
        self._last: Reading | None = None

    def reading(self, estimate: Estimate) -> Reading:
        """Return ``estimate`` as a reading; energy never goes down from one to the next."""
        trace = self.energy.trace
        busy_share = self.busy.share
        if self._last is not None and estimate is self._estimate:
            if busy_share != self._last.busy_share:
                self._last = self._last._replace(busy_share=busy_share)
            return self._last
        known = trace.power_w is not None or estimate.energy_j > 0.0
        if known:
            self._reported_j = max(self._reported_j or 0.0, estimate.energy_j)
        energy_j = self._reported_j
        self._estimate = estimate
        lost = self.gpu.lost
        self._last = Reading(
            self.device,
            energy_j=energy_j,
            power_w=None if lost else trace.power_w,
            max_power_w=trace.most_w if trace.power_w is not None else None,
            uncertainty_pct=(None if lost else uncertainty_pct("gpu", energy_j, estimate.error_j)),
            busy_share=busy_share,
        )
        return self._last


class NvmlMeter:
    """Measures NVIDIA GPUs.

    A GPU's counter is read at both ends, and its steps are learnt by some dozen readings in
    the first seconds, so that either end is known to a few milliseconds of the power there
    and not to a whole step. In between it is read once a second, or every 10 s where that
    loses energy. Without a counter, power is summed up: the sensor's own samples, else polled.

    The stated uncertainty is the root of the sum of the squares of what the steps leave open
    and of the sensor's gain error of 5 %, for the two have nothing to do with each other.

    Parameters
    ----------
    selection : str
        ``visible`` (what CUDA leaves visible), ``all``, or indices (as nvidia-smi counts),
        UUIDs, unique prefixes of them and MIG names, with commas between.
    clock : callable
        Seconds of a monotonic clock.
    environ : mapping
        The environment, for ``CUDA_VISIBLE_DEVICES``.
    wall : callable
        Seconds since 1970; some drivers stamp samples with it.
    sleep : callable
        Waits some seconds of ``clock``.

    Raises
    ------
    MeterUnavailableError
        If no GPU can be measured here.
    ValueError
        If the selection names a GPU that is not here.
    """

    def __init__(
        self,
        selection: str = "visible",
        *,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.notes = Notes()
        self._clock = clock
        self._wall = wall
        self._sleep = sleep
        self._shared_s = -math.inf
        gpus = self._find(selection, environ)
        self._measured = [found for gpu in gpus if (found := self._how(gpu)) is not None]
        if not self._measured:
            raise MeterUnavailableError(
                "The NVIDIA driver reports neither energy nor power for "
                f"{', '.join(f'GPU {gpu.index} ({gpu.name})' for gpu in gpus)}.",
                "See whether `nvidia-smi -q -d POWER` shows a power draw.",
            )
        self._counters = [m.energy for m in self._measured if isinstance(m.energy, CounterEnergy)]
        self._busy = BusyTimes([measured.busy for measured in self._measured], clock)
        self._seeking = False
        self._look_for_others()

    def describe(self) -> Sequence[Device]:
        """Return the GPUs, in NVML's order."""
        return [measured.device for measured in self._measured]

    def start(self) -> None:
        """Take the first readings; energy counts from the return of this."""
        for measured in self._measured:
            measured.energy.start()
        now_s = self._clock()
        for measured in self._measured:
            measured.energy.begin(now_s)
        self._busy.begin(now_s)
        self._begin_searches(now_s)

    def due_s(self) -> float | None:
        """Return when the next reading is wanted."""
        due = [self._busy.due_s(), *(measured.energy.due_s() for measured in self._measured)]
        return min((wish for wish in due if wish is not None), default=None)

    def read(self) -> Sequence[Reading]:
        """Return the energies so far, which no later one is below."""
        now_s = self._clock()
        for measured in self._measured:
            measured.energy.read(now_s)
            self._tell_if_lost(measured)
        self._busy.read(now_s)
        if self._seeking:
            self._begin_searches(now_s)
        if now_s - self._shared_s >= SHARING_S:
            self._look_for_others()
        return [m.reading(m.energy.so_far()) for m in self._measured]

    def stop(self, end_s: float) -> Sequence[Reading]:
        """Take the last readings, for the energy up to ``end_s``."""
        for measured in self._measured:
            measured.energy.read_last()
            self._tell_if_lost(measured)
        self._wait_for_steps()
        self._busy.read_last(end_s)  # after all that the energy hangs on
        return [m.reading(m.energy.until(end_s)) for m in self._measured]

    def _wait_for_steps(self) -> None:
        """Read again those whose counter was read so near to a step that it may be missing."""
        now_s = self._clock()
        waiting = [
            (measured.energy, settled_s)
            for measured in self._measured
            if (settled_s := measured.energy.settled_at()) is not None
            and settled_s - now_s < WAIT_S
        ]
        if waiting:
            until_s = max(settled_s for _, settled_s in waiting)
            self._sleep(max(until_s - self._clock(), 0.0))
            for energy, _ in waiting:
                energy.read_last()

    def _begin_searches(self, now_s: float) -> None:
        """Let as many counters at a time seek their steps as can be read within the spacing."""
        cpu_s = sum(counter.cpu_cost_s for counter in self._counters)
        budget_s, self._seeking = SPACING_S, False
        for counter in self._counters:
            counter.rarely_s = cpu_s / COUNTER_SHARE
            search = counter.search
            if search is None or (search.begun and not search.probing(now_s)):
                continue
            self._seeking = True
            if not search.begun:
                if budget_s < min(counter.cost_s, SPACING_S):
                    return
                counter.begin_search(now_s)
            budget_s -= counter.cost_s

    def _look_for_others(self) -> None:
        self._shared_s = self._clock()
        for measured in self._measured:
            note = sharing_note(measured.label, measured.gpu.process_ids())
            if note is not None:
                self.notes.add(note)

    def _tell_if_lost(self, measured: Measured) -> None:
        if measured.gpu.lost:
            self.notes.add(
                f"{measured.label} stopped answering during the run; its energy is a lower bound."
            )

    def _find(self, selection: str, environ: Mapping[str, str]) -> list[Gpu]:
        library = open_library()
        try:
            gpus = list_gpus(library, self.notes, self._clock)
        except NvmlCallError as error:
            raise MeterUnavailableError(
                f"NVML does not say which GPUs there are (error {error.code}).",
                "See whether `nvidia-smi` works; in a container, restart the container.",
            ) from None
        if not gpus:
            refused = self.notes.lines[0] if self.notes.lines else None
            raise MeterUnavailableError(
                refused or "The NVIDIA driver shows no GPU here.",
                "See what `nvidia-smi -L` lists; in a container or a job, ask for a GPU.",
            )
        choice = _choose(gpus, selection.strip(), environ)
        if choice.note is not None:
            self.notes.add(choice.note)
        if not choice.indices:
            raise MeterUnavailableError(
                f"CUDA_VISIBLE_DEVICES={environ.get('CUDA_VISIBLE_DEVICES', '')} hides every "
                "GPU from this notebook.",
                "Give `--devices all` to measure them all the same.",
            )
        return [gpu for gpu in gpus if gpu.index in choice.indices]

    def _how(self, gpu: Gpu) -> Measured | None:
        """Return how a GPU is measured, with a note on what its figure means."""
        label = f"GPU {gpu.index}"
        limit_w = gpu.limit_w()
        energy: CounterEnergy | PowerEnergy
        if gpu.energy_j() is not None:
            energy = CounterEnergy(gpu, label, clock=self._clock, notes=self.notes, limit_w=limit_w)
        elif gpu.power_w() is not None:
            energy = PowerEnergy(gpu, clock=self._clock, wall=self._wall)
            self.notes.add(f"{label} has no energy counter; its energy is summed from its power.")
        else:
            self.notes.add(f"{label} is not measured: it reports neither energy nor power.")
            return None
        if gpu.mig:
            self.notes.add(
                f"{label} is split into MIG instances, which have no meter of their own: its "
                "energy is the whole GPU's."
            )
        if gpu.is_superchip():
            self.notes.add(
                f"{label} is half of a Grace superchip: its energy is that of the GPU's scope, in "
                "which the driver may count part of the CPU and its memory."
            )
        device = Device(
            kind="gpu",
            name=gpu.name,
            uuid=gpu.uuid,
            method=energy.method,
            measured=True,
            tdp_w=limit_w,
        )
        return Measured(gpu, energy, device)


def _choose(gpus: Sequence[Gpu], selection: str, environ: Mapping[str, str]) -> Choice:
    if selection == "all":
        return Choice(tuple(gpu.index for gpu in gpus))
    if selection != "visible":
        return selected(gpus, selection)

    def in_use() -> set[int]:
        return {gpu.index for gpu in gpus if os.getpid() in (gpu.process_ids() or ())}

    return visible(gpus, environ, in_use, torch_uuids)
