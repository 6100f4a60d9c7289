"""Reads the pictures of the house in CONTRIBUTING, and says who may know whom in them.

A floor is what stands between two rules, a room a folder or a file. On one floor rooms know each
other only along ``>``: what stands left of it may import what stands right of it.
"""

import itertools
import re
from pathlib import Path
from typing import NamedTuple

CONTRIBUTING = Path(__file__).parents[1] / "CONTRIBUTING.md"
RULE = re.compile(r"[-+]{3,}")
ARROW = re.compile(r"\s*--(?:[^->]+--)?>\s*")


class Place(NamedTuple):
    """Where a room stands: its floor and line from the top, and how many ``>`` are left of it."""

    floor: int
    line: int
    step: int


def section(heading, text=None):
    """Return what stands under ``## heading``."""
    text = CONTRIBUTING.read_text(encoding="utf-8") if text is None else text
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def drawing(heading):
    """Return the lines of the drawings under ``## heading``, without their indent."""
    return [line[4:] for line in section(heading).splitlines() if line.startswith("    ")]


def rooms_of(lines):
    """Return the place of each room of a picture.

    Raises
    ------
    ValueError
        If a room stands in it twice.
    """
    places = {}
    floor = 0
    for number, line in enumerate(lines):
        cells = line.split("|")
        if RULE.fullmatch(line.strip()):
            floor += 1
        elif len(cells) > 1 and floor:
            for step, rooms in enumerate(cells[1].split(">")):
                for room in filter(None, (name.strip() for name in rooms.split(","))):
                    if room in places:
                        raise ValueError(f"{room} stands twice in the picture")
                    places[room] = Place(floor, number, step)
    return places


def may_know(own, other):
    """Return whether a room at ``own`` may import one at ``other``."""
    beside = own.line == other.line and own.step < other.step
    return own.floor < other.floor or beside


def flows_of(lines, rooms):
    """Yield each step of the way of the data, as the rooms that it leads from and to."""
    for line in lines:
        stations = [set(re.split(r"[,\s]+", part)) & set(rooms) for part in ARROW.split(line)]
        for givers, takers in itertools.pairwise(stations):
            yield from ((giver, taker) for giver in givers for taker in takers)
