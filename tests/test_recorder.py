"""From start to stop of one run: energy, grams, gaps, and what is not known."""

from __future__ import annotations

import sys
import threading
import types

import pytest
from recorded import Constant

import ocarbon_magic as oc
from ocarbon_magic import recorder as recorder_module
from ocarbon_magic.config import resolve
from ocarbon_magic.environment import queued_work, versions
from ocarbon_magic.meters.discover import LeftOut
from ocarbon_magic.progress import tracker
from ocarbon_magic.progress.nest import Nest
from ocarbon_magic.recorder import Recorder


class Mute(Constant):
    """A meter that answers once, then never again."""

    def __init__(self, clock, **options):
        super().__init__(clock, **options)
        self.gate = threading.Event()

    def stop(self, end_s):
        self.gate.wait(30)
        return super().stop(end_s)


class TooLate(Constant):
    """A meter that has started only when the run is over."""

    def __init__(self, clock):
        super().__init__(clock, late_s=0.5)
        self.begun, self.running, self.over = (threading.Event() for _ in range(3))

    def start(self):
        self.begun.set()
        self.running.wait(30)
        self.over.wait(30)
        super().start()


def test_energy_times_intensity_times_pue_is_the_operational_part(record, clock):
    run = record(Constant(clock), pue=1.5)
    assert run.duration_s == pytest.approx(10.0)
    assert run.energy_kwh == pytest.approx(1000 / 3.6e6)
    assert run.operational_g == pytest.approx(1000 / 3.6e6 * 1.5 * 360)
    assert run.embodied_g > 0
    assert run.emissions_g == pytest.approx(run.operational_g + run.embodied_g)
    (device,) = run.devices
    assert (device.energy_j, device.mean_power_w) == pytest.approx((1000.0, 100.0))
    assert device.uncertainty_pct == 5.0


def test_several_devices_add_up(record, clock):
    meters = [Constant(clock, 100.0, name=f"GPU {i}") for i in range(8)]
    assert record(*meters).energy_kwh == pytest.approx(8000 / 3.6e6)


def test_the_series_ends_at_the_totals(record, clock):
    run = record(Constant(clock))
    assert run.series.t_s == [0.0, 10.0]
    assert run.series.power_w == [100.0, 100.0]
    assert run.series.emissions_g[-1] == pytest.approx(run.emissions_g, rel=1e-4)


def test_ticks_become_points(record, clock):
    meter = Constant(clock)

    def during(made):
        made._tick(clock(), meter.read())
        clock.now += 5.0

    run = record(meter, during=during)
    assert run.series.t_s == [0.0, 10.0, 15.0]


def test_a_tick_before_the_run_has_begun_is_none_of_it(record, clock, monkeypatch):
    meter = Constant(clock)

    def late(made):
        clock.now += 0.1
        made._tick(clock(), meter.read())
        clock.now += 0.1

    monkeypatch.setattr(Recorder, "_start_counting", late)
    run = record(meter)
    assert run.series.t_s == [0.0, 10.0]


def test_the_work_is_in_the_record_and_along_the_series(record, clock):
    meter = Constant(clock)

    def during(made):
        oc.update(4)
        made._tick(clock(), meter.read())
        oc.update(6)
        clock.now += 5.0

    run = record(meter, during=during, total=100, unit="sample")
    assert (run.work.done, run.work.total, run.work.unit) == (10, 100, "sample")
    assert run.work.source == "oc.update"
    assert run.series.work == [0.0, 4.0, 10.0]


def test_work_is_counted_where_no_energy_is_measured(record):
    run = record(during=lambda _: oc.update(3))
    assert run.energy_kwh is None
    assert run.work.done == 3
    assert run.series.work == [0.0, 3.0]
    assert run.series.power_w == [None, None]


def test_flop_of_a_unit_give_the_throughput(record, clock):
    def during(_):
        for _ in oc.track(range(3)):
            clock.now += 1

    run = record(Constant(clock), during=during, flop_per_unit=2e12)
    expected = 2 * run.work.rate_per_s
    assert run.throughput.tflops_per_device == pytest.approx(expected)


