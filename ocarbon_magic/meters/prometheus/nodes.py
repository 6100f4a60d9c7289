"""Which nodes are behind an endpoint, and which of them a series is of."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ocarbon_magic.lines import few
from ocarbon_magic.meters.prometheus.endpoint import ALL_NODES
from ocarbon_magic.meters.prometheus.metrics import METRICS, names_in, uuid_of, without_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ocarbon_magic.meters.prometheus.endpoint import Endpoint
    from ocarbon_magic.meters.prometheus.plan import Found, Row

_MOST_LISTED = 12
_PORT = "(:[0-9]+)?"


class Nodes:
    """The nodes that ``endpoint`` asks for."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._wanted = frozenset(endpoint.nodes) - {ALL_NODES}

    def of(self, labels: Mapping[str, str]) -> str | None:
        """Return the node of a series as the user names it; None for one not asked for."""
        return self._of(labels)[0]

    def _of(self, labels: Mapping[str, str]) -> tuple[str | None, str]:
        named = names_in(labels, self._endpoint.label)
        if not self._wanted:
            return next(named, (None, ""))
        return next((pair for pair in named if pair[0] in self._wanted), (None, ""))

    def check(self, found: Iterable[Found], all_names: Iterable[str]) -> None:
        """Refuse nodes that are not there, and several where none was named.

        Raises
        ------
        ValueError
            If so; one sentence that lists the nodes there are.
        """
        there = {one.node for one in found}
        name = self._endpoint.name
        if not self._wanted:
            if not there:
                why = "keeps no energy or power of DCGM, Kepler or Scaphandre"
                if self._endpoint.label is not None:
                    why += f" with a label {self._endpoint.label}"
                raise ValueError(f"--devices prometheus: {name} {why} just now.")
            if len(there) > 1 and ALL_NODES not in self._endpoint.nodes:
                raise ValueError(
                    f"--devices prometheus: {name} knows {len(there)} nodes; name those of this "
                    f"run with node=, or node=* for all: {_listed(there)}."
                )
        elif missing := self._wanted - there:
            known = _listed(set(all_names) - there) or "none besides"
            raise ValueError(
                f"--devices prometheus: {name} has no energy of the node {_listed(missing)} just "
                f"now; it knows {known}."
            )

    def taken(self, found: Iterable[Found]) -> list[Found]:
        """Return ``found`` with no other GPUs than those asked for.

        Raises
        ------
        ValueError
            If one is not there; one sentence that lists the GPUs there are.
        """
        gpus, uuids = self._endpoint.gpus, self._endpoint.uuids
        if not gpus and not uuids:
            return list(found)
        taken, missing = [], {*gpus, *uuids}
        there: set[str] = set()
        for one in found:
            if one.part == "gpu":
                index, uuid = one.labels.get("gpu", ""), uuid_of(one.labels) or ""
                there |= {index} if gpus else {uuid}
                asked = {index} & {*gpus} | {u for u in uuids if uuid.lower().startswith(u.lower())}
                missing -= asked
                if not asked:
                    continue
            taken.append(one)
        if missing:
            raise ValueError(
                f"--devices prometheus: there is no GPU {_listed(missing)} on these nodes; there "
                f"is {_listed(there - {''}) or 'none'}."
            )
        return taken

    def selectors(self, rows: Iterable[Row], found: Iterable[Found]) -> list[str]:
        """Return what to ask for, so that each metric is asked for once for all nodes."""
        used = {key for row in rows for key in row.keys}
        values: dict[tuple[str, str], set[str]] = {}
        for one in found:
            if one.key in used:
                label = self._of(one.labels)[1]
                value = one.labels[label]
                host = re.escape(without_port(value))
                pattern = host + _PORT if without_port(value) != value else re.escape(value)
                values.setdefault((one.metric.name, label), set()).add(pattern)
        return [self._selector(name, label, seen) for (name, label), seen in values.items()]

    def _selector(self, name: str, label: str, patterns: set[str]) -> str:
        metric = METRICS[name]
        matchers = ['domain_name="dram"'] if metric.part == "dram" and "scaph" in name else []
        if self._wanted:
            matchers.append(f"{label}=~{json.dumps('|'.join(sorted(patterns)))}")
        return name + (f"{{{','.join(matchers)}}}" if matchers else "")


def _listed(names: Iterable[str]) -> str:
    return few([" ".join(name.split())[:60] for name in sorted(names)], _MOST_LISTED)
