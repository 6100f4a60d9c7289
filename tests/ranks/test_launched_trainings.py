"""Real launchers in a measured block: steps counted by hand are those of the record."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys

import pytest
from scripts import measured

if not os.environ.get("CI") and importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)

TRAIN = """
import os, sys, time
import torch, torch.distributed as dist
dist.init_process_group("gloo")
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
steps = int(sys.argv[1])
for step in range(steps):
    optimizer.zero_grad()
    model(torch.ones(2, 4)).sum().backward()
    optimizer.step()
time.sleep(0.1)  # gloo deadlocks where a model dies while its last step needs the interpreter
os.write(1, b"MADE %d %d\\n" % (dist.get_rank(), step + 1))  # whole, whoever writes besides
"""
LIGHT = """
import os, sys, time
import ocarbon_magic as oc
rank = os.environ.get("RANK", "0")
for step in range(int(sys.argv[1])):
    oc.update()
os.write(1, b"MADE %d %d\\n" % (int(rank), step + 1))
if sys.argv[2:] and rank == "1":
    from pathlib import Path
    told, folder = "", Path(os.environ["OCARBON_RANKS"])
    while '"done": 12.0,' not in told:  # until rank 0 has told what it made
        told = "".join(file.read_text() for file in folder.glob("*.count"))
        time.sleep(0.01)
    if sys.argv[2] == "fail":
        raise ArithmeticError("rank 1 fails")
    import json, signal
    os.kill(json.loads(told)["pid"], signal.SIGKILL)
if sys.argv[2:]:
    time.sleep(60)
"""
SPAWNED = """
import json, os, sys, time
import ocarbon_magic as oc

def train(rank, steps):
    import torch, torch.distributed as dist
    os.environ.update(MASTER_ADDR="localhost", MASTER_PORT=sys.argv[1])
    dist.init_process_group("gloo", rank=rank, world_size=2)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(4, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = torch.utils.data.DataLoader(torch.ones(2 * steps, 4), batch_size=2, num_workers=1)
    for batch in data:
        optimizer.zero_grad()
        model(batch).sum().backward()
        optimizer.step()
    time.sleep(0.1)  # as in the script above
    dist.destroy_process_group()

if __name__ == "__main__":
    import torch
    with oc.measure(devices="none", quiet=True, total=50) as run:
        torch.multiprocessing.spawn(train, args=(23,), nprocs=2)
    print("RECORD", json.dumps(run.to_dict()))
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Return a script's file: one that trains, and one that only counts."""
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "train.py").write_text(TRAIN)
    (folder / "light.py").write_text(LIGHT)
    return lambda name: folder / f"{name}.py"


def torchrun(*words):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*launch, "--nproc-per-node=2", *map(str, words)]


def accelerate(*words):
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    return [*launch, "--num_processes=2", *map(str, words)]


def launched(*commands, total=None):
    block = "".join(f"print('EXIT', subprocess.run({it!r}).returncode)\n" for it in commands)
    record, shown = measured(block, total=total)
    exits = [line for line in shown.stdout.splitlines() if line.startswith("EXIT")]
    return record["work"], shown, [int(line.removeprefix("EXIT ")) for line in exits]


def test_of_torchrun_rank_0_is_counted(script):
    work, shown, exits = launched(torchrun(script("train"), 31), total=100)
    assert exits == [0]
    assert sorted(line for line in shown.stdout.splitlines() if line.startswith("MADE")) == [
        "MADE 0 31",
        "MADE 1 31",
    ]
    assert (work["done"], work["total"], work["unit"]) == (31, 100, "step")
    assert work["source"] == "torch optimizer in rank 0 of 2"
    assert work["hint"] is None
    assert work["rate_per_s"] > 0


def test_launches_that_follow_one_another_add_up(script):
    plain = [sys.executable, str(script("light")), "9"]
    work, shown, exits = launched(accelerate(script("light"), 20), plain)
    assert exits == [0, 0]
    assert shown.stdout.count("MADE") == 3
    # 20 by rank 0 of a launch, and 9 by a script alone.
    assert (work["done"], work["source"]) == (29, "oc.update in another process")


def test_a_launch_that_fails_keeps_what_was_told_and_its_exit_code(script):
    # Rank 1 fails, and rank 0, which waits for a minute, is ended by the launcher.
    work, shown, exits = launched(torchrun(script("light"), 12, "fail"))
    assert exits == [1]
    assert "ArithmeticError: rank 1 fails" in shown.stderr
    assert "ocarbon" not in shown.stderr
    assert (work["done"], work["source"]) == (12, "oc.update in rank 0 of 2")


def test_a_rank_that_is_killed_keeps_what_it_told(script):
    work, shown, exits = launched(torchrun(script("light"), 12, "kill"))
    assert exits == [1]
    assert "Signal 9 (SIGKILL)" in shown.stderr
    assert "ocarbon" not in shown.stderr
    assert work["done"] == 12


def test_processes_that_are_spawned_with_workers_that_load_data(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    script = tmp_path / "spawned.py"
    script.write_text(SPAWNED)
    shown = subprocess.run(
        [sys.executable, script, port], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    work = json.loads(shown.stdout.split("RECORD ")[1])["work"]
    assert (work["done"], work["total"]) == (23, 50)
    assert work["source"] == "torch optimizer in rank 0 of 2"
