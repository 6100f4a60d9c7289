"""When to start: the cleanest hours of a forecast, for as long as the job takes."""

import re
import time
from types import SimpleNamespace

import answers
import pytest
from answers import HOUR_S
from hypothesis import given
from hypothesis import strategies as st
from loopback import as_json, silent
from sample_runs import sample

from ocarbon_magic import history
from ocarbon_magic.carbon.live import feed as feed_module
from ocarbon_magic.carbon.live.points import Point
from ocarbon_magic.planning.starts import Job, StartError, chosen, starts
from ocarbon_magic.questions import when as when_module
from ocarbon_magic.questions.when import seconds, when
from ocarbon_magic.run import Zone
from ocarbon_magic.subcommands.when import answer

NOON_S = 1_790_000_000 // 86_400 * 86_400 + 43_200.0
SECRET = "k3y-of-the-user"


def hours(*amounts):
    return [
        Point(NOON_S + HOUR_S * i, NOON_S + HOUR_S * (i + 1), float(amount), estimated=True)
        for i, amount in enumerate(amounts)
    ]


TWO_HOURS = Job(2 * HOUR_S, 3.0, 1.2, "as long as train")


def test_the_best_start_is_that_of_the_lowest_mean_over_the_job():
    found, until = starts(hours(100, 80, 60, 20, 40, 90), TWO_HOURS, NOON_S)
    # means over two hours: 90, 70, 40, 30, 65
    assert [start.g_per_kwh for start in found] == pytest.approx([90, 70, 40, 30, 65])
    best, _ = chosen(found)
    assert best.waits_s == 3 * HOUR_S
    # 3 kWh x 1.2 x 30 = 108 g, and 3 x 1.2 x 90 = 324 g now
    assert best.operational_g == pytest.approx(108.0)
    assert best.saved_g == pytest.approx(216.0)
    assert best.saved_pct == pytest.approx(200 / 3)
    assert (found[0].saved_g, found[0].saved_pct) == (0.0, 0.0)
    assert until == "2026-09-21T18:00:00+00:00"
    assert best.at == "2026-09-21T15:00:00+00:00"


def test_a_start_in_midst_of_an_hour_covers_its_rest():
    found, _ = starts(hours(100, 50, 50, 50), TWO_HOURS, NOON_S + HOUR_S / 2)
    # half an hour at 100, an hour and a half at 50: 62.5
    assert found[0].g_per_kwh == pytest.approx(62.5)
    assert found[1].waits_s == HOUR_S / 2


def test_of_equal_starts_the_soonest_is_best():
    found, _ = starts(hours(9, 5, 5, 5, 5), TWO_HOURS, NOON_S)
    best, within = chosen(found)
    assert best.waits_s == HOUR_S
    assert within == (best,)


def test_the_best_within_some_hours_are_told_once_each():
    amounts = [50] * 4 + [40] * 4 + [30] * 4 + [20] * 20
    found, _ = starts(hours(*amounts), Job(HOUR_S, None, 1.0, ""), NOON_S)
    _, within = chosen(found)
    # within 6 h the hour of 40 at 4 h, within 12 h that of 20 at 12 h, which is best for good
    assert [start.waits_s / HOUR_S for start in within] == [4, 12]
    assert within[0].operational_g is None


def test_a_gap_in_the_forecast_is_no_start():
    points = [p for p in hours(50, 50, 50, 1, 50, 50, 50) if p.g_per_kwh > 1]
    found, _ = starts(points, TWO_HOURS, NOON_S)
    assert [start.waits_s / HOUR_S for start in found] == [0, 1, 4, 5]


def test_a_forecast_that_is_too_short_says_how_far_it_reaches():
    with pytest.raises(StartError, match="the forecast reaches 1:00:00 ahead and does not cover"):
        starts(hours(50), TWO_HOURS, NOON_S)
    with pytest.raises(StartError, match="clock right"):
        starts(hours(50), TWO_HOURS, NOON_S + 9 * HOUR_S)
    with pytest.raises(StartError, match="clock right"):
        starts([], TWO_HOURS, NOON_S)


