"""Faults of the disk: which situation an error of a file or folder stands for, and whether there is room. Files that are written whole."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from reconcile.errors import DiskFull, FileUnusable, ReconcileError

ROOM = 1 << 20
"""Bytes below which a disk counts as full: neither database can begin a transaction in less."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors where there is no room, also where the file itself may not grow (`ulimit -f`, the largest file of the disk's format)."""


def file_fault(error: OSError) -> ReconcileError | None:
    """The situation that an error of a file or folder stands for; None where it names none."""
    if error.filename is None and error.errno not in FULL:
        return None
    path = Path(str(error.filename)) if error.filename is not None else Path()
    return DiskFull(path) if error.errno in FULL else FileUnusable(path, error.strerror or str(error))


def is_full(path: Path) -> bool:
    """Whether the disk that holds a file has no room left."""
    try:
        return shutil.disk_usage(path.parent).free < ROOM
    except OSError:
        return False


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Writes by the handle of a file: an error that there is no room names the file."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            error.filename = str(path)
        raise


def write_whole(path: Path, parts: Iterable[str], mode: int = 0o666) -> None:
    """Writes a text file from its parts: all of it, or what was there stays. A link is followed; a device or a pipe gets the parts as they come.

    `mode`: what a new file may be, before the umask.
    """
    with replaced(path) as written, open(written, "w", encoding="utf-8", newline="", opener=partial(os.open, mode=mode)) as file:
        file.writelines(parts)


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """The file to write in place of another: it takes that place when it is whole, and is removed where it is not. A device or a pipe is
    written itself.
    """
    # Before the link is followed: what `/dev/stdout` leads to has no name where it is a pipe.
    if path.exists() and not path.is_file():
        yield path
        return
    path = path.resolve()
    written = path.with_name(f"{path.name}.partial")
    try:
        with naming(path):
            yield written
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Writes a text file for its owner, or with another mode: all of it, on disk, or what was there stays."""
    written = path.with_name(f"{path.name}.partial")
    written.unlink(missing_ok=True)
    handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with naming(path), open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor has no path
            os.fchmod(handle, mode)
            file.write(text)
            file.flush()
            os.fsync(handle)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def append_whole(path: Path, text: str) -> None:
    """Adds to a text file, or makes one for its owner alone: all of it, on disk, or what was there stays. Owner, mode and links stay in any case."""
    made, left = not path.exists(), text.encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    size = os.fstat(handle).st_size
    try:
        with naming(path):
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        if made:
            path.unlink()
        raise
    finally:
        os.close(handle)
