"""Undoing a night puts back what it did: stated from the world before and after, whatever the engine thinks of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from connectors.memory.state import MemoryAccount
from reconcile.plan.model import FindingKind, Operation, Outcome, OutcomeKind, Plan, Run, Verb
from reconcile.store.plans import run_steps
from tests.support.companies.engine import lab
from tests.support.companies.world import LOGIN, UNIQUE, World
from tests.support.undoing import inverse, inverse_at_once

from .effort import READS
from .oracle_people import fold
from .strategies import worlds

AFTER_UNDOING = {
    ("deactivate", "active"): "active",
    ("deactivate", "unknown"): "active",
    ("deactivate", "suspended"): "deactivated",
    ("deactivate", "staged"): "deactivated",
    ("reactivate", "deactivated"): "deactivated",
    ("reactivate", "staged"): "deactivated",
}
"""How an account stands that was changed so, and stood so before."""


def run_of(plan: Plan, outcomes: tuple[Outcome, ...]) -> Run:
    return Run(id="the night", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)


def values(account: MemoryAccount) -> dict[str, Any]:
    return {name: value for name, value in account.attributes.items() if value not in (None, "")}


def state_after_undoing(before: str, changes: list[Operation]) -> str:
    for each in changes:
        if each.verb in (Verb.DEACTIVATE, Verb.REACTIVATE):
            return AFTER_UNDOING[each.verb.value, before]
    return before


def no_value_is_held_twice(world: World, history: list[Mapping[str, MemoryAccount]]) -> None:
    """But for values that two accounts held before the night."""
    names = [*UNIQUE, *(name for name, rule in world.mapping["attributes"].items() if rule.get("unique"))]
    for earlier, later in pairwise(history):
        for id_, account in later.items():
            for name in names:
                value = fold(account.attributes.get(name))
                if [fold(each.attributes.get(name)) for each in history[0].values()].count(value) > 1:
                    continue
                if value and (id_ not in earlier or fold(earlier[id_].attributes.get(name)) != value):
                    assert [other for other in later if other != id_ and fold(later[other].attributes.get(name)) == value] == []


def refused(world: World, back: Plan, outcomes: tuple[Outcome, ...], before: Mapping[str, MemoryAccount]) -> set[str]:
    """The accounts of which something could not be put back because two held one value before the night: no system lets them again."""
    found = set()
    for operation, outcome in zip(back.operations, outcomes, strict=True):
        if outcome.kind is OutcomeKind.DONE:
            continue
        assert outcome.kind in (OutcomeKind.FAILED, OutcomeKind.HELD)
        assert operation.verb is Verb.UPDATE or outcome.kind is OutcomeKind.HELD
        shared = [
            id_
            for id_, account in before.items()
            for name in UNIQUE & operation.after.keys()
            if id_ != operation.account_id and fold(account.attributes.get(name)) == fold(operation.after[name])
        ]
        assert shared or outcome.kind is OutcomeKind.HELD
        found.add(operation.account_id)
    return found


def gone_links(world: World, there: Iterable[str]) -> dict[str, str]:
    return {anchor: account for anchor, account in world.links.items() if account not in set(there)}


def test_an_undone_night_leaves_the_world_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of so few steps all would be one batch.
    monkeypatch.setattr(run_steps, "BATCH", 1)

    @READS
    @given(worlds(whole=True))
    def law(world: World) -> None:
        with lab(world, tmp_path) as bench:
            bench.extract()
            plan = bench.plan()
            outcomes = bench.apply(plan)
            made = {each.account_id for each in outcomes if each.account_id not in bench.target.history[0]}
            run = run_of(plan, outcomes)
            back = inverse(plan, run)
            assert (back.operations, back.findings) == inverse_at_once(plan, run)
            stopped = refused(world, back, bench.apply(back), bench.target.history[0])

            before, after = bench.target.history[0], bench.target.accounts
            no_value_is_held_twice(world, bench.target.history)
            told = {each.account_id for each in back.findings if each.kind is FindingKind.NOT_UNDONE}
            for id_, account in before.items():
                if id_ in stopped:
                    continue
                changes = [each for each in plan.operations if each.account_id == id_]
                expected = state_after_undoing(account.state.value, changes)
                assert after[id_].state.value == expected
                assert account.state.value == expected or id_ in told
                for name in {*values(account), *values(after[id_])}:
                    if values(account).get(name) != values(after[id_]).get(name):
                        assert id_ in told
                        kept = fold(account.attributes.get(name))
                        assert [each for each in after if each != id_ and fold(after[each].attributes.get(name)) == kept]
            assert {after[id_].state.value for id_ in made} <= {"deactivated"}
            assert bench.target.members == world.members
            given_again = {(each.account_id, each.entitlement_id) for each in plan.operations if each.verb is Verb.ADD_MEMBER}
            assert bench.granted() == world.granted - given_again
            owners = {
                each.anchor: done.account_id for each, done in zip(plan.operations, outcomes, strict=True) if each.verb is Verb.CREATE
            }
            # A remembered account that was gone before the night may have made room for one that is there.
            there = {**before, **after}.keys()
            assert {**bench.links(), **gone_links(world, there)} == {**world.links, **owners, **gone_links(world, there)}
            for id_ in made:
                assert after[id_].attributes[LOGIN]

    law()
