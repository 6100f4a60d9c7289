"""Hosts, rows of several devices, and an intensity that changed, in the view of a run."""

from __future__ import annotations

import pytest
import sample_runs
from drawing import draw, overflowing, tile

from ocarbon_magic.views import hosts, words

CLUSTER = sample_runs.cluster()
LARGE = sample_runs.large_cluster(1000)


def as_shown(text):
    """Text as the page writes it."""
    return text.replace("CO2e", "CO\N{SUBSCRIPT TWO}e")


def notes(view, label):
    return tile(view, label).text_content().replace("\N{NO-BREAK SPACE}", " ")


def cells(panel):
    rows = panel.locator(".ocarbon-hosts tbody tr").all()
    return [[cell.text_content() for cell in row.locator("th, td").all()] for row in rows]


def by_host(hosts_count=12, gpus=8):
    """Rows of a host's GPUs each, one of them drawing little."""
    run = sample_runs.together(
        sample_runs.gpu_readings(hosts_count, gpus),
        hosts=[sample_runs.host(n + 1, workers=gpus) for n in range(hosts_count)],
    )
    run.devices[4].mean_power_w = gpus * 100.0
    return run


def test_hosts_have_a_row_each_in_the_words_of_the_summary(view):
    panel = draw(view, CLUSTER)
    for row, line in zip(cells(panel), hosts.lines(CLUSTER), strict=True):
        name, workers, energy, power, work = row
        assert workers == line.workers.replace(", ", "")
        assert (name, energy, power, work) == (line.name, line.energy, line.power, line.work)
    assert panel.locator(".ocarbon-hosts caption").text_content() == hosts.summary(CLUSTER)
    assert panel.locator(".ocarbon-hosts .ocarbon-icon-warning").count() == 1


def test_the_header_says_how_many_gpus_are_on_how_many_hosts(view):
    header = draw(view, CLUSTER).locator(".ocarbon-zone")
    assert hosts.on_hosts(CLUSTER) == "12 GPUs on 3 hosts"
    assert "12 GPUs on 3 hosts" in header.text_content()
    alone = draw(view, sample_runs.sample(hosts=[sample_runs.host(1)])).locator(".ocarbon-zone")
    assert "host" not in alone.text_content()


def test_hosts_beyond_some_are_counted_in_one_row(view):
    *_, last = cells(draw(view, LARGE))
    assert last == ["985 other hosts", "7,880 workers", "42.2 kWh", "1.13 MW", "493 k steps"]


def test_a_run_of_one_machine_has_no_table_of_hosts(view):
    assert draw(view, sample_runs.fullest()).locator(".ocarbon-hosts").count() == 0


def test_hosts_scroll_in_a_box_of_their_own_that_keys_can_reach(view):
    view.set_viewport_size({"width": 400, "height": 800})
    panel = draw(view, LARGE)
    box = panel.locator(".ocarbon-hosts")
    assert box.evaluate("(box) => box.scrollHeight > box.clientHeight && box.clientHeight < 300")
    assert panel.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    box.focus()
    assert view.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "1,000 hosts, 8,000 workers, 1 lost"
    )


@pytest.mark.parametrize("width", [400, 760])
def test_nothing_but_the_box_of_hosts_stands_out_of_the_panel(view, width):
    view.set_viewport_size({"width": width, "height": 800})
    for run in (CLUSTER, by_host(), sample_runs.many_gpus(), sample_runs.live_intensity()):
        panel = draw(view, run)
        for part in panel.locator(".ocarbon-view > :not(.ocarbon-hosts)").all():
            assert overflowing(part) == []
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rows_of_several_devices_count_as_all_of_them(view):
    panel = draw(view, LARGE)
    assert "8,000 GPUs" in notes(view, "Mean power")
    shown = panel.locator(".ocarbon-details .ocarbon-devices tbody th").first.text_content()
    assert shown.startswith("8,000 \N{MULTIPLICATION SIGN} NVIDIA H100 80GB HBM3")
    half = sample_runs.sample(
        devices=[sample_runs.gpu(), sample_runs.gpu(uuid=None, count=8, energy_j=None)]
    )
    draw(view, half)
    assert "8 of 9 devices not read" in notes(view, "Energy")
    assert words.energy_certainty(half).endswith("8 of 9 devices not read")


def test_the_bar_of_a_hosts_devices_is_the_mean_of_each(view):
    panel = draw(view, by_host())
    bars = panel.locator(".ocarbon-device")
    assert bars.count() == 12
    assert bars.nth(0).locator("span").first.text_content() == "host 1"
    # 8 GPUs of 287.1 W: the row holds 2.3 kW, and its bar shows 287 W; host 5 has 100 W each.
    assert "287 W" in bars.nth(0).text_content()
    assert "highest 342 W" in bars.nth(0).text_content()
    assert panel.locator(".ocarbon-low").count() == 1
    assert "100 W" in bars.nth(4).text_content()


def test_devices_of_a_cluster_are_called_by_their_hosts(view):
    labels = draw(view, CLUSTER).locator(".ocarbon-device > span:first-child").all_text_contents()
    assert labels[:5] == ["host 1 GPU 0", "host 1 GPU 1", "host 1 GPU 2", "host 1 GPU 3",
                          "host 2 GPU 0"]  # fmt: skip
    assert labels[-1] == "host 3 CPU"


def test_an_intensity_that_changed_reads_as_in_the_summary(view):
    run = sample_runs.live_intensity()
    panel = draw(view, run)
    header = panel.locator(".ocarbon-zone span").all_text_contents()
    figure, basis = header[-2:]
    assert as_shown(words.intensity(run)) == f"{figure} ({basis})"
    facts = panel.locator(".ocarbon-facts").text_content()
    assert as_shown("between 38.2 and 51.4 gCO2e/kWh") in facts


@pytest.mark.parametrize("method", ["dcgm-energy-counter", "dcgm-power", "kepler", "scaphandre"])
def test_ways_of_measuring_nodes_have_the_words_of_the_summary(view, method):
    run = sample_runs.sample(devices=[sample_runs.gpu(method=method)])
    panel = draw(view, run)
    assert words.method(run.devices[0]) in panel.locator(".ocarbon-details").text_content()


@pytest.mark.parametrize("nonsense", [None, "three", -1, 0, 2.5, [], {"count": 3}], ids=str)
def test_hosts_that_cannot_be_draw_all_the_same(view, nonsense):
    record = CLUSTER.to_dict()
    for key in ("count", "workers", "lost", "energy_j", "work_done", "members"):
        record["hosts"][0][key] = nonsense
    record["devices"][0]["count"] = nonsense
    record["intensity"]["series"] = nonsense
    assert len(cells(draw(view, record))) == 3
