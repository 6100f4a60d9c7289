"""From start to stop of one run: energy, grams, gaps, and what is not known."""

from __future__ import annotations

import sys
import threading
import types

import pytest

import ocarbon_magic as oc
from ocarbon_magic import recorder as recorder_module
from ocarbon_magic.config import resolve
from ocarbon_magic.environment import queued_work, versions
from ocarbon_magic.meters.base import Device, Notes, Reading
from ocarbon_magic.meters.discover import Discovery, LeftOut
from ocarbon_magic.progress import tracker
from ocarbon_magic.progress.nest import Nest
from ocarbon_magic.recorder import Recorder


class Clock:
    """A clock that moves when told."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Constant:
    """A meter of constant power on a clock of the test's."""

    def __init__(self, clock, power_w=100.0, *, kind="gpu", name="GPU 0", energy=True, late_s=0.0):
        self.notes = Notes()
        self.device = Device(kind, name, f"uuid of {name}", "nvml-energy-counter", measured=True)
        self._clock, self._power_w, self._known = clock, power_w, energy
        self._late_s = late_s
        self._start_s = 0.0

    def describe(self):
        return [self.device]

    def due_s(self):
        return None

    def start(self):
        self._clock.now += self._late_s
        self._start_s = self._clock()

    def reading(self, at_s):
        energy_j = self._power_w * (at_s - self._start_s) if self._known else None
        return [Reading(self.device, energy_j, self._power_w, self._power_w, 5.0)]

    def read(self):
        return self.reading(self._clock())

    def stop(self, end_s):
        return self.reading(end_s)


class Mute(Constant):
    """A meter that answers once, then never again."""

    def __init__(self, clock, **options):
        super().__init__(clock, **options)
        self.gate = threading.Event()

    def stop(self, end_s):
        self.gate.wait(30)
        return super().stop(end_s)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def record(monkeypatch, clock):
    """Return a function that records 10 s on the clock with the given meters."""

    def run(*meters, left_out=(), duration_s=10.0, during=lambda _: None, **options):
        found = Discovery(list(meters), list(left_out))
        monkeypatch.setattr(recorder_module, "discover", lambda *_, **__: found)
        settings, _ = resolve(
            {"zone": "FRA", "intensity": 360.0, "interval": 60, **options}, {}, {}
        )
        made = Recorder(settings, "test", clock=clock)
        made.start()
        clock.now += duration_s
        during(made)
        return made.stop("finished")

    return run


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


def trains(meter, clock, steps, *, total, left=None):
    """Return what trains for some steps of a second, and leaves the loop early if told to."""

    def during(made):
        for step in oc.track(range(total)):
            if step == (left or steps):
                break
            clock.now += 1.0
            made._tick(clock(), meter.read())

    return during


def test_a_run_carries_the_projections_it_made_and_how_far_off_they_were(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 1000, total=1000))
    assert [made.at_fraction for made in run.projections] == pytest.approx(
        [0.01, 0.02, 0.05, 0.1, 0.25, 0.5], abs=0.003
    )
    for made in run.projections:
        assert abs(made.duration_error_pct) < 2.0
        assert abs(made.energy_error_pct) < 2.0
        assert made.emissions_g.low <= run.emissions_g <= made.emissions_g.high
    assert run.throughput.scale == pytest.approx(1.0, rel=0.01)
    assert run.throughput.onset_s == pytest.approx(11.0, abs=0.1)  # a tick sees the step before
    assert run.throughput.law.misleads is not None or run.throughput.law.log10_alpha is not None


def test_part_of_a_planned_training_is_projected_to_its_end(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100), total=5000)
    assert run.projection.at_fraction == pytest.approx(0.02)
    assert run.projection.duration_s.value == pytest.approx(5010.0, rel=0.05)
    assert run.projection.duration_error_pct is None


def test_a_loop_left_early_has_nothing_more_to_come(record, clock):
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=1000, left=100))
    assert run.projection is None
    assert run.projections[-1].duration_error_pct is None


def test_a_projection_that_fails_is_one_warning(record, clock, monkeypatch):
    def fail(*_):
        raise OverflowError("too far")

    monkeypatch.setattr("ocarbon_magic.outlook.project", fail)
    meter = Constant(clock)
    run = record(meter, during=trains(meter, clock, 100, total=100))
    assert [line for line in run.warnings if "project" in line] == [
        "The run could not be projected: OverflowError: too far"
    ]
    assert run.energy_kwh is not None
