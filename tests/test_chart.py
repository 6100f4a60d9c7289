"""The chart: the ink stands where the values are, and nowhere else."""

from __future__ import annotations

import base64
import io
import math
import random
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocarbon_magic.views import chart

RGB = (59, 130, 196)
FILL = 51
FLOOR = chart.HEIGHT_PX - 2
UP = chart.HEIGHT_PX - 4

values = st.lists(st.floats(0, 1e6), min_size=2, max_size=240)


def picture(t_s, series):
    uri = chart.data_uri(t_s, series, chart.scale_of(t_s, series), RGB)
    head, encoded = uri.split(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(encoded, validate=True))).convert("RGBA")


def opacities(t_s, series):
    """The opacity of each pixel, column by column."""
    rows = picture(t_s, series).getchannel("A").tobytes()
    return [rows[x :: chart.WIDTH_PX] for x in range(chart.WIDTH_PX)]


def evenly(count):
    return [float(i) for i in range(count)]


def test_the_picture_is_a_png_of_one_colour_on_nothing():
    image = picture(evenly(3), [1.0, 3.0, 2.0])
    assert image.size == (chart.WIDTH_PX, chart.HEIGHT_PX)
    assert {colour[:3] for _, colour in image.getcolors()} == {RGB}
    assert {colour[3] for _, colour in image.getcolors()} >= {0, FILL, 255}


@settings(deadline=None)
@given(series=values)
@example(series=[0.0, 5e-324])
def test_the_area_under_the_line_is_the_area_of_the_values(series):
    top = max(series)
    columns = opacities(evenly(len(series)), series)
    inked = sum(sum(a > FILL / 2 for a in column) for column in columns) / len(columns)
    shares = [value / top if top > 0 else 0.0 for value in series]  # means of the least underflow
    expected = 2 + UP * sum(a + b for a, b in pairwise(shares)) / 2 / (len(series) - 1)
    # The line is three pixels wide and the area ends in its middle; a steep line is wider.
    assert expected - 0.5 <= inked <= expected + 14


@settings(deadline=None)
@given(series=values)
def test_every_point_is_on_the_line(series):
    count, top = len(series), max(series)
    columns = opacities(evenly(count), series)
    for i, value in enumerate(series):
        x = min(round(i * chart.WIDTH_PX / (count - 1)), chart.WIDTH_PX - 1)
        y = FLOOR - (UP * (value / top) if top > 0 else 0)
        near = [columns[k] for k in (x - 1, x) if k >= 0]
        rows = range(max(int(y) - 1, 0), min(int(y) + 2, chart.HEIGHT_PX))
        assert max(column[row] for column in near for row in rows) > FILL


def test_a_flat_line_is_crisp_with_nothing_above_and_a_tint_below():
    column = opacities(evenly(10), [1.0, *[0.5] * 9])[300]
    middle = FLOOR - UP // 2
    assert max(column[: middle - 2]) == 0
    assert column[middle] == 255
    assert set(column[middle + 2 :]) == {FILL}


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_where_nothing_is_known_nothing_is_drawn(unknown):
    series = [5.0] * 40 + [unknown] * 40 + [5.0] * 40
    columns = opacities(evenly(120), series)
    width = chart.WIDTH_PX / 119
    gap = columns[math.ceil(39 * width) + 2 : math.floor(80 * width) - 2]
    assert len(gap) > 100
    assert not any(map(any, gap))
    assert all(map(any, columns[: math.floor(39 * width)]))
    assert all(map(any, columns[math.ceil(80 * width) :]))


