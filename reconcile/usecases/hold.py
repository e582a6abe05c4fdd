"""Finds the people and accounts that a hold is on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from reconcile.decide.planner import Planner
from reconcile.plan.hold import Hold
from reconcile.store.connection import Store
from reconcile.usecases.subject import asked_for


def holds_on(store: Store, planner: Planner, today: date, who: Iterable[str], like: Hold) -> list[Hold]:
    """Returns a hold like another on each person that a name stands for, or on each account that it stands for alone.

    Whose an account is only a plan can tell, so one is made. Raises NobodyKnownAs, SeveralKnownAs, NothingExtracted.
    """
    planned = planner.planned(store, today)
    found = []
    for subject in [asked_for(store, each, planner.traits, planned.targets) for each in who]:
        if subject.anchor:
            found.append(replace(like, anchor=subject.anchor))
        else:
            found += [replace(like, target=target, account_id=id_) for target, id_ in sorted(subject.accounts.items())]
    return found
