"""Energy projected at six shares of real runs, against the logged power of their nodes."""

from __future__ import annotations

import statistics

from validation import energies, scorer


def test_the_energy_of_real_runs_is_projected_as_surely_as_it_says():
    cases = energies.judge(scorer.load_traces())
    assert len({case.run for case in cases}) == 5
    # 80 % of 19 cases, give or take two standard deviations of a binomial.
    assert 0.62 <= statistics.mean(case.covered for case in cases) <= 0.98
    assert statistics.median(abs(case.ratio - 1) for case in cases) < 0.06
    late = [case for case in cases if case.share == 0.5]
    assert all(abs(case.ratio - 1) < 0.06 for case in late)
