"""Findings about links that a key contradicts, and changes of links that reviewers decided."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.quoting import quoted
from reconcile.decide.fragment import PlanFragment, TargetContext, listed, named
from reconcile.decide.matching.correlate import Correlation, DecidedLink, LinkConflict
from reconcile.plan.model import Candidate, Finding, FindingKind, LinkChange, Severity
from reconcile.project.decisions import FILE


def decide_links(view: TargetContext, correlation: Correlation) -> PlanFragment:
    """Decides the links that decisions make or end, and reports the linked people whose account has to be checked."""
    against = correlation.conflicts
    return PlanFragment(
        findings=(*(_conflict(view, each) for each in against), *_ineffective(view, correlation.ineffective)),
        links=tuple(_decided_link(view, each) for each in correlation.decided_links),
        blocked=frozenset(each.anchor for each in against if each.by_anchor),
    )


def _conflict(view: TargetContext, each: LinkConflict) -> Finding:
    """The existing link takes precedence, except where the key carries the anchor: then the person gets nothing until it is resolved."""
    account, other = each.login or each.account_id, each.other_login or each.other_account
    held = f"whose {each.attribute} is {quoted(each.carried)}" + (
        f", that of {listed([named(*one) for one in each.people], each.total)}" if each.people else ""
    )
    elsewhere = (
        f" The account {other} has their {quoted(each.wanted)}, and is linked to {named(each.other_name, each.other_anchor) or 'no person'}."
        if other
        else ""
    )
    swapped = " The two look swapped." if each.swapped else ""
    ending = (
        "Nothing is done for this person until a reviewer decides which account is theirs."
        if each.by_anchor
        else "The existing link takes precedence: the account is updated from this person. If the link is wrong, decide which account is theirs."
    )
    return Finding(
        kind=FindingKind.LINK_DISAGREES,
        severity=Severity.ATTENTION,
        target=view.name,
        anchor=each.anchor,
        account_id=each.account_id,
        who=each.login,
        message=f"{named(each.name, each.anchor)} is linked to the account {account}, {held}.{elsewhere}{swapped} {ending}",
        candidates=(Candidate(each.account_id, each.login), *([Candidate(each.other_account, each.other_login)] if other else [])),
    )


def _decided_link(view: TargetContext, each: DecidedLink) -> LinkChange:
    reason = next(known.reason for known in view.link_decisions if (known.anchor, known.account_id) == each.decided)
    return LinkChange(
        target=view.name, anchor=each.anchor, account_id=each.account_id, because=reason, who=each.login, name=each.name, forget=each.forget
    )


def _ineffective(view: TargetContext, ineffective: Iterable[tuple[str, str, bool, bool]]) -> Iterable[Finding]:
    for anchor, account_id, somebody, some_account in ineffective:
        unknown = [
            *([] if somebody else [f"no person in the sources has the anchor {quoted(anchor)}"]),
            *([] if some_account else [f"{view.name} has no account {quoted(account_id)}"]),
        ] or ["another line decides otherwise about the same person"]
        yield Finding(
            kind=FindingKind.DECISION,
            severity=Severity.NOTE,
            target=view.name,
            anchor=anchor,
            account_id=account_id,
            message=f"The decision about {anchor} and the account {account_id} changes nothing: {', and '.join(unknown)}. Correct the line in {FILE}, or take it out.",
        )