@given(
    st.lists(st.floats(1.0, 900.0), min_size=1, max_size=72),
    st.floats(60.0, 72 * HOUR_S),
    st.floats(0.0, HOUR_S),
)
def test_no_start_is_better_than_the_best_and_none_is_beyond_the_forecast(amounts, span_s, after_s):
    job = Job(span_s, 1.0, 1.0, "")
    try:
        found, _ = starts(hours(*amounts), job, NOON_S + after_s)
    except StartError:
        assert after_s + span_s > HOUR_S * len(amounts) - 2.0
        return
    best, within = chosen(found)
    assert best.g_per_kwh == min(start.g_per_kwh for start in found)
    assert best.saved_g >= 0.0
    assert within[-1].g_per_kwh == best.g_per_kwh
    assert all(after_s + s.waits_s + span_s <= HOUR_S * len(amounts) + 1 for s in found)
    assert min(amounts) - 1e-6 <= best.g_per_kwh <= max(amounts) + 1e-6


@pytest.mark.parametrize(
    ("said", "expected"),
    [("2h", 7200), ("90min", 5400), ("1h30m", 5400), ("45", 45), (45.5, 45.5), ("2 D", 172_800)],
)
def test_a_duration_is_read(said, expected):
    assert seconds(said) == expected


@pytest.mark.parametrize(
    "said", ["", "h", "-2h", "2x", "0", "31d", "nan", "inf", "1e9", "2h!", None]
)
def test_what_is_no_duration_is_one_sentence(said):
    with pytest.raises(ValueError, match="a duration is a time such as 90min"):
        seconds(said)


# asked over the network


@pytest.fixture(autouse=True)
def here(monkeypatch, server):
    for name in ("ELECTRICITYMAPS_KEY", "ENTSOE_KEY", "WATTTIME_USER", "WATTTIME_PASSWORD"):
        monkeypatch.setenv(f"OCARBON_{name}", SECRET)
    for name in ("ELECTRICITYMAPS", "GB", "ENTSOE", "WATTTIME"):
        monkeypatch.setenv(f"OCARBON_{name}_URL", server.url)
    feed_module._feeds.clear()
    history._finished.clear()


def finished(monkeypatch, **more):
    run = sample(name="train", duration_s=2 * HOUR_S, energy_kwh=3.0, **more)
    run.zone = Zone("FRA", "France", "given")
    monkeypatch.setattr(history, "last_run", lambda: run)
    return run


AHEAD = [50] * 3 + [20] * 3 + [90] * 20


def test_the_last_run_is_the_job_without_another(server, monkeypatch):
    finished(monkeypatch)
    server.reply = answers.electricity_maps(time.time(), ahead=AHEAD)
    found = when(live_intensity="electricitymaps")
    assert found.job == Job(2 * HOUR_S, 3.0, 1.0, "as long as train")
    assert found.zone.code == "FRA"
    assert found.best.g_per_kwh == pytest.approx(20.0)
    assert found.best.operational_g == pytest.approx(60.0)
    assert not found.marginal
    assert found.to_dict()["best"]["at"] == found.best.at
    asked = len(server.requests)
    when("1h", live_intensity="electricitymaps")
    assert len(server.requests) == asked  # a forecast is good for a while


def test_a_duration_has_the_run_s_mean_power(server, monkeypatch):
    finished(monkeypatch)
    server.reply = answers.electricity_maps(time.time(), ahead=AHEAD)
    found = when("1h", live_intensity="electricitymaps")
    assert (found.job.duration_s, found.job.energy_kwh) == (HOUR_S, 1.5)


