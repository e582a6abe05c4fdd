"""Decides changes of account state: which accounts end or become active again, which links are made, and what needs a person instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from connectors.contract import AccountState
from connectors.quoting import quoted
from reconcile.decide.changes.access_in_question import access_in_question
from reconcile.decide.changes.source_missing import see_where
from reconcile.decide.changes.suspension import Kept, suspension
from reconcile.decide.fragment import PlanFragment, TargetContext, combine, named, operation_id
from reconcile.decide.identities.standing import standing
from reconcile.decide.matching.correlate import Correlation, IdentityMatch, MovedLink, StaleLink, UnmatchedAccount
from reconcile.decide.matching.doubts import clause, way_out
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.matching.findings import decide_links
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
from reconcile.plan.one_person import one_person


def decide_lifecycle(view: TargetContext, correlation: Correlation, left_out: Mapping[str, str], unread: frozenset[str]) -> PlanFragment:
    """The decision about every identity and account that is not simply confirmed and working.

    `unread`: the people whose account was created since the target was read. It is not gone, and waits for the next read.
    """
    waiting = frozenset(each.anchor for each in correlation.matches if each.situation is Situation.MISSING) & unread
    pairs = decide_links(view, correlation)
    settled = pairs.blocked | waiting
    decisions = [pairs, PlanFragment(blocked=waiting), *(_decide(view, each) for each in correlation.matches if each.anchor not in settled)]
    kept = (access_in_question(view, each, pairs.blocked, _why_leaving(view, each)) for each in correlation.matches)
    decisions.append(PlanFragment(findings=tuple(filter(None, kept))))
    unmatched = [each for each in correlation.unmatched if each.situation is Situation.UNASSIGNED or view.mapping.vanished == "keep"]
    decisions.append(PlanFragment(findings=tuple(_unmatched(view, account, correlation, left_out) for account in unmatched)))
    decisions.append(
        PlanFragment(links=tuple(_forget(view, each.anchor, each.account_id, _why_gone(each)) for each in correlation.stale_links))
    )
    decisions += [_move(view, each) for each in correlation.moved_links]
    return combine(decisions)


def _why_gone(link: StaleLink) -> str:
    return "both sides are gone" if link.both_gone else "the account is gone and the person should have none"


def _move(view: TargetContext, link: MovedLink) -> PlanFragment:
    """The change of a link whose person goes by another anchor now: the account stays theirs."""
    why = one_person(link.remembered_as, named(link.name, link.anchor))
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


def _decide(view: TargetContext, matched: IdentityMatch) -> PlanFragment:
    match matched.situation:
        case Situation.CONFIRMED | Situation.FOUND | Situation.UNQUALIFIED:
            return _has_account(view, matched)
        case Situation.AMBIGUOUS:
            return _finding(view, matched, FindingKind.AMBIGUOUS, _doubted(matched))
        case Situation.FOUND_ALREADY_LINKED:
            return _finding(view, matched, FindingKind.FOUND_ALREADY_LINKED, _doubted(matched))
        case Situation.MISSING if matched.doubt or not view.mapping.recreate_missing:
            return _finding(view, matched, FindingKind.ACCOUNT_MISSING, _why_missing(view, matched))
        case _:
            return PlanFragment()


def _doubted(matched: IdentityMatch) -> str:
    way = f" {way_out(matched.doubt)}" if matched.doubt else ""
    return f"{_who(matched)}{_clause(matched)}.{way}"


def _clause(matched: IdentityMatch) -> str:
    return f" {clause(matched.doubt)}" if matched.doubt else ""


def _why_missing(view: TargetContext, matched: IdentityMatch) -> str:
    gone = f"The account {matched.account_id} of {_who(matched)} is gone from {view.name}"
    if not view.mapping.recreate_missing:
        return f"{gone}, which was read completely. It is created again only where the mapping says recreate_missing = true."
    return f"{gone}; the person{_clause(matched)}. None is created until a reviewer decides whether that one is theirs."


def _has_account(view: TargetContext, matched: IdentityMatch) -> PlanFragment:
    if matched.expected is Eligibility.ON_HOLD:
        return PlanFragment(blocked=frozenset({matched.anchor}))
    links: tuple[LinkChange, ...] = ()
    if matched.found_by is not None:
        key = view.mapping.correlate[matched.found_by - 1]
        if not key.adopt:
            message = f"{_who(matched)} matches the account {_account(matched)} by {_key(view, matched)} and is not linked to it. Decide about the pair, or set adopt = true on that key."
            return _finding(view, matched, FindingKind.LINK_PROPOSED, message)
        if matched.situation is Situation.FOUND and matched.account_state is AccountState.STAGED:
            # A link would make it one that this job created and has still to activate.
            return _returner(view, matched)
        links = (_remember(view, matched, f"found by {_key(view, matched)}"),)
    if matched.situation is Situation.UNQUALIFIED:
        return combine([PlanFragment(links=links), _leaver(view, matched)])
    return combine(
        [PlanFragment(links=links), _away(view, matched) if matched.expected is Eligibility.SUSPENDED else _returner(view, matched)]
    )


def _leaver(view: TargetContext, matched: IdentityMatch) -> PlanFragment:
    if matched.account_state is AccountState.DEACTIVATED or (
        matched.expected is Eligibility.NOT_YET and matched.account_state is AccountState.STAGED
    ):
        return PlanFragment()
    if matched.expected is Eligibility.NOT_YET:
        message = f"{_who(matched)} starts later, and the account {_account(matched)} works already. It is left as it is."
        return _finding(view, matched, FindingKind.POLICY, message, block=False)
    on_leave = matched.state is LifecycleState.LEAVE and view.mapping.leave == "deactivate"
    if view.mapping.leavers == "deactivate" or on_leave:
        detail = _why_leaving(view, matched) + _claimed(matched)
        return PlanFragment(operations=(_state_change(view, matched, Verb.DEACTIVATE, AccountState.DEACTIVATED, detail),))
    match matched.account_state:
        case AccountState.SUSPENDED:
            return PlanFragment()
        case AccountState.STAGED:
            message = f"{_standing(matched)}, and the account {_account(matched)} was never activated: it admits no sign-in and cannot be suspended. It stays as it is."
            return _finding(view, matched, FindingKind.POLICY, message, block=False)
        case _:
            detail = f'{_why_leaving(view, matched).rstrip(".")}, and the mapping says leavers = "suspend".'
            return _suspend(view, matched, "leavers", detail, _claimed(matched))


def _claimed(matched: IdentityMatch) -> str:
    """A sentence about others who match the account by a weaker key: they wait, and whether they are the same person delays no end."""
    return f" The person{_clause(matched)}; a match by another key does not delay the end." if matched.doubt else ""


def _why_leaving(view: TargetContext, matched: IdentityMatch) -> str:
    person = _standing(matched)
    match matched.state:
        case LifecycleState.TERMINATED:
            return f"{person}."
        case LifecycleState.LEAVE if view.mapping.leave == "deactivate":
            return f'{person}, and the mapping says leave = "deactivate".'
        case LifecycleState.LEAVE | LifecycleState.ACTIVE | LifecycleState.FUTURE:
            return f"{person} and does not fulfil `{view.mapping.eligible}`."


def _away(view: TargetContext, matched: IdentityMatch) -> PlanFragment:
    """Suspends the account of a person on leave; everything else about it stays as for a person who works."""
    match matched.account_state:
        case AccountState.SUSPENDED:
            return PlanFragment()
        case AccountState.STAGED | AccountState.DEACTIVATED:
            message = f"{_standing(matched)}, and the account {_account(matched)} is {matched.account_state.value}: there is nothing to suspend. It stays as it is until they are back."
            return _finding(view, matched, FindingKind.POLICY, message)
        case AccountState.ACTIVE | AccountState.UNKNOWN | None:
            return _suspend(view, matched, "leave", f'{_standing(matched)}, and the mapping says leave = "suspend".')


def _suspend(
    view: TargetContext, matched: IdentityMatch, setting: Literal["leavers", "leave"], detail: str, note: str = ""
) -> PlanFragment:
    """The suspension, or what takes its place where the account cannot be suspended from its status. `note` follows the reason."""
    chosen = suspension(view, setting, matched.account_state or AccountState.UNKNOWN, matched.status)
    if isinstance(chosen, Kept):
        message = f"{detail} The account {_account(matched)}: {chosen.why}"
        return _finding(view, matched, FindingKind.ACCESS_KEPT, message, block=False)
    why = f" {chosen.why}" if chosen.why else ""
    operation = _state_change(view, matched, chosen.verb, chosen.after, f"{detail}{why}{note}")
    return PlanFragment(operations=(replace(operation, before=chosen.before),))


def _returner(view: TargetContext, matched: IdentityMatch) -> PlanFragment:
    match matched.account_state:
        case AccountState.DEACTIVATED:
            return _reactivate(view, matched, f"{_standing(matched)}, and the account is deactivated.")
        case AccountState.STAGED if matched.found_by is None:
            return _reactivate(view, matched, f"{_standing(matched)}, and the account was never activated.")
        case AccountState.SUSPENDED if matched.suspended_by_us:
            return _reactivate(view, matched, f"{_standing(matched)}, and the account was suspended by this job.")
        case AccountState.STAGED | AccountState.SUSPENDED:
            message = f"The account {_account(matched)} of {_who(matched)} is {matched.account_state.value}: set by hand. It stays so until it is changed by hand."
            return _finding(view, matched, FindingKind.POLICY, message, block=matched.account_state is AccountState.STAGED)
        case AccountState.ACTIVE | AccountState.UNKNOWN | None:
            return PlanFragment()


def _reactivate(view: TargetContext, matched: IdentityMatch, detail: str) -> PlanFragment:
    return PlanFragment(operations=(_state_change(view, matched, Verb.REACTIVATE, AccountState.ACTIVE, detail),))


def _state_change(view: TargetContext, matched: IdentityMatch, verb: Verb, after: AccountState, detail: str) -> Operation:
    before = matched.account_state.value if matched.account_state else None
    return Operation(
        id=operation_id(view.name, verb, matched.anchor),
        target=view.name,
        verb=verb,
        anchor=matched.anchor,
        account_id=matched.account_id,
        who=matched.login,
        name=matched.name,
        before={"state": before},
        after={"state": after.value},
        because=Because(situation=matched.situation, rule=view.rule("who"), detail=detail),
    )


def _unmatched(view: TargetContext, account: UnmatchedAccount, correlation: Correlation, left_out: Mapping[str, str]) -> Finding:
    shown = account.login or account.account_id
    if account.situation is Situation.SOURCE_MISSING:
        # Who has no working account any more keeps nothing that somebody would have to decide about.
        ended = account.state is AccountState.DEACTIVATED
        kind, severity = FindingKind.SOURCE_MISSING, Severity.NOTE if ended else Severity.ATTENTION
        message = _missing(account, correlation, left_out.get(account.anchor, ""))
    else:
        kind, severity = FindingKind.UNMANAGED, Severity.NOTE
        managed = ", except for fully managed groups" if view.mapping.fully_managed and correlation.absence_proven else ""
        why = "no identity is linked to it or matches it"
        if carried := account.carried:
            why = f"it carries the {carried.attribute} of {named(carried.name, carried.anchor)}, whose account is {carried.own_login}"
            # The leaver's own account ends; a second one that works outlives them.
            outlives = carried.leaving and account.state is not AccountState.DEACTIVATED
            severity = Severity.ATTENTION if outlives else Severity.NOTE
            why += "; they should have none. End it by hand, or decide that it is not theirs" if outlives else ""
        message = f"Unmatched account {shown} ({account.state.value}): {why}. Left unchanged{managed}."
    return Finding(
        kind=kind,
        severity=severity,
        target=view.name,
        anchor=account.anchor,
        account_id=account.account_id,
        who=account.login,
        message=message,
    )


def _missing(account: UnmatchedAccount, correlation: Correlation, left_out_by: str) -> str:
    """Returns the sentence about an account whose person is in no source. `left_out_by`: the source that holds a row of theirs all the same."""
    left = f"the account {account.login or account.account_id} is {account.state.value} and is left as it is"
    if left_out_by:
        gone = f"is missing from what the mapping takes of the sources: {left_out_by} holds a row of theirs, which the mapping leaves out"
        return f"{account.anchor} {gone}; {left}. {see_where(left_out_by)}"
    gone = (
        "is missing from all sources, which were read completely"
        if correlation.absence_proven
        else "is in no source as far as they were read, which proves nothing now"
    )
    return f"{account.anchor} {gone}; {left}. Confirm with HR and record the termination in the source."


def _remember(view: TargetContext, matched: IdentityMatch, why: str) -> LinkChange:
    return LinkChange(
        target=view.name, anchor=matched.anchor, account_id=matched.account_id, because=why, who=matched.login, name=matched.name
    )


def _forget(view: TargetContext, anchor: str, account_id: str, why: str) -> LinkChange:
    return LinkChange(target=view.name, anchor=anchor, account_id=account_id, because=why, forget=True)


def _finding(view: TargetContext, matched: IdentityMatch, kind: FindingKind, message: str, *, block: bool = True) -> PlanFragment:
    severity = Severity.NOTE if kind is FindingKind.POLICY else Severity.ATTENTION
    finding = Finding(
        kind=kind,
        severity=severity,
        target=view.name,
        anchor=matched.anchor,
        account_id=matched.account_id,
        who=matched.login,
        message=message,
        candidates=matched.candidates or _own(matched, kind),
    )
    return PlanFragment(findings=(finding,), blocked=frozenset({matched.anchor}) if block else frozenset())


def _own(matched: IdentityMatch, kind: FindingKind) -> tuple[Candidate, ...]:
    """The account itself, where the question is whether it is theirs."""
    asked = kind in (FindingKind.LINK_PROPOSED, FindingKind.AMBIGUOUS) and matched.account_id
    return (Candidate(matched.account_id, matched.login),) if asked else ()


def _who(matched: IdentityMatch) -> str:
    return named(matched.name, matched.anchor)


def _standing(matched: IdentityMatch) -> str:
    return standing(_who(matched), matched.state, matched.life)


def _account(matched: IdentityMatch) -> str:
    return matched.login or matched.account_id


def _key(view: TargetContext, matched: IdentityMatch) -> str:
    """The key that found the account, with what it is there: `badge 'b1'`."""
    key = view.mapping.correlate[(matched.found_by or 1) - 1]
    return key.account if matched.found_value == matched.login else f"{key.account} {quoted(matched.found_value)}"
