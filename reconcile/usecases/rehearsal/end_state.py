"""Compares what the targets hold after a run with what its operations were to make of them, one fact at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, assert_never

from connectors.contract import AccountState, EntitlementKind, Opening, Traits, Value
from connectors.sandbox.twins.snapshot import TwinSnapshot
from reconcile.apply.outcome_facts import SUCCEEDED
from reconcile.plan.model import Operation, Outcome, Plan, Verb
from reconcile.plan.placeholders import resolved
from reconcile.plan.same_value import not_shown


class FactKind(StrEnum):
    """Kind of a fact that an operation makes true."""

    ATTRIBUTES = "attributes"
    STATE = "state"
    MEMBER = "member"
    GROUP = "group"


Subject: TypeAlias = tuple[FactKind, str, str]
"""Subject of a fact: the account, and for a membership the entitlement; of attributes the name."""
GONE = None
"""State of an account, or name of a group, that is not there any more."""
_STATES: Mapping[Verb, AccountState | None] = {
    Verb.DEACTIVATE: AccountState.DEACTIVATED,
    Verb.SUSPEND: AccountState.SUSPENDED,
    Verb.REACTIVATE: AccountState.ACTIVE,
    Verb.DELETE: GONE,
}
_PLAIN_KINDS = ("", EntitlementKind.GROUP.value, EntitlementKind.APP.value)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that an operation was to make true."""

    operation: Operation
    wanted: Value
    """Value of the attribute, state, or name of the group (None: gone); for a membership whether it is held."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that is not true after the run."""

    operation: Operation
    what: str
    wanted: Value
    found: Value

    def sentence(self) -> str:
        """The difference as a reviewer reads it."""
        return f"{self.what} is {_said(self.found)}; {_said(self.wanted)} was planned"


def _said(value: Value) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


def wanted_facts(plan: Plan, outcomes: Mapping[str, Outcome]) -> dict[tuple[str, Subject], Fact]:
    """The facts by target and subject, of operations that succeeded; where several are about one subject, the last one counts."""
    ids = {each.operation_id: each.account_id for each in outcomes.values()}
    found: dict[tuple[str, Subject], Fact] = {}
    for planned in plan.operations:
        outcome = outcomes.get(planned.id)
        if outcome is None or outcome.kind not in SUCCEEDED:
            continue
        operation = replace(
            resolved(planned, ids),
            account_id=planned.account_id or outcome.account_id,
            entitlement_id=planned.entitlement_id or outcome.entitlement_id,
        )
        for subject, wanted in _facts(operation):
            found[operation.target, subject] = Fact(operation, wanted)
    return found


def _facts(operation: Operation) -> Iterator[tuple[Subject, Value]]:
    account, group = operation.account_id, operation.entitlement_id
    match operation.verb:
        case Verb.CREATE:
            yield (FactKind.STATE, account, ""), AccountState.STAGED if operation.opening is Opening.LATER else AccountState.ACTIVE
            yield from _attributes(operation)
        case Verb.UPDATE | Verb.RENAME:
            yield from _attributes(operation)
        case Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            yield (FactKind.STATE, account, ""), _STATES[operation.verb]
        case Verb.ADD_MEMBER | Verb.REMOVE_MEMBER:
            if operation.entitlement_kind in _PLAIN_KINDS:
                yield (FactKind.MEMBER, account, group), operation.verb is Verb.ADD_MEMBER
        case Verb.CREATE_GROUP | Verb.UPDATE_GROUP:
            yield (FactKind.GROUP, group, ""), operation.after.get("name") or operation.entitlement
        case Verb.DELETE_GROUP:
            yield (FactKind.GROUP, group, ""), GONE
        case (
            Verb.REVOKE_SESSIONS
            | Verb.UNLOCK
            | Verb.RESET_FACTORS
            | Verb.RESET_PASSWORD
            | Verb.TEMPORARY_PASSWORD
            | Verb.EXPIRE_PASSWORD
            | Verb.RESEND_ACTIVATION
        ):
            # No account shows them.
            return
        case _ as never:
            assert_never(never)


def _attributes(operation: Operation) -> Iterator[tuple[Subject, Value]]:
    for name, value in operation.after.items():
        yield (FactKind.ATTRIBUTES, operation.account_id, name), value


def untrue_facts(wanted: Mapping[tuple[str, Subject], Fact], target: str, rows: TwinSnapshot, traits: Traits) -> Iterator[Difference]:
    """The facts about one target that its rows do not show. What became of an account that is gone is told once, by its state."""
    shown = _Shown(rows, traits)
    for (of, subject), fact in wanted.items():
        kind, who, _ = subject
        if of != target or (kind is FactKind.ATTRIBUTES and shown.lacks(who) and (target, (FactKind.STATE, who, "")) in wanted):
            continue
        if (found := shown.difference(subject, fact)) is not None:
            yield found


class _Shown:
    """The rows of a target after the run."""

    def __init__(self, rows: TwinSnapshot, traits: Traits) -> None:
        self._traits = traits
        self._accounts = {each.id: each for each in rows.accounts}
        self._groups = {each.id: each.name for each in rows.entitlements}
        self._held = {(each.account_id, each.entitlement_id) for each in rows.memberships}

    def lacks(self, account: str) -> bool:
        return account not in self._accounts

    def difference(self, subject: Subject, fact: Fact) -> Difference | None:
        """The difference in one fact; None where it is true."""
        kind, who, name = subject
        match kind:
            case FactKind.STATE:
                state = GONE if self.lacks(who) else self._accounts[who].state
                return None if _is_state(state, fact.wanted) else Difference(fact.operation, "state", fact.wanted, state)
            case FactKind.ATTRIBUTES:
                return self._of_attribute(who, name, fact)
            case FactKind.MEMBER:
                held = (who, name) in self._held
                return None if held is fact.wanted else Difference(fact.operation, "member", fact.wanted, held)
            case FactKind.GROUP:
                shown = self._groups.get(who)
                return None if shown == fact.wanted else Difference(fact.operation, "name of the group", fact.wanted, shown)
            case _ as never:
                assert_never(never)

    def _of_attribute(self, account: str, name: str, fact: Fact) -> Difference | None:
        if self.lacks(account):
            return Difference(fact.operation, "account", "there", GONE)
        values = self._accounts[account].values()
        if not not_shown(values, replace(fact.operation, after={name: fact.wanted}), self._traits):
            return None
        return Difference(fact.operation, name, fact.wanted, values.get(name))


def _is_state(state: AccountState | None, wanted: Value) -> bool:
    """Whether an account is as wanted. Some systems show no account that was deactivated."""
    return state == wanted or (wanted == AccountState.DEACTIVATED and state is GONE)
