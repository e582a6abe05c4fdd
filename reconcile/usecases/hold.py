"""Finds the people and accounts that a hold is on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from reconcile.decide.planner import Planner, related
from reconcile.decide.protection.holds import under_other_anchors
from reconcile.errors import ExitCode, NobodyKnownAs, ReconcileError
from reconcile.plan.hold import Hold
from reconcile.store.connection import Store
from reconcile.usecases.subject import Subject, asked_for


class NotHeld(ReconcileError):
    """No hold on a person or an account is in force."""

    exit_code = ExitCode.USAGE

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(f"{subject}: no hold on it is in force, and none was ended. `reconcile hold` lists those that are.")


def holds_on(store: Store, planner: Planner, today: date, who: Iterable[str], like: Hold) -> list[Hold]:
    """Returns a hold like another on each person that a name stands for, or on each account that it stands for alone.

    Whose an account is, the relations of a plan tell. A held person who is gone is known by their hold.
    Raises NobodyKnownAs, SeveralKnownAs, NothingExtracted.
    """
    planned = related(planner, store, today)
    held = {hold.anchor for hold in planner.holds if hold.anchor}
    found: list[Hold] = []
    for each in who:
        try:
            subject = asked_for(store, each, planner.traits, planned.targets)
        except NobodyKnownAs:
            if each not in held:
                raise
            subject = Subject(each)
        found += _on(subject, like)
    return found


def _on(subject: Subject, like: Hold) -> Sequence[Hold]:
    if subject.anchor:
        return [replace(like, anchor=subject.anchor)]
    return [replace(like, target=target, account_id=id_) for target, id_ in sorted(subject.accounts.items())]


def refuse_unheld(store: Store, asked: Sequence[Hold], in_force: Sequence[Hold]) -> None:
    """Raises NotHeld for the first person or account whom no hold in force is on, under any number of theirs."""
    held = {each.subject for each in in_force}
    for each in asked:
        if each.subject not in held and not under_other_anchors(store, [each], in_force):
            raise NotHeld(each.subject)
