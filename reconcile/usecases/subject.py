"""Finds the person or the accounts that a name on the command line stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Traits
from reconcile.decide.fragment import TargetContext
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
    accounts = {name: _accounts_known_as(store, name, each, who) for name, each in traits.items()}
    if people:
        # An address that a person has may be that of their manager, whose account it is.
        if others := _remembered_otherwise(store, people[0], accounts):
            raise SeveralKnownAs(who, [people[0], *others])
        return Subject(people[0])
    found = {name: ids[0] for name, ids in accounts.items() if len(ids) == 1}
    if several := [id_ for ids in accounts.values() if len(ids) > 1 for id_ in ids]:
        raise SeveralKnownAs(who, several)
    if not found:
        raise NobodyKnownAs(who)
    return Subject("", found)


def asked_for(store: Store, who: str, traits: Mapping[str, Traits], targets: Sequence[TargetContext]) -> Subject:
    """Returns the subject of a request: the id of an account stands for that account alone, any other value for its person, too.

    `targets`: those that were decided. Raises NobodyKnownAs, SeveralKnownAs.
    """
    subject = known_as(store, who, traits)
    if not subject.anchor and who.lower() not in {id_.lower() for id_ in subject.accounts.values()}:
        subject.anchor = owner(store, targets, subject)
    return subject


def owner(store: Store, targets: Sequence[TargetContext], subject: Subject) -> str:
    """Returns the owner of the accounts of a subject, by the first target that shows one; empty for unmatched ones."""
    for view in targets:
        with store.schemas.of_target(view.name):
            for anchor, _ in store.rows("owner_of", account_id=subject.accounts.get(view.name, "")):
                if anchor:
                    return str(anchor)
    return ""


def _remembered_otherwise(store: Store, anchor: str, accounts: Mapping[str, Sequence[str]]) -> list[str]:
    """Lists the anchors of others whom some accounts are remembered as; the id of an unlinked one, where the person has another."""
    asked = ((target, id_) for target, ids in accounts.items() for id_ in ids)
    rows = (store.rows("remembered_otherwise", target=target, account_id=id_, anchor=anchor) for target, id_ in asked)
    return sorted({str(meant) for found in rows for (meant,) in found})


def _accounts_known_as(store: Store, system: str, traits: Traits, who: str) -> list[str]:
    paths = {"login_path": json_path(traits.login), "email_path": json_path(traits.email)}
    return [row[1] for row in store.rows("accounts_known_as", system=system, who=who, **paths)]
