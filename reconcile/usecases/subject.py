"""Finds the person or the accounts that a name on the command line stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Traits
from reconcile.errors import NobodyKnownAs, SeveralKnownAs
from reconcile.store.connection import Store
from reconcile.store.values import json_path


@dataclass(slots=True)
class Subject:
    """The subject: a person by anchor, an account by target, or both."""

    anchor: str = ""
    accounts: dict[str, str] = field(default_factory=dict)


def known_as(store: Store, who: str, traits: Mapping[str, Traits]) -> Subject:
    """Returns the subject that is known so. Raises NobodyKnownAs, SeveralKnownAs."""
    # First whoever is gone: their number may still stand with others, whose manager they were.
    if links := store.rows("linked_known_as", who=who):
        return Subject(links[0][1], {target: account_id for target, _, account_id in links})
    people = [anchor for (anchor,) in store.rows("people_known_as", who=who)]
    if len(people) > 1:
        raise SeveralKnownAs(who, people)
    if people:
        return Subject(people[0])
    accounts = {name: _accounts_known_as(store, name, each, who) for name, each in traits.items()}
    found = {name: ids[0] for name, ids in accounts.items() if len(ids) == 1}
    if several := [id_ for ids in accounts.values() if len(ids) > 1 for id_ in ids]:
        raise SeveralKnownAs(who, several)
    if not found:
        raise NobodyKnownAs(who)
    return Subject("", found)


def _accounts_known_as(store: Store, system: str, traits: Traits, who: str) -> list[str]:
    paths = {"login_path": json_path(traits.login), "email_path": json_path(traits.email)}
    return [row[1] for row in store.rows("accounts_known_as", system=system, who=who, **paths)]
