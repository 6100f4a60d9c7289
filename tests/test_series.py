"""A run of any length in bounded memory, without losing a joule."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.series import POINTS, RunSeries, mean_power


def filled(ticks, power_w=100.0, interval_s=0.5):
    series = RunSeries()
    for i in range(ticks):
        series.add(i * interval_s, power_w * i * interval_s)
    return series


@given(st.integers(min_value=1, max_value=5000))
def test_a_record_never_has_more_points_than_it_may(ticks):
    series = filled(ticks)
    end_s = ticks * 0.5
    series.close(end_s, 100.0 * end_s)
    t_s, energy_j = series.thinned()
    assert len(t_s) == len(energy_j) <= POINTS
    assert t_s == sorted(t_s)
    assert (t_s[-1], energy_j[-1]) == (end_s, 100.0 * end_s)
    assert t_s[0] == 0.0


@given(st.integers(min_value=2, max_value=3000))
def test_power_times_time_is_the_energy_however_thinned(ticks):
    series = filled(ticks)
    series.close(ticks * 0.5, 100.0 * ticks * 0.5)
    t_s, energy_j = series.thinned()
    power = mean_power(t_s, energy_j)
    spans = zip(t_s, t_s[1:], power[1:], strict=False)
    total = sum((end - start) * watts for start, end, watts in spans)
    assert math.isclose(total, energy_j[-1] - energy_j[0], rel_tol=1e-4)


def test_a_month_keeps_a_bounded_number_of_points():
    series = filled(200_000)
    assert len(series.t_s) < 2 * POINTS


def test_ticks_after_the_end_give_way_to_the_final_reading():
    series = filled(10)
    series.close(2.3, 229.0)
    assert series.t_s[-2:] == [2.0, 2.3]
    assert series.energy_j[-1] == 229.0


def test_a_short_last_span_joins_the_one_before():
    series = filled(5)
    series.close(2.1, 209.0)
    assert series.t_s[-2:] == [1.5, 2.1]
    assert series.energy_j[-2:] == [150.0, 209.0]


def test_one_point_has_no_power_and_none_has_no_points():
    assert mean_power([1.0], [5.0]) == [None]
    assert mean_power([], []) == []
    assert mean_power([0.0, 1.0, 1.0], [0.0, 5.0, 5.0]) == [5.0, 5.0, None]


def test_an_empty_series_closes_with_its_one_reading():
    series = RunSeries()
    series.close(0.3, 4.0)
    assert series.thinned() == ([0.3], [4.0])


@pytest.mark.parametrize("value", [0.0, 1.0, 240.5])
def test_energy_of_a_single_tick_is_kept(value):
    series = RunSeries()
    series.add(0.0, value)
    assert series.energy_j == [value]
