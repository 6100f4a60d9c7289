"""Files that are written whole or not at all, and that take no stranger's place."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copymode
from typing import TYPE_CHECKING, BinaryIO

from ocarbon_magic.errors import OneSentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SHUT = {errno.EACCES, errno.EPERM, errno.EROFS}


class NotWrittenError(OneSentence, OSError, ValueError):
    """A file was not written, and what stood there is as it was; the message is one sentence."""


@contextmanager
def written(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open what takes the place of the file at ``path`` once the block has ended well.

    Until then, and if it ends with an error, that file is as it was.

    Raises
    ------
    NotWrittenError
        If it cannot be written: no such folder, no permission, a full disk, ...
    """
    target = Path(os.path.realpath(Path(path).expanduser()))  # a link stays, its target changes
    part = target.with_name(f".ocarbon-{os.urandom(6).hex()}.part")
    try:
        _may_be_written(target)
        try:
            with part.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                copymode(target, part)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink()
    except NotWrittenError:
        raise
    except OSError as error:
        raise NotWrittenError(_sentence(path, target, error)) from None


def not_a_stranger(
    path: str | os.PathLike[str], ours: Callable[[BinaryIO], bool], what: str, remedy: str
) -> None:
    """Refuse to take the place of a file that we did not write.

    Parameters
    ----------
    path : str or path
    ours : callable
        Tells of an open file, which is not empty, whether it is one of ours.
    what, remedy : str
        What ours are called, and how to have the file replaced all the same.

    Raises
    ------
    NotWrittenError
        If the file at ``path`` is not ours, or cannot be read.
    """
    there = Path(path).expanduser()
    try:
        with there.open("rb") as file:
            known = os.fstat(file.fileno()).st_size == 0 or ours(file)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotWrittenError(_sentence(path, there, error)) from None
    if not known:
        raise NotWrittenError(
            f"{os.fspath(path)} exists and is not {what}: name another file, or {remedy} "
            "to replace it."
        )


def _may_be_written(target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        raise NotWrittenError(f"{target} is not a file that can be replaced: name another one.")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _sentence(path: str | os.PathLike[str], target: Path, error: OSError) -> str:
    """Return what is in the way, and what to do."""
    name = os.fspath(path)
    if isinstance(error, FileNotFoundError | NotADirectoryError) and not target.parent.is_dir():
        return f"the folder {target.parent} does not exist: make it first, or name another one."
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder: name a file in it."
    if error.errno in _FULL:
        return f"{name} was not written, for the disk is full: make room, or name another disk."
    if error.errno in _SHUT:
        return f"{name} may not be written by you: name a file in a folder of yours."
    return f"{name} was not written: {error.strerror or error}."