def test_without_a_run_only_the_share_is_told(server):
    server.reply = lambda *_: as_json(
        {"data": answers.great_britain(time.time(), [None] * 8, [100] * 4 + [50] * 4)}
    )
    found = answer(["30min", "--zone", "GB", "--live-intensity", "gb"])
    assert found.job.energy_kwh is None
    assert found.best.saved_pct == pytest.approx(50.0)
    assert "emissions" not in str(found).splitlines()[1]


def test_marginal_rates_are_named_so(server, monkeypatch):
    finished(monkeypatch)
    now_s = time.time() // 300 * 300
    server.reply = {
        "/login": as_json({"token": "t"}),
        "/v3/forecast": answers.watttime("co2_moer", now_s, [900] * 12 + [300] * 36),
    }
    found = when("1h", zone="US-CA", live_intensity="watttime:CAISO_NORTH")
    assert found.marginal
    assert "is not what a run is charged with" in " ".join(str(found).split())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "nobody to ask is named: add --live-intensity"),
        ({"live_intensity": "gb"}, "is not known to cover France"),
        ({"live_intensity": "entsoe"}, "ENTSO-E forecasts no intensities"),
        ({"live_intensity": "electricitymaps", "zone": "Narnia"}, "unknown zone"),
        ({"live_intensity": "electricitymaps", "duration": "40h"}, "does not cover a job of"),
        ({"live_intensity": "electricitymaps", "run": 5}, "run must be a measured run"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(server, monkeypatch, options, sentence):
    finished(monkeypatch)
    server.reply = answers.electricity_maps(time.time(), ahead=AHEAD)
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        when(**options)
    assert "\n" not in str(caught.value)


def test_nothing_is_known_without_a_run_and_a_duration():
    with pytest.raises(ValueError, match="add a duration such as 2h"):
        when(zone="FRA", live_intensity="electricitymaps")


def test_a_refusal_is_told_without_the_key(server, monkeypatch):
    finished(monkeypatch)
    server.reply = 403, {}, SECRET.encode()
    with pytest.raises(ValueError, match="403") as caught:
        when(live_intensity="electricitymaps")
    assert SECRET not in repr(caught.value) + repr(caught.value.__context__)


def test_a_dead_network_is_waited_for_no_longer_than_said(server, monkeypatch):
    finished(monkeypatch)
    server.reply = silent(server)
    monkeypatch.setattr(when_module, "DEADLINE_S", 0.05)
    with pytest.raises(ValueError, match="did not answer in time"):
        when(live_intensity="electricitymaps")


def test_a_start_that_saves_nothing_is_now(server, monkeypatch):
    finished(monkeypatch)
    server.reply = answers.electricity_maps(time.time(), ahead=[20] * 6)
    said = str(when(live_intensity="electricitymaps"))
    assert said.startswith("Start now: no later start of a job of")


def test_the_text_fits_a_terminal_and_says_what_it_rests_on(server, monkeypatch):
    run = finished(monkeypatch)
    run.name = "<b>train</b>"
    server.reply = answers.electricity_maps(time.time(), ahead=AHEAD)
    found = when(live_intensity="electricitymaps")
    said = str(found)
    assert said.startswith("Start ")
    assert "a job of 2 h in France" in " ".join(said.split())
    assert all(len(line) <= 80 for line in said.splitlines())
    assert "Forecast of Electricity Maps, FR (lifecycle)" in " ".join(said.split())
    page = found._repr_mimebundle_()["text/html"]
    assert "<b>train" not in page
    assert "&lt;b&gt;train" in page
    assert SECRET not in page + said


def test_a_run_under_way_is_taken_as_projected(server, monkeypatch):
    run = finished(monkeypatch, status="running")
    value = SimpleNamespace
    run.projection = value(duration_s=value(value=HOUR_S), energy_kwh=value(value=1.0))
    server.reply = answers.electricity_maps(time.time(), ahead=AHEAD)
    found = when(live_intensity="electricitymaps", run=run)
    assert (found.job.duration_s, found.job.energy_kwh) == (HOUR_S, 1.0)
