"""The title of a plan that no night makes: the undo of a run, a restore, or an action that a person asked for."""

from __future__ import annotations

from reconcile.plan.model import Plan


def plan_title(plan: Plan) -> str:
    """Returns what a plan is, by the rule of its first operation; empty for a plan of the mapping, and for one without operations."""
    first = next(iter(plan.operations), None)
    if first is None:
        return ""
    kind, _, subject = first.because.rule.partition(": ")[2].partition(" ")
    match kind if subject else "":
        case "undo":
            return f"Undo of the run {subject}"
        case "restore":
            return f"Restore to {subject}"
        case "act":
            return f"Action: {subject}"
        case _:
            return ""
