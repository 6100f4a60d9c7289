"""Runs measured at the same time on one machine: what they share is in each of them.

Each run is right by itself, but a sum over runs would have the shared part twice. A run that
was measured wholly inside another, on the same devices, names it (`Run.within`): a sum with
both of them leaves it out. All are told in their warnings. A run around may also be one of a
process that started this one.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.ranks.around import goes_on, run_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from ocarbon_magic.run import Run

INSIDE = "Measured inside another run, whose total includes this one: do not add the two."
AROUND = "Another run was measured inside this one: this total includes it, do not add the two."
BESIDE = (
    "Another run was measured in this process at the same time: what both took of the devices "
    "is in each of them, do not add the two."
)
OUTLIVED = (
    "The process that started this one measured a run that has ended meanwhile: what both took of "
    "the devices is in each of them, do not add the two."
)


class _Going(NamedTuple):
    """A run that goes on, the devices that it was asked to measure, and who hears of it.

    ``outside`` is the id of the run around that a process around measures, if there is one.
    """

    run: Run
    devices: str
    warn: Callable[[str], None]
    outside: str | None


_lock = threading.Lock()
_going: list[_Going] = []  # in the order in which they began


def begin(run: Run, devices: str, warn: Callable[[str], None]) -> None:
    """Note that ``run`` begins to measure ``devices``; ``warn`` takes a line for its reader."""
    with _lock:
        outside = run_around(devices, os.environ)
        around = next((other.run.id for other in _going if other.devices == devices), None)
        run.within = outside or around
        _going.append(_Going(run, devices, warn, outside))


def end(run: Run) -> None:
    """Note that ``run`` has ended, and tell it and those that go on what they share."""
    with _lock:
        index = next((i for i, one in enumerate(_going) if one.run is run), None)
        if index is None:
            return
        own = _going.pop(index)
        for place, other in enumerate(_going):
            if _share_devices(own, other):
                _tell(own, other, began_first=place < index)
        if own.outside is not None:
            _tell_of_outside(own, own.outside)


def _tell_of_outside(ended: _Going, outside: str) -> None:
    """Tell a run of one around it, that a process around measures and that may have ended."""
    if goes_on(outside, os.environ):
        ended.warn(INSIDE)
        return
    if ended.run.within == outside:
        ended.run.within = None
    ended.warn(OUTLIVED)


def _tell(ended: _Going, other: _Going, *, began_first: bool) -> None:
    """Tell both runs of a pair; ``other`` goes on, and may have begun first."""
    if began_first and ended.devices == other.devices:
        ended.warn(INSIDE)
        other.warn(AROUND)
        return
    if other.run.within == ended.run.id:
        other.run.within = None
    ended.warn(BESIDE)
    other.warn(BESIDE)


def _share_devices(one: _Going, other: _Going) -> bool:
    """Return whether two runs have a device in common, or may have, as far as is known."""
    if "none" in (one.devices, other.devices):
        return False
    own, others = ({(d.kind, d.name, d.uuid) for d in g.run.devices} for g in (one, other))
    return not own or not others or bool(own & others)
