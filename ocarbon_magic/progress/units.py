"""What the user calls a unit of work, and which counts can be told in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.progress.choice import Count

EPOCH = "epoch"

_SHORTEST_WORD = 4

_STEPS = frozenset({"step", "batch", "iteration", "iter", "it", "update", "minibatch"})
_SAMPLES = frozenset(
    {"sample", "example", "image", "img", "row", "record", "sequence", "item", "datum", "document"}
)


def singular(unit: str) -> str:
    """Return a unit as a single one is called: ``epochs`` is ``epoch``, ``batches`` ``batch``."""
    word = unit.lower()
    return word.removesuffix("es") if word.endswith(("ches", "shes")) else word.removesuffix("s")


def plural(unit: str) -> str:
    """Return the word for several of a unit; a word of few letters is a symbol and stays."""
    if len(unit) < _SHORTEST_WORD or unit.endswith("s"):
        return unit
    return unit + ("es" if unit.endswith(("tch", "sh", "x")) else "s")


def counted(unit: str) -> str:
    """Return what is counted in a unit: a batch is a ``step``, an image a ``sample``."""
    word = singular(unit)
    return "step" if word in _STEPS else "sample" if word in _SAMPLES else word


def in_unit(count: Count, unit: str) -> Count | None:
    """Return ``count`` told in ``unit``, None if it cannot be.

    A step is also a batch or an iteration; it has samples if the loader says how many are in
    a batch; and who counts by hand counts in whatever was said.
    """
    word = singular(unit)
    if count.any_unit or word == singular(count.unit):
        return count._replace(unit=unit)
    if word in _STEPS and count.unit == "step":
        return count._replace(unit=unit)
    if word in _SAMPLES and count.samples_per_step is not None:
        return _scaled(count, count.samples_per_step, unit)
    return None


def _scaled(count: Count, factor: float, unit: str) -> Count:
    return count._replace(
        done=count.done * factor,
        total=None if count.total is None else count.total * factor,
        unit=unit,
        per_step=count.per_step * factor,
        rate_per_s=None if count.rate_per_s is None else count.rate_per_s * factor,
    )
