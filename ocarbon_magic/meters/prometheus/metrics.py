"""The metrics that exporters give of energy, and how their labels name nodes and devices.

- dcgm-exporter: ``DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION`` (mJ since the driver was loaded) and
  ``DCGM_FI_DEV_POWER_USAGE`` (W), by ``gpu``, ``UUID``, ``modelName``, ``Hostname``. A GPU in
  MIG mode has one series for each instance, and each of them is the whole GPU's.
- Kepler 0.10 and later: ``kepler_node_cpu_joules_total`` by ``zone`` (package, dram, core,
  uncore, psys) and ``path``, ``kepler_node_gpu_joules_total`` by ``gpu_uuid``; ``node_name``.
- Kepler before that: ``kepler_node_package_joules_total``, ``..._dram_...``, ``..._gpu_...`` and
  ``..._platform_...`` by ``mode`` (idle and dynamic, which are added) and ``package``.
  ``kepler_node_info`` tells whether they are an estimate, as in a virtual machine.
- Scaphandre: raw RAPL counters in microjoules, ``scaph_socket_energy_...`` by ``socket_id``,
  ``scaph_domain_energy_...`` by ``domain_name``, ``scaph_host_energy_...`` (sockets and memory)
  and ``scaph_host_rapl_psys_...``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ocarbon_magic.run import Method

Part = Literal["gpu", "cpu", "dram", "host", "platform", "server"]
"""What a metric is of: ``host`` is processors and memory together, ``platform`` what RAPL's psys
sees (not the GPUs), ``server`` what the power supply or its controller sees (the GPUs, too)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of energy, or of power.

    Attributes
    ----------
    name : str
    part : str
    joules : float
        Joules (of a power: watts) in one unit of it.
    method : str
    is_power : bool
    own : tuple of str
        The labels that tell its counters apart on one node; by all others, one counter may be
        reported several times.
    """

    name: str
    part: Part
    joules: float
    method: Method
    own: tuple[str, ...]
    is_power: bool = False


_KEPLER = ("mode", "package", "zone", "path", "source")

METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "gpu", 1e-3, "dcgm-energy-counter", ("gpu",)
        ),
        Metric("DCGM_FI_DEV_POWER_USAGE", "gpu", 1.0, "dcgm-power", ("gpu",), is_power=True),
        Metric("kepler_node_gpu_joules_total", "gpu", 1.0, "kepler", ("gpu", "mode")),
        Metric("kepler_node_cpu_joules_total", "cpu", 1.0, "kepler", _KEPLER),
        Metric("kepler_node_package_joules_total", "cpu", 1.0, "kepler", _KEPLER),
        Metric("kepler_node_dram_joules_total", "dram", 1.0, "kepler", _KEPLER),
        Metric("kepler_node_platform_joules_total", "server", 1.0, "kepler", _KEPLER),
        Metric("scaph_socket_energy_microjoules", "cpu", 1e-6, "scaphandre", ("socket_id",)),
        Metric(
            "scaph_domain_energy_microjoules",
            "dram",
            1e-6,
            "scaphandre",
            ("socket_id", "domain_name", "domain_id"),
        ),
        Metric("scaph_host_energy_microjoules", "host", 1e-6, "scaphandre", ()),
        Metric("scaph_host_rapl_psys_microjoules", "platform", 1e-6, "scaphandre", ()),
    )
}

KEPLER_INFO = "kepler_node_info"

_ZONES: dict[str, Part] = {"package": "cpu", "dram": "dram", "psys": "platform"}
_NODE_LABELS = (
    "node",
    "kubernetes_node",
    "nodename",
    "node_name",
    "Hostname",
    "hostname",
    "host",
    "exported_instance",
    "instance",
)
"""The labels that may name a node, those first that people name it by."""

_UUIDS = ("UUID", "gpu_uuid")
_DESCRIBING = ("modelName", "components_power_source", "platform_power_source")
_PASSING = {
    "DCGM_FI_DRIVER_VERSION",
    "DCGM_FI_PROCESS_NAME",
    "GPU_I_ID",
    "GPU_I_PROFILE",
    "container",
    "exported_container",
    "exported_namespace",
    "exported_pod",
    "hpc_job",
    "namespace",
    "pod",
    "pod_uid",
}
"""Labels that change while an exporter reports the same counter, as jobs come and go."""


def part_of(metric: Metric, labels: Mapping[str, str]) -> Part | None:
    """Return what a series is of; None where another one has its energy, too."""
    if metric.name == "kepler_node_cpu_joules_total" and "zone" in labels:
        return _ZONES.get(labels["zone"].partition("-")[0])
    if metric.name == "scaph_domain_energy_microjoules":
        return "dram" if labels.get("domain_name") == "dram" else None
    return metric.part


def uuid_of(labels: Mapping[str, str]) -> str | None:
    """Return the UUID of a series' GPU, if it has one."""
    return next((labels[name] for name in _UUIDS if labels.get(name)), None)


def stream_of(metric: Metric, labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what tells apart two reports of the same counter, such as those of two jobs."""
    aside = {*metric.own, *_UUIDS, *_PASSING, "__name__"}
    return tuple(sorted((name, value) for name, value in labels.items() if name not in aside))


def grouping(label: str | None) -> str:
    """Return the labels to group by when it is asked what there is."""
    own = dict.fromkeys(name for metric in METRICS.values() for name in metric.own)
    names = ("__name__", *node_labels(label), *own, *_UUIDS, *_DESCRIBING)
    return ", ".join(dict.fromkeys(names))


def node_labels(label: str | None) -> Sequence[str]:
    """Return the labels that may name a node, given the one that the user says does."""
    return _NODE_LABELS if label is None else (label, f"exported_{label}")


def names_in(labels: Mapping[str, str], label: str | None) -> Iterator[tuple[str, str]]:
    """Yield each name that a series gives its node, with the label that it is from.

    An ``instance`` has a port, which does not belong to the name; a name with a domain may be
    called without.
    """
    for name in node_labels(label):
        value = labels.get(name, "")
        if not value:
            continue
        host = without_port(value)
        yield host, name
        if value != host:
            yield value, name
        first = host.partition(".")[0]
        if first != host and not first.isdigit():
            yield first, name


def without_port(address: str) -> str:
    """Return the host of ``host:port``, or what is no such thing as it is."""
    host, colon, port = address.rpartition(":")
    return host.strip("[]") if colon and port.isdigit() and host else address
