"""Each publisher's answers, in forms recorded of them and in forms they should not have."""

import json

import answers
import pytest
from answers import HOUR_S, iso
from loopback import as_json

from ocarbon_magic.carbon.live.electricitymaps import ElectricityMaps
from ocarbon_magic.carbon.live.entsoe import EntsoE
from ocarbon_magic.carbon.live.gb import GreatBritain
from ocarbon_magic.carbon.live.points import LiveError, Point
from ocarbon_magic.carbon.live.watttime import WattTime
from ocarbon_magic.fetch import FetchError

SECRET = "k3y-of-the-user"
NOON_S = 1_790_000_000 // 86_400 * 86_400 + 43_200.0  # of a day in September 2026
NOW_S = NOON_S + 1200.0


@pytest.fixture(autouse=True)
def keys(monkeypatch, server):
    for name in ("ELECTRICITYMAPS_KEY", "ENTSOE_KEY", "WATTTIME_USER", "WATTTIME_PASSWORD"):
        monkeypatch.setenv(f"OCARBON_{name}", SECRET)
    for name in ("ELECTRICITYMAPS", "GB", "ENTSOE", "WATTTIME"):
        monkeypatch.setenv(f"OCARBON_{name}_URL", server.url)


def refused(ask):
    with pytest.raises((LiveError, FetchError)) as caught:
        ask()
    error = caught.value
    assert SECRET not in repr(error) + str(vars(error)) + repr(error.__context__)
    return str(error)


# Electricity Maps


def test_electricity_maps_tells_the_present_hour(server):
    server.reply = answers.electricity_maps(NOW_S, latest=53)
    (point,) = ElectricityMaps("FR").recent(NOON_S, NOW_S)
    assert point == Point(NOON_S, NOON_S + HOUR_S, 53.0, estimated=False)
    (request,) = server.requests  # the hours before are not asked for where they are not needed
    assert request.headers["auth-token"] == SECRET
    assert request.query == {"zone": ["FR"], "emissionFactorType": ["lifecycle"]}


def test_electricity_maps_tells_the_hours_before(server):
    server.reply = answers.electricity_maps(NOW_S, history=[40, 41], latest=53, estimated=True)
    points = ElectricityMaps("FR").recent(NOON_S - HOUR_S, NOW_S)
    by_hour = {(p.start_s - NOON_S) / HOUR_S: (p.g_per_kwh, p.estimated) for p in points}
    assert by_hour == {-2: (40, True), -1: (41, True), 0: (53, True)}


def test_electricity_maps_tells_the_present_hour_to_keys_that_may_not_ask_for_more(server):
    server.reply = answers.electricity_maps(NOW_S, latest=53)
    server.reply["/v3/carbon-intensity/history"] = as_json({"error": "no access"}, 403)
    (point,) = ElectricityMaps("FR").recent(0.0, NOW_S)
    assert point.g_per_kwh == 53


def test_electricity_maps_tells_its_forecast(server):
    server.reply = answers.electricity_maps(NOW_S, ahead=[50, 30, 20])
    points = ElectricityMaps("FR").ahead(NOW_S)
    assert [p.g_per_kwh for p in points] == [50, 30, 20]
    assert all(p.estimated for p in points)


def test_electricity_maps_is_believed_in_no_other_zone_or_scope(server):
    server.reply = answers.electricity_maps(NOW_S, zone="DE")
    assert "form" in refused(lambda: ElectricityMaps("FR").recent(NOON_S, NOW_S))
    entry = {"zone": "FR", "carbonIntensity": 5, "datetime": iso(NOON_S)}
    server.reply = as_json(entry | {"emissionFactorType": "direct"})
    assert "no intensity" in refused(lambda: ElectricityMaps("FR").recent(NOON_S, NOW_S))


WRONG_AMOUNTS = [None, "53", -1, 1e9, True, [], {}, "NaN", 3001]


