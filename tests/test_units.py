"""Numbers with units: three digits, the right prefix, nothing ambiguous."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic import units

UNIT_IN_G = {"µgCO2e": 1e-6, "mgCO2e": 1e-3, "gCO2e": 1.0, "kgCO2e": 1e3, "tCO2e": 1e6}
UNIT_IN_KWH = {"µWh": 1e-9, "mWh": 1e-6, "Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6}
UNIT_IN_W = {"mW": 1e-3, "W": 1.0, "kW": 1e3, "MW": 1e6}
PREFIX = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
PERIOD_S = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}

magnitudes = st.floats(1e-15, 1e15)
signed = st.one_of(magnitudes, magnitudes.map(lambda value: -value))


def reread(number):
    return float(number.replace("\N{MINUS SIGN}", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("grams", "shown"),
    [
        (1.84, "1.84 gCO2e"),
        (18.4, "18.4 gCO2e"),
        (184.2, "184 gCO2e"),
        (999.4, "999 gCO2e"),
        (999.6, "1.00 kgCO2e"),
        (1000, "1.00 kgCO2e"),
        (0.9996, "1.00 gCO2e"),
        (0.99949, "999 mgCO2e"),
        (5.3e-5, "53.0 µgCO2e"),
        (1.5e-8, "0.0150 µgCO2e"),
        (552e6, "552 tCO2e"),
        (12_345e6, "12,300 tCO2e"),
        (0, "0 gCO2e"),
        (-0.0, "0 gCO2e"),
        (-1.84, "\N{MINUS SIGN}1.84 gCO2e"),
    ],
)
def test_grams_read_as_people_write_them(grams, shown):
    assert str(units.mass(grams)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00 USD"),
        (2.7e-7, "< 0.01 USD"),
        (0.593, "0.59 USD"),
        (9.955, "9.96 USD"),
        (34.31, "34.3 USD"),
        (12_345.6, "12,300 USD"),
        (None, "unknown"),
    ],
)
def test_money_is_told_down_to_hundredths(value, shown):
    assert str(units.money(value, "USD")) == shown


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (units.energy, 0.0347, "34.7 Wh"),
        (units.energy, 2.8e-10, "0.280 µWh"),
        (units.energy, 433_000, "433 MWh"),
        (units.energy_of_joules, 3.6e6, "1.00 kWh"),
        (units.power, 287.4, "287 W"),
        (units.power, 2383, "2.38 kW"),
        (units.power, 0.0119, "11.9 mW"),
        (units.intensity, 53, "53 gCO2e/kWh"),
        (units.intensity, 53.06, "53.1 gCO2e/kWh"),
        (units.intensity, 1012.4, "1,010 gCO2e/kWh"),
        (units.intensity, 0, "0 gCO2e/kWh"),
        (units.count, 2000, "2,000"),
        (units.count, 99_999.0, "99,999"),
        (units.count, 1_281_167, "1.28 M"),
        (units.count, 999.6, "1.00 k"),
        (units.count, 3.5, "3.50"),
    ],
)
def test_each_quantity_has_its_unit(show, value, shown):
    assert str(show(value)) == shown


@pytest.mark.parametrize(
    ("per_s", "unit", "shown"),
    [
        (412.3, "img", "412 img/s"),
        (1.234e6, "token", "1.23 M token/s"),
        (0.9996, "step", "1.00 step/s"),
        (0.5, "step", "30.0 step/min"),
        (1 / 3600, "epoch", "1.00 epoch/h"),
        (1e-6, "epoch", "0.0864 epoch/d"),
        (0.0, "step", "0 step/s"),
        (5.0, None, "5.00 /s"),
    ],
)
def test_a_slow_pace_is_told_per_minute_hour_or_day(per_s, unit, shown):
    assert str(units.rate(per_s, unit)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.0021, "2.10 ms"),
        (0.53, "0.53 s"),
        (9.994, "9.99 s"),
        (9.996, "10.0 s"),
        (59.96, "01:00"),
        (134.2, "02:14"),
        (3599.4, "59:59"),
        (3599.6, "1:00:00"),
        (3734, "1:02:14"),
        (86_399.7, "1 d 00:00"),
        (3 * 86_400 + 4 * 3600 + 600, "3 d 04:10"),
        (-134, "\N{MINUS SIGN}02:14"),
        (1e300, "1.16e+295 d"),
    ],
)
def test_durations_read_like_a_clock(seconds, shown):
    assert units.duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5.13, "5.1 %"),
        (50.0, "50 %"),
        (9.96, "10 %"),
        (0.04, "0.04 %"),
        (120.4, "120 %"),
        (0, "0 %"),
    ],
)
def test_percentages_have_two_digits(value, shown):
    assert units.percent(value) == shown


def test_an_interval_names_a_shared_unit_once():
    assert units.interval(units.mass(31), units.mass(39.5)) == "31.0 \N{EN DASH} 39.5 gCO2e"
    assert units.interval(units.mass(900), units.mass(1200)) == "900 gCO2e \N{EN DASH} 1.20 kgCO2e"
    assert units.interval(units.mass(None), units.mass(1)) == "unknown"
    assert units.interval(units.mass(31), units.mass(39), "to") == "31.0 to 39.0 gCO2e"


@pytest.mark.parametrize(
    ("grams", "digits", "shown"),
    [
        (50.0, 3, "50 g"),
        (34.21, 3, "34.2 g"),
        (999.6, 3, "1 kg"),
        (999.6, 6, "999.6 g"),
        (1234.5, 6, "1.2345 kg"),
        (4.2e9, 6, "4,200 t"),
        (1.2e11, 6, "120,000 t"),
        (1.234567e12, 6, "1,234,570 t"),
        (1e16, 3, "1.00e+10 t"),
        (0.0, 3, "0 g"),
        (None, 3, "unknown"),
    ],
)
def test_grams_that_were_given_have_no_idle_zeros(grams, digits, shown):
    assert str(units.given(units.plain_mass(grams, digits))) == shown


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "show",
    [
        units.mass,
        units.energy,
        units.energy_of_joules,
        units.power,
        units.intensity,
        units.count,
        units.duration,
        units.percent,
        lambda value: units.rate(value, "step"),
    ],
)
def test_what_is_not_known_says_so_and_is_never_nan(show, value):
    assert str(show(value)) == "unknown"


@pytest.mark.parametrize(
    ("show", "factors"),
    [(units.mass, UNIT_IN_G), (units.energy, UNIT_IN_KWH), (units.power, UNIT_IN_W)],
)
@given(value=signed)
def test_what_is_read_is_within_half_a_percent_of_the_value(show, factors, value):
    amount = show(value)
    assert reread(amount.number) * factors[amount.unit] == pytest.approx(value, rel=0.005001)


@given(value=st.one_of(signed, st.integers(-(10**15), 10**15)))
def test_a_count_is_read_within_half_a_percent(value):
    amount = units.count(value)
    assert reread(amount.number) * PREFIX[amount.unit] == pytest.approx(value, rel=0.005001)


@given(value=signed)
def test_a_rate_is_read_within_half_a_percent(value):
    number, rest = str(units.rate(value, "step")).split(" ", 1)
    prefix, period = re.fullmatch(r"([kMGT]?) ?step/(s|min|h|d)", rest).groups()
    seen = reread(number) * PREFIX[prefix] / PERIOD_S[period]
    assert seen == pytest.approx(value, rel=0.005001)


@given(value=st.floats(1e-6, 1e6))
def test_within_the_prefixes_a_number_has_three_digits(value):
    number = units.mass(value).number
    assert re.fullmatch(r"\d\.\d\d|\d\d\.\d|\d\d\d|1,000", number), number
    assert number != "1,000"


@given(value=st.floats(0, 1e9))
def test_a_duration_is_read_to_the_last_unit_it_shows(value):
    shown = units.duration(value)
    if match := re.fullmatch(r"([\d,]+) d (\d\d):(\d\d)", shown):
        days, hours, minutes = (int(part.replace(",", "")) for part in match.groups())
        seen, tolerance = days * 86_400 + hours * 3600 + minutes * 60, 30
    elif ":" in shown:
        parts = [int(part) for part in shown.split(":")]
        seen, tolerance = sum(p * 60**i for i, p in enumerate(reversed(parts))), 0.5
    else:
        number, unit = shown.split()
        seen = float(number) / (1000 if unit == "ms" else 1)
        tolerance = value * 0.005001 if unit == "ms" else 0.0051 if value < 9.995 else 0.051
    assert abs(seen - value) <= tolerance


@given(first=magnitudes, factor=st.floats(1, 1e6))
def test_a_larger_amount_never_reads_smaller(first, factor):
    def read(value):
        amount = units.mass(value)
        return reread(amount.number) * UNIT_IN_G[amount.unit]

    assert read(first) <= read(first * factor) * (1 + 1e-12)
