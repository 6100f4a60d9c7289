"""The dynamic throughput model against its mathematics, over the whole range of alpha."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ocarbon_magic.throughput.dynamic import ConstantThroughput, DynamicThroughput

SEAM = math.log(0.1)
"""Where the mean rate changes from its series to its closed form."""

LOG_ALPHAS = st.floats(-20.0, 2000.0)
LOG_REACHES = st.one_of(
    st.floats(math.log(1e-12), 20.0),
    st.floats(math.log(1e-12), 2000.0),
    st.floats(SEAM - 1e-6, SEAM + 1e-6),
)
"""ln(alpha * t)."""

SCALES = st.floats(-30.0, 30.0).map(lambda exponent: 10.0**exponent)
ONSETS = st.floats(-1e6, 1e6)


def time_at(log_alpha, log_reach):
    """Return t in seconds, where a float holds it and what is done until then."""
    log_t = log_reach - log_alpha
    assume(abs(log_t) < 500.0)
    return math.exp(log_t)


def exact_work(log_alpha, t, scale=1.0):
    """Return the closed form of the paper, T ln(1 + aT) - T + ln(1 + aT)/a, to 50 digits."""
    with mpmath.workdps(100):  # half of them may cancel
        alpha, t = mpmath.exp(mpmath.mpf(log_alpha)), mpmath.mpf(t)
        log = mpmath.log1p(alpha * t)
        return mpmath.mpf(scale) * (t * log - t + log / alpha)


def off(value, truth):
    return abs(float(mpmath.mpf(value) / truth - 1))


@given(LOG_ALPHAS, LOG_REACHES, SCALES)
@example(0.0, SEAM, 1.0)
@example(0.0, math.nextafter(SEAM, -1e9), 1e30)
@example(69.07755, 80.59, 1.0)
@example(2000.0, 2000.0, 1e-30)
@example(-20.0, math.log(1e-12), 1e-30)
def test_the_work_is_the_closed_form_of_the_paper(log_alpha, log_reach, scale):
    t = time_at(log_alpha, log_reach)
    work = DynamicThroughput(log_alpha, scale).work(t)
    assert off(work, exact_work(log_alpha, t, scale)) < 1e-12


@given(LOG_ALPHAS, LOG_REACHES, SCALES)
def test_the_rate_is_the_logarithm_of_the_paper(log_alpha, log_reach, scale):
    t = time_at(log_alpha, log_reach)
    with mpmath.workdps(50):
        exact = scale * mpmath.log1p(mpmath.exp(mpmath.mpf(log_alpha)) * mpmath.mpf(t))
    assert off(DynamicThroughput(log_alpha, scale).rate(t), exact) < 1e-12


@given(LOG_ALPHAS, LOG_REACHES, st.floats(-2.0, 2.0))
def test_the_rate_is_the_derivative_of_the_work(log_alpha, log_reach, log_scale):
    t = time_at(log_alpha, log_reach)
    model = DynamicThroughput(log_alpha, math.exp(log_scale))
    # By central difference: its error is work''' h^2 / 6, a part of 1e-9 of the rate.
    h = 1e-4 * t
    slope = (model.work(t + h) - model.work(t - h)) / (2.0 * h)
    assert slope == pytest.approx(model.rate(t), rel=1e-7)


@given(LOG_ALPHAS, LOG_REACHES, SCALES)
@example(2000.0, 2000.0, 1.0)
@example(0.0, SEAM, 1e-30)
def test_the_time_for_the_work_until_a_time_is_that_time(log_alpha, log_reach, scale):
    t = time_at(log_alpha, log_reach)
    model = DynamicThroughput(log_alpha, scale)
    assert model.time_for(model.work(t)) == pytest.approx(t, rel=1e-10)


@given(LOG_ALPHAS, st.floats(-200.0, 200.0), SCALES)
@example(-20.0, -200.0, 1e30)
@example(2000.0, 200.0, 1e-30)
def test_the_work_until_the_time_for_a_work_is_that_work(log_alpha, log_work, scale):
    work = math.exp(log_work)
    model = DynamicThroughput(log_alpha, scale)
    assert model.work(model.time_for(work)) == pytest.approx(work, rel=1e-10)


@given(LOG_ALPHAS, LOG_REACHES, SCALES, st.floats(1e-9, 10.0))
def test_later_is_more_work_at_a_higher_rate(log_alpha, log_reach, scale, part):
    t = time_at(log_alpha, log_reach)
    model = DynamicThroughput(log_alpha, scale)
    later = t * (1.0 + part)
    assert model.work(later) > model.work(t) > 0.0
    assert model.rate(later) >= model.rate(t) > model.mean_rate(t) > 0.0
    assert model.time_for(model.work(later)) > model.time_for(model.work(t))


@given(LOG_ALPHAS, LOG_REACHES, SCALES)
def test_the_mean_rate_is_the_work_by_the_time(log_alpha, log_reach, scale):
    t = time_at(log_alpha, log_reach)
    model = DynamicThroughput(log_alpha, scale)
    assert model.mean_rate(t) * t == pytest.approx(model.work(t), rel=1e-12)


@given(LOG_ALPHAS, LOG_REACHES, SCALES, ONSETS)
def test_a_mean_rate_gives_the_model_back(log_alpha, log_reach, scale, onset):
    t = time_at(log_alpha, log_reach)
    rate = DynamicThroughput(log_alpha, scale).mean_rate(t)
    model = DynamicThroughput.from_mean_rate(rate, t, scale=scale, onset=onset)
    # A rate's last digit moves ln(alpha) by that digit of the rate, in units of the scale.
    assert model.log_alpha == pytest.approx(log_alpha, rel=1e-10, abs=1e-10)
    assert (model.scale, model.onset) == (scale, onset)


@given(st.floats(1e-9, 2000.0), st.floats(1e-6, 1e12), SCALES)
def test_any_mean_rate_can_be_had(rate, time, scale):
    model = DynamicThroughput.from_mean_rate(rate * scale, time, scale=scale)
    assert model.mean_rate(time) == pytest.approx(rate * scale, rel=1e-11)


@given(st.floats(-20.0, 300.0), st.floats(-60.0, -16.0))
def test_at_first_the_rate_rises_linearly(log_alpha, log_reach):
    t = time_at(log_alpha, log_reach)
    model = DynamicThroughput(log_alpha, scale=3.0)
    # ln(1 + u) = u - u^2/2 + ...: below u = 1.2e-7 the rest is below 1e-7.
    slope = 3.0 * math.exp(log_alpha)
    assert model.rate(t) == pytest.approx(slope * t, rel=2e-7)
    assert model.work(t) == pytest.approx(slope * t * t / 2.0, rel=2e-7)


@given(st.floats(1e3, 1e12), st.floats(1e-3, 1e9), st.floats(0.1, 1.0))
def test_as_alpha_grows_the_rate_becomes_constant(log_alpha, rate, part):
    end_s = 1000.0
    reach = log_alpha + math.log(end_s)
    dynamic = DynamicThroughput(log_alpha, scale=rate / reach)
    constant = ConstantThroughput(rate)
    t = part * end_s
    # The rate differs from the one at the end by ln(part) / reach, its mean by 1 / reach more.
    bound = 1.001 * (1.0 - math.log(part)) / reach + 1e-12
    assert dynamic.rate(t) == pytest.approx(constant.rate(t), rel=bound)
    assert dynamic.mean_rate(t) == pytest.approx(constant.mean_rate(t), rel=bound)
    assert dynamic.work(t) == pytest.approx(constant.work(t), rel=bound)
    work = constant.work(t)
    assert dynamic.time_for(work) == pytest.approx(constant.time_for(work), rel=1.01 * bound)


@pytest.mark.parametrize("alpha_exponent", [-7, -3, 0, 10, 50, 110, 300])
def test_a_decimal_logarithm_is_that_of_the_table(alpha_exponent):
    model = DynamicThroughput.from_log10_alpha(alpha_exponent, scale=2.0, onset=1.0)
    assert model.log10_alpha == pytest.approx(alpha_exponent, rel=1e-15)
    assert model.log_alpha == pytest.approx(alpha_exponent * 2.302585092994046, rel=1e-15)
    assert (model.scale, model.onset) == (2.0, 1.0)


def test_the_upper_a100_alpha_of_the_paper_reaches_the_rates_of_its_figure():
    model = DynamicThroughput.from_log10_alpha(50.0)
    assert model.rate(500.0) == pytest.approx(121.3, abs=0.1)
    assert model.rate(5000.0) == pytest.approx(123.6, abs=0.1)


@given(LOG_ALPHAS, LOG_REACHES, SCALES, st.floats(1e-6, 1e6))
def test_a_scale_multiplies_rates_and_work(log_alpha, log_reach, scale, factor):
    t = time_at(log_alpha, log_reach)
    one, many = DynamicThroughput(log_alpha, scale), DynamicThroughput(log_alpha, scale * factor)
    for of in ("rate", "work", "mean_rate"):
        assert getattr(many, of)(t) == pytest.approx(factor * getattr(one, of)(t), rel=1e-12)


@given(st.floats(-20.0, 200.0), st.floats(1e-3, 1e6), st.integers(-1000, 1000))
def test_an_onset_shifts_the_clock(log_alpha, t, onset):
    shifted, at_zero = DynamicThroughput(log_alpha, 2.0, onset), DynamicThroughput(log_alpha, 2.0)
    worked_s = (onset + t) - onset  # what is left of t after a sum in floats
    for of in ("rate", "work", "mean_rate"):
        assert getattr(shifted, of)(onset + t) == getattr(at_zero, of)(worked_s)
    work = at_zero.work(t)
    assert shifted.time_for(work) == onset + at_zero.time_for(work)


MODELS = st.one_of(
    st.builds(DynamicThroughput, LOG_ALPHAS, SCALES, ONSETS),
    st.builds(ConstantThroughput, SCALES, ONSETS),
)
METHODS = ["rate", "work", "mean_rate", "time_for"]
A_DYNAMIC = DynamicThroughput(5.0, 2.0, 3.0)
A_CONSTANT = ConstantThroughput(2.0, 3.0)
BOTH = pytest.mark.parametrize("model", [A_DYNAMIC, A_CONSTANT], ids=["dynamic", "constant"])


@given(MODELS, st.floats(0.0, 1e6))
def test_nothing_is_done_until_the_onset(model, early_s):
    before = model.onset - early_s
    assert model.work(before) == model.rate(before) == model.mean_rate(before) == 0.0
    assert model.time_for(0.0) == model.onset


@given(MODELS, st.lists(st.floats(0.0, 1e9), max_size=12))
def test_an_array_gives_what_its_numbers_give(model, numbers):
    for of in METHODS:
        method = getattr(model, of)
        many = method(np.array(numbers))
        assert many.tolist() == pytest.approx([method(n) for n in numbers], rel=1e-12)


@BOTH
@pytest.mark.parametrize("of", METHODS)
@pytest.mark.parametrize("shape", [(0,), (1,), (4,), (2, 3), (2, 0, 3)])
def test_an_array_keeps_its_shape(model, of, shape):
    given_array = np.linspace(0.0, 9.0, num=math.prod(shape)).reshape(shape)
    result = getattr(model, of)(given_array)
    assert result.shape == shape
    assert result.dtype == np.float64


@BOTH
@pytest.mark.parametrize("of", METHODS)
@pytest.mark.parametrize("five", [5, 5.0, np.float64(5), np.int64(5), np.array(5)], ids=repr)
def test_whatever_is_one_number_gives_one_float(model, of, five):
    result = getattr(model, of)(five)
    assert type(result) is float
    assert result == getattr(model, of)(5.0)
    assert getattr(model, of)(np.array([5]))[0] == pytest.approx(result, rel=1e-15)


@BOTH
@pytest.mark.parametrize("of", METHODS)
def test_what_is_not_a_number_gives_what_is_not_a_number(model, of):
    method = getattr(model, of)
    assert math.isnan(method(math.nan))
    among = method(np.array([4.0, math.nan, 5.0]))
    assert np.isnan(among).tolist() == [False, True, False]
    assert among[[0, 2]].tolist() == pytest.approx([method(4.0), method(5.0)], rel=1e-15)


def test_in_infinite_time_infinite_work_is_done():
    for model in (A_DYNAMIC, A_CONSTANT):
        assert model.work(math.inf) == model.time_for(math.inf) == math.inf
    assert A_DYNAMIC.rate(math.inf) == A_DYNAMIC.mean_rate(math.inf) == math.inf
    assert A_CONSTANT.rate(math.inf) == 2.0


@BOTH
@pytest.mark.parametrize("work", [-1, -1e-300, -math.inf, np.array([1.0, -1.0])], ids=repr)
def test_negative_work_has_no_time(model, work):
    with pytest.raises(ValueError, match=r"^work must not be negative\.$"):
        model.time_for(work)


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (DynamicThroughput, ["log_alpha", math.nan, math.inf, -math.inf]),
        (lambda bad: DynamicThroughput(1.0, bad), ["scale", math.nan, math.inf, 0.0, -1.0]),
        (lambda bad: DynamicThroughput(1.0, 1.0, bad), ["onset", math.nan, math.inf]),
        (DynamicThroughput.from_log10_alpha, ["log_alpha", math.nan, math.inf]),
        (ConstantThroughput, ["scale", math.nan, math.inf, 0, -1]),
        (lambda bad: ConstantThroughput(1.0, bad), ["onset", math.nan, -math.inf]),
        (lambda bad: DynamicThroughput.from_mean_rate(bad, 1.0), ["rate", math.nan, 0.0, -2.0]),
        (lambda bad: DynamicThroughput.from_mean_rate(1.0, bad), ["time", math.inf, 0.0, -2.0]),
        (lambda bad: DynamicThroughput.from_mean_rate(1.0, 1.0, scale=bad), ["scale", 0.0, -1.0]),
    ],
)
def test_a_parameter_that_cannot_be_is_named(make, wrong):
    name, *values = wrong
    for value in values:
        with pytest.raises(ValueError, match=rf"^{name} must be a finite number.*, not {value}"):
            make(value)


@given(SCALES, ONSETS, st.floats(1e-3, 1e9))
def test_a_constant_pace_does_its_rate_times_the_time(rate, onset, worked_s):
    model = ConstantThroughput(rate, onset)
    t = onset + worked_s
    assert model.rate(t) == model.mean_rate(t) == rate
    assert model.work(t) == rate * (t - onset)
    assert model.time_for(model.work(t)) == pytest.approx(t, rel=1e-12, abs=1e-9)
