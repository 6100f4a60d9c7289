"""A run of 1,000 hosts with 8 GPUs each for 30 days, replayed: its cost, its stream, its record.

The engines are simulated, the rest is what a run has: replayed meters (`TraceMeter`), messages as
engines send them, the coordinator, the recorder with its snapshots and its record, on a clock that
moves when told. The month is told in hourly messages, since each says all there is to say by then;
what a message and a tick cost is then measured at the pace of a real run, which is that of
`MESSAGES_PER_S` for all engines together.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.memory import peak_mib
from recorded import Clock

from ocarbon_magic.cluster.coordinator import Coordinator
from ocarbon_magic.cluster.engines import MESSAGES_PER_S
from ocarbon_magic.cluster.messages import PROTOCOL, device_entry
from ocarbon_magic.cluster.place import Place
from ocarbon_magic.cluster.telling import closing_lines, host_rows
from ocarbon_magic.config import resolve
from ocarbon_magic.meters.base import Device, Notes
from ocarbon_magic.meters.trace import TraceMeter
from ocarbon_magic.outlook import prepare
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.run import run_schema

HOSTS, GPUS, DAYS = 1000, 8, 30
HOUR_S = 3600.0
SCRIPTS = 40
"""How many different months the hosts live through."""
LOST = {100: 240, 500: 360, 501: 361}
"""Engines that are lost, and in which hour."""
STEPS_PER_HOUR = 1000.0
SETTLED_TICKS = 400
TICK_S = 0.5
A_LONG_TIME_S = 1e6


def measure() -> dict[str, Any]:
    """Return what the simulated month costs, with how near its energy is to the truth."""
    prepare()
    with tempfile.TemporaryDirectory() as folder:
        return month(Replay(Path(folder)))


def month(replay: Replay) -> dict[str, Any]:
    """Let the month pass, then a moment of it at the pace of a real run."""
    clock, sizes = replay.clock, []
    settings, _ = resolve(
        {"zone": "FRA", "devices": "none", "total": DAYS * 24 * HOSTS * STEPS_PER_HOUR}, {}, {}
    )
    fleet = Simulated(replay)
    before_mib = peak_mib()
    recorder = Recorder(
        settings,
        "a month",
        publish=lambda snapshot: sizes.append(len(json.dumps(snapshot))),
        fleet=fleet,
        clock=clock,
    )
    recorder._sampler._interval_s = A_LONG_TIME_S  # ticks come from here alone
    recorder.start()
    hours = DAYS * 24
    began_s = time.process_time()
    for hour in range(1, hours):
        clock.now = replay.start_s + hour * HOUR_S
        for host in replay.alive(hour):
            fleet.heard(host)
        recorder._tick(clock(), [*fleet.read()])
    simulated_s = time.process_time() - began_s
    message_s, tick_s, sent_bytes = pace(replay, fleet, recorder, sizes)
    clock.now = replay.start_s + hours * HOUR_S
    replay.hour = hours
    for host in replay.alive(hours):
        fleet.heard(host, final=True)
    run = recorder.stop("finished")
    record = run.to_dict()
    check(record)
    said = json.dumps(record)
    memory_mib = peak_mib() - before_mib
    truth_j = replay.truth_j()
    measured_j = run.energy_kwh * 3.6e6
    costs = replay.engine_cost()
    each_s = HOSTS / MESSAGES_PER_S
    return {
        "hosts": HOSTS,
        "gpus_each": GPUS,
        "days": DAYS,
        "energy_mwh": measured_j / 3.6e9,
        "energy_error_pct": 100 * (measured_j / truth_j - 1),
        "emissions_t": run.emissions_g / 1e6,
        "record_bytes": len(said),
        "record_device_rows": len(record["devices"]),
        "record_host_rows": len(record["hosts"]),
        "record_points": len(record["series"]["t_s"]),
        "messages_per_s": MESSAGES_PER_S,
        "ticks_per_s": 1 / TICK_S,
        "message_us": 1e6 * message_s,
        "tick_ms": 1e3 * tick_s,
        "kernel_core_pct": 100 * (message_s * MESSAGES_PER_S + tick_s / TICK_S),
        "page_bytes_per_s": sent_bytes,
        "largest_snapshot_bytes": max(sizes),
        "memory_mib": memory_mib,
        "simulated_in_s": simulated_s,
        "engine_message_us": 1e6 * costs.message_s,
        "engine_message_bytes": costs.message_bytes,
        "engine_message_every_s": each_s,
        "engine_core_pct": 100 * costs.message_s / each_s,
        "engine_bytes_per_s": costs.message_bytes / each_s,
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield the figures."""
    f = measured
    yield f"{f['hosts']:,} hosts x {f['gpus_each']} GPUs, {f['days']} days, one engine a host"
    yield (
        f"  energy {f['energy_mwh']:,.1f} MWh, {f['energy_error_pct']:+.2e} % from the replayed "
        f"curves; emissions {f['emissions_t']:,.1f} t"
    )
    yield (
        f"  record {f['record_bytes']:,} bytes: {f['record_device_rows']} rows of devices, "
        f"{f['record_host_rows']} of hosts, {f['record_points']} points"
    )
    yield (
        f"  a message {f['message_us']:.0f} us, a tick {f['tick_ms']:.2f} ms: the kernel spends "
        f"{f['kernel_core_pct']:.2f} % of a core at {f['messages_per_s']:.0f} messages and "
        f"{f['ticks_per_s']:.0f} ticks a second"
    )
    yield (
        f"  to the page {f['page_bytes_per_s'] / 1000:.2f} kB/s; largest snapshot "
        f"{f['largest_snapshot_bytes']:,} bytes"
    )
    yield (
        f"  memory of the month {f['memory_mib']:.1f} MiB; simulated in {f['simulated_in_s']:.0f} s"
    )
    yield (
        f"  an engine {f['engine_message_us']:.0f} us and {f['engine_message_bytes']:,} bytes a "
        f"message, one every {f['engine_message_every_s']:.0f} s: {f['engine_core_pct']:.5f} % of "
        f"a core and {f['engine_bytes_per_s'] / 1000:.2f} kB/s a host"
    )


