"""Finds the accounts, groups and memberships that a request is about, in the relations of one target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import AccountState
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.plan.model import Situation
from reconcile.store.connection import Store


class AskedAccount(NamedTuple):
    """An account that a request is about."""

    account_id: str
    anchor: str
    """Empty for an account of no identity."""
    state: AccountState
    status: str
    login: str
    name: str
    situation: Situation
    expected: Eligibility | None
    """Expectation of the mapping; None for an account of no identity of tonight."""

    @property
    def who(self) -> str:
        return self.login or self.account_id


class Entitled(NamedTuple):
    """A group or an app."""

    id: str
    kind: str
    name: str
    read_only: str
    privileged: bool


class Holding(NamedTuple):
    """One entitlement that an account holds."""

    entitlement: Entitled
    direct: bool
    ours: bool
    """Whether this job gave it."""


@dataclass(frozen=True, slots=True)
class Memberships:
    """Memberships of the accounts of a request, with the rules of the mapping on them."""

    held: Mapping[str, Sequence[Holding]] = field(default_factory=dict)
    """By account id."""
    rules: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    """Granting rules by anchor and entitlement id."""
    managed: frozenset[str] = frozenset()
    """Ids of the entitlements of which the mapping decides every member."""


def accounts_asked_for(store: Store, anchors: Iterable[str], ids: Iterable[str]) -> list[AskedAccount]:
    """Returns the accounts of some people, and those of some ids. A match in doubt is no account of a person."""
    return [
        AskedAccount(
            id_, anchor, AccountState(state), status, login, name, Situation(situation), Eligibility(expected) if expected else None
        )
        for id_, anchor, state, status, login, name, situation, expected in store.rows(
            "accounts_asked_for", anchors=sorted(anchors), ids=sorted(ids)
        )
    ]


def accounts_not_read(store: Store, anchors: Iterable[str], ids: Iterable[str]) -> list[AskedAccount]:
    """Returns the remembered accounts of some people, and those of some ids, that the last read does not show, in no known state."""
    return [
        AskedAccount(id_, anchor, AccountState.UNKNOWN, "", "", name, Situation(situation), Eligibility(expected) if expected else None)
        for id_, anchor, name, situation, expected in store.rows("accounts_not_read", anchors=sorted(anchors), ids=sorted(ids))
    ]


def entitlements_called(store: Store, target: str, kind: str, called: str) -> list[Entitled]:
    """Returns the entitlement of an id, or else those of a name, or else those whose names look the same, in any case."""
    found = [Entitled(*row) for row in store.rows("entitlements_called", target=target, kind=kind, called=called)]
    exact = [each for each in found if called in (each.id, each.id.removeprefix("app:"))] or [each for each in found if each.name == called]
    return exact or found


def memberships_of(store: Store, target: str, accounts: Sequence[AskedAccount], entitlement: str) -> Memberships:
    """Returns what the accounts hold: one entitlement by its id, or everything where that is empty."""
    held: dict[str, list[Holding]] = defaultdict(list)
    ids = sorted(each.account_id for each in accounts)
    for id_, *of, direct, ours in store.rows("holdings_of_accounts", target=target, ids=ids, entitlement=entitlement):
        held[id_].append(Holding(Entitled(*of), direct, ours))
    anchors = sorted({each.anchor for each in accounts if each.anchor})
    rules = {(anchor, granted): names for anchor, granted, names in store.rows("rules_for_people", anchors=anchors)}
    return Memberships(held, rules, frozenset(id_ for (id_,) in store.rows("managed_as_a_whole")))
