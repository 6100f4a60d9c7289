"""Our figures beside those of CodeCarbon, carbontracker, Zeus, eco2AI, nvitop and tqdm.

`measure` installs each package into an environment of its own (see `venvs`) and drives it
as its documentation tells, on GPUs whose power is known (see `stand`). nvitop measures no
energy: it takes part where GPUs are selected.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import (
    costs,
    energy,
    features,
    losses,
    network,
    projecting,
    selecting,
    starting,
)
from benchmarks.peers.children import Place
from benchmarks.peers.stand import Stand
from benchmarks.peers.telling import lines
from benchmarks.peers.venvs import taken, versions

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PARTS", "lines", "measure"]

PARTS: dict[str, Callable[[Place, Stand, random.Random], Any]] = {
    "imports": lambda place, _stand, _chance: costs.imports(place),
    "weight": lambda _place, _stand, _chance: costs.weight(),
    "starts": lambda place, stand, _chance: starting.measured(place, stand),
    "energy": energy.measured,
    "selection": lambda place, stand, _chance: selecting.measured(place, stand),
    "without_gpu": lambda place, stand, _chance: selecting.without_gpu(place, stand),
    "network": lambda place, stand, _chance: network.measured(place, stand),
    "losses": lambda place, stand, _chance: losses.measured(place, stand),
    "sampling": lambda place, stand, _chance: costs.sampling(place, stand),
    "loops": lambda place, _stand, _chance: costs.looping(place),
    "projection": lambda place, stand, _chance: projecting.measured(place, stand),
    "features": lambda _place, _stand, _chance: features.measured(),
}


def measure(*parts: str) -> dict[str, Any]:
    """Measure all, or some parts, and return what was found; it takes about 10 minutes.

    Parameters
    ----------
    *parts : str
        Of `PARTS`; all by default.

    Returns
    -------
    dict
        The versions, and what each part found, with units in the keys.

    Raises
    ------
    UnavailableError
        If another measurement runs in the same environments.
    """
    chance = random.Random()
    with taken(), tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        told: dict[str, Any] = {"versions": versions()}
        place = Place(Path(folder))
        stand = Stand(place.folder(), chance)
        for part in parts or PARTS:
            told[part] = PARTS[part](place, stand, chance)
    return told
