"""A record with much to tell has fewer points, and the same energy."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import sample_runs
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.run import Series
from ocarbon_magic.series import POINTS, mean_power
from ocarbon_magic.timeline import LEAST_POINTS, MOST_BYTES, fitted

BAR = 16_000


def series(energy_j):
    t_s = [0.5 * i for i in range(len(energy_j))]
    return Series(
        t_s=t_s,
        power_w=mean_power(t_s, energy_j),
        work=[float(i) for i in range(len(energy_j))],
        emissions_g=[energy / 1e3 for energy in energy_j],
    )


def energy_of(made):
    spans = zip(pairwise(made.t_s), made.power_w[1:], strict=True)
    return sum((end - start) * power_w for (start, end), power_w in spans)


@pytest.mark.parametrize(
    "run",
    [sample_runs.fullest(16), sample_runs.fullest(8), sample_runs.cluster()],
    ids=["16 GPUs", "8 GPUs", "3 hosts"],
)
def test_a_record_stays_small(run):
    run.series = fitted(run, run.series)
    assert len(json.dumps(run.to_dict())) <= BAR
    assert len(run.series.t_s) >= LEAST_POINTS


def test_a_record_that_has_room_keeps_every_point():
    run = sample_runs.fullest(1)
    assert fitted(run, run.series) is run.series


def test_as_many_points_stay_as_there_is_room_for():
    run = sample_runs.fullest(16)
    before = len(run.series.t_s)
    assert before > POINTS / 2
    once = fitted(run, run.series)
    assert len(once.t_s) == (before + 2) // 2
    assert (once.t_s[0], once.t_s[-1]) == (run.series.t_s[0], run.series.t_s[-1])
    assert fitted(run, once) is once


@given(st.lists(st.floats(0.0, 500.0), min_size=LEAST_POINTS * 2, max_size=POINTS))
def test_fewer_points_tell_of_the_same_energy(steps_j):
    energy_j = [sum(steps_j[: i + 1]) for i in range(len(steps_j))]
    whole, run = series(energy_j), sample_runs.fullest(1)
    few = fitted(run, whole, most_bytes=0)
    assert LEAST_POINTS <= len(few.t_s) < 2 * LEAST_POINTS
    assert energy_of(few) == pytest.approx(energy_of(whole), rel=1e-3, abs=1e-3)
    assert (few.work[-1], few.emissions_g[-1]) == (whole.work[-1], whole.emissions_g[-1])
    assert set(few.t_s) <= set(whole.t_s)


def test_power_that_is_not_known_stays_so():
    whole = series([float(i) for i in range(64)])
    whole.power_w[10] = None
    few = fitted(sample_runs.fullest(1), whole, most_bytes=0)
    assert [few.t_s[i] for i, power_w in enumerate(few.power_w) if power_w is None] == [5.0]


def test_records_are_written_for_a_few_lines_more():
    assert MOST_BYTES < BAR
