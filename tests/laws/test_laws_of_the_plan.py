"""A plan is a function of what was read: of nothing else, and of nothing that was not read completely."""

from __future__ import annotations

import random
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.digest import canonical
from reconcile.plan.model import Operation, Plan, Verb
from reconcile.project.config import Reading
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import HrRow, World

from .effort import READS
from .strategies import worlds

MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


def test_the_order_of_rows_and_the_number_of_threads_change_no_byte(tmp_path: Path) -> None:
    @READS
    @given(worlds(whole=True), st.integers(0, 1_000_000))
    def law(world: World, seed: int) -> None:
        assert _bytes(world, tmp_path, threads=1) == _bytes(_shuffled(world, seed), tmp_path, threads=2)

    law()


def _bytes(world: World, folder: Path, *, threads: int) -> tuple[bytes, str]:
    with lab(world, folder) as bench:
        bench.extract()
        plan = bench.plan(threads=threads)
        again = bench.plan(threads=threads)
    assert canonical(plan) == canonical(again)
    return canonical(plan), plan.digest


def _shuffled(world: World, seed: int) -> World:
    order = random.Random(seed)

    def mixed(rows: tuple) -> tuple:
        return tuple(order.sample(rows, len(rows)))

    sources = tuple(replace(source, rows=mixed(source.rows)) for source in world.sources)
    return replace(world, sources=sources, accounts=mixed(world.accounts), groups=mixed(world.groups))


def test_plan_is_the_same_whether_additions_are_values_or_rows(tmp_path: Path) -> None:
    @READS
    @given(worlds(whole=True), st.booleans())
    def law(world: World, renames: bool) -> None:  # noqa: FBT001 - drawn
        with lab(world, tmp_path) as bench:
            bench.extract_before()
            bench.extract()
            assert bench.plan(renames=renames, bulk=True) == bench.plan(renames=renames)

    law()


@pytest.mark.parametrize("scope", ["hr", "accounts", "entitlements", "members g1", "members g2"])
def test_what_depends_on_an_incomplete_read_is_not_changed(tmp_path: Path, scope: str) -> None:
    """The night before was whole; tonight the same world changed, and one of its scopes broke off halfway."""

    @READS
    @given(worlds(whole=True), st.integers(0, 1_000_000))
    def law(world: World, seed: int) -> None:
        with lab(world, tmp_path) as bench:
            bench.extract()
            held = {(row.columns.get("no") or "").strip() for source in world.sources if source.name == scope for row in source.rows}
            _tonight(bench, random.Random(seed))
            bench.world = replace(bench.world, broken=frozenset({scope}))
            bench.break_off()
            bench.extract()
            plan = bench.plan()
            assert [each for each in plan.operations if _depends(each, scope, held)] == []
            assert plan.untrusted
            assert [finding for finding in plan.findings if finding.kind == "frozen"]
            if scope == "accounts":
                assert plan.links == ()
            if scope == "hr":
                decided = {anchor for anchor, _, _ in world.link_decisions} | {account for _, account, _ in world.link_decisions}
                assert [each for each in plan.links if each.anchor in held and not {each.anchor, each.account_id} & decided] == []

    law()


def test_rows_of_a_source_in_doubt_change_nothing(tmp_path: Path) -> None:
    """Whatever the rows of a file say that is not believed, the plan writes and remembers the same."""

    @READS
    @given(worlds(whole=True), st.integers(0, 1_000_000))
    def law(world: World, seed: int) -> None:
        dice = random.Random(seed)
        plans = [_plan_in_doubt(world, rows, tmp_path) for rows in ((), _said_otherwise(world.sources[0].rows, dice))]
        assert plans[0].operations == plans[1].operations
        assert plans[0].links == plans[1].links
        assert plans[0].waiting == plans[1].waiting
        assert "hr" in {scope.system for scope in plans[0].scopes if not scope.complete}

    law()


def _plan_in_doubt(world: World, rows: tuple[HrRow, ...], folder: Path) -> Plan:
    """The night before was whole; tonight the first source breaks off once it has shown the rows."""
    first, *others = world.sources
    with lab(replace(world, before=world.sources), folder) as bench:
        bench.extract_before()
        bench.world = replace(bench.world, sources=(replace(first, rows=(*rows, *rows)), *others), broken=frozenset({first.name}))
        bench.extract()
        return bench.plan()


def _said_otherwise(rows: tuple[HrRow, ...], dice: random.Random) -> tuple[HrRow, ...]:
    """The same people, of whom the file says that they have left, or something else."""
    said = ({"status": "left"}, {"title": "guest", "dept": "blue"}, {"mail": "taken@x"}, {})
    kept = dice.sample(rows, dice.randint(1, len(rows)))
    return tuple(replace(row, columns={**row.columns, **dice.choice(said)}) for row in kept)


def _tonight(bench: Lab, dice: random.Random) -> None:
    """Some people, accounts and members are gone: not so many of anything that the read would be doubted for that."""
    first, *others = bench.world.sources
    bench.world = replace(bench.world, sources=(replace(first, rows=_fewer(first.rows, dice)), *others))
    for account_id in set(bench.target.accounts) - set(_fewer(tuple(bench.target.accounts), dice)):
        del bench.target.accounts[account_id]
    for group in bench.world.groups:
        held = tuple(sorted(pair for pair in bench.target.members if pair[1] == group.id))
        bench.target.members -= set(held) - set(_fewer(held, dice))


def _fewer(rows: tuple, dice: random.Random) -> tuple:
    gone = set(dice.sample(range(len(rows)), min(len(rows) // 2, Reading().shrink_floor)))
    return tuple(row for place, row in enumerate(rows) if place not in gone)


def _depends(operation: Operation, scope: str, held: Container[str]) -> bool:
    if scope == "accounts":
        return True
    if scope == "hr":
        return operation.anchor in held or not operation.anchor
    if scope == "entitlements":
        return operation.verb in MEMBERSHIPS
    return operation.entitlement_id == scope.removeprefix("members ")
