"""Which runs are told of, and for how long."""

from __future__ import annotations

import pytest
from told import going

from ocarbon_magic.telemetry.board import KEPT_S, MOST_RUNS, Board
from ocarbon_magic.telemetry.figures import Figures


@pytest.fixture
def board(clock):
    return Board(clock)


def names(board):
    return [figures.run.id for figures in board.now()]


def ended(identity):
    return going(identity, status="finished")


def test_an_ended_run_is_told_of_until_the_slowest_scraper_has_come_by(board, clock):
    board.begin(going("one"))
    board.update(ended("one"))
    clock.now += KEPT_S
    assert [figures.run.status for figures in board.now()] == ["finished"]
    clock.now += 1.0
    assert board.now() == []
    assert board.of("one") is None


def test_a_run_that_goes_on_is_told_of_however_long(board, clock):
    board.begin(going("one"))
    clock.now += 100 * KEPT_S
    assert names(board) == ["one"]


def test_what_has_ended_stays_as_it_ended(board):
    board.begin(going("one"))
    board.update(ended("one"))
    board.update(going("one"))
    assert board.of("one").is_over


def test_a_run_that_did_not_begin_is_not_told_of(board):
    board.update(going("one"))
    assert names(board) == []


def test_there_are_never_too_many_and_those_that_ended_go_first(board):
    for number in range(MOST_RUNS):
        board.begin(going(f"run {number}"))
    board.update(ended("run 3"))
    board.begin(going("another"))
    assert names(board) == [f"run {n}" for n in range(MOST_RUNS) if n != 3] + ["another"]
    board.begin(going("one more"))
    assert names(board)[0] == "run 1"
    assert len(names(board)) == MOST_RUNS


def test_figures_stay_as_they_were_told():
    run = going().run
    figures = Figures.of(run, [1.0])
    run.status, run.devices, run.energy_kwh = "failed", [], 9.0
    run.intensity.gco2e_per_kwh = 999.0
    assert (figures.run.status, len(figures.run.devices)) == ("running", 2)
    assert figures.run.intensity.gco2e_per_kwh == 53.06
    assert figures.power_w == (1.0,)
