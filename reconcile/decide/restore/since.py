"""Reads what is not as an earlier snapshot held it, from the relations of one target."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import ROLE, AccountState, Value
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.restore.shapes import AccountSince, Appeared, InDoubt, MembershipSince, Owner, roles_apart
from reconcile.plan.model import Situation
from reconcile.store.connection import Store
from reconcile.store.values import json_path


def accounts_since(store: Store, view: TargetContext, number: int) -> list[AccountSince]:
    """Returns the accounts of a snapshot that are gone or changed since, in order of their ids."""
    names, login = list(view.mapping.attributes), json_path(view.traits.login)
    found = [_account(row, names) for row in store.rows("accounts_since", target=view.name, number=number, login_path=login)]
    return _with_taken(store, view, found)


def memberships_since(store: Store, view: TargetContext, number: int, lost: Collection[tuple[str, str]] = ()) -> list[MembershipSince]:
    """Returns the memberships that began or ended since a snapshot, in order, those in roles too.

    `lost`: account and entitlement of memberships that the latest snapshot still has and the target, asked again, has not.
    """
    asked = [{"account_id": account, "entitlement_id": entitlement} for account, entitlement in sorted(lost)]
    roles = roles_apart(view)
    rows = store.rows(
        "memberships_since", target=view.name, number=number, lost=asked, roles_path=json_path(roles) if roles else None, prefix=ROLE
    )
    return [MembershipSince(_owner(row[:6]), AccountState(row[6]), *row[7:]) for row in rows]


def groups_in_doubt(store: Store, view: TargetContext, number: int) -> list[InDoubt]:
    """Returns the groups and apps that had members in a snapshot and of which the last read is not complete."""
    return [InDoubt(*row) for row in store.rows("groups_in_doubt", target=view.name, number=number)]


def appeared_since(store: Store, view: TargetContext, number: int) -> list[Appeared]:
    """Returns the accounts that a snapshot did not hold."""
    return [Appeared(*row) for row in store.rows("accounts_appeared", target=view.name, number=number)]


def text_of(value: Value) -> str | None:
    """The text that a value is compared by, as the relations hold it."""
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _account(row: Sequence[Any], names: Sequence[str]) -> AccountSince:
    then, now, status, values_then, values_now, wanted = row[6:]
    return AccountSince(
        owner=_owner(row[:6]),
        then=AccountState(then),
        now=AccountState(now) if now else None,
        status=status,
        values_then=json.loads(values_then),
        values_now=json.loads(values_now or "{}"),
        wanted=dict(zip(names, wanted, strict=True)) if wanted else {},
    )


def _owner(cells: Sequence[Any]) -> Owner:
    id_, anchor, situation, expected, name, login = cells
    return Owner(id_, anchor, Situation(situation) if situation else None, Eligibility(expected) if expected else None, name, login or "")


def _with_taken(store: Store, view: TargetContext, found: Sequence[AccountSince]) -> list[AccountSince]:
    """The accounts, each with the unique attributes of which another account has the earlier value now."""
    unique = view.traits.unique | {view.traits.login} | {name for name, rule in view.mapping.attributes.items() if rule.unique}
    wanted = [
        {"attribute": name, "path": json_path(name), "value": text, "account_id": each.owner.account_id}
        for each in found
        for name in sorted(unique)
        if each.now is not None
        and each.values_then.get(name) != each.values_now.get(name)
        and (text := text_of(each.values_then.get(name)))
    ]
    taken = set(store.rows("value_holders", target=view.name, wanted=wanted)) if wanted else set()
    return (
        [replace(each, taken=frozenset(name for id_, name in taken if id_ == each.owner.account_id)) for each in found]
        if taken
        else list(found)
    )
