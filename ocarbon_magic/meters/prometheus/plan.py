"""What of an endpoint is measured: one set of counters for each node in which nothing is twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ocarbon_magic.meters.base import Device
from ocarbon_magic.meters.prometheus.metrics import METRICS, part_of, uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ocarbon_magic.meters.prometheus.metrics import Metric, Part
    from ocarbon_magic.meters.prometheus.nodes import Nodes

Key = tuple[str, ...]
"""Names one counter, or one sensor of power, however often it is reported."""

NAMES: dict[Part, str] = {
    "cpu": "Processor",
    "dram": "DRAM",
    "host": "Processor and DRAM",
    "platform": "Platform (RAPL psys)",
    "server": "Whole server",
}

MOST_DEVICES = 64
"""Of more, those of one node and name are measured together."""

_MOST_NAME = 80
_DIGITS = 9
_PACKAGES = ("package", "socket_id")


@dataclass(frozen=True, slots=True)
class Found:
    """One counter that there is, with the node that it is of."""

    node: str
    metric: Metric
    part: Part
    labels: Mapping[str, str]

    @property
    def key(self) -> Key:
        """What names the counter."""
        return key_of(self.node, self.metric, self.labels)


@dataclass(slots=True)
class Row:
    """A device to be measured, by the sum of these counters."""

    device: Device
    keys: list[Key] = field(default_factory=list)


def key_of(node: str, metric: Metric, labels: Mapping[str, str]) -> Key:
    """Return what names the counter of a series: a GPU's UUID, else its labels and its node."""
    uuid = uuid_of(labels) if metric.part == "gpu" else None
    if uuid is not None:
        return metric.name, uuid, labels.get("mode", "")
    return metric.name, node, *(labels.get(name, "") for name in metric.own)


def found_in(rows: Iterable[Mapping[str, str]], nodes: Nodes) -> list[Found]:
    """Return the counters of the nodes asked for among the labels of series, in order."""
    found: dict[Key, Found] = {}
    for labels in rows:
        metric = METRICS.get(labels.get("__name__", ""))
        part = None if metric is None else part_of(metric, labels)
        node = None if part is None else nodes.of(labels)
        if metric is not None and part is not None and node is not None:
            one = Found(node, metric, part, labels)
            found.setdefault(one.key, one)
    return sorted(found.values(), key=_in_order)


def _in_order(one: Found) -> tuple[str, int, Key]:
    index = one.labels.get("gpu", "")
    return one.node, int(index) if index.isdecimal() and len(index) < _DIGITS else 0, one.key


def rows_of(found: Iterable[Found], estimated: set[str]) -> list[Row]:
    """Return the devices to measure, of each node those that do not overlap.

    GPUs are taken from DCGM, by their counter or else by their power, and from Kepler where
    DCGM does not know them. The rest of a node is what its power supply sees, if no GPU is
    measured beside it that this would include; else what RAPL's psys sees; else processors and
    memory. Kepler goes before Scaphandre.

    Parameters
    ----------
    found : iterable of Found
    estimated : set of str
        The nodes of which Kepler's figures are the estimate of a model.
    """
    by_node: dict[str, list[Found]] = {}
    for one in found:
        by_node.setdefault(one.node, []).append(one)
    rows: list[Row] = []
    for node, counters in by_node.items():
        gpus = _gpus(counters)
        rest = _rest(counters, with_gpus=bool(gpus))
        measured = node not in estimated
        rows += [_row(node, own, measured=measured) for own in (*gpus, *rest)]
    return rows


def gathered(rows: list[Row], most: int = MOST_DEVICES) -> list[Row]:
    """Return ``rows`` as they are, or those of a node and a name together if there are more."""
    if len(rows) <= most:
        return rows
    together: dict[tuple[object, ...], Row] = {}
    for row in rows:
        one = row.device
        key = (one.host, one.kind, one.name, one.method, one.measured)
        known = together.get(key)
        if known is None:
            together[key] = row
        else:
            count = known.device.count + one.count
            known.device = replace(known.device, uuid=None, count=count)
            known.keys += row.keys
    return list(together.values())


def _gpus(counters: list[Found]) -> list[list[Found]]:
    """Return the GPUs of a node, each with the counters to add up."""
    gpus: dict[str, dict[str, list[Found]]] = {}
    for one in counters:
        if one.part == "gpu":
            which = uuid_of(one.labels) or one.labels.get("gpu", "")
            gpus.setdefault(which, {}).setdefault(one.metric.name, []).append(one)
    ranked = [metric.name for metric in METRICS.values() if metric.part == "gpu"]
    kepler = ranked[-1]
    seen = [which for which, by_name in gpus.items() if by_name.keys() - {kepler}]
    chosen = []
    for which, by_name in gpus.items():
        unnamed = which == "" or which.isdigit()
        if seen and unnamed and by_name.keys() == {kepler}:
            continue  # older versions do not say which GPU it is: DCGM has it
        chosen.append(by_name[min(by_name, key=ranked.index)])
    return chosen


def _rest(counters: list[Found], *, with_gpus: bool) -> list[list[Found]]:
    """Return the devices of a node besides its GPUs, each with the counters to add up."""
    parts: dict[tuple[str, Part], list[Found]] = {}
    for one in counters:
        if one.part != "gpu":
            parts.setdefault((one.metric.method, one.part), []).append(one)
    wide: tuple[Part, ...] = ("platform",) if with_gpus else ("server", "platform")
    for part in wide:
        for method in ("kepler", "scaphandre"):
            if own := parts.get((method, part)):
                return [own]
    for method in ("kepler", "scaphandre"):
        if own := parts.get((method, "cpu")):
            memory = parts.get((method, "dram"))
            return [_once(own), *([_once(memory)] if memory else [])]
    own = parts.get(("scaphandre", "host"))
    return [own] if own else []


def _once(counters: list[Found]) -> list[Found]:
    """Return counters of one part without those that are another's under a second name."""
    newest = METRICS["kepler_node_cpu_joules_total"]
    if any(one.metric == newest for one in counters):
        counters = [one for one in counters if one.metric == newest]
    direct = [one for one in counters if "mmio" not in one.labels.get("path", "")]
    return direct or counters


def _row(node: str, counters: list[Found], *, measured: bool) -> Row:
    first = counters[0]
    gpu = first.part == "gpu"
    packages = {one.labels[name] for one in counters for name in _PACKAGES if name in one.labels}
    device = Device(
        kind="gpu" if gpu else "dram" if first.part == "dram" else "cpu",
        name=_gpu_name(first.labels) if gpu else NAMES[first.part],
        uuid=uuid_of(first.labels) if gpu else None,
        method=first.metric.method,
        measured=measured or first.metric.method != "kepler",
        host=node,
        count=max(len(packages), 1) if first.part == "cpu" else 1,
    )
    return Row(device, [one.key for one in counters])


def _gpu_name(labels: Mapping[str, str]) -> str:
    name = " ".join(labels.get("modelName", "").split())
    return name[:_MOST_NAME] or f"GPU {labels.get('gpu', '')}".strip()
