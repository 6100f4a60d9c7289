"""Real trainings by launchers, from a measured block: steps counted by hand are the record's."""

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
torch.set_num_threads(1)
steps, how = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
ranked = "RANK" in os.environ
if ranked:
    dist.init_process_group("gloo")
rank = dist.get_rank() if ranked else 0
model = torch.nn.Linear(4, 1)
if ranked:
    model = torch.nn.parallel.DistributedDataParallel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(steps):
    optimizer.zero_grad()
    model(torch.ones(2, 4)).sum().backward()
    optimizer.step()
print("MADE", rank, step + 1, flush=True)
if how == "fail" and rank == 1:
    from pathlib import Path
    folder = Path(os.environ["OCARBON_RANKS"])
    while '"done": 12,' not in "".join(file.read_text() for file in folder.glob("*.count")):
        time.sleep(0.01)  # rank 0 has told all that it made
    raise ArithmeticError("rank 1 fails")
if how:
    time.sleep(60)
"""
SPAWNED = """
import os, sys
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
    dist.destroy_process_group()

if __name__ == "__main__":
    import torch
    with oc.measure(devices="none", quiet=True, total=50) as run:
        torch.multiprocessing.spawn(train, args=(23,), nprocs=2)
"""


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """A script that trains, in a process group if it was launched as one of several."""
    script = tmp_path_factory.mktemp("train") / "train.py"
    script.write_text(TRAIN)
    return script


def torchrun(*words, ranks=2):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    return [*launch, f"--nproc-per-node={ranks}", *map(str, words)]


def accelerate(*words):
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    return [*launch, "--num_processes=2", *map(str, words)]


def launched(*commands, total=None):
    block = "".join(
        f"print('EXIT', subprocess.run({command!r}).returncode)\n" for command in commands
    )
    record, shown = measured(block, total=total)
    exits = [line for line in shown.stdout.splitlines() if line.startswith("EXIT")]
    return record, shown, [int(line.removeprefix("EXIT ")) for line in exits]


def test_launches_that_follow_one_another_add_up(train):
    plain = [sys.executable, str(train), "9"]
    record, shown, exits = launched(torchrun(train, 31), accelerate(train, 20), plain, total=100)
    assert exits == [0, 0, 0]
    assert shown.stdout.count("MADE") == 5
    work = record["work"]
    # 31 + 20 by rank 0 of two launches, and 9 by a script alone.
    assert (work["done"], work["total"], work["unit"]) == (60, 100, "step")
    assert work["source"] == "torch optimizer in another process"
    assert work["hint"] is None
    assert work["rate_per_s"] > 0


def test_a_launch_that_fails_keeps_what_was_counted_and_its_exit_code(train):
    # Rank 1 fails, and rank 0, which waits for a minute, is ended by the launcher.
    record, shown, exits = launched(torchrun(train, 12, "fail"))
    assert exits == [1]
    assert "ArithmeticError: rank 1 fails" in shown.stderr
    assert "ocarbon" not in shown.stderr
    assert record["status"] == "finished"
    assert (record["work"]["done"], record["work"]["source"]) == (
        12,
        "torch optimizer in rank 0 of 2",
    )


def test_processes_that_are_spawned_with_workers_that_load_data(tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    script = tmp_path / "spawned.py"
    script.write_text(SPAWNED + "\n    import json; print('RECORD', json.dumps(run.to_dict()))\n")
    shown = subprocess.run(
        [sys.executable, script, str(port)], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    record = json.loads(shown.stdout.split("RECORD ")[1])
    work = record["work"]
    assert (work["done"], work["total"]) == (23, 50)
    assert work["source"] == "torch optimizer in rank 0 of 2"


def test_a_rank_that_is_killed_keeps_what_it_told(train):
    block = f"""
import os, signal, time
from pathlib import Path
launch = subprocess.Popen({torchrun(train, 12, "wait")!r})
folder = Path(os.environ["OCARBON_RANKS"])
told = ""
while '"done": 12,' not in told:
    told = "".join(file.read_text() for file in folder.glob("*.count"))
    time.sleep(0.01)
pid = json.loads(told)["pid"]
os.kill(pid, signal.SIGKILL)
print("EXIT", launch.wait())
"""
    record, shown = measured(block)
    assert "EXIT 1" in shown.stdout
    assert record["work"]["done"] == 12
    assert "ocarbon" not in shown.stderr
