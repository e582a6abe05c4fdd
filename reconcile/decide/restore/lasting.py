"""Findings on what no plan brings back: deleted accounts and groups, passwords and mails, exclusions from rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from connectors.contract import EntitlementKind
from connectors.quoting import quoted
from reconcile.decide.fragment import listed
from reconcile.decide.restore.builder import RestoreBuilder
from reconcile.decide.restore.shapes import AccountSince, Appeared, MembershipSince
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, Operation, Severity, Verb

SAMPLE = 5
"""Number of accounts that a sentence names."""


def gone_for_good(build: RestoreBuilder, accounts: Iterable[AccountSince], memberships: Iterable[MembershipSince]) -> Iterator[Finding]:
    """Yields a finding for each account and each group of the earlier snapshot that is not there any more."""
    for each in accounts:
        if each.now is None:
            yield build.left(
                each.owner, f"the account was {each.then.value} {build.then} and is deleted. Nothing brings it back.", Severity.ATTENTION
            )
    lost = Counter((each.kind, each.entitlement) for each in memberships if each.held and not each.exists_now)
    for (kind, name), members in sorted(lost.items()):
        yield build.of_all(
            f"The {kind or 'group'} {quoted(name)} held {number_of(members, 'account')} {build.then} and is deleted. Its memberships do not come back.",
            Severity.ATTENTION,
        )


def not_as_before(build: RestoreBuilder, operations: Sequence[Operation]) -> Iterator[Finding]:
    """Yields what stays lost although an account or a membership comes back."""
    woken = [each.who or each.account_id for each in operations if each.verb is Verb.REACTIVATE]
    if woken:
        yield build.of_all(
            f"{number_of(len(woken), 'account')} can be used again in {build.view.name}, and not all is as before: sessions that ended stay ended, "
            f"mails that were sent stay sent, and a password may have to be set anew: {listed(woken[:SAMPLE], len(woken))}."
        )
    if any(each.verb is Verb.ADD_MEMBER and each.entitlement_kind == EntitlementKind.GROUP for each in operations):
        yield build.of_all(
            "Memberships of groups come back as direct ones: where a removal by hand excluded somebody from a rule of "
            f"{build.view.name}, that exclusion stays."
        )
    if any(each.verb is Verb.ADD_MEMBER and each.entitlement_kind == EntitlementKind.ROLE for each in operations):
        yield build.of_all(
            "Roles come back by their value alone: what the application keeps beside it, such as a type, it has to set itself."
        )


def left_alone(build: RestoreBuilder, appeared: Sequence[Appeared], memberships: Iterable[MembershipSince]) -> Iterator[Finding]:
    """Yields a finding on the accounts, and one on the groups, that the earlier snapshot did not hold: they are left as they are."""
    for wanted, reason, severity in (
        (True, "the mapping gives their people an account", Severity.NOTE),
        (False, "no rule gives them; to end one: reconcile act deactivate WHO", Severity.ATTENTION),
    ):
        some = [each.login or each.account_id for each in appeared if each.wanted is wanted]
        if some:
            subject = number_of(len(some), "account")
            yield build.of_all(f"{subject} appeared since and stay as they are ({reason}): {listed(some[:SAMPLE], len(some))}.", severity)
    new = sorted({each.entitlement for each in memberships if not each.held and not each.existed and each.exists_now})
    if new:
        yield build.of_all(f"Groups and apps that were not read then keep their members: {listed(new[:SAMPLE], len(new))}.")
