"""The same work at another hour, by the clocks and the calendar of the place."""

from __future__ import annotations

import pytest
from asking import DIRECT, asked, choice, run, what_if

from ocarbon_magic.tables import rows


def of_its_mean(day):
    return [hour / (sum(day) / 24) for hour in day]


HOURLY = {
    (row["grid"], row["scope"], int(row["month"])): of_its_mean(
        [float(row[f"of_annual_mean_{hour:02}_utc"]) for hour in range(24)]
    )
    for row in rows("hourly_profile")
}


def shifted(modules, record, **chosen):
    """The factor that an hour puts on the operational grams."""
    with_hour = what_if(modules, record, **chosen)
    without = what_if(modules, record, **{**chosen, "hour": None})
    return with_hour["operationalG"] / without["operationalG"]


@pytest.mark.parametrize(
    ("started_at", "month", "utc_hour"),
    [
        ("2026-01-20T14:00:00Z", 1, 2),  # an hour ahead of UTC in winter
        ("2026-07-20T14:00:00Z", 7, 1),  # two in summer
        ("2026-03-01T14:00:00Z", 3, 2),  # March by its 15th: still winter time
        ("2026-03-31T21:30:00Z", 3, 2),  # 23:30 there, by summer time
        ("2026-03-31T23:30:00Z", 4, 1),  # 1:30 in April there
        ("2025-12-31T23:30:00Z", 1, 2),  # 0:30 in January there
    ],
)
def test_three_oclock_in_france_is_by_the_clocks_and_the_calendar_there(
    modules, started_at, month, utc_hour
):
    record = run(started_at=started_at)
    factor = HOURLY["France", "lifecycle", month][utc_hour]
    assert shifted(modules, record, hour=3) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("zone", "started_at", "shape", "utc_hour"),
    [
        ("US-CA", "2026-03-20T14:00:00Z", ("California ISO", 3), 10),  # summer time by the 15th
        ("US-CA", "2026-04-01T03:00:00Z", ("California ISO", 3), 10),  # 31 March there
        ("US-CA", "2026-12-20T14:00:00Z", ("California ISO", 12), 11),
        ("US-TX", "2026-12-20T14:00:00Z", ("ERCOT", 12), 9),
        ("gcp:europe-west2", "2026-07-20T14:00:00Z", ("Great Britain", 7), 2),
        ("aws:us-west-1", "2026-12-20T14:00:00Z", ("California ISO", 12), 11),  # by its grid
        ("gcp:us-south1", "2026-12-20T14:00:00Z", ("ERCOT", 12), 9),  # by its own place
    ],
)
def test_three_oclock_elsewhere_is_by_the_clocks_there(modules, zone, started_at, shape, utc_hour):
    record = run(started_at=started_at, intensity=DIRECT)
    grid, month = shape
    factor = HOURLY[grid, "direct", month][utc_hour]
    assert shifted(modules, record, zone=zone, hour=3) == pytest.approx(factor)


def test_the_hours_that_a_run_covers_count_by_how_much_of_them_it_covers(modules):
    day = HOURLY["France", "lifecycle", 1]  # 23:00 there is 22:00 UTC
    begin = {"started_at": "2026-01-20T14:00:00Z"}

    def factor(duration_s):
        return shifted(modules, run(duration_s=duration_s, **begin), hour=23)

    assert factor(5400.0) == pytest.approx((day[22] + 0.5 * day[23]) / 1.5)
    assert factor(3 * 3600.0) == pytest.approx((day[22] + day[23] + day[0]) / 3)
    assert factor(86_400.0) == pytest.approx(sum(day) / 24)
    assert factor(90_000.0) == pytest.approx((sum(day) + day[22]) / 25)
    assert factor(1e9) == pytest.approx(sum(day) / 24, rel=1e-4)
    assert factor(0.0) == pytest.approx(day[22])


def test_a_slower_device_covers_more_hours(modules):
    record = run(started_at="2026-01-20T14:00:00Z")
    made = what_if(modules, record, device="NVIDIA L4")
    day = HOURLY["France", "lifecycle", 1]
    hours = made["durationS"] / 3600.0
    assert 9 < hours < 10
    covered = (sum(day[2:11]) + (hours - 9) * day[11]) / hours
    assert shifted(modules, record, device="NVIDIA L4", hour=3) == pytest.approx(covered)


def test_hours_are_labelled_by_the_place_and_the_lowest_is_told(modules):
    record = run(started_at="2026-06-20T14:00:00Z", intensity=DIRECT)
    (options,) = asked(modules, "hours", [(record, choice(zone="US-CA"))])
    assert [each["value"] for each in options] == [str(hour) for hour in range(24)]
    assert options[3]["label"] == "03:00 in California"
    day = HOURLY["California ISO", "direct", 6]
    lowest = [hour for hour in range(24) if day[(hour + 7) % 24] == min(day)]
    told = [int(each["value"]) for each in options if each["label"].endswith(", the lowest")]
    assert told == lowest
    (options,) = asked(modules, "hours", [(run(duration_s=86_400.0), choice())])
    assert not [each for each in options if "lowest" in each["label"]]


def test_a_start_tells_what_its_hours_are_like_and_how_the_run_itself_counts(modules):
    record = run(started_at="2026-01-20T14:00:00Z")
    notes = what_if(modules, record, hour=3)["notes"]
    assert notes == [
        "From 03:00 in France the grid is at 90 % of its mean over a day in January, by the "
        "hours of 2020 (France): a past year, not a forecast.",
        "The run itself counts at the mean of a day.",
    ]
