"""What text, HTML and reports say of the hosts of a run, and of an intensity that changed."""

from __future__ import annotations

import pytest
import sample_runs
from sample_runs import cluster, cpu, gpu, host, large_cluster, live_intensity, sample
from summaries import Page

import ocarbon_magic as oc
from ocarbon_magic.run import IntensitySeries
from ocarbon_magic.views import hosts, words
from ocarbon_magic.views.columns import COLUMNS
from ocarbon_magic.views.html import html
from ocarbon_magic.views.text import text


@pytest.mark.parametrize("run", [cluster(), large_cluster()], ids=["3 hosts", "1,000 hosts"])
def test_text_keeps_to_its_columns(run):
    assert max(map(len, text(run).splitlines())) <= COLUMNS


def test_text_has_a_line_for_each_host_and_says_who_was_lost():
    shown = text(cluster())
    assert "  hosts     3 hosts, 12 workers, 1 lost\n" in shown
    assert "    host 1  engines 0-3, 42.8 Wh, 1.15 kW mean, 500 steps\n" in shown
    assert "    host 2  engines 4-7, 1 of 4 lost, 42.8 Wh, 1.15 kW mean, 400 steps\n" in shown
    assert "NVIDIA H100 80GB HBM3       host 3, 11.6 Wh" in shown


def test_hosts_that_have_a_row_together_are_counted():
    shown = text(large_cluster(1000))
    assert "1,000 hosts, 8,000 workers, 1 lost" in shown
    assert "985 other hosts  7,880 workers, 42.2 kWh" in shown
    assert "8,000 \N{MULTIPLICATION SIGN} NVIDIA H100 80GB…" in shown
    alone = sample(hosts=[host(0, count=40, members="", workers=160)])
    assert next(hosts.lines(alone)).name == "40 hosts"


def test_a_host_where_nothing_counts_has_its_energy_alone():
    node = host(1, name="gpu-07", members="", workers=0, work_done=None)
    (line,) = hosts.lines(sample(hosts=[node]))
    assert line == ("gpu-07", "", "1.15 kW", "42.8 Wh", "")
    assert hosts.summary(sample(hosts=[node])) == "1 host"
    assert "  gpu-07  42.8 Wh, 1.15 kW mean\n" in text(sample(hosts=[node]))


def test_the_page_has_a_table_of_hosts_with_heads_for_its_rows_and_columns():
    page = Page(html(cluster()))
    assert page.open == []
    assert page.values("scope").count("row") == 15 + 3
    for said in ("3 hosts, 12 workers, 1 lost", "engines 4-7, 1 of 4 lost", "12 GPUs on 3 hosts"):
        assert said in page.text
    assert "host" not in Page(html(sample(devices=[gpu(), gpu(1)]))).text.replace("the host", "")


def test_processors_are_counted_where_there_are_no_gpus():
    run = sample(devices=[cpu(host="host 1"), cpu(host="host 2")], hosts=[host(1), host(2)])
    assert hosts.on_hosts(run) == "2 CPUs on 2 hosts"
    assert hosts.on_hosts(sample(hosts=[host(1)])) == ""
    assert hosts.on_hosts(sample(devices=[], hosts=[host(1), host(2)])) == "2 hosts"


def test_names_of_hosts_bring_no_markup_along():
    name = "<img src=x onerror=alert(1)>"
    run = cluster(hosts=1, devices=[gpu(host=name), gpu(1, host=name)])
    run.hosts = [host(1, name=name, members=name), host(2)]
    assert "<img src=x" not in html(run)


@pytest.mark.parametrize("made", ["text", "markdown", "latex"])
def test_a_report_says_on_how_many_hosts(made):
    assert "on 3 hosts" in oc.report([cluster()], format=made).text
    assert "hosts" not in oc.report([sample()], format=made).text


def test_a_report_of_several_runs_says_up_to_how_many_hosts():
    assert "on up to 3 hosts" in oc.report([cluster(), sample(id="x")], format="text").text


def test_a_model_card_says_on_how_many_hosts():
    card = oc.report([cluster()], format="model-card").text
    assert "12 x NVIDIA H100 80GB HBM3, 3 x Intel Xeon Platinum 8480+ on 3 hosts" in card


def test_an_intensity_that_changed_is_told_as_a_mean_with_who_told_it():
    run = live_intensity()
    assert words.intensity(run) == "43.8 gCO2e/kWh mean (Electricity Maps, live, lifecycle)"
    assert words.intensity_range(run) == "between 38.2 and 51.4 gCO2e/kWh in the run"
    assert "mean (Electricity Maps, live, lifecycle)" in text(run)
    assert "between 38.2 and 51.4" in text(run)
    page = Page(html(run)).text
    assert "43.8 gCO2e/kWh mean (Electricity Maps, live, lifecycle)" in page
    assert "between 38.2 and 51.4 gCO2e/kWh in the run; source: Electricity Maps, live, FR" in page


@pytest.mark.parametrize("made", ["text", "markdown", "latex"])
def test_a_report_says_that_an_intensity_is_a_mean_and_who_told_it(made):
    said = " ".join(oc.report([live_intensity()], format=made).text.split())
    assert "mean of the run, Electricity Maps, live, lifecycle" in said


@pytest.mark.parametrize("steps", [[], [38.2], [40.0, 40.0], ["forty"]], ids=str)
def test_an_intensity_that_did_not_change_has_no_range(steps):
    run = live_intensity()
    run.intensity.series = IntensitySeries([0.0] * len(steps), steps)
    assert words.intensity_range(run) is None


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("dcgm-energy-counter", "DCGM energy counter"),
        ("dcgm-power", "DCGM power over time"),
        ("kepler", "Kepler"),
        ("scaphandre", "Scaphandre"),
    ],
)
def test_ways_of_measuring_nodes_have_words(method, said):
    run = sample(devices=[sample_runs.gpu(method=method)])
    assert words.method(run.devices[0]) == said
    assert "read from the" in oc.report([run], format="text").text
