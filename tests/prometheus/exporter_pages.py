"""What dcgm-exporter, Kepler and Scaphandre give out, of loads whose energy is known exactly."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

GPU_A = "GPU-1f027ee8-6e1e-2b8c-0108-3d370e5f0418"
GPU_B = "GPU-9e5b8fec-61bf-5124-a0a9-079af1b65cc6"
GPU_C = "GPU-5022ce43-b44a-987b-71c3-dee05378a618"
A100 = "NVIDIA A100-SXM4-80GB"


class Load:
    """A power that is constant between changes, and its integral."""

    def __init__(self, power_w, *, counted_j=1e6, clock=time.time):
        self._clock = clock
        self._lock = threading.Lock()
        self._changes = [(clock() - 1e4, power_w)]
        self._counted_j = counted_j

    def set(self, power_w):
        with self._lock:
            self._changes.append((self._clock(), power_w))

    @property
    def power_w(self):
        return self._changes[-1][1]

    def energy_j(self, at_s):
        """Return the joules since the first moment."""
        with self._lock:
            ends = [*(time_s for time_s, _ in self._changes[1:]), float("inf")]
            return sum(
                max(min(at_s, end) - begin, 0.0) * power_w
                for (begin, power_w), end in zip(self._changes, ends, strict=True)
            )

    def between(self, start_s, end_s):
        return self.energy_j(end_s) - self.energy_j(start_s)

    def counter_j(self):
        """Return what its counter shows now."""
        return self._counted_j + self.energy_j(self._clock())

    def restart(self):
        """Let the counter begin again at 0."""
        self._counted_j = -self.energy_j(self._clock())


@dataclass
class Gpu:
    """A GPU as dcgm-exporter shows it; ``instances`` are those of MIG."""

    index: int
    uuid: str
    load: Load
    model: str = A100
    instances: tuple = ()
    counter: bool = True
    more: dict = field(default_factory=dict)


def labelled(name, labels, value):
    inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value}" if labels else f"{name} {value}"


def dcgm(hostname, gpus):
    """Return the page of dcgm-exporter of a node."""
    lines = ["# TYPE DCGM_FI_DEV_POWER_USAGE gauge"]
    energies = ["# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter"]
    for gpu in gpus:
        labels = {
            "gpu": gpu.index,
            "UUID": gpu.uuid,
            "pci_bus_id": "00000000:37:00.0",
            "device": f"nvidia{gpu.index}",
            "modelName": gpu.model,
        }
        energy_mj = round(gpu.load.counter_j() * 1e3)
        for instance in gpu.instances or (None,):
            mig = {} if instance is None else {"GPU_I_PROFILE": "2g.20gb", "GPU_I_ID": instance}
            of = labels | mig | {"Hostname": hostname, "DCGM_FI_DRIVER_VERSION": "535.129.03"}
            of |= gpu.more
            lines.append(labelled("DCGM_FI_DEV_POWER_USAGE", of, f"{gpu.load.power_w:.6f}"))
            if gpu.counter:
                energies.append(labelled("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", of, energy_mj))
    return "\n".join([*lines, *energies, ""])


def kepler(node, zones, path="/host/sys/class/powercap/intel-rapl"):
    """Return the page of Kepler 0.10 and later: loads by zone."""
    lines = [
        "# TYPE kepler_node_cpu_joules_total counter",
        *(
            labelled(
                "kepler_node_cpu_joules_total",
                {"node_name": node, "path": f"{path}/{zone}", "zone": zone},
                load.counter_j(),
            )
            for zone, load in zones.items()
        ),
    ]
    return "\n".join([*lines, ""])


def old_kepler(node, components, *, packages=1, estimated=False):
    """Return the page of Kepler before 0.10: loads by component, half of each idle."""
    source = "estimator" if estimated else "rapl-sysfs"
    info = {
        "components_power_source": source,
        "cpu_architecture": "Broadwell",
        "instance": node,
        "platform_power_source": "acpi",
        "source": "os",
    }
    lines = [labelled("kepler_node_info", info, 1)]
    for component, load in components.items():
        name = f"kepler_node_{component}_joules_total"
        lines.append(f"# TYPE {name} counter")
        for package in range(packages):
            lines += [
                labelled(
                    name,
                    {"instance": node, "mode": mode, "package": package},
                    load.counter_j() / 2 / packages,
                )
                for mode in ("dynamic", "idle")
            ]
    return "\n".join([*lines, ""])


def scaphandre(sockets, memory, *, psys=None, range_j=262143.32885):
    """Return the page of Scaphandre: raw RAPL counters, which run over."""
    lines = ["# TYPE scaph_socket_energy_microjoules counter"]
    host_j = 0.0
    for index, (socket, dram) in enumerate(zip(sockets, memory, strict=True)):
        socket_j, dram_j = socket.counter_j() % range_j, dram.counter_j() % range_j
        host_j += socket_j + dram_j
        lines += [
            labelled("scaph_socket_energy_microjoules", {"socket_id": index}, _uj(socket_j)),
            labelled(
                "scaph_domain_energy_microjoules",
                {"domain_name": "dram", "domain_id": 0, "socket_id": index},
                _uj(dram_j),
            ),
            labelled(
                "scaph_domain_energy_microjoules",
                {"domain_name": "core", "domain_id": 1, "socket_id": index},
                _uj(socket_j * 0.8),
            ),
        ]
    lines.append(labelled("scaph_host_energy_microjoules", {}, _uj(host_j)))
    if psys is not None:
        lines.append(labelled("scaph_host_rapl_psys_microjoules", {}, _uj(psys.counter_j())))
    return "\n".join([*lines, ""])


def _uj(joules):
    return round(joules * 1e6)