@pytest.mark.parametrize("amount", WRONG_AMOUNTS)
def test_electricity_maps_is_believed_no_amount_that_cannot_be(server, amount):
    server.reply = as_json({"zone": "FR", "carbonIntensity": amount, "datetime": iso(NOON_S)})
    assert "no intensity" in refused(lambda: ElectricityMaps("FR").recent(NOON_S, NOW_S))


@pytest.mark.parametrize("moment", [None, 5, "noon", "", "0001-01-01T00:00Z", "9999-12-31T23:59Z"])
def test_electricity_maps_is_believed_no_time_that_cannot_be(server, moment):
    server.reply = as_json({"zone": "FR", "carbonIntensity": 53, "datetime": moment})
    assert "no intensity" in refused(lambda: ElectricityMaps("FR").recent(NOON_S, NOW_S))


def test_a_bad_entry_is_left_out_of_a_good_list(server):
    server.reply = answers.electricity_maps(NOW_S, ahead=[50, "x", -3, 20])
    assert [p.g_per_kwh for p in ElectricityMaps("FR").ahead(NOW_S)] == [50, 20]


def test_a_list_that_is_too_long_is_refused(server):
    server.reply = answers.electricity_maps(NOW_S, ahead=[50] * 2001)
    assert "more intensities" in refused(lambda: ElectricityMaps("FR").ahead(NOW_S))


# Great Britain


def test_great_britain_tells_half_hours_and_says_which_are_forecasts(server):
    told = answers.great_britain(NOON_S - HOUR_S, [100, 110, None], [101, 111, 120])
    server.reply = lambda *_: as_json({"data": told})
    points = GreatBritain("GB").recent(NOON_S - HOUR_S, NOW_S)
    assert [(p.g_per_kwh, p.estimated) for p in points] == [(100, False), (110, False), (120, True)]
    assert [p.end_s - p.start_s for p in points] == [1800.0] * 3
    span = f"{iso(NOON_S - HOUR_S, '%Y-%m-%dT%H:%MZ')}/{iso(NOW_S + 1800, '%Y-%m-%dT%H:%MZ')}"
    assert server.requests[0].path == f"/intensity/{span}"


def test_great_britain_tells_two_days_ahead(server):
    server.reply = as_json({"data": answers.great_britain(NOON_S, [None] * 96, range(96))})
    assert len(GreatBritain("GB").ahead(NOW_S)) == 96
    assert server.requests[0].path.endswith("/fw48h")


def test_a_region_of_great_britain_is_wrapped_once_more(server):
    told = answers.great_britain(NOON_S, [None, None], [90, 95])
    for entry in told:
        del entry["intensity"]["actual"]
    server.reply = as_json({"data": {"regionid": 13, "shortname": "London", "data": told}})
    points = GreatBritain("13").recent(NOON_S, NOW_S)
    assert [(p.g_per_kwh, p.estimated) for p in points] == [(90, True), (95, True)]
    assert server.requests[0].path.endswith("/regionid/13")


# ENTSO-E


def entsoe(server, *series):
    server.reply = 200, {"Content-Type": "text/xml"}, answers.entsoe_document(*series)
    return EntsoE("10YFR-RTE------C").recent(NOON_S - HOUR_S, NOW_S)


def test_entsoe_weighs_what_was_generated_with_lifecycle_factors(server):
    # (300 MW x 12 nuclear + 100 MW x 490 gas) / 400 MW = 131.5 g/kWh in all four quarters
    points = entsoe(
        server,
        answers.entsoe_series("B14", answers.entsoe_period(NOON_S, 60, [300])),
        answers.entsoe_series("B04", answers.entsoe_period(NOON_S, 15, [100] * 4)),
    )
    assert [p.g_per_kwh for p in points] == pytest.approx([131.5] * 4)
    assert points[0].start_s == NOON_S
    query = server.requests[0].query
    assert query["securityToken"] == [SECRET]
    assert query["documentType"] == ["A75"]
    assert query["processType"] == ["A16"]
    assert query["in_Domain"] == ["10YFR-RTE------C"]
    assert query["periodStart"] == [iso(NOON_S - 4 * HOUR_S, "%Y%m%d%H%M")]
    assert query["periodEnd"] == [iso(NOON_S + HOUR_S, "%Y%m%d%H%M")]


