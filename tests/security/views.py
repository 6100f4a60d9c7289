"""All that this package shows, of runs whose texts are given: a list that must be whole."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import UTC, datetime
from typing import Any

import hostile

import ocarbon_magic
import ocarbon_magic as oc
from ocarbon_magic import shown
from ocarbon_magic.carbon.live.points import Point
from ocarbon_magic.collection import Runs
from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.collection.shelf import Pile
from ocarbon_magic.collection.totals import BY, Totals
from ocarbon_magic.config import Settings
from ocarbon_magic.exported import Export
from ocarbon_magic.meters.base import Device
from ocarbon_magic.meters.discover import Source
from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.planning.advice.measure import Advice
from ocarbon_magic.planning.comparison.compare import compare
from ocarbon_magic.planning.comparison.result import Comparison
from ocarbon_magic.planning.result import Estimate
from ocarbon_magic.planning.starts import Job, Starts, chosen, starts
from ocarbon_magic.planning.whatif.outcome import Outcome
from ocarbon_magic.planning.whatif.ranking import Ranking
from ocarbon_magic.run import Run
from ocarbon_magic.site import site_of
from ocarbon_magic.views import when as _when  # noqa: F401 - starts then show themselves
from ocarbon_magic.views.answers import diagnosis, grid_of
from ocarbon_magic.views.figures.page import Page
from ocarbon_magic.views.panel import Panel
from ocarbon_magic.views.report.result import FORMS, Report
from ocarbon_magic.views.table import Table

_NOON_S = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def _runs(text: str) -> list[Run]:
    """Return the run in several forms: whole, going on, and with no word that is known."""
    going_on = hostile.run(text)
    going_on.status, going_on.work.done = "running", 10.0
    strange = hostile.run(text, everywhere=True)
    going_on.id, strange.id = "7d0d9e42-35e6-4a0c-8f57-6f1f5a0c9b12", text
    whole, going_on.within = hostile.run(text), None
    whole.within = strange.within = None
    return [whole, going_on, strange]


def _kept(text: str) -> Runs:
    """Return runs with where they come from."""
    made = _runs(text)
    pile = Pile(made, [Origin(text, text, text, text)] * len(made))
    pile.notes = [text]
    return Runs.on(pile, range(len(made)))


def _two(text: str) -> list[Run]:
    first, second = hostile.run(text), hostile.run(text)
    second.id, second.name = "7d0d9e42-35e6-4a0c-8f57-6f1f5a0c9b12", f"other {text}"
    second.metric.value = first.metric.value = 0.5
    return [first, second]


def _starts(text: str) -> list[Starts]:
    points = [
        Point(_NOON_S + 3600 * h, _NOON_S + 3600 * (h + 1), 100.0 - h, estimated=True)
        for h in range(12)
    ]
    found, until = starts(points, Job(3600.0, 1.0, 1.0, text), _NOON_S)
    best, within = chosen(found)
    zone = hostile.run(text).zone
    job = Job(3600.0, 1.0, 1.0, text)
    return [
        Starts(zone, text, "lifecycle", marginal, job, found[0], best, within, until)
        for marginal in (False, True)
    ]


def _tables(text: str) -> list[Table]:
    site = site_of(Settings(zone="FRA", given=frozenset({"zone"})))
    site.zone.code = site.zone.name = site.intensity.source = text
    device = Device("gpu", text, text, "trace", measured=False, host=text)
    sources = [Source(text, devices=[device]), Source(text, why=text, remedy=text)]
    return [grid_of(site, [text]), diagnosis(sources, site, (text, text, text, text))]


def _estimates(text: str) -> list[Estimate]:
    strange = hostile.run(text)
    strange.zone.how = strange.intensity.scope = text
    return [oc.estimate(run=run, work=4000.0) for run in (hostile.run(text), strange)]


def _figures(text: str) -> list[Page]:
    two = _two(text)
    return [
        hostile.run(text).plot(),
        hostile.run(text).plot("throughput", law=True),
        Runs(two).plot(),
        Runs(two).plot("metric", better="higher"),
    ]


VIEWS = {
    Run: _runs,
    Runs: lambda text: [_kept(text), Runs()],
    Totals: lambda text: [_kept(text).totals(by) for by in BY],
    Advice: lambda text: [advise(run, Runs(_two(text))) for run in _runs(text)],
    Comparison: lambda text: [
        compare(_two(text)),
        compare(_two(text), functional_unit=" ".join(text.split()), units=2.0),
        compare([*_two(text), *_runs(text)[1:]]),
    ],
    Estimate: _estimates,
    Export: lambda text: [Export("csv", text, 1, 1, (text,))],
    Report: lambda text: [
        oc.report(runs, format=form) for form in FORMS for runs in (hostile.run(text), _two(text))
    ],
    Outcome: lambda text: [oc.whatif(run, zone="SE") for run in _two(text)],
    Ranking: lambda text: [oc.whatif(hostile.run(text), zone=["SE", "FR"])],
    Starts: _starts,
    Table: _tables,
    Page: _figures,
    Panel: lambda text: [Panel(record=hostile.record(text))],
}
"""What makes each kind of view, and in as many forms as it has."""


def kinds_of_view() -> set[type]:
    """Return every class of the package that shows itself in a notebook."""
    found = set()
    for module in pkgutil.walk_packages(ocarbon_magic.__path__, "ocarbon_magic."):
        if ".startup." in module.name:
            continue
        for kind in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(kind) and kind.__module__.startswith("ocarbon_magic."):
                found |= {kind} if any(name.startswith("_repr_") for name in dir(kind)) else set()
    return (found | {*shown._renderers}) - {shown.Shown}


def bundle(view: Any) -> dict[str, Any]:
    """Return what a notebook shows of a view, by MIME type."""
    if isinstance(view, Table):
        return view.bundle()
    made = view._repr_mimebundle_()
    return made[0] if isinstance(made, tuple) else made
