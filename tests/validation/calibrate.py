"""Where the constants of the forecast's interval come from.

    python tests/validation/calibrate.py

fits `EARLIER` and `LATER` of `ocarbon_magic/throughput/forecast.py` to the recorded runs,
and prints them beside those in use. Then each group of families is left out of the fit in
turn, and coverage of the runs left out is printed against the factor by which intervals
are widened: `WIDER` until a quarter of the work is seen, `NARROWER` at half of it. Those in
use lie between what runs in the fit need and what runs left out need.

What is minimised is the mean interval score (Gneiting and Raftery 2007) relative to the
true total time, with a ridge on the slopes. A family of n runs weighs as sqrt(n) runs.
"""

# ruff: noqa: T201 - it prints

import math
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).parents[1]))

from validation import scorer

from ocarbon_magic.throughput.forecast import (
    EARLIER,
    LATER,
    LIMIT_EARLIER,
    LIMIT_LATER,
    NARROWER,
    WIDER,
    evidence,
    pace_ahead,
)
from ocarbon_magic.throughput.progression import Progression

SHARES = np.array([1, 1.4, 2, 3, 5, 7, 10, 14, 18, 25, 35, 50]) / 100
MISS = 2 / (1 - scorer.LEVEL)
WORST = 6.0
"""No run may dominate: its score counts for this at most."""
RIDGE = 0.02
RESTARTS = 4
LATE = 0.25
SIZE = 4
"""Constants of each side."""
FACTORS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.05, 1.1, 1.2, 1.4)


class Cases(NamedTuple):
    """Runs cut at shares: what the interval depends on, and what came true."""

    known: np.ndarray
    now: np.ndarray
    left: np.ndarray  # forecast remaining time; all times are relative to the true total
    weight: np.ndarray
    share: np.ndarray
    group: np.ndarray

    def where(self, chosen):
        return Cases(*(column[chosen] for column in self))


def cases_of(traces):
    rows = []
    for trace in traces:
        for share in SHARES:
            seen = trace.seen(share)
            if seen is None:
                continue
            so_far = Progression.of(np.array(seen.t_s), np.array(seen.work))
            done = seen.work[-1] / seen.total_work
            pace = pace_ahead(so_far, done)
            left = math.exp(pace) * (seen.total_work - seen.work[-1]) / trace.total_s
            now = seen.t_s[-1] / trace.total_s
            known = evidence(so_far, done)
            rows.append((known, now, left, trace.family, share, trace.group))
    members = Counter((family, share) for *_, family, share, _ in rows)
    known, now, left, families, shares, groups = zip(*rows, strict=True)
    weight = [members[key] ** -0.5 for key in zip(families, shares, strict=True)]
    return Cases(*map(np.array, (known, now, left, weight, shares, groups)))


def ends(cases, constants, factor=1.0):
    """Return both ends of the interval, relative to the true total time.

    ``constants`` are those of both sides, or a row of them for each case.
    """
    earlier = (cases.known * constants[..., :SIZE]).sum(axis=-1)
    later = (cases.known * constants[..., SIZE:]).sum(axis=-1)
    low = -factor * np.exp(np.minimum(earlier, LIMIT_EARLIER))
    high = factor * np.exp(np.minimum(later, LIMIT_LATER))
    return cases.now + cases.left * np.exp(low), cases.now + cases.left * np.exp(high)


def scores(low, high):
    return high - low + MISS * (np.maximum(low - 1, 0) + np.maximum(1 - high, 0))


def fitted(cases):
    """Return the constants with the least mean score, by Nelder and Mead's search."""

    def loss(constants):
        slopes = np.delete(constants, (0, SIZE))
        score = np.minimum(scores(*ends(cases, constants)), WORST)
        return np.average(score, weights=cases.weight) + RIDGE * np.dot(slopes, slopes)

    options = {"adaptive": True, "maxiter": 6000, "maxfev": 6000, "xatol": 1e-3, "fatol": 1e-6}
    found = []
    for offset in (-2.0, -3.0):
        begin = np.zeros(2 * SIZE)
        begin[[0, SIZE]] = offset
        for _ in range(RESTARTS):  # the search stalls short of the least
            search = minimize(loss, begin, method="Nelder-Mead", options=options)
            begin = search.x
        found.append(search)
    return min(found, key=lambda search: search.fun).x


def left_out(cases):
    """Return the constants for each case that were fitted without its group."""
    constants = np.empty((len(cases.now), 2 * SIZE))
    for group in sorted(set(cases.group)):
        constants[cases.group == group] = fitted(cases.where(cases.group != group))
    return constants


def print_constants(constants):
    earlier, later = np.split(np.round(constants, 2), 2)
    print(f"EARLIER  fitted {earlier}   in use {EARLIER}")
    print(f"LATER    fitted {later}   in use {LATER}")


def coverage(cases, constants, factor):
    low, high = ends(cases, constants, factor)
    return ((low <= 1) & (high >= 1)).mean()


def print_left_out(cases, constants):
    """Print coverage and mean score of cases whose group was left out of the fit."""
    print(f"\nGroups left out ({len(set(cases.group))}): coverage and mean interval score\n")
    print("|  seen  | " + " | ".join(f"{'x ' + format(f, 'g'):>9}" for f in FACTORS) + " |")
    print("| --- " * (len(FACTORS) + 1) + "|")
    for share in SHARES:
        here = cases.share == share
        part, own = cases.where(here), constants[here]
        cells = [
            f"{coverage(part, own, f):4.0%} "
            f"{np.minimum(scores(*ends(part, own, f)), WORST).mean():.2f}"
            for f in FACTORS
        ]
        print(f"| {100 * share:4g} % | " + " | ".join(cells) + " |")


def print_factors(cases, constants, who):
    """Print the factors with which the intervals cover as they should."""
    early = cases.share <= LATE
    part, own = cases.where(early), constants[early]
    wider, covered = nearest({f: coverage(part, own, f) for f in FACTORS})
    print(f"WIDER    {who}: {wider:4g} ({covered:.1%} covered)   in use {WIDER}")
    part, own = cases.where(~early), constants[~early]
    late = np.log(part.share / LATE) / np.log(SHARES[-1] / LATE)
    narrower, covered = nearest(
        {f: coverage(part, own, wider * (f / wider) ** late) for f in FACTORS}
    )
    print(f"NARROWER {who}: {narrower:4g} ({covered:.1%} covered)   in use {NARROWER}")


def nearest(coverages):
    """Return the factor with the coverage nearest to the level, and that coverage."""
    return min(coverages.items(), key=lambda item: abs(item[1] - scorer.LEVEL))


def main():
    cases = cases_of(scorer.load_traces())
    print(f"{len(cases.now)} cases")
    constants = fitted(cases)
    print_constants(constants)
    without = left_out(cases)
    print_left_out(cases, without)
    print()
    print_factors(cases, np.tile(constants, (len(cases.now), 1)), "runs in the fit ")
    print_factors(cases, without, "groups left out ")


if __name__ == "__main__":
    main()
