"""How well the end of a training is forecast: recorded runs, cut at six shares of their work.

    python tests/validation/forecasts.py [FOLDER]

prints `oc.throughput.forecast` beside other ways to forecast, on the recorded runs here or
on any folder of them (see `scorer.py` for the form), once with the rows of the record and
once as `%%carbon` sees a run, by the clock. Errors are of the total time, in percent.
"""

# ruff: noqa: T201 - it prints

import argparse
import math
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from validation import energies, scorer
from validation.baselines import BASELINES

from ocarbon_magic.throughput.forecast import forecast

OURS = "oc.throughput.forecast"
VIEWS = {"by_rows": scorer.Trace.seen, "by_clock": scorer.Trace.seen_by_clock}
BY_CLOCK = f"By the clock, every {scorer.CLOCK_S:g} s, {scorer.CLOCK_POINTS} points at most"
TITLES = {"by_rows": "By the rows of the record", "by_clock": BY_CLOCK}


def ours(seen):
    return forecast(seen.t_s, seen.work, seen.total_work, scorer.LEVEL)


FORECASTERS = {OURS: ours, **BASELINES}


def measure(folder=scorer.TRACES):
    """Return the errors of all forecasters, by share of the work, in per cent of the total time."""
    traces = scorer.load_traces(folder)
    if not traces:
        raise SystemExit("no traces in this folder: give one with .csv or .csv.gz files")
    cases = {view: scorer.evaluate(traces, FORECASTERS, view=seen) for view, seen in VIEWS.items()}
    return {
        "runs": len(traces),
        "families": len({trace.family for trace in traces}),
        "level_pct": 100 * scorer.LEVEL,
        "ours": OURS,
        **{view: in_view(of_view) for view, of_view in cases.items()},
        "flags": by_flag(cases["by_rows"]),
        "energies": in_energy(energies.judge(traces)),
    }


def in_view(cases):
    """Return the figures of all forecasters, and beside the best of the others in each cell."""
    table = scorer.by_forecaster_and_share(cases)
    shares = shares_of(table)
    return {
        "forecasters": {
            name: {key(share): cell(figures[share]) for share in shares}
            for name, figures in table.items()
        },
        "best": {
            figure: {key(share): beside_best(table, share, figure) for share in shares}
            for figure in ("median", "p90")
        },
    }


def shares_of(table):
    return [share for share in scorer.SHARES if share in table[OURS]]


def key(share):
    """Return a share as a name: that of its per cent."""
    return f"{100 * share:g} %"


def cell(figures):
    """Return figures of one forecaster at one share; those of an interval only if it has one."""
    found = {"n": figures.n, "missing": figures.missing, "forecast_ms": figures.ms}
    for name in ("median", "p90", "family_median", "family_p90", "coverage", "width"):
        found[f"{name}_pct"] = 100 * getattr(figures, name)
    found["interval_score"] = figures.interval_score
    return {name: value for name, value in found.items() if not math.isnan(value)}


def beside_best(table, share, figure):
    """Return our figure at a share and the least of the others', with whose it is."""
    value, name = min(
        (value, name)
        for name, figures in table.items()
        if name != OURS and not math.isnan(value := getattr(figures[share], figure))
    )
    own = getattr(table[OURS][share], figure)
    return {"ours_pct": 100 * own, "best_pct": 100 * value, "whose": name}


def by_flag(cases):
    """Return ours beside the best of the others for runs of one kind."""
    found = {}
    for flag in sorted({flag for case in cases for flag in case.trace.flags}):
        table = scorer.by_forecaster_and_share(c for c in cases if flag in c.trace.flags)
        found[flag] = {
            key(share): {
                "n": table[OURS][share].n,
                **{figure: beside_best(table, share, figure) for figure in ("median", "p90")},
            }
            for share in shares_of(table)
        }
    return found


def in_energy(cases):
    """Return the error of the projected energy of runs whose power was logged."""
    if not cases:
        return None
    return {
        "runs": len({case.run for case in cases}),
        "intervals": len(cases),
        "held": sum(case.covered for case in cases),
        "median_error_pct": 100 * statistics.median(abs(case.ratio - 1) for case in cases),
        "cases": [
            {
                "run": case.run,
                "seen": key(case.share),
                "error_pct": 100 * (case.ratio - 1),
                "held": case.covered,
            }
            for case in cases
        ],
    }


