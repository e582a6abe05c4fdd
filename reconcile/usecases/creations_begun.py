"""Finds the creations that runs sent and of which no answer is known: a killed run, or a connection that broke, left the account without an id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.contract import Value
from reconcile.apply.journal import Journal
from reconcile.apply.run_list import OwnOutcome, creations_without_account
from reconcile.plan.journal_place import JournalPlace
from reconcile.usecases.own_runs import end_of_second, operations_of

Login = tuple[str, str]
"""A target, and a login in it without regard to case."""


@dataclass(frozen=True, slots=True)
class CreationsBegun:
    """Creations without a known answer, by the login that the account was to have."""

    names: Mapping[str, str]
    """The attribute of each target that holds the login."""
    found: Mapping[Login, list[OwnOutcome]]

    def run_of(self, system: str, attributes: Mapping[str, Value], since: JournalPlace, until: JournalPlace) -> str:
        """The last run that began to create an account of that login between two reads; empty where none did."""
        name = self.names.get(system)
        begun = self.found.get((system, _folded(attributes.get(name))), ()) if name else ()
        end = end_of_second(until)
        return next((each.run for each in reversed(begun) if each.is_within(since, end)), "")


def creations_begun(state: Path, journal: Journal, names: Mapping[str, str]) -> CreationsBegun:
    """Returns the creations without a known answer, as far as their plans are kept. `names`: the attribute of each target that holds the login."""
    of_plan: dict[str, list[OwnOutcome]] = defaultdict(list)
    for each in creations_without_account(journal):
        of_plan[each.plan_digest].append(each)
    found: dict[Login, list[OwnOutcome]] = defaultdict(list)
    for digest, begun in of_plan.items():
        operations = operations_of(state, digest, [each.operation for each in begun])
        for each in begun:
            name, operation = names.get(each.target), operations.get(each.operation)
            if name and operation and (login := _folded(operation.after.get(name))):
                found[each.target, login].append(each)
    return CreationsBegun(names, {key: sorted(some, key=lambda each: each.intent) for key, some in found.items()})


def _folded(login: Value) -> str:
    return login.casefold() if isinstance(login, str) else ""