def pace(replay, fleet, recorder, sizes):
    """Return processor seconds of a message and of a tick, and bytes a second to the page."""
    clock, alive = replay.clock, [*replay.alive(DAYS * 24)]
    each_tick = round(MESSAGES_PER_S * TICK_S)
    made, sent, spent_s, ticks_s = 0, len(sizes), 0.0, 0.0
    began_s = clock.now
    for _ in range(SETTLED_TICKS):
        clock.now += TICK_S
        batch = [replay.message(alive[(made + i) % len(alive)]) for i in range(each_tick)]
        made += each_tick
        then_s = time.process_time()
        for host, message in batch:
            fleet.take(host, message)
        told_s = time.process_time()
        recorder._tick(clock(), [*fleet.read()])
        spent_s += told_s - then_s
        ticks_s += time.process_time() - told_s
    sent_bytes = sum(sizes[sent:]) / (clock.now - began_s)
    return spent_s / made, ticks_s / SETTLED_TICKS, sent_bytes


class Cost:
    """What an engine spends on one message."""

    def __init__(self, message_s, message_bytes):
        self.message_s, self.message_bytes = message_s, message_bytes


class Replay:
    """What the engines of a month say."""

    def __init__(self, folder):
        self.clock = Clock()
        self.start_s = self.clock.now
        self._meters = [self._meter(folder, number) for number in range(SCRIPTS)]
        self._numbers = [0] * HOSTS
        self._devices = [
            [
                Device("gpu", "NVIDIA H100 80GB HBM3", f"GPU-{host:04d}-{i}", "trace", False, 700.0)
                for i in range(GPUS)
            ]
            for host in range(HOSTS)
        ]
        for meter in self._meters:
            meter.start()
        self._read_at_s, self._readings = -1.0, []

    @staticmethod
    def _meter_rows(number):
        draw = random.Random(number)
        powers_w = [700.0] * GPUS
        for hour in range(DAYS * 24 + 1):
            if draw.random() < 0.1:
                powers_w = [draw.choice((75.0, 350.0, 690.0)) for _ in range(GPUS)]
            for gpu, power_w in enumerate(powers_w):
                yield f"{hour * HOUR_S},{power_w + draw.uniform(-20, 20)},{gpu}"

    def _meter(self, folder, number):
        path = folder / f"{number}.csv"
        path.write_text("\n".join(["t_s,power_w,device", *self._meter_rows(number)]))
        return TraceMeter(path, clock=self.clock)

    def alive(self, hour):
        """Return the hosts whose engine is there in an hour."""
        return (host for host in range(HOSTS) if LOST.get(host, hour + 1) > hour)

    def message(self, host, *, final=False):
        """Return a host and what its engine says now."""
        now_s = self.clock()
        if now_s != self._read_at_s:
            self._read_at_s, self._readings = now_s, [meter.read() for meter in self._meters]
        self._numbers[host] += 1
        readings = self._readings[host % SCRIPTS]
        entries = [
            device_entry(reading._replace(device=device), self.start_s, now_s)
            for device, reading in zip(self._devices[host], readings, strict=True)
        ]
        hours = (now_s - self.start_s) / HOUR_S
        return host, {
            "v": PROTOCOL,
            "n": self._numbers[host],
            "at_s": now_s,
            "host": f"boot {host}",
            "namespace": f"boot {host}",
            "pids": [1000 + host, 1],
            "devices": entries,
            "work": {
                "done": hours * STEPS_PER_HOUR,
                "total": DAYS * 24 * STEPS_PER_HOUR,
                "unit": "step",
                "source": "tqdm",
                "what": "the bar",
            },
            "notes": [],
            "final": final,
        }

    def truth_j(self):
        """Return the exact integral of all curves, of lost engines up to their last message."""
        total_j = 0.0
        for host in range(HOSTS):
            end_s = self.start_s + (LOST.get(host, DAYS * 24 + 1) - 1) * HOUR_S
            total_j += sum(r.energy_j for r in self._meters[host % SCRIPTS].stop(end_s))
        return total_j

    def engine_cost(self, rounds=400):
        """Return what it costs an engine to read eight meters and to say so."""
        began_s = time.process_time()
        for _ in range(rounds):
            self._meters[0].read()
            said = json.dumps(self.message(0)[1])
        return Cost((time.process_time() - began_s) / rounds, len(said))


