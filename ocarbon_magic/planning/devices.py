"""The device of a plan, by the names that people give it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from ocarbon_magic.hardware import Accelerator, accelerators, find_accelerator
from ocarbon_magic.tables import parts, rows

if TYPE_CHECKING:
    from collections.abc import Callable

_Key = TypeVar("_Key")

_MARKS = re.compile(r"\((?:r|tm)\)")
_MAKERS = re.compile(
    r"\b(?:nvidia|tesla|geforce|google|amd|radeon instinct|instinct|huawei|intel|aws|apple)\b"
)
_MAKERS_CASED = re.compile(_MAKERS.pattern, re.IGNORECASE)
_OTHER = re.compile(r"[^a-z0-9]")
_MEMORY = re.compile(r"\b(\d+)[ -]?g(?:i?b)?\b")

# The part that a name without its form factor means, as clouds and papers use it.
_SPOKEN = {
    "A100 40GB": "NVIDIA A100 SXM4 40GB",
    "A100 80GB": "NVIDIA A100 SXM4 80GB",
    "A100 SXM": "NVIDIA A100 SXM4 80GB",
    "A100 PCIe": "NVIDIA A100 PCIe 80GB",
    "A800": "NVIDIA A800 SXM4 80GB",
    "A800 80GB": "NVIDIA A800 SXM4 80GB",
    "H100 SXM": "NVIDIA H100 SXM5 80GB",
    "H100 80GB": "NVIDIA H100 SXM5 80GB",
    "H100 SXM 80GB": "NVIDIA H100 SXM5 80GB",
    "H200 SXM": "NVIDIA H200 SXM 141GB",
    "B200 SXM": "NVIDIA B200",
    "B200 180GB": "NVIDIA B200",
    "B200 SXM 180GB": "NVIDIA B200",
    "V100 16GB": "NVIDIA V100 SXM2 16GB",
    "V100 32GB": "NVIDIA V100 SXM2 32GB",
    "V100 PCIe": "NVIDIA V100 PCIe 16GB",
    "V100 SXM2": "NVIDIA V100 SXM2 16GB",
    "V100S": "NVIDIA V100S PCIe 32GB",
    "P100 PCIe": "NVIDIA Tesla P100 PCIe 16GB",
    "P100 SXM2": "NVIDIA Tesla P100 SXM2 16GB",
    "P100 12GB": "NVIDIA Tesla P100 PCIe 12GB",
    "P100 16GB": "NVIDIA Tesla P100 PCIe 16GB",
    "A4000": "NVIDIA RTX A4000",
    "A5000": "NVIDIA RTX A5000",
    "A6000": "NVIDIA RTX A6000",
    "RTX 6000 Ada": "NVIDIA RTX 6000 Ada Generation",
    "GH200": "NVIDIA GH200 96GB",
    "Ascend 910B": "Huawei Ascend 910B",
}

_PROCESSORS = ("cpu", "processor")

_EXAMPLES = "name an accelerator, such as A100, RTX 4090 or TPU v4."


def plain_name(name: str) -> str:
    """Return a name without maker, case, spaces and punctuation: ``TPU-V3`` is ``tpuv3``."""
    return _OTHER.sub("", _MAKERS.sub("", _MARKS.sub("", name.lower())))


def find_device(name: str) -> Accelerator | None:
    """Return the accelerator that a person calls so, or None.

    The whole name must match, as `find_accelerator` has it; beyond that the maker's name,
    spaces and hyphens do not matter, nor the order of the words (``A100-80GB SXM4``), and
    what clouds call a part is known.
    """
    return (
        find_accelerator(name)
        or _by_plain_name().get(plain_name(name))
        or _by_words().get(_words(name))
    )


def unknown_device(name: str) -> ValueError:
    """Return the error for a name that no device has, with the nearest that some have."""
    import difflib  # noqa: PLC0415 - only for someone who mistyped

    if plain_name(name) in _PROCESSORS:
        return ValueError(
            f"device {name!r} is no accelerator: give tflops_per_device and power_w, or measure "
            "some steps of the training on it."
        )
    known = _display_names()
    near = difflib.get_close_matches(plain_name(name), known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(known[key] for key in near)}?" if near else _EXAMPLES
    return ValueError(f"unknown device {name!r}: {hint}")


def single_words() -> list[str]:
    """Return every device's model in one word, as the tab key offers it: ``RTX-4090``."""
    names = (*_SPOKEN, *(part.name for part in accelerators()))
    words = ("-".join(_MAKERS_CASED.sub("", name).split()) for name in names)
    return sorted({word for word in words if find_device(word)})


def _words(name: str) -> tuple[str, ...]:
    """Return the words of a name in the order of the alphabet, ``40G`` being ``40gb``."""
    plain = _MEMORY.sub(r"\1gb", _MAKERS.sub(" ", _MARKS.sub("", name.lower())))
    return tuple(sorted(_OTHER.sub(" ", plain).split()))


@cache
def _by_words() -> dict[tuple[str, ...], Accelerator]:
    return _index(_words)


@cache
def _by_plain_name() -> dict[str, Accelerator]:
    return _index(plain_name)


def _index(key: Callable[[str], _Key]) -> dict[_Key, Accelerator]:
    """Return the accelerators by the keys of their names, aliases and spoken names."""
    index = {key(part.name): part for part in accelerators()}
    for row, part in zip(rows("accelerators"), accelerators(), strict=True):
        for alias in parts(row["aliases"]):
            index.setdefault(key(alias), part)
    for spoken, name in _SPOKEN.items():
        index.setdefault(key(spoken), index[key(name)])
    return index


@cache
def _display_names() -> dict[str, str]:
    """Return the shortest way to write each device, by plain name."""
    shown = {plain_name(part.name): part.name for part in accelerators()}
    for row in rows("accelerators"):
        shown |= {plain_name(alias): alias for alias in parts(row["aliases"])}
    return shown | {plain_name(spoken): spoken for spoken in _SPOKEN}
