"""No write of any exchange of values repeats one, and in the end all have theirs: whatever rings and chains there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.memory.state import MemoryAccount
from reconcile.plan.model import FindingKind, OutcomeKind, Plan
from tests.support.companies.columns import world
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import World

from .effort import READS

RULES = {"login": "anchor || '@x'", "badge": {"expression": "badge", "unique": True, "temporary": "'moving ' || anchor"}}


def exchange(wanted: dict[str, str], held: dict[str, str]) -> World:
    accounts = {anchor: {"login": f"{anchor}@x", "badge": badge} for anchor, badge in held.items()}
    return world({anchor: {"badge": badge} for anchor, badge in wanted.items()}, accounts, RULES)


def badges(bench: Lab) -> dict[str, str]:
    return {id_: account.attributes["badge"] for id_, account in bench.target.accounts.items()}


@st.composite
def exchanges(draw) -> tuple[dict[str, str], dict[str, str]]:
    """Who should have what, and who has what: rings and chains in any mixture, some of them behind a stranger."""
    size = draw(st.integers(2, 16))
    anchors = [f"E{number}" for number in draw(st.permutations(range(size)))]
    values = [f"v{number}" for number in range(size + draw(st.integers(0, 2)))]
    held = dict(zip(anchors, draw(st.permutations(values)), strict=False))
    wanted = dict(zip(anchors, draw(st.permutations(values)), strict=False))
    strangers = {"stranger": draw(st.sampled_from([*(set(values) - set(held.values())), "other"]))}
    return wanted, {**held, **strangers}


def rings(wanted: dict[str, str], held: dict[str, str]) -> int:
    """How many rings of two or more there are, by walking from each."""
    owner, seen, count = {value: anchor for anchor, value in held.items()}, set(), 0
    for start in wanted:
        path, at = [], start
        while at in wanted and at not in path and at not in seen and held[at] != wanted[at]:
            path.append(at)
            at = owner.get(wanted[at])
        count += at in path
        seen |= set(path)
    return count


def waiting_for_a_stranger(wanted: dict[str, str], held: dict[str, str]) -> set[str]:
    owner, waiting, at = {value: anchor for anchor, value in held.items()}, set(), "stranger"
    claims = {value: anchor for anchor, value in wanted.items()}
    while (at := claims.get(held[at])) and at not in waiting and owner[wanted[at]] != at:
        waiting.add(at)
    return waiting


def unique(accounts: dict[str, MemoryAccount]) -> bool:
    shown = [account.attributes["badge"].strip().lower() for account in accounts.values()]
    return len(shown) == len(set(shown))


def test_no_write_of_any_exchange_repeats_a_value_and_all_have_theirs_in_the_end(tmp_path: Path) -> None:
    @READS
    @given(exchanges(), st.integers(0, 20))
    def law(dealt, broken_off: int) -> None:
        wanted, held = dealt
        waiting = waiting_for_a_stranger(wanted, held)
        final = {anchor: held[anchor] if anchor in waiting else badge for anchor, badge in wanted.items()}
        with lab(exchange(wanted, held), tmp_path) as bench:
            bench.extract()
            plan = bench.plan()
            aside = [each for each in plan.operations if str(each.after["badge"]).startswith("moving")]
            assert len(aside) == rings(wanted, held)
            assert {each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE} == waiting
            first_night(bench, plan, broken_off)
            bench.extract()
            assert {each.kind for each in bench.apply(bench.plan())} <= {OutcomeKind.DONE}
            assert badges(bench) == {**final, "stranger": held["stranger"]}
            assert all(unique(accounts) for accounts in bench.target.history)
            bench.extract()
            assert bench.plan().operations == ()

    law()


def first_night(bench: Lab, plan: Plan, most: int) -> None:
    """Carries out so many operations, as a run does that is killed and never resumed."""
    begun = replace(plan, operations=plan.operations[:most])
    assert {each.kind for each in bench.apply(begun)} <= {OutcomeKind.DONE}
