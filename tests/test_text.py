"""The text of a run: plain, and no wider than a terminal."""

from __future__ import annotations

import re
import unicodedata

from sample_runs import cpu, gpu, projection, sample
from summaries import RUNS, every_run

from ocarbon_magic.run import Metric, Work
from ocarbon_magic.views.summary import text


def columns(line):
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in line
    )


@every_run
def test_text_fits_80_columns_and_is_plain(run):
    lines = text(run).split("\n")
    assert max(map(columns, lines)) <= 80 or run is RUNS["wide name"]
    assert columns(lines[0]) <= 80
    assert all(line.rstrip() == line and line.isprintable() for line in lines)
    assert not re.search(r"\b(nan|inf|None)\b", text(run))


def test_text_of_a_plain_run_is_four_lines():
    assert text(sample()) == (
        "train_resnet  finished in 02:14\n"
        "  emitted   609 mgCO2e (568 mgCO2e operational, 41.0 mgCO2e embodied)\n"
        "  energy    10.7 Wh (±5.1 %), 287 W mean\n"
        "  grid      53.1 gCO2e/kWh (2024, lifecycle), FRA (France), as given"
    )


def test_text_has_a_line_for_each_of_several_devices():
    run = sample(devices=[gpu(), cpu()])
    assert "    NVIDIA H100 80GB HBM3       10.7 Wh ±5.1 %, 287 W mean, 342 W max\n" in text(run)
    assert "    Intel Xeon Platinum 8480+   2.61 Wh estimate ±50 %, 70.0 W mean" in text(run)
    assert "13.3 Wh (±14 %, partly an estimate), 357 W mean" in text(run)


def test_text_tells_work_projection_and_metric_where_they_are_known():
    work = Work(100.0, 2000.0, "step", 14.9, "tqdm")
    run = sample(work=work, projection=projection(), metric=Metric("val_acc", 0.91312))
    lines = text(run).split("\n")
    assert "  work      100 of 2,000 steps, 14.9 step/s" in lines
    projected = "34.2 gCO2e, 29.1 \N{EN DASH} 39.3 gCO2e (80 %), in 41:20, at 5 % of the work"
    assert f"  projected {projected}" in lines
    assert "  metric    val_acc = 0.9131" in lines


def test_text_says_how_the_budget_stands():
    assert "  budget    500 mgCO2e, passed: 122 % of it emitted\n" in text(sample(budget_g=0.5))
    assert "  budget    50 gCO2e, not passed: 1.2 % of it emitted\n" in text(sample(budget_g=50.0))
    assert "budget" not in text(sample())


def test_text_carries_no_control_characters_into_a_terminal():
    shown = text(sample(name="a\x1b[31mred\nname", warnings=["one\x07\ntwo"]))
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "a [31mred name  finished" in shown
    assert "  warning   one two" in shown


def test_a_long_name_leaves_room_for_the_status():
    assert re.fullmatch(r"n{39}…  finished in 02:14", text(sample(name="n" * 500)).split("\n")[0])
