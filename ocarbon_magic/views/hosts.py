"""What a record says of the hosts that took part, in words that text and HTML share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic import units
from ocarbon_magic.counting import count_of, devices_in, hosts_in
from ocarbon_magic.progress.units import plural
from ocarbon_magic.views.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.hosts import HostReading
    from ocarbon_magic.run import Run


class HostLine(NamedTuple):
    """A row of hosts in words; empty where there is nothing to say."""

    name: str
    workers: str
    power: str
    energy: str
    work: str


def counted(count: int) -> str:
    """Return how many hosts there are."""
    return f"{count:,} host{'' if count == 1 else 's'}"


def on_hosts(run: Run) -> str:
    """Return "12 GPUs on 3 hosts", of processors where there are none; empty for one host."""
    count = hosts_in(run.hosts)
    if count < 2:  # noqa: PLR2004 - several
        return ""
    kinds = ((devices_in(run.devices, "gpu"), "GPU"), (devices_in(run.devices, "cpu"), "CPU"))
    number, kind = next((each for each in kinds if each[0]), (0, ""))
    of = f"{number:,} {kind}{'' if number == 1 else 's'} on " if number else ""
    return of + counted(count)


def summary(run: Run) -> str:
    """Return how many hosts there are, their workers, and how many of those were lost."""
    workers, lost = (sum(_whole(n) for n in ns) for ns in _workers(run))
    said = [counted(hosts_in(run.hosts))]
    if workers:
        said.append(f"{workers:,} worker{'' if workers == 1 else 's'}")
    if lost:
        said.append(f"{lost:,} lost")
    return ", ".join(said)


def lines(run: Run) -> Iterator[HostLine]:
    """Yield what each row says."""
    alone = len(run.hosts) == 1
    unit = plural(clean(run.work.unit or "", 20))
    for host in run.hosts:
        done = "" if host.work_done is None else f"{units.count(host.work_done)} {unit}".rstrip()
        yield HostLine(
            name=_name(host, alone=alone),
            workers=_members(host),
            power=str(units.power(host.mean_power_w)),
            energy=str(units.energy_of_joules(host.energy_j)),
            work=done,
        )


def _name(host: HostReading, *, alone: bool) -> str:
    """Return a host's name, of a row of several how many they are."""
    count = count_of(host)
    if count == 1:
        return clean(host.name, 40)
    return counted(count) if alone else f"{count:,} other hosts"


def _members(host: HostReading) -> str:
    """Return the workers of a host, and in words how many of them were lost."""
    workers, lost = _whole(host.workers), _whole(host.lost)
    several = f"{workers:,} worker{'' if workers == 1 else 's'}" if workers else ""
    members = clean(host.members, 40) or several
    if not lost:
        return members
    share = f"{lost:,} of {workers:,} lost"
    return f"{members}, {share}" if members else share


def _workers(run: Run) -> tuple[list[int], list[int]]:
    return [host.workers for host in run.hosts], [host.lost for host in run.hosts]


def _whole(number: int) -> int:
    """Return a number of workers, 0 where a damaged record has none."""
    return number if isinstance(number, int) else 0
