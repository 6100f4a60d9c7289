import importlib
import os
import random
import subprocess
import sys
import textwrap
import tracemalloc

import pytest
from nvml_standin import HOPPER, PASCAL, environment, gpu
from nvml_standin.simulation import CURVES, run, scene

from ocarbon_magic.meters.base import MeterUnavailableError
from ocarbon_magic.meters.nvml import NvmlMeter

H100 = "NVIDIA H100 80GB HBM3"


def uuid(number):
    return f"GPU-{number:08x}-1111-2222-3333-444455556666"


def steady(number=0, kind=HOPPER, **options):
    lines = options.pop("lines", "")
    return gpu(number, kind=kind, lines=f"  power const 250\n{lines}", **options)


def meter_of(standin, *lines, selection="all", environ=None):
    standin.configure("\n".join(["clock fake 1000", *lines]))
    clocks = {"clock": standin.now, "wall": standin.wall, "sleep": standin.sleep}
    return NvmlMeter(selection, environ=environ or {}, **clocks)


def test_a_gpu_with_a_counter_is_described(standin):
    (device,) = meter_of(standin, steady()).describe()

    assert (device.kind, device.name, device.uuid) == ("gpu", H100, uuid(0))
    assert (device.method, device.measured, device.tdp_w) == ("nvml-energy-counter", True, 700.0)


def test_a_gpu_without_a_counter_is_measured_by_power_and_says_so(standin):
    meter = meter_of(standin, steady(kind=PASCAL))
    (device,) = meter.describe()

    assert (device.method, device.measured) == ("nvml-power", True)
    assert meter.notes.lines == [
        "GPU 0 has no energy counter; its energy is summed from its power."
    ]


def test_the_counter_is_found_as_a_field_where_the_call_is_missing(standin):
    meter = meter_of(standin, steady(), "error nvmlDeviceGetTotalEnergyConsumption 13")

    assert meter.describe()[0].method == "nvml-energy-counter"


def test_a_call_that_is_not_supported_is_asked_once(standin):
    scenario = scene(CURVES["const"], HOPPER, random.Random(1), extra="  error field186 3")
    outcome = run(standin, scenario)

    assert standin.calls("field186") == 1
    assert standin.calls("nvmlDeviceGetPowerUsage") > 20
    assert abs(outcome.error_pct) < 0.5


def test_a_gpu_without_counter_and_power_is_unavailable(standin):
    with pytest.raises(MeterUnavailableError, match="neither energy nor power for GPU 0") as caught:
        meter_of(standin, steady(kind=""))
    assert "nvidia-smi" in caught.value.remedy


def test_one_gpu_that_reports_nothing_does_not_spoil_the_others(standin):
    meter = meter_of(standin, steady(0, kind=""), steady(1))

    assert [device.uuid for device in meter.describe()] == [uuid(1)]
    assert meter.notes.lines == ["GPU 0 is not measured: it reports neither energy nor power."]


@pytest.mark.parametrize(
    ("code", "why"),
    [(4, "NVML refuses it"), (15, "it is lost until it is reset")],
    ids=["forbidden", "lost"],
)
def test_one_gpu_that_does_not_answer_does_not_spoil_the_others(standin, code, why):
    forbidden = f"  error nvmlDeviceGetHandleByIndex_v2 {code}\n"
    meter = meter_of(standin, steady(0, lines=forbidden), steady(1))

    assert [device.uuid for device in meter.describe()] == [uuid(1)]
    assert meter.notes.lines == [f"GPU 0 is not measured: {why} (error {code})."]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4, "permission"),
        (9, "driver is not loaded"),
        (12, "there is no NVIDIA driver"),
        (18, "upgraded"),
        (999, "lost its GPUs"),
        (77, "error 77"),
    ],
)
def test_each_way_nvml_fails_to_start_has_its_sentence_and_its_remedy(standin, code, words):
    with pytest.raises(MeterUnavailableError, match=words) as caught:
        meter_of(standin, f"error init {code}")
    assert caught.value.remedy.endswith(".")


