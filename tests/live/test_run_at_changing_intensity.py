"""A whole run whose intensity changes: each joule is counted at the intensity of its time."""

from types import SimpleNamespace

import answers
import pytest
from answers import HOUR_S
from loopback import silent
from recorded import Constant, trains

from ocarbon_magic import live as live_module
from ocarbon_magic.carbon.live import feed as feed_module
from ocarbon_magic.carbon.live.electricitymaps import ElectricityMaps
from ocarbon_magic.carbon.live.feed import Feed
from ocarbon_magic.run import Run
from ocarbon_magic.shells import current_shell

SECRET = "k3y-of-the-user"
NOON_S = 1_790_000_000 // 86_400 * 86_400 + 43_200.0
TEN_TO_S = NOON_S - 600.0
"""When the runs begin: ten minutes before noon."""


@pytest.fixture
def wall(clock):
    """The time of day on the tests' clock, which begins at 1000."""
    return lambda: TEN_TO_S + clock.now - 1000.0


@pytest.fixture(autouse=True)
def here(monkeypatch, server, clock, wall):
    monkeypatch.setenv("OCARBON_ELECTRICITYMAPS_KEY", SECRET)
    monkeypatch.setenv("OCARBON_ELECTRICITYMAPS_URL", server.url)
    monkeypatch.setenv("OCARBON_GB_URL", server.url)
    monkeypatch.setattr(live_module, "time", SimpleNamespace(time=wall))
    monkeypatch.setattr(live_module, "feed_of", lambda source: feed(source, clock, wall))
    made.clear()


made = []


def feed(source, clock, wall):
    """Return a feed on the tests' clock; within a test all runs share it."""
    if not made:
        made.append(Feed(source, clock=clock, wall=wall))
    return made[0]


@pytest.fixture
def lasting(record, clock):
    """Record some minutes at 100 W, told one by one; ``at`` does things at some of them."""

    def run(at=None, minutes=30, **options):
        meter = Constant(clock, 100.0)

        def during(recorder):
            for minute in range(minutes + 1):
                if minute in (at or {}):
                    at[minute](recorder)
                recorder._tick(clock(), meter.read())
                clock.now += 60.0
            clock.now -= 60.0

        said = {"intensity": None, "live_intensity": "electricitymaps", "embodied": "none"}
        return record(meter, duration_s=0.0, during=during, **said | options)

    return run


def told(server, now_s, **what):
    server.reply = answers.electricity_maps(now_s, **what)


def answered(_=None):
    assert made[0].answered.wait(60)


def asked_again(server, wall, **what):
    """Return what has the source asked again, when it tells something else."""

    def do(_):
        told(server, wall(), **what)
        made[0].refresh(TEN_TO_S)

    return do


def test_each_joule_is_counted_at_the_intensity_of_its_time(lasting, server, wall):
    told(server, TEN_TO_S, latest=50)
    later = asked_again(server, wall, history=[50], latest=200)
    run = lasting({0: answered, 11: later}, pue=1.2)
    # 10 min before noon and 20 min after it at 100 W: 60 kJ at 50 and 120 kJ at 200 g/kWh
    assert run.energy_kwh == pytest.approx(180e3 / 3.6e6)
    assert run.intensity.gco2e_per_kwh == pytest.approx((60 * 50 + 120 * 200) / 180)
    assert run.operational_g == pytest.approx((60e3 * 50 + 120e3 * 200) / 3.6e6 * 1.2)
    assert run.operational_g == run.energy_kwh * run.pue * run.intensity.gco2e_per_kwh
    assert run.emissions_g == run.operational_g
    assert run.intensity.series.t_s == [0.0, 600.0]
    assert run.intensity.series.gco2e_per_kwh == [50.0, 200.0]
    assert run.intensity.source == "Electricity Maps, live, FR"
    assert (run.intensity.scope, run.intensity.year) == ("lifecycle", 2026)
    assert run.warnings == [w for w in run.warnings if "Embodied" in w]


def test_the_emissions_over_time_bend_where_the_intensity_changes(lasting, server, wall):
    told(server, TEN_TO_S, latest=50)
    later = asked_again(server, wall, history=[50], latest=200)
    run = lasting({0: answered, 11: later})
    by_time = dict(zip(run.series.t_s, run.series.emissions_g, strict=True))
    assert by_time[600.0] == pytest.approx(60e3 * 50 / 3.6e6, rel=1e-4)
    assert by_time[1200.0] == pytest.approx((60e3 * 50 + 60e3 * 200) / 3.6e6, rel=1e-4)
    assert by_time[1800.0] == pytest.approx(run.operational_g, rel=1e-4)


