"""The hourly shapes that ship: whole months of whole days around the year's mean."""

from calendar import monthrange
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest

from ocarbon_magic.carbon.intensity import all_places
from ocarbon_magic.tables import rows, table

HOURS = [f"of_annual_mean_{hour:02}_utc" for hour in range(24)]


def profiles():
    found = defaultdict(dict)
    for row in rows("hourly_profile"):
        found[row["grid"], row["scope"]][int(row["month"])] = row
    return found


@pytest.mark.parametrize("months", profiles().values(), ids=map("-".join, profiles()))
def test_a_profile_has_all_months_and_its_mean_is_that_of_the_year(months):
    assert sorted(months) == list(range(1, 13))
    days = {month: monthrange(int(row["year"]), month)[1] for month, row in months.items()}
    total = sum(days[month] * float(row[hour]) for month, row in months.items() for hour in HOURS)
    assert total / (24 * sum(days.values())) == pytest.approx(1.0, abs=0.002)
    assert all(0.1 < float(row[hour]) < 2.0 for row in months.values() for hour in HOURS)


def test_each_grid_has_a_shape_of_either_scope():
    grids = {grid for grid, _ in profiles()}
    assert set(profiles()) == {(grid, scope) for grid in grids for scope in ("lifecycle", "direct")}


def test_the_sun_shows_where_the_clocks_of_california_say_it_is_noon():
    for month, row in profiles()["California ISO", "direct"].items():
        cleanest = min(range(24), key=lambda hour: float(row[HOURS[hour]]))
        assert cleanest in range(16, 24), month  # UTC, 8:00 to 16:00 at the clocks there


def test_every_place_with_hours_has_a_figure_a_grid_and_a_time_zone():
    listed = [row["code"] for row in rows("hourly_place")]
    assert listed == list(table("hourly_place"))
    assert set(listed) <= {place.code for place in all_places()}
    for row in rows("hourly_place"):
        assert (row["grid"], "direct") in profiles()
        assert ZoneInfo(row["timezone"]).key == row["timezone"]


def test_every_grid_has_a_place():
    assert {row["grid"] for row in rows("hourly_place")} == {grid for grid, _ in profiles()}
