"""Processors by the name that they report, and the processor of this machine."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from ocarbon_magic.tables import lines

Match = Literal["exact", "family", "default"]

_NOISE = re.compile(
    r"\((?:r|tm)\)|^\d+th gen |\b(?:cpu|processor)\b|\b\w+-core\b|@.*|\bwith radeon.*|\bw/.*",
    re.IGNORECASE,
)
# MIDR part numbers of the Arm designs in servers, which report no model name.
_ARM_PARTS = {
    "0xd0c": "Neoverse-N1",
    "0xd40": "Neoverse-V1",
    "0xd49": "Neoverse-N2",
    "0xd4f": "Neoverse-V2",
}


@dataclass(frozen=True, slots=True)
class Processor:
    """What is known of a processor, per package (socket).

    Attributes
    ----------
    name : str
        The model, cleaned of marks.
    tdp_w : float
        Thermal design power in watts: the model's, else its family's median, else the
        median of all processors of its sort in the table.
    tdp_low_w, tdp_high_w : float
        Where the TDP lies for that number of cores: watts per core at the family's
        quartiles, at the first and last decile of all processors; ``tdp_w`` if exact.
    cores : int or None
        Cores that go with ``tdp_w``.
    match : "exact", "family" or "default"
        How the figures were found.
    """

    name: str
    tdp_w: float
    tdp_low_w: float
    tdp_high_w: float
    cores: int | None
    match: Match


@dataclass(frozen=True, slots=True)
class LocalProcessor:
    """The processor of this machine, as it reports itself.

    Attributes
    ----------
    reported_name : str
        The model name; empty if the system does not tell.
    package_cpus : int or None
        Logical CPUs of one package; None where a virtual machine may show fewer.
    threads_per_core : int
        What processors of its sort have, seen or not: 2, on Arm 1.
    """

    reported_name: str
    package_cpus: int | None
    threads_per_core: int = 2


def find_processor(reported_name: str) -> Processor:
    """Return the processor of that name, else its family's figures, else a typical one's.

    Clouds hide or invent the model ("AMD EPYC", "Xeon CPU @ 2.20GHz"); ``match`` says
    how far the figures can be trusted.
    """
    name = clean_name(reported_name)
    models, patterns = _tables()
    row = models.get(name.lower())
    if row is None:
        row = next(row for pattern, row in patterns if pattern.search(name.lower()))
    match, _, tdp_w, low_w, high_w, cores = row
    return Processor(
        name=name or "unknown processor",
        tdp_w=float(tdp_w),
        tdp_low_w=float(low_w or tdp_w),
        tdp_high_w=float(high_w or tdp_w),
        cores=int(cores) if cores else None,
        match=cast("Match", match),
    )


def clean_name(reported_name: str) -> str:
    """Return a reported name without marks, clock, core count and filler words."""
    return " ".join(_NOISE.sub(" ", reported_name).split())


@cache
def local_processor() -> LocalProcessor:
    """Return the processor of this machine."""
    system = platform.system()
    if system == "Linux":
        return parse_cpuinfo(_read(Path("/proc/cpuinfo")))
    name = _sysctl_name() if system == "Darwin" else platform.processor()
    return LocalProcessor(name, os.cpu_count())


def parse_cpuinfo(cpuinfo: str) -> LocalProcessor:
    """Return the first processor of the text of ``/proc/cpuinfo``."""
    first, _, rest = cpuinfo.strip().partition("\n\n")
    fields = dict(re.findall(r"^([^:\n]+?)\s*: *(.*)$", first, re.MULTILINE))
    # 64-bit Arm boards name themselves after the last processor, in "Model".
    board = re.search(r"^Model\s*: *(.*)$", rest, re.MULTILINE)
    part = fields.get("CPU part", "")
    name = fields.get("model name") or _ARM_PARTS.get(part) or (board[1] if board else "")
    if not name and part:
        name = f"Arm part {part}"
    virtual = "hypervisor" in fields.get("flags", "").split()
    siblings = fields.get("siblings", "")
    return LocalProcessor(
        reported_name=name,
        package_cpus=int(siblings) if siblings.isdigit() and not virtual else None,
        threads_per_core=1 if "CPU part" in fields else 2,
    )


@cache
def _tables() -> tuple[dict[str, list[str]], list[tuple[re.Pattern[str], list[str]]]]:
    """Return the models by lower-case name, and the patterns of families, then of sorts."""
    _header, *rows = lines("cpus")
    models = {row[1].lower(): row for row in rows if row[0] == "exact"}
    patterns = [(re.compile(row[1]), row) for row in rows if row[0] != "exact"]
    return models, patterns


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _sysctl_name() -> str:
    import subprocess  # noqa: PLC0415 - needed on macOS alone

    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        return subprocess.run(  # noqa: S603 - a fixed command
            command, capture_output=True, text=True, timeout=5, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
