"""Which GPUs are the cell's: a selection by hand, or what CUDA leaves visible.

NVML shows every GPU and numbers them by PCI bus; CUDA hides and renumbers. The two agree on
UUIDs alone. Trusted in this order: what a framework that already runs on the GPUs says; UUIDs
and MIG names in ``CUDA_VISIBLE_DEVICES``; the GPUs that list our process; bare numbers.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

VARIABLE = "CUDA_VISIBLE_DEVICES"
ORDER = "CUDA_DEVICE_ORDER"


class Named(Protocol):
    """A GPU, as far as choosing goes."""

    @property
    def index(self) -> int:
        """NVML's number."""

    @property
    def uuid(self) -> str:
        """The whole GPU's UUID."""

    @property
    def name(self) -> str:
        """The product's name."""

    @property
    def instances(self) -> tuple[str, ...]:
        """UUIDs of the MIG instances."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices of the chosen GPUs, in NVML's numbers, and what should be said about it."""

    indices: tuple[int, ...]
    note: str | None = None


def selected(gpus: Sequence[Named], selection: str) -> Choice:
    """Return the GPUs that ``selection`` names: indices, UUIDs, their prefixes, MIG names.

    Raises
    ------
    ValueError
        If an entry names no GPU, or more than one.
    """
    indices: set[int] = set()
    for entry in (part.strip() for part in selection.split(",")):
        found = {int(entry)} if entry.isdigit() else _by_name(gpus, entry)
        matches = [gpu.index for gpu in gpus if gpu.index in found]
        if len(matches) != 1:
            many = "fits several" if matches else "is none"
            here = ", ".join(f"{gpu.index} ({gpu.name}, {gpu.uuid})" for gpu in gpus)
            raise ValueError(f"`{entry}` {many} of the GPUs here: {here}.")
        indices.add(matches[0])
    return _chosen(indices)


def visible(
    gpus: Sequence[Named],
    environ: Mapping[str, str],
    in_use: Callable[[], set[int]],
    in_framework: Callable[[], Sequence[str]],
) -> Choice:
    """Return the GPUs that CUDA lets this process use.

    Parameters
    ----------
    gpus : sequence
        All GPUs, in NVML's order.
    environ : mapping
        The environment.
    in_use : callable
        Returns the indices of the GPUs that list this process.
    in_framework : callable
        Returns the UUIDs of the GPUs that a running framework sees; empty when none runs.
    """
    named = [_by_uuid(gpus, uuid) for uuid in in_framework()]
    if named and all(len(found) == 1 for found in named):
        return _chosen(set().union(*named))
    variable = environ.get(VARIABLE)
    if variable is None:
        return _chosen(gpu.index for gpu in gpus)
    entries = [entry.strip() for entry in variable.split(",")]
    if _number(entries[0]) is None:
        return _listed_by_name(gpus, entries)
    return _listed_by_number(gpus, entries, environ, in_use)


def _chosen(indices: Iterable[int], note: str | None = None) -> Choice:
    return Choice(tuple(sorted(set(indices))), note)


def torch_uuids() -> list[str]:
    """Return the UUIDs of torch's GPUs if torch is loaded and already runs on them."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    try:
        if cuda is None or not cuda.is_initialized():
            return []
        return [str(cuda.get_device_properties(i).uuid) for i in range(cuda.device_count())]
    except Exception:  # noqa: BLE001 - whatever torch raises, there are other ways to know
        return []


def _number(entry: str) -> int | None:
    """Return the number that ``entry`` begins with, which is all that CUDA reads of it."""
    match = re.match(r"\+?(\d+)", entry)
    return int(match[1]) if match else None


def _numbers(entries: list[str], count: int) -> list[int]:
    """Return the numbers up to the first entry that is not a GPU's; a repeat hides all."""
    numbers: list[int] = []
    for entry in entries:
        number = _number(entry)
        if number is None or number >= count:
            break
        if number in numbers:
            return []
        numbers.append(number)
    return numbers


def _listed_by_number(
    gpus: Sequence[Named],
    entries: list[str],
    environ: Mapping[str, str],
    in_use: Callable[[], set[int]],
) -> Choice:
    """Return the GPUs that CUDA's numbers mean: NVML's, if both count alike."""
    numbers = _numbers(entries, len(gpus))
    if len(numbers) in {0, len(gpus)}:
        return _chosen(gpus[number].index for number in numbers)
    alike = environ.get(ORDER) == "PCI_BUS_ID" or len({gpu.name for gpu in gpus}) == 1
    listed = {gpus[number].index for number in numbers}
    used = in_use()
    if alike and used <= listed:
        return _chosen(listed)
    if used:  # the variable was changed after CUDA had started, or counts otherwise
        return _chosen(used)
    if alike:
        return _chosen(listed)
    return _chosen(
        (gpu.index for gpu in gpus),
        f"{VARIABLE}={','.join(entries)} counts the GPUs fastest first, and these differ, so "
        f"all {len(gpus)} are measured; set {ORDER}=PCI_BUS_ID or give `--devices`.",
    )


def _listed_by_name(gpus: Sequence[Named], entries: list[str]) -> Choice:
    """Return the GPUs that UUIDs, prefixes of them or MIG names mean, up to the first wrong."""
    indices: list[int] = []
    for i, entry in enumerate(entries):
        if entry in entries[:i]:
            return _chosen(())
        found = _by_name(gpus, entry)
        if len(found) != 1:
            if entry.startswith("MIG-") and not any(gpu.instances for gpu in gpus):
                return _unknown_instance(gpus, entry)
            break
        indices += found
    return _chosen(indices)


def _unknown_instance(gpus: Sequence[Named], entry: str) -> Choice:
    note = f"NVML does not say on which GPU {entry} is, so all {len(gpus)} are measured."
    return _chosen((gpu.index for gpu in gpus), note if len(gpus) > 1 else None)


def _by_name(gpus: Sequence[Named], entry: str) -> set[int]:
    """Return the GPUs whose UUID begins with ``entry``, or the parents of a MIG name."""
    entry = entry.lower()
    if entry.startswith("mig-gpu-"):  # MIG-GPU-<uuid>/<gpu instance>/<compute instance>
        entry = entry.removeprefix("mig-").partition("/")[0]
    if not entry.startswith(("gpu-", "mig-")):
        return set()
    return {
        gpu.index
        for gpu in gpus
        for uuid in (gpu.uuid, *gpu.instances)
        if uuid.lower().startswith(entry)
    }


def _by_uuid(gpus: Sequence[Named], uuid: str) -> set[int]:
    """Return the GPU with ``uuid``, given with or without its ``GPU-`` or ``MIG-``."""
    bare = uuid.lower().removeprefix("gpu-").removeprefix("mig-")
    return {
        gpu.index
        for gpu in gpus
        for known in (gpu.uuid, *gpu.instances)
        if known.lower().partition("-")[2] == bare
    }
