"""What the panel costs while a cell runs: bytes to the browser, processor time of the kernel."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

sys.path.insert(0, str(Path(__file__).parents[1]))

from nvml_standin import build_standin, environment, gpu

SECONDS = 40
CELL = """%%carbon --zone FRA {options}
import resource, time
def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
for step in range(100):
    time.sleep({seconds} / 100)
    if step == 24: before = spent()
share = 100 * (spent() - before) / (0.75 * {seconds})
"""
WAYS = {  # how the cell is run, and what a front end says with it
    "no panel": ("--no-panel", {}),
    "our labextension": ("", {}),
    "a widget": ("", {"cellId": "a"}),
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_standin(folder)
        scenario = Path(folder) / "scenario"
        scenario.write_text("".join(gpu(i, lines="  power const 300\n") for i in range(8)))
        env = {**os.environ, **environment(library, scenario)}
        print(f"A panel of 8 GPUs, {SECONDS} s, the last three quarters of the time")
        shares: dict[str, float] = {}
        for way, (options, metadata) in WAYS.items():
            bytes_per_s, messages_per_s, share = measure(env, options, metadata)
            shares[way] = share
            print(
                f"  {way:18} {bytes_per_s:6.0f} B/s   bar 4096   {messages_per_s:4.1f} messages/s"
                f"   {share:.2f} % of a core   bar 0.5 with a panel, 0.1 without"
                f"{of_a_message(share - shares['no panel'], messages_per_s)}"
            )


def of_a_message(share: float, messages_per_s: float) -> str:
    """Return what of the kernel's time one message takes, given what all of them do."""
    return f"   {10 * share / messages_per_s:.2f} ms a message" if messages_per_s else ""


def measure(env: dict[str, str], options: str, metadata: dict[str, str]) -> tuple[float, ...]:
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
    return sum(sent) / SECONDS, len(sent) / SECONDS, share


if __name__ == "__main__":
    main()
