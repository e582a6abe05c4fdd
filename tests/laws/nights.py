"""What one night made of a world: before, the plan, what was written, after, and the plan of the next night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.memory.state import MemoryAccount
from reconcile.plan.model import Outcome, Plan
from tests.support.companies.engine import lab
from tests.support.companies.world import World

from .oracle import Expected, expected_of


@dataclass(frozen=True)
class Night:
    world: World
    expected: Expected
    plan: Plan
    outcomes: tuple[Outcome, ...]
    history: list[Mapping[str, MemoryAccount]]
    """The accounts before the first write, and after each one."""
    members: frozenset[tuple[str, str]]
    links: Mapping[str, str]
    granted: frozenset[tuple[str, str]]
    next_plan: Plan

    @property
    def before(self) -> Mapping[str, MemoryAccount]:
        return self.history[0]

    @property
    def after(self) -> Mapping[str, MemoryAccount]:
        return self.history[-1]

    def name(self, account_id: str) -> str:
        """The account as the oracle calls it: by its id, or by its person where it is new."""
        anchors = {account: anchor for anchor, account in self.links.items()}
        return account_id if account_id in self.before else f"new {anchors.get(account_id)}"


def night(world: World, folder: Path) -> Night:
    """Extracts, plans, applies, extracts again and plans again; after a night before, where the world had one."""
    with lab(world, folder) as bench:
        if world.before:
            bench.extract_before()
        bench.extract()
        plan = bench.plan()
        outcomes = bench.apply(plan)
        bench.extract()
        return Night(
            world=world,
            expected=expected_of(world),
            plan=plan,
            outcomes=outcomes,
            history=bench.target.history,
            members=frozenset(bench.target.members),
            links=bench.links(),
            granted=bench.granted(),
            next_plan=bench.plan(),
        )
