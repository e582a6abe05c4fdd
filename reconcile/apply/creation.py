"""Creates accounts, and says what came of it."""

from __future__ import annotations

from typing import Protocol, assert_never

from connectors.contract import Opening, Record, Target
from connectors.errors import ConnectorError, Uncertain
from connectors.quoting import quoted
from connectors.verbs import AccountVerbs
from reconcile.apply.known_accounts import NewAccounts
from reconcile.apply.outcomes import outcome_of, outcome_of_error
from reconcile.apply.precondition import check_precondition
from reconcile.apply.read_back import UNJUDGED
from reconcile.apply.standing import PreconditionCheck, Standing
from reconcile.apply.teaching import Teaching
from reconcile.plan.model import Operation, Outcome, OutcomeKind
from reconcile.plan.same_account import PlannedWrites, fold


class Run(Protocol):
    """The live run that a creation is a part of."""

    writes: PlannedWrites
    teaching: Teaching
    new_accounts: NewAccounts


class Creating(Protocol):
    """Sends the request of a creation."""

    async def create(self, creation: Operation) -> Record: ...

    def refused(self, creation: Operation, error: ConnectorError) -> bool:
        """Whether a creation that was refused, and of which nothing is there, is to be sent once more, as another request."""


async def created(target: Target, operation: Operation, seen: PreconditionCheck, creating: Creating, run: Run) -> Outcome:
    """Creates an account, or opens the one that an earlier request has made.

    Raises Uncertain, and what does not tell whether the request was carried out.
    """
    try:
        record = await (open_account(target, operation, seen.seen.id, seen.seen) if seen.seen else creating.create(operation))
    except (Uncertain, *UNJUDGED):
        raise
    except ConnectorError as error:
        # Creating can take two steps. What the first one made is ours, and the next plan finishes it.
        made = await check_precondition(target, operation, planned=run.writes, sent_before=True)
        if made.seen is None and creating.refused(operation, error):
            return await created(target, operation, seen, creating, run)
        ours = made.seen is not None and made.standing is not Standing.DRIFTED
        if made.seen is None:
            run.teaching.refused(operation, error)
        return outcome_of_error(OutcomeKind.FAILED, error, made.seen.id if made.seen and ours else "")
    if seen.seen is None and (other := _other_login(target, operation, record)):
        known = run.new_accounts.whose(operation, record.id)
        return run.new_accounts.not_linked(operation, record.id, f"{known} and {other}" if known else other)
    problem, note = run.teaching.judge(target.name, record, operation, target.traits)
    if problem:
        return outcome_of(OutcomeKind.FAILED, f"{target.name} accepted it, and {problem}", record.id)
    detail = "" if seen.seen else seen.detail
    return outcome_of(OutcomeKind.DONE, "; ".join(each for each in (detail, note) if each), record.id)


def _other_login(target: Target, operation: Operation, record: Record) -> str:
    """Returns that a new account does not carry the login that it was created with, as a clause; empty where it does."""
    login = target.traits.login
    wanted, shown = operation.after.get(login), record.values().get(login)
    return "" if fold(wanted) == fold(shown) else f"whose {login} is {quoted(shown)} and not {quoted(wanted)}"


async def open_account(target: AccountVerbs, operation: Operation, account_id: str, seen: Record | None) -> Record:
    """Makes an account active, as the operation says."""
    opened = target.invite_account if operation.opening is Opening.MAIL else target.activate_account
    return await opened(account_id, seen)


async def create_account(target: AccountVerbs, operation: Operation) -> Record:
    """Creates an account by itself, and opens it as the operation says."""
    match operation.opening:
        case Opening.SILENT:
            return await target.create_account(operation.after)
        case Opening.LATER:
            return await target.stage_account(operation.after)
        case Opening.MAIL:
            staged = await target.stage_account(operation.after)
            return await target.invite_account(staged.id, staged)
        case _:
            assert_never(operation.opening)
