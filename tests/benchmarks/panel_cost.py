"""What the panel costs while a cell runs: bytes to the browser, processor time of the kernel."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel
from nvml_standin import build_standin, environment, gpu

SECONDS = 70
ROUNDS = 2
CELL = """%%carbon --zone FRA {options}
import resource, time
def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
for step in range(100):
    time.sleep({seconds} / 100)
    if step == 49: before = spent()
share = 100 * (spent() - before) / (0.5 * {seconds})
"""
WAYS = {  # how the cell is run, and what a front end says with it
    "no panel": ("--no-panel", {}),
    "our labextension": ("", {}),
    "a widget": ("", {"cellId": "a"}),
}


def measure() -> dict[str, Any]:
    """Return traffic and processor time, all ways at once so that they meet the same machine."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text("".join(gpu(i, lines="  power const 300\n") for i in range(8)))
        env = {**os.environ, **environment(library, scenario)}
        with ThreadPoolExecutor(len(WAYS)) as pool:
            rounds = [
                [*pool.map(lambda way: _one_cell(env, *way), WAYS.values())] for _ in range(ROUNDS)
            ]
    ways = {
        way: {
            figure: statistics.median(cells[number][figure] for cells in rounds)
            for figure in rounds[0][number]
        }
        for number, way in enumerate(WAYS)
    }
    alone_pct = ways["no panel"]["core_pct"]
    return {
        "seconds": SECONDS,
        "rounds": ROUNDS,
        "ways": ways,
        "added_core_pct": {
            way: of["core_pct"] - alone_pct for way, of in ways.items() if way != "no panel"
        },
    }


def lines(measured: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each way."""
    yield (
        f"A panel of 8 GPUs for {measured['seconds']} s, processor time in the second half, when "
        "the meter has settled"
    )
    for way, of in measured["ways"].items():
        added_pct = measured["added_core_pct"].get(way, 0.0)
        yield (
            f"  {way:18} {of['bytes_per_s']:6.0f} B/s   {of['messages_per_s']:4.1f} messages/s"
            f"   {of['core_pct']:.2f} % of a core{_of_a_message(added_pct, of['messages_per_s'])}"
        )


def _of_a_message(core_pct: float, messages_per_s: float) -> str:
    """Return what of the kernel's time one message takes, given what all of them do."""
    return f"   {10 * core_pct / messages_per_s:.2f} ms a message" if messages_per_s else ""


def _one_cell(env: dict[str, str], options: str, metadata: dict[str, str]) -> dict[str, float]:
    """Return bytes and messages per second of the stream, and the kernel's share of a core."""
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    sent: list[int] = []

    def hear(message: dict) -> None:
        if message["header"]["msg_type"] == "comm_msg" and "record" not in str(message["content"]):
            parts = ("header", "parent_header", "metadata", "content")
            sent.append(sum(len(json.dumps(message[part], default=str)) for part in parts))

    made = client.session.msg

    def naming_the_cell(kind: str, *args: object, **more: object) -> dict:
        message = made(kind, *args, **more)
        message["metadata"].update(metadata if kind == "execute_request" else {})
        return message

    try:
        client.execute_interactive("%load_ext ocarbon_magic", output_hook=hear)
        client.session.msg = naming_the_cell
        code = CELL.format(options=options, seconds=SECONDS)
        client.execute_interactive(code, output_hook=hear, timeout=SECONDS + 60)
        client.session.msg = made
        reply = client.execute_interactive(
            "", silent=True, user_expressions={"share": "share"}, output_hook=hear
        )
        share = float(reply["content"]["user_expressions"]["share"]["data"]["text/plain"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return {
        "bytes_per_s": sum(sent) / SECONDS,
        "messages_per_s": len(sent) / SECONDS,
        "core_pct": share,
    }
