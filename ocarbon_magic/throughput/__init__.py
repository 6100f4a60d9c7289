"""The science of pace: the dynamic throughput model, its fit, and the forecast of a run."""

from ocarbon_magic.throughput.dynamic import (
    ConstantThroughput,
    DynamicThroughput,
    ThroughputModel,
)

__all__ = ["ConstantThroughput", "DynamicThroughput", "ThroughputModel"]
