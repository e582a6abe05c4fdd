"""Names the user of this process, as the operating system knows them; no environment variable can say otherwise."""

from __future__ import annotations

import os
import pwd


def user_name() -> str:
    """The name of the effective user; its number where the system has no name for it."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
