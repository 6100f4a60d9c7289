"""A real kernel with a real ipyparallel cluster, on a machine whose GPUs a scenario describes."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from nvml_standin import environment, gpu

_HOME = Path(__file__).parents[1] / "kernel" / "conftest.py"
_spec = importlib.util.spec_from_file_location("kernels_for_clusters", _HOME)
_kernels = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _kernels
_spec.loader.exec_module(_kernels)

WATTS = (100.0, 200.0, 300.0)
"""What the GPUs of the machine draw, all the time."""

START = """
import os, time
os.environ["IPYTHONDIR"] = {home!r}
import ipyparallel as ipp
made = ipp.Cluster(n={engines}, log_level=40)
client = made.start_and_connect_sync(activate=True)
"""

HIDE = """
# The kernel sees no GPU, the engines see them all.
os.environ["CUDA_VISIBLE_DEVICES"] = ""
"""

LOOP = """
import time
for epoch in range({steps}):
    until = time.monotonic() + {step_s}
    while time.monotonic() < until:
        pass
"""


class ClusterKernel(_kernels.Kernel):
    """A kernel with the extension loaded and a cluster connected."""

    def __init__(self, engines, folder, library, watts=WATTS):
        scenario = folder / "scenario"
        scenario.write_text(
            "".join(gpu(i, lines=f"  power const {w}\n") for i, w in enumerate(watts))
        )
        own = {"IPYTHONDIR": str(folder / "ipython"), "TMPDIR": str(folder)}
        super().__init__({**environment(library, scenario), **own})
        self.run("%load_ext ocarbon_magic")
        seen = self.run(START.format(engines=engines, home=str(folder / "ipython")) + HIDE)
        assert seen.status == "ok", seen

    def measured(self, cell, options="--cluster --zone FRA"):
        """Run a measured cell; return what was seen and its record."""
        seen = self.run(f"%%carbon {options}\n{cell}")
        return seen, seen.record

    def close(self):
        self.run("made.stop_cluster_sync()")
        super().close()


def gpus(record):
    return {d["uuid"][:12]: d for d in record["devices"] if d["kind"] == "gpu"}


def cpu_j(record):
    return sum(d["energy_j"] for d in record["devices"] if d["kind"] == "cpu")


def schema():
    import ocarbon_magic  # noqa: PLC0415 - as the tests that validate do

    path = Path(ocarbon_magic.__file__).parent / "schema" / "run-1.json"
    return json.loads(path.read_text())
