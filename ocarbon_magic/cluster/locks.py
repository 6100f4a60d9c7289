"""Who measures a device of a host: the first process of the run that gets its lock.

The system frees a lock when its holder ends, however it ends, so that another engine takes
over. Where there are no such locks (Windows), every engine measures all it sees, and the
coordinator takes each device from one of them.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

fcntl: Any
try:
    import fcntl
except ImportError:
    fcntl = None


class DeviceLocks:
    """The locks of one run that this process holds, in a folder that only this user may read.

    They are of the process and not of the file, so that what the user's code forks holds none.

    Parameters
    ----------
    run_id : str
    """

    def __init__(self, run_id: str) -> None:
        user = os.getuid() if hasattr(os, "getuid") else 0
        self._folder = Path(tempfile.gettempdir()) / f"ocarbon-{user}-{run_id}"
        self._held: dict[str, int] = {}
        self._usable = fcntl is not None and self._make_folder(user)

    def take(self, device: str) -> bool:
        """Return whether this process is the one to measure ``device``, trying to become it."""
        if not self._usable or device in self._held:
            return True
        path = self._folder / hashlib.sha256(device.encode()).hexdigest()[:32]
        try:
            file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        except OSError:  # the run has ended, or the disk is full: the coordinator sorts it out
            return True
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(file)
            return error.errno not in {errno.EACCES, errno.EAGAIN}  # else there are no locks here
        self._held[device] = file
        return True

    def free(self) -> None:
        """Free all, for the run has ended, and leave nothing behind."""
        for file in self._held.values():
            with suppress(OSError):
                os.close(file)
        self._held.clear()
        if self._usable:
            with suppress(OSError):  # another process has removed it, or is still in it
                for path in [*self._folder.iterdir()]:
                    _remove_if_free(path)
                self._folder.rmdir()

    def _make_folder(self, user: int) -> bool:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            made = self._folder.lstat()
        except OSError:
            return False
        return made.st_uid == user and self._folder.is_dir() and not self._folder.is_symlink()


def _remove_if_free(path: Path) -> None:
    """Remove a lock that nobody holds, such as that of a process that was killed."""
    with suppress(OSError):  # somebody holds it, or has just removed it
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(file)
