"""Decides changes of account state: which accounts end or become active again, which links are made, and what needs a person instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from connectors.contract import AccountState
from reconcile.decide.changes.suspension import Kept, suspension
from reconcile.decide.fragment import PlanFragment, TargetContext, combine, named, operation_id
from reconcile.decide.identities.standing import standing
from reconcile.decide.matching.correlate import Correlation, IdentityMatch, MovedLink, StaleLink, UnmatchedAccount
from reconcile.decide.matching.doubts import clause, way_out
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.matching.findings import decide_pairs
from reconcile.plan.model import (
    Because,
    Candidate,
    Finding,
    FindingKind,
    LifecycleState,
    LinkChange,
    Operation,
    Severity,
    Situation,
    Verb,
)


def decide_lifecycle(view: TargetContext, correlation: Correlation) -> PlanFragment:
    """The decision about every identity and account that is not simply confirmed and working."""
    pairs = decide_pairs(view, correlation)
    decisions = [pairs, *(_decide(view, pairing) for pairing in correlation.pairings if pairing.anchor not in pairs.blocked)]
    unclaimed = [each for each in correlation.unclaimed if each.situation is Situation.UNASSIGNED or view.mapping.vanished == "keep"]
    decisions.append(PlanFragment(findings=tuple(_unclaimed(view, account, correlation) for account in unclaimed)))
    decisions.append(
        PlanFragment(links=tuple(_forget(view, each.anchor, each.account_id, _why_gone(each)) for each in correlation.forgotten))
    )
    decisions += [_move(view, each) for each in correlation.moved]
    return combine(decisions)


def _why_gone(link: StaleLink) -> str:
    return "both sides are gone" if link.both_gone else "the account is gone and the person should have none"


def _move(view: TargetContext, link: MovedLink) -> PlanFragment:
    """The change of a link whose person goes by another anchor now: the account stays theirs."""
    why = f"{link.remembered_as} is one person with {named(link.name, link.anchor)}"
    forgotten = _forget(view, link.remembered_as, link.account_id, why)
    kept = LinkChange(
        target=view.name,
        anchor=link.anchor,
        account_id=link.account_id,
        because=f"{why}; the account is theirs",
        who=link.login,
        name=link.name,
    )
    return PlanFragment(links=(forgotten, kept) if link.kept else (forgotten,))


def _decide(view: TargetContext, pairing: IdentityMatch) -> PlanFragment:
    match pairing.situation:
        case Situation.CONFIRMED | Situation.FOUND | Situation.UNQUALIFIED:
            return _paired(view, pairing)
        case Situation.AMBIGUOUS:
            return _finding(view, pairing, FindingKind.AMBIGUOUS, _doubted(pairing))
        case Situation.FOUND_ALREADY_LINKED:
            return _finding(view, pairing, FindingKind.FOUND_ALREADY_LINKED, _doubted(pairing))
        case Situation.MISSING if pairing.doubt or not view.mapping.recreate_missing:
            return _finding(view, pairing, FindingKind.ACCOUNT_MISSING, _why_missing(view, pairing))
        case _:
            return PlanFragment()


def _doubted(pairing: IdentityMatch) -> str:
    way = f" {way_out(pairing.doubt)}" if pairing.doubt else ""
    return f"{_who(pairing)}{_clause(pairing)}.{way}"


def _clause(pairing: IdentityMatch) -> str:
    return f" {clause(pairing.doubt)}" if pairing.doubt else ""


def _why_missing(view: TargetContext, pairing: IdentityMatch) -> str:
    gone = f"The account {pairing.account_id} of {_who(pairing)} is gone from {view.name}"
    if not view.mapping.recreate_missing:
        return f"{gone}, which was read completely. It is created again only where the mapping says recreate_missing = true."
    return f"{gone}; the person{_clause(pairing)}. None is created until somebody decides whether that one is theirs."


def _paired(view: TargetContext, pairing: IdentityMatch) -> PlanFragment:
    if pairing.expected is Eligibility.ON_HOLD:
        return PlanFragment(blocked=frozenset({pairing.anchor}))
    links: tuple[LinkChange, ...] = ()
    if pairing.found_by is not None:
        key = view.mapping.correlate[pairing.found_by - 1]
        if not key.adopt:
            message = f"{_who(pairing)} matches the account {_account(pairing)} by {_key(view, pairing)} and is not linked to it. Decide about the pair, or set adopt = true on that key."
            return _finding(view, pairing, FindingKind.LINK_PROPOSED, message)
        if pairing.situation is Situation.FOUND and pairing.account_state is AccountState.STAGED:
            # A link would make it one that this job created and has still to activate.
            return _returner(view, pairing)
        links = (_remember(view, pairing, f"found by {_key(view, pairing)}"),)
    if pairing.situation is Situation.UNQUALIFIED:
        return combine([PlanFragment(links=links), _leaver(view, pairing)])
    return combine(
        [PlanFragment(links=links), _away(view, pairing) if pairing.expected is Eligibility.SUSPENDED else _returner(view, pairing)]
    )


def _leaver(view: TargetContext, pairing: IdentityMatch) -> PlanFragment:
    if pairing.account_state is AccountState.DEACTIVATED or (
        pairing.expected is Eligibility.NOT_YET and pairing.account_state is AccountState.STAGED
    ):
        return PlanFragment()
    if pairing.expected is Eligibility.NOT_YET:
        message = f"{_who(pairing)} starts later, and the account {_account(pairing)} works already. It is left as it is."
        return _finding(view, pairing, FindingKind.POLICY, message, block=False)
    on_leave = pairing.state is LifecycleState.LEAVE and view.mapping.leave == "deactivate"
    if view.mapping.leavers == "deactivate" or on_leave:
        detail = _why_leaving(view, pairing) + _claimed(pairing)
        return PlanFragment(operations=(_state_change(view, pairing, Verb.DEACTIVATE, AccountState.DEACTIVATED, detail),))
    match pairing.account_state:
        case AccountState.SUSPENDED:
            return PlanFragment()
        case AccountState.STAGED:
            message = f"{_standing(pairing)}, and the account {_account(pairing)} was never activated: nobody can sign in with it, and it cannot be suspended. It stays as it is."
            return _finding(view, pairing, FindingKind.POLICY, message, block=False)
        case _:
            detail = f'{_why_leaving(view, pairing).rstrip(".")}, and the mapping says leavers = "suspend".'
            return _suspend(view, pairing, "leavers", detail, _claimed(pairing))


def _claimed(pairing: IdentityMatch) -> str:
    """A sentence about others who match the account by a weaker key: they wait, and whether they are the same person delays no end."""
    return f" The person{_clause(pairing)}; a match by another key does not delay the end." if pairing.doubt else ""


def _why_leaving(view: TargetContext, pairing: IdentityMatch) -> str:
    person = _standing(pairing)
    match pairing.state:
        case LifecycleState.TERMINATED:
            return f"{person}."
        case LifecycleState.LEAVE if view.mapping.leave == "deactivate":
            return f'{person}, and the mapping says leave = "deactivate".'
        case LifecycleState.LEAVE | LifecycleState.ACTIVE | LifecycleState.FUTURE:
            return f"{person} and does not fulfil `{view.mapping.eligible}`."


def _away(view: TargetContext, pairing: IdentityMatch) -> PlanFragment:
    """Somebody on leave whose account is suspended meanwhile; all else about it stays as for anybody who works."""
    match pairing.account_state:
        case AccountState.SUSPENDED:
            return PlanFragment()
        case AccountState.STAGED | AccountState.DEACTIVATED:
            message = f"{_standing(pairing)}, and the account {_account(pairing)} is {pairing.account_state.value}: there is nothing to suspend. It stays as it is until they are back."
            return _finding(view, pairing, FindingKind.POLICY, message)
        case AccountState.ACTIVE | AccountState.UNKNOWN | None:
            return _suspend(view, pairing, "leave", f'{_standing(pairing)}, and the mapping says leave = "suspend".')


def _suspend(
    view: TargetContext, pairing: IdentityMatch, setting: Literal["leavers", "leave"], detail: str, note: str = ""
) -> PlanFragment:
    """The suspension, or what takes its place where the account cannot be suspended from its status. `note` follows the reason."""
    chosen = suspension(view, setting, pairing.account_state or AccountState.UNKNOWN, pairing.status)
    if isinstance(chosen, Kept):
        message = f"{detail} The account {_account(pairing)}: {chosen.why}"
        return _finding(view, pairing, FindingKind.ACCESS_KEPT, message, block=False)
    why = f" {chosen.why}" if chosen.why else ""
    operation = _state_change(view, pairing, chosen.verb, chosen.after, f"{detail}{why}{note}")
    return PlanFragment(operations=(replace(operation, before=chosen.before),))


def _returner(view: TargetContext, pairing: IdentityMatch) -> PlanFragment:
    match pairing.account_state:
        case AccountState.DEACTIVATED:
            return _reactivate(view, pairing, f"{_standing(pairing)}, and the account is deactivated.")
        case AccountState.STAGED if pairing.found_by is None:
            return _reactivate(view, pairing, f"{_standing(pairing)}, and the account was never activated.")
        case AccountState.SUSPENDED if pairing.suspended_by_us:
            return _reactivate(view, pairing, f"{_standing(pairing)}, and the account was suspended by this job.")
        case AccountState.STAGED | AccountState.SUSPENDED:
            message = f"The account {_account(pairing)} of {_who(pairing)} is {pairing.account_state.value}: somebody did that by hand. It stays so until somebody ends it."
            return _finding(view, pairing, FindingKind.POLICY, message, block=pairing.account_state is AccountState.STAGED)
        case AccountState.ACTIVE | AccountState.UNKNOWN | None:
            return PlanFragment()


def _reactivate(view: TargetContext, pairing: IdentityMatch, detail: str) -> PlanFragment:
    return PlanFragment(operations=(_state_change(view, pairing, Verb.REACTIVATE, AccountState.ACTIVE, detail),))


def _state_change(view: TargetContext, pairing: IdentityMatch, verb: Verb, after: AccountState, detail: str) -> Operation:
    before = pairing.account_state.value if pairing.account_state else None
    return Operation(
        id=operation_id(view.name, verb, pairing.anchor),
        target=view.name,
        verb=verb,
        anchor=pairing.anchor,
        account_id=pairing.account_id,
        who=pairing.login,
        name=pairing.name,
        before={"state": before},
        after={"state": after.value},
        because=Because(situation=pairing.situation, rule=view.rule("who"), detail=detail),
    )


def _unclaimed(view: TargetContext, account: UnmatchedAccount, correlation: Correlation) -> Finding:
    shown = account.login or account.account_id
    if account.situation is Situation.SOURCE_MISSING:
        # Who has no working account any more keeps nothing that somebody would have to decide about.
        ended = account.state is AccountState.DEACTIVATED
        kind, severity = FindingKind.SOURCE_MISSING, Severity.NOTE if ended else Severity.ATTENTION
        gone = (
            "is gone from every source, which were read completely"
            if correlation.absence_proven
            else "is in no source as far as they were read, which proves nothing now"
        )
        message = f"{account.anchor} {gone}; the account {shown} is {account.state.value} and is left as it is. Confirm with HR and record the termination in the source."
    else:
        kind, severity = FindingKind.UNMANAGED, Severity.NOTE
        managed = ", except for fully managed groups" if view.mapping.fully_managed and correlation.absence_proven else ""
        message = f"Unmatched account {shown} ({account.state.value}): no identity is linked to it or matches it. Left unchanged{managed}."
    return Finding(
        kind=kind,
        severity=severity,
        target=view.name,
        anchor=account.anchor,
        account_id=account.account_id,
        who=account.login,
        message=message,
    )


def _remember(view: TargetContext, pairing: IdentityMatch, why: str) -> LinkChange:
    return LinkChange(
        target=view.name, anchor=pairing.anchor, account_id=pairing.account_id, because=why, who=pairing.login, name=pairing.name
    )


def _forget(view: TargetContext, anchor: str, account_id: str, why: str) -> LinkChange:
    return LinkChange(target=view.name, anchor=anchor, account_id=account_id, because=why, forget=True)


def _finding(view: TargetContext, pairing: IdentityMatch, kind: FindingKind, message: str, *, block: bool = True) -> PlanFragment:
    severity = Severity.NOTE if kind is FindingKind.POLICY else Severity.ATTENTION
    finding = Finding(
        kind=kind,
        severity=severity,
        target=view.name,
        anchor=pairing.anchor,
        account_id=pairing.account_id,
        who=pairing.login,
        message=message,
        candidates=pairing.candidates or _own(pairing, kind),
    )
    return PlanFragment(findings=(finding,), blocked=frozenset({pairing.anchor}) if block else frozenset())


def _own(pairing: IdentityMatch, kind: FindingKind) -> tuple[Candidate, ...]:
    """The account itself, where the question is whether it is theirs."""
    asked = kind in (FindingKind.LINK_PROPOSED, FindingKind.AMBIGUOUS) and pairing.account_id
    return (Candidate(pairing.account_id, pairing.login),) if asked else ()


def _who(pairing: IdentityMatch) -> str:
    return named(pairing.name, pairing.anchor)


def _standing(pairing: IdentityMatch) -> str:
    return standing(_who(pairing), pairing.state, pairing.life)


def _account(pairing: IdentityMatch) -> str:
    return pairing.login or pairing.account_id


def _key(view: TargetContext, pairing: IdentityMatch) -> str:
    """The key that found the account, with what it is there: `badge 'b1'`."""
    key = view.mapping.correlate[(pairing.found_by or 1) - 1]
    return key.account if pairing.found_value == pairing.login else f"{key.account} {pairing.found_value!r}"
