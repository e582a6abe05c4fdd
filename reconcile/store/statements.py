"""Loads statements: the named SQL of every room, in a file beside the module that names it. Each is `-- name --`, a line of why, and one statement."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from connectors.quoting import quoted

ROOMS = Path(__file__).resolve().parents[1]
"""The package, whose folders hold the statements."""
_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Every statement by name. Raises ValueError where a name is used twice."""
    found: dict[str, str] = {}
    for entry in sorted(ROOMS.rglob("*.sql")):
        parts = _NAME.split(entry.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"two statements are named {quoted(name)}; the second is in {entry.relative_to(ROOMS)}")
            found[name] = text.strip().rstrip(";")
    return found


@cache
def rooms() -> dict[str, str]:
    """The file of every statement, without its ending: `decide/matching/keys`."""
    return {
        name: entry.relative_to(ROOMS).with_suffix("").as_posix()
        for entry in sorted(ROOMS.rglob("*.sql"))
        for name in _NAME.findall(entry.read_text(encoding="utf-8"))
    }


def statements_of(room: str) -> tuple[str, ...]:
    """The names of the statements of one file (`store/schema`), in their order."""
    return tuple(name for name, entry in rooms().items() if entry == room)
