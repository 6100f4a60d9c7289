"""What is projected after one of ten epochs, the first of which is slow."""

# ruff: noqa: PLC0415 - a package can be imported in its own environment only
from __future__ import annotations

import contextlib
import io
import re
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = 10
WORK = """\
for epoch in range({epochs}):
    for step in range({steps}):
        wait(({first_s} if epoch == 0 else {other_s}) / {steps})
"""


def measured(package: str, epochs: int, first_s: float, other_s: float) -> Iterator[dict[str, Any]]:
    """Tell the projected and the true duration and energy."""
    ways = {"ocarbon_magic": ours, "carbontracker": carbontracker}
    yield ways[package](epochs, first_s, other_s)


def ours(epochs: int, first_s: float, other_s: float) -> dict[str, Any]:
    """Run the training as it stands in a cell; the record keeps what was projected."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ocarbon_magic")
    shell.push({"wait": threading.Event().wait})
    work = WORK.format(epochs=epochs, steps=STEPS, first_s=first_s, other_s=other_s)
    shell.run_cell(f"%%carbon --quiet --zone FRA --save run\n{work}").raise_error()
    run = shell.user_ns["run"]
    projected = next((one for one in run.projections if one.at_fraction >= 1 / epochs), None)
    if projected is None:
        raise RuntimeError("nothing was projected")
    return {
        "at_fraction": projected.at_fraction,
        "projected_s": projected.duration_s.value,
        "low_s": projected.duration_s.low,
        "high_s": projected.duration_s.high,
        "actual_s": run.duration_s,
        "projected_kwh": projected.energy_kwh.value,
        "actual_kwh": run.energy_kwh,
        "later": [
            {"at_fraction": one.at_fraction, "projected_s": one.duration_s.value}
            for one in run.projections
            if one.at_fraction > projected.at_fraction
        ],
    }


def carbontracker(epochs: int, first_s: float, other_s: float) -> dict[str, Any]:
    """Mark the epochs of the same training by hand, and read what is printed."""
    from carbontracker.tracker import CarbonTracker

    wait = threading.Event().wait
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        tracker = CarbonTracker(epochs=epochs)
        begun_s = time.monotonic()
        for epoch in range(epochs):
            tracker.epoch_start()
            for _ in range(STEPS):
                wait((first_s if epoch == 0 else other_s) / STEPS)
            tracker.epoch_end()
        actual_s = time.monotonic() - begun_s
        tracker.stop()
    said = printed.getvalue()
    times = [hms_s(text) for text in re.findall(r"Time:\s*([\d:.]+)", said)]
    energies = [float(text) for text in re.findall(r"Energy:\s*([\d.e-]+) kWh", said)]
    return {
        "at_fraction": 1 / epochs,
        "projected_s": times[0],
        "actual_s": actual_s,
        "projected_kwh": energies[0],
        "actual_kwh": energies[1],
    }


def hms_s(text: str) -> float:
    """Return the seconds of hours, minutes and seconds."""
    hours, minutes, seconds = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
