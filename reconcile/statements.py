"""The fixed questions: named statements in `sql/*.sql`, each `-- name --`, a line of why, and one statement."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- ([a-z_]+) --$", re.MULTILINE)


@cache
def statements() -> dict[str, str]:
    """Every statement by name. Raises ValueError where a name is used twice."""
    found: dict[str, str] = {}
    for entry in sorted(files("reconcile.sql").iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(".sql"):
            continue
        parts = _NAME.split(entry.read_text(encoding="utf-8"))
        for name, text in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"two statements are named {name!r}; the second is in {entry.name}")
            found[name] = text.strip().rstrip(";")
    return found
