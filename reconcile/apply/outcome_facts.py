"""Derives links, grants and own suspensions from the outcome of an operation."""

from __future__ import annotations

from reconcile.apply.journal import EntryKind
from reconcile.apply.standing import GONE
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb

SUCCEEDED = frozenset({OutcomeKind.DONE, OutcomeKind.ALREADY})

_OF_SUCCESS = {
    Verb.CREATE_GROUP: EntryKind.NAMED,
    Verb.REMOVE_MEMBER: EntryKind.REVOKE,
    Verb.REACTIVATE: EntryKind.ENDED,
    Verb.DELETE: EntryKind.ENDED,
}
"""Facts that follow these verbs also where the target was as desired before."""


def facts(operation: Operation, outcome: Outcome) -> tuple[EntryKind, ...]:
    """The links, grants and own suspensions that come of an outcome. What held before is not ours."""
    match operation.verb:
        case Verb.CREATE if outcome.account_id and outcome.kind in (OutcomeKind.DONE, OutcomeKind.FAILED):
            # Also where the new account is not quite as desired: it is ours, and the next plan sees what it lacks.
            return (EntryKind.LINK,)
        case Verb.ADD_MEMBER if operation.ours and outcome.kind in (OutcomeKind.DONE, OutcomeKind.UNKNOWN):
            return (EntryKind.GRANT,)
        case Verb.SUSPEND | Verb.DEACTIVATE if outcome.kind in (OutcomeKind.DONE, OutcomeKind.UNKNOWN):
            return (EntryKind.SUSPENDED if operation.verb is Verb.SUSPEND else EntryKind.DEACTIVATED,)
        case Verb.UPDATE_GROUP if operation.ours and outcome.kind in SUCCEEDED and "name" in operation.after:
            return (EntryKind.UNNAMED, EntryKind.NAMED)
        case Verb.CREATE_GROUP | Verb.REMOVE_MEMBER | Verb.REACTIVATE | Verb.DELETE if outcome.kind in SUCCEEDED:
            return (_OF_SUCCESS[operation.verb],)
        case _:
            # What was wanted stands behind the reason.
            gone = outcome.kind is OutcomeKind.MOVED and outcome.detail.startswith(GONE) and outcome.account_id
            return (EntryKind.GONE,) if gone else ()