def test_entsoe_leaves_out_what_stations_draw_and_what_was_pumped_up(server):
    hour = answers.entsoe_period(NOON_S, 60, [100])
    (point, *_) = entsoe(
        server,
        answers.entsoe_series("B14", hour),
        answers.entsoe_series("B10", answers.entsoe_period(NOON_S, 60, [20])),
        answers.entsoe_series("B10", hour, domain="out"),
        answers.entsoe_series("B04", hour, domain="out"),
    )
    assert point.g_per_kwh == pytest.approx(12.0)


def test_entsoe_repeats_missing_points_only_where_the_curve_says_so(server):
    nuclear = answers.entsoe_series("B14", answers.entsoe_period(NOON_S, 15, [100] * 4))
    gaps = answers.entsoe_period(NOON_S, 15, {1: 100, 3: 300}, count=4)
    # 100 of 200 MW gas: 251; 300 of 400 MW gas: (1200 + 147000) / 400 = 370.5
    repeated = entsoe(server, nuclear, answers.entsoe_series("B04", gaps, curve="A03"))
    assert [p.g_per_kwh for p in repeated] == pytest.approx([251.0, 251.0, 370.5, 370.5])
    known = entsoe(server, nuclear, answers.entsoe_series("B04", gaps, curve="A01"))
    assert [(p.start_s - NOON_S) / 900 for p in known] == [0, 2]


def test_entsoe_tells_no_time_whose_types_are_not_all_published_yet(server):
    points = entsoe(
        server,
        answers.entsoe_series("B14", answers.entsoe_period(NOON_S - HOUR_S, 60, [300])),
        answers.entsoe_series("B16", answers.entsoe_period(NOON_S - HOUR_S, 60, [90, 100])),
        answers.entsoe_series("B06", answers.entsoe_period(NOON_S - HOUR_S, 60, [2])),
    )
    assert {p.start_s for p in points} == {NOON_S - HOUR_S + 900 * i for i in range(4)}
    # a type of less than 1 % of all is not waited for
    points = entsoe(
        server,
        answers.entsoe_series("B14", answers.entsoe_period(NOON_S, 60, [300, 300])),
        answers.entsoe_series("B06", answers.entsoe_period(NOON_S, 60, [2])),
    )
    assert len(points) == 8


def test_entsoe_counts_negative_generation_as_none(server):
    hour = answers.entsoe_period(NOON_S, 60, [100])
    (point, *_) = entsoe(
        server,
        answers.entsoe_series("B14", hour),
        answers.entsoe_series("B16", answers.entsoe_period(NOON_S, 60, [-5])),
    )
    assert point.g_per_kwh == pytest.approx(12.0)


def test_entsoe_tells_no_mix_that_is_mostly_unknown(server):
    hour = answers.entsoe_period(NOON_S, 60, [100])
    with pytest.raises(LiveError, match="no intensity"):
        entsoe(server, answers.entsoe_series("B14", hour), answers.entsoe_series("B20", hour))


def test_entsoe_says_when_it_has_nothing(server):
    server.reply = 200, {}, answers.entsoe_nothing(SECRET)
    said = refused(lambda: EntsoE("10YFR-RTE------C").recent(NOON_S, NOW_S))
    assert said == "ENTSO-E has no data for this time."


def test_entsoe_reads_the_day_that_has_25_hours(server):
    # 2026-10-25: clocks in Paris go back at 01:00 UTC; the platform speaks UTC throughout
    began_s = 1_792_879_200.0  # 2026-10-24 22:00 UTC, midnight in Paris
    assert iso(began_s) == "2026-10-24T22:00:00.000Z"
    points = entsoe(
        server,
        answers.entsoe_series("B14", answers.entsoe_period(began_s, 60, [100] * 25)),
    )
    assert len(points) == 100
    assert points[-1].end_s == began_s + 25 * HOUR_S


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><GL_MarketDocument>&c;</GL_MarketDocument>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<GL_MarketDocument>&a;</GL_MarketDocument>"
)
HOUR = answers.entsoe_period(NOON_S, 60, [100])


