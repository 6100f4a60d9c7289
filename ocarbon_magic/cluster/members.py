"""The engines and the hosts of a run, as the coordinator knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.cluster.accounts import Account
    from ocarbon_magic.cluster.messages import WorkEntry
    from ocarbon_magic.cluster.shares import Row

_MOST_RANGES = 6


@dataclass(slots=True, eq=False)
class Engine:
    """One engine.

    Attributes
    ----------
    id : int
    host : Host
    in_tree : bool
        Whether it was started by the kernel, whose own estimate of CPU time it is in.
    joined_s, heard_s : float
        When it began, and when it was last heard, on the kernel's clock.
    number : int
        Of its last message.
    work : WorkEntry or None
    accounts : dict
        The devices it tells of, by their id.
    lost, silent, ended : bool
        Whether it is gone; is not heard while others are; has said its last.
    """

    id: int
    host: Host
    in_tree: bool
    joined_s: float
    heard_s: float
    number: int = 0
    work: WorkEntry | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    lost: bool = False
    silent: bool = False
    ended: bool = False

    @property
    def is_away(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.lost or self.silent


@dataclass(slots=True, eq=False)
class Host:
    """One host.

    Attributes
    ----------
    row : Row
        All of its devices that engines measure and that nobody else does.
    offset_s : float
        What is added to its clock to get the kernel's.
    own : bool
        Whether it is the kernel's.
    counted : bool
        Whether counters of its processors are read, so that no estimate is needed.
    """

    row: Row
    offset_s: float
    own: bool
    counted: bool = False
    engines: list[Engine] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    rows: dict[object, Row] = field(default_factory=dict)
    name: str = ""

    @property
    def lost(self) -> int:
        """How many of its engines are away."""
        return sum(engine.lost or engine.silent for engine in self.engines)

    @property
    def lowest(self) -> int:
        """The lowest number of its engines."""
        return min(engine.id for engine in self.engines)


def ranges(numbers: list[int]) -> str:
    """Return numbers as a person writes them: ``0-3, 5``; after some, that there are more."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in found[:_MOST_RANGES]]
    return ", ".join([*words, "..."] if len(found) > _MOST_RANGES else words)


def engines_named(numbers: list[int]) -> str:
    """Return engines by their numbers: ``engine 2``, ``engines 0-3``."""
    return f"engine{'' if len(numbers) == 1 else 's'} {ranges(numbers)}"