def test_what_to_add_is_said_only_where_it_would_have_been_of_use(record, clock):
    assert record(Constant(clock), duration_s=1.0).work.hint is None
    assert "oc.track" in record(Constant(clock), duration_s=10.0).work.hint


def test_a_failure_in_counting_is_one_warning(record, clock, monkeypatch):
    def fail(_observer):
        raise OSError("no")

    monkeypatch.setattr(recorder_module.WorkObserver, "start", fail)
    run = record(Constant(clock))
    assert run.energy_kwh == pytest.approx(1000 / 3.6e6)
    assert [w for w in run.warnings if "not counted" in w] == ["Work is not counted: OSError: no"]


def test_an_interrupt_while_counting_begins_leaves_nothing_running(record, clock, monkeypatch):
    def interrupted(frameworks):
        raise KeyboardInterrupt

    finders, tallies = list(sys.meta_path), list(tracker._open)
    monkeypatch.setattr("ocarbon_magic.progress.frameworks.hooks.Frameworks.start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record(Constant(clock))
    assert (sys.meta_path, tracker._open) == (finders, tallies)
    for thread in threading.enumerate():
        if thread.name == "ocarbon-sampler":
            thread.join(30)
            assert not thread.is_alive()


def test_an_interrupt_while_counting_ends_is_told_after_all_is_unhooked(record, clock, monkeypatch):
    impatient = iter([KeyboardInterrupt()])
    close = Nest.close

    def interrupted(nest):
        for interrupt in impatient:
            raise interrupt
        close(nest)

    monkeypatch.setattr(Nest, "close", interrupted)
    finders, tallies = list(sys.meta_path), list(tracker._open)
    recorders = []
    run = record(Constant(clock), during=recorders.append)
    assert recorders[0].interrupted
    assert run.energy_kwh == pytest.approx(1000 / 3.6e6)
    assert (sys.meta_path, tracker._open) == (finders, tallies)


def test_work_that_cannot_be_read_costs_no_energy(record, clock, monkeypatch):
    def fail(_observer):
        raise RuntimeError("no")

    monkeypatch.setattr(recorder_module.WorkObserver, "read", fail)
    meter = Constant(clock)
    run = record(meter, during=lambda made: made._tick(clock(), meter.read()))
    assert run.energy_kwh == pytest.approx(1000 / 3.6e6)
    assert run.warnings.count("Work could not be read: RuntimeError: no") == 1
    assert run.work.done is None


def test_nothing_known_is_none_and_never_zero(record, clock):
    run = record(Constant(clock, energy=False))
    assert (run.energy_kwh, run.operational_g, run.embodied_g, run.emissions_g) == (None,) * 4
    assert run.devices[0].energy_j is None
    assert run.devices[0].mean_power_w is None
    assert any("No energy was measured" in line for line in run.warnings)


def test_a_device_without_energy_is_said_to_be_missing_from_the_total(record, clock):
    run = record(Constant(clock), Constant(clock, name="GPU 1", energy=False))
    assert run.energy_kwh == pytest.approx(1000 / 3.6e6)
    assert any("GPU 1" in line and "not in the total" in line for line in run.warnings)


def test_what_discovery_left_out_is_told_with_its_remedy(record, clock):
    out = [
        LeftOut("RAPL", "no permission.", "Run chmod.", warn=True),
        LeftOut("NVML", "no GPU here.", None, warn=False),
    ]
    run = record(Constant(clock), left_out=out)
    assert "RAPL: no permission. Run chmod." in run.warnings
    assert not any("NVML" in line for line in run.warnings)


def test_a_meter_that_starts_late_is_counted_for_the_whole_run(monkeypatch, record, clock):
    meter = Constant(clock, late_s=2.5)
    monkeypatch.setattr(recorder_module, "START_PATIENCE_S", 30)

    def behind(made):
        made._started_s -= 2.5  # as if the user's code had not waited for the driver

    run = record(meter, during=behind, duration_s=7.5)
    assert run.duration_s == pytest.approx(10.0)
    assert run.devices[0].energy_j == pytest.approx(1000.0)
    assert run.devices[0].uncertainty_pct == pytest.approx(5 + 25)
    assert any("2.50 s of the run went unseen" in line for line in run.warnings)


def test_a_meter_that_hangs_at_the_end_is_counted_for_the_whole_run(monkeypatch, record, clock):
    meter = Mute(clock)
    monkeypatch.setattr(recorder_module, "STOP_PATIENCE_S", 0.05)

    def read_once(made):
        for state in made._sampler._outcome.states:
            state.readings, state.read_s = meter.read(), clock()
        clock.now += 10.0

    run = record(meter, during=read_once)
    meter.gate.set()
    assert run.duration_s == pytest.approx(20.0)
    assert run.devices[0].energy_j == pytest.approx(2000.0)
    assert any("10.00 s of the run went unseen" in line for line in run.warnings)


def test_a_meter_that_never_answered_is_told(monkeypatch, record, clock):
    meter = Mute(clock)
    monkeypatch.setattr(recorder_module, "STOP_PATIENCE_S", 0.05)
    run = record(meter, Constant(clock, kind="cpu", name="the processor"))
    meter.gate.set()
    assert any(line.startswith("GPU 0 gave no reading") for line in run.warnings)
    assert [d.name for d in run.devices] == ["the processor"]


def test_of_a_run_that_was_over_before_measuring_began_no_energy_is_known(
    monkeypatch, record, clock
):
    meter = TooLate(clock)
    monkeypatch.setattr(recorder_module, "START_PATIENCE_S", 0.0)
    monkeypatch.setattr(recorder_module, "STOP_PATIENCE_S", 30)

    def during(made):
        meter.over = made._sampler._stopping
        meter.running.set()

    run = record(meter, during=during)
    assert (run.energy_kwh, run.emissions_g) == (None, None)
    assert run.warnings == [
        "GPU 0: the run was over before measuring began, so its energy is not known."
    ]


def test_a_meter_that_is_still_starting_when_the_run_ends_is_told(monkeypatch, record, clock):
    meter = TooLate(clock)
    monkeypatch.setattr(recorder_module, "START_PATIENCE_S", 0.0)
    monkeypatch.setattr(recorder_module, "STOP_PATIENCE_S", 0.0)
    processor = Constant(clock, kind="cpu", name="the processor")
    run = record(processor, meter, during=lambda _: meter.begun.wait(30))
    meter.over.set()
    meter.running.set()
    assert "The meter of GPU 0 had not started when the run ended: its energy is not known." in (
        run.warnings
    )


def test_an_unknown_zone_is_refused_before_anything_starts():
    settings, _ = resolve({"zone": "Farnce"}, {}, {})
    with pytest.raises(ValueError, match="unknown zone 'Farnce'"):
        Recorder(settings, "test")


def test_a_failure_of_ours_is_a_warning_and_the_run_is_returned(monkeypatch, record, clock):
    def broken(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("ocarbon_magic.site.Site.footprint", broken)
    run = record(Constant(clock))
    assert run.status == "finished"
    assert any("No space left on device" in line for line in run.warnings)


class FakeCuda(types.SimpleNamespace):
    """Stands for torch.cuda of a process that holds memory on GPU 1 of 2."""

    def __init__(self, *, initialised=True, fails=False):
        super().__init__(synchronised=[])
        self._initialised, self._fails = initialised, fails

    def is_initialized(self):
        return self._initialised

    def device_count(self):
        return 2

    def memory_allocated(self, index):
        return index

    def synchronize(self, index):
        if self._fails:
            raise RuntimeError("device-side assert")
        self.synchronised.append(index)


@pytest.mark.parametrize(("initialised", "asked"), [(True, [1]), (False, [])])
def test_queued_work_is_waited_for_only_where_the_process_has_some(monkeypatch, initialised, asked):
    cuda = FakeCuda(initialised=initialised)
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    queued_work()
    assert cuda.synchronised == asked


def test_an_error_on_the_gpu_stays_the_users_own(monkeypatch):
    torch = types.SimpleNamespace(cuda=FakeCuda(fails=True))
    monkeypatch.setitem(sys.modules, "torch", torch)
    queued_work()


def test_versions_name_what_is_imported_and_import_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(__version__="2.13.0"))
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    found = versions()
    assert found["torch"] == "2.13.0"
    assert "jax" not in found
    assert "jax" not in sys.modules
    assert found["python"].startswith("3.")
