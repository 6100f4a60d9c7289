"""One GPU as NVML shows it: what it is, and what it reads, each call asked as long as it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocarbon_magic.meters.nvml.library import INSUFFICIENT_SIZE, NOT_FOUND, NvmlCallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.meters.base import Notes
    from ocarbon_magic.meters.nvml.library import Library

ENERGY_FIELD = 83
POWER_INSTANT_FIELD = 186
POWER_SAMPLES = 0
GPU_SCOPE = 0
SAMPLE_TRIES = 3

LOST_S = 3.0
"""A GPU that answers with errors alone for so long is given up."""

_FIELD_MEMBERS = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")


class Gpu:
    """A whole GPU. Readings are None when they cannot be had.

    Attributes
    ----------
    index : int
        NVML's number, which is nvidia-smi's.
    uuid, name : str
    instances : tuple of str
        UUIDs of its MIG instances; empty when they cannot be listed.
    mig : bool
        Whether it is split into MIG instances.
    lost : bool
        It stopped answering, and is not asked again.
    """

    def __init__(self, library: Library, index: int, clock: Callable[[], float]) -> None:
        self._library = library
        self._clock = clock
        self._handle = library.call("nvmlDeviceGetHandleByIndex", index)
        self.index = index
        self.uuid: str = library.call("nvmlDeviceGetUUID", self._handle)
        self.name: str = library.call("nvmlDeviceGetName", self._handle)
        self.mig = self._in_mig_mode()
        self.instances = self._instances() if self.mig else ()
        self.lost = False
        self._failing_since_s: float | None = None
        self._energy_ways: list[Callable[[], float | None]] = [
            lambda: self._milli("nvmlDeviceGetTotalEnergyConsumption"),
            lambda: self._field(ENERGY_FIELD),
        ]
        self._power_ways: list[Callable[[], float | None]] = [
            lambda: self._field(POWER_INSTANT_FIELD),
            lambda: self._milli("nvmlDeviceGetPowerUsage"),
        ]
        self._has_samples = True
        self._has_processes = True
        self._tells_busy = not self.mig  # a split GPU has no utilisation of its own

    def energy_j(self) -> float | None:
        """Return the energy counter in joules; its zero means nothing."""
        return self._ask(self._energy_ways)

    def power_w(self) -> float | None:
        """Return the power now: the newest reading where it has that, else GetPowerUsage.

        A board that answers draws something, so a zero is a reading that failed.
        """
        return self._ask(self._power_ways) or None

    @property
    def power_is_instant(self) -> bool:
        """Whether `power_w` is the newest reading, and not perhaps a mean over 1 s."""
        return len(self._power_ways) > 1

    def limit_w(self) -> float | None:
        """Return the least of all power limits, in watts."""
        try:
            return self._milli("nvmlDeviceGetEnforcedPowerLimit") or None
        except NvmlCallError:
            return None

    @property
    def tells_busy(self) -> bool:
        """Whether it is worth asking for `busy_share`."""
        return self._tells_busy and not self.lost

    def busy_share(self) -> float | None:
        """Return the share of its last sample period, 1/6 to 1 s, in which it ran a kernel."""
        if not self.tells_busy:
            return None
        try:
            percent = self._call("nvmlDeviceGetUtilizationRates").gpu
        except NvmlCallError as error:
            self._tells_busy = not error.absent
            return None
        return min(int(percent) / 100, 1.0)

    def samples(self, since_us: int) -> list[tuple[int, float]] | None:
        """Return the buffered power readings after ``since_us`` as (wall clock µs, watts).

        None where the GPU keeps no such buffer.
        """
        if self.lost or not self._has_samples:
            return None
        try:
            kind, rows = self._sample_rows(since_us)
        except NvmlCallError as error:
            if error.code == NOT_FOUND:
                return []
            self._has_samples = not error.absent
            self._failed(error)
            return [] if self._has_samples else None
        self._failing_since_s = None
        member = _FIELD_MEMBERS[kind]
        read = ((int(row.timeStamp), getattr(row.sampleValue, member) / 1e3) for row in rows)
        return [(stamp, watts) for stamp, watts in read if watts > 0.0]

    def _sample_rows(self, since_us: int) -> tuple[int, Any]:
        for _ in range(SAMPLE_TRIES - 1):
            try:
                return self._ask_for_samples(since_us)
            except NvmlCallError as error:
                if error.code != INSUFFICIENT_SIZE:  # one came between counting and fetching
                    raise
        return self._ask_for_samples(since_us)

    def _ask_for_samples(self, since_us: int) -> tuple[int, Any]:
        kind, rows = self._call("nvmlDeviceGetSamples", POWER_SAMPLES, since_us)
        return kind, rows

    def process_ids(self) -> set[int] | None:
        """Return the PIDs that compute on the GPU, in whichever namespace the driver has."""
        if self.lost or not self._has_processes:
            return None
        try:
            rows = self._call("nvmlDeviceGetComputeRunningProcesses")
        except NvmlCallError as error:
            self._has_processes = not error.absent
            return None
        return {int(row.pid) for row in rows}

    def is_superchip(self) -> bool:
        """Tell whether it is one half of a Grace superchip."""
        try:
            mode = self._call("nvmlDeviceGetC2cModeInfoV")
        except NvmlCallError:
            return False
        return bool(getattr(mode, "isC2cEnabled", mode))

    def _call(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - as the binding has it
        return self._library.call(name, self._handle, *arguments)

    def _ask(self, ways: list[Callable[[], float | None]]) -> float | None:
        while ways and not self.lost:
            try:
                value = ways[0]()
            except NvmlCallError as error:
                if error.absent:
                    del ways[0]
                    continue
                self._failed(error)
                return None
            self._failing_since_s = None
            return value
        return None

    def _failed(self, error: NvmlCallError) -> None:
        now_s = self._clock()
        if self._failing_since_s is None:
            self._failing_since_s = now_s
        self.lost = error.gone or now_s - self._failing_since_s > LOST_S

    def _milli(self, name: str) -> float:
        return float(self._call(name)) / 1e3

    def _field(self, field_id: int) -> float:
        (field,) = self._call("nvmlDeviceGetFieldValues", [(field_id, GPU_SCOPE)])
        if field.nvmlReturn:  # the call can succeed and its value fail
            raise NvmlCallError(int(field.nvmlReturn))
        return float(getattr(field.value, _FIELD_MEMBERS[field.valueType])) / 1e3

    def _in_mig_mode(self) -> bool:
        try:
            current, _pending = self._call("nvmlDeviceGetMigMode")
        except NvmlCallError:
            return False
        return bool(current)

    def _instances(self) -> tuple[str, ...]:
        found = []
        try:
            slots = self._call("nvmlDeviceGetMaxMigDeviceCount")
        except NvmlCallError:
            return ()
        for slot in range(slots):
            try:
                handle = self._call("nvmlDeviceGetMigDeviceHandleByIndex", slot)
                found.append(self._library.call("nvmlDeviceGetUUID", handle))
            except NvmlCallError:  # an empty slot, or no right to look
                continue
        return tuple(found)


def list_gpus(library: Library, notes: Notes, clock: Callable[[], float]) -> list[Gpu]:
    """Return the GPUs that answer, in NVML's order; the others are named in ``notes``."""
    gpus = []
    for index in range(library.call("nvmlDeviceGetCount")):
        try:
            gpus.append(Gpu(library, index, clock))
        except NvmlCallError as error:
            why = "it is lost until it is reset" if error.gone else "NVML refuses it"
            notes.add(f"GPU {index} is not measured: {why} (error {error.code}).")
    return gpus
