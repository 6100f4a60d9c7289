"""Emissions for each of something: a unit of the work, a point of the metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ocarbon_magic import units
from ocarbon_magic.planning.comparison.error import ComparisonError
from ocarbon_magic.planning.comparison.metric import value_of
from ocarbon_magic.planning.comparison.names import told_apart
from ocarbon_magic.progress.units import counted, plural, singular

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ocarbon_magic.planning.comparison.metric import Yardstick
    from ocarbon_magic.run import Run

POINT = "point"
_PER_CENT = 100.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What emissions are told for each of, and how many of it each run had.

    Attributes
    ----------
    label : str
        After "per": ``sample``, ``percentage point of accuracy``.
    amounts : tuple of float or None
        For each run; None where the record does not say.
    note : str or None
        What is missing, and how it is had.
    """

    label: str
    amounts: tuple[float | None, ...]
    note: str | None = None


def done_in(run: Run, unit: str) -> float | None:
    """Return the work done in ``unit``; None where the record counts something else.

    A batch is a step, an image a sample.
    """
    done = run.work.done
    known = run.work.unit is not None and counted(run.work.unit) == counted(unit)
    return done if known and done is not None and done > 0 else None


def per_unit(runs: Sequence[Run], unit: str) -> Rate:
    """Return the work that each run did, in ``unit``.

    Raises
    ------
    ComparisonError
        If no run counted it.
    """
    amounts = tuple(done_in(run, unit) for run in runs)
    missing = [run for run, amount in zip(runs, amounts, strict=True) if amount is None]
    several = plural(singular(unit))
    if len(missing) == len(runs):
        raise ComparisonError(
            f"no run counted {several} ({_units(runs)}): measure with --unit {singular(unit)}, or "
            f"count them with oc.update."
        )
    note = (
        f"Per {singular(unit)}: not known of {', '.join(told_apart(missing))}, which counted "
        f"{_units(missing)}; measure with --unit {singular(unit)}."
    )
    return Rate(singular(unit), amounts, note if missing else None)


def per_point(runs: Sequence[Run], metric: Yardstick | None) -> Rate:
    """Return the percentage points of the metric that each run reached.

    Emissions over points is the plain ratio: all that was emitted over all points, counted
    from 0 and not from a baseline or from chance, which a record does not know. It is a mean:
    what one more point would emit is told by the slope of the front. Values from 0 to 1 are
    shares, and 0.01 is a point; values up to 100 are points.

    Raises
    ------
    ComparisonError
        If there is no metric of which higher is better on such a scale.
    """
    if metric is None:
        raise ComparisonError(
            "points are those of a metric, and these runs have none in common: measure with "
            "--metric EXPR, or choose one with --metric."
        )
    if metric.better == "lower":
        raise ComparisonError(
            f"{metric.expression} is better the lower it is, and has no points: "
            "compare per sample, step or epoch, or say --better higher."
        )
    values = [value_of(run, metric.expression) for run in runs]
    known = [value for value in values if value is not None]
    are_shares = all(0.0 <= value <= 1.0 for value in known)
    if any(not 0.0 <= value <= _PER_CENT for value in known) or (
        not are_shares and any(0.0 < value < 1.0 for value in known)
    ):
        raise ComparisonError(
            f"points need all values of {metric.expression} from 0 to 1, or all in per cent."
        )
    factor = _PER_CENT if are_shares else 1.0
    points = tuple(value * factor if value else None for value in values)
    return Rate(f"percentage point of {metric.expression}", points, _AS_A_MEAN)


_AS_A_MEAN = (
    "Per percentage point: all emissions over all points, counted from 0; what one more point "
    "emits is the slope of the front."
)


def _units(runs: Sequence[Run]) -> str:
    found = dict.fromkeys(plural(run.work.unit) if run.work.unit else "nothing" for run in runs)
    return " and ".join(found)


def amount_of(number: float) -> str:
    """Return a count as it stands before its unit: "" for one."""
    return "" if number == 1 else f"{units.count(number)} "
