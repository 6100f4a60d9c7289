"""What is found to measure here, and what is said of the rest."""

import sys
import types

import pytest

from ocarbon_magic.meters import discover as discovery
from ocarbon_magic.meters.base import Device, MeterUnavailableError, Notes
from ocarbon_magic.meters.discover import COUNTERS, ESTIMATE, GPUS, TRACE, LeftOut, discover
from ocarbon_magic.meters.rapl import READ_REMEDY

A100 = Device("gpu", "NVIDIA A100", "GPU-1", "nvml-energy-counter", measured=True, tdp_w=400)


class PresentGpus:
    """What `NvmlMeter` is where there is a GPU, as far as discovery goes."""

    def __init__(self, selection, *, clock, environ):
        if selection == "7":
            raise ValueError("There is no GPU 7 here: give 0.")
        self.notes = Notes()
        self.selection, self.clock, self.environ = selection, clock, environ

    def describe(self):
        return [A100]


class AbsentGpus:
    def __init__(self, selection, *, clock, environ):
        raise MeterUnavailableError("There is no NVIDIA driver.", "Install one.")


def install(monkeypatch, meter_class):
    module = types.ModuleType("ocarbon_magic.meters.nvml")
    module.NvmlMeter = meter_class
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.fixture
def gpus(monkeypatch):
    install(monkeypatch, PresentGpus)


@pytest.fixture
def no_gpus(monkeypatch, tmp_path):
    install(monkeypatch, AbsentGpus)
    monkeypatch.setattr(discovery, "_NVIDIA_DRIVER", tmp_path / "nvidiactl")
    return tmp_path / "nvidiactl"


@pytest.fixture
def powercap(tmp_path):
    """An empty powercap; `package` puts a domain into it."""
    root = tmp_path / "powercap"
    root.mkdir()
    return root


def domain(root, entry, name):
    folder = root / entry
    folder.mkdir()
    (folder / "name").write_text(name)
    (folder / "max_energy_range_uj").write_text("262143000000")
    (folder / "energy_uj").write_text("1000")
    return folder


def methods(found):
    return [meter.describe()[0].method for meter in found.meters]


def test_the_gpus_come_last_so_that_their_window_is_closest_to_the_cell(gpus, powercap):
    domain(powercap, "intel-rapl:0", "package-0")
    found = discover(powercap=powercap)
    assert methods(found) == ["rapl", "nvml-energy-counter"]
    assert found.left_out == []


def test_without_counters_the_processor_is_estimated(gpus, powercap):
    found = discover(powercap=powercap)
    assert methods(found) == ["cpu-estimate", "nvml-energy-counter"]
    (left,) = found.left_out
    assert (left.what, left.warn) == (COUNTERS, False)


def test_locked_counters_give_the_estimate_and_the_command_to_run(gpus, powercap):
    folder = domain(powercap, "intel-rapl:0", "package-0")
    (folder / "energy_uj").unlink()
    (folder / "energy_uj").mkdir()  # cannot be read, for root neither
    found = discover(powercap=powercap)
    assert methods(found)[0] == "cpu-estimate"
    assert found.left_out == [
        LeftOut(COUNTERS, "Only root may read the processor's counters.", READ_REMEDY, warn=True)
    ]


def test_counters_of_memory_alone_do_not_stand_for_the_processor(gpus, powercap):
    folder = domain(powercap, "intel-rapl:0", "package-0")
    domain(powercap, "intel-rapl:0:0", "dram")
    (folder / "energy_uj").unlink()
    assert methods(discover("cpu", powercap=powercap)) == ["rapl", "cpu-estimate"]


@pytest.mark.parametrize(
    ("selection", "handed_on"),
    [
        ("visible", "visible"),
        ("all", "all"),
        ("0", "0"),
        ("0, 2", "0,2"),
        ("0,cpu", "0"),
        ("cpu,visible", "visible"),
        ("GPU-8932f937-d72c", "GPU-8932f937-d72c"),
        ("MIG-GPU-8932f937/1/0,cpu", "MIG-GPU-8932f937/1/0"),
    ],
)
def test_the_gpus_of_a_selection_are_handed_on(gpus, powercap, selection, handed_on):
    environ, clock = {"CUDA_VISIBLE_DEVICES": "1"}, float
    found = discover(selection, clock=clock, environ=environ, powercap=powercap)
    nvml = found.meters[-1]
    assert (nvml.selection, nvml.clock, nvml.environ) == (handed_on, clock, environ)
    assert methods(found)[0] == "cpu-estimate"


