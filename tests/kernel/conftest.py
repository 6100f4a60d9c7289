"""Real kernels, and what a person could observe of a cell run in one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

TABLES = pytest.StashKey[list[str]]()
"""Lines that are shown at the end of the tests, whether they passed or not."""

RUN_MIME = "application/vnd.ocarbon.run+json"
PANEL = "ocarbon-"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in config.stash.get(TABLES, []):
        terminalreporter.write_line(line)


@dataclass
class Observed:
    """What one execution showed, apart from our own output."""

    status: str
    execution_count: int
    streams: dict[str, str] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)
    error: tuple[str, str, tuple[str, ...]] | None = None
    asked: list[str] = field(default_factory=list)
    panel: list[dict[str, Any]] = field(default_factory=list, compare=False)

    @property
    def record(self) -> dict[str, Any]:
        """The last run record that was displayed."""
        return self.panel[-1]["data"][RUN_MIME]


class Kernel:
    """A kernel with the extension loaded."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        extra = {"env": env} if env is not None else {}
        self.manager, self.client = start_new_kernel(kernel_name="python3", **extra)
        self.client.allow_stdin = True

    def run(
        self, code: str, *, answer: str = "", on_output: Callable[[], None] | None = None
    ) -> Observed:
        seen = Observed(status="", execution_count=0)

        def on_message(message: dict[str, Any]) -> None:
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "stream":
                name = content["name"]
                seen.streams[name] = seen.streams.get(name, "") + content["text"]
            elif kind in ("display_data", "update_display_data"):
                identity = content.get("transient", {}).get("display_id", "")
                (seen.panel if identity.startswith(PANEL) else seen.outputs).append(content)
            elif kind == "execute_result":
                seen.outputs.append(content)
            elif kind == "error":
                seen.error = (content["ename"], content["evalue"], tuple(content["traceback"]))
            if on_output is not None and kind == "stream":
                on_output()

        def on_stdin(message: dict[str, Any]) -> None:
            seen.asked.append(message["content"]["prompt"])
            self.client.input(answer)

        reply = self.client.execute_interactive(
            code, output_hook=on_message, stdin_hook=on_stdin, timeout=60, stop_on_error=False
        )
        seen.status = reply["content"]["status"]
        seen.execution_count = reply["content"]["execution_count"]
        return seen

    def ask(self, expression: str) -> Any:
        """Evaluate without a trace in the history; the value must be JSON."""
        reply = self.client.execute_interactive(
            "",
            silent=True,
            store_history=False,
            user_expressions={"x": f"__import__('json').dumps({expression})"},
            timeout=60,
        )
        result = reply["content"]["user_expressions"]["x"]
        assert result["status"] == "ok", result
        return json.loads(eval(result["data"]["text/plain"]))

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """A kernel with the extension loaded."""
    made = Kernel()
    made.run("%load_ext ocarbon_magic")
    yield made
    made.close()


@pytest.fixture(scope="module")
def bare_kernel() -> Iterator[Kernel]:
    """A second kernel, to run the same cells without the first line."""
    made = Kernel()
    made.run("%load_ext ocarbon_magic")
    yield made
    made.close()
