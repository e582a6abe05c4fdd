"""A plan is a function of what was read: of nothing else, and of nothing that was not read completely."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.config import Reading
from reconcile.model import Operation, Verb
from reconcile.plan_file import canonical

from .effort import READS
from .engine import Lab, lab
from .strategies import worlds
from .worlds import World

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


@pytest.mark.parametrize("scope", ["hr", "accounts", "entitlements", "members g1", "members g2"])
def test_what_was_not_read_completely_is_not_changed(tmp_path: Path, scope: str) -> None:
    """The night before was whole; tonight the same world changed, and one of its scopes broke off halfway."""

    @READS
    @given(worlds(whole=True), st.integers(0, 1_000_000))
    def law(world: World, seed: int) -> None:
        with lab(world, tmp_path) as bench:
            bench.extract()
            _tonight(bench, random.Random(seed))
            bench.world = replace(bench.world, broken=frozenset({scope}))
            bench.break_off()
            bench.extract()
            plan = bench.plan()
            assert [each for each in plan.operations if _depends(each, scope)] == []
            assert plan.untrusted
            assert [finding for finding in plan.findings if finding.kind == "frozen"]
            if scope in ("hr", "accounts"):
                assert plan.links == ()

    law()


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


def _depends(operation: Operation, scope: str) -> bool:
    if scope in ("hr", "accounts"):
        return True
    if scope == "entitlements":
        return operation.verb in MEMBERSHIPS
    return operation.entitlement_id == scope.removeprefix("members ")
