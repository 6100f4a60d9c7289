"""Whether anybody is to be told of a run while it goes on; imports nothing where nobody is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocarbon_magic.config import Settings
    from ocarbon_magic.telemetry.reporting import Telemetry


def telemetry_of(settings: Settings) -> Telemetry | None:
    """Return what tells of one run as its settings say; None where nobody is told.

    Once a page is open, all later runs of the process are on it.
    """
    asked = settings.metrics_port or settings.metrics_file or settings.otel
    server = sys.modules.get("ocarbon_magic.telemetry.server")
    if not asked and (server is None or not server.is_open()):
        return None
    from ocarbon_magic.telemetry.reporting import Telemetry  # noqa: PLC0415 - where asked for

    return Telemetry(settings)