def test_the_table_stands_until_the_first_answer_and_is_replaced_for_the_time_before(
    lasting, server, wall
):
    server.reply = 503, {}, b""
    seen = []
    at = {
        0: answered,
        5: lambda made_run: seen.append(
            (made_run.run.intensity.source, made_run.run.operational_g)
        ),
        6: asked_again(server, wall, latest=50),
    }
    run = lasting(at)
    source, grams = seen[0]
    assert source.startswith("Ember")
    assert grams > 0.0
    # the value of the hour before noon is held for the time after it: nothing newer came
    assert run.intensity.gco2e_per_kwh == 50.0
    assert run.operational_g == pytest.approx(180e3 * 50 / 3.6e6)
    assert [w for w in run.warnings if "Live" in w] == [
        f"Live intensity: Electricity Maps has no answer: 127.0.0.1:{server.port} answered 503 "
        "(Service Unavailable). Until it answers, the tables' figure stands."
    ]


def test_a_run_that_gets_no_answer_has_the_table_and_says_so_once(lasting, server):
    server.reply = 401, {}, SECRET.encode()
    run = lasting({0: answered})
    assert run.intensity.source.startswith("Ember")
    assert run.intensity.series is None
    (said,) = [w for w in run.warnings if "Live" in w]
    assert "401" in said
    assert SECRET not in str(run.to_dict())


def test_the_end_of_a_run_does_not_wait_for_a_dead_network(lasting, server):
    server.reply = silent(server)
    run = lasting({1: lambda _: server.asked.wait(60)})
    assert not made[0].answered.is_set()  # the question is still open, and yet the run has ended
    assert run.status == "finished"
    assert [w for w in run.warnings if "Live" in w] == [
        "Live intensity: Electricity Maps had not answered when the run ended: the tables' "
        "figure stands."
    ]


def test_a_later_answer_to_a_run_that_has_ended_changes_nothing(lasting, server, wall):
    server.reply = silent(server)
    run = lasting({1: lambda _: server.asked.wait(60)})
    before = run.to_dict()
    asked_again(server, wall, latest=50)(None)
    assert run.to_dict() == before


def test_a_gap_in_midst_of_a_run_has_the_last_value(lasting, server, wall):
    told(server, TEN_TO_S, latest=50)

    def gone(_):
        server.reply = 500, {}, b""
        made[0].refresh(TEN_TO_S)

    run = lasting({0: answered, 12: gone})
    assert run.intensity.gco2e_per_kwh == 50.0
    assert run.intensity.source == "Electricity Maps, live, FR, in part estimated"
    (said,) = [w for w in run.warnings if "Live" in w]
    assert said.endswith("Until it answers, the last values stand.")


def test_estimates_of_the_publisher_are_named_in_the_source(lasting, server):
    told(server, TEN_TO_S, latest=50, estimated=True)
    run = lasting({0: answered})
    assert run.intensity.source == "Electricity Maps, live, FR, estimated"


def test_a_forecast_serves_until_the_hour_itself_is_told(lasting, server):
    told(server, TEN_TO_S, latest=50, ahead=[55, 80, 90])
    run = lasting({0: answered})
    # 60 kJ at 50, which was told, and 120 kJ at 80, which was forecast for noon
    assert run.operational_g == pytest.approx((60e3 * 50 + 120e3 * 80) / 3.6e6)
    assert "in part estimated" in run.intensity.source


def test_a_stale_value_is_told(lasting, server):
    told(server, TEN_TO_S - 5 * HOUR_S, latest=50)
    run = lasting({0: answered})
    assert run.intensity.gco2e_per_kwh == 50.0
    (said,) = [w for w in run.warnings if "Live" in w]
    assert "told nothing for after" in said
    assert "the nearest value stands" in said


def test_a_value_of_yesterday_is_not_used(lasting, server):
    told(server, TEN_TO_S - 30 * HOUR_S, latest=50)
    run = lasting({0: answered})
    assert run.intensity.source.startswith("Ember")
    (said,) = [w for w in run.warnings if "Live" in w]
    assert "is this machine's clock right?" in said


def test_a_value_of_tomorrow_is_not_used(lasting, server):
    told(server, TEN_TO_S + 30 * HOUR_S, latest=50)
    run = lasting({0: answered})
    assert run.intensity.source.startswith("Ember")
    (said,) = [w for w in run.warnings if "Live" in w]
    assert "told nothing of the time of this run" in said


def test_a_run_is_of_one_scope(lasting, server):
    """Great Britain's values are direct; of the tables' figure there, only the lifecycle's."""
    long_ago = answers.great_britain(TEN_TO_S - 5.9 * HOUR_S, [100], [100])
    server.reply = lambda *_: answers.as_json({"data": long_ago})
    run = lasting({0: answered}, live_intensity="gb", zone="GBR")
    # at first the value is held; 30 minutes on it is too old, and nothing direct stands in
    assert run.intensity.scope == "lifecycle"
    assert run.intensity.source.startswith("Ember")
    assert run.intensity.series is None
    assert any("The whole run is counted with the tables." in w for w in run.warnings)


