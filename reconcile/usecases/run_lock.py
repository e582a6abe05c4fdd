"""The lock of a state folder: one run at a time, and who holds it.

The lock is the operating system's and ends with its process. Who holds it is written inside its file, and read only by a process
that did not get the lock: what a killed run left there says nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from reconcile.caller import command, user_name
from reconcile.clock import SYSTEM, Clock
from reconcile.disk import naming
from reconcile.errors import LockHolder, RunLocked, StoreBusy

FILE = "lock"
LONGEST = 4096
"""Bytes of the file that are read."""
MOMENT = 0.5
"""Seconds for which a command waits for the lock, which a question about its holder takes for a moment."""


@dataclass(frozen=True, slots=True)
class _Written:
    """The holder as the file has it."""

    pid: int
    user: str
    host: str
    command: str
    since: str


@contextlib.contextmanager
def run_lock(state: Path, clock: Clock, wait: float = MOMENT) -> Iterator[None]:
    """Holds the lock of a state folder. Raises RunLocked where another process does, for longer than `wait` seconds."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = state / FILE
    lock = FileLock(path, timeout=wait, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise RunLocked(path, _holder(path)) from None
    try:
        written = _Written(os.getpid(), user_name(), socket.gethostname(), command.get(), clock.stamp())
        _write(path, msgspec.json.encode(written))
        yield
    finally:
        with contextlib.suppress(OSError):
            _write(path, b"")
        lock.release()


def lock_holder(state: Path) -> LockHolder | None:
    """The process that holds the lock now; None where none does, or where it is not known. Takes the lock for a moment."""
    try:
        with run_lock(state, SYSTEM, wait=0):
            return None
    except RunLocked as locked:
        return locked.holder


@contextlib.contextmanager
def naming_the_holder(state: Path) -> Iterator[None]:
    """Reads of a store that need no lock. Raises RunLocked where a run keeps the store to itself, and StoreBusy where another process does."""
    try:
        yield
    except StoreBusy:
        with run_lock(state, SYSTEM, wait=0):
            raise


def _write(path: Path, body: bytes) -> None:
    """Writes inside the file: another in its place would be another lock."""
    handle = os.open(path, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0))
    try:
        with naming(path):
            os.write(handle, body)
    finally:
        os.close(handle)


def _holder(path: Path) -> LockHolder | None:
    """The process that holds the lock; None where the file does not say, or names one that has ended."""
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(LONGEST), type=_Written)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if found.host == socket.gethostname() and not _lives(found.pid):
        return None
    return LockHolder(pid=found.pid, user=found.user, command=found.command, since=found.since)


def _lives(pid: int) -> bool:
    if sys.platform == "win32":
        # There the signal 0 is Ctrl-C.
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
