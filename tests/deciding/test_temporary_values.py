"""People who exchange values that must be unique: in order where there is one, by a temporary value where a rule names one."""

import asyncio
import contextlib

import pytest

from mappings.rules import AttributeRule
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.apply.preview import preview
from reconcile.plan.model import FindingKind, OutcomeKind
from tests.support.companies.columns import world
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import TARGET, World
from tests.support.outcomes import outcomes_of

BADGE = {"expression": "badge", "unique": True}
ASIDE = {**BADGE, "temporary": "'moving ' || anchor"}
LOGIN = {"login": "anchor || '@x'"}


def exchange(wanted: dict[str, str], held: dict[str, str], rule: dict = ASIDE, **rest) -> World:
    """Each anchor's badge as it should be, and as it is."""
    accounts = {anchor: {"login": f"{anchor}@x", "badge": badge} for anchor, badge in held.items()}
    return world({anchor: {"badge": badge} for anchor, badge in wanted.items()}, accounts, {**LOGIN, "badge": rule}, **rest)


def badges(bench: Lab) -> dict[str, str]:
    return {id_: account.attributes["badge"] for id_, account in bench.target.accounts.items()}


def steps(plan) -> list[tuple[str, str, str]]:
    return [(each.anchor, each.before["badge"], each.after["badge"]) for each in plan.operations]


def test_two_who_swap_do_so_over_the_temporary_value_of_the_smaller_anchor(tmp_path):
    with lab(exchange({"E1": "b", "E2": "a"}, {"E1": "a", "E2": "b"}), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert steps(plan) == [("E1", "a", "moving E1"), ("E2", "b", "a"), ("E1", "moving E1", "b")]
        first, second, third = plan.operations
        assert (first.depends_on, second.depends_on) == ((), (first.id,))
        assert set(third.depends_on) == {first.id, second.id}
        assert "until the next step it has badge 'moving E1'" in first.because.detail
        assert "In between it has badge 'moving E1'" in third.because.detail
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.DONE}
        assert badges(bench) == {"E1": "b", "E2": "a"}


def test_a_look_before_the_run_finds_nothing_in_its_way(tmp_path):
    with lab(exchange({"E1": "b", "E2": "a"}, {"E1": "a", "E2": "b"}), tmp_path) as bench:
        bench.extract()
        assert asyncio.run(preview(bench.plan(), {TARGET: bench.target})) == ()


