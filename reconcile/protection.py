"""Protected people and accounts: no operation about them is ever in a plan or sent, whatever a mapping or an older plan says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from connectors.contract import EntitlementKind, Record, Traits, Value
from reconcile.config import Protected
from reconcile.decision import TargetView
from reconcile.model import Finding, FindingKind, Operation, Plan, Severity, Verb
from reconcile.same_account import fold
from reconcile.store import Store


@dataclass(frozen=True, slots=True)
class Protection:
    """What a project protects: the one definition of it, for plans, for what undoes a run, and for each write."""

    people: frozenset[str] = frozenset()
    """Anchors."""
    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By target: logins, e-mail addresses and ids, folded."""

    @classmethod
    def of(cls, protected: Protected, other_anchors: Iterable[str] = ()) -> Protection:
        """`other_anchors`: those by which the protected people are known now."""
        people = frozenset(protected.people).union(other_anchors)
        return cls(people, {target: frozenset(map(fold, names)) for target, names in protected.accounts.items()})

    def reason(self, operation: Operation, traits: Traits, *, names: Iterable[Value] = (), record: Record | None = None) -> str:
        """Why the operation must not be sent; empty where nothing about it is protected.

        `names`: what else the account is known as. `record`: the account as it is now. What the operation would make the account known as
        counts too: nobody is given a protected name either.
        """
        if operation.anchor and operation.anchor in self.people:
            return f"protected: {operation.anchor} is listed under people"
        current = record.values() if record else {}
        called = [each.get(name) for each in (operation.account, operation.after, current) for name in (traits.login, traits.email)]
        known_as = {fold(name) for name in (*called, *names, operation.account_id, operation.who, record.id if record else "")} - {""}
        listed = known_as & self.accounts.get(operation.target, frozenset())
        return f"protected: {min(listed)} is listed under accounts of {operation.target}" if listed else ""


def withhold(
    store: Store, view: TargetView, protected: Protected, operations: Iterable[Operation]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations that may stay, and a finding for every protected account or person of whom something would have been planned."""
    protection = Protection.of(protected, other_anchors(store, protected))
    each = list(operations)
    ids = sorted({operation.account_id for operation in each if operation.account_id})
    names = {row[0]: row[1:3] for row in store.rows("logins", ids=ids)}
    return _parted(each, lambda operation: protection.reason(operation, view.traits, names=names.get(operation.account_id, ())))


def without_protected(plan: Plan, protection: Protection, traits: Mapping[str, Traits]) -> Plan:
    """A plan made by other means, with the same findings instead of its protected operations. It has no digest.

    Its operations carry what identifies their accounts. Where a target has no traits, it is no target any more, and nothing is written to it.
    """
    stay, withheld = _parted(plan.operations, lambda each: protection.reason(each, traits[each.target]) if each.target in traits else "")
    return replace(plan, operations=stay, findings=(*plan.findings, *withheld), digest="")


def other_anchors(store: Store, protected: Protected) -> list[str]:
    """By which anchors the protected people are known, once the identities were gathered: a plan of before may go by another one."""
    return [row[0] for row in store.rows("other_anchors", anchors=list(protected.people))]


def _parted(operations: Iterable[Operation], reason: Callable[[Operation], str]) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    stay: list[Operation] = []
    withheld: dict[tuple[str, str, str], list[Operation]] = defaultdict(list)
    for operation in operations:
        if reason(operation):
            withheld[operation.target, operation.anchor, operation.account_id].append(operation)
        else:
            stay.append(operation)
    return tuple(stay), tuple(_finding(withheld[key]) for key in sorted(withheld))


def _finding(withheld: Sequence[Operation]) -> Finding:
    operation = next((each for each in withheld if each.who), withheld[0])
    return Finding(
        kind=FindingKind.PROTECTED,
        severity=Severity.ATTENTION,
        target=operation.target,
        anchor=operation.anchor,
        account_id=operation.account_id,
        who=operation.who,
        message=f"{operation.who or operation.anchor} is protected; without that, the plan would {_intentions(withheld)}.",
    )


def _intentions(withheld: Sequence[Operation]) -> str:
    """`deactivate the account, and remove it from the groups managers, admins`: in the order of the verbs."""
    return ", and ".join(_intention(verb, found) for verb in Verb if (found := [each for each in withheld if each.verb is verb]))


def _intention(verb: Verb, found: Sequence[Operation]) -> str:
    match verb:
        case Verb.CREATE | Verb.DEACTIVATE | Verb.SUSPEND | Verb.REACTIVATE | Verb.DELETE:
            return f"{verb.value} the account"
        case Verb.UPDATE:
            return f"change {', '.join(dict.fromkeys(name for each in found for name in each.after))}"
        case Verb.CREATE_GROUP:
            return f"create {_groups(found)}"
        case Verb.ADD_MEMBER:
            return f"add it to {_groups(found)}"
        case Verb.REMOVE_MEMBER:
            return f"remove it from {_groups(found)}"
        case _:
            assert_never(verb)


def _groups(found: Sequence[Operation]) -> str:
    return " and ".join(
        _named(kind, some) for kind in EntitlementKind if (some := [each for each in found if each.entitlement_kind == kind])
    )


def _named(kind: str, found: Sequence[Operation]) -> str:
    names = sorted(each.entitlement or each.entitlement_id for each in found)
    return f"the {kind}{'' if len(names) == 1 else 's'} {', '.join(names)}"
