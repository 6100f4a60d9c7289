"""NVIDIA GPUs through NVML, by the unmodified nvidia-ml-py."""

from ocarbon_magic.meters.nvml.meter import NvmlMeter

__all__ = ["NvmlMeter"]
