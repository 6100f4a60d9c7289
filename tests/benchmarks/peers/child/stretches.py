"""Measures stretches of waiting, and tells when each began and ended."""

from __future__ import annotations

import resource
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from drivers import DRIVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

wait = threading.Event().wait


def cpu_s() -> float:
    """Return the processor time of this process and of its children that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(action: Callable[[], Any], name: str) -> dict[str, Any]:
    """Return what an action took, and its error if it had one."""
    before_s, before_cpu_s = time.perf_counter(), cpu_s()
    found: dict[str, Any] = {}
    try:
        action()
    except Exception as error:  # noqa: BLE001 - what a package raises is the finding
        found["error"] = f"{name} raises {type(error).__name__}: {first_line(error)}"
    found[f"{name}_ms"] = 1e3 * (time.perf_counter() - before_s)
    found[f"{name}_cpu_ms"] = 1e3 * (cpu_s() - before_cpu_s)
    return found


def first_line(error: Exception) -> str:
    """Return what an error says, short."""
    return (str(error).strip().splitlines() or [""])[0][:100]


def measured(
    package: str,
    durations_s: list[float],
    *,
    pause_s: float = 0.1,
    audit: bool = False,
    in_turn: bool = False,
    **options: bool,
) -> Iterator[dict[str, Any]]:
    """Measure a stretch of each duration, with a pause before all but the first.

    In turn, it says when it has loaded, and waits for a line before it begins.
    """
    contacts = watch_network() if audit else []
    driver = DRIVERS[package](**options)
    driver.load()
    if in_turn:
        yield {"said": "loaded"}
        sys.stdin.readline()
    for number, duration_s in enumerate(durations_s):
        if number:
            wait(pause_s)
        found = timed(lambda: driver.begin(1), "start")
        if "error" in found:
            yield {**found, "contacts": len(contacts)}
            return
        found["start_s"] = time.monotonic()
        if in_turn and not number:
            yield {"said": "began"}
        wait(duration_s)
        found["end_s"] = time.monotonic()
        found.update(timed(driver.end, "stop"))
        for name in ("gpu_energy_j", "intensity_g_per_kwh"):
            try:
                found[name] = getattr(driver, name)()
            except Exception as error:  # noqa: BLE001 - what a package raises is the finding
                found.setdefault("error", f"{name}: {type(error).__name__}: {first_line(error)}")
        yield {**found, "contacts": len(contacts)}


def watch_network() -> list[str]:
    """Return a list that grows by each try to look up a name or to reach another machine."""
    contacts: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            contacts.append(str(arguments[0]))
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            host = str(arguments[1][0])
            if host != "::1" and not host.startswith("127."):
                contacts.append(host)

    sys.addaudithook(hook)
    return contacts


def endless(package: str, epoch_s: float, **options: bool) -> Iterator[dict[str, Any]]:
    """Measure epochs until killed."""
    driver = DRIVERS[package](**options)
    driver.load()
    driver.begin(10**6)
    yield {"start_s": time.monotonic()}
    while True:
        wait(epoch_s)
        driver.mark(last=False)


def left(package: str, **options: bool) -> Iterator[dict[str, Any]]:
    """Tell what a killed run has left."""
    driver = DRIVERS[package](**options)
    driver.load()
    yield {"left_s": driver.left_s()}


def cost(
    package: str, window_s: float, pause_s: float, **options: bool
) -> Iterator[dict[str, Any]]:
    """Tell the share of a core that an idle process takes: at first, and after a pause."""
    driver = DRIVERS[package](**options)
    driver.load()
    driver.begin(1)
    first_pct = core_pct(window_s)
    wait(pause_s)
    yield {"first_core_pct": first_pct, "core_pct": core_pct(window_s)}
    driver.end()


def core_pct(window_s: float) -> float:
    """Return the % of a core that this process takes in a window."""
    before_s, before_cpu_s = time.perf_counter(), cpu_s()
    wait(window_s)
    return 100 * (cpu_s() - before_cpu_s) / (time.perf_counter() - before_s)
