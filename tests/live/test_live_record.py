"""What is kept, shown and streamed of a run whose intensity changes, and what it costs others."""

import json
import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_runs import fullest, sample

from ocarbon_magic import live as live_module
from ocarbon_magic.carbon.live.curve import Curve
from ocarbon_magic.carbon.live.feed import Feed
from ocarbon_magic.carbon.live.points import Point
from ocarbon_magic.carbon.live.service import Service
from ocarbon_magic.live import MOST_STEPS, LiveIntensity
from ocarbon_magic.run import Intensity, IntensitySeries, run_schema
from ocarbon_magic.series import RunSeries
from ocarbon_magic.snapshot import Snapshots
from ocarbon_magic.timeline import Timeline, fitted
from ocarbon_magic.views.report.sources import source_of

BEGAN_S = 1_790_000_100.0


class Told:
    """A source of points that are there from the start."""

    service = Service("told", "Told", "")
    zone, scope, step_s, late_s, basis, ahead_is_marginal = "Z", "lifecycle", 300.0, 0.0, "", False

    def __init__(self, points):
        self.points = points

    def recent(self, *_):
        return self.points

    def ahead(self, _):
        return []


@pytest.fixture
def kept(monkeypatch):
    """Return a `LiveIntensity` on given points, without a thread, and its `Intensity`."""

    def make(points, fallback=None):
        feed = Feed(Told(points), wall=lambda: BEGAN_S)
        feed._recent = {point.start_s: point for point in points}
        monkeypatch.setattr(feed, "join", lambda _: None)
        monkeypatch.setattr(feed, "leave", lambda _: None)
        monkeypatch.setattr(live_module, "feed_of", lambda _: feed)
        intensity = Intensity(41.0, 2025, "lifecycle", "Ember")
        made = LiveIntensity(feed.source, intensity, fallback, wall=lambda: BEGAN_S)
        made.begin(lambda _: None)
        return made, intensity

    return make


def steps(amounts, step_s=300.0):
    start_s = BEGAN_S // step_s * step_s
    return [
        Point(start_s + step_s * i, start_s + step_s * (i + 1), amount, estimated=False)
        for i, amount in enumerate(amounts)
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.0, 1000.0), min_size=1, max_size=30),
    st.lists(st.tuples(st.floats(0.1, 900.0), st.floats(0.0, 1e6)), min_size=1, max_size=30),
)
def test_the_grams_of_a_run_are_the_sum_over_its_time(amounts, spans):
    """The sum is made again here second by second of each span, from the points alone."""
    with pytest.MonkeyPatch.context() as patch:
        made, intensity = kept.__wrapped__(patch)(steps(amounts))
    curve = Curve(steps(amounts))
    run_s = energy_j = grams = 0.0
    for span_s, joules in spans:
        at_s = run_s
        while at_s < run_s + span_s:  # by slots of five minutes of the clock
            left = 300.0 - (BEGAN_S + at_s) % 300.0
            until_s = min(at_s + max(left, 1e-6), run_s + span_s)
            share = (until_s - at_s) / span_s
            grams += share * joules * curve.at(BEGAN_S + (at_s + until_s) / 2).g_per_kwh
            at_s = until_s
        run_s, energy_j = run_s + span_s, energy_j + joules
        made.drew(run_s, energy_j)
    assert energy_j * intensity.gco2e_per_kwh == pytest.approx(grams, rel=1e-6, abs=1e-6 * energy_j)
    assert made.until(run_s, energy_j) == pytest.approx(intensity.gco2e_per_kwh)
    assert 0.0 <= intensity.gco2e_per_kwh <= 1000.0


def test_a_month_in_steps_of_five_minutes_is_kept_in_few(kept):
    slots = 30 * 288
    made, intensity = kept(steps([float(i % 97) for i in range(slots)]))
    for i in range(0, slots, 240):  # every twenty hours
        made.drew(300.0 * i, 1000.0 * i)
    made.drew(300.0 * slots, 1000.0 * slots)
    assert len(intensity.series.t_s) == len(intensity.series.gco2e_per_kwh) <= MOST_STEPS
    assert made.until(300.0 * slots, 1000.0 * slots) == pytest.approx(intensity.gco2e_per_kwh)
    # the values go round from 0 to 96, so that whole rounds have a mean of 48
    assert intensity.gco2e_per_kwh == pytest.approx(48.0, abs=0.1)


def test_the_fullest_record_with_a_full_series_stays_small():
    run = fullest()
    t_s = [float(f"{i * 86_397.3:.5g}") for i in range(MOST_STEPS)]
    g_per_kwh = [float(f"{123.456 + i:.5g}") for i in range(MOST_STEPS)]
    run.intensity.series = IntensitySeries(t_s, g_per_kwh)
    run.series = fitted(run, run.series)  # as its recorder does
    assert len(json.dumps(run.to_dict())) <= 16_000
    jsonschema.Draft202012Validator(run_schema()).validate(run.to_dict())


def test_a_snapshot_has_no_series_and_tells_no_mean_that_creeps():
    run = sample(status="running")
    run.intensity.series = IntensitySeries([0.0], [53.0])
    series = RunSeries()
    snapshots = Snapshots(run, series, Timeline(run, series, lambda *_: 0.0))
    told = []
    for i in range(40):
        run.intensity.gco2e_per_kwh = 53.0 + i * 1e-4
        told.append(snapshots.take([], None))
    abouts = [snapshot["run"] for snapshot in told if "run" in snapshot]
    assert abouts[0]["intensity"]["gco2e_per_kwh"] == 53.0
    assert "series" not in abouts[0]["intensity"]
    assert len(abouts) < len(told) / 3
    run.intensity.gco2e_per_kwh = 90.0
    assert snapshots.take([], None)["run"]["intensity"]["gco2e_per_kwh"] == 90.0


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ("Electricity Maps, live, FR, estimated", "electricity-maps"),
        ("Carbon Intensity API of Great Britain, live, GB", "gb-carbon-intensity"),
        ("ENTSO-E, live, 10YFR-RTE------C, generation by type", "entsoe-transparency"),
        ("WattTime, live, CAISO_NORTH, average rate", "watttime"),
    ],
)
def test_a_report_cites_who_told_the_intensity(named, key):
    assert source_of(named).key == key


def test_a_run_that_asks_nobody_imports_nothing_of_this():
    code = (
        "import sys, ocarbon_magic as oc\n"
        "with oc.measure(zone='FRA', quiet=True, devices='none', no_journal=True): pass\n"
        "print(*[m for m in sys.modules if m.startswith('ocarbon_magic.')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(result.stdout.split())
    assert "ocarbon_magic.site" in loaded
    assert not [m for m in loaded if "live" in m or "fetch" in m]
