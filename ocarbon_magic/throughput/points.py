"""Times and the work done by then, as they are given to us."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from ocarbon_magic.throughput.dynamic import Array

_FEWEST = 2


def checked(
    t_s: Sequence[float] | npt.ArrayLike, work: Sequence[float] | npt.ArrayLike
) -> tuple[Array, Array]:
    """Return times and cumulative work as arrays of the shape (n,).

    Raises
    ------
    ValueError
        If they are not two or more finite numbers each, as many of one as of the other,
        that never fall.
    """
    times, done = _never_falling("t_s", t_s), _never_falling("work", work)
    if times.size != done.size:
        raise ValueError(
            f"t_s and work must be as long as each other, not {times.size} and {done.size}."
        )
    return times, done


def while_counted(t_s: Array, work: Array, counted_s: float) -> tuple[Array, Array]:
    """Return the points between the begin and the end of the loop that counted the work.

    Preparation before a loop and what follows it tell nothing of its pace. That the loop took
    ``counted_s`` seconds so far is all that is known: what is not surely outside of it stays,
    and so does all time between two rises of the work.
    """
    risen = np.flatnonzero(np.diff(work) > 0.0) + 1
    if not risen.size or t_s[risen[-1]] <= t_s[0]:
        return t_s, work
    first, last = int(risen[0]), int(risen[-1])
    before = max(int(np.searchsorted(t_s, t_s[first])) - 1, 0)
    begin_s = min(float(t_s[before]), max(float(t_s[0]), float(t_s[last]) - counted_s))
    end_s = max(float(t_s[last]), min(float(t_s[-1]), float(t_s[first]) + counted_s))
    begin, end = np.searchsorted(t_s, begin_s, "right"), np.searchsorted(t_s, end_s)
    return (
        np.concatenate(([begin_s], t_s[begin:end], [end_s])),
        np.concatenate(([work[0]], work[begin:end], [work[last]])),
    )


def _never_falling(name: str, values: Sequence[float] | npt.ArrayLike) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} must be two or more numbers in one dimension.") from None
    if array.ndim != 1 or array.size < _FEWEST:
        raise ValueError(f"{name} must be two or more numbers in one dimension.")
    if not np.isfinite(array).all() or not math.isfinite(float(array[-1]) - float(array[0])):
        raise ValueError(f"{name} must be finite numbers throughout.")
    falls = np.flatnonzero(array[1:] < array[:-1])
    if falls.size:
        before, after = array[falls[0]], array[falls[0] + 1]
        raise ValueError(f"{name} must never fall, and falls from {before:.12g} to {after:.12g}.")
    return array
