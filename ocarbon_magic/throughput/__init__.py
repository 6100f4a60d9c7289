"""The science of pace: the dynamic throughput model, its fit, and the forecast of a run."""

from ocarbon_magic.throughput.dynamic import (
    ConstantThroughput,
    DynamicThroughput,
    ThroughputModel,
)
from ocarbon_magic.throughput.fit import ThroughputFit, fit
from ocarbon_magic.throughput.forecast import forecast
from ocarbon_magic.throughput.law import PaperLaw, paper_law

__all__ = [
    "ConstantThroughput",
    "DynamicThroughput",
    "PaperLaw",
    "ThroughputFit",
    "ThroughputModel",
    "fit",
    "forecast",
    "paper_law",
]
