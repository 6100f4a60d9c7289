"""Messages of engines, as an agent would say them, and a coordinator on a clock that is moved."""

from __future__ import annotations

from dataclasses import dataclass, field

from ocarbon_magic.cluster.coordinator import Coordinator
from ocarbon_magic.cluster.messages import PROTOCOL
from ocarbon_magic.cluster.place import Place

KERNEL = Place("kernel's boot", "pid:[1]", (100, 1))


def gpu(uuid, energy_j, from_s, to_s, *, watts=None, name="NVIDIA A100", **more):
    return {
        "id": uuid,
        "kind": "gpu",
        "name": name,
        "uuid": uuid,
        "method": "nvml-energy-counter",
        "measured": True,
        "tdp_w": 400.0,
        "from_s": from_s,
        "to_s": to_s,
        "energy_j": energy_j,
        "power_w": watts,
        "max_power_w": watts,
        "uncertainty_pct": 5.0,
        "busy_s": None,
        "busy_share": None,
    } | more


def estimate(energy_j, from_s, to_s, *, busy_s=1.0, name="AMD EPYC"):
    return gpu("-", energy_j, from_s, to_s, name=name) | {
        "id": f"cpu-estimate cpu {name}",
        "kind": "cpu",
        "uuid": None,
        "method": "cpu-estimate",
        "measured": False,
        "busy_s": busy_s,
    }


def rapl(energy_j, from_s, to_s, *, name="AMD EPYC"):
    return estimate(energy_j, from_s, to_s, name=name) | {
        "id": f"rapl cpu {name}",
        "method": "rapl",
        "measured": True,
        "busy_s": None,
    }


def steps(done, total=100.0, *, unit="step", what="The loop over epoch"):
    return {
        "done": done,
        "total": total,
        "rate_per_s": 1.0,
        "unit": unit,
        "source": "cell loop",
        "what": what,
    }


@dataclass
class Cluster:
    """A coordinator, its clock, and the number of each engine's last message."""

    now_s: float = 0.0
    numbers: dict[int, int] = field(default_factory=dict)

    def __post_init__(self):
        self.known = Coordinator(KERNEL, 0.5, clock=lambda: self.now_s)

    def says(self, engine, *devices, host="host A", work=None, at_s=None, final=False, **more):
        """Let an engine say something now; its host's clock is the kernel's unless told."""
        self.numbers[engine] = self.numbers.get(engine, 0) + 1
        message = {
            "v": PROTOCOL,
            "n": self.numbers[engine],
            "at_s": self.now_s if at_s is None else at_s,
            "host": host,
            "namespace": f"pid:[{host}]",
            "pids": [1000 + engine, 1],
            "devices": list(devices),
            "work": work,
            "notes": [],
            "final": final,
        }
        self.known.received(engine, message | more)

    def energies(self):
        return {(r.device.host, r.device.name): r.energy_j for r in self.known.readings()}

    @property
    def total_j(self):
        return sum(reading.energy_j or 0.0 for reading in self.known.readings())
