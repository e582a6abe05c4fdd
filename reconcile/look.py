"""How the world stands to one operation, by reading the target now: as the plan saw it, already as desired, or moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connectors.contract import AccountState, Entitlement, Record, Traits, Value
from reconcile.model import Operation, Verb

GONE = "the account does not exist any more"


class Standing(StrEnum):
    """What a look at the target finds."""

    AS_PLANNED = "as planned"
    ALREADY = "already as desired"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, with the account as it is now where one is concerned."""

    standing: Standing
    detail: str = ""
    seen: Record | None = None
    entitlement_id: str = ""
    """Of a group that is there already."""


class Reader(Protocol):
    """The half of a target that cannot change anything: all that a dry run holds."""

    traits: Traits

    async def read_account(self, account_id: str) -> Record | None: ...

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]: ...

    async def find_groups(self, name: str) -> Sequence[Entitlement]: ...

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool: ...


async def look(target: Reader, operation: Operation, account_id: str, *, sent_before: bool = False, awakens: bool = False) -> Look:
    """Reads what the operation is about.

    `sent_before`: its request may have gone out already, so that its effect is ours. `awakens`: the plan makes the account active
    before this, and has not done so yet.
    """
    match operation.verb:
        case Verb.CREATE_GROUP:
            return _stand_group(operation, await target.find_groups(operation.entitlement))
        case Verb.CREATE:
            return await _look_create(target, operation, sent_before=sent_before)
        case Verb.UPDATE:
            return _stand_update(operation, await target.read_account(account_id), awakens=awakens)
        case Verb.DELETE:
            return _stand_delete(operation, await target.read_account(account_id))
        case Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE:
            return _stand(operation, await target.read_account(account_id))
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            directly = operation.verb is Verb.REMOVE_MEMBER
            member = await target.has_member(operation.entitlement_id, account_id, directly=directly)
            return Look(Standing.ALREADY if member == operation.after["member"] else Standing.AS_PLANNED)


def _stand_group(operation: Operation, found: Sequence[Entitlement]) -> Look:
    named = [group for group in found if group.name == operation.entitlement]
    if not named:
        return Look(Standing.AS_PLANNED)
    if len(named) > 1 or named[0].read_only:
        reason = f"{len(named)} groups have that name" if len(named) > 1 else named[0].read_only
        return Look(Standing.MOVED, f"the group {operation.entitlement!r} exists by now and cannot be used: {reason}")
    return Look(Standing.ALREADY, entitlement_id=named[0].id)


async def _look_create(target: Reader, operation: Operation, *, sent_before: bool) -> Look:
    login = str(operation.after[target.traits.login])
    found = await target.find_accounts(target.traits.login, login)
    if not found:
        return Look(Standing.AS_PLANNED)
    if len(found) == 1 and sent_before and not _different(found[0].values(), operation.after):
        done = found[0].state is not AccountState.STAGED
        return Look(Standing.ALREADY if done else Standing.AS_PLANNED, "it was created before the interruption", found[0])
    return Look(Standing.MOVED, f"an account with the login {login} exists by now; the plan did not see it")


def _stand(operation: Operation, now: Record | None) -> Look:
    if now is None:
        return Look(Standing.MOVED, GONE)
    state = now.state.value
    if state == operation.after["state"]:
        return Look(Standing.ALREADY, seen=now)
    if state != operation.before["state"]:
        return Look(Standing.MOVED, f"the account was {operation.before['state']} and is {state} now", now)
    return Look(Standing.AS_PLANNED, seen=now)


def _stand_delete(operation: Operation, now: Record | None) -> Look:
    if now is None:
        return Look(Standing.ALREADY, GONE)
    if now.state.value != operation.before["state"]:
        return Look(Standing.MOVED, f"the account was {operation.before['state']} and is {now.state.value} now", now)
    return Look(Standing.AS_PLANNED, seen=now)


def _stand_update(operation: Operation, now: Record | None, *, awakens: bool) -> Look:
    if now is None:
        return Look(Standing.MOVED, GONE)
    if now.state is AccountState.DEACTIVATED and not awakens:
        return Look(Standing.MOVED, "somebody has deactivated the account", now)
    values = now.values()
    if not _different(values, operation.after):
        return Look(Standing.ALREADY, seen=now)
    for name in _different(values, operation.before):
        if name in _different(values, operation.after):
            return Look(Standing.MOVED, f"{name} was {operation.before[name]!r} and is {values.get(name)!r} now", now)
    return Look(Standing.AS_PLANNED, seen=now)


def _different(values: Mapping[str, Value], expected: Mapping[str, Value]) -> list[str]:
    """The names of the expected attributes that have another value. A target's null, '' and absence are all "none"."""
    return [name for name, value in expected.items() if _none_if_empty(values.get(name)) != _none_if_empty(value)]


def _none_if_empty(value: Value) -> Value:
    return None if value in ("", []) else value


def unlike(record: Record, operation: Operation) -> str:
    """What of an operation's effect the account does not show after the write; nothing where it shows all."""
    if operation.verb in (Verb.DEACTIVATE, Verb.SUSPEND, Verb.REACTIVATE):
        return "" if record.state.value == operation.after["state"] else f"the account is still {record.state.value}"
    if operation.verb is Verb.CREATE and record.state not in (AccountState.ACTIVE, AccountState.UNKNOWN):
        # Some systems take a request that does not say "active" for one that says "inactive".
        return f"the account is {record.state.value}, not active"
    missing = _different(record.values(), operation.after)
    return f"{', '.join(missing)} did not take the value" if missing else ""
