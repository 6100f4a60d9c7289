"""A run with much to draw, what is read from a figure, and a Python of its own to draw in."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from sample_runs import around, sample

import ocarbon_magic.views  # noqa: F401 - tells Run how to be drawn
from ocarbon_magic.run import Law, RunProjection, Throughput, Work

SUBSCRIPT = "CO\N{SUBSCRIPT TWO}e"
FITTED = Throughput(1.2, 4.1, 3.1, law=Law(-1.17, 6.2, 190.3, None))


def halfway(**changes):
    """A run at 40 % of its work, its projection in keeping with what it emitted."""
    run = sample(status="running", ended_at=None, throughput=FITTED, **changes)
    run.work = Work(2000.0, 5000.0, "step", 14.9, "tqdm")
    share = 0.4
    run.projection = RunProjection(
        around(run.duration_s / share, 0.1),
        around(run.energy_kwh / share),
        around(run.emissions_g / share),
        share,
        "pace",
    )
    return run


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax, label):
    return next(curve for curve in ax.get_lines() if curve.get_label() == label)


def saved(figure, form):
    file = io.BytesIO()
    figure.savefig(file, format=form)
    return file.getvalue()


def isolated(code):
    tests = Path(__file__).parent
    return subprocess.run(
        [sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=False
    )
