"""A source is asked beside the run, no more often than it has something new."""

import threading

import pytest

from ocarbon_magic.carbon.live.feed import Feed
from ocarbon_magic.carbon.live.points import LiveError, Point
from ocarbon_magic.carbon.live.service import Service
from ocarbon_magic.conversions import S_PER_DAY
from ocarbon_magic.fetch import FetchError

NOW_S = 1_790_000_000.0
DUE_S = 3600.0 - 800.0 + 300.0
"""It is 800 s past a full hour: five minutes after the next one there is something new."""


class Told:
    """A source that tells what it is told to, or fails so."""

    service = Service("told", "Told", "")
    zone, scope, step_s, late_s, basis, ahead_is_marginal = "Z", "lifecycle", 3600.0, 0.0, "", False

    def __init__(self):
        self.past, self.future, self.asked = [], [], []

    def recent(self, since_s, now_s):
        self.asked.append((since_s, now_s))
        if isinstance(self.past, BaseException):
            raise self.past
        return self.past

    def ahead(self, _):
        if isinstance(self.future, BaseException):
            raise self.future
        return self.future


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def source():
    return Told()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def feed(source, clock):
    return Feed(source, clock=clock, wall=lambda: NOW_S + clock.now)


def point(hours, amount, *, estimated=False):
    start_s = NOW_S + 3600.0 * hours
    return Point(start_s, start_s + 3600.0, amount, estimated)


def test_joining_does_not_wait_for_an_answer(feed, source):
    begun, go_on = threading.Event(), threading.Event()

    def slow(*_):
        begun.set()
        go_on.wait(60)
        return [point(0, 7.0)]

    source.recent = slow
    feed.join(NOW_S)
    assert begun.wait(60)
    assert not feed.answered.is_set()  # and yet we are here
    assert feed.curve().at(NOW_S) is None
    feed.leave(NOW_S)
    go_on.set()
    assert feed.answered.wait(60)
    assert feed.curve().at(NOW_S).g_per_kwh == 7.0


def test_runs_share_an_answer_within_a_step(feed, source, clock):
    source.past = [point(0, 7.0)]
    for after_s in (0.0, 10.0, DUE_S - 1.0):
        clock.now = after_s
        feed.join(NOW_S)
        assert feed.answered.wait(60)
        thread = feed._thread
        feed.leave(NOW_S)
        if thread is not None:
            thread.join(60)
            assert not thread.is_alive()  # nobody is asked when no run goes on
    assert len(source.asked) == 1


def test_a_source_is_asked_again_when_its_next_step_has_begun(feed, source, clock):
    feed.refresh(NOW_S)
    assert feed._due_s == DUE_S
    clock.now = DUE_S
    asked_again = threading.Event()
    source.recent = lambda *_: asked_again.set() or [point(1, 9.0)]
    feed.join(NOW_S)
    assert asked_again.wait(60)
    feed.leave(NOW_S)


def test_a_source_that_fails_is_left_alone_longer_each_time(feed, source, clock):
    source.past = LiveError("Told is closed.")
    for due_s in (300.0, 600.0, 1200.0, 2400.0, 3600.0, 3600.0):
        feed.refresh(NOW_S)
        assert feed._due_s == due_s
        assert feed.problem == "Told is closed."
    source.past = [point(0, 7.0)]
    feed.refresh(NOW_S)
    assert (feed.problem, feed._due_s) == ("", DUE_S)
    source.past = LiveError("Told is closed.")
    feed.refresh(NOW_S)
    assert feed._due_s == 300.0
    assert feed.curve().at(NOW_S).g_per_kwh == 7.0  # the last good value stays


def test_a_source_is_left_alone_as_long_as_it_asks(feed, source):
    source.past = FetchError("told.example answered 429 (Too Many Requests).", 429, 7200.0)
    feed.refresh(NOW_S)
    assert feed._due_s == 7200.0
    assert feed.problem == "Told has no answer: told.example answered 429 (Too Many Requests)."


def test_an_error_that_nobody_expected_does_not_show_its_text(feed, source):
    source.past = RuntimeError("the key is s3cret")
    feed.refresh(NOW_S)
    assert feed.problem == "Told could not be asked (RuntimeError)."


def test_what_is_told_takes_the_place_of_what_was_forecast(feed, source):
    source.past, source.future = [point(0, 7.0)], [point(0, 5.0, estimated=True), point(1, 6.0)]
    feed.refresh(NOW_S)
    assert feed.curve().at(NOW_S).g_per_kwh == 7.0
    assert feed.curve().at(NOW_S + 3600.0).g_per_kwh == 6.0


def test_a_forecast_that_may_not_be_asked_for_spoils_nothing(feed, source):
    source.past, source.future = [point(0, 7.0)], FetchError("no", 403)
    feed.refresh(NOW_S)
    assert feed.problem == ""
    assert feed.curve().at(NOW_S).g_per_kwh == 7.0


def test_marginal_forecasts_are_kept_out(feed, source):
    source.ahead_is_marginal = True
    source.past, source.future = [point(0, 7.0)], [point(1, 900.0)]
    feed.refresh(NOW_S)
    assert [p.g_per_kwh for p in feed.curve().points] == [7.0]


def test_a_value_of_the_future_is_not_believed_of_the_past(feed, source):
    source.past = [point(-1, 7.0), point(30, 1.0)]
    feed.refresh(NOW_S)
    assert [p.g_per_kwh for p in feed.curve().points] == [7.0]


def test_no_more_is_asked_for_than_a_day(feed, source):
    feed.refresh(NOW_S - 9 * S_PER_DAY)
    assert source.asked == [(NOW_S - S_PER_DAY, NOW_S)]


def test_what_no_run_needs_is_forgotten(feed, source, clock):
    source.past = [point(0, 7.0)]
    feed.refresh(NOW_S)
    clock.now = 8 * S_PER_DAY
    source.past = [point(8 * 24, 8.0)]
    feed.refresh(NOW_S)
    assert [p.g_per_kwh for p in feed.curve().points] == [8.0]
