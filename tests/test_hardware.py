"""What a reported name is matched to."""

import re
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocarbon_magic.hardware import accelerators, find_accelerator, find_processor, local_processor
from ocarbon_magic.hardware.processors import clean_name, parse_cpuinfo
from ocarbon_magic.meters.cpu import CORE_SPREAD_PCT, CORE_W
from ocarbon_magic.tables import rows

EPYC_IN_A_CLOUD = """\
processor\t: 0
vendor_id\t: AuthenticAMD
model name\t: AMD EPYC 7B12
siblings\t: 2
cpu cores\t: 1
flags\t\t: fpu vme hypervisor lahf_lm

processor\t: 1
vendor_id\t: AuthenticAMD
"""
XEON_ON_BARE_METAL = """\
processor\t: 0
model name\t: Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz
siblings\t: 40
cpu cores\t: 20
flags\t\t: fpu vme ht
"""
ARM_IN_A_CLOUD = """\
processor\t: 0
BogoMIPS\t: 2100.00
Features\t: fp asimd
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""
ARM_BOARD = """\
processor\t: 0
CPU implementer\t: 0x41
CPU part\t: 0xd0b

Revision\t: c04170
Model\t\t: Raspberry Pi 5 Model B Rev 1.0
"""


def exact_names():
    return [row["name"] for row in rows("cpus") if row["match"] == "exact"]


def watts_per_core(pattern):
    return [
        float(row["tdp_w"]) / int(row["cores"])
        for row in rows("cpus")
        if row["match"] == "exact" and row["cores"] and re.search(pattern, row["name"])
    ]


@pytest.mark.parametrize(
    ("reported", "name"),
    [
        ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB"),
        ("A100-SXM4-80GB", "NVIDIA A100 SXM4 80GB"),
        ("nvidia a100-sxm4-80gb", "NVIDIA A100 SXM4 80GB"),
        ("Tesla T4", "NVIDIA T4"),
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100 SXM5 80GB"),
        ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090"),
        ("RTX 4090", "NVIDIA GeForce RTX 4090"),
        ("Intel(R) Arc(TM) A770 Graphics", "Intel Arc A770"),
    ],
)
def test_an_accelerator_is_found_by_what_its_driver_reports(reported, name):
    assert find_accelerator(reported).name == name


def test_a_laptop_gpu_is_not_the_desktop_gpu_inside_its_name():
    desktop = find_accelerator("NVIDIA GeForce RTX 4090")
    laptop = find_accelerator("NVIDIA GeForce RTX 4090 Laptop GPU")
    assert (desktop.tdp_w, laptop.tdp_w) == (450, 150)


@pytest.mark.parametrize(
    "reported",
    ["NVIDIA A100-SXM4-40GB MIG 1g.5gb", "GRID A100-10C", "RTX", "NVIDIA", "", "Quadro 4000"],
)
def test_a_slice_a_part_of_a_name_or_an_unknown_name_matches_nothing(reported):
    assert find_accelerator(reported) is None


def test_every_name_and_alias_leads_to_its_own_row():
    for row in rows("accelerators"):
        for name in (row["name"], *row["aliases"].split("|")):
            assert find_accelerator(name).name == row["name"], name


def test_what_is_not_known_of_an_accelerator_is_none():
    assert find_accelerator("Trainium").tdp_w is None
    assert find_accelerator("NVIDIA GB10").energy_counter is None
    assert find_accelerator("NVIDIA A2").log10_alpha is None


def test_alpha_is_kept_for_the_part_and_for_the_family():
    v100 = find_accelerator("Tesla V100-SXM2-32GB")
    low, high = v100.log10_alpha
    assert low == -0.17
    assert v100.log10_alpha_family[0] == -2
    assert low < high


def test_the_figures_of_the_table_are_possible():
    for accelerator in accelerators():
        for figure in (accelerator.tdp_w, accelerator.fp32_tflops, accelerator.memory_gb):
            assert figure is None or figure > 0
        if accelerator.fp8_tflops and accelerator.fp16_tflops:
            assert accelerator.fp8_tflops >= accelerator.fp16_tflops


@pytest.mark.parametrize(
    ("reported", "tdp_w", "cores"),
    [
        ("AMD Ryzen 9 5950X 16-Core Processor", 105, 16),
        ("AMD EPYC 7763 64-Core Processor", 280, 64),
        ("AMD Ryzen 7 5800H with Radeon Graphics", 45, 8),
        ("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", 210, 24),
        ("Intel(R) Xeon(R) Platinum 8480+", 350, 56),
        ("11th Gen Intel(R) Core(TM) i9-11900K @ 3.50GHz", 125, 8),
        ("NVIDIA Grace CPU", 250, 72),
    ],
)
def test_a_processor_is_found_by_what_the_system_reports(reported, tdp_w, cores):
    processor = find_processor(reported)
    assert (processor.match, processor.tdp_w, processor.cores) == ("exact", tdp_w, cores)
    assert processor.tdp_low_w == processor.tdp_high_w == tdp_w


@pytest.mark.parametrize("reported", ["AMD EPYC 9R14", "Intel(R) Xeon(R) Platinum 8488C"])
def test_a_model_made_for_a_cloud_gets_its_familys_figures(reported):
    processor = find_processor(reported)
    assert processor.match == "family"
    assert processor.tdp_low_w < processor.tdp_w < processor.tdp_high_w


@pytest.mark.parametrize(
    ("reported", "core_w"),
    [
        ("AMD EPYC", 8.4),
        ("Intel(R) Xeon(R) CPU @ 2.20GHz", 8.4),
        ("", 8.4),
        ("Intel64 Family 6 Model 140 Stepping 1, GenuineIntel", 7.5),
        ("Neoverse-N1", 3.07),
    ],
)
def test_a_hidden_model_gets_the_figures_of_a_typical_one(reported, core_w):
    processor = find_processor(reported)
    assert processor.match == "default"
    assert processor.tdp_w / processor.cores == pytest.approx(core_w, abs=0.05)


def test_the_typical_processors_are_the_medians_of_the_table():
    servers, clients = watts_per_core("Xeon|EPYC"), watts_per_core("Core|Ryzen")
    for watts, reported in ((servers, "AMD EPYC"), (clients, "Intel Core")):
        typical = find_processor(reported)
        assert typical.match == "default"
        median_w = statistics.median(watts)
        assert typical.tdp_w / typical.cores == pytest.approx(median_w, rel=0.1)
        assert pytest.approx(median_w, rel=0.05) == CORE_W
    low, *_, high = statistics.quantiles(servers, n=10)
    half_width_pct = 50 * (high - low) / statistics.median(servers)
    assert pytest.approx(half_width_pct, abs=5) == CORE_SPREAD_PCT


def test_every_processor_of_the_table_is_found_under_its_own_name():
    for name in exact_names():
        assert clean_name(name) == name
        assert find_processor(name).match == "exact"


@given(st.text())
def test_any_reported_name_gives_usable_figures(reported):
    processor = find_processor(reported)
    assert processor.name
    assert 0 < processor.tdp_low_w <= processor.tdp_w <= processor.tdp_high_w


@pytest.mark.parametrize(
    ("cpuinfo", "name", "package_cpus", "threads_per_core"),
    [
        (EPYC_IN_A_CLOUD, "AMD EPYC 7B12", None, 2),
        (XEON_ON_BARE_METAL, "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", 40, 2),
        (ARM_IN_A_CLOUD, "Neoverse-V1", None, 1),
        (ARM_BOARD, "Raspberry Pi 5 Model B Rev 1.0", None, 1),
        ("", "", None, 2),
    ],
)
def test_linux_tells_the_name_and_on_bare_metal_the_cpus_of_a_package(
    cpuinfo, name, package_cpus, threads_per_core
):
    local = parse_cpuinfo(cpuinfo)
    assert local.reported_name == name
    assert local.package_cpus == package_cpus
    assert local.threads_per_core == threads_per_core


def test_an_arm_part_without_a_known_design_is_still_an_arm_processor():
    local = parse_cpuinfo("processor\t: 0\nCPU part\t: 0xfff\n")
    assert find_processor(local.reported_name) == find_processor("Arm part 0xfff")
    assert find_processor(local.reported_name).cores == 75


def test_this_machine_has_a_processor():
    assert find_processor(local_processor().reported_name).tdp_w > 0
