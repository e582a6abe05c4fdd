"""Decides which findings leave access open until a reviewer decides or corrects something: a run with one of them ends with 10, not 0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconcile.plan.model import Finding, FindingKind, Severity


def pending(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns the findings that leave something open; notes never do."""
    return tuple(each for each in findings if each.severity is Severity.ATTENTION and _leaves_open(each.kind))


def _leaves_open(kind: FindingKind) -> bool:
    match kind:
        case (
            FindingKind.IMMUTABLE
            | FindingKind.REFUSED
            | FindingKind.INVALID_VALUE
            | FindingKind.REQUIRED
            | FindingKind.NOT_UNIQUE
            | FindingKind.UNSEEN
        ):
            # The change is wanted: somebody has to make it, or to correct the value, the source or the rule. A new hire has no account until then.
            return True
        case (
            FindingKind.ACCESS_KEPT
            | FindingKind.REJECTED
            | FindingKind.SOURCE_MISSING
            | FindingKind.ACCOUNT_MISSING
            | FindingKind.AMBIGUOUS
            | FindingKind.FOUND_ALREADY_LINKED
            | FindingKind.LINK_PROPOSED
            | FindingKind.LINK_DISAGREES
            | FindingKind.QUARANTINED
        ):
            # Somebody may keep access that no source grants, or lack theirs: which account is whose, or what a source says, is not settled.
            return True
        case (
            FindingKind.ENTITLEMENT_UNKNOWN
            | FindingKind.ENTITLEMENT_READ_ONLY
            | FindingKind.POLICY
            | FindingKind.FROZEN
            | FindingKind.NOT_ACTED
            | FindingKind.OUTDATED_READ
        ):
            # A rule, what a target cannot do, or a system that was not read, or not since the last run, leaves people as they are until somebody mends it.
            return True
        case FindingKind.HELD | FindingKind.PROTECTED | FindingKind.PROTECTED_ENTRY | FindingKind.DECISION | FindingKind.ENTITLEMENT_NAME:
            # Settled by a setting or a decision; one that needs a correction keeps nobody waiting.
            return False
        case (
            FindingKind.MANAGER
            | FindingKind.LOOKUP_UNKNOWN
            | FindingKind.BY_HAND
            | FindingKind.NO_WAY_IN
            | FindingKind.UNMANAGED
            | FindingKind.NOT_UNDONE
            | FindingKind.NOT_RESTORED
            | FindingKind.NOT_KEPT
        ):
            # Reported for information: nothing about anybody's access depends on an answer.
            return False
        case _:
            assert_never(kind)
