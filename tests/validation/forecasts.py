"""How well the end of a training is forecast: recorded runs, cut at six shares of their work.

    python tests/validation/forecasts.py [FOLDER]

prints `oc.throughput.forecast` beside other ways to forecast, on the recorded runs here or
on any folder of them (see `scorer.py` for the form), once with the rows of the record and
once as `%%carbon` sees a run, by the clock. Errors are of the total time, in percent.
"""

# ruff: noqa: T201 - it prints

import argparse
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from validation import energies, scorer
from validation.baselines import BASELINES

from ocarbon_magic.throughput.forecast import forecast

OURS = "oc.throughput.forecast"


def ours(seen):
    return forecast(seen.t_s, seen.work, seen.total_work, scorer.LEVEL)


FORECASTERS = {OURS: ours, **BASELINES}


def best_baseline(table, share, figure):
    """Return the least of a figure among the baselines at a share, and whose it is."""
    return min(
        (value, name)
        for name, figures in table.items()
        if name != OURS and not math.isnan(value := getattr(figures[share], figure))
    )


def percent(value, digits=1):
    return f"{100 * value:.{digits if value < 10 else 0}f}"


def print_rows(title, rows, shares):
    """Print a table of one row for each forecaster and one column for each share."""
    print(f"\n{title}\n")
    print(f"| {'':28} | " + " | ".join(f"{100 * share:>12g} %" for share in shares) + " |")
    print("| --- " * (len(shares) + 1) + "|")
    for name, cells in rows.items():
        print(f"| {name:28} | " + " | ".join(f"{cell:>14}" for cell in cells) + " |")


def errors(table, shares, median="median", p90="p90"):
    """Return rows of median and 90th percentile, the number of runs judged last."""
    rows = {}
    for name, figures in table.items():
        cells = [figures[share] for share in shares]
        rows[name] = [
            f"{percent(getattr(f, median))} / {percent(getattr(f, p90))}"
            + (f" -{f.missing}" if f.missing else "")
            for f in cells
        ]
    rows["runs judged"] = [table[OURS][share].n for share in shares]
    return rows


def print_best(table, shares):
    """Print whether ours is at or below the best baseline, cell by cell."""
    for figure in ("median", "p90"):
        rows = {OURS: [], "best baseline": [], "whose": [], "at or below": []}
        for share in shares:
            value, name = best_baseline(table, share, figure)
            own = getattr(table[OURS][share], figure)
            rows[OURS].append(percent(own, 3))
            rows["best baseline"].append(percent(value, 3))
            rows["whose"].append(name[:14])
            rows["at or below"].append("yes" if own <= value else "NO")
        print_rows(f"The best of all baselines in each cell, {figure}", rows, shares)


def print_intervals(table, shares):
    """Print coverage, median width and mean interval score of those that have intervals."""
    rows = {
        name: [
            f"{percent(f.coverage, 0)} / {percent(f.width)} / {f.interval_score:.2f}"
            for f in (figures[share] for share in shares)
        ]
        for name, figures in table.items()
        if not any(math.isnan(f.coverage) for f in figures.values())
    }
    title = f"Intervals at {scorer.LEVEL:.0%}: coverage % / median width % / interval score"
    print_rows(title, rows, shares)


def print_flags(cases, shares):
    """Print ours and the best baseline of each cell for runs of one kind."""
    flags = sorted({flag for case in cases for flag in case.trace.flags})
    for flag in flags:
        table = scorer.by_forecaster_and_share(c for c in cases if flag in c.trace.flags)
        there = [share for share in shares if share in table[OURS]]
        rows = errors({OURS: table[OURS]}, there)
        judged = rows.pop("runs judged")
        rows["best baseline"] = [
            " / ".join(percent(best_baseline(table, s, f)[0]) for f in ("median", "p90"))
            for s in there
        ]
        rows["runs judged"] = judged
        print_rows(f"Runs with '{flag}'", rows, there)


def print_energies(traces):
    """Print the error of the projected energy of each run whose power was logged."""
    cases = energies.judge(traces)
    if not cases:
        return
    covered = sum(case.covered for case in cases)
    print(f"\nEnergy projected by `%%carbon`: {covered} of {len(cases)} intervals hold\n")
    for case in cases:
        mark = "" if case.covered else "  outside"
        print(f"{case.run:34} {100 * case.share:5g} %  {100 * (case.ratio - 1):+6.1f} %{mark}")


def report(traces, view, title):
    cases = scorer.evaluate(traces, FORECASTERS, view=view)
    table = scorer.by_forecaster_and_share(cases)
    shares = [share for share in scorer.SHARES if share in table[OURS]]
    print_rows(f"{title}: median / 90th percentile", errors(table, shares), shares)
    equal = errors(table, shares, "family_median", "family_p90")
    print_rows("The same, every family weighing the same", equal, shares)
    print_best(table, shares)
    print_intervals(table, shares)
    ms = [f"{table[OURS][share].ms:.2f}" for share in shares]
    print_rows("Milliseconds for a forecast, median", {OURS: ms}, shares)
    return cases, shares


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", default=scorer.TRACES)
    traces = scorer.load_traces(parser.parse_args().folder)
    if not traces:
        raise SystemExit("no traces in this folder: give one with .csv or .csv.gz files")
    families = len({trace.family for trace in traces})
    print(f"{len(traces)} runs of {families} families")
    cases, shares = report(traces, scorer.Trace.seen, "By the rows of the record")
    print_flags(cases, shares)
    print_energies(traces)
    every = f"every {scorer.CLOCK_S:g} s, {scorer.CLOCK_POINTS} points at most"
    report(traces, scorer.Trace.seen_by_clock, f"By the clock, {every}")


if __name__ == "__main__":
    main()
