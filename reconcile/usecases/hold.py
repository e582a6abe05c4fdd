"""Finds the people and accounts that a hold is on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from reconcile.decide.identities.build import gather_identities
from reconcile.decide.planner import Planner
from reconcile.plan.hold import Hold
from reconcile.store.connection import Store
from reconcile.usecases.subject import known_as


def holds_on(store: Store, planner: Planner, today: date, who: Iterable[str], like: Hold) -> list[Hold]:
    """Returns a hold like another on each person that a name stands for, or on each account of no person.

    Raises NobodyKnownAs, SeveralKnownAs.
    """
    gather_identities(store, planner.project.mappings, planner.language, today)
    found = []
    for subject in [known_as(store, each, planner.traits) for each in who]:
        if subject.anchor:
            found.append(replace(like, anchor=subject.anchor))
        else:
            found += [replace(like, target=target, account_id=id_) for target, id_ in sorted(subject.accounts.items())]
    return found
