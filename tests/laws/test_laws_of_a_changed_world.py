"""Between plan and apply accounts change hands, stop working, are made or become protected: no write reaches what is not the person's any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import AccountState
from connectors.memory.state import MemoryAccount
from reconcile.plan.model import Operation, Outcome, Plan, Verb
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import EMAIL, LOGIN, World

from .effort import READS
from .oracle import expected_of
from .oracle_people import key_of
from .strategies import worlds

GIVES = (Verb.UPDATE, Verb.ADD_MEMBER)


@dataclass
class Changes:
    """What happened after the plan was made."""

    handed_over: set[str] = field(default_factory=set)
    deactivated: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    twins: dict[str, str] = field(default_factory=dict)
    """By the anchor of a person without an account, an account that has one of their keys."""


def change_world(bench: Lab, plan: Plan, dice: Random) -> Changes:
    """One thing or nothing happens to each account that the plan is about, and to each person who gets one."""
    changes = Changes()
    for id_ in sorted({each.account_id for each in plan.operations if each.account_id}):
        account = bench.target.accounts[id_]
        match dice.choice(["nothing", "nothing", "handed over", "deactivated", "protected", "renamed to a protected name"]):
            case "handed over":
                name = dice.choice(identifying(bench.world, account))
                put(bench, replace(account, attributes={**account.attributes, name: f"stranger-{id_}@y"}))
                changes.handed_over.add(id_)
            case "deactivated" if account.state is AccountState.ACTIVE:
                put(bench, replace(account, state=AccountState.DEACTIVATED))
                changes.deactivated.add(id_)
            case "renamed to a protected name":
                put(bench, replace(account, attributes={**account.attributes, LOGIN: f"chief-{id_}@y"}))
                bench.world = replace(bench.world, protected_accounts=(*bench.world.protected_accounts, f"Chief-{id_}@y"))
            case "protected":
                names = [id_, account.attributes[LOGIN].upper(), account.attributes.get(EMAIL) or id_]
                bench.world = replace(bench.world, protected_accounts=(*bench.world.protected_accounts, dice.choice(names)))
                changes.protected.add(id_)
    people = expected_of(bench.world).people
    for operation in plan.operations:
        if operation.verb is Verb.CREATE and dice.random() < 0.5:
            anchor = operation.anchor
            keys = {key["account"]: people[anchor].values.get(key["identity"]) for key in bench.world.mapping["correlate"]}
            stated = {name: value for name, value in keys.items() if str(value or "").strip()} or {LOGIN: operation.after[LOGIN]}
            name = dice.choice(sorted(stated))
            bench.target.accounts[f"twin{anchor}"] = MemoryAccount(
                f"twin{anchor}", AccountState.ACTIVE, {LOGIN: f"twin{anchor}@y", name: stated[name]}
            )
            changes.twins[anchor] = f"twin{anchor}"
    # By the names they have by now, and a name may be that of several accounts.
    changes.protected |= {id_ for id_, account in bench.target.accounts.items() if called(account) & folded(bench.world.protected_accounts)}
    return changes


def identifying(world: World, account: MemoryAccount) -> list[str]:
    keys = [key["account"] for key in world.mapping["correlate"]]
    return [LOGIN, *([EMAIL] if account.attributes.get(EMAIL) else []), *keys]


def put(bench: Lab, account: MemoryAccount) -> None:
    bench.target.accounts[account.id] = replace(account, version=account.version + 1)


def folded(names: tuple[str, ...]) -> set[str]:
    return {name.strip().lower() for name in names}


def called(account: MemoryAccount) -> set[str]:
    return {str(name).strip().lower() for name in (account.id, account.attributes.get(LOGIN), account.attributes.get(EMAIL))}


def expected_kinds(plan: Plan, changes: Changes, guarded: set[str]) -> Iterator[tuple[Operation, set[str]]]:
    """How each operation may end; whatever waits for one that is refused is held."""
    refused: set[str] = set()
    for operation in plan.operations:
        id_ = operation.account_id
        if id_ in changes.protected or operation.id in guarded or any(needed in refused for needed in operation.depends_on):
            kinds = {"held"}
        elif id_ in changes.handed_over or (operation.verb is Verb.CREATE and operation.anchor in changes.twins):
            kinds = {"moved"}
        elif id_ in changes.deactivated:
            kinds = (
                {"moved"} if operation.verb in (*GIVES, Verb.SUSPEND) else {"already"} if operation.verb is Verb.DEACTIVATE else {"done"}
            )
        else:
            kinds = {"done"}
        if kinds <= {"held", "moved"}:
            refused.add(operation.id)
        yield operation, kinds


def gives_a_protected_name(world: World, plan: Plan) -> set[str]:
    """Operations by which an account would get a name that became protected."""
    names = folded(world.protected_accounts)
    return {
        each.id
        for each in plan.operations
        if {str(each.after.get(name)).strip().lower() for name in (LOGIN, EMAIL)} & names
        or str(each.who).strip().lower() in names
        or {str(each.account.get(name)).strip().lower() for name in (LOGIN, EMAIL)} & names
    }


def nothing_was_written(bench: Lab, ids: set[str], before: dict[str, MemoryAccount], members: set[tuple[str, str]]) -> None:
    for id_ in ids:
        assert bench.target.accounts[id_] == before[id_]
        assert held(bench.target.members, id_) == held(members, id_)


def held(members: set[tuple[str, str]], account: str) -> set[str]:
    return {group for id_, group in members if id_ == account}


def nobody_has_a_second_account(bench: Lab, changes: Changes, before: dict[str, MemoryAccount]) -> None:
    people = expected_of(bench.world).people
    for anchor, twin in changes.twins.items():
        new = [each for id_, each in bench.target.accounts.items() if id_ not in before]
        for key in bench.world.mapping["correlate"]:
            stated = key_of(people[anchor].values.get(key["identity"]), key)
            if stated and key_of(before[twin].attributes.get(key["account"]), key) == stated:
                assert [each.id for each in new if key_of(each.attributes.get(key["account"]), key) == stated] == []


def outcome_kinds(plan: Plan, outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {each.operation_id: each.kind.value for each in outcomes}


def test_no_write_reaches_an_account_that_changed_hands_after_the_plan(tmp_path: Path) -> None:
    @READS
    @given(worlds(whole=True), st.integers(min_value=0, max_value=2**32))
    def law(world: World, seed: int) -> None:
        with lab(world, tmp_path) as bench:
            bench.extract()
            plan = bench.plan()
            changes = change_world(bench, plan, Random(seed))
            before, members = dict(bench.target.accounts), set(bench.target.members)
            told = outcome_kinds(plan, bench.preview(plan))
            assert (bench.target.accounts, bench.target.members) == (before, members)
            kinds = outcome_kinds(plan, bench.apply(plan))

            nothing_was_written(
                bench, (changes.handed_over | changes.protected | set(changes.twins.values())) & before.keys(), before, members
            )
            for id_ in changes.deactivated - changes.protected:
                assert bench.target.accounts[id_] == before[id_]
                assert held(bench.target.members, id_) <= held(members, id_)
            nobody_has_a_second_account(bench, changes, before)
            guarded = gives_a_protected_name(bench.world, plan)
            for operation, wanted in expected_kinds(plan, changes, guarded):
                assert kinds[operation.id] in wanted, (operation, kinds[operation.id], wanted)
                if kinds[operation.id] == "moved":
                    assert told[operation.id] == "moved"

    law()
