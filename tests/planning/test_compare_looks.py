"""How a comparison looks: columns for two or three runs, rows for more, on a terminal's width."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from IPython.core.formatters import DisplayFormatter
from sample_runs import cpu, gpu, sample

import ocarbon_magic as oc
from ocarbon_magic.planning.comparison import compare as room
from ocarbon_magic.run import Intensity, Metric, Series, Work, Zone
from ocarbon_magic.views.columns import columns
from ocarbon_magic.views.sidebyside import MOST_ROWS

LIFECYCLE = Intensity(50.0, 2024, "lifecycle", "Ember")


@pytest.fixture(autouse=True)
def no_prices(monkeypatch):
    monkeypatch.setattr(room, "cost_of_run", lambda _: None)


def run(name, joules=36_000.0, score=0.8, **changes):
    """10 Wh in 100 s: 0.5 g operational and 0.1 g embodied, 100 steps."""
    about = {
        "id": f"{name}-id",
        "name": name,
        "devices": [gpu(energy_j=joules, uncertainty_pct=5.0)],
        "duration_s": 100.0,
        "intensity": LIFECYCLE,
        "embodied_g": 0.1,
        "work": Work(100.0, 100.0, "step", 1.0, "tqdm"),
        "metric": Metric("accuracy", score),
        "series": Series(),
    }
    return sample(**{**about, **changes})


def test_two_runs_are_columns_with_their_difference_beside_them():
    shown = str(oc.compare([run("one"), run("other", 27_000.0, 0.82)])).splitlines()
    assert shown[0] == "other emitted 21 % less than one, in the same time."
    assert shown[1].split() == ["one", "other", "difference"]
    assert re.split(r"\s{2,}", shown[2].strip()) == [
        "emissions, CO2e",
        "600 mg",
        "475 mg",
        "\u221221 %, beyond the",
    ]
    lines = "\n".join(shown)
    assert "    operational" in lines
    assert "accuracy = 0.82" in lines
    assert "Pareto front of accuracy (higher is better) against emissions." in lines


def test_three_runs_are_columns_with_differences_in_brackets():
    three = [run("one"), run("other", 27_000.0), run("third", 35_500.0)]
    shown = str(oc.compare(three))
    assert shown.splitlines()[1].split() == ["one", "other", "third"]
    assert "475 mg (\u221221\u00a0%)" in shown
    assert "593 mg (\u2248\u00a0\u22121.2\u00a0%)" in shown
    assert "\u2248 is within the uncertainty" in shown


def test_more_runs_are_rows_and_what_they_share_stands_below():
    four = [run(name, joules) for name, joules in zip("abcd", (36e3, 27e3, 9e3, 9e4), strict=True)]
    shown = str(oc.compare(four, per="step"))
    head, first = shown.splitlines()[1:3]
    assert head.split() == [
        "name", "CO2e", "energy", "took", "power", "CO2e", "per", "step", "accuracy", "front",
    ]  # fmt: skip
    assert first.split() == [
        "a", "600", "mg", "10.0", "Wh", "01:40", "360", "W", "6.00", "mg", "0.8", "off", "it",
    ]  # fmt: skip
    assert "Zone and intensity: FRA (France): 50 gCO2e/kWh (2024, lifecycle)." in shown
    assert "Method: measured, NVML energy counter." in shown


def test_devices_and_places_that_differ_are_columns_and_told_below():
    sweden = {"zone": Zone("SWE", "Sweden", "given")}
    four = [run("a"), run("b", **sweden), run("c", devices=[cpu()]), run("d")]
    shown = " ".join(str(oc.compare(four)).split())
    assert "front zone devices" in shown
    assert "SWE (Sweden): 50 gCO2e/kWh (2024, lifecycle) (b)" in shown
    assert "Intel Xeon Platinum 8480+ (c)" in shown


def test_columns_that_find_no_room_are_left_out_and_named(monkeypatch):
    price = SimpleNamespace(amount=SimpleNamespace(value=0.0123), currency="USD", basis="A price.")
    monkeypatch.setattr(room, "cost_of_run", lambda _: price)
    names = ["a name of some length", "another one", "c", "d"]
    wide = [run(name, 4e6, devices=[gpu(), cpu()] if name == "c" else [gpu()]) for name in names]
    found = oc.compare(wide, per="point", functional_unit="1,000 steps")
    shown = str(found)
    assert max(map(columns, shown.splitlines())) <= 80
    assert "Left out for want of room: power" in shown
    assert "power" not in shown.splitlines()[1]


@pytest.mark.parametrize("count", [1, 2, 3, 4, MOST_ROWS + 3])
def test_every_comparison_fits_a_terminal_and_keeps_markup_as_text(count):
    runs = [
        run(
            f"<b>a & net {i} " * 9,
            10.0 ** (3 + i % 6),
            i / 100,
            id=str(i),
            zone=Zone("US-CA" if i % 2 else "FRA", "<i>", "given"),
            duration_s=10.0 ** (i % 7),
            devices=[gpu(name="<u>" * 30)] * (1 + i % 2),
            work=Work(1e5 + i, None, "<s>unit", 1e3, "tqdm"),
            metric=Metric("<x>" * 30, i / 100),
        )
        for i in range(count)
    ]
    asked = {"per": "<s>unit", "functional_unit": "1,000,000 <s>units"}
    for found in (oc.compare(runs), oc.compare(runs, **asked)):
        forms, _ = DisplayFormatter().format(found)
        assert set(forms) == {"text/plain", "text/html"}
        assert max(map(columns, forms["text/plain"].splitlines())) <= 80
        assert not any(f"<{tag}>" in forms["text/html"] for tag in "bisux")
    assert ("3 more runs are in the figures" in forms["text/plain"]) == (count > MOST_ROWS)


def test_what_is_not_known_is_left_out_or_said():
    empty = run("b", devices=[], work=Work(), metric=None)
    shown = str(oc.compare([run("a", work=Work(), metric=None), empty]))
    assert shown.startswith("Not enough is known of the two")
    assert "work done" not in shown
    assert "metric" not in shown
    assert "unknown" in shown
