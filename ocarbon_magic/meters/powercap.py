"""The RAPL energy counters that Linux shows in powercap, each quantity once.

A tree of domains: ``package-0`` is a socket, with ``core`` and ``uncore`` inside it and
``dram`` beside it though below it in the tree; ``psys`` is the whole board, packages and
all. The same socket may show twice, through its registers and through memory
(``intel-rapl-mmio``), and on some AMD processors once for each die.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = re.compile(r"package-(\d+)")


@dataclass(slots=True)
class Domain:
    """One energy counter.

    Attributes
    ----------
    kind : "cpu" or "dram"
    socket : int
        The package that it is of.
    name : str
        What the kernel calls it; a memory counter is called after its package.
    path : Path
        Its folder.
    range_j : float or None
        Joules after which the counter starts again at 0; None if that cannot be read.
    """

    kind: Literal["cpu", "dram"]
    socket: int
    name: str
    path: Path
    range_j: float | None = None

    def read_j(self) -> float:
        """Return the counter in joules.

        Raises
        ------
        OSError, ValueError
            If it cannot be read.
        """
        return _joules(self.path / "energy_uj")


@dataclass(slots=True)
class Domains:
    """The domains to add up, and the names of those that exist but cannot be read."""

    readable: list[Domain] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def find_domains(root: Path) -> Domains:
    """Return the domains of packages and of their memory below ``root``."""
    found = Domains()
    for domain in sorted(_all_domains(root), key=_rank):
        if any(_same_counter(domain, other) for other in found.readable):
            continue
        try:
            domain.read_j()
            domain.range_j = _range_j(domain.path)
        except (OSError, ValueError):
            found.unreadable.append(domain.name)
        else:
            found.readable.append(domain)
    readable = {domain.name for domain in found.readable}
    found.unreadable = [name for name in found.unreadable if name not in readable]
    return found


def _all_domains(root: Path) -> list[Domain]:
    domains = []
    for path in root.glob("*:*"):
        name = _name(path)
        if package := _PACKAGE.match(name):
            domains.append(Domain("cpu", int(package[1]), name, path))
        elif name == "dram" and (
            package := _PACKAGE.match(above := _name(path.with_name(path.name.rpartition(":")[0])))
        ):
            domains.append(Domain("dram", int(package[1]), f"dram of {above}", path))
    return domains


def _rank(domain: Domain) -> tuple[bool, list[int]]:
    """Sort by number, and what comes through memory last: its twin is the better known."""
    control, *numbers = domain.path.name.split(":")
    return control.endswith("-mmio"), [int(n) for n in numbers if n.isdigit()]


def _same_counter(domain: Domain, other: Domain) -> bool:
    """Tell whether two domains show one and the same counter.

    They do if they bear one name. Dies of one package do if, read in turn, the counters
    are in step: those of different things differ by all that was drawn since boot.
    """
    if (domain.kind, domain.socket) != (other.kind, other.socket):
        return False
    if domain.name == other.name:
        return True
    try:
        before_j, between_j, after_j = other.read_j(), domain.read_j(), other.read_j()
    except (OSError, ValueError):
        return False
    return before_j <= between_j <= after_j


def _name(path: Path) -> str:
    try:
        return (path / "name").read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _range_j(path: Path) -> float | None:
    try:
        return _joules(path / "max_energy_range_uj") or None
    except (OSError, ValueError):
        return None


def _joules(path: Path) -> float:
    return int(path.read_text(encoding="ascii")) * 1e-6
