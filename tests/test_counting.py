"""A row that stands for several devices counts as all of them, wherever devices are counted."""

from __future__ import annotations

import io

import advised
import pytest
import whatif_runs
from sample_runs import STATUSES, cluster, cpu, gpu, host, large_cluster, of_status, sample

from ocarbon_magic.collection.entry import devices_of
from ocarbon_magic.counting import by_name, count_of, devices_in, hosts_in
from ocarbon_magic.journal.export import codecarbon, openmetrics
from ocarbon_magic.journal.export.columns import COLUMNS
from ocarbon_magic.planning.advice.advise import advise
from ocarbon_magic.planning.advice.gpus import gpus_of
from ocarbon_magic.planning.measured import run_device
from ocarbon_magic.planning.whatif.choice import Choice
from ocarbon_magic.planning.whatif.outcome import what_if
from ocarbon_magic.utilisation import throughput
from ocarbon_magic.views import words
from ocarbon_magic.views.report.facts import facts_of

EIGHT = 8
SHARES = [0.9, 0.8, 0.7, 0.6, 0.9, 0.8, 0.7, 0.6]


def rows(**changes):
    """Eight GPUs of 0.1 kWh and 300 W each."""
    drawn = {"energy_j": 3.6e5, "mean_power_w": 300.0, "max_power_w": 400.0, "power_limit_w": 700.0}
    return [gpu(i, busy_share=share, **{**drawn, **changes}) for i, share in enumerate(SHARES)]


def together(**changes):
    """The same in one row: sums of energy and power, the mean of the shares of the time."""
    drew = {"energy_j": 8 * 3.6e5, "mean_power_w": 8 * 300.0, "max_power_w": 8 * 400.0}
    about = {"uuid": None, "count": EIGHT, "busy_share": 0.75, "power_limit_w": 700.0}
    return gpu(**{**drew, **about, **changes})


def test_a_row_of_several_counts_as_all_of_them():
    devices = [together(), gpu(), cpu()]
    assert devices_in(devices) == EIGHT + 2
    assert devices_in(devices, "gpu") == EIGHT + 1
    assert devices_in(devices, "dram") == 0
    assert by_name(devices) == {gpu().name: EIGHT + 1, cpu().name: 1}
    assert words.devices(devices) == f"9 \N{MULTIPLICATION SIGN} {gpu().name}, {cpu().name}"
    assert devices_of(devices) == f"9 \N{MULTIPLICATION SIGN} {gpu().name}\n{cpu().name}"
    assert words.devices([gpu(count=8000)]) == f"8,000 \N{MULTIPLICATION SIGN} {gpu().name}"


@pytest.mark.parametrize("nonsense", [0, -3, 2.5, "8", None, True])
def test_a_count_that_cannot_be_is_one(nonsense):
    assert count_of(gpu(count=nonsense)) == 1


def test_hosts_are_counted_alike():
    assert hosts_in(sample().hosts) == 0
    assert hosts_in(cluster().hosts) == 3
    assert hosts_in(large_cluster(1000).hosts) == 1000


@pytest.mark.parametrize(
    "chosen",
    [{"device": "NVIDIA A100 SXM4 80GB"}, {"count": 4}, {"power_cap_w": 200.0}, {"zone": "SWE"}],
    ids=str,
)
def test_what_would_have_been_does_not_hang_on_how_devices_are_told(chosen):
    apart, one_row = (
        whatif_runs.run(devices=[*devices, cpu(energy_j=1.8e6)])
        for devices in (rows(), [together()])
    )
    made, other = what_if(apart, Choice(**chosen)), what_if(one_row, Choice(**chosen))
    assert other.emissions_g == pytest.approx(made.emissions_g)
    assert other.duration_s == pytest.approx(made.duration_s)
    assert other.notes == made.notes


def test_advice_does_not_hang_on_how_devices_are_told():
    apart = advise(advised.run(*rows(), advised.cpu()))
    one_row = advise(advised.run(together(), advised.cpu()))
    assert [m.title for m in one_row.measures] == [m.title for m in apart.measures]
    assert [m.because for m in one_row.measures] == [m.because for m in apart.measures]
    for one, other in zip(one_row.measures, apart.measures, strict=True):
        assert one.saving_g == pytest.approx(other.saving_g)


def test_gpus_that_idled_together_are_all_left_out():
    # Three that idle beside eight that work: 3 x 0.02 kWh, in one row.
    idle = gpu(energy_j=3 * 7.2e4, mean_power_w=3 * 72.0, busy_share=0.01, uuid=None, count=3)
    run = advised.run(together(), idle, advised.cpu())
    found = gpus_of(run)
    assert (found.working_count, found.idle_count) == (EIGHT, 3)
    assert found.busy == pytest.approx(0.75)
    assert found.load == pytest.approx(300 / 700)
    measure = next(m for m in advise(run).measures if m.title.startswith("Leave out"))
    assert measure.title == "Leave out 3 idle GPUs"
    assert "3 GPUs of 11 worked for at most 1 % of the time" in measure.because
    assert measure.how.startswith("Ask for 8 GPUs, or name those that work")


def test_throughput_is_shared_by_all_of_a_row():
    assert throughput(8e14, "bf16", None, [together(), cpu()]).tflops_per_device == 100.0
    assert run_device(sample(devices=[together(), cpu()])) == (gpu().name, EIGHT)


def test_tables_of_others_count_all_of_a_row():
    run = sample(devices=[together(), cpu()], hosts=[host(1), host(2)])
    row = codecarbon.row(run)
    assert (row["gpu_count"], row["gpu_model"]) == (EIGHT, f"8 x {gpu().name}")
    ours = {column.name: column.value(run) for column in COLUMNS}
    assert (ours["gpu_count"], ours["gpu_names"]) == (EIGHT, f"8 x {gpu().name}")
    assert ours["host_count"] == 2
    file = io.BytesIO()
    openmetrics.write([run], file)
    assert 'count="8"' in file.getvalue().decode()


def test_a_run_of_one_machine_has_no_number_of_hosts():
    assert next(c for c in COLUMNS if c.name == "host_count").value(sample()) is None


def test_a_report_counts_device_hours_of_all_of_a_row():
    run = sample(devices=[together(), cpu()], duration_s=3600.0)
    told = facts_of([run, run])
    assert told.gpu_s == 2 * EIGHT * 3600.0
    assert told.at_once["gpu", gpu().name] == EIGHT


def test_devices_that_were_not_read_are_counted_each():
    run = sample(devices=[gpu(), together(energy_j=None)])
    assert words.energy_certainty(run) == "±5.1 %, 8 of 9 devices not read"


@pytest.mark.parametrize("status", STATUSES)
def test_records_from_before_there_were_hosts_count_as_ever(status):
    run = of_status(status)
    record = run.to_dict()
    del record["hosts"]
    for device in record["devices"]:
        del device["host"], device["count"]
    assert type(run).from_dict(record) == run
