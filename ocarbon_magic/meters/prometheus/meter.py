"""The meter of nodes where no code of ours runs."""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING

from ocarbon_magic.lines import few
from ocarbon_magic.meters.base import Device, Notes, Reading
from ocarbon_magic.meters.prometheus.client import Client, QueryError
from ocarbon_magic.meters.prometheus.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ocarbon_magic.meters.prometheus.endpoint import Endpoint

LAST_WAIT_S = 0.04
"""How long the end waits for the last answer."""

SHARE = 0.01
SHORTEST_S = 0.2
"""All devices are reckoned up so rarely that it takes at most this share of a core."""

_MOST_NAMED = 3


class PrometheusMeter:
    """Measures the devices of other machines by what an endpoint keeps of them.

    The stated uncertainty is the root of the sum of the squares of the sensor's gain error and
    of what the scrapes leave open: at each end of the run, what the device may have drawn from
    the last scrape before it to the next, at most what it can draw.

    Parameters
    ----------
    endpoint : Endpoint
    clock : callable
        Seconds of a monotonic clock.
    environ : mapping
        The environment, for the token.
    patience_s : float
        How long to wait for the devices. What is not known by then is asked for again while the
        run goes on, and nothing is lost by it.
    without : sequence of Device
        Devices that this machine measures itself.

    Raises
    ------
    ValueError
        If the endpoint refuses, or has not what is asked for, and that is known in time; one
        sentence.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
        patience_s: float,
        without: Sequence[Device] = (),
    ) -> None:
        self.notes = Notes()
        self._endpoint = endpoint
        self._clock = clock
        self._client = Client(endpoint, environ, clock)
        self._poller = Poller(endpoint, self._client, clock, without)
        self._readings: list[Reading] = []
        self._reckoned_s = -math.inf
        self._took_s = 0.0
        self._poller.settled.wait(patience_s)
        problem = self._poller.state.problem
        if problem is not None and not getattr(problem, "passing", False):
            self._poller.close()
            if isinstance(problem, QueryError):
                raise ValueError(f"--devices prometheus: {problem}")
            raise problem

    def describe(self) -> list[Device]:
        """Return the devices; none until they are known."""
        with self._poller.state.lock:
            return [measured.device for measured in self._poller.state.devices]

    @property
    def _unknown(self) -> Device:
        """What stands for the devices in the record as long as they are not known."""
        nodes = ", ".join(self._endpoint.nodes[:_MOST_NAMED]) or "the node"
        name = f"{nodes} at {self._endpoint.name}"
        return Device("gpu", name, None, "dcgm-energy-counter", measured=True)

    def start(self) -> None:
        """Count from here; the endpoint is asked in another thread."""
        self._poller.begin(self._clock())

    def due_s(self) -> float | None:
        """Leave the pace to the recorder: reading asks nobody."""
        return None

    def read(self) -> list[Reading]:
        """Return the energy so far, as little as a later scrape may make of it."""
        now_s = self._clock()
        if now_s - self._reckoned_s >= max(SHORTEST_S, self._took_s / SHARE):
            begun_s = time.perf_counter()
            self._readings = self._reckon(now_s, last=False)
            self._took_s = time.perf_counter() - begun_s
            self._reckoned_s = now_s
        return self._readings

    def stop(self, end_s: float) -> list[Reading]:
        """Return the energy up to ``end_s``, with what the endpoint answers at once."""
        self._poller.close()
        self._poller.finished.wait(LAST_WAIT_S)
        readings = self._reckon(end_s, last=True)
        self._tell(end_s)
        return readings

    def _reckon(self, now_s: float, *, last: bool) -> list[Reading]:
        state = self._poller.state
        with state.lock:
            if state.ahead_s is None or state.start_s is None or not state.devices:
                return [Reading(self._unknown, energy_j=None, busy_s=0.0)]
            server_s = max(now_s + state.ahead_s, state.start_s)
            asked_s = state.asked_s(server_s)
            return [each.reading(server_s, asked_s, last=last) for each in state.devices]

    def _tell(self, end_s: float) -> None:
        """Say what is wrong with the figures, as of the end of the run."""
        state, name = self._poller.state, self._endpoint.name
        if state.problem is not None:
            said = str(state.problem).removeprefix("--devices prometheus: ")
            self.notes.add(f"Prometheus: {said}")
        if self._client.incomplete:
            self.notes.add(f"{name} warned that its answers may be incomplete.")
        if state.left_out:
            self.notes.add(f"What this machine measures itself was not taken from {name}.")
        if state.ahead_s is None or state.start_s is None:
            return
        server_s = end_s + state.ahead_s
        with state.lock:
            self._tell_of_scrapes(server_s)

    def _tell_of_scrapes(self, server_s: float) -> None:
        cases: dict[str, list[str]] = {}
        asked_s = self._poller.state.asked_s(server_s)
        for measured in self._poller.state.devices:
            for case in measured.cases(asked_s):
                cases.setdefault(case, []).append(_label(measured.device))
        for case, labels in cases.items():
            self.notes.add(f"{few(list(dict.fromkeys(labels)), _MOST_NAMED)}: {case}")


def _label(device: Device) -> str:
    return device.name if device.host is None else f"{device.name} on {device.host}"
