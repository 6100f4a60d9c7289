"""How a report is spelled: the same sentences as plain text, in Markdown and in LaTeX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocarbon_magic.views.words import clean

if TYPE_CHECKING:
    from ocarbon_magic.units import Amount
    from ocarbon_magic.views.report.sources import Source

_LONGEST = 80


class Spelling:
    """Plain text, which the other spellings change where they must; it keeps what was cited.

    The literal words of a sentence are the same everywhere, so they hold no character that
    one of the spellings takes for a sign of its own.
    """

    times = " \N{MULTIPLICATION SIGN} "
    plus_minus = "\N{PLUS-MINUS SIGN}"
    of_gas = "CO2e"
    """What grams are of."""

    table = "The table below"
    """What the table of several runs is called."""

    def __init__(self) -> None:
        self.cited: list[Source] = []

    def escaped(self, text: str) -> str:
        """Return text of others with nothing left in it that could be taken for a sign."""
        return text

    def text(self, text: object, limit: int = _LONGEST) -> str:
        """Return text of others, on one line."""
        return self.escaped(clean(text, limit))

    def name(self, text: object) -> str:
        """Return a name that somebody chose, set off from the words around it."""
        return f'"{self.text(text)}"'

    def amount(self, amount: Amount) -> str:
        """Return a number with its unit."""
        return self.escaped(str(amount))

    def percent(self, share: str) -> str:
        """Return a percentage as `units.percent` has it."""
        return self.escaped(share)

    def cite(self, *sources: Source | None) -> str:
        """Return a reference to what is known of the sources, with the space before it."""
        known = [source for source in sources if source is not None]
        numbers = [str(self._number(source)) for source in dict.fromkeys(known)]
        return f" [{', '.join(numbers)}]" if numbers else ""

    def _number(self, source: Source) -> int:
        if source not in self.cited:
            self.cited.append(source)
        return self.cited.index(source) + 1


def reference(source: Source) -> str:
    """Return a source as a line of a list of references."""
    *most, last = source.authors or ("",)
    authors = f"{', '.join(most)} and {last}" if most else last
    parts = (authors, source.title, source.year, source.note, source.where)
    return ". ".join(part.rstrip(".") for part in parts if part) + "."
