"""Protected people and accounts: no operation about them is ever in a plan, whatever a mapping says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import assert_never

from connectors.contract import EntitlementKind
from reconcile.config import Protected
from reconcile.decision import TargetView
from reconcile.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store import Store


def withhold(
    store: Store, view: TargetView, protected: Protected, operations: Iterable[Operation]
) -> tuple[tuple[Operation, ...], tuple[Finding, ...]]:
    """The operations that may stay, and a finding for every protected one of whom something would have been planned."""
    listed = frozenset(name.strip().lower() for name in protected.accounts.get(view.name, ()))
    # Whoever goes by another anchor now is protected all the same.
    people = frozenset(protected.people).union(row[0] for row in store.rows("identities_of", anchors=list(protected.people)))
    each = list(operations)
    ids = sorted({operation.account_id for operation in each if operation.account_id})
    names = {row[0]: {str(row[0]).lower(), str(row[1]).lower(), str(row[2]).lower()} for row in store.rows("logins", ids=ids)}
    stay: list[Operation] = []
    withheld: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in each:
        known_as = names.get(operation.account_id, set()) | {operation.who.lower()} | _new_names(view, operation)
        if operation.anchor in people or known_as & listed:
            withheld[operation.anchor, operation.account_id].append(operation)
        else:
            stay.append(operation)
    return tuple(stay), tuple(_finding(view, withheld[key]) for key in sorted(withheld))


def _new_names(view: TargetView, operation: Operation) -> set[str]:
    """What the operation would make the account known as: nobody is given a protected name either."""
    return {str(operation.after[name]).lower() for name in (view.traits.login, view.traits.email) if name in operation.after}


def _finding(view: TargetView, withheld: Sequence[Operation]) -> Finding:
    operation = next((each for each in withheld if each.who), withheld[0])
    return Finding(
        kind=FindingKind.PROTECTED,
        severity=Severity.ATTENTION,
        target=view.name,
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
