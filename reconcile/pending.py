"""Which findings are changes that wait for a person, so that a run does not end as if there were nothing to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconcile.model import Finding, FindingKind, Severity


def pending(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings for which a run does not end as if there were nothing to do."""
    return tuple(each for each in findings if each.severity is Severity.ATTENTION and _leaves_undone(each.kind))


def _leaves_undone(kind: FindingKind) -> bool:
    match kind:
        case FindingKind.IMMUTABLE:
            # The change is wanted and possible: somebody has to make it, or to correct the source.
            return True
        case FindingKind.REFUSED | FindingKind.INVALID_VALUE:
            # The target does not take it: somebody has to correct the value or the rule.
            return True
        case FindingKind.ACCESS_KEPT:
            # Somebody who should have no working account keeps one.
            return True
        case (
            FindingKind.AMBIGUOUS
            | FindingKind.FOUND_ALREADY_LINKED
            | FindingKind.LINK_PROPOSED
            | FindingKind.LINK_DISAGREES
            | FindingKind.DECISION
            | FindingKind.ACCOUNT_MISSING
            | FindingKind.SOURCE_MISSING
            | FindingKind.NOT_UNIQUE
            | FindingKind.REQUIRED
            | FindingKind.UNSEEN
            | FindingKind.PROTECTED
            | FindingKind.PROTECTED_ENTRY
            | FindingKind.FROZEN
            | FindingKind.QUARANTINED
            | FindingKind.ENTITLEMENT_UNKNOWN
            | FindingKind.ENTITLEMENT_READ_ONLY
            | FindingKind.ENTITLEMENT_NAME
            | FindingKind.MANAGER
            | FindingKind.NO_WAY_IN
            | FindingKind.LOOKUP_UNKNOWN
            | FindingKind.POLICY
            | FindingKind.UNMANAGED
            | FindingKind.NOT_UNDONE
            | FindingKind.NOT_KEPT
        ):
            return False
        case _:
            assert_never(kind)
