"""Whatever fails among the others who take part in a run, the run goes on and says so."""

from __future__ import annotations

import pytest
from engine_messages import Cluster, gpu, steps

from ocarbon_magic.cluster.telling import host_rows
from ocarbon_magic.config import resolve
from ocarbon_magic.meters.base import Notes
from ocarbon_magic.recorder import Recorder


class Fleet:
    """A host with one GPU; ``fails`` names what raises."""

    patience_s = 0.0

    def __init__(self, fails=""):
        self.fails, self.calls = fails, []
        self.cluster = Cluster()
        self.notes = Notes()

    def _called(self, name):
        self.calls.append(name)
        if name == self.fails:
            raise RuntimeError("the network is gone")

    def begin(self, run, warn):
        self._called("begin")

    def meters(self, own):
        return [self]

    def call(self):
        self._called("call")

    def parts(self):
        return self.cluster.known.parts()

    def hosts(self, readings, duration_s):
        return host_rows(self.cluster.known, None, duration_s)

    def end(self):
        self._called("end")

    def close(self):
        self._called("close")

    def describe(self):
        return ()

    def start(self):
        pass

    def due_s(self):
        return None

    def read(self):
        self._called("read")
        self.cluster.says(0, gpu("GPU-a", 50.0, 0.0, 1.0), host="B", work=steps(5.0))
        return self.cluster.known.readings()

    def stop(self, end_s):
        self._called("stop")
        self.cluster.says(0, gpu("GPU-a", 60.0, 0.0, 1.0), host="B", work=steps(6.0), final=True)
        return self.cluster.known.readings()


def record(fleet):
    settings, _ = resolve({"zone": "FRA", "devices": "none"}, {}, {})
    recorder = Recorder(settings, "a run", fleet=fleet)
    recorder.start()
    return recorder.stop("finished")


def test_what_the_others_measure_and_do_is_in_the_run():
    fleet = Fleet()
    run = record(fleet)
    assert fleet.calls == ["begin", "call", "end", "stop", "close"]
    assert [(d.name, d.host, d.energy_j) for d in run.devices] == [("NVIDIA A100", "host 1", 60.0)]
    assert (run.work.done, run.work.total) == (6.0, 100.0)
    assert [(row.name, row.energy_j) for row in run.hosts] == [
        ("kernel's host", None),
        ("host 1", 60.0),
    ]
    assert run.warnings == []


@pytest.mark.parametrize("fails", ["call", "end", "stop", "close"])
def test_a_fleet_that_fails_is_a_line_in_the_record(fails):
    run = record(Fleet(fails))
    assert run.status == "finished"
    assert any("the network is gone" in line for line in run.warnings)


def test_a_fleet_that_has_nothing_to_measure_gets_no_line():
    class Empty(Fleet):
        def read(self):
            return []

        def stop(self, end_s):
            return []

    run = record(Empty())
    assert run.devices == []
    assert not any("gave no reading" in line for line in run.warnings)
