"""Judges whether the account that a creation was answered with is new: one that was there before is never linked to the new person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from connectors.errors import FalseAnswer
from reconcile.apply.outcomes import outcome_of_error
from reconcile.apply.teaching import Teaching
from reconcile.plan.model import LinkChange, Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.same_account import PlannedWrites
from reconcile.store.connection import Store


class Known(Protocol):
    """Knowledge of accounts from before a run."""

    def listed(self, target: str, account_id: str) -> tuple[bool, Collection[str]]:
        """Whether the latest snapshot before the run has the account, and the anchors that are linked to it."""


class NothingKnown:
    """A project without snapshots."""

    def listed(self, target: str, account_id: str) -> tuple[bool, Collection[str]]:  # noqa: ARG002 - whatever it is
        return False, ()


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """The accounts and links of a store."""

    store: Store
    began: int | None = None
    """The number of the run's first entry: a read after it, while the run was interrupted, shows accounts of its own. None for a run without one yet."""

    def listed(self, target: str, account_id: str) -> tuple[bool, Collection[str]]:
        [[listed, anchors]] = self.store.rows("known_account", target=target, account_id=account_id, began=self.began)
        return listed, anchors


@dataclass(slots=True)
class NewAccounts:
    """Judges the accounts that the creations of one run were answered with."""

    known: Known
    links: Iterable[LinkChange]
    """The links that the plan makes and forgets."""
    writes: PlannedWrites
    teaching: Teaching

    def judged(self, operation: Operation, outcome: Outcome) -> Outcome:
        """The outcome of an operation; of a creation whose account was there before, that it failed, and which account it was."""
        if operation.verb is not Verb.CREATE or not outcome.account_id or outcome.kind not in (OutcomeKind.DONE, OutcomeKind.FAILED):
            return outcome
        if whose := self.whose(operation, outcome.account_id):
            return self.not_linked(operation, outcome.account_id, whose)
        # Noted at once: the next answer, which may name the same account, can come before this outcome is written.
        self.writes.created(operation.target, outcome.account_id, operation.id)
        return outcome

    def whose(self, operation: Operation, account_id: str) -> str:
        """Returns whose account it was before the creation, as a clause; empty for a new one."""
        listed, anchors = self.known.listed(operation.target, account_id)
        linked = self._linked(operation.target, account_id, anchors) if listed or anchors else set()
        if others := sorted(linked - {operation.anchor}):
            return f"which is linked to {', '.join(others)}"
        if self.writes.creation_of(operation.target, account_id) not in ("", operation.id):
            return "which was created for another person in this run"
        return "which was there before" if listed and operation.anchor not in linked else ""

    def _linked(self, target: str, account_id: str, anchors: Iterable[str]) -> set[str]:
        """The people whom the account is linked to, by what was remembered and what the plan changes of that."""
        changes = [each for each in self.links if (each.target, each.account_id) == (target, account_id)]
        forgotten = {each.anchor for each in changes if each.forget}
        return ({*anchors} - forgotten) | {each.anchor for each in changes if not each.forget}

    def not_linked(self, operation: Operation, account_id: str, whose: str) -> Outcome:
        """The outcome of a creation that was answered with another account. It is a lesson: each repetition could overwrite that account again."""
        error = FalseAnswer(
            f"{operation.target} answered the creation with the account {account_id}, {whose}: it is not linked to this person. "
            f"Look at it: what was sent may have overwritten its {', '.join(sorted(operation.after))}"
        )
        self.teaching.refused(operation, error)
        return outcome_of_error(OutcomeKind.FAILED, error)
