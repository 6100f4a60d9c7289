"""Launchers in measured cells of a real kernel, and what is left of them."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest
from conftest import Kernel

if not os.environ.get("CI") and importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)

LIGHT = """
import os, sys, time
import ocarbon_magic as oc
for step in range(int(sys.argv[1])):
    oc.update()
print("made", step + 1, flush=True)
if sys.argv[2:]:
    time.sleep(60)
"""
RANKED = """
def train(steps):
    import time, torch, torch.distributed as dist
    dist.init_process_group("gloo")
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.ones(2, 4)).sum().backward()
        optimizer.step()
    time.sleep(0.1)  # gloo deadlocks where a model dies while its last step needs the interpreter
    dist.destroy_process_group()
"""
TORCHRUN = "!{sys.executable} -m torch.distributed.run --standalone --nproc-per-node 2"


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    file = tmp_path_factory.mktemp("scripts") / "light.py"
    file.write_text(LIGHT)
    return file


@pytest.fixture(scope="module")
def kernel():
    made = Kernel()
    made.run(f"%load_ext ocarbon_magic\nimport os, sys, subprocess\n{RANKED}")
    made.run("before, NAMES = dict(os.environ), ('OCARBON_RANKS', 'PYTHONPATH')")
    yield made
    assert made.ask("[os.environ.get(n) == before.get(n) for n in NAMES]") == [True, True]
    made.close()


def test_a_launcher_that_forks_the_kernel(kernel):
    kernel.run("import torch\nused = torch.optim.SGD([torch.ones(1, requires_grad=True)])")
    # The kernel's own hook counts this, too; forks begin at nothing.
    step = "used.param_groups[0]['params'][0].grad = torch.ones(1)\nused.step()"
    launch = "import accelerate\naccelerate.notebook_launcher(train, (23,), num_processes=2)"
    seen = kernel.run(f"%%carbon --zone FRA --total 100\n{launch}")
    assert seen.status == "ok", seen.error
    work = seen.record["work"]
    assert (work["done"], work["total"]) == (23, 100)
    assert work["source"] == "torch optimizer in rank 0 of 2"
    seen = kernel.run(f"%%carbon --zone FRA\n{step}\n{step}\n{launch}")
    assert seen.status == "ok", seen.error
    assert seen.record["work"]["source"] == "torch optimizer"
    assert seen.record["work"]["done"] == 2


def test_a_launcher_on_a_line_of_its_own_in_a_loop(kernel, script):
    seen = kernel.run(
        f"%%carbon --zone FRA\nfor seed in range(2):\n    {TORCHRUN} {script} {{7 + seed}}"
    )
    assert seen.status == "ok", seen.error
    assert seen.streams["stdout"].count("made 7") == seen.streams["stdout"].count("made 8") == 2
    work = seen.record["work"]
    assert (work["done"], work["source"]) == (15, "oc.update in rank 0 of 2")
    assert sys.executable in kernel.ask("sys.executable")


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("subprocess.run([sys.executable, {!r}, '5', 'wait'])", "interrupted"),
        # IPython ends the command, and goes on with the cell.
        ("!{{sys.executable}} {} 5 wait", "finished"),
    ],
)
def test_the_stop_button_ends_a_script_as_ever(kernel, script, how, status):
    stopped = []

    def stop():
        if not stopped:
            stopped.append(True)
            kernel.manager.interrupt_kernel()

    # A process of subprocess does not write into the notebook; so the cell says when it may end.
    waiting = (
        "import pathlib, threading, time\n"
        "def say():\n"
        "    folder = pathlib.Path(os.environ['OCARBON_RANKS'])\n"
        "    while '\"done\": 5' not in ''.join(f.read_text() for f in folder.glob('*.count')):\n"
        "        time.sleep(0.01)\n"
        "    print('told')\n"
        "threading.Thread(target=say, daemon=True).start()\n"
    )
    seen = kernel.run(f"%%carbon --zone FRA\n{waiting}{how.format(str(script))}", on_output=stop)
    record = seen.record
    assert (record["work"]["done"], record["status"]) == (5, status)
    assert (seen.error is not None) is (status == "interrupted")
    assert "ocarbon" not in "".join(seen.streams.values())
