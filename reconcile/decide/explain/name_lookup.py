"""Resolves the person and the account that a decision refers to, by whatever name they are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeAlias

from connectors.contract import Traits
from mappings.expressions import Language
from reconcile.decide.identities.build import gather_identities
from reconcile.errors import NobodyKnownAs, SeveralKnownAs
from reconcile.project.config import Project
from reconcile.project.decisions import LinkDecision
from reconcile.store.connection import Store
from reconcile.store.values import json_path

Exists: TypeAlias = Callable[[str], bool]
"""Whether a target shows an account of this id: asked where no list shows one."""


def resolve_decision(store: Store, project: Project, language: Language, known: tuple[Traits, Exists], asked: LinkDecision) -> LinkDecision:
    """Resolves the person and the account that a decision refers to. Raises NobodyKnownAs, SeveralKnownAs.

    `known`: the traits of its target, and which of its accounts exist.
    """
    traits, exists = known
    return asked.model_copy(
        update={
            "anchor": _anchor(store, project, language, asked.anchor, asked.date),
            "account_id": _account_id(store, traits, asked.target, asked.account_id, exists),
        }
    )


def _anchor(store: Store, project: Project, language: Language, who: str, clock: date) -> str:
    gather_identities(store, project.mappings, language, clock)
    gone = sorted({str(anchor) for _, anchor, _ in store.rows("linked_known_as", who=who)})
    return _only(who, gone or [str(anchor) for (anchor,) in store.rows("people_known_as", who=who)])


def _account_id(store: Store, traits: Traits, target: str, who: str, exists: Exists) -> str:
    paths = {"login_path": json_path(traits.login), "email_path": json_path(traits.email)}
    found = [str(id_) for _, id_, _ in store.rows("accounts_known_as", system=target, who=who, **paths)]
    return who if who in found or (not found and exists(who)) else _only(who, found)


def _only(who: str, found: list[str]) -> str:
    if not found:
        raise NobodyKnownAs(who)
    if len(found) > 1:
        raise SeveralKnownAs(who, found)
    return found[0]