def one_series(before, after):
    return answers.entsoe_document(answers.entsoe_series("B14", HOUR)).replace(before, after)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>maintenance</body></html>",
        b"\x00\xff\xfe",
        b'{"error": 1}',
        BILLION_LAUGHS,
        OUTSIDE,
        BILLION_LAUGHS.decode().encode("utf-16"),
        b"<GL_MarketDocument>" + b"<a>" * 100_000,
        b"<GL_MarketDocument>" + b"<a>" * 60_000 + b"</a>" * 60_000 + b"</GL_MarketDocument>",
        one_series(b"<quantity>100<", b"<quantity>NaN<"),
        one_series(b"<quantity>100<", b"<quantity>1e9<"),
        one_series(b"<quantity>100<", b"<quantity>many<"),
        one_series(b"<position>1<", b"<position>0<"),
        one_series(b"<position>1<", b"<position>99999999999<"),
        one_series(b"<position>1<", b"<position>-1<"),
        one_series(b"PT60M", b"PT7M"),
        one_series(b"PT60M", b"P1Y"),
        one_series(b">MAW<", b">KWH<"),
        one_series(b"<start>2026", b"<start>1026"),
        one_series(b"<end>2026", b"<end>2036"),
        one_series(b"<end>2026", b"<end>2025"),
        one_series(b"</GL_MarketDocument>", b""),
        answers.entsoe_document(*[answers.entsoe_series("B14", HOUR)] * 401),
    ],
    ids=lambda body: repr(body[:20] + body[-20:]),
)
def test_entsoe_is_believed_no_other_document(server, body):
    server.reply = 200, {"Content-Type": "text/xml"}, body
    refused(lambda: EntsoE("10YFR-RTE------C").recent(NOON_S, NOW_S))


# WattTime


def watttime(server, **signals):
    server.reply = {
        "/login": as_json({"token": "t0ken"}),
        "/v3/region-from-loc": as_json({"region": "CAISO_NORTH", "signal_type": "co2_aoer"}),
        "/v3/historical": as_json({"error": "x"}, 403),
        "/v3/forecast": as_json({"error": "x"}, 403),
        **signals,
    }
    return WattTime("37.34,-121.89")


def test_watttime_accounts_with_averages_in_grams(server):
    source = watttime(
        server, **{"/v3/historical": answers.watttime("co2_aoer", NOON_S, [1000, 500])}
    )
    points = source.recent(NOON_S, NOW_S)
    # 1000 lb/MWh x 0.45359237 kg/lb = 453.59237 kg/MWh = 453.59237 g/kWh
    assert [p.g_per_kwh for p in points] == pytest.approx([453.59237, 226.796185])
    assert source.zone == "CAISO_NORTH"
    login, place, data = server.requests
    assert login.headers["authorization"].startswith("Basic ")
    assert place.query["latitude"] == ["37.34"]
    assert data.headers["authorization"] == "Bearer t0ken"
    assert data.query["signal_type"] == ["co2_aoer"]
    source.recent(NOON_S, NOW_S)
    assert [r.path for r in server.requests[3:]] == ["/v3/historical"]  # one token for half an hour


def test_watttime_never_takes_the_marginal_rate_for_an_average(server):
    moer = answers.watttime("co2_moer", NOON_S, [900])
    source = watttime(server, **{"/v3/historical": moer, "/v3/forecast": moer})
    assert "form" in refused(lambda: source.recent(NOON_S, NOW_S))
    assert source.ahead_is_marginal
    assert [p.g_per_kwh for p in source.ahead(NOW_S)] == pytest.approx([408.233133])


