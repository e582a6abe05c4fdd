"""The rule of the operations of an undo, which names the run that they undo."""

from __future__ import annotations

_UNDO = "undo "


def undo_rule(target: str, run: str) -> str:
    """The rule of an operation that undoes one of a run: `okta: undo 20260302T013000Z-1f2e3d`."""
    return f"{target}: {_UNDO}{run}"


def undone_run(rule: str) -> str:
    """The run that an operation of a rule undoes; empty for every other rule."""
    intention = rule.partition(": ")[2]
    return intention.removeprefix(_UNDO) if intention.startswith(_UNDO) else ""
