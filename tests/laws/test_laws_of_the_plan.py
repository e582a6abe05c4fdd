"""A plan is a function of what was read: of nothing else, and of nothing that was not read completely."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.model import Operation, Verb
from reconcile.plan_file import canonical

from .engine import Lab, lab
from .strategies import worlds
from .worlds import World

FEW = settings(max_examples=settings().max_examples // 4)
"""Two extracts an example, and one question."""
MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)


def test_the_order_of_rows_and_the_number_of_threads_change_no_byte(tmp_path: Path) -> None:
    @FEW
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

    @FEW
    @given(worlds(whole=True), st.data())
    def law(world: World, data: st.DataObject) -> None:
        with lab(world, tmp_path) as bench:
            bench.extract()
            _tonight(bench, data)
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


def _tonight(bench: Lab, data: st.DataObject) -> None:
    """Half of the people and half of the accounts have gone, and everybody has left every group."""
    sources = bench.world.sources
    keep = data.draw(st.integers(0, len(sources[0].rows)))
    bench.world = replace(bench.world, sources=(replace(sources[0], rows=sources[0].rows[keep:]), *sources[1:]))
    for account_id in list(bench.target.accounts)[::2]:
        del bench.target.accounts[account_id]
    bench.target.members.clear()


def _depends(operation: Operation, scope: str) -> bool:
    if scope in ("hr", "accounts"):
        return True
    if scope == "entitlements":
        return operation.verb in MEMBERSHIPS
    return operation.entitlement_id == scope.removeprefix("members ")
