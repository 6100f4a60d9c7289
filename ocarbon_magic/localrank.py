"""A block in a process of a launch whose machine another process of that launch measures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ocarbon_magic.environment import utc_now
from ocarbon_magic.recorder import Recorder
from ocarbon_magic.shells import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocarbon_magic.config import Settings
    from ocarbon_magic.run import Run


def unmeasured(settings: Settings, who: str) -> Iterator[Run]:
    """Yield a run in which nothing is measured, and which is neither shown nor kept.

    Of several processes that train together on one machine, each would measure the same devices.

    Parameters
    ----------
    settings : Settings
    who : str
        How this process is called.

    Raises
    ------
    ValueError
        If the zone of the settings does not exist, as where it is measured.
    """
    run = Recorder(settings, settings.name or "run").run
    run.warnings.append(
        f"Nothing is measured in {who}: local rank 0 measures this machine for the whole launch."
    )
    began_s = time.monotonic()
    try:
        yield run
    except BaseException as error:
        run.status = status_of(error)
        raise
    else:
        run.status = "finished"
    finally:
        run.duration_s = time.monotonic() - began_s
        run.ended_at = utc_now()
