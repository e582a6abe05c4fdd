"""Names the user and the command of this process, for what others read of it: the audit, and the lock of a run."""

from __future__ import annotations

import getpass
import os
import sys
from contextvars import ContextVar

command: ContextVar[str] = ContextVar("command", default="")
"""The name of the command that runs, without what follows it: no reason and no address."""


def user_name() -> str:
    """The name of the effective user as the operating system knows it, whatever the environment says; its number where there is no name for it."""
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd  # noqa: PLC0415 - not on every system

    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
