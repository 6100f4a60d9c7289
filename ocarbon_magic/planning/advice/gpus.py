"""The GPUs of a run, those that worked and those that did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.counting import count_of
from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.planning.whatif.arithmetic import WAITING
from ocarbon_magic.planning.whatif.basis import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.run import DeviceReading, Run

IDLE_BUSY = 0.05
"""A GPU that ran kernels for a smaller share of the time is idle: a screen, or the tool that
watches it, takes that much."""

WORKING_BUSY = 0.25
"""... if another one worked for more than this, so that there was work at all."""

IDLE_POWER = WAITING
"""Where the time is not told: a GPU of the same kind that drew a smaller share of the busiest
one's power is idle, for cards that only wait for others draw that much (see `WAITING`)."""

WORKING_POWER = 0.5
"""... if the busiest one drew more than this share of its limit."""


class Gpu(NamedTuple):
    """One GPU of a run, or several that the record has together; what is not known is None.

    ``energy_j`` is that of all ``number`` of them, ``power_w`` and ``limit_w`` are of each.
    """

    name: str
    uuid: str | None
    part: Accelerator | None
    energy_j: float | None
    busy: float | None
    power_w: float | None
    limit_w: float | None
    number: int = 1

    @property
    def load(self) -> float | None:
        """Mean power as a share of its limit."""
        if self.power_w is None or not self.limit_w:
            return None
        return self.power_w / self.limit_w


@dataclass(frozen=True, slots=True)
class Gpus:
    """The GPUs of a run.

    Attributes
    ----------
    working, idle : tuple of Gpu
    energy_share : float
        Share of all GPUs in the run's energy, 0 to 1.
    """

    working: tuple[Gpu, ...]
    idle: tuple[Gpu, ...]
    energy_share: float

    @property
    def there_are(self) -> bool:
        """Whether the run used any."""
        return bool(self.working or self.idle)

    @property
    def working_count(self) -> int:
        """How many worked."""
        return sum(gpu.number for gpu in self.working)

    @property
    def idle_count(self) -> int:
        """How many did not, while others did."""
        return sum(gpu.number for gpu in self.idle)

    @property
    def busy(self) -> float | None:
        """Mean share of the time in which those that worked did; None where not all tell."""
        return _mean([(gpu.busy, gpu.number) for gpu in self.working])

    @property
    def load(self) -> float | None:
        """Mean power of those that worked as a share of the limit."""
        return _mean([(gpu.load, gpu.number) for gpu in self.working])

    @property
    def part(self) -> Accelerator | None:
        """What they are, if all that worked are of one kind that is known."""
        names = {gpu.part.name if gpu.part else None for gpu in self.working}
        return self.working[0].part if len(names) == 1 else None


def gpus_of(run: Run) -> Gpus:
    """Return the GPUs of a run."""
    found = [_gpu(device) for device in run.devices if device.kind == "gpu"]
    idle = tuple(gpu for gpu in found if _is_idle(gpu, found))
    total_j = sum(quantity(device.energy_j) or 0.0 for device in run.devices)
    own_j = sum(gpu.energy_j or 0.0 for gpu in found)
    return Gpus(
        working=tuple(gpu for gpu in found if gpu not in idle),
        idle=idle,
        energy_share=own_j / total_j if total_j > 0.0 else 0.0,
    )


def _gpu(device: DeviceReading) -> Gpu:
    part = find_accelerator(str(device.name))
    busy = quantity(device.busy_share)
    limit_w, power_w = quantity(device.power_limit_w), quantity(device.mean_power_w)
    count = count_of(device)
    return Gpu(
        name=str(device.name),
        uuid=device.uuid,
        part=part,
        energy_j=quantity(device.energy_j),
        busy=busy if busy is not None and busy <= 1.0 else None,
        power_w=None if power_w is None else power_w / count,
        limit_w=limit_w or (part.tdp_w if part else None),
        number=count,
    )


def _is_idle(gpu: Gpu, all_gpus: Sequence[Gpu]) -> bool:
    others = [other for other in all_gpus if other is not gpu]
    if gpu.busy is not None:
        most = max((other.busy or 0.0 for other in others), default=0.0)
        return gpu.busy < IDLE_BUSY and most > WORKING_BUSY
    if gpu.power_w is None:
        return False
    alike = [o for o in others if o.name == gpu.name and (o.load or 0.0) > WORKING_POWER]
    return any(gpu.power_w < IDLE_POWER * (other.power_w or 0.0) for other in alike)


def _mean(counted: Sequence[tuple[float | None, int]]) -> float | None:
    """Return the mean of values that so many GPUs have each; None where not all are known."""
    known = [(value, count) for value, count in counted if value is not None]
    if not known or len(known) < len(counted):
        return None
    return sum(value * count for value, count in known) / sum(count for _, count in known)
