"""The hourly shapes that ship are those of the clocks of their place."""

from ocarbon_magic.tables import rows

HOURS = [f"of_annual_mean_{hour:02}_utc" for hour in range(24)]


def test_the_sun_shows_where_the_clocks_of_california_say_it_is_noon():
    months = [
        row
        for row in rows("hourly_profile")
        if (row["grid"], row["scope"]) == ("California ISO", "direct")
    ]
    assert len(months) == 12
    for row in months:
        cleanest = min(range(24), key=lambda hour: float(row[HOURS[hour]]))
        assert cleanest in range(16, 24), row["month"]  # UTC, 8:00 to 16:00 at the clocks there
