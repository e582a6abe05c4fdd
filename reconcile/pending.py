"""Which findings leave a change undone that the mapping asks for, until a person decides or repairs something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconcile.model import Finding, FindingKind, Severity


def pending(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings for which a run does not end as if there were nothing to do."""
    return tuple(each for each in findings if each.severity is Severity.ATTENTION and _leaves_undone(each.kind))


def _leaves_undone(kind: FindingKind) -> bool:
    match kind:
        case FindingKind.IMMUTABLE | FindingKind.NOT_UNIQUE | FindingKind.REQUIRED | FindingKind.UNSEEN:
            # A value of an account, or the whole account of a new person.
            return True
        case FindingKind.AMBIGUOUS | FindingKind.FOUND_ALREADY_LINKED | FindingKind.LINK_PROPOSED | FindingKind.ACCOUNT_MISSING:
            # Which account is whose: nothing is written for the person, and nobody who leaves loses an account.
            return True
        case FindingKind.QUARANTINED | FindingKind.ACCESS_KEPT:
            # The person stays as they are, also where the row says that they have left.
            return True
        case (
            FindingKind.LINK_DISAGREES
            | FindingKind.DECISION
            | FindingKind.SOURCE_MISSING
            | FindingKind.PROTECTED
            | FindingKind.FROZEN
            | FindingKind.ENTITLEMENT_UNKNOWN
            | FindingKind.ENTITLEMENT_READ_ONLY
            | FindingKind.MANAGER
            | FindingKind.LOOKUP_UNKNOWN
            | FindingKind.POLICY
            | FindingKind.UNMANAGED
            | FindingKind.NOT_UNDONE
        ):
            return False
        case _:
            assert_never(kind)
