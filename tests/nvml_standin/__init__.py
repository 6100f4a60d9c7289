"""A stand-in for NVIDIA's management library, for machines without a GPU.

`build_standin` compiles ``libnvidia-ml.so.1``. A subprocess loads it through
``LD_LIBRARY_PATH`` and reads its scenario from the file that ``NVML_STANDIN_SCENARIO`` names
(see `environment`); in this process `Standin` loads it before ``pynvml`` does. What a scenario
may say stands in ``scenario.c``.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

LIBRARY = "libnvidia-ml.so.1"
SCENARIO = "NVML_STANDIN_SCENARIO"
HERE = Path(__file__).parent
WALL_OFFSET_S = 1.7e9  # of a fake clock, as in api.c

HOPPER = """\
  usage window 0.1 1.0 {sensor}
  average window 0.1 1.0 {sensor}
  instant window 0.1 0.025 {sensor}
  counter 0.1 phase {counter}
  limit 700
"""
"""A counter in 100 ms steps, a mean of the last second, 25 of every 100 ms at once."""

PASCAL = """\
  usage window 0.02 0.01 {sensor}
  samples 118 window 0.02 0.01 {sensor}
  limit 300
"""
"""No counter; the sensor sees 10 of every 20 ms, and the last 2.36 s are kept."""


def have_compiler():
    return shutil.which("cc") is not None


def build_standin(directory):
    """Compile the stand-in into ``directory``; return the library's path."""
    library = Path(directory) / LIBRARY
    command = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared"]
    command += ["-fvisibility=hidden", f"-Wl,-soname,{LIBRARY}", "-o", str(library)]
    sources = sorted(str(path) for path in HERE.glob("*.c"))
    subprocess.run([*command, *sources, "-lm"], check=True)
    return library


def environment(library, scenario, base=os.environ):
    """Return the environment in which a subprocess meets ``scenario``, a file's path."""
    path = os.pathsep.join(filter(None, [str(library.parent), base.get("LD_LIBRARY_PATH")]))
    return {**base, "LD_LIBRARY_PATH": path, SCENARIO: str(scenario)}


def gpu(number=0, name="NVIDIA H100 80GB HBM3", lines="", kind=HOPPER, **phases):
    """Return the lines of one GPU; the phases default to some that share nothing."""
    uuid = f"GPU-{number:08x}-1111-2222-3333-444455556666"
    sensor = kind.format(**{"sensor": 0.0137, "counter": 0.0411, **phases})
    return f"device {uuid} {name}\n{sensor}{lines}\n"


class Standin:
    """The library loaded into this process, where ``pynvml`` then finds it.

    With a scenario that has a fake clock, `now`, `sleep` and `wall` are clocks for the meter.
    """

    def __init__(self, library):
        self._library = ctypes.CDLL(str(library))
        self._library.standin_now.restype = ctypes.c_double
        self._library.standin_energy_j.restype = ctypes.c_double
        self._library.standin_calls.restype = ctypes.c_long

    def configure(self, scenario):
        """Begin a scenario; the clocks, counters and numbers of calls begin anew."""
        line = self._library.standin_configure(scenario.encode())
        if line:
            raise ValueError(f"line {line} of the scenario is not understood:\n{scenario}")

    def now(self):
        return self._library.standin_now()

    def wall(self):
        return self.now() + WALL_OFFSET_S

    def sleep(self, seconds):
        self.set_clock(self.now() + seconds)

    def set_clock(self, now_s):
        self._library.standin_set_clock(ctypes.c_double(now_s))

    def energy_j(self, gpu_index, from_s, to_s):
        """Return what a GPU really drew between two clock times."""
        return self._library.standin_energy_j(
            gpu_index, ctypes.c_double(from_s), ctypes.c_double(to_s)
        )

    def calls(self, name):
        """Return how often an NVML function was called."""
        return self._library.standin_calls(name.encode())

    def counter_reads(self):
        return self.calls("nvmlDeviceGetTotalEnergyConsumption")


def forget_nvml():
    """Make the next meter start NVML anew, as in a fresh process."""
    library = sys.modules.get("ocarbon_magic.meters.nvml.library")
    if library is not None:
        library._open.clear()
