"""Which GPUs a package means by ``CUDA_VISIBLE_DEVICES``, where it measures no energy."""

# ruff: noqa: PLC0415 - a package can be imported in its own environment only
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def visible(package: str) -> Iterator[dict[str, Any]]:
    """Tell the numbers of the GPUs that nvitop takes for visible."""
    if package != "nvitop":
        raise ValueError(f"{package} is asked for its energy instead.")
    from nvitop import Device

    devices = Device.from_cuda_visible_devices()
    yield {"indices": sorted({_number(device.physical_index) for device in devices})}


def _number(index: int | tuple[int, int]) -> int:
    return index[0] if isinstance(index, tuple) else index
