"""Refuses sockets and processes for the duration of a test, whichever code asks for them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

REFUSED = frozenset({"os.fork", "os.posix_spawn", "socket.bind", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"})
"""The audit events of the interpreter that say that something beyond this process is asked for."""

_attempts: list[list[str]] = []
"""What was refused, for each `sealed` that is open; the innermost last."""


class SealBroken(RuntimeError):
    """A socket or a process was asked for inside `sealed`."""


@contextlib.contextmanager
def sealed() -> Iterator[list[str]]:
    """Raises SealBroken where anything asks for a socket or a process, and lists what was asked for: the code may catch what is raised."""
    attempts: list[str] = []
    _attempts.append(attempts)
    try:
        yield attempts
    finally:
        _attempts.pop()


def _refuse(event: str, _args: tuple[object, ...]) -> None:
    if _attempts and event in REFUSED:
        _attempts[-1].append(event)
        raise SealBroken(f"{event}: a test without the mark `sockets` asks for it; import what starts the server in the file of the test")


sys.addaudithook(_refuse)
