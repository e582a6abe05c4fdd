"""The outcomes of a run in the order of its plan."""

from reconcile.apply.journal import Journal
from reconcile.plan.model import Outcome, Plan


def outcomes_of(plan: Plan, journal: Journal, run: str) -> tuple[Outcome, ...]:
    """An outcome for every operation of the plan."""
    ended = {each.operation_id: each for each in journal.runs.recorded(run).outcomes}
    return tuple(ended[operation.id] for operation in plan.operations)
