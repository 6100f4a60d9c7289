"""How well planned trainings are estimated: published runs, each family left out of the fit.

    python tests/validation/estimates.py

prints every run and a summary: the calibrated estimate beside OpenCarbonEval's and beside
35 % of the peak. OpenCarbonEval's alphas were fitted on a collection that holds some of
these very runs, so its errors are flattered; so are ours a little, for its alphas are part
of our evidence, and the row "no alphas" is the fit without them.
"""

# ruff: noqa: T201 - it prints

import csv
import math
import statistics
from pathlib import Path
from typing import NamedTuple

from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.planning.calibrated_pace import PaceModel, peak_tflops
from ocarbon_magic.planning.calibrated_power import PowerModel
from ocarbon_magic.planning.calibrated_runs import SUMMARY, PublishedRun, published_runs
from ocarbon_magic.throughput import DynamicThroughput

REPORTED = Path(__file__).parents[1] / "planning" / "data" / "reported_runs.csv"
LEVEL = 0.8
EXCLUDED = {
    "CroissantLLM 1.3B": "its hours include trial runs, its FLOP does not",
    "DINOv2 ViT-g/14": "its FLOP were reckoned from its hours",
}
"""Runs with FLOP and device-hours that cannot show the throughput of a training."""
WITH_ALPHA = "device-hours, runs with an alpha"
"""Those that OpenCarbonEval can tell something of."""


class Guess(NamedTuple):
    """Predicted over true, and the same for both ends of the interval, if there is one."""

    ratio: float
    low: float = math.nan
    high: float = math.nan

    @property
    def error(self):
        return abs(math.log(self.ratio))

    @property
    def covers(self):
        return self.low <= 1.0 <= self.high

    @property
    def interval_score(self):
        """Width in the logarithm, and 2 / (1 - level) for each unit that the truth is outside."""
        outside = max(0.0, math.log(self.low), -math.log(self.high))
        return math.log(self.high / self.low) + 2.0 / (1.0 - LEVEL) * outside


def runs_with_hours():
    return [r for r in published_runs() if r.tflops_per_device and r.family != SUMMARY]


def runs_with_power():
    return [r for r in published_runs() if r.mean_power_w]


def others(run, *, alphas=True):
    """Return the evidence that a fit may see to predict ``run``: no run of its family."""
    return [
        other
        for other in published_runs()
        if other.family != run.family and (alphas or other.family != SUMMARY)
    ]


def hours_ratio(run, tflops):
    """Return predicted over reported device-hours."""
    return run.tflops_per_device / tflops


def guess_hours(run, evidence, *, precision=None):
    pace = PaceModel.fit(evidence).predict(
        run.flop, run.accelerator, level=LEVEL, precision=precision
    )
    return Guess(*(hours_ratio(run, at) for at in (pace.value, pace.high, pace.low)))


def calibrated(run):
    return guess_hours(run, others(run))


def calibrated_told_precision(run):
    return guess_hours(run, others(run), precision=run.precision)


def calibrated_without_alphas(run):
    return guess_hours(run, others(run, alphas=False))


def calibrated_in_sample(run):
    return guess_hours(run, published_runs())


def open_carbon_eval(run):
    """Return the mean of the hours at the low and the high alpha, None where there is none."""
    alphas = run.accelerator.log10_alpha or run.accelerator.log10_alpha_family
    if alphas is None:
        return None
    hours = [
        DynamicThroughput.from_log10_alpha(alpha).time_for(run.flop / 1e12) / 3600.0
        for alpha in alphas
    ]
    return Guess(statistics.mean(hours) / run.device_hours)


def share_of_peak(run):
    return Guess(hours_ratio(run, 0.35 * peak_tflops(run.accelerator)))


METHODS = {
    "calibrated": calibrated,
    "  precision told": calibrated_told_precision,
    "  no alphas": calibrated_without_alphas,
    "  in sample": calibrated_in_sample,
    "OpenCarbonEval": open_carbon_eval,
    "35 % of peak": share_of_peak,
}


def calibrated_power(run):
    evidence = [other for other in runs_with_power() if other.family != run.family]
    watts = PowerModel.fit(evidence).predict(
        run.accelerator, level=LEVEL, whole_server=run.whole_server
    )
    return Guess(*(at / run.mean_power_w for at in (watts.value, watts.low, watts.high)))


def power_limit(run):
    return Guess(run.accelerator.tdp_w / run.mean_power_w)