def lines(measured):
    """Yield all tables."""
    yield f"{measured['runs']} runs of {measured['families']} families"
    yield from of_view(measured, "by_rows")
    for flag, cells in measured["flags"].items():
        rows = {
            OURS: [pair(c["median"]["ours_pct"], c["p90"]["ours_pct"]) for c in cells.values()],
            "best baseline": [
                pair(c["median"]["best_pct"], c["p90"]["best_pct"]) for c in cells.values()
            ],
            "runs judged": [c["n"] for c in cells.values()],
        }
        yield from rows_of(f"Runs with '{flag}'", rows, cells)
    yield from of_energies(measured["energies"])
    yield from of_view(measured, "by_clock")


def of_view(measured, view):
    forecasters = measured[view]["forecasters"]
    shares = [*forecasters[OURS]]
    for title, prefix in (
        (f"{TITLES[view]}: median / 90th percentile", ""),
        ("The same, every family weighing the same", "family_"),
    ):
        rows = {
            name: [error(cells[share], prefix) for share in shares]
            for name, cells in forecasters.items()
        }
        rows["runs judged"] = [forecasters[OURS][share]["n"] for share in shares]
        yield from rows_of(title, rows, shares)
    for figure, cells in measured[view]["best"].items():
        yield from of_best(figure, cells)
    yield from of_intervals(measured, forecasters, shares)
    ms = [f"{forecasters[OURS][share]['forecast_ms']:.2f}" for share in shares]
    yield from rows_of("Milliseconds for a forecast, median", {OURS: ms}, shares)


def error(of, prefix):
    """Return median and 90th percentile, the number of runs left unjudged last."""
    if not of["n"]:
        return "-"
    missing = f" -{of['missing']}" if of["missing"] else ""
    return pair(of[f"{prefix}median_pct"], of[f"{prefix}p90_pct"]) + missing


def of_best(figure, cells):
    """Yield whether ours is at or below the best of all others, cell by cell."""
    rows = {
        OURS: [f"{c['ours_pct']:.3f}" for c in cells.values()],
        "best baseline": [f"{c['best_pct']:.3f}" for c in cells.values()],
        "whose": [c["whose"][:14] for c in cells.values()],
        "at or below": ["yes" if c["ours_pct"] <= c["best_pct"] else "NO" for c in cells.values()],
    }
    yield from rows_of(f"The best of all baselines in each cell, {figure}", rows, cells)


def of_intervals(measured, forecasters, shares):
    """Yield coverage, median width and mean interval score of those that have intervals."""
    rows = {
        name: [
            f"{c['coverage_pct']:.0f} / {percent(c['width_pct'])} / {c['interval_score']:.2f}"
            for c in (cells[share] for share in shares)
        ]
        for name, cells in forecasters.items()
        if all("coverage_pct" in c for c in cells.values())
    }
    level = f"{measured['level_pct']:.0f}%"
    title = f"Intervals at {level}: coverage % / median width % / interval score"
    yield from rows_of(title, rows, shares)


def of_energies(found):
    if not found:
        return
    yield ""
    held = f"{found['held']} of {found['intervals']} intervals hold"
    yield f"Energy projected by `%%carbon`: {held}"
    yield ""
    for case in found["cases"]:
        mark = "" if case["held"] else "  outside"
        yield f"{case['run']:34} {case['seen']:>7} {case['error_pct']:+6.1f} %{mark}"


def percent(value_pct):
    return f"{value_pct:.{1 if value_pct < 1000 else 0}f}"


def pair(median_pct, p90_pct):
    return f"{percent(median_pct)} / {percent(p90_pct)}"


def rows_of(title, rows, columns):
    """Yield a table of one row for each name and one column for each share."""
    yield ""
    yield title
    yield ""
    yield f"| {'':28} | " + " | ".join(f"{column:>14}" for column in columns) + " |"
    yield "| --- " * (len(columns) + 1) + "|"
    for name, cells in rows.items():
        yield f"| {name:28} | " + " | ".join(f"{cell:>14}" for cell in cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", nargs="?", default=scorer.TRACES)
    for line in lines(measure(parser.parse_args().folder)):
        print(line)


if __name__ == "__main__":
    main()