def test_no_gpu_is_looked_for_when_only_the_processor_is_asked_for(no_gpus, powercap):
    found = discover("cpu", powercap=powercap)
    assert methods(found) == ["cpu-estimate"]
    assert [left.what for left in found.left_out] == [COUNTERS]


def test_nothing_is_measured_when_nothing_is_asked_for(no_gpus):
    found = discover(" none ")
    assert (found.meters, found.left_out) == ([], [])


def test_a_trace_is_replayed_and_nothing_else_measured(no_gpus, tmp_path):
    path = tmp_path / "a, b.csv"
    path.write_text("t_s,power_w\n0,100\n")
    found = discover(f"trace:{path}")
    assert methods(found) == ["trace"]
    assert found.left_out == []


def test_a_missing_trace_is_a_wrong_selection(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        discover(f"trace:{tmp_path / 'nowhere.csv'}")


def test_a_machine_without_a_gpu_is_normal(no_gpus, powercap):
    found = discover(powercap=powercap)
    assert methods(found) == ["cpu-estimate"]
    assert LeftOut(GPUS, "There is no NVIDIA driver.", "Install one.", warn=False) in found.left_out


def test_a_gpu_asked_for_by_number_on_a_machine_without_is_refused(no_gpus, powercap):
    with pytest.raises(ValueError, match="names a GPU, but: There is no NVIDIA driver"):
        discover("0", powercap=powercap)


def test_a_gpu_that_is_there_but_cannot_be_read_is_missed(no_gpus, powercap):
    no_gpus.touch()
    found = discover(environ={}, powercap=powercap)
    assert [left.warn for left in found.left_out if left.what == GPUS] == [True]


@pytest.mark.parametrize("nothing", ["", "-1"])
def test_gpus_that_the_user_hid_are_not_missed(no_gpus, powercap, nothing):
    no_gpus.touch()
    found = discover(environ={"CUDA_VISIBLE_DEVICES": nothing}, powercap=powercap)
    assert [left.warn for left in found.left_out if left.what == GPUS] == [False]


@pytest.mark.parametrize(
    "selection", ["gpu0", "-1", "0,nvidia", "cuda:0", "0,,1", "", "all,0", "none,cpu", "0,visible"]
)
def test_a_wrong_selection_is_named_in_one_sentence(gpus, powercap, selection):
    with pytest.raises(ValueError, match="--devices") as refused:
        discover(selection, powercap=powercap)
    message = str(refused.value)
    assert selection in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_gpu_that_does_not_exist_is_refused(gpus, powercap):
    with pytest.raises(ValueError, match="There is no GPU 7"):
        discover("7", powercap=powercap)


def test_a_survey_has_a_row_for_every_source(no_gpus, powercap):
    rows = discover(powercap=powercap).survey()
    assert [row.what for row in rows] == [ESTIMATE, COUNTERS, GPUS]
    estimate, counters, nvidia = rows
    assert estimate.devices[0].kind == "cpu"
    assert estimate.why is None
    assert counters.devices == ()
    assert "no energy counters" in counters.why
    assert nvidia.remedy == "Install one."


def test_a_survey_names_what_works(gpus, powercap, tmp_path):
    domain(powercap, "intel-rapl:0", "package-0")
    rows = discover(powercap=powercap).survey()
    assert [(row.what, [d.kind for d in row.devices]) for row in rows] == [
        (COUNTERS, ["cpu"]),
        (GPUS, ["gpu"]),
    ]
    path = tmp_path / "trace.csv"
    path.write_text("t_s,power_w\n0,100\n")
    assert [row.what for row in discover(f"trace:{path}").survey()] == [TRACE]


def test_what_is_found_on_this_machine_measures_the_processor():
    found = discover("cpu")
    assert "cpu" in {device.kind for meter in found.meters for device in meter.describe()}
    for meter in found.meters:
        meter.start()
        for reading in meter.read():
            assert reading.energy_j is None or reading.energy_j >= 0


def test_this_machine_measures_its_gpus_or_tells_why_not():
    found = discover("all")
    measured = any(d.kind == "gpu" for meter in found.meters for d in meter.describe())
    (why,) = [left.why for left in found.left_out if left.what == GPUS] or [None]
    assert measured == (why is None)
