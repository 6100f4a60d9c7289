"""%%carbon on GPUs, in a real kernel: unmodified nvidia-ml-py on the stand-in library."""

from __future__ import annotations

import os

import pytest
from conftest import Kernel
from nvml_standin import PASCAL, environment, gpu

WAIT = "import time\ntime.sleep({})"


@pytest.fixture
def kernel_with(standin_library, tmp_path):
    """Return a function that starts a kernel on a machine as a scenario describes it."""
    kernels = []

    def start(scenario, **env):
        path = tmp_path / "scenario"
        path.write_text(scenario)
        kernel = Kernel({**environment(standin_library, path), **env})
        kernels.append(kernel)
        kernel.run("%load_ext ocarbon_magic")
        return kernel

    yield start
    for kernel in kernels:
        kernel.close()


def gpus(record):
    return [d for d in record["devices"] if d["kind"] == "gpu"]


def test_two_gpus_are_measured_by_their_counters(kernel_with):
    kernel = kernel_with(gpu(0, lines="  power const 250\n") + gpu(1, lines="  power const 100\n"))
    record = kernel.run("%%carbon --zone FRA\n" + WAIT.format(1.5)).record
    assert [d["method"] for d in gpus(record)] == ["nvml-energy-counter"] * 2
    for device, watts in zip(gpus(record), (250, 100), strict=True):
        assert device["energy_j"] == pytest.approx(watts * record["duration_s"], rel=0.03)
        assert device["measured"] is True
    total_j = sum(d["energy_j"] for d in record["devices"])
    assert record["energy_kwh"] == pytest.approx(total_j / 3.6e6)


def test_a_gpu_without_a_counter_is_measured_by_its_power(kernel_with):
    kernel = kernel_with(gpu(0, "Tesla P100-PCIE-16GB", kind=PASCAL, lines="  power const 180\n"))
    record = kernel.run("%%carbon --zone FRA\n" + WAIT.format(1.5)).record
    (device,) = gpus(record)
    assert device["method"] == "nvml-power"
    assert device["energy_j"] == pytest.approx(180 * record["duration_s"], rel=0.03)


def test_visible_devices_are_obeyed_and_a_wrong_index_is_refused(kernel_with):
    two = gpu(0, lines="  power const 250\n") + gpu(1, lines="  power const 100\n")
    kernel = kernel_with(two, CUDA_VISIBLE_DEVICES="GPU-00000001")
    record = kernel.run("%%carbon --zone FRA\npass").record
    assert [d["uuid"][:12] for d in gpus(record)] == ["GPU-00000001"]
    everyone = kernel.run("%%carbon --zone FRA --devices all\npass").record
    assert len(gpus(everyone)) == 2
    refused = kernel.run("%%carbon --devices 7\nstarted = True")
    assert refused.status == "error"
    assert "7" in refused.streams["stderr"]
    assert refused.streams["stderr"].count("\n") == 1
    assert kernel.ask("'started' in globals()") is False


def test_a_driver_that_hangs_at_the_start_does_not_hold_up_the_cell(kernel_with):
    kernel = kernel_with("hang init\n" + gpu(0, lines="  power const 250\n"))
    seen = kernel.run("%%carbon --zone FRA\n6 * 7")
    assert seen.status == "ok"
    assert seen.outputs[-1]["data"]["text/plain"] == "42"
    assert seen.record["status"] == "finished"
    assert gpus(seen.record) == []


def test_a_driver_that_hangs_during_the_run_does_not_hold_up_its_end(kernel_with):
    kernel = kernel_with(
        gpu(0, lines="  power const 250\n  hang nvmlDeviceGetTotalEnergyConsumption 1\n")
    )
    seen = kernel.run("%%carbon --zone FRA\n" + WAIT.format(2.5))
    assert seen.status == "ok"
    assert seen.record["status"] == "finished"
    assert any(
        "went unseen" in w or "gave no reading" in w or "had not started" in w
        for w in seen.record["warnings"]
    )


def test_a_gpu_lost_during_the_run_is_a_warning_and_the_other_goes_on(kernel_with):
    kernel = kernel_with(
        gpu(0, lines="  power const 250\n  error nvmlDeviceGetTotalEnergyConsumption 15 3\n"
            "  error nvmlDeviceGetPowerUsage 15 3\n  error nvmlDeviceGetFieldValues 15 3\n")
        + gpu(1, lines="  power const 100\n")
    )  # fmt: skip
    kernel.run("%%carbon --zone FRA\n" + WAIT.format(0.2))
    seen = kernel.run("%%carbon --zone FRA\n" + WAIT.format(5))
    assert seen.status == "ok"
    healthy = gpus(seen.record)[1]
    assert healthy["energy_j"] == pytest.approx(100 * seen.record["duration_s"], rel=0.03)
    assert any("GPU 0" in w for w in seen.record["warnings"]), seen.record["warnings"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_neither_measures_nor_ends_the_run(kernel_with):
    kernel = kernel_with(gpu(0, lines="  power const 250\n"))
    seen = kernel.run(
        "%%carbon --zone FRA\nimport multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
        "    squares = pool.map(abs, range(-4, 0))\nsquares"
    )
    assert seen.outputs[-1]["data"]["text/plain"] == "[4, 3, 2, 1]"
    assert len(seen.panel) == 2
    assert seen.record["status"] == "finished"


def test_the_gil_held_for_a_second_loses_no_energy(kernel_with):
    kernel = kernel_with(gpu(0, lines="  power const 250\n"))
    kernel.run("%%carbon --zone FRA\npass")
    seen = kernel.run("%%carbon --zone FRA\nsum(range(60_000_000)) > 0")
    (device,) = gpus(seen.record)
    assert device["energy_j"] == pytest.approx(250 * seen.record["duration_s"], rel=0.05)