def test_watttime_says_that_an_account_has_no_averages(server):
    said = refused(lambda: watttime(server).recent(NOON_S, NOW_S))
    assert "average rate (co2_aoer) of CAISO_NORTH" in said
    assert "the marginal rate is no average" in said


def test_watttime_asks_for_a_new_token_when_one_is_refused(server):
    source = watttime(server, **{"/v3/historical": as_json({}, 401)})
    refused(lambda: source.recent(NOON_S, NOW_S))
    server.reply["/v3/historical"] = answers.watttime("co2_aoer", NOON_S, [1000])
    source.recent(NOON_S, NOW_S)
    assert [r.path for r in server.requests].count("/login") == 2


@pytest.mark.parametrize(
    "answer",
    [
        answers.watttime("co2_aoer", NOON_S, [1000], units="kg"),
        answers.watttime("co2_aoer", NOON_S, [1000], step_s=7),
        answers.watttime("co2_aoer", NOON_S, [-5, "x", None, 1e9, True]),
        as_json([]),
        as_json({"data": {}, "meta": []}),
        as_json({"data": [None, 5], "meta": {"units": "lbs_co2_per_mwh"}}),
    ],
)
def test_watttime_is_believed_no_other_form(server, answer):
    refused(lambda: watttime(server, **{"/v3/historical": answer}).recent(NOON_S, NOW_S))


@pytest.mark.parametrize("token", [None, 5, ""])
def test_watttime_without_a_token_is_refused(server, token):
    source = watttime(server, **{"/login": as_json({"token": token})})
    assert "form" in refused(lambda: source.recent(NOON_S, NOW_S))


@pytest.mark.parametrize("region", [None, 5, "", "../../v3/x?y="])
def test_watttime_is_believed_no_other_region(server, region):
    source = watttime(server, **{"/v3/region-from-loc": as_json({"region": region})})
    assert "form" in refused(lambda: source.recent(NOON_S, NOW_S))


# all of them

EACH = {
    "electricitymaps": lambda: ElectricityMaps("FR").recent(NOON_S - HOUR_S, NOW_S),
    "gb": lambda: GreatBritain("GB").recent(NOON_S, NOW_S),
    "entsoe": lambda: EntsoE("10YFR-RTE------C").recent(NOON_S, NOW_S),
    "watttime": lambda: WattTime("CAISO_NORTH").recent(NOON_S, NOW_S),
}
each_source = pytest.mark.parametrize("ask", EACH.values(), ids=EACH)


@each_source
@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_refusal_is_one_sentence_without_the_key(server, ask, status):
    server.reply = status, {}, json.dumps({"you sent": SECRET}).encode()
    assert f"answered {status}" in refused(ask)


@each_source
@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"', b"{}", b"null", b'{"data": 5}', b"<a/>"])
def test_an_answer_of_another_form_is_one_sentence(server, ask, body):
    server.reply = 200, {}, body
    refused(ask)


@each_source
def test_no_key_goes_to_another_host(server, other, ask):
    server.reply = 302, {"Location": other.url}, b""
    assert "another host" in refused(ask)
    assert other.requests == []


@pytest.mark.parametrize("name", ["electricitymaps", "entsoe", "watttime"])
def test_no_key_is_sent_where_others_may_read_it(monkeypatch, name):
    monkeypatch.setenv(f"OCARBON_{name.upper()}_URL", "http://grid.example")
    said = refused(EACH[name])
    assert said.startswith(f"OCARBON_{name.upper()}_URL must begin with https://")


@pytest.mark.parametrize("name", ["electricitymaps", "entsoe", "watttime"])
def test_without_a_key_nothing_is_asked_and_the_sentence_says_what_to_do(server, monkeypatch, name):
    for suffix in ("KEY", "USER", "PASSWORD"):
        monkeypatch.delenv(f"OCARBON_{name.upper()}_{suffix}", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    said = refused(EACH[name])
    assert "set OCARBON_" in said
    assert "pip install 'ocarbon_magic[live]'" in said
    assert server.requests == []
