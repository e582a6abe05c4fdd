"""Checks the precondition of an operation against the live target: as the plan saw it, already as desired, or drifted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, assert_never

from connectors.actions import Action, ActionRule
from connectors.contract import AccountState, Capability, Entitlement, Opening, Record, Traits, Value
from connectors.errors import NotFound, Rejected
from connectors.quoting import quoted
from reconcile.apply.group_precondition import check_group
from reconcile.apply.standing import GONE, PreconditionCheck, Standing
from reconcile.apply.written import in_another_form
from reconcile.plan.model import GROUP_VERBS, Operation, Verb
from reconcile.plan.same_account import PlannedWrites, identity_change
from reconcile.plan.same_value import different, not_shown
from reconcile.plan.search_key import SearchKey
from reconcile.plan.undo_rule import undone_run

HIDDEN = "the account is hidden, as one may be while it is deactivated"
DEACTIVATED = "the account has been deactivated meanwhile"


class Reader(Protocol):
    """The half of a target that cannot change anything: all that a dry run holds."""

    @property
    def traits(self) -> Traits: ...

    async def read_account(self, account_id: str) -> Record | None: ...

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]: ...

    async def find_groups(self, name: str) -> Sequence[Entitlement]: ...

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool: ...


async def check_precondition(
    target: Reader,
    operation: Operation,
    *,
    planned: PlannedWrites | None = None,
    sent_before: bool = False,
    awakens: bool = False,
) -> PreconditionCheck:
    """Reads what the operation is about.

    `planned`: what its plan writes. `sent_before`: its request may have gone out already, so that its effect is ours. `awakens`: the plan
    makes the account active before this, and has not done so yet.
    """
    planned = planned or PlannedWrites()
    if operation.verb in GROUP_VERBS:
        return await check_group(target, operation)
    if operation.verb is Verb.CREATE:
        return await _look_create(target, operation, planned, sent_before=sent_before)
    now = await target.read_account(operation.account_id)
    found = await _judged(target, operation, now, sent_before=sent_before, awakens=awakens)
    if now is None:
        return PreconditionCheck(Standing.AS_PLANNED, HIDDEN) if _may_be_hidden(target, operation, found, awakens=awakens) else found
    if sent_before and found.standing is Standing.ALREADY:
        return found
    change = identity_change(operation, now, planned, target.traits.login)
    return PreconditionCheck(Standing.DRIFTED, change, now) if change else found


async def _judged(target: Reader, operation: Operation, now: Record | None, *, sent_before: bool, awakens: bool) -> PreconditionCheck:
    """Judges an operation on an account that exists, or may exist."""
    match operation.verb:
        case Verb.RENAME | Verb.UPDATE:
            return _stand_update(operation, now, target.traits, awakens=awakens)
        case Verb.DELETE:
            return _stand_delete(operation, now)
        case Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE:
            return _stand(operation, now, target.traits.can, sent_before=sent_before)
        case Verb.ADD_MEMBER:
            return await _look_addition(target, operation, now, awakens=awakens)
        case Verb.REMOVE_MEMBER:
            return await _look_removal(target, operation, now)
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return _stand_action(operation, now, target.traits.can, sent_before=sent_before)
        case Verb.CREATE | Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            raise AssertionError(operation.verb)
        case _:
            assert_never(operation.verb)


def _may_be_hidden(target: Reader, operation: Operation, found: PreconditionCheck, *, awakens: bool) -> bool:
    """Whether an account that cannot be read may be deactivated rather than gone, so that its turn can come all the same."""
    if not target.traits.can.reactivate_unseen or (found.standing, found.detail) != (Standing.DRIFTED, GONE):
        return False
    match operation.verb:
        case Verb.REACTIVATE:
            return operation.before["state"] == AccountState.DEACTIVATED
        case Verb.RENAME | Verb.UPDATE | Verb.ADD_MEMBER:
            return awakens
        case Verb.REMOVE_MEMBER:
            return operation.deactivated
        case Verb.CREATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.DELETE | Verb.CREATE_GROUP | Verb.UPDATE_GROUP | Verb.DELETE_GROUP:
            return False
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            return False
        case _:
            assert_never(operation.verb)


async def is_member(target: Reader, operation: Operation) -> bool:
    """Whether the account holds the entitlement of a membership operation now."""
    return await target.has_member(operation.entitlement_id, operation.account_id, directly=operation.verb is Verb.REMOVE_MEMBER)


async def _look_addition(target: Reader, operation: Operation, now: Record | None, *, awakens: bool) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.DRIFTED, GONE)
    if await is_member(target, operation):
        return PreconditionCheck(Standing.ALREADY, seen=now)
    if now.state is AccountState.DEACTIVATED and not (awakens or operation.deactivated):
        return PreconditionCheck(Standing.DRIFTED, DEACTIVATED, now)
    return PreconditionCheck(Standing.AS_PLANNED, seen=now)


async def _look_removal(target: Reader, operation: Operation, now: Record | None) -> PreconditionCheck:
    """A removal from an account that does not work any more goes on: it takes access, and gives none."""
    try:
        member = await is_member(target, operation)
    except NotFound:
        if now is None:
            return PreconditionCheck(Standing.ALREADY, GONE)
        raise
    if not member:
        return PreconditionCheck(Standing.ALREADY, seen=now)
    return PreconditionCheck(Standing.AS_PLANNED, seen=now) if now else PreconditionCheck(Standing.DRIFTED, GONE)


async def _look_create(target: Reader, operation: Operation, planned: PlannedWrites, *, sent_before: bool) -> PreconditionCheck:
    """Looks for an account by every value that had found none. The login goes first, and is the one a system can always be searched by."""
    login, *others = operation.absent or (SearchKey(attribute=target.traits.login, value=str(operation.after[target.traits.login])),)
    found = await target.find_accounts(login.attribute, login.value)
    if len(found) == 1 and sent_before and not not_shown(found[0].values(), operation, target.traits):
        done = found[0].state is not AccountState.STAGED or operation.opening is Opening.LATER
        return PreconditionCheck(Standing.ALREADY if done else Standing.AS_PLANNED, "it was created before the interruption", found[0])
    if moved := _taken(operation, login, found, planned):
        return moved
    unsearched = []
    for key in others:
        try:
            found = await target.find_accounts(key.attribute, key.value)
        except Rejected:
            unsearched.append(key.attribute)
            continue
        if moved := _taken(operation, key, found, planned):
            return moved
    names = ", ".join(dict.fromkeys(unsearched))
    return PreconditionCheck(Standing.AS_PLANNED, f"whether another account has its {names} could not be asked" if names else "")


def _taken(operation: Operation, key: SearchKey, found: Sequence[Record], planned: PlannedWrites) -> PreconditionCheck | None:
    """Finds an account that holds the value of a creation, unless the plan knew of it or writes the value there itself."""
    for each in found:
        if each.id in key.held_by or planned.include(operation.target, each.id, key.attribute, key.value):
            continue
        return PreconditionCheck(
            Standing.DRIFTED, f"the account {each.id} has the {key.attribute} {quoted(key.value)} by now; the plan did not see it", each
        )
    return None


def _stand(operation: Operation, now: Record | None, can: Capability, *, sent_before: bool) -> PreconditionCheck:
    if now is None:
        # Some targets end an account by deleting it, or hide it while it is deactivated: that is then the effect of our own request.
        ended = sent_before and operation.verb is Verb.DEACTIVATE
        return PreconditionCheck(Standing.ALREADY if ended else Standing.DRIFTED, GONE)
    # Where the target shows no state, the plan knew that this job deactivated the account, and nothing contradicts it.
    unshown = now.state is AccountState.UNKNOWN and operation.before["state"] == AccountState.DEACTIVATED
    state = AccountState.DEACTIVATED.value if unshown else now.state.value
    if state == operation.after["state"]:
        return PreconditionCheck(Standing.ALREADY, seen=now)
    if state != operation.before["state"]:
        return PreconditionCheck(Standing.DRIFTED, f"the account was {operation.before['state']} and is {state} now", now)
    if operation.verb is Verb.SUSPEND and not can.suspends(now.status):
        return PreconditionCheck(Standing.DRIFTED, f"the account is {now.status} now, and cannot be suspended from that", now)
    if "status" in operation.before and can.suspends(now.status):
        # The deactivation stood in for a suspension that was not possible.
        return PreconditionCheck(
            Standing.DRIFTED, f"the account was {operation.before['status']} and is {now.status} now: it can be suspended", now
        )
    return PreconditionCheck(Standing.AS_PLANNED, seen=now)


def _stand_delete(operation: Operation, now: Record | None) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.ALREADY, GONE)
    if now.state.value != operation.before["state"]:
        return PreconditionCheck(Standing.DRIFTED, f"the account was {operation.before['state']} and is {now.state.value} now", now)
    return PreconditionCheck(Standing.AS_PLANNED, seen=now)


def _stand_action(operation: Operation, now: Record | None, can: Capability, *, sent_before: bool) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.DRIFTED, GONE)
    action = Action(operation.verb.value)
    rule = can.actions.get(action)
    if rule is None:
        return PreconditionCheck(Standing.DRIFTED, f"{operation.target} does not offer it", now)
    if sent_before and not rule.repeatable:
        return _stand_sent(operation, action, rule, now)
    if now.status in rule.already:
        return PreconditionCheck(Standing.ALREADY, f"the account is {now.status}", now)
    if rule.possible is not None and now.status not in rule.possible:
        possible = " or ".join(sorted(rule.possible))
        return PreconditionCheck(Standing.DRIFTED, f"the account is {now.status} now; it is possible only from {possible}", now)
    return PreconditionCheck(Standing.AS_PLANNED, seen=now)


def _stand_sent(operation: Operation, action: Action, rule: ActionRule, now: Record) -> PreconditionCheck:
    """Judges by the status whether an action took effect whose answer is lost."""
    shown = now.status == rule.leads_to != operation.before.get("status")
    if action is Action.TEMPORARY_PASSWORD:
        what = "the password was replaced, and the new one is lost" if shown else "whether the password was replaced is not known"
        return PreconditionCheck(Standing.UNKNOWN, f"{what}: the account is {now.status}. Ask for another one", now)
    if shown:
        return PreconditionCheck(Standing.ALREADY, f"the account is {now.status}", now)
    return PreconditionCheck(Standing.UNKNOWN, f"it may have been sent; the account is {now.status}. Look at it before you ask again", now)


def _stand_update(operation: Operation, now: Record | None, traits: Traits, *, awakens: bool) -> PreconditionCheck:
    if now is None:
        return PreconditionCheck(Standing.DRIFTED, GONE)
    if now.state is AccountState.DEACTIVATED and not (awakens or operation.deactivated):
        return PreconditionCheck(Standing.DRIFTED, DEACTIVATED, now)
    values = now.values()
    missing = not_shown(values, operation, traits)
    if not missing:
        return PreconditionCheck(Standing.ALREADY, seen=now)
    for name in different(values, operation.before, traits):
        if name in missing and not _is_own_form(operation, name, values.get(name)):
            return PreconditionCheck(
                Standing.DRIFTED, f"{name} was {quoted(operation.before[name])} and is {quoted(values.get(name))} now", now
            )
    return PreconditionCheck(Standing.AS_PLANNED, seen=now)


def _is_own_form(operation: Operation, name: str, shown: Value) -> bool:
    """Whether an operation that takes back a write finds what was written in another form."""
    return bool(undone_run(operation.because.rule)) and in_another_form(operation.before[name], shown, strict=name in operation.account)


def unconfirmed_changes(record: Record, operation: Operation, traits: Traits) -> str:
    """Names the changes of an operation that the account does not show after the write; empty where it shows all."""
    if operation.verb in (Verb.DEACTIVATE, Verb.SUSPEND, Verb.REACTIVATE):
        return "" if record.state.value == operation.after["state"] else f"the account is still {record.state.value}"
    if operation.opening is Opening.LATER and record.state not in (AccountState.STAGED, AccountState.DEACTIVATED):
        return f"the account is {record.state.value}, and was to be left staged"
    if (
        operation.verb is Verb.CREATE
        and operation.opening is not Opening.LATER
        and record.state not in (AccountState.ACTIVE, AccountState.UNKNOWN)
    ):
        # Some systems take a request that does not say "active" for one that says "inactive".
        return f"the account is {record.state.value}, not active"
    missing = not_shown(record.values(), operation, traits)
    return f"{', '.join(missing)} did not take the value" if missing else ""
