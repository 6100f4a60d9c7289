"""What a GPU or a processor is: from the name it reports to its power, peaks and memory."""

from ocarbon_magic.hardware.accelerators import Accelerator, accelerators, find_accelerator
from ocarbon_magic.hardware.processors import (
    LocalProcessor,
    Processor,
    find_processor,
    local_processor,
)

__all__ = [
    "Accelerator",
    "LocalProcessor",
    "Processor",
    "accelerators",
    "find_accelerator",
    "find_processor",
    "local_processor",
]