def test_a_machine_that_shows_no_gpu_is_unavailable(standin):
    with pytest.raises(MeterUnavailableError, match="shows no GPU"):
        meter_of(standin)


def test_a_container_that_lost_its_devices_is_unavailable(standin):
    with pytest.raises(MeterUnavailableError, match="error 999"):
        meter_of(standin, "error nvmlDeviceGetCount_v2 999", steady())


def test_hidden_gpus_are_not_measured(standin):
    gpus = [steady(0), steady(1)]

    meter = meter_of(standin, *gpus, selection="visible", environ={"CUDA_VISIBLE_DEVICES": uuid(1)})
    assert [device.uuid for device in meter.describe()] == [uuid(1)]
    with pytest.raises(MeterUnavailableError, match="hides every GPU") as caught:
        meter_of(standin, *gpus, selection="visible", environ={"CUDA_VISIBLE_DEVICES": ""})
    assert "--devices all" in caught.value.remedy


def test_a_selection_that_is_not_there_says_what_is(standin):
    with pytest.raises(ValueError, match=f"`3` is none of the GPUs here: 0 .*{uuid(0)}"):
        meter_of(standin, steady(), selection="3")


def test_a_mig_name_measures_the_whole_gpu_once_and_says_so(standin):
    split = steady(1, lines="  mig MIG-aaaa 3 0\n  mig MIG-bbbb 5 0\n")
    meter = meter_of(standin, steady(0), split, selection="MIG-aaaa,MIG-bbbb")

    assert [device.uuid for device in meter.describe()] == [uuid(1)]
    assert any("GPU 1 is split into MIG instances" in line for line in meter.notes.lines)


def test_instances_that_may_not_be_listed_are_no_failure(standin):
    lines = "  mig MIG-aaaa 3 0\n  error nvmlDeviceGetMigDeviceHandleByIndex 4\n"

    assert meter_of(standin, steady(lines=lines)).describe()


def test_a_grace_superchip_states_its_scope(standin):
    meter = meter_of(standin, steady(lines="  c2c\n"))

    assert any("Grace superchip" in line for line in meter.notes.lines)


def test_the_only_process_on_the_gpu_is_us(standin):
    meter = meter_of(standin, steady(lines=f"  process {os.getpid()}\n"))

    assert meter.notes.lines == []


def test_other_processes_are_counted_in_one_line(standin):
    others = f"  process {os.getpid()}\n  process 4190001\n  process 4190002\n"
    meter = meter_of(standin, steady(lines=others))

    assert meter.notes.lines == [
        "GPU 0 is shared with 2 other processes: its energy is the whole board's."
    ]


def test_a_process_we_started_is_no_other(standin):
    with subprocess.Popen(["sleep", "30"]) as child:
        meter = meter_of(standin, steady(lines=f"  process {child.pid}\n"))
        child.kill()

    assert meter.notes.lines == []


def test_pids_of_another_namespace_may_be_ours(standin):
    meter = meter_of(standin, steady(lines="  process 4190001\n"))

    assert meter.notes.lines == [
        "GPU 0 is used by 1 process, perhaps by this one too: its energy is the whole board's."
    ]


def test_who_shares_the_gpu_is_looked_up_again(standin):
    scenario = scene(CURVES["const"], HOPPER, random.Random(1))
    run(standin, scenario, 200.0)

    assert 2 <= standin.calls("nvmlDeviceGetComputeRunningProcesses_v3") <= 5


