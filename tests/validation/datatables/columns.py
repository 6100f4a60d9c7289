"""What a cell may hold, and the words for what was expected in it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ABSENT = {"nan", "none", "null", "n/a", "na", "-", "?"}
"""What other tables write for "not known"; here only a blank cell means that."""


NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


class Column(NamedTuple):
    """One column: what its cells hold, in words and as a test."""

    expected: str
    holds: Callable[[str], bool]
    may_be_blank: bool = False
    several: bool = False
    """Whether a cell may hold several entries, joined by ``|``."""
    is_number: bool = False

    def wrong(self, cell):
        """Return what is wrong with a cell, as a sentence; None where nothing is."""
        if not cell:
            return None if self.may_be_blank else f"is blank; expected {self.expected}"
        if cell != cell.strip():
            return "has spaces around it; expected none"
        for entry in cell.split("|") if self.several else [cell]:
            if not self.holds(entry):
                return f"expected {self.expected}"
        return None


def text(*, blank=False, several=False):
    """Words that mean something."""

    def holds(cell):
        return bool(cell) and cell.lower() not in ABSENT

    return Column("words", holds, blank, several)


def number(low, high, unit="", *, blank=False):
    """A number from ``low`` to ``high``, both allowed."""

    def holds(cell):
        return NUMBER.fullmatch(cell) is not None and low <= float(cell) <= high

    words = f"a number from {low:g} to {high:g} {unit}".rstrip()
    return Column(words, holds, blank, is_number=True)


def above(low, high, unit="", *, blank=False):
    """A number above ``low``, up to ``high``."""
    bounded = number(low, high, unit)

    def holds(cell):
        return bounded.holds(cell) and not math.isclose(float(cell), low)

    words = f"a number above {low:g}, up to {high:g} {unit}".rstrip()
    return Column(words, holds, blank, is_number=True)


def whole(low, high, unit="", *, blank=False):
    """A whole number from ``low`` to ``high``."""

    def holds(cell):
        return re.fullmatch(r"\d+", cell) is not None and low <= int(cell) <= high

    words = f"a whole number from {low} to {high} {unit}".rstrip()
    return Column(words, holds, blank)


def choice(*names, blank=False, several=False):
    """One of some names."""
    return Column(f"one of {', '.join(sorted(names))}", set(names).__contains__, blank, several)


def form(pattern, words, *, blank=False, several=False):
    """A text of some form."""
    return Column(words, lambda cell: re.fullmatch(pattern, cell) is not None, blank, several)


def known(names, words, *, blank=False):
    """One of many names."""
    return Column(words, frozenset(names).__contains__, blank)
