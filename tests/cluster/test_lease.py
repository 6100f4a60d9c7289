"""An agent whose kernel is gone ends when its engine has been idle for long."""

from __future__ import annotations

import asyncio

import pytest

from ocarbon_magic.cluster import lease
from ocarbon_magic.cluster.lease import Lease


@pytest.fixture
def clock(monkeypatch):
    class Time:
        now_s = 0.0

        def monotonic(self):
            return self.now_s

    time = Time()
    monkeypatch.setattr(lease, "time", time)
    return time


class Loop:
    """An event loop that answers when it is told to."""

    def __init__(self):
        self.asked = []

    def call_soon_threadsafe(self, answer):
        self.asked.append(answer)

    def turn(self):
        while self.asked:
            self.asked.pop()()


@pytest.fixture
def loop(monkeypatch):
    made = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def wait(clock, seconds, loop, own, *, idle):
    """Ask every 5 s whether it is over; return whether it ever was."""
    over = False
    for _ in range(seconds // 5):
        clock.now_s += 5.0
        over |= own.is_over()
        if idle:
            loop.turn()
    return over


def test_an_idle_engine_that_nobody_asks_for_ends_after_its_time(clock, loop):
    own = Lease(lasts_s=300.0)
    assert not wait(clock, 280, loop, own, idle=True)
    assert wait(clock, 60, loop, own, idle=True)


def test_a_sign_of_the_kernel_keeps_it(clock, loop):
    own = Lease(lasts_s=300.0)
    for _ in range(10):
        assert not wait(clock, 120, loop, own, idle=True)
        own.renew()


def test_an_engine_at_work_for_hours_hears_nothing_and_goes_on(clock, loop):
    own = Lease(lasts_s=300.0)
    assert not wait(clock, 4 * 3600, loop, own, idle=False)
    assert len(loop.asked) == 1  # the questions do not pile up
    loop.turn()
    assert not wait(clock, 250, loop, own, idle=True)  # now time counts, from the start


def test_without_a_loop_it_lasts_until_it_is_told(clock, monkeypatch):
    def get_running_loop():
        raise RuntimeError("no running event loop")

    monkeypatch.setattr(asyncio, "get_running_loop", get_running_loop)
    own = Lease(lasts_s=1.0)
    clock.now_s = 1e6
    assert not own.is_over()
