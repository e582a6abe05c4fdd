"""Names leavers who keep access because it is in question which account is theirs: nothing ends it until a reviewer decides."""

from __future__ import annotations

from collections.abc import Collection

from reconcile.decide.changes.opening import WORKING
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.correlate import IdentityMatch
from reconcile.decide.matching.doubts import Ambiguity
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.plan.model import Finding, FindingKind, Severity, Situation

_OF_OTHERS = (Ambiguity.OWNED, Ambiguity.CONTRADICTED)
"""Kinds of doubt in which the account is that of another person, where one is named."""


def access_in_question(view: TargetContext, matched: IdentityMatch, in_conflict: Collection[str], why: str) -> Finding | None:
    """A finding where a person who should have no working account keeps one by a question; None where they do not.

    `in_conflict`: the people whose linked account carries the number of another. `why`: the sentence that says why they should have none.
    Only a linked account is named as theirs; of others it is said that they may be.
    """
    if matched.expected is not Eligibility.NONE:
        return None
    linked = matched.anchor in in_conflict
    if not (linked or _proposed(view, matched) or _ambiguous(matched)):
        return None
    if linked and matched.account_state not in WORKING:
        return None
    shown = matched.login or matched.account_id
    accounts = ", ".join(each.who or each.account_id for each in matched.candidates) or shown
    state = f"The account {shown} still works" if linked else f"An account that may be theirs still works: {accounts}"
    return Finding(
        kind=FindingKind.ACCESS_KEPT,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=matched.anchor,
        account_id=matched.account_id if linked else "",
        who=matched.login if linked else "",
        message=f"{why} {state}. Nothing ends it until a reviewer decides which account is theirs.",
    )


def _proposed(view: TargetContext, matched: IdentityMatch) -> bool:
    """Whether a working account was found by a key that does not adopt."""
    if matched.situation is not Situation.UNQUALIFIED or matched.found_by is None:
        return False
    return not view.mapping.correlate[matched.found_by - 1].adopt and matched.account_state in WORKING


def _ambiguous(matched: IdentityMatch) -> bool:
    """Whether some account that works may be theirs, and is not known as that of another."""
    doubt = matched.doubt
    others = doubt is not None and doubt.kind in _OF_OTHERS and doubt.total > 0
    return matched.situation is Situation.AMBIGUOUS and matched.candidate_works and not others
