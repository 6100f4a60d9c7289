"""What is known of an endpoint, which one thread finds out and another one reads."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.meters.prometheus.client import QueryError
    from ocarbon_magic.meters.prometheus.measured import Measured
    from ocarbon_magic.meters.prometheus.plan import Key
    from ocarbon_magic.meters.prometheus.scraped import Scraped

SHORTEST_POLL_S = 5.0

PATIENT_S = 30.0
"""How much later than planned an answer may come before samples are taken to be missing."""


@dataclass(slots=True)
class State:
    """What is known; read and written under ``lock``."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    devices: list[Measured] = field(default_factory=list)
    counters: dict[Key, Scraped] = field(default_factory=dict)
    ahead_s: float | None = None
    start_s: float | None = None
    problem: QueryError | ValueError | None = None
    polls: int = 0
    polled_s: float = -math.inf
    pace_s: float = SHORTEST_POLL_S
    left_out: int = 0

    def asked_s(self, server_s: float) -> float:
        """Return up to when it is known at server time ``server_s`` which samples there are.

        Who does not answer for long has none.
        """
        fresh = server_s - self.polled_s <= self.pace_s + PATIENT_S
        return min(self.polled_s, server_s) if fresh else server_s
