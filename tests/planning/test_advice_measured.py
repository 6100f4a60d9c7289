"""Advice on a run that was measured, from NVML's own words to the text that is read."""

from __future__ import annotations

import subprocess
import sys

from nvml_standin import environment, gpu

CODE = """
import time
import ocarbon_magic as oc

with oc.measure("train", zone="FRA") as run:
    for _ in oc.track(range(30)):
        time.sleep(0.1)
print([device.busy_share for device in run.devices if device.kind == "gpu"])
print(oc.advise())
"""


def test_a_gpu_that_idles_beside_another_is_measured_and_advised_on(standin_library, tmp_path):
    scenario = tmp_path / "scenario"
    scenario.write_text(
        gpu(0, lines="  power const 600\n  busy const 90\n")
        + gpu(1, lines="  power const 70\n  busy const 1\n")
    )
    result = subprocess.run(
        [sys.executable, "-c", CODE],
        env=environment(standin_library, scenario),
        capture_output=True,
        text=True,
        check=True,
    )
    shares, *lines = result.stdout.splitlines()
    text = " ".join(" ".join(lines).split())

    assert shares == "[0.9, 0.01]"
    assert "Leave out 1 idle GPU saves up to" in text
    assert "1 GPU of 2 worked for at most 1 % of the time" in text
    assert "CUDA_VISIBLE_DEVICES=GPU-00000000-1111" in text.replace(
        "CUDA_VISIBLE_ DEVICES", "CUDA_VISIBLE_DEVICES"
    )
