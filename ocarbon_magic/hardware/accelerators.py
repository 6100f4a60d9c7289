"""Accelerators by the name that their driver reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ocarbon_magic.tables import number, rows

_MARKS = re.compile(r"\((?:r|tm)\)")
_PREFIX = re.compile(r"^(?:nvidia )?(?:geforce )?")


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One accelerator, as NVML or its kin shows it; a figure not known is None.

    Attributes
    ----------
    name, device_class, arch : str
        ``device_class`` is datacenter, workstation, consumer, mobile, desktop, soc,
        tpu or asic.
    tdp_w : float or None
        Power limit of the board in watts; on GH200, GB10 and MI300A with its processor.
    fp32_tflops, tf32_tflops, fp16_tflops, fp8_tflops : float or None
        Dense peaks in TFLOP/s; fp16 stands for bf16 too, with fp32 accumulation.
    memory_gb, memory_bandwidth_gb_per_s : float or None
        Memory in GB, and its bandwidth in GB/s.
    energy_counter : bool or None
        Whether the device counts its own energy.
    log10_alpha, log10_alpha_family : tuple of float or None
        Low and high log10 of the throughput model's alpha, from OpenCarbonEval: of this
        part (its ``model_emission.csv``) and of its family (its Table 1).
    """

    name: str
    device_class: str
    arch: str
    tdp_w: float | None
    fp32_tflops: float | None
    tf32_tflops: float | None
    fp16_tflops: float | None
    fp8_tflops: float | None
    memory_gb: float | None
    memory_bandwidth_gb_per_s: float | None
    energy_counter: bool | None
    log10_alpha: tuple[float, float] | None
    log10_alpha_family: tuple[float, float] | None


def find_accelerator(reported_name: str) -> Accelerator | None:
    """Return the accelerator of that name or alias, or None.

    Case and the prefixes ``NVIDIA`` and ``GeForce`` do not matter; all else does, for
    "RTX 4090" is a part of "RTX 4090 Laptop GPU", and a MIG slice or a virtual GPU is
    not the board whose name it bears.
    """
    return _by_key().get(_key(reported_name))


@cache
def accelerators() -> tuple[Accelerator, ...]:
    """Return every accelerator of the table, in its order."""
    return tuple(_accelerator(row) for row in rows("accelerators"))


@cache
def _by_key() -> dict[str, Accelerator]:
    keys: dict[str, Accelerator] = {}
    for row, accelerator in zip(rows("accelerators"), accelerators(), strict=True):
        for name in (row["name"], *row["aliases"].split("|")):
            keys[_key(name)] = accelerator
    return keys


def _key(name: str) -> str:
    return _PREFIX.sub("", " ".join(_MARKS.sub("", name.lower()).split()))


def _accelerator(row: dict[str, str]) -> Accelerator:
    return Accelerator(
        name=row["name"],
        device_class=row["device_class"],
        arch=row["arch"],
        tdp_w=number(row["tdp_w"]),
        fp32_tflops=number(row["fp32_tflops"]),
        tf32_tflops=number(row["tf32_tflops"]),
        fp16_tflops=number(row["fp16_tflops"]),
        fp8_tflops=number(row["fp8_tflops"]),
        memory_gb=number(row["memory_gb"]),
        memory_bandwidth_gb_per_s=number(row["memory_bandwidth_gb_per_s"]),
        energy_counter={"true": True, "false": False}.get(row["energy_counter"]),
        log10_alpha=_range(row, "oce_log10_alpha"),
        log10_alpha_family=_range(row, "oce_table1_log10_alpha"),
    )


def _range(row: dict[str, str], column: str) -> tuple[float, float] | None:
    low, high = number(row[f"{column}_low"]), number(row[f"{column}_high"])
    return None if low is None or high is None else (low, high)
