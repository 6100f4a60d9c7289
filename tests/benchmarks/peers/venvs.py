"""An environment for each package, made when first needed and kept.

They lie in ``OCARBON_PEERS``, or in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.peers.versions import CHECKOUT, OURS, PACKAGES
from platformdirs import user_cache_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "OCARBON_PEERS"
INSTALL_S = 900
BUILT_FROM = ("ocarbon_magic", "pyproject.toml")


class UnavailableError(Exception):
    """A package cannot be installed or run; the message says why, in one line."""


def folder() -> Path:
    """Return where the environments lie."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else Path(user_cache_dir("ocarbon_magic")) / "peers"


@contextlib.contextmanager
def taken() -> Iterator[None]:
    """Keep the environments as they are while a measurement runs.

    Raises
    ------
    UnavailableError
        If another measurement runs in them.
    """
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "taken").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UnavailableError(
                f"Another measurement runs in {folder()}: wait, or name another folder in {FOLDER}."
            ) from None
        yield


def python_of(name: str) -> Path:
    """Return the Python of a package's environment, with the package in it.

    What could not be made once is not tried again in this process.

    Raises
    ------
    UnavailableError
        If it cannot be made.
    """
    made = _made(folder(), name)
    if isinstance(made, UnavailableError):
        raise made
    return made


@cache
def _made(place: Path, name: str) -> Path | UnavailableError:
    """Return the Python of an environment, or why there is none."""
    try:
        return _make(place / name, name)
    except UnavailableError as error:
        return error


def _make(place: Path, name: str) -> Path:
    """Return the Python of a package's environment, with the package in it.

    Raises
    ------
    UnavailableError
        If it cannot be made.
    """
    stamp = place / "requirement"
    wanted = _wanted(name)
    python = place / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == wanted and python.exists():
        return python
    shutil.rmtree(place, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(place)], f"no environment for {name}")
    requirement = PACKAGES[name].requirement
    _run([str(python), "-m", "pip", "install", "-q", requirement], f"{name} is not installed")
    stamp.write_text(wanted)
    return python


def bare_python() -> Path:
    """Return the Python of an environment that holds pip alone."""
    place = folder() / "bare"
    if not (place / "bin" / "python").exists():
        _run([sys.executable, "-m", "venv", str(place)], "no bare environment")
    return place / "bin" / "python"


def versions() -> dict[str, str]:
    """Return what is installed of each package, or why it is not."""
    found = {}
    for name in PACKAGES:
        code = f"from importlib.metadata import version; print(version({name!r}))"
        try:
            command = [str(python_of(name)), "-c", code]
            found[name] = _run(command, f"{name} has no version").strip()
        except UnavailableError as error:
            found[name] = str(error)
    return found


def _wanted(name: str) -> str:
    """Return what an environment must hold; ours changes with the checkout."""
    requirement = f"{PACKAGES[name].requirement}\n{sys.version}\n"
    if name != OURS:
        return requirement
    roots = [CHECKOUT / root for root in BUILT_FROM]
    files = [path for root in roots for path in (root.rglob("*.*") if root.is_dir() else [root])]
    changed = [p.stat().st_mtime for p in files if p.is_file() and p.suffix != ".pyc"]
    return f"{requirement}{len(changed)} files, changed at {max(changed)}\n"


def _run(command: list[str], why: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{why}: {error}") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UnavailableError(f"{why}: {last}")
    return done.stdout
