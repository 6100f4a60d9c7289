"""Starts tasks in the environments of the packages, and gathers what they find and print."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.venvs import UnavailableError, bare_python, python_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHILD = Path(__file__).parent / "child"
CONFIGURES = ("OCARBON_", "CODECARBON_", "CUDA_", "NVIDIA_", "SLURM_", "PYTHON", "JUPYTER", "XDG_")

SPEAKS_S = 120.0
"""Within which a task tells the next thing."""

ISOLATED = ["unshare", "--map-root-user", "--net"]
"""A network of its own that reaches nothing: every try fails at once."""

DROPPING = [
    *ISOLATED,
    "sh",
    "-c",
    "ip link set lo up && ip address add 10.9.0.1/32 dev lo"
    ' && ip route add default dev lo src 10.9.0.1 && exec "$@"',
    "sh",
]
"""A network that swallows every packet, as behind a firewall."""


@dataclass(frozen=True)
class Way:
    """A package with options of its driver, as it is shown."""

    package: str
    options: Mapping[str, bool] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        return f"{self.package}{self.label}"


@dataclass
class Outcome:
    """What a task found and printed.

    Attributes
    ----------
    found : list of dict
        What it told.
    printed : str
        Its stdout and stderr.
    failed : str or None
        Why there is not all of it.
    """

    found: list[dict[str, Any]]
    printed: str = ""
    failed: str | None = None


class Child:
    """A task that runs.

    Parameters
    ----------
    way : Way
    task : str
    options : mapping
        Of the task, beside those of the driver.
    environ : mapping
        The whole environment.
    folder : Path
        Where it runs, and the home of its user.
    network : list of str
        The command that gives it its network.
    """

    def __init__(
        self,
        way: Way,
        task: str,
        options: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        folder: Path,
        network: list[str],
    ) -> None:
        python = bare_python() if way.package == "bare" else python_of(way.package)
        self._printed = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed at the end
        self._reader, writer = os.pipe()
        told = json.dumps({**options, **way.options})
        command = [*network, str(python), str(CHILD), way.package, task, str(writer), told]
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=self._printed,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            start_new_session=True,
        )
        self._began_s = time.monotonic()
        os.close(writer)
        self._lines = os.fdopen(self._reader)
        self._found: list[dict[str, Any]] = []

    def next_told(self) -> dict[str, Any] | None:
        """Wait for the next thing that is told; None if it ends without, or takes too long."""
        if not select.select([self._reader], [], [], SPEAKS_S)[0]:
            return None
        line = self._lines.readline()
        if line:
            self._found.append(json.loads(line))
        return self._found[-1] if line else None

    def go(self) -> None:
        """Let it begin, if it waits for that, and wait until it has."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()
        self.next_told()

    def lives_for(self, seconds: float) -> bool:
        """Return whether it still runs after some seconds."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def kill(self) -> None:
        """End it and what it started as ``kill -9`` does."""
        if self._process.poll() is None:  # until then its number is nobody else's
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def outcome(self, limit_s: float) -> Outcome:
        """Wait until it ends, at most some seconds after its start; return what it found."""
        failed = None
        if self.lives_for(max(self._began_s + limit_s - time.monotonic(), 0.0)):
            failed = f"not back after {limit_s:.0f} s"
        self.kill()
        self._found += [json.loads(line) for line in self._lines]
        found = [one for one in self._found if "said" not in one]
        self._lines.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._printed.seek(0)
        printed = self._printed.read()
        self._printed.close()
        code = self._process.returncode
        if failed is None and code:
            failed = f"the process ends with exit code {code}: {last_line(printed)}"
        return Outcome(found, printed, failed)


def last_line(printed: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return lines[-1][:100] if lines else "nothing is printed"


def base_environment(home: Path) -> dict[str, str]:
    """Return this environment without what configures a package, with a home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(CONFIGURES)}
    return {**kept, "HOME": str(home), "OCARBON_HOME": str(home / "ocarbon"), "COLUMNS": "120"}


class Place:
    """Where tasks run: a home that keeps caches, and a folder for each task.

    Parameters
    ----------
    root : Path
        An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.home = root / "home"
        self.home.mkdir()
        self.isolated = can_run(ISOLATED)
        self.dropping = can_run(DROPPING)

    def folder(self) -> Path:
        """Return a new empty folder."""
        return Path(tempfile.mkdtemp(dir=self._root))

    def start(
        self,
        way: Way,
        task: str,
        options: Mapping[str, Any],
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        network: list[str] | None = None,
    ) -> Child:
        """Start a task; it reaches no network, where the system allows to forbid it.

        Raises
        ------
        UnavailableError
            If the package is not installed.
        """
        folder = folder or self.folder()
        child_environ = {**base_environment(self.home), **(environ or {})}
        child_environ["OCARBON_HOME"] = str(folder / "ocarbon")
        if network is None:
            network = ISOLATED if self.isolated else []
        return Child(way, task, options, environ=child_environ, folder=folder, network=network)

    def run(
        self, way: Way, task: str, options: Mapping[str, Any], *, limit_s: float, **how: Any
    ) -> Outcome:
        """Run a task to its end."""
        return self.run_all([way], task, options, limit_s=limit_s, **how)[str(way)]

    def run_all(
        self,
        ways: Iterable[Way],
        task: str,
        options: Mapping[str, Any],
        *,
        limit_s: float,
        **how: Any,
    ) -> dict[str, Outcome]:
        """Run a task with several packages at the same time.

        In turn, none begins while another one loads or begins: what that takes of the processor
        would be measured with it.
        """
        children: dict[str, Child] = {}
        outcomes: dict[str, Outcome] = {}
        for way in ways:
            try:
                children[str(way)] = self.start(way, task, options, **how)
            except UnavailableError as error:
                outcomes[str(way)] = Outcome([], failed=str(error))
        if options.get("in_turn"):
            for child in children.values():
                child.next_told()  # it has loaded
            for child in children.values():
                child.go()
        for name, child in children.items():
            outcomes[name] = child.outcome(limit_s)
        return outcomes


def can_run(network: list[str]) -> bool:
    """Return whether the system lets a user make such a network."""
    if shutil.which("unshare") is None:
        return False
    return not subprocess.run([*network, "true"], capture_output=True, check=False).returncode
