"""Throughput in floating point operations, and as a share of what the devices could do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.conversions import FLOP_PER_TFLOP
from ocarbon_magic.counting import devices_in
from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.run import Throughput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.hardware import Accelerator
    from ocarbon_magic.run import DeviceReading

_PEAKS = {
    "fp32": "fp32_tflops",
    "tf32": "tf32_tflops",
    "fp16": "fp16_tflops",
    "bf16": "fp16_tflops",
    "fp8": "fp8_tflops",
}


def throughput(
    flop_per_s: float,
    precision: str | None,
    device_count: int | None,
    devices: Iterable[DeviceReading],
) -> Throughput:
    """Return a throughput per device, and its share of the peak where that is known.

    Parameters
    ----------
    flop_per_s : float
        FLOP per second of the whole run.
    precision : str or None
        What most FLOP are made in: fp32, tf32, fp16, bf16 or fp8; None if not known.
    device_count : int or None
        Devices that share the work; None for all GPUs of the run.
    devices : iterable of DeviceReading
        The devices of the run.

    Returns
    -------
    Throughput
        ``utilisation`` is model FLOP utilisation: FLOP of the model over the dense peak.
    """
    gpus = [device for device in devices if device.kind == "gpu"]
    per_device = flop_per_s / FLOP_PER_TFLOP / (device_count or devices_in(gpus) or 1)
    parts = {find_accelerator(gpu.name) for gpu in gpus}
    peak_tflops = _peak(parts.pop(), precision) if len(parts) == 1 else None
    return Throughput(
        tflops_per_device=per_device,
        utilisation=per_device / peak_tflops if peak_tflops else None,
    )


def _peak(part: Accelerator | None, precision: str | None) -> float | None:
    column = _PEAKS.get(precision or "")
    return None if part is None or column is None else getattr(part, column)