def summary(guesses):
    """Return the errors of some guesses, with coverage and score of their intervals if any."""
    errors = [guess.error for guess in guesses]
    found = {
        "n": len(guesses),
        "median_log_error": statistics.median(errors),
        "median_error_pct": 100 * statistics.median(abs(guess.ratio - 1.0) for guess in guesses),
        "mean_log_error": statistics.mean(errors),
    }
    known = [guess for guess in guesses if not math.isnan(guess.low)]
    if known:
        found["coverage_pct"] = 100 * statistics.mean(guess.covers for guess in known)
        found["interval_score"] = statistics.mean(guess.interval_score for guess in known)
    return found


def summaries(runs, methods):
    """Return the summary of each method that can say something of some runs."""
    by_method = {name: [g for run in runs if (g := guess(run))] for name, guess in methods.items()}
    return {name: summary(guesses) for name, guesses in by_method.items() if guesses}


def reported_rows():
    with REPORTED.open(encoding="utf-8", newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def croissant():
    """Return the run whose hours include trials as if it were a training like the others."""
    row = reported_rows()["CroissantLLM 1.3B"]
    device = find_accelerator("NVIDIA A100 SXM4 80GB")
    hours = float(row["device_hours"])
    return PublishedRun(
        row["model"], row["model"], device, float(row["flop"]), hours, 1, None, None,
        whole_server=False, source=row["source"],
    )  # fmt: skip


def measure():
    """Return each run as estimated from the other families, and what the errors come to."""
    runs, powered = runs_with_hours(), runs_with_power()
    return {
        "runs": [told(run) for run in runs],
        "level_pct": 100 * LEVEL,
        "summaries": {**of_hours(runs), **of_power(powered)},
    }


def told(run):
    """Return predicted over reported device-hours of a run, and what it was."""
    ours, oce = calibrated(run), open_carbon_eval(run)
    return {
        "model": run.model,
        "family": run.family,
        "flop": run.flop,
        "utilisation": run.tflops_per_device / peak_tflops(run.accelerator),
        "ours_ratio": ours.ratio,
        "ours_low": ours.low,
        "ours_high": ours.high,
        "held": ours.covers,
        "opencarboneval_ratio": oce.ratio if oce else None,
        "share_of_peak_ratio": share_of_peak(run).ratio,
    }


def of_hours(runs):
    rest = {name: guess for name, guess in METHODS.items() if guess is not open_carbon_eval}
    with_alpha = [run for run in runs if open_carbon_eval(run)]
    return {
        WITH_ALPHA: summaries(with_alpha, METHODS),
        "device-hours, all runs": summaries(runs, rest),
        "the same and CroissantLLM": summaries([*runs, croissant()], rest),
        **{
            f"device-hours, {family}": summaries(members, METHODS)
            for family, members in by_family(runs).items()
        },
    }


def of_power(runs):
    methods = {"calibrated": calibrated_power, "power limit": power_limit}
    return {
        **{
            f"power, {family}": summaries(members, methods)
            for family, members in by_family(runs).items()
        },
        "power, all": summaries(runs, methods),
    }


def by_family(runs):
    return {
        family: [run for run in runs if run.family == family]
        for family in dict.fromkeys(run.family for run in runs)
    }


def lines(measured):
    """Yield every run and a summary."""
    yield from lines_of_runs(measured["runs"])
    for model, why in EXCLUDED.items():
        yield f"  not used: {model}: {why}"
    for title, by_method in measured["summaries"].items():
        yield ""
        yield f"{title:36}   n  med |ln|  med error  mean |ln|  coverage  int. score"
        for name, of in by_method.items():
            interval = (
                f"{of['coverage_pct']:8.0f}% {of['interval_score']:11.2f}"
                if "coverage_pct" in of
                else ""
            )
            yield (
                f"  {name:34} {of['n']:3} {of['median_log_error']:9.3f} "
                f"{of['median_error_pct']:8.1f}% {of['mean_log_error']:10.3f} {interval}"
            ).rstrip()


def lines_of_runs(runs):
    yield "Predicted over reported device-hours; each family left out of the fit"
    heads = f"{'run':43} {'family':9} {'FLOP':>8} {'util.':>6} {'ours':>5}"
    yield f"{heads}  80 % interval    OCE   35%"
    for run in runs:
        oce = run["opencarboneval_ratio"]
        yield (
            f"{run['model'][:43]:43} {run['family']:9} {run['flop']:8.1e} "
            f"{run['utilisation']:6.1%} {run['ours_ratio']:5.2f} {run['ours_low']:6.2f} - "
            f"{run['ours_high']:5.2f} {'' if run['held'] else '!':1} "
            f"{f'{oce:.2f}' if oce else '-':>5} {run['share_of_peak_ratio']:5.2f}"
        )


def main():
    for line in lines(measure()):
        print(line)


if __name__ == "__main__":
    main()
