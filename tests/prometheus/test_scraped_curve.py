"""The energy between two moments that fall between scrapes, and the bound on it."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.meters.prometheus.metrics import METRICS
from ocarbon_magic.meters.prometheus.scraped import Scraped

COUNTER = METRICS["DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"]
POWER = METRICS["DCGM_FI_DEV_POWER_USAGE"]
PACKAGE = METRICS["kepler_node_package_joules_total"]
SOCKET = METRICS["scaph_socket_energy_microjoules"]
A100 = "NVIDIA A100-SXM4-80GB"  # 400 W
STREAM = (("job", "dcgm"),)
OTHER = (("job", "second"),)


def counted(samples, *, start_s=None, metric=PACKAGE, stream=STREAM, gpu_name=None):
    """Return a counter that was scraped at (seconds, joules)."""
    scraped = Scraped(metric, gpu_name)
    if start_s is not None:
        scraped.begin(start_s)
    scraped.take({stream: [(t, value / metric.joules) for t, value in samples]})
    return scraped


def idle_then(busy_w, until_s, *, idle_w=50.0, start_s=100.0, step_s=15.0, first_s=32.0):
    """Return samples of a counter whose device draws ``busy_w`` from ``start_s`` on."""
    count = int((until_s - first_s) / step_s) + 1
    times = [first_s + step_s * index for index in range(count)]
    return [(t, idle_w * min(t, start_s) + busy_w * max(t - start_s, 0.0)) for t in times]


def test_a_run_that_sets_an_idle_device_to_work_gets_its_own_part_of_the_first_step():
    # Scrapes at 32, 47, ..., 92, 107, ..., 392; 300 W from 100 s on. By a straight line the step
    # from 92 to 107 would lose 8 s * 7 s / 15 s * 250 W = 933 J to the time before the run.
    scraped = counted(idle_then(300.0, 400.0), start_s=100.0)
    assert scraped.until(400.0).energy_j == pytest.approx(300 * 300.0)


def test_what_comes_after_the_last_scrape_is_taken_at_its_power_and_bounded():
    scraped = counted(idle_then(300.0, 400.0), start_s=100.0, metric=COUNTER, gpu_name=A100)
    end = scraped.until(400.0)
    # 8 s after the scrape at 392: at most 1.1 * 400 W or nothing, against 300 W: 8 * 300 J. At
    # the start 7 s after a scrape, of 15 s with 8 * 50 + 7 * 300 J: the 8 s before may have had
    # no joule (400 less), or up to 2500 (2100 more). And at one end the exporter may have handed
    # out a reading that was 15 s old: 15 * 300 J.
    assert end.error_j == pytest.approx(8 * 300 + 2100 + 15 * 300)


def test_a_run_shorter_than_a_scrape_is_reckoned_from_what_was_before():
    scraped = counted([(0.0, 0.0), (15.0, 900.0), (30.0, 1800.0)], start_s=35.0)
    end = scraped.until(40.0)
    assert end.energy_j == pytest.approx(5 * 60.0)
    # up to twice the most seen, or nothing; and Kepler may have read it 5 s before a scrape
    assert end.error_j == pytest.approx(5 * 60.0 + 5 * 60.0)
    assert scraped.curve.points_in_run == 0


def test_with_one_scrape_in_the_run_the_rest_goes_on_at_the_power_since_its_start():
    # 60 W until 35 s, then 300 W; scrapes at 0, 15, 30, 45: 10 s of 300 W are in the last step.
    samples = [(0.0, 0.0), (15.0, 900.0), (30.0, 1800.0), (45.0, 1800.0 + 300.0 + 3000.0)]
    scraped = counted(samples, start_s=35.0)
    assert scraped.until(50.0).energy_j == pytest.approx(15 * 300.0)


def test_an_end_before_the_newest_scrape_is_read_off_between_two():
    scraped = counted([(t, 100.0 * t) for t in range(0, 100, 10)], start_s=15.0)
    assert scraped.until(55.0).energy_j == pytest.approx(40 * 100.0)


def test_energy_of_a_gap_is_not_lost():
    scraped = counted([(0.0, 0.0), (10.0, 500.0), (20.0, 1000.0), (620.0, 91000.0)], start_s=10.0)
    assert scraped.until(620.0).energy_j == pytest.approx(90500.0)


def test_when_samples_stop_the_energy_ends_with_them():
    scraped = counted([(t, 100.0 * t) for t in range(0, 100, 10)], start_s=0.0)
    assert scraped.curve.missed_since(115.0) is None
    assert scraped.curve.missed_since(150.0) == 90.0
    assert scraped.until(150.0).energy_j == pytest.approx(9000.0)


def test_nothing_is_known_where_samples_ended_before_the_run():
    scraped = counted([(0.0, 0.0), (10.0, 1000.0)], start_s=400.0)
    assert scraped.until(500.0) is None


def test_a_counter_first_seen_in_the_run_counts_from_there():
    scraped = counted([(300.0, 0.0), (310.0, 1000.0), (320.0, 2000.0)], start_s=100.0)
    assert scraped.curve.started_late_s == 200.0
    assert scraped.until(320.0).energy_j == pytest.approx(2000.0)


def test_a_counter_that_starts_again_is_bridged_at_the_power_before():
    # 100 W all along; between 30 and 40 s the exporter starts again, 4 s before the scrape.
    before = [(t, 1e6 + 100.0 * t) for t in range(0, 40, 10)]
    after = [(t, 100.0 * (t - 36)) for t in range(40, 80, 10)]
    scraped = counted([*before, *after], start_s=10.0)
    assert scraped.until(70.0).energy_j == pytest.approx(60 * 100.0)
    assert scraped.estimated_s == 10.0
    assert scraped.until(70.0).error_j >= 1000.0


def test_what_a_counter_has_counted_since_it_began_again_is_the_least():
    # idle at 10 W, then 400 W from the restart on: 4000 J were counted in the step of 10 s.
    before = [(t, 1e6 + 10.0 * t) for t in range(0, 40, 10)]
    scraped = counted([*before, (40.0, 4000.0)], start_s=30.0, metric=COUNTER, gpu_name=A100)
    assert scraped.until(40.0).energy_j == pytest.approx(4000.0)


def test_a_jump_that_no_device_can_make_is_not_energy():
    samples = [(t, 100.0 * t) for t in range(0, 40, 10)] + [(40.0, 9e9), (50.0, 9e9 + 1000.0)]
    scraped = counted(samples, start_s=10.0)
    assert scraped.until(50.0).energy_j == pytest.approx(4000.0)
    assert scraped.estimated_s == 10.0


def test_a_raw_counter_that_runs_over_loses_nothing_and_nothing_is_said():
    # RAPL begins again after 262143.328850 J: 200 W reach it in the fourth step.
    wrap_j = 262143.32885
    samples = [(t, (wrap_j - 7000.0 + 200.0 * t) % wrap_j) for t in range(0, 60, 10)]
    scraped = counted(samples, start_s=5.0, metric=SOCKET)
    assert scraped.until(50.0).energy_j == pytest.approx(45 * 200.0)
    assert scraped.estimated_s == 0.0


def test_values_that_are_none_are_no_samples():
    samples = [(0.0, 0.0), (10.0, 1000.0), (20.0, 9223372036854775794 / 1e3), (25.0, -5.0)]
    scraped = counted([*samples, (30.0, 3000.0)], start_s=0.0, metric=COUNTER)
    assert scraped.until(30.0).energy_j == pytest.approx(3000.0)


def test_a_counter_that_the_exporter_reads_less_often_than_it_is_scraped_does_not_stand_still():
    # read every 30 s, scraped every 10 s: each value three times
    samples = [(t, 200.0 * (t // 30 * 30)) for t in range(0, 310, 10)]
    scraped = counted(samples, start_s=60.0, metric=COUNTER, gpu_name=A100)
    end = scraped.until(300.0)
    assert end.energy_j == pytest.approx(240 * 200.0)
    assert scraped.curve.power_w == pytest.approx(200.0)
    assert scraped.scrape_s == 10.0
    assert scraped.curve.step_s == 30.0


def test_of_two_reports_of_one_counter_one_is_followed():
    # the second job's exporter hands out values that are 20 s old
    first = [(float(t), 100.0 * t) for t in range(0, 100, 10)]
    second = [(t + 5.0, 100.0 * max(t - 20, 0)) for t in range(0, 90, 10)]
    scraped = Scraped(PACKAGE)
    scraped.begin(20.0)
    scraped.take({OTHER: second, STREAM: first})
    assert scraped.until(90.0).energy_j == pytest.approx(7000.0)
    assert scraped.estimated_s == 0.0


def test_another_report_is_followed_when_the_first_ends():
    first = [(float(t), 100.0 * t) for t in range(0, 60, 10)]
    second = [(t + 5.0, 100.0 * (t + 5.0)) for t in range(0, 200, 10)]
    scraped = Scraped(PACKAGE)
    scraped.begin(20.0)
    scraped.take({STREAM: first, OTHER: second[:5]})
    scraped.take({OTHER: second})
    assert scraped.until(195.0).energy_j == pytest.approx(175 * 100.0)


def test_samples_that_come_again_are_taken_once():
    samples = [(float(t), 100.0 * t) for t in range(0, 60, 10)]
    scraped = counted(samples, start_s=0.0)
    scraped.take({STREAM: [*samples, (60.0, 6000.0)]})
    assert scraped.until(60.0).energy_j == pytest.approx(6000.0)
    assert scraped.curve.points_in_run == 6


def test_power_is_summed_under_the_line_through_its_samples():
    scraped = Scraped(POWER, A100)
    scraped.begin(0.0)
    scraped.take({STREAM: [(0.0, 100.0), (10.0, 300.0), (20.0, 300.0)]})
    assert scraped.until(20.0).energy_j == pytest.approx(2000.0 + 3000.0)
    assert scraped.until(25.0).energy_j == pytest.approx(5000.0 + 5 * 300.0)
    assert scraped.curve.power_w == scraped.curve.max_power_w == 300.0


def test_while_the_run_goes_on_no_more_is_shown_than_is_sure():
    scraped = counted(idle_then(300.0, 400.0), start_s=100.0)
    # 8 s past the last scrape, at the 50 W of before the run in place of 300 W
    shown_j = scraped.until(400.0).energy_j - scraped.curve.unsure_j(400.0)
    assert shown_j == pytest.approx(292 * 300.0 + 8 * 50.0)


powers = st.lists(st.sampled_from([20.0, 50.0, 120.0, 300.0, 400.0]), min_size=30, max_size=80)


@given(
    powers=powers,
    step=st.integers(1, 6),
    phase=st.integers(0, 5),
    kept=st.integers(1, 8),
    start=st.integers(20, 30),
    length=st.integers(1, 50),
)
def test_the_energy_of_any_run_is_within_its_bound(*, powers, step, phase, kept, start, length):
    # a power for each second, at most the 440 W that the board may pass its limit to; the
    # exporter reads the counter every ``kept`` seconds, and is scraped every ``step``
    total_j = [0.0, *accumulate(powers)]
    end = min(start + length, len(powers))
    times = range(phase % step, end + 1, step)
    samples = [(float(t), total_j[t // kept * kept] + 1e5) for t in times]
    scraped = counted(samples, start_s=float(start), metric=COUNTER, gpu_name=A100)
    known = scraped.until(float(end))
    if known is not None:
        truth_j = total_j[end] - total_j[start]
        assert abs(known.energy_j - truth_j) <= known.error_j + 1e-6


@given(powers=powers, step=st.integers(1, 6), start=st.integers(0, 20))
def test_from_scrape_to_scrape_energy_never_falls_by_more_than_its_bound(powers, step, start):
    total_j = [0.0, *accumulate(powers)]
    scraped = Scraped(PACKAGE, A100)
    scraped.begin(float(start))
    shown_j = 0.0
    for t in range(0, len(total_j), step):
        scraped.take({STREAM: [(float(t), total_j[t] + 1e5)]})
        known = scraped.until(float(t))
        if known is not None:
            assert scraped.curve.unsure_j(float(t)) == 0.0
            assert known.energy_j >= shown_j - known.error_j - 1e-6
            shown_j = known.energy_j