def test_a_ring_without_a_temporary_value_is_a_finding_for_each(tmp_path):
    with lab(exchange({"E1": "b", "E2": "a"}, {"E1": "a", "E2": "b"}, BADGE), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert plan.operations == ()
        assert [(each.kind, each.anchor) for each in plan.findings] == [(FindingKind.NOT_UNIQUE, "E1"), (FindingKind.NOT_UNIQUE, "E2")]


def test_a_chain_needs_no_temporary_value(tmp_path):
    with lab(exchange({"E1": "b", "E2": "c"}, {"E1": "a", "E2": "b"}), tmp_path) as bench:
        bench.extract()
        assert steps(bench.plan()) == [("E2", "b", "c"), ("E1", "a", "b")]


@pytest.mark.parametrize("temporary", ["'held ' || anchor", "'wanted ' || anchor", "'one for all'", "''", "nullif(anchor, anchor)"])
def test_a_temporary_value_that_is_none_or_not_free_is_never_taken(tmp_path, temporary):
    people = {"E1": "b", "E2": "a", "E3": "wanted E1", "E4": "wanted E2"}
    accounts = {"E1": "a", "E2": "b", "E3": "x", "E4": "y", "stranger": "Held E1 ", "another": "held e2"}
    with lab(exchange(people, accounts, {**BADGE, "temporary": temporary}), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert steps(plan) == [("E3", "x", "wanted E1"), ("E4", "y", "wanted E2")]
        told = [each.message for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE]
        assert len(told) == 2
        assert all("The temporary value for E" in each for each in told)


def test_person_behind_a_cycle_waits_for_it_and_an_unrelated_person_does_not(tmp_path):
    people = {"E1": "b", "E2": "a", "E3": "a2", "E4": "d"}
    accounts = {"E1": "a", "E2": "b", "E3": "x", "E4": "a2"}
    with lab(exchange(people, accounts), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [each for each in steps(plan) if each[0] in ("E3", "E4")] == [("E4", "a2", "d"), ("E3", "x", "a2")]
        bench.apply(plan)
        assert badges(bench) == {"E1": "b", "E2": "a", "E3": "a2", "E4": "d"}


def test_cycle_is_broken_although_another_value_of_a_person_in_it_is_taken(tmp_path):
    """E2 should have a stranger's address too: that stays as it is, and the badges are exchanged."""
    people = {"E1": {"badge": "b", "mail": "one@x"}, "E2": {"badge": "a", "mail": "strange@x"}}
    accounts = {
        "E1": {"login": "E1@x", "badge": "a", "email": "one@x"},
        "E2": {"login": "E2@x", "badge": "b", "email": "two@x"},
        "stranger": {"login": "s@x", "badge": "s", "email": "strange@x"},
    }
    attributes = {**LOGIN, "badge": ASIDE, "email": {"expression": "mail", "unique": True}}
    with lab(world(people, accounts, attributes), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [(each.anchor, dict(each.after)) for each in plan.operations] == [
            ("E1", {"badge": "moving E1"}),
            ("E2", {"badge": "a"}),
            ("E1", {"badge": "b"}),
        ]
        assert [each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE] == ["E2"]


def test_a_ring_over_two_attributes_opens_where_one_of_them_can(tmp_path):
    """E1 waits for E2's address, E2 for E1's badge: only the badge has a temporary value, so E1 steps aside."""
    people = {"E1": {"badge": "new", "mail": "two@x"}, "E2": {"badge": "old", "mail": "free@x"}}
    accounts = {
        "E1": {"login": "E1@x", "badge": "old", "email": "one@x"},
        "E2": {"login": "E2@x", "badge": "x", "email": "two@x"},
    }
    attributes = {**LOGIN, "badge": ASIDE, "email": {"expression": "mail", "unique": True}}
    with lab(world(people, accounts, attributes), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [(each.anchor, dict(each.after)) for each in plan.operations] == [
            ("E1", {"badge": "moving E1"}),
            ("E2", {"badge": "old", "email": "free@x"}),
            ("E1", {"badge": "new", "email": "two@x"}),
        ]
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.DONE}


def test_ring_of_one_attribute_does_not_hold_a_value_of_another_that_has_an_order(tmp_path):
    """E1 and E2 would exchange badges, which nothing opens; E2's address is free for E1 all the same, in the same run."""
    people = {"E1": {"badge": "b2", "mail": "two@x"}, "E2": {"badge": "b1", "mail": "free@x"}}
    accounts = {
        "E1": {"login": "E1@x", "badge": "b1", "email": "one@x"},
        "E2": {"login": "E2@x", "badge": "b2", "email": "two@x"},
    }
    attributes = {**LOGIN, "badge": BADGE, "email": {"expression": "mail", "unique": True}}
    with lab(world(people, accounts, attributes), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [(each.anchor, dict(each.after)) for each in plan.operations] == [("E2", {"email": "free@x"}), ("E1", {"email": "two@x"})]
        assert [each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE] == ["E1", "E2"]
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.DONE}
        bench.extract()
        assert bench.plan().operations == ()


def test_cycle_ended_by_a_value_without_holder_blocks_no_other_value(tmp_path):
    """E1 waits for E2's address and E2 for E1's badge, which stays because a third account holds the one E1 should have."""
    people = {"E1": {"badge": "taken", "mail": "two@x"}, "E2": {"badge": "b1", "mail": "free@x"}}
    accounts = {
        "E1": {"login": "E1@x", "badge": "b1", "email": "one@x"},
        "E2": {"login": "E2@x", "badge": "b2", "email": "two@x"},
        "printer": {"login": "printer@x", "badge": "taken", "email": "p@x"},
    }
    attributes = {**LOGIN, "badge": BADGE, "email": {"expression": "mail", "unique": True}}
    with lab(world(people, accounts, attributes), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [(each.anchor, dict(each.after)) for each in plan.operations] == [("E2", {"email": "free@x"}), ("E1", {"email": "two@x"})]


def test_one_person_can_open_two_rings(tmp_path):
    """E1 exchanges the badge with E2, and the desk with E3."""
    people = {"E1": {"badge": "b2", "desk": "d3"}, "E2": {"badge": "b1", "desk": "d2"}, "E3": {"badge": "b3", "desk": "d1"}}
    accounts = {f"E{number}": {"login": f"E{number}@x", "badge": f"b{number}", "desk": f"d{number}"} for number in (1, 2, 3)}
    attributes = {**LOGIN, "badge": ASIDE, "desk": {"expression": "desk", "unique": True, "temporary": "'nowhere ' || anchor"}}
    with lab(world(people, accounts, attributes), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert dict(plan.operations[0].after) == {"badge": "moving E1", "desk": "nowhere E1"}
        assert [each.anchor for each in plan.operations] == ["E1", "E2", "E3", "E1"]
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.DONE}
        bench.extract()
        assert bench.plan().operations == ()


def test_a_returner_in_a_ring_is_made_active_before_the_first_step(tmp_path):
    with lab(exchange({"E1": "b", "E2": "a"}, {"E1": "a", "E2": "b"}, states={"E1": "deactivated"}), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        assert [each.verb for each in plan.operations] == ["reactivate", "update", "update", "update"]
        assert plan.operations[0].id in plan.operations[1].depends_on
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.DONE}
        assert badges(bench) == {"E1": "b", "E2": "a"}


class Killed(BaseException):
    """The process ended."""


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_run_that_was_killed_in_between_goes_on_where_it_was(tmp_path, writes):
    with lab(exchange({"E1": "b", "E2": "a"}, {"E1": "a", "E2": "b"}), tmp_path) as bench:
        bench.extract()
        plan = bench.plan()
        real, done = bench.target.update_account, 0

        async def until_killed(*words):
            nonlocal done
            if done == writes:
                raise Killed
            done += 1
            return await real(*words)

        with contextlib.closing(Journal(tmp_path)) as journal:
            journal.begin("run", plan.digest)
            bench.target.update_account = until_killed
            with pytest.raises(Killed):
                asyncio.run(Applier(plan, {TARGET: bench.target}, journal, "run").apply())
            bench.target.update_account = real
            asyncio.run(Applier(plan, {TARGET: bench.target}, journal, "run").apply())
            outcomes = outcomes_of(plan, journal, "run")
        assert {each.kind for each in outcomes} == {OutcomeKind.DONE}
        assert badges(bench) == {"E1": "b", "E2": "a"}


@pytest.mark.parametrize("rule", [{}, {"immutable": True, "unique": True}, {"create_only": True, "unique": True}])
def test_only_what_is_unique_and_can_change_has_a_temporary_value(rule):
    with pytest.raises(ValueError, match="unique = true"):
        AttributeRule(expression="badge", temporary="anchor", **rule)