def test_a_point_between_gaps_is_seen():
    columns = opacities(evenly(5), [1.0, None, 4.0, None, 1.0])
    assert max(columns[chart.WIDTH_PX // 2]) == 255


def test_one_sample_as_a_peak_reaches_the_top():
    series = [100.0] * 240
    series[120] = 300.0
    x = round(120 * chart.WIDTH_PX / 239)
    assert max(opacities(evenly(240), series)[x][:4]) > 100


def test_a_run_at_zero_is_a_line_on_the_floor():
    columns = opacities(evenly(3), [0.0, 0.0, 0.0])
    assert all(column[FLOOR] == 255 and not any(column[: FLOOR - 3]) for column in columns)


AHEAD = chart.Ahead(end_s=20.0, low=8.0, value=10.0, high=12.0)


def columns_of(uri):
    encoded = base64.b64decode(uri.split(",")[1])
    rows = Image.open(io.BytesIO(encoded)).convert("RGBA").getchannel("A").tobytes()
    return [rows[x :: chart.WIDTH_PX] for x in range(chart.WIDTH_PX)]


def with_ahead(**marks):
    scale = chart.scale_of(evenly(11), evenly(11), marks.get("ahead"), marks.get("limit"))
    return columns_of(chart.data_uri(evenly(11), evenly(11), scale, RGB, **marks)), scale


def test_what_lies_ahead_is_dashes_in_a_band_and_no_area():
    columns, scale = with_ahead(ahead=AHEAD)
    assert scale == chart.Scale(end_s=20.0, top=12.0)
    now, near_the_end = columns[chart.WIDTH_PX // 2 - 4], columns[chart.WIDTH_PX - 2]
    assert now[FLOOR - 4] == FILL
    assert near_the_end[FLOOR - 4] == 0
    band = [row for row, alpha in enumerate(near_the_end) if alpha]
    assert band[0] == pytest.approx(FLOOR - UP, abs=1)
    assert band[-1] == pytest.approx(FLOOR - UP * 8 / 12, abs=1)
    inked = [255 in column for column in columns[chart.WIDTH_PX // 2 + 2 :]]
    assert 0.5 < sum(inked) / len(inked) < 0.75
    flips = sum(a != b for a, b in pairwise(inked))
    assert flips > 20


def test_an_interval_that_is_too_wide_leaves_the_curve_its_height():
    _, scale = with_ahead(ahead=chart.Ahead(20.0, 8.0, 10.0, 1e6))
    assert scale.top == 16.0


def test_an_end_that_has_passed_is_not_drawn():
    behind = chart.Ahead(5.0, 1.0, 2.0, 3.0)
    assert with_ahead(ahead=behind)[0] == with_ahead()[0]


def test_a_limit_is_a_level_line_of_dots():
    columns, scale = with_ahead(limit=20.0)
    assert scale.top == 20.0
    row = FLOOR - UP
    dotted = [column[row] > 100 for column in columns]
    assert 0.3 < sum(dotted) / len(dotted) < 0.5
    assert sum(a != b for a, b in pairwise(dotted)) > 60


def test_a_limit_far_above_does_not_press_the_curve_to_the_floor():
    columns, scale = with_ahead(limit=1e6)
    assert scale.top == 10.0
    assert columns == with_ahead()[0]


@pytest.mark.parametrize(
    ("t_s", "series"),
    [
        ([], []),
        ([0.0], [1.0]),
        ([0.0, 1.0], [None, None]),
        ([0.0, 1.0, 2.0], [None, 1.0, math.nan]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, math.nan], [1.0, 1.0]),
        ([0.0, 1.0, 2.0], []),
    ],
)
def test_nothing_to_draw_has_no_scale(t_s, series):
    assert chart.scale_of(t_s, series) is None


def test_the_scale_runs_from_zero_to_the_end_and_the_highest_value():
    assert chart.scale_of([0.0, 5.0, 9.0], [2.0, 7.0, None]) == chart.Scale(end_s=9.0, top=7.0)


def test_even_noise_stays_below_6_kilobytes():
    dice = random.Random(1)
    series = [dice.uniform(0.4, 1.0) for _ in range(240)]
    scale = chart.scale_of(evenly(240), series)
    assert len(chart.data_uri(evenly(240), series, scale, RGB)) <= 6 * 1024