class Simulated:
    """The engines of the replay as the fleet of a run, and the meter of their devices."""

    patience_s = 1.0

    def __init__(self, replay):
        self._replay = replay
        kernel = Place("boot kernel", "boot kernel", (1,))
        self._known = Coordinator(kernel, HOSTS / MESSAGES_PER_S, clock=replay.clock)
        self.notes = Notes()
        self._readings = ()

    def begin(self, run, warn):
        self._warn = warn

    def meters(self, own):
        return [self]

    def call(self):
        self._known.started_s = self._replay.clock()

    def heard(self, host, *, final=False):
        self.take(*self._replay.message(host, final=final))

    def take(self, host, message):
        self._known.received(host, message)

    def parts(self):
        return self._known.parts()

    def hosts(self, readings, duration_s):
        return host_rows(self._known, None, duration_s)

    def end(self):
        pass

    def close(self):
        for line in closing_lines(self._known, 0.0):
            self._warn(line)

    def describe(self):
        return ()

    def start(self):
        pass

    def due_s(self):
        return None

    def read(self):
        self._known.look()
        self._readings = self._known.readings()
        return self._readings

    def stop(self, end_s):
        self._known.look()
        self._known.close(end_s)
        return self._known.readings()


def check(record):
    """Refuse a record that its own schema refuses."""
    import jsonschema  # noqa: PLC0415 - of the tests alone

    jsonschema.validate(record, run_schema())
