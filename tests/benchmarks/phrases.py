"""Figures that stand in the sentences of README.md, made of the results."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.parts import Figures
from benchmarks.results import Results, figures

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def of(part: str, phrase: Callable[[Figures], str]) -> Callable[[Results], str]:
    """Return a phrase of the figures of one part."""
    return lambda results: phrase(figures(results, part))


def in_words(count: int) -> str:
    """Return a small number as a word."""
    return COUNTS[count] if count < len(COUNTS) else f"{count:,}"


def slowest_filter_ms(journal: Figures) -> float:
    """Return the processor time of the filter that takes the longest."""
    return max(ms for what, ms in journal["questions_ms"].items() if what.startswith("filter"))


def by_hand(name: str) -> Callable[[Figures], str]:
    """Return what tells the cost of a loop counted by hand, over all Pythons measured."""

    def phrase(by_python: Figures) -> str:
        added = [round(measured["by_hand"][name]["added_ns"]) for measured in by_python.values()]
        least, most = min(added), max(added)
        return f"{least} ns" if least == most else f"{least} to {most} ns"

    return phrase


def early_energy_errors(forecasts: Figures) -> str:
    """Return the range of the energy errors at the first share."""
    cases = forecasts["energies"]["cases"]
    first = next(iter(forecasts["by_rows"]["forecasters"][forecasts["ours"]]))
    low_pct = [-case["error_pct"] for case in cases if case["seen"] == first]
    return f"{min(low_pct):.0f} to {max(low_pct):.0f} %"


PHRASES: dict[str, Callable[[Results], str]] = {
    "load": of("overhead", lambda f: f"{f['load_ms']['median']:.0f} ms"),
    "start-first": of("overhead", lambda f: f"{f['start_first_ms']['median']:.0f} ms"),
    "start-later": of("overhead", lambda f: f"{f['start_later_ms']['median']:.1f} ms"),
    "end": of("overhead", lambda f: f"{f['end_ms']['median']:.0f} ms"),
    "loop-rounds": of("loops", lambda f: f"{next(iter(f.values()))['rounds']}"),
    "by-hand-list": of("loops", by_hand("oc.track, list")),
    "by-hand-generator": of("loops", by_hand("oc.track, generator")),
    "torch-step": of("torch", lambda f: f"{f['hook_us']:.1f} µs"),
    "second-slowed": of("training", lambda f: f"{f['run_of_a_second']['slowed_pct']:.1f} %"),
    "training-slowed": of("training", lambda f: f"{f['settled']['slowed_pct']:.2f} %"),
    "bare-thread": of("sampling", lambda f: f"{f['waking_core_pct']:.2f} %"),
    "sampling": of("sampling", lambda f: f"{f['settled_core_pct']:.2f} %"),
    "panel-traffic": of(
        "panel", lambda f: f"{f['ways']['our labextension']['bytes_per_s'] / 1000:.1f} KB"
    ),
    "panel-labextension": of("panel", lambda f: f"{f['added_core_pct']['our labextension']:.1f} %"),
    "panel-widget": of("panel", lambda f: f"{f['added_core_pct']['a widget']:.1f} %"),
    "journal-runs": of("journal", lambda f: f"{f['runs']:,}"),
    "journal-list": of("journal", lambda f: f"{f['questions_ms']['list all']:.0f} ms"),
    "journal-filter": of("journal", lambda f: f"{slowest_filter_ms(f):.0f} ms"),
    "journal-end": of("journal", lambda f: f"{f['end_of_cell_ms']['with']['median']:.0f} ms"),
    "journal-end-without": of(
        "journal", lambda f: f"{f['end_of_cell_ms']['without']['median']:.0f} ms"
    ),
    "killed": of("journal", lambda f: f"{f['killed']['lost_s']['most']:.1f} s"),
    "telemetry": of("telemetry", lambda f: f"{f['told_core_pct']:.2f} %"),
    "accuracy-rounds": of("accuracy", lambda f: in_words(f["rounds"])),
    "accuracy-seconds": of("accuracy", lambda f: f"{f['duration_s']:.0f} s"),
    "packages": of("weight", lambda f: in_words(len(f["packages"]))),
    "megabytes": of("weight", lambda f: f"{sum(p['mb'] for p in f['packages']):.1f} MB"),
    "forecast-runs": of("forecasts", lambda f: f"{f['runs']}"),
    "forecast-families": of("forecasts", lambda f: f"{f['families']}"),
    "energy-runs": of("forecasts", lambda f: in_words(f["energies"]["runs"])),
    "energy-error": of("forecasts", lambda f: f"{f['energies']['median_error_pct']:.1f} %"),
    "energy-held": of("forecasts", lambda f: f"{f['energies']['held']}"),
    "energy-intervals": of("forecasts", lambda f: f"{f['energies']['intervals']}"),
    "energy-early": of("forecasts", early_energy_errors),
    "estimate-runs": of(
        "estimates",
        lambda f: f"{f['summaries']['device-hours, runs with an alpha']['calibrated']['n']}",
    ),
}
"""By the name that stands in the mark."""
