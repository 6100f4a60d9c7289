"""Find what can be measured here, and say what cannot and how to change that."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.meters.base import MeterUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ocarbon_magic.meters.base import Device, Meter

GPUS = "NVIDIA GPUs (NVML)"
COUNTERS = "Processor counters (RAPL)"
ESTIMATE = "Processor estimate (CPU time)"
TRACE = "Recorded trace"
PROMETHEUS = "Other machines (Prometheus)"

_SOURCES = {
    "nvml-energy-counter": GPUS,
    "nvml-power": GPUS,
    "rapl": COUNTERS,
    "cpu-estimate": ESTIMATE,
    "trace": TRACE,
    "dcgm-energy-counter": PROMETHEUS,
    "dcgm-power": PROMETHEUS,
    "kepler": PROMETHEUS,
    "scaphandre": PROMETHEUS,
}
_NVIDIA_DRIVER = Path("/dev/nvidiactl")
REMOTE = "prometheus:"
"""Begins an endpoint in a selection; all that follows belongs to it."""

_KNOWN = (
    "give `visible`, `all`, `cpu`, `none`, `trace:FILE`, GPU indices or UUIDs, or, at the end, "
    "`prometheus:http://HOST:9090?node=NAME`"
)
_SLOW = "It did not answer in time; a run asks it again until it does."
PATIENCE_S = 0.8
"""How long is waited for another machine to say what it has; what is wrong by then is refused."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source of joules that cannot be used here.

    Attributes
    ----------
    what, why : str
        The source, and one sentence.
    remedy : str or None
        What to do about it, where something can be done.
    warn : bool
        True if the user would expect it to work, False if its absence is normal.
    """

    what: str
    why: str
    remedy: str | None
    warn: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One row of a survey: a source with the devices it measures, or why it does not."""

    what: str
    devices: tuple[Device, ...] = ()
    why: str | None = None
    remedy: str | None = None


@dataclass(slots=True)
class Discovery:
    """The meters to start, in this order, and what was left out.

    The GPUs come last, so that the window of their counters is closest to the cell.
    """

    meters: list[Meter] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def survey(self) -> list[Source]:
        """Return every source that was tried, those that work first."""
        sources, silent = [], []
        for meter in self.meters:
            devices = tuple(meter.describe())
            if devices:
                sources.append(Source(_SOURCES[devices[0].method], devices))
            else:
                silent.append(Source(PROMETHEUS, why=_SLOW))
        left_out = [Source(left.what, why=left.why, remedy=left.remedy) for left in self.left_out]
        return [*sources, *silent, *left_out]


class _Selection(NamedTuple):
    """Which GPUs, as `NvmlMeter` takes them ("" for none), and whether each was named."""

    gpus: str
    named: bool


def discover(
    selection: str = "visible",
    *,
    clock: Callable[[], float] = time.monotonic,
    environ: Mapping[str, str] = os.environ,
    powercap: Path = Path("/sys/class/powercap"),
    patience_s: float = PATIENCE_S,
) -> Discovery:
    """Return the meters of a selection of devices.

    Parameters
    ----------
    selection : str
        ``visible`` (GPUs that CUDA may use), ``all``, or GPU indices and UUIDs with commas
        between; ``cpu`` for no GPU; ``none``; or ``trace:FILE`` to replay a recording. The
        processor is always measured, but for the last two. ``prometheus:URL?node=NAMES`` takes
        other machines instead, by what an endpoint keeps of them; what stands before it with a
        comma (``cpu,prometheus:...``) is measured here besides.
    clock : callable
        Seconds of a monotonic clock, for all meters.
    environ : mapping
        The environment, for ``CUDA_VISIBLE_DEVICES``.
    powercap : Path
        Where Linux shows RAPL.
    patience_s : float
        How long to wait for another machine to say what it has.

    Raises
    ------
    ValueError
        If the selection is wrong; one sentence.
    """
    found = Discovery()
    selection = selection.strip()
    if selection.startswith("trace:"):
        from ocarbon_magic.meters.trace import TraceMeter  # noqa: PLC0415 - rarely used

        path = Path(selection.removeprefix("trace:")).expanduser()
        found.meters.append(TraceMeter(path, clock=clock))
        return found
    if selection == "none":
        return found
    here, remote, endpoint = selection.partition(REMOTE)
    here = here.strip()
    if here or not remote:
        chosen = _parse(here.removesuffix(",") if remote and here != "," else here)
        _add_processor(found, clock, powercap)
        if chosen.gpus:
            _add_gpus(found, chosen, clock, environ)
    if remote:
        _add_remote(found, endpoint, clock, environ, patience_s)
    return found


def _add_remote(
    found: Discovery,
    endpoint: str,
    clock: Callable[[], float],
    environ: Mapping[str, str],
    patience_s: float,
) -> None:
    from ocarbon_magic.meters.prometheus.endpoint import endpoint_of  # noqa: PLC0415 - if asked for
    from ocarbon_magic.meters.prometheus.meter import PrometheusMeter  # noqa: PLC0415

    here = [device for meter in found.meters for device in meter.describe()]
    meter = PrometheusMeter(
        endpoint_of(endpoint), clock=clock, environ=environ, patience_s=patience_s, without=here
    )
    # First, so that it is stopped last: its window does not hang on when it is asked.
    found.meters.insert(0, meter)


def _parse(selection: str) -> _Selection:
    words = [word.strip() for word in selection.split(",")]
    gpus = [word for word in words if word != "cpu"]
    for word in gpus:
        if word in {"none", "visible", "all"}:
            if len(gpus) > 1 or word == "none":
                raise ValueError(f"`{word}` cannot be combined in --devices {selection}.")
        elif not (word.isdigit() or word.upper().startswith(("GPU-", "MIG-"))):
            raise ValueError(f"--devices {selection}: `{word}` is not a device; {_KNOWN}.")
    named = bool(gpus) and gpus[0] not in {"visible", "all"}
    return _Selection(",".join(gpus), named)


def _add_processor(found: Discovery, clock: Callable[[], float], powercap: Path) -> None:
    from ocarbon_magic.meters.rapl import READ_REMEDY, RaplMeter  # noqa: PLC0415 - to measure

    try:
        rapl = RaplMeter(powercap, clock=clock)
    except MeterUnavailableError as error:
        warn = error.remedy == READ_REMEDY  # no counters at all is normal in a cloud
        found.left_out.append(LeftOut(COUNTERS, str(error), error.remedy, warn=warn))
    else:
        found.meters.append(rapl)
        if any(device.kind == "cpu" for device in rapl.describe()):
            return
    from ocarbon_magic.meters.cpu import CpuEstimateMeter  # noqa: PLC0415 - without RAPL alone

    found.meters.append(CpuEstimateMeter(clock=clock))


def _add_gpus(
    found: Discovery,
    chosen: _Selection,
    clock: Callable[[], float],
    environ: Mapping[str, str],
) -> None:
    from ocarbon_magic.meters.nvml import NvmlMeter  # noqa: PLC0415 - loads the driver's library

    try:
        meter = NvmlMeter(chosen.gpus, clock=clock, environ=environ)
    except MeterUnavailableError as error:
        if chosen.named:
            raise ValueError(f"--devices {chosen.gpus} names a GPU, but: {error}") from None
        # A machine without a GPU is normal, or one that hides it; one that cannot be read is not.
        hidden = environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in {"", "-1"}
        warn = _NVIDIA_DRIVER.exists() and not hidden
        found.left_out.append(LeftOut(GPUS, str(error), error.remedy, warn=warn))
    else:
        found.meters.append(meter)
