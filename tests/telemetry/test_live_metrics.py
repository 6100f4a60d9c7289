"""The text with the live figures, read by those who read such texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_runs import gpu
from told import PARSERS, going, longest, on_hosts, samples

import ocarbon_magic as oc
from ocarbon_magic.run import Work
from ocarbon_magic.telemetry.families import FAMILIES, MOST_HOSTS
from ocarbon_magic.telemetry.figures import Figures
from ocarbon_magic.telemetry.text import classic_is_wanted, text_of

AWKWARD = ['he said "hi"', "two\nlines", "back\\slash", "\\n", "🌱 leaf", "", "\ud800", "{}=,"]


def read(parser, *runs):
    text = text_of(runs, classic=parser == "classic")
    return samples(PARSERS[parser](text))


@pytest.mark.parametrize("parser", PARSERS)
def test_both_parsers_read_a_run_that_goes_on(parser):
    found = read(parser, going())
    common = {"run": "run-1", "name": "train_resnet", "zone": "FRA"}
    assert found["ocarbon_run_energy_joules_total"] == [(common, 4000.0)]  # 3600 J + 400 J
    assert found["ocarbon_run_power_watts"] == [(common, 370.0)]  # 300 W + 70 W
    devices = found["ocarbon_run_device_energy_joules_total"]
    assert [(labels["device"], labels["kind"], joules) for labels, joules in devices] == [
        ("0", "gpu", 3600.0),
        ("1", "cpu", 400.0),
    ]
    assert [watts for _, watts in found["ocarbon_run_device_power_watts"]] == [300.0, 70.0]
    parts = {labels["part"] for labels, _ in found["ocarbon_run_emissions_grams"]}
    assert parts == {"operational", "embodied"}
    projected = found["ocarbon_run_projected_emissions_grams"]
    assert [(labels["bound"], grams) for labels, grams in projected] == [
        ("low", pytest.approx(34.2 * 0.85)),
        ("value", 34.2),
        ("high", pytest.approx(34.2 * 1.15)),
    ]
    assert found["ocarbon_run_budget_grams"] == [(common, 50.0)]
    work = common | {"unit": "step", "source": "tqdm"}
    assert found["ocarbon_run_work_done"] == [(work, 1000.0)]
    assert found["ocarbon_run_work_planned"] == [(work, 2000.0)]
    assert found["ocarbon_run_throughput_per_second"] == [(work, 14.9)]
    ((labels, intensity),) = found["ocarbon_run_intensity_grams_per_kwh"]
    assert (labels["intensity_scope"], intensity) == ("lifecycle", 53.06)
    assert found["ocarbon_run_status"][0][0]["status"] == "running"


def test_what_only_grows_is_a_counter_and_a_unit_stands_in_its_name():
    text = text_of([longest(), on_hosts()], classic=False)
    families = {family.name: family for family in PARSERS["openmetrics"](text)}
    counters = {name for name, family in families.items() if family.type == "counter"}
    assert counters == {
        "ocarbon_run_energy_joules",
        "ocarbon_run_device_energy_joules",
        "ocarbon_run_host_energy_joules",
    }
    assert {family.type for family in families.values()} == {"counter", "gauge"}
    assert all(name.endswith(family.unit) for name, family in families.items())
    assert all(family.documentation.endswith(".") for family in families.values())
    assert text.endswith("# EOF\n")


def test_every_family_is_told_of_a_run_of_which_all_is_known():
    text = text_of([going(), on_hosts()], classic=False)
    told = {family.name for family in PARSERS["openmetrics"](text)}
    assert told == {live.family.name for live in FAMILIES}


def test_a_live_run_and_an_exported_one_agree_where_they_have_the_same_name():
    figures = longest()
    exported = oc.export(runs=[figures.run], format="openmetrics").text
    theirs = {family.name: family for family in PARSERS["openmetrics"](exported)}
    ours = {
        family.name: family for family in PARSERS["openmetrics"](text_of([figures], classic=False))
    }
    shared = theirs.keys() & ours.keys()
    assert shared == theirs.keys()
    for name in shared - {"ocarbon_run_device_energy_joules"}:
        one, other = ours[name], theirs[name]
        assert (one.type, one.unit, one.documentation) == (
            other.type,
            other.unit,
            other.documentation,
        )
        for mine, its in zip(one.samples, other.samples, strict=True):
            assert mine.value == its.value
            assert its.labels.items() <= mine.labels.items()


def test_a_counter_and_the_gauge_of_an_export_are_never_one_series():
    figures = longest()
    live = read("classic", figures)
    exported = samples(PARSERS["classic"](oc.export(runs=[figures.run], format="openmetrics").text))
    assert "ocarbon_run_device_energy_joules_total" in live.keys() - exported.keys()
    assert "ocarbon_run_device_energy_joules" in exported.keys() - live.keys()
    pairs = zip(
        live["ocarbon_run_device_energy_joules_total"],
        exported["ocarbon_run_device_energy_joules"],
        strict=True,
    )
    assert all(one[1] == other[1] for one, other in pairs)


@pytest.mark.parametrize("parser", PARSERS)
def test_what_is_not_known_is_left_out_and_never_zero(parser):
    run = going(devices=[], power_w=(), projection=None, budget_g=None, work=Work())
    assert read(parser, run).keys() == {
        "ocarbon_run_status",
        "ocarbon_run_duration_seconds",
        "ocarbon_run_pue_ratio",
        "ocarbon_run_intensity_grams_per_kwh",
    }
    unread = going(devices=[gpu(energy_j=None)], power_w=(None,))
    assert "ocarbon_run_energy_joules_total" not in read(parser, unread)
    assert "ocarbon_run_power_watts" not in read(parser, unread)
    assert PARSERS[parser](text_of([], classic=parser == "classic")) is not None


def test_nothing_but_the_end_mark_is_told_of_no_runs():
    assert text_of([], classic=False) == "# EOF\n"
    assert text_of([], classic=True) == ""


def test_hosts_are_told_of_and_never_more_than_sixteen():
    found = read("openmetrics", on_hosts(3))
    joules = found["ocarbon_run_host_energy_joules_total"]
    assert [(labels["host"], value) for labels, value in joules] == [
        ("host 0", 100.0),
        ("host 1", 101.0),
        ("host 2", 102.0),
    ]
    assert [value for _, value in found["ocarbon_run_host_lost_workers"]] == [1.0, 0.0, 0.0]
    assert [value for _, value in found["ocarbon_run_host_mean_power_watts"]] == [50.0, 51.0, 52.0]
    many = read("openmetrics", on_hosts(100))["ocarbon_run_host_energy_joules_total"]
    assert len(many) == MOST_HOSTS
    assert [labels["host"] for labels, _ in many] == [f"host {i}" for i in range(84, 100)]


def test_a_page_of_as_many_runs_as_there_may_be_is_small():
    runs = [
        Figures.of(going(f"run-{i}", devices=[gpu(n) for n in range(16)]).run, (300.0,) * 16)
        for i in range(20)
    ]
    text = text_of(runs, classic=False)
    assert len(text.splitlines()) < 1500  # 20 x (2 x 16 devices + 20 others), and the heads
    assert len(text) < 400_000


def test_no_label_says_who_measured_or_where():
    run = going().run
    run.host = {"system": "Linux", "hostname": "secret-host"}
    run.warnings = ["/home/somebody/file"]
    text = text_of([Figures.of(run)], classic=False)
    assert "secret-host" not in text
    assert "somebody" not in text
    assert "GPU-" not in text  # no serial numbers


@pytest.mark.parametrize("parser", PARSERS)
@given(name=st.text() | st.sampled_from(AWKWARD))
def test_any_name_goes_through_a_label(parser, name):
    shown = "".join(c if c.isprintable() else " " for c in name)
    for told in read(parser, going(name=name)).values():
        assert {labels["name"] for labels, _ in told} == {shown}


@pytest.mark.parametrize(
    ("accept", "classic"),
    [
        ("", True),
        ("*/*", True),
        ("text/plain", True),
        ("application/json", True),
        ("application/openmetrics-text", False),
        ("application/openmetrics-text; version=1.0.0", False),
        # Prometheus 2.42 and 3:
        (
            "application/openmetrics-text;version=1.0.0,"
            "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
            "*/*;q=0.1",
            False,
        ),
        ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.3", True),
        ("application/openmetrics-text;q=0", True),
        ("application/openmetrics-text;q=none", True),
        ("APPLICATION/OpenMetrics-Text ; Q=0.4 , text/plain ; q=0.2", False),
        (",;,q=1,;;", True),
    ],
)
def test_the_format_is_the_one_that_is_wanted(accept, classic):
    assert classic_is_wanted(accept) == classic
