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
    """Return n, median |ln|, median |relative| error, mean |ln|, coverage, interval score."""
    errors = [guess.error for guess in guesses]
    relative = [abs(guess.ratio - 1.0) for guess in guesses]
    known = [guess for guess in guesses if not math.isnan(guess.low)]
    return (
        len(guesses),
        statistics.median(errors),
        statistics.median(relative),
        statistics.mean(errors),
        statistics.mean(guess.covers for guess in known) if known else math.nan,
        statistics.mean(guess.interval_score for guess in known) if known else math.nan,
    )


def print_summaries(title, by_method):
    print(f"\n{title:36}   n  med |ln|  med error  mean |ln|  coverage  int. score")
    for name, guesses in by_method.items():
        if guesses:
            n, log, relative, mean, coverage, score = summary(guesses)
            print(
                f"  {name:34} {n:3} {log:9.3f} {relative:9.1%} {mean:10.3f} "
                f"{coverage:9.0%} {score:11.2f}"
            )


def print_runs(runs):
    print("Predicted over reported device-hours; each family left out of the fit")
    print(
        f"{'run':43} {'family':9} {'FLOP':>8} {'util.':>6} {'ours':>5}  80 % interval    OCE   35%"
    )
    for run in runs:
        ours, oce = calibrated(run), open_carbon_eval(run)
        utilisation = run.tflops_per_device / peak_tflops(run.accelerator)
        print(
            f"{run.model[:43]:43} {run.family:9} {run.flop:8.1e} {utilisation:6.1%} "
            f"{ours.ratio:5.2f} {ours.low:6.2f} - {ours.high:5.2f} {'' if ours.covers else '!':1} "
            f"{f'{oce.ratio:.2f}' if oce else '-':>5} {share_of_peak(run).ratio:5.2f}"
        )


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


def main():
    runs = runs_with_hours()
    print_runs(runs)
    for model, why in EXCLUDED.items():
        print(f"  not used: {model}: {why}")
    with_alpha = [run for run in runs if open_carbon_eval(run)]
    print_summaries(
        "device-hours, runs with an alpha",
        {name: [guess(run) for run in with_alpha] for name, guess in METHODS.items()},
    )
    rest = {name: guess for name, guess in METHODS.items() if guess is not open_carbon_eval}
    print_summaries(
        "device-hours, all runs",
        {name: [guess(run) for run in runs] for name, guess in rest.items()},
    )
    wider = [*runs, croissant()]
    print_summaries(
        "the same and CroissantLLM",
        {name: [guess(run) for run in wider] for name, guess in rest.items()},
    )
    for family in dict.fromkeys(run.family for run in runs):
        print_summaries(
            f"device-hours, {family}",
            {
                name: [g for run in runs if run.family == family and (g := guess(run))]
                for name, guess in METHODS.items()
            },
        )
    powered = runs_with_power()
    for family in dict.fromkeys(run.family for run in powered):
        members = [run for run in powered if run.family == family]
        print_summaries(
            f"power, {family}",
            {
                "calibrated": [calibrated_power(run) for run in members],
                "power limit": [power_limit(run) for run in members],
            },
        )
    print_summaries(
        "power, all",
        {
            "calibrated": [calibrated_power(run) for run in powered],
            "power limit": [power_limit(run) for run in powered],
        },
    )


if __name__ == "__main__":
    main()
