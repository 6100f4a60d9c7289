"""Asks an endpoint what there is, and chooses what of it is measured."""

from __future__ import annotations

import platform
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.meters.prometheus.endpoint import ALL_NODES
from ocarbon_magic.meters.prometheus.measured import Measured
from ocarbon_magic.meters.prometheus.metrics import KEPLER_INFO, METRICS, grouping
from ocarbon_magic.meters.prometheus.nodes import Nodes
from ocarbon_magic.meters.prometheus.plan import found_in, gathered, rows_of
from ocarbon_magic.meters.prometheus.scraped import Scraped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ocarbon_magic.meters.base import Device
    from ocarbon_magic.meters.prometheus.client import Client
    from ocarbon_magic.meters.prometheus.endpoint import Endpoint
    from ocarbon_magic.meters.prometheus.plan import Key, Row

_ESTIMATE = "estimator"


class Findings(NamedTuple):
    """What is to be measured, and what to ask for it.

    Attributes
    ----------
    devices : list of Measured
    counters : dict
        The counters of all devices, by what names them.
    selectors : list of str
        Of the series to ask for.
    left_out : int
        How many devices were left out, since this machine measures them itself.
    """

    devices: list[Measured]
    counters: dict[Key, Scraped]
    selectors: list[str]
    left_out: int


def find(endpoint: Endpoint, client: Client, without: Sequence[Device] = ()) -> Findings:
    """Return what ``endpoint`` has of what it is asked for.

    Parameters
    ----------
    endpoint : Endpoint
    client : Client
    without : sequence of Device
        Devices that this machine measures itself.

    Raises
    ------
    QueryError
        If it gives no good answer.
    ValueError
        If it has not what is asked for; one sentence with what it has.
    """
    nodes = Nodes(endpoint)
    names = "|".join([*METRICS, KEPLER_INFO])
    series = client.query(f'count by ({grouping(endpoint.label)}) ({{__name__=~"{names}"}})')
    labels = [one.labels for one in series]
    found = found_in(labels, nodes)
    everywhere = Nodes(replace(endpoint, nodes=(ALL_NODES,)))
    nodes.check(found, (name for one in labels if (name := everywhere.of(one))))
    there = rows_of(nodes.taken(found), _estimated(labels, nodes))
    rows = [row for row in there if not _is_own(row, without)]
    by_key = {one.key: one for one in found}
    selectors = nodes.selectors(rows, found)
    counters = {
        key: Scraped(by_key[key].metric, by_key[key].labels.get("modelName"))
        for row in rows
        for key in row.keys
    }
    devices = [Measured(row.device, [counters[key] for key in row.keys]) for row in gathered(rows)]
    return Findings(devices, counters, selectors, len(there) - len(rows))


def _estimated(labels: Iterable[Mapping[str, str]], nodes: Nodes) -> set[str]:
    """Return the nodes of which Kepler's figures are the estimate of a model."""
    infos = (one for one in labels if one.get("__name__") == KEPLER_INFO)
    return {
        node
        for one in infos
        if _ESTIMATE in (one.get("components_power_source"), one.get("platform_power_source"))
        and (node := nodes.of(one)) is not None
    }


def _is_own(row: Row, own: Sequence[Device]) -> bool:
    """Return whether this machine measures a device itself."""
    here = platform.node()
    at_home = row.device.host in {here, here.partition(".")[0]}
    return any(
        device.uuid == row.device.uuid
        if device.kind == "gpu"
        else at_home and device.kind == row.device.kind
        for device in own
    )
