"""What a mistyped zone was meant to be."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ocarbon_magic.carbon.zones import Place

# Lifts a name that what was typed begins with ("DE" in "DE-BY"), or that has all its words
# ("South Korea" for "korea"), over names that merely look alike.
_SAME_WORDS = 0.3


def nearest(key: str, names: Iterable[tuple[Place, str]], count: int = 3) -> list[Place]:
    """Return the ``count`` places with the name nearest to ``key``, the best first.

    Among equals the order of ``names`` decides.
    """
    matcher = SequenceMatcher(None, b=key, autojunk=False)
    typed = set(key.split())
    best: dict[Place, float] = {}
    for place, name in names:
        matcher.set_seq1(name)
        same_words = key.startswith(f"{name} ") or typed <= set(name.split())
        likeness = matcher.ratio() + _SAME_WORDS * same_words
        best[place] = max(likeness, best.get(place, 0.0))
    return sorted(best, key=lambda place: -best[place])[:count]
