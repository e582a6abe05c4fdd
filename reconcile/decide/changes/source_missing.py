"""Decides about accounts of people who are missing from all sources without a stated termination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.contract import AccountState
from reconcile.decide.changes.suspension import Ending, Kept, deactivation, suspension
from reconcile.decide.fragment import PlanFragment, TargetContext, combine, named, operation_id
from reconcile.decide.identities.absence import Absence
from reconcile.decide.matching.correlate import UnmatchedAccount
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation
from reconcile.store.connection import Store

ENDED = {"deactivate": (AccountState.DEACTIVATED,), "suspend": (AccountState.SUSPENDED, AccountState.DEACTIVATED, AccountState.STAGED)}
"""The states in which there is nothing left to do."""


def vanished_accounts(view: TargetContext, unmatched: Sequence[UnmatchedAccount]) -> tuple[UnmatchedAccount, ...]:
    """The accounts of missing people, where the mapping does not keep them."""
    if view.mapping.vanished == "keep":
        return ()
    return tuple(account for account in unmatched if account.situation is Situation.SOURCE_MISSING)


def decide_vanished(store: Store, view: TargetContext, accounts: Sequence[UnmatchedAccount], absent: Mapping[str, Absence]) -> PlanFragment:
    """Ends the accounts of people who are proven absent on enough dates, and reports the count for the others.

    Leaves the working table `vanished_account` for the stages that follow.
    """
    rows = store.rows("claimants", ids=[account.account_id for account in accounts])
    claimed = {account_id: named(name, anchor) for account_id, name, anchor in rows}
    told = {
        account.account_id: Absence(0, f"{claimed[account.account_id]} matches the account by now")
        if account.account_id in claimed
        else absent[account.anchor]
        for account in accounts
    }
    proven = [account_id for account_id, absence in told.items() if absence.dates >= view.mapping.vanished_after]
    store.do("make_vanished", ids=proven)
    return combine(_decide(view, account, told[account.account_id]) for account in accounts)


def _decide(view: TargetContext, account: UnmatchedAccount, absence: Absence) -> PlanFragment:
    mapping = view.mapping
    if absence.dates < mapping.vanished_after:
        return _finding(view, account, Severity.ATTENTION, _not_yet(view, account, absence))
    if account.state in ENDED[mapping.vanished]:
        sentence = f"{account.anchor} is missing from all sources, on {absence.dates} dates of complete reads by now; the account {_shown(account)} is {account.state.value}."
        return _finding(view, account, Severity.NOTE, sentence)
    suspends = mapping.vanished == "suspend"
    ending = suspension(view, "vanished", account.state, account.status) if suspends else deactivation(account.state)
    detail = (
        f"{account.anchor} is missing from all sources: absent from complete reads on {absence.dates} dates, "
        f'and the mapping says vanished = "{mapping.vanished}" after {mapping.vanished_after}.'
    )
    if isinstance(ending, Kept):
        return _finding(view, account, Severity.ATTENTION, f"{detail} {ending.why}", FindingKind.ACCESS_KEPT)
    return PlanFragment(operations=(_operation(view, account, ending, f"{detail} {ending.why}".rstrip()),))


def _not_yet(view: TargetContext, account: UnmatchedAccount, absence: Absence) -> str:
    mapping = view.mapping
    stays = f"The account {_shown(account)} is {account.state.value} and is left as it is"
    if absence.left_out_by:
        return (
            f"{account.anchor} is missing from what the mapping takes of the sources. No action: {absence.why_not}. {stays}. "
            f"{see_where(absence.left_out_by)}"
        )
    if absence.why_not:
        return f"{account.anchor} is missing from all sources. No action: {absence.why_not}. {stays}. Confirm with HR and record the termination in the source."
    of = f"{absence.dates} of {mapping.vanished_after} complete reads on different dates"
    verb = "suspended" if mapping.vanished == "suspend" else "deactivated"
    return f"{account.anchor} is missing from all sources: absent from {of}. {stays}; after the last of them it is {verb}. Ask HR whether the person has left."


def see_where(source: str) -> str:
    """The way out where a source holds a row that the mapping leaves out, as a sentence."""
    return (
        f"See `where` of the source {source}, and the row: an empty value makes it leave out a row, too. "
        "Correct the one that is wrong; it is no termination."
    )


def _operation(view: TargetContext, account: UnmatchedAccount, ending: Ending, detail: str) -> Operation:
    return Operation(
        id=operation_id(view.name, ending.verb, account.anchor),
        target=view.name,
        verb=ending.verb,
        anchor=account.anchor,
        account_id=account.account_id,
        who=account.login,
        name="",
        before=ending.before,
        after={"state": ending.after.value},
        because=Because(situation=account.situation, rule=view.rule("vanished"), detail=detail),
    )


def _finding(
    view: TargetContext, account: UnmatchedAccount, severity: Severity, message: str, kind: FindingKind = FindingKind.SOURCE_MISSING
) -> PlanFragment:
    finding = Finding(
        kind=kind,
        severity=severity,
        target=view.name,
        anchor=account.anchor,
        account_id=account.account_id,
        who=account.login,
        message=message,
    )
    return PlanFragment(findings=(finding,))


def _shown(account: UnmatchedAccount) -> str:
    return account.login or account.account_id
