"""Which rank this process is, of a training that several processes make together."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAUNCHERS = (
    ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    (
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE",
    ),
)
"""What launchers tell their processes in the environment: torchrun's names, and Open MPI's."""

_MEETING = ("TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT")
"""What processes of one launch have in common."""


class ProcessRank(NamedTuple):
    """A process among those that train together.

    Attributes
    ----------
    rank, world : int or None
        Its number, and how many there are; None if it trains alone, as far as is known.
    local_rank : int or None
        Its number among those of this machine, None where nobody says.
    launch : str
        The same for all that were launched together.
    """

    rank: int | None = None
    world: int | None = None
    local_rank: int | None = None
    launch: str = ""

    @property
    def leads(self) -> bool:
        """Whether its steps are told: it trains alone, or as the first of this machine."""
        return self.rank in (None, 0) or self.local_rank == 0

    @property
    def name(self) -> str:
        """What a person would call it."""
        return "another process" if self.rank is None else f"rank {self.rank} of {self.world}"


def process_rank(environ: Mapping[str, str]) -> ProcessRank:
    """Return the rank of this process: as its launcher said, else as PyTorch knows it.

    A world of one is none: its rank may be that of a program around.
    """
    launch = "|".join(environ.get(name, "") for name in _MEETING)
    for rank, world, local_rank, _ in _LAUNCHERS:
        number, size = _number(environ.get(rank)), _number(environ.get(world))
        if number is not None and size is not None and size > 1:
            return ProcessRank(number, size, _number(environ.get(local_rank)), launch)
    number, size = _distributed()
    return ProcessRank(number, size, None, launch) if size and size > 1 else ProcessRank()


def measured_by_another(environ: Mapping[str, str]) -> str | None:
    """Return how this process is called, if another one of its launch measures this machine.

    Of the processes of one launch on a machine, that of local rank 0 measures: each of them
    would measure the same devices.
    """
    for *_, local_rank, local_world in _LAUNCHERS:
        number, size = _number(environ.get(local_rank)), _number(environ.get(local_world))
        if number and size and size > 1:
            return f"local rank {number} of {size}"
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None


def _distributed() -> tuple[int | None, int | None]:
    """Return rank and size of PyTorch's process group, if this process is in one."""
    distributed = sys.modules.get("torch.distributed")
    try:
        if distributed is None or not distributed.is_available():
            return None, None
        if not distributed.is_initialized():
            return None, None
        return int(distributed.get_rank()), int(distributed.get_world_size())
    except Exception:  # noqa: BLE001 - it may be half imported, or just end
        return None, None
