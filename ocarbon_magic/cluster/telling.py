"""What the record says of hosts and engines, in few rows and few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.cluster.members import engines_named, ranges
from ocarbon_magic.cluster.messages import NOT_THIS_VERSION
from ocarbon_magic.hostrows import MOST_HOSTS, OWN_HOST, mean_w
from ocarbon_magic.hosts import HostReading
from ocarbon_magic.sums import known_sum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.cluster.coordinator import Coordinator
    from ocarbon_magic.cluster.members import Engine, Host

MOST_LINES = 5
"""Lines about engines of one kind; the rest are told together."""

UNSEEN_SHARE, UNSEEN_S = 0.01, 0.2
"""A larger share of the run, and more seconds, that nobody measured are told."""


def host_rows(known: Coordinator, own_j: float | None, duration_s: float) -> list[HostReading]:
    """Return what each host did, or several hosts together; empty while no engine was heard.

    Where there are many, those of lost engines have a row first, then those that drew most.

    Parameters
    ----------
    known : Coordinator
    own_j : float or None
        What the kernel measured of its own machine, in joules.
    duration_s : float
        How long the run has taken.
    """
    hosts, unit = known.hosts, _unit(known)
    if not hosts:
        return []
    rows = []
    if not any(host.own for host in hosts):
        rows.append(HostReading(OWN_HOST, "", 0, 0, own_j, mean_w(own_j, duration_s), None))
    most = MOST_HOSTS - len(rows)
    rest: list[Host] = []
    if len(hosts) > most:
        ranked = sorted(
            hosts, key=lambda host: (not host.own, -host.lost, -(host.row.known_j or 0))
        )
        hosts, rest = ranked[: most - 1], ranked[most - 1 :]
    rows += [_row(host, own_j if host.own else None, duration_s, unit) for host in hosts]
    return [*rows, _rest(rest, duration_s, unit)] if rest else rows


def _unit(known: Coordinator) -> str | None:
    """Return the unit that most engines count in."""
    units = [engine.work["unit"] for engine in known.engines.values() if engine.work]
    return max(set(units), key=units.count, default=None)


def _row(host: Host, own_j: float | None, duration_s: float, unit: str | None) -> HostReading:
    energy_j = host.row.known_j
    if own_j is not None:
        energy_j = own_j + (energy_j or 0.0)
    return HostReading(
        name=host.name,
        members=engines_named([engine.id for engine in host.engines]),
        workers=len(host.engines),
        lost=host.lost,
        energy_j=energy_j,
        mean_power_w=mean_w(energy_j, duration_s),
        work_done=_done([host], unit),
    )


def _rest(hosts: list[Host], duration_s: float, unit: str | None) -> HostReading:
    energy_j = known_sum(host.row.known_j for host in hosts)
    return HostReading(
        name="other hosts",
        members="",
        workers=sum(len(host.engines) for host in hosts),
        lost=sum(host.lost for host in hosts),
        energy_j=energy_j,
        mean_power_w=mean_w(energy_j, duration_s),
        work_done=_done(hosts, unit),
        count=len(hosts),
    )


def _done(hosts: list[Host], unit: str | None) -> float | None:
    """Return the work of hosts in the run's unit; None where no engine counts in it."""
    works = (engine.work for host in hosts for engine in host.engines)
    return known_sum(work["done"] for work in works if work and work["unit"] == unit)


def lost_lines(known: Coordinator, lost: Sequence[Engine], told: int) -> list[str]:
    """Return a line for each engine that was lost, of which ``told`` were told before."""
    return [
        f"Engine {engine.id}{_where(known, [engine.host])} was lost "
        f"{engine.heard_s - known.started_s:.0f} s into the run: its energy and work up to then "
        "are in the total."
        for engine in lost[: max(MOST_LINES - told, 0)]
    ]


def closing_lines(known: Coordinator, duration_s: float) -> list[str]:
    """Return what is told at the end of a run of engines that were not there all the time."""
    engines = list(known.engines.values())
    lost = [engine for engine in engines if engine.lost]
    silent = [engine for engine in engines if engine.silent and not engine.lost]
    late = [engine for engine in engines if known.is_late(engine)]
    lines = []
    if len(lost) > MOST_LINES:
        lines.append(
            f"{len(lost)} engines were lost in all: their energy and work up to then are in the "
            "total."
        )
    if silent:
        first_s = min(engine.heard_s for engine in silent) - known.started_s
        lines.append(
            f"{_named(known, silent)} fell silent{_at(silent, first_s)}: what was measured and "
            "done up to then is in the total."
        )
    if late:
        first_s = min(engine.joined_s for engine in late) - known.started_s
        lines.append(
            f"{_named(known, late)} joined late{_at(late, first_s)}, busy or not there before: "
            "energy and work count from then."
        )
    return [*lines, *_unseen(known, duration_s), *_notes(known)]


def unfit_lines(unfit: dict[int, str], version: str) -> list[str]:
    """Return which engines are not measured, and what to do about it."""
    lines = []
    for reason in list(dict.fromkeys(unfit.values()))[:MOST_LINES]:
        numbers = sorted(engine for engine, why in unfit.items() if why == reason)
        named = engines_named(numbers).capitalize()
        what = "is not measured" if len(numbers) == 1 else "are not measured"
        remedy = f": install {version} there" if reason == NOT_THIS_VERSION else ""
        lines.append(f"{named} {what}, for {reason}{remedy}.")
    return lines


def _at(engines: Sequence[Engine], first_s: float) -> str:
    first = ", the first" if len(engines) > 1 else ","
    return f"{first} {first_s:.0f} s into the run"


def _named(known: Coordinator, engines: list[Engine]) -> str:
    hosts = list(dict.fromkeys(engine.host for engine in engines))
    return engines_named([e.id for e in engines]).capitalize() + _where(known, hosts)


def _where(known: Coordinator, hosts: Sequence[Host]) -> str:
    """Return in brackets on which hosts, if there are several in the run."""
    if not known.has_others or len(hosts) > MOST_LINES:
        return ""
    numbers = {host.name: index for index, host in enumerate(known.hosts, 1)}
    placed = sorted(numbers[host.name] for host in hosts)
    return f" (host{'' if len(placed) == 1 else 's'} {ranges(placed)})"


def _unseen(known: Coordinator, duration_s: float) -> list[str]:
    seen = [
        (account.unseen_s, account.device.name, host)
        for host in known.hosts
        for account in host.accounts.values()
        if account.is_told and account.unseen_s > max(UNSEEN_SHARE * duration_s, UNSEEN_S)
    ]
    if not seen:
        return []
    most_s, name, host = max(seen, key=lambda one: one[0])
    others = f" and {len(seen) - 1} more" if len(seen) > 1 else ""
    line = (
        f"{name}{_where(known, [host])}{others}: up to {most_s:.2f} s of the run went unseen by "
        "the engines; they are counted at the mean power of the rest."
    )
    return [line]


def _notes(known: Coordinator) -> list[str]:
    lines = []
    for line, hosts in list(known.notes.items())[:MOST_LINES]:
        where = _where(known, [*hosts])
        lines.append(f"On {where.strip(' ()')}: {line}" if where else line)
    return lines
