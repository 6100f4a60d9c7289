"""Says what was measured: for each part a heading, and a line for each package."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = dict[str, Any]


def lines(measured: Found) -> Iterator[str]:
    """Yield what a person reads of what `measure` returned."""
    yield ", ".join(f"{name} {version}" for name, version in measured["versions"].items())
    yield "nvitop measures no energy and tqdm counts iterations: told where they take part"
    for part, tell in TELLERS.items():
        if part in measured:
            yield ""
            yield from tell(measured[part])


def _imports(found: Found) -> Iterator[str]:
    yield f"Import, CPU time over bare Python, median of {found['rounds']}"
    yield from _rows(
        found["by_package"],
        lambda one: f"{one['import_cpu_ms']:7.0f} ms   bare {one['bare_python_cpu_ms']:.0f} ms",
    )


def _weight(found: Found) -> Iterator[str]:
    yield "Added to an environment that holds pip"
    yield from _rows(found, lambda one: f"{one['packages']:4} packages   {one['size_mb']:6.1f} MB")


def _starts(found: Found) -> Iterator[str]:
    yield f"Until the first line, and after the last, median of {found['rounds']} processes"
    yield from _rows(
        found["by_package"],
        lambda one: ", then ".join(
            _start(one[order]) for order in ("first", "second") if order in one
        ),
    )


def _start(one: Found) -> str:
    stop = f"{one['stop_ms']:.0f}" if "stop_ms" in one else "-"
    return f"start {one['start_ms']:.0f} (CPU {one['start_cpu_ms']:.0f}), stop {stop} ms"


def _energy(found: Found) -> Iterator[str]:
    yield (
        f"Energy of the GPUs, error in %: least ... greatest, and the median size, of "
        f"{found['rounds']} rounds of {found['duration_s']:.0f} s"
    )
    for curve, by_way in found["errors"].items():
        yield f"  {curve}"
        for way, errors in by_way.items():
            yield f"    {way:38} {_span(errors)}"
    yield "Lines printed around one measured stretch"
    for way, count in found["printed_lines"].items():
        yield f"  {way:40} {count:5.0f}"


def _span(errors: list[Found]) -> str:
    known = [one["error_pct"] for one in errors if "error_pct" in one]
    span = ""
    if known:
        middle = statistics.median(map(abs, known))
        span = f"{min(known):+7.2f} ... {max(known):+7.2f}   {middle:6.2f}"
    unknown = sorted({str(one["error"]) for one in errors if "error" in one})
    return "   ".join(filter(None, [span, *unknown]))


def _selection(found: Found) -> Iterator[str]:
    yield "GPUs counted for each form of CUDA_VISIBLE_DEVICES, of two"
    yield "  nvitop asks the CUDA library first, which the stand-in does not bring"
    for form, row in found.items():
        yield f"  {form}, which means {_indices(row['expected'])}"
        for package, one in row["told"].items():
            yield f"    {package:38} {_choice(one, row['expected'])}"


def _choice(one: Found, expected: list[int]) -> str:
    if one.get("indices") is None:
        share = one.get("share_of_expected")
        return one["error"] if "error" in one else f"no choice of GPUs{_share(share)}"
    right = "" if one["indices"] == expected else "   WRONG"
    return _indices(one["indices"]) + right


def _share(share: float | None) -> str:
    return "" if share is None else f", {share:.2f} of the energy"


def _indices(indices: list[int]) -> str:
    return " and ".join(map(str, indices)) or "none"


def _without_gpu(found: Found) -> Iterator[str]:
    yield "Where there is no GPU"
    for way, one in found.items():
        energy_j = one["gpu_energy_j"]
        said = "not known" if energy_j is None else f"{energy_j:g} J"
        end = f"goes on, energy of the GPU {said}" if one["goes_on"] else "does not go on"
        yield f"  {way:40} {end}{_because(one)}"


def _because(one: Found) -> str:
    return f"; {one['error']}" if one.get("error") else ""


def _network(found: Found) -> Iterator[str]:
    for kind in ("refused", "dropped"):
        yield f"By default, with no country named, where the network is {kind}"
        if "not_measured" in found[kind]:
            yield f"  not measured: {found[kind]['not_measured']}"
            continue
        for package, one in found[kind].items():
            yield f"  {package:40} {_reached(one)}{_because(one)}"


def _reached(one: Found) -> str:
    parts = [
        f"{name} {one[key]:.0f} {unit}"
        for name, key, unit in (
            ("start", "start_ms", "ms"),
            ("stop", "stop_ms", "ms"),
            ("tries", "contacts", "to reach another machine"),
            ("intensity", "intensity_g_per_kwh", "g/kWh"),
        )
        if one.get(key) is not None
    ]
    return ", ".join(parts)


def _losses(found: Found) -> Iterator[str]:
    yield f"Lost of a run that is killed after {found['killed_after_s']} s, in its files"
    yield from _rows(found["by_package"], lambda one: f"{one['lost_s']:6.1f} s")


def _sampling(found: Found) -> Iterator[str]:
    window = f"{found['window_s']:.0f} s"
    yield f"% of a core while {found['gpus']} GPUs are measured: settled, and the first {window}"
    yield from _rows(
        found["by_package"],
        lambda one: f"{one['core_pct']:7.3f}   {one['first_core_pct']:7.3f}",
    )


def _loops(found: Found) -> Iterator[str]:
    yield f"An iteration, over the bare loop, median of {found['rounds']}"
    for one in found["loops"]:
        if "error" in one:
            yield f"  {one['loop']:40} {one['error']}"
        else:
            yield f"  {one['loop']:40} {one['added_ns']:6.1f} ns   bare {one['bare_ns']:.1f} ns"


def _projection(found: Found) -> Iterator[str]:
    yield (
        f"Projected after 1 of {found['epochs']} epochs of {found['other_s']:g} s, the first of "
        f"which takes {found['first_s']:g} s; error in %"
    )
    yield from _rows(found["by_package"], _projected)


def _projected(one: Found) -> str:
    interval = f"   interval {one['low_s']:.0f} to {one['high_s']:.0f} s" if "low_s" in one else ""
    later = "".join(
        f", at {100 * after['at_fraction']:.0f} % {after['duration_error_pct']:+.1f}"
        for after in one["later"]
    )
    return (
        f"time {one['duration_error_pct']:+.1f}{later}, energy {one['energy_error_pct']:+.1f}"
        f"   {one['projected_s']:.0f} s of {one['actual_s']:.0f} s{interval}"
    )


def _features(found: Found) -> Iterator[str]:
    yield "Named nowhere in the source of"
    for what, counts in found.items():
        yield f"  {what:40} {', '.join(name for name, n in counts.items() if not n) or '-'}"


def _rows(by_name: dict[str, Found], said: Callable[[Found], str]) -> Iterator[str]:
    for name, one in by_name.items():
        try:
            text = said(one)
        except KeyError:
            text = ""
        yield f"  {name:40} {text}{_because(one)}"


TELLERS: dict[str, Callable[[Found], Iterator[str]]] = {
    "imports": _imports,
    "weight": _weight,
    "starts": _starts,
    "energy": _energy,
    "selection": _selection,
    "without_gpu": _without_gpu,
    "network": _network,
    "losses": _losses,
    "sampling": _sampling,
    "loops": _loops,
    "projection": _projection,
    "features": _features,
}