def test_an_older_package_named_pynvml_is_told_from_nvidias(standin, monkeypatch, tmp_path):
    package = tmp_path / "pynvml"
    package.mkdir()
    (package / "__init__.py").write_text("def nvmlInit(): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    importlib.invalidate_caches()

    with pytest.raises(MeterUnavailableError, match="hides NVIDIA's nvidia-ml-py") as caught:
        meter_of(standin, steady())
    assert "pip uninstall pynvml" in caught.value.remedy


def test_a_missing_package_is_unavailable(standin, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)

    with pytest.raises(MeterUnavailableError, match="nvidia-ml-py is missing") as caught:
        meter_of(standin, steady())
    assert "pip install" in caught.value.remedy


def test_nvml_is_started_once_a_process(standin):
    meter_of(standin, steady())
    clocks = {"clock": standin.now, "wall": standin.wall, "sleep": standin.sleep}
    for _ in range(3):
        NvmlMeter("all", environ={}, **clocks)

    assert standin.calls("init") == 1


def test_nvml_shut_down_by_others_is_started_again(standin):
    pynvml = importlib.import_module("pynvml")
    left = [1]

    def shut_down_once(since_s):
        if since_s > 4.0 and left:
            left.pop()
            pynvml.nvmlShutdown()

    scenario = scene(CURVES["const"], HOPPER, random.Random(1))
    outcome = run(standin, scenario, during=shut_down_once)

    assert standin.calls("init") == 2
    assert abs(outcome.error_pct) < 0.5
    assert outcome.meter.notes.lines == []


def test_a_forked_child_starts_nvml_for_itself(standin):
    library = importlib.import_module("ocarbon_magic.meters.nvml.library")
    meter_of(standin, steady())
    before = library.open_library()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        fresh = library.open_library() is not before
        os.write(writing, b"fresh" if fresh else b"stale")
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 5) == b"fresh"
    assert library.open_library() is before


def test_a_subprocess_meets_the_stand_in_through_the_library_path(standin_library, tmp_path):
    scenario = tmp_path / "scenario"
    scenario.write_text(steady())
    code = """
        import time
        from ocarbon_magic.meters.nvml import NvmlMeter

        meter = NvmlMeter()
        meter.start()
        start_s = time.monotonic()
        while time.monotonic() < start_s + 1.0:
            time.sleep(max(min(meter.due_s(), start_s + 1.0) - time.monotonic(), 0.0))
            meter.read()
        end_s = time.monotonic()
        (reading,) = meter.stop(end_s)
        print(reading.energy_j / (end_s - start_s))
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment(standin_library, scenario),
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stderr == ""
    assert float(result.stdout) == pytest.approx(250.0, rel=0.05)


def test_the_stated_uncertainty_joins_the_steps_and_the_sensors_gain(standin):
    chance = random.Random(1)
    long = run(standin, scene(CURVES["const"], HOPPER, chance), 20.0)
    short = run(standin, scene(CURVES["square"], HOPPER, chance), 0.5)

    assert 5.0 <= long.last[0].uncertainty_pct < 5.1
    assert short.last[0].uncertainty_pct > 5.5


def test_a_run_too_short_for_the_counter_says_so(standin):
    outcome = run(standin, scene(CURVES["square"], HOPPER, random.Random(4)), 0.5)

    assert any("too short" in line for line in outcome.meter.notes.lines)


def test_power_and_the_highest_power_are_told(standin):
    outcome = run(standin, scene(CURVES["ramp"], HOPPER, random.Random(1)), 20.0)

    assert outcome.last[0].power_w == pytest.approx(400.0, rel=0.05)
    assert outcome.last[0].max_power_w == pytest.approx(400.0, rel=0.05)
    assert outcome.live[3][0].max_power_w < 100.0


def held_by_the_meter():
    """Bytes allocated in our package and in pynvml, whatever other threads of the tests hold."""
    ours = [tracemalloc.Filter(True, f"*{name}*") for name in ("ocarbon_magic/meters", "pynvml")]
    held = tracemalloc.take_snapshot().filter_traces(ours)
    return sum(statistic.size for statistic in held.statistics("filename"))


@pytest.mark.parametrize("kind", [HOPPER, PASCAL], ids=["counter", "samples"])
def test_a_long_run_takes_no_more_memory_than_a_short_one(standin, kind):
    square = gpu(0, kind=kind, lines="  power square 50 400 0.7\n")
    meter = meter_of(standin, square)
    meter.start()
    tracemalloc.start()
    held = []
    for _ in range(2):
        for _ in range(3000):
            due_s = meter.due_s()
            standin.set_clock(standin.now() + 0.5 if due_s is None else max(due_s, standin.now()))
            meter.read()
        held.append(held_by_the_meter())
    tracemalloc.stop()
    assert held[1] - held[0] < 4096
