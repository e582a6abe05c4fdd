"""The sentence about a group of administrators that a target does not have: a guard cannot know who would be left."""

from __future__ import annotations

UNKNOWN = "the administrators who would be left are unknown"


def no_admin_group(target: str, group: str) -> str:
    """Returns the state, for the guard and for `check`."""
    return f"guards.admins names the group {group}, which {target} does not have"