def test_great_britain_is_counted_in_its_own_scope(lasting, server):
    told = answers.great_britain(TEN_TO_S - 1800, [100, 140, None], [99, 99, 200])
    server.reply = lambda *_: answers.as_json({"data": told})
    run = lasting({0: answered}, live_intensity="gb", zone="GBR")
    # 11:30 to 12:00 is 140, 12:00 to 12:30 is forecast as 200
    assert run.operational_g == pytest.approx((60e3 * 140 + 120e3 * 200) / 3.6e6)
    assert run.intensity.scope == "direct"


def test_a_table_of_the_same_scope_stands_in_for_a_part(lasting, server, record, clock):
    without = lasting(live_intensity="none")
    clock.now = 1000.0
    told(server, TEN_TO_S - 6.4 * HOUR_S, latest=50)
    run = lasting({0: answered})
    # held for six hours after its end, it ends within the run
    assert run.intensity.source.startswith("Electricity Maps")
    assert set(run.intensity.series.gco2e_per_kwh) == {50.0, without.intensity.gco2e_per_kwh}
    assert run.operational_g == run.energy_kwh * run.intensity.gco2e_per_kwh
    assert any("The tables' figure stands for it." in w for w in run.warnings)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"live_intensity": "gb"}, "is not known to cover France (FRA)"),
        ({"live_intensity": "watttime"}, "--live-intensity watttime:ZONE"),
        ({"live_intensity": "entsoe", "zone": "US-CA"}, "is not known to cover California"),
        ({"live_intensity": "electricitymaps", "zone": "WLD"}, "is not known to cover World"),
        ({"live_intensity": "gb:18", "zone": "GBR"}, "knows GB and the regions 1 to 17, not 18"),
        ({"intensity": 100.0}, "nothing is asked, for the intensity is given by hand"),
    ],
)
def test_a_place_that_is_not_covered_is_said_at_the_start(lasting, server, options, sentence):
    run = lasting(**options)
    (said,) = [w for w in run.warnings if "Live" in w]
    assert sentence in said
    assert run.intensity.series is None
    assert server.requests == []
    assert made == []


def test_a_zone_of_the_source_s_own_is_asked_for(lasting, server):
    told(server, TEN_TO_S, zone="DK-DK1", latest=50)
    run = lasting({0: answered}, live_intensity="electricitymaps:DK-DK1", zone="DNK")
    assert run.intensity.source == "Electricity Maps, live, DK-DK1, in part estimated"
    assert server.requests[0].query["zone"] == ["DK-DK1"]


def test_nothing_is_asked_without_being_turned_on(lasting, server):
    run = lasting(live_intensity=None)
    assert server.requests == []
    assert run.intensity.series is None
    assert current_shell() is None


def test_a_second_run_of_the_hour_asks_nobody(lasting, server, clock):
    told(server, TEN_TO_S, latest=50)
    lasting({0: answered}, minutes=4)
    asked = len(server.requests)
    run = lasting(minutes=4)  # until two minutes to noon
    assert run.intensity.source.startswith("Electricity Maps")
    assert len(server.requests) == asked


def test_a_record_with_a_series_is_read_back(lasting, server, wall):
    told(server, TEN_TO_S, latest=50)
    run = lasting({0: answered, 11: asked_again(server, wall, history=[50], latest=200)})
    assert Run.from_dict(run.to_dict()) == run


def test_what_is_ahead_is_projected_at_the_forecast(record, clock, server):
    told(server, TEN_TO_S, latest=50, ahead=[50, 500])
    meter = Constant(clock, 100.0)
    half = trains(meter, clock, 1200, total=2400)

    def during(recorder):
        answered()
        half(recorder)

    said = {"intensity": None, "live_intensity": "electricitymaps", "embodied": "none"}
    # by hand: 2400 steps of 1 s. 600 s before noon at 50, 1800 s after it at 500 g/kWh;
    # half of it is projected, at 500 for the time ahead
    run = record(meter, duration_s=0.0, during=during, **said, total=2400)
    # a run with --total goes on elsewhere: the projection stays
    assert run.projection.emissions_g.value == pytest.approx(
        (60e3 * 50 + 180e3 * 500) / 3.6e6, rel=0.02
    )


def test_a_failure_of_ours_leaves_the_table_and_the_run(lasting, server, monkeypatch):
    told(server, TEN_TO_S, latest=50)

    def broken(*_):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(live_module.LiveIntensity, "_parts", broken)
    run = lasting({0: answered})
    assert run.status == "finished"
    assert run.intensity.source.startswith("Ember")
    assert run.operational_g == run.energy_kwh * run.intensity.gco2e_per_kwh
    assert sum("is left aside: ZeroDivisionError" in w for w in run.warnings) == 1


def test_another_key_makes_another_feed(monkeypatch):
    first = feed_module.feed_of(ElectricityMaps("XX"))
    assert feed_module.feed_of(ElectricityMaps("XX")) is first
    monkeypatch.setenv("OCARBON_ELECTRICITYMAPS_KEY", "another")
    assert feed_module.feed_of(ElectricityMaps("XX")) is not first
