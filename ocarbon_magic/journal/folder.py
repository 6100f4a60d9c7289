"""Where the journal stands: a file for each person, in one folder."""

from __future__ import annotations

import errno
import os
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

HOME = "OCARBON_HOME"
"""The environment variable that names another folder."""

_NETWORK = {
    "9p",
    "afs",
    "afpfs",
    "ceph",
    "cifs",
    "drvfs",
    "gfs2",
    "gpfs",
    "lustre",
    "nfs",
    "nfs4",
    "ocfs2",
    "panfs",
    "prl_fs",
    "smb2",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "webdav",
    "wekafs",
    "beegfs",
}
"""File systems whose files are not one machine's alone; those of FUSE are taken for such, too."""

_SHARED = "@"
"""In a file's name before the machine that alone writes it."""

_AGAIN = "="
"""In a file's name before how many there were with it, the damaged ones before it."""


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that holds the journals; it need not exist.

    Raises
    ------
    FileNotFoundError
        If it is to be in the user's home, and the user has none.
    """
    named = environ.get(HOME)
    try:
        if named:
            return Path(named).expanduser()
        from platformdirs import user_data_path  # noqa: PLC0415 - when first needed

        return user_data_path("ocarbon_magic", appauthor=False)
    except RuntimeError:
        raise FileNotFoundError(errno.ENOENT, "this user has no home folder") from None


def may_be_written(file: Path) -> bool:
    """Return whether this process may write a journal, or make it and its folder."""
    there = file
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if there == file:
        return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def make(folder: Path) -> None:
    """Make the folder, where it is the default one for its owner alone.

    Raises
    ------
    OSError
        If that cannot be.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o777 if os.environ.get(HOME) else 0o700, exist_ok=True)


def own_file(folder: Path) -> Path:
    """Return the journal that this process writes: a person's, or a person's on this machine.

    On a file system of several machines each has a file of its own, since what lets several
    processes write one file quickly is memory that they share.
    """
    shared = f"{_SHARED}{_as_name(host())}" if is_on_network(folder) else ""
    first = folder / f"runs-{_as_name(user())}{shared}.db"
    later = [file for file in all_files(folder) if file != first and stem(file) == first.stem]
    return max(later, key=_count, default=first)


def stem(file: Path) -> str:
    """Return the name that a journal has in common with those that take its place."""
    return file.stem.partition(_AGAIN)[0]


def successor(file: Path) -> Path:
    """Return the journal that takes the place of a damaged one.

    It has a name of its own: a process that has the damaged one open would take its log for
    its own, and delete it.
    """
    return file.with_name(f"{stem(file)}{_AGAIN}{_count(file) + 1}.db")


def _count(file: Path) -> int:
    count = file.stem.partition(_AGAIN)[2]
    return int(count) if count.isdecimal() else 1


def is_shared(file: Path) -> bool:
    """Return whether a journal stands on a file system of several machines."""
    return _SHARED in file.name


def all_files(folder: Path) -> list[Path]:
    """Return every journal of the folder, of whomever."""
    return sorted(file for file in folder.glob("runs-*.db") if file.is_file())


def user() -> str:
    """Return the person's name, as the operating system has it."""
    import getpass  # noqa: PLC0415 - when first needed

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may know no names
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def host() -> str:
    """Return the machine's name."""
    return platform.node() or "unknown"


def _as_name(text: str) -> str:
    """Return ``text`` as a part of a file's name that no other text has."""
    return quote(text, safe=" +,") or "_"


def is_on_network(folder: Path) -> bool:
    """Return whether the folder, or where it will be, is not on a disk of this machine."""
    there = folder.absolute()
    while not os.path.exists(there) and there != there.parent:  # noqa: PTH110 - any text may come
        there = there.parent
    return _is_network(os.path.realpath(there))


@cache
def _is_network(path: str) -> bool:
    if path.startswith("\\\\"):
        return True
    import psutil  # noqa: PLC0415 - costs much where the kernel has not loaded it yet

    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return False
    kind, longest = "", -1
    for mount in mounts:  # a later one hides an earlier one of the same place
        at = mount.mountpoint.rstrip(os.sep) + os.sep
        if (path + os.sep).startswith(at) and len(at) >= longest:
            kind, longest = mount.fstype.lower(), len(at)
    return kind in _NETWORK or kind.startswith("fuse.")
