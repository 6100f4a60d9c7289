"""Throughput in FLOP per second and device, and as a share of the device's peak."""

from __future__ import annotations

import pytest
from sample_runs import cpu, gpu

from ocarbon_magic.hardware import find_accelerator
from ocarbon_magic.utilisation import throughput

H100 = find_accelerator("NVIDIA H100 80GB HBM3")


def test_throughput_is_shared_by_the_devices_that_made_it():
    two = [gpu(0), gpu(1), cpu()]
    assert throughput(4e14, "bf16", 2, two).tflops_per_device == pytest.approx(200)
    assert throughput(4e14, "bf16", 1, two).tflops_per_device == pytest.approx(400)
    assert throughput(4e14, "bf16", None, two).tflops_per_device == pytest.approx(200)


@pytest.mark.parametrize(
    ("precision", "peak_tflops"),
    [
        ("bf16", H100.fp16_tflops),
        ("fp16", H100.fp16_tflops),
        ("tf32", H100.tf32_tflops),
        ("fp32", H100.fp32_tflops),
        ("fp8", H100.fp8_tflops),
    ],
)
def test_utilisation_is_of_the_peak_of_the_precision_in_use(precision, peak_tflops):
    found = throughput(peak_tflops * 1e12 / 4, precision, 1, [gpu()])
    assert found.utilisation == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("precision", "devices"),
    [
        (None, [gpu()]),
        ("fp64", [gpu()]),
        ("fp32", [cpu()]),
        ("fp32", []),
        ("fp32", [gpu(name="A GPU of another world")]),
        ("bf16", [gpu(), gpu(1, name="NVIDIA L4")]),
    ],
    ids=["unknown precision", "no peak", "processor", "none", "unknown GPU", "two kinds"],
)
def test_without_a_known_peak_there_is_no_utilisation(precision, devices):
    found = throughput(1e12, precision, 1, devices)
    assert found.tflops_per_device == pytest.approx(1)
    assert found.utilisation is None
